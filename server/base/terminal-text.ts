/** Text of a terminal without what steers the terminal: colours, cursor movements, hyperlinks, modes, lines written over. */
import { stripVTControlCharacters } from 'node:util';

const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);
/** Strings for the terminal (titles, hyperlinks, shell marks) and control sequences, colons in colours included: Node's own function leaves parts of both. */
const SEQUENCES = new RegExp(
  `${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}\\[[0-?]*[ -/]*[@-~]`,
  'g',
);
const STEERING = new RegExp(`${ESC}\\[([0-9;?]*)([A-HJK])|${ESC}c|\\r|\\n`, 'g');
/** A line on which a run before it ended because the screen was cleared. */
export const CLEARED = '\f';
/** A longer line is no progress line: moving back in it changes nothing. */
const ROW_LIMIT = 2_000;

/** Without colours, cursor movements, hyperlinks and terminal modes; a line rewritten with carriage returns keeps its last state. */
export function stripAnsi(text: string): string {
  const plain = text.includes(ESC) ? stripVTControlCharacters(text.replace(SEQUENCES, '')) : text;
  return plain.includes('\r') ? plain.split('\n').map(lastState).join('\n') : plain;
}

function lastState(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') {
    end--;
  }
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/**
 * What a reader of the terminal saw: lines that a progress display took back are gone, as its cursor movements tell.
 * Where the screen was cleared stands a line of `CLEARED`, and what stood before it stays above.
 */
export function screenText(text: string): string {
  if (!text.includes(ESC) && !text.includes('\r')) {
    return text;
  }
  const screen = new Screen();
  let from = 0;
  for (const match of text.matchAll(STEERING)) {
    screen.write(stripAnsi(text.slice(from, match.index)));
    from = match.index + match[0].length;
    if (match[0] === '\n') screen.down();
    else if (match[0] === '\r') screen.home();
    else if (match[2] === undefined) screen.clear();
    else screen.steer(match[2], match[1]!);
  }
  screen.write(stripAnsi(text.slice(from)));
  return screen.toString();
}

class Screen {
  private readonly rows: string[] = [''];
  private row = 0;
  /** The first row that can be reached: what stood before a cleared screen cannot be written over. */
  private first = 0;
  /** In the first column: what is written next takes the place of the row. */
  private atStart = false;

  write(text: string): void {
    if (text === '') return;
    this.rows[this.row] = this.atStart ? text : this.rows[this.row]! + text;
    this.atStart = false;
  }

  home(): void {
    this.atStart = true;
  }

  down(): void {
    this.row++;
    if (this.row === this.rows.length) this.rows.push('');
    this.atStart = true;
  }

  clear(): void {
    if (this.rows[this.first - 1] !== CLEARED || this.row > this.first || this.rows[this.row] !== '') {
      this.rows.push(CLEARED, '');
    }
    this.first = this.row = this.rows.length - 1;
    this.atStart = true;
  }

  /** A control sequence: its final character and its numbers. */
  steer(final: string, numbers: string): void {
    const n = Number.parseInt(numbers, 10) || 0;
    const count = Math.max(1, n);
    if (final === 'A' || final === 'F') this.row = Math.max(this.first, this.row - count);
    if (final === 'B' || final === 'E') this.row = Math.min(this.rows.length - 1, this.row + count);
    if (final === 'E' || final === 'F' || (final === 'G' && count === 1)) this.home();
    if (final === 'H' && this.rows[this.row] !== '') {
      this.row = this.rows.length - 1;
      this.down();
    }
    if (final === 'D') this.back(count);
    if (final === 'K' && (n === 2 || (n === 0 && this.atStart))) this.rows[this.row] = '';
    if (final === 'J' && n >= 2) this.clear();
    if (final === 'J' && n === 0) {
      this.rows.length = this.row + 1;
      if (this.atStart) this.rows[this.row] = '';
    }
  }

  private back(count: number): void {
    const text = this.rows[this.row]!;
    if (count >= text.length) this.home();
    else if (text.length < ROW_LIMIT) this.rows[this.row] = text.slice(0, text.length - count);
  }

  toString(): string {
    return this.rows.join('\n');
  }
}
