/**
 * How many secrets are missed, and how often ordinary code is taken for one.
 *
 *     node --require tsx/cjs test/bench/secrets/measure.ts [--show] [--peer] FOLDER…
 *
 * Secrets: the cases of public reports, and every format and shape of the tests, drawn by 20 seeds. Code: text files of the folders
 * below 400 kB with lines of ordinary length; lock files and bundles are left out. `--show` prints each alarm;
 * `--peer` lets secretlint's recommended rules look at the same secrets.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findSecretsNow, withoutSecrets } from '../../../server/workspace/redaction';
import { leakCases } from '../../server/workspace/secret-cases';
import { formats, shapes } from '../../server/workspace/secret-formats';

const CODE =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|h|cc|cpp|hpp|swift|scala|lua|sh|p[lm]|sql|vue|svelte|s?css|ya?ml|toml|xml|json|md|html?|ini|conf|cfg|gradle|properties|tf|exs?|erl|hs|ml|clj|dart|r|jl)$/i;
const LEFT_OUT = /\.min\.|(?:package-lock|npm-shrinkwrap)\.json$|[.-]lock\.(?:json|ya?ml)$/;
const MOST_BYTES = 400_000;
/** Longer on average: generated. */
const MOST_PER_LINE = 200;
const SEEDS = 20;

/** Ways in which a format may stand in a text. */
const CONTEXTS: ((text: string) => string)[] = [
  (text) => text,
  (text) => `const x = "${text}";`,
  (text) => `see (${text}), it is new`,
  (text) => `KEY=${text}\nOTHER=1`,
];

function missed(): void {
  const cases = leakCases();
  const leaks = cases.filter((one) => withoutSecrets(one.text).includes(one.mustNotRemain));
  console.log(`cases: ${leaks.length} of ${cases.length} missed`);
  let tried = 0;
  const names = new Map<string, number>();
  const look = (name: string, text: string, secret: string) => {
    tried++;
    if (withoutSecrets(text).includes(secret)) names.set(name, (names.get(name) ?? 0) + 1);
  };
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const { name, text, secret } of formats(seed))
      for (const context of CONTEXTS) look(name, context(text), secret);
    for (const { name, text, secret } of shapes(seed)) look(name, text, secret);
  }
  const kinds = formats(1).length + shapes(1).length;
  const sum = [...names.values()].reduce((a, b) => a + b, 0);
  console.log(`${kinds} kinds, ${tried} texts: ${sum} missed`, Object.fromEntries(names));
}

/** secretlint's recommended rules on the cases and on one drawing of every kind. */
async function peer(): Promise<void> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  const isMissed = async (text: string, secret: string): Promise<boolean> => {
    const { messages } = await lintSource({
      source: { filePath: 'text.txt', content: text, contentType: 'text' },
      options: { config, noPhysicFilePath: true },
    });
    const at = text.indexOf(secret);
    return !messages.some(({ range: [start, end] }) => start < at + secret.length && end > at);
  };
  const count = async (texts: readonly [text: string, secret: string][]): Promise<string> => {
    let left = 0;
    for (const [text, secret] of texts) if (await isMissed(text, secret)) left++;
    return `${left} of ${texts.length}`;
  };
  const cases = await count(leakCases().map(({ text, mustNotRemain }) => [text, mustNotRemain]));
  const kinds = await count([...formats(1), ...shapes(1)].map(({ text, secret }) => [text, secret]));
  console.log(`secretlint: ${cases} cases missed, ${kinds} kinds`);
}

function alarms(folder: string, show: boolean): void {
  let files = 0;
  let lines = 0;
  let characters = 0;
  let found = 0;
  let ms = 0;
  for (const path of codeBelow(folder)) {
    const text = readFileSync(path, 'utf8');
    const count = text.split('\n').length;
    if (text.length / count > MOST_PER_LINE) continue;
    files++;
    lines += count;
    characters += text.length;
    const started = process.cpuUsage();
    const findings = findSecretsNow(text);
    const { user, system } = process.cpuUsage(started);
    ms += (user + system) / 1_000;
    found += findings.length;
    for (const { start, end } of show ? findings : []) {
      const line = text.slice(0, start).split('\n').length;
      console.log(
        `  ${relative(folder, path)}:${line}: ${JSON.stringify(text.slice(start, end).slice(0, 80))}`,
      );
    }
  }
  const rate = ((found / Math.max(1, lines)) * 10_000).toFixed(2);
  const speed = ((ms / Math.max(1, characters)) * 200_000).toFixed(0);
  console.log(
    `${folder}: ${files} files, ${lines} lines: ${found} alarms, ${rate} in 10,000 lines; ${speed} ms of processor time for 200,000 characters`,
  );
}

function* codeBelow(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') yield* codeBelow(path);
    else if (
      entry.isFile() &&
      CODE.test(entry.name) &&
      !LEFT_OUT.test(entry.name) &&
      statSync(path).size <= MOST_BYTES
    )
      yield path;
  }
}

const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
missed();
for (const folder of folders) alarms(folder, process.argv.includes('--show'));
if (process.argv.includes('--peer')) void peer();
