/** Where names near the cursor are declared, asked of whatever language servers the editor has. */

import { commands, type Location, type LocationLink, type Position, type TextDocument } from 'vscode';

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
/** Lines up to the cursor's whose names are asked for. */
const LINES = 4;
/** Each name is a request to a language server. */
const MOST_NAMES = 5;
const SHORTEST = 3;
/** Later answers are not waited for: imports are resolved without them too. */
const MOST_WAIT_MS = 250;

export interface Declared {
  uri: string;
  /** From 0. */
  line: number;
}

/** Declarations in other files, of the names nearest before the cursor; what has come in time. Never rejects. */
export async function declaredNear(document: TextDocument, cursor: Position): Promise<Declared[]> {
  const found: Declared[] = [];
  const asked = namesBefore(document, cursor).map(async (position) => {
    const answer = await commands.executeCommand<(Location | LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      position,
    );
    for (const one of answer.slice(0, 1)) {
      const [uri, range] = 'targetUri' in one ? [one.targetUri, one.targetRange] : [one.uri, one.range];
      if (uri.toString() !== document.uri.toString())
        found.push({ uri: uri.toString(), line: range.start.line });
    }
  });
  const late = new Promise((resolve) => setTimeout(resolve, MOST_WAIT_MS));
  await Promise.race([Promise.allSettled(asked), late]);
  return [...found];
}

/** Positions of the names nearest before the cursor, each name once. */
function namesBefore(document: TextDocument, cursor: Position): Position[] {
  const names = new Map<string, Position>();
  for (let line = cursor.line; line >= 0 && line > cursor.line - LINES; line--) {
    const { text } = document.lineAt(line);
    const before = line === cursor.line ? text.slice(0, cursor.character) : text;
    if (before.length > 500) continue;
    for (const { 0: name, index } of [...before.matchAll(NAME)].reverse()) {
      if (name.length < SHORTEST || names.has(name)) continue;
      names.set(name, cursor.with(line, index));
      if (names.size === MOST_NAMES) return [...names.values()];
    }
  }
  return [...names.values()];
}
