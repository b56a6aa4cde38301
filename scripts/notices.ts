/** The licences of the packages whose code is in the bundles, and of tables that were taken from elsewhere. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { builds, root } from './build';

/** Writes one file with the name, version and licence text of every bundled package. */
export function writeNotices(file: string): void {
  const text = bundledPackages().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const licence = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
    const body = licence ? readFileSync(join(folder, licence), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${body}\n`;
  });
  const tables = readFileSync(join(root, 'server/model/files/gguf/LICENSE-ggml.txt'), 'utf8').trim();
  text.push(`ggml, tables of the GGUF format (MIT)\n\n${tables}\n`);
  const formats = readFileSync(join(root, 'server/workspace/redaction/LICENSE-gitleaks.txt'), 'utf8').trim();
  text.push(`gitleaks, formats of secrets (MIT)\n\n${formats}\n`);
  writeFileSync(file, text.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Names of the packages that esbuild took anything from. */
function bundledPackages(): string[] {
  const names = new Set<string>();
  for (const options of builds(true)) {
    const { metafile } = buildSync({ ...options, metafile: true, write: false });
    for (const input of Object.keys(metafile.inputs)) {
      const match = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (match && existsSync(join(root, 'node_modules', match[1]!, 'package.json'))) names.add(match[1]!);
    }
  }
  return [...names].sort();
}
