/**
 * code-server lets every extension use proposed API. A stock VS Code does not, and an extension that leans on it
 * fails there. This puts the gate back into a copy of code-server: an extension has the proposals it declares only.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['workbench/api/node/extensionHostProcess.js', 'code/browser/workbench/workbench.js'];

/** A call of the guard with one of these proposals gives away its minified name. */
const CALL = /([A-Za-z_$][\w$]*)\([\w.$]+,"(?:inlineCompletionsAdditions|defaultChatParticipant)"\)/g;

/**
 * @param vscode the folder lib/vscode of a code-server
 * @throws Error where the guard is not found: the tests would then run with the gate open
 */
export function closeProposedApi(vscode: string): void {
  for (const file of FILES) {
    const path = join(vscode, 'out', 'vs', file);
    const { source, guards } = withGate(readFileSync(path, 'utf8'));
    if (guards === 0) throw new Error(`The guard of the proposed API was not found in ${path}.`);
    writeFileSync(path, source);
  }
}

/** The bundle with its guards put back, and how many they were. */
export function withGate(source: string): { source: string; guards: number } {
  const names = new Set([...source.matchAll(CALL)].map((match) => match[1]!));
  let guards = 0;
  let result = source;
  for (const name of names) {
    const open = new RegExp(`function ${name.replaceAll('$', '\\$')}\\((\\w+),(\\w+)\\)\\{return!0\\}`, 'g');
    result = result.replace(open, (_, extension: string, proposal: string) => {
      guards++;
      const declared = `${extension}.enabledApiProposals`;
      return `function ${name}(${extension},${proposal}){return!!(${declared}&&${declared}.includes(${proposal}))}`;
    });
  }
  return {
    source: result.replaceAll('_envEnablesProposedApiForAll=!0', '_envEnablesProposedApiForAll=!1'),
    guards,
  };
}
