// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are control characters
const ANSI = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-Z\\^-~]/g;

/** Removes colours, cursor movements, hyperlinks and terminal modes; a line rewritten with carriage returns keeps its last state. */
export function stripAnsi(text: string): string {
  const plain = text.replace(ANSI, '');
  return plain.includes('\r') ? plain.split('\n').map(lastState).join('\n') : plain;
}

function lastState(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') {
    end--;
  }
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}
