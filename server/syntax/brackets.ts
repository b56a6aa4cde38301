/** Counting brackets in a piece of code of any language: a scan that knows quotes and comments to the line's end, no grammar. */

const CLOSER: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Brackets that `code` opens and does not close. What it closes without having opened it, belongs to the code before
 * and counts for nothing.
 */
export function unclosed(code: string): number {
  const open: string[] = [];
  let quote = '';
  for (let i = 0; i < code.length; i++) {
    const character = code[i]!;
    if (character === '\\') i++;
    else if (quote !== '') {
      if (character === quote || (character === '\n' && quote !== '`')) quote = '';
    } else if (character === '"' || character === "'" || character === '`') quote = character;
    else if (isComment(code, i)) i = lineEnd(code, i);
    else if (CLOSER[character]) open.push(CLOSER[character]);
    else if (character === open.at(-1)) open.pop();
  }
  return open.length;
}

/** `//` but not in an address, or a `#` that begins a line (elsewhere it may be a private member). */
function isComment(code: string, at: number): boolean {
  if (code.startsWith('//', at)) return code[at - 1] !== ':';
  return (
    code[at] === '#' &&
    code.slice(code.lastIndexOf('\n', at - 1) + 1, at).trim() === '' &&
    code[at + 1] === ' '
  );
}

function lineEnd(code: string, at: number): number {
  const newline = code.indexOf('\n', at);
  return newline < 0 ? code.length : newline;
}
