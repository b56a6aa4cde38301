/**
 * Cuts the places of test/fixtures/completion-places out of checkouts of the repositories named there:
 *
 *     node --require tsx/cjs test/bench/completions/cut-places.ts FOLDER
 *
 * FOLDER holds one checkout a repository, as OWNER+NAME, at the commit below. The same checkouts give the same places.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../../../server/prompt-context/names';
import { ROOT } from '../../root';

interface Repository {
  name: string;
  commit: string;
  licence: string;
  licenceFile: string;
  /** Folders whose files are taken, and their ending. */
  folders: string[];
  ending: string;
  mark: string;
  wanted: number;
  quiet: number;
}

const REPOSITORIES: Repository[] = [
  {
    name: 'microsoft/vscode-mock-debug',
    commit: 'a1a7ee7c151835fb1d87e0c88922fa66d65daf05',
    licence: 'MIT',
    licenceFile: 'LICENSE.txt',
    folders: ['src'],
    ending: '.ts',
    mark: '//',
    wanted: 28,
    quiet: 12,
  },
  {
    name: 'microsoft/TypeScript-Node-Starter',
    commit: '1e15e8b4bf6136ee181a8d46ccda9d5b3ed4e479',
    licence: 'MIT',
    licenceFile: 'LICENSE',
    folders: ['src', 'src/controllers', 'src/models', 'src/config', 'src/util'],
    ending: '.ts',
    mark: '//',
    wanted: 20,
    quiet: 8,
  },
  {
    name: 'hagopj13/node-express-boilerplate',
    commit: '179ae84efec61b14206d0305d941daed6c6d07f9',
    licence: 'MIT',
    licenceFile: 'LICENSE',
    folders: [
      'src',
      'src/config',
      'src/controllers',
      'src/middlewares',
      'src/models',
      'src/models/plugins',
      'src/services',
      'src/utils',
      'src/validations',
    ],
    ending: '.js',
    mark: '//',
    wanted: 32,
    quiet: 14,
  },
  {
    name: 'jd/tenacity',
    commit: 'c650fb45204635f07910948d5fc59a8c551ffdda',
    licence: 'Apache-2.0',
    licenceFile: 'LICENSE',
    folders: ['tenacity', 'tenacity/asyncio'],
    ending: '.py',
    mark: '#',
    wanted: 32,
    quiet: 14,
  },
  {
    name: 'gorilla/mux',
    commit: 'db9d1d0073d27a0a2d9a8c1bc52aa0af4374d265',
    licence: 'BSD-3-Clause',
    licenceFile: 'LICENSE',
    folders: [''],
    ending: '.go',
    mark: '//',
    wanted: 16,
    quiet: 7,
  },
  {
    name: 'BurntSushi/walkdir',
    commit: '6fd031c82ba5a4204b4ce6eae73dacb00dc072ec',
    licence: 'MIT',
    licenceFile: 'LICENSE-MIT',
    folders: ['src', 'walkdir-list'],
    ending: '.rs',
    mark: '//',
    wanted: 12,
    quiet: 5,
  },
];

const TARGET = join(ROOT, 'test/fixtures/completion-places');

interface Place {
  path: string;
  /** The first line and column are 1. */
  line: number;
  column: number;
  kind: string;
  /** What is cut out there, and wanted back; '' where nothing is missing. */
  removed: string;
  quiet?: string;
}

/** A number in [0, 1) that a text alone decides. */
const draw = (text: string) => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;

/** The bracket that closes the one at `open`, on the same line; -1 where there is none. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let i = open; i < line.length; i++) {
    if ('([{'.includes(line[i]!)) depth++;
    else if (')]}'.includes(line[i]!) && --depth === 0) return i;
  }
  return -1;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign) && --depth < 0) return false;
  }
  return depth === 0;
}

function wantedIn(path: string, text: string, mark: string): Place[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i): Place[] => {
    const code = line.trim();
    const isComment = (one: string | undefined) => /^(?:\/\/|#|\*|\/\*|"""|''')/.test(one?.trim() ?? '');
    if (i < 4 || code.length < 12 || line.length > 110 || isComment(line) || /^["'`]/.test(code)) return [];
    const indent = line.length - line.trimStart().length;
    const at = (column: number, end: number, kind: string): Place[] =>
      end - column < 2
        ? []
        : [{ path, line: i + 1, column: column + 1, kind, removed: line.slice(column, end) }];
    const out: Place[] = [];
    if (lines[i - 1]!.trim().startsWith(mark)) out.push(...at(indent, line.length, 'after a comment'));
    else out.push(...at(indent, line.length, 'new line'));
    const end = /(?:=|return|=>|:=|\bif|\bthrow|\braise|\bawait|\bnew|->)\s/.exec(code);
    if (end && end.index > 0) out.push(...at(indent + end.index + end[0].length, line.length, 'line end'));
    const call = /[\w\])>]\(/.exec(code);
    const open = call ? indent + call.index + 1 : -1;
    const close = open < 0 ? -1 : closing(line, open);
    if (close > open + 2) out.push(...at(open + 1, close, 'in a call'));
    const dot = /[\w)\]]\.(?=[\w]{3,})/.exec(line.slice(indent));
    if (dot && !/^(?:from|import)\b/.test(code)) {
      const column = indent + dot.index + dot[0].length;
      const tail = /[)\]};,{: ]*$/.exec(line)!.index;
      const whole = line.slice(column, Math.max(column, tail));
      // Brackets that are opened and not closed would leave closers behind that nobody has.
      const name = /^\w+/.exec(whole)?.[0] ?? '';
      out.push(...at(column, column + (isBalanced(whole) ? whole.length : name.length), 'mid-line'));
    }
    return out;
  });
}

function quietIn(path: string, text: string): Place[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i): Place[] => {
    const code = line.trim();
    const next = lines[i + 1] ?? '';
    if (i < 4 || code.length < 10 || line.length > 110) return [];
    const indent = line.length - line.trimStart().length;
    const at = (column: number, kind: string, quiet: string): Place => ({
      path,
      line: i + 1,
      column: column + 1,
      kind,
      removed: '',
      quiet,
    });
    const isComment = /^(?:\/\/|#|\*)/.test(code);
    if (isComment) {
      const ends = /[a-z)]\.$/.test(code) && !/^\s*(?:\/\/|#|\*)\s*\w/.test(next);
      return ends
        ? [
            at(
              line.length,
              'end of a comment',
              'the comment says what it has to say, and ends with a full stop',
            ),
          ]
        : [];
    }
    if (/^["'`]/.test(code)) return [];
    const out: Place[] = [];
    const sameDepth =
      next.trim() !== '' && next.length - next.trimStart().length === indent && /^\s*\w/.test(next);
    if (sameDepth && /[;)\w'"]$/.test(code))
      out.push(
        at(line.length, 'end of a finished line', 'the statement is whole, and the next one stands below'),
      );
    const word = /[A-Za-z_]{6,}/.exec(code);
    if (word)
      out.push(
        at(
          indent + word.index + 3,
          'within a name',
          'the rest of the name and of the line stands behind the cursor',
        ),
      );
    const between = /(?:\(|= |, |\.)(?=\w)/g;
    const found = [...code.matchAll(between)];
    const middle = found[Math.floor(found.length / 2)];
    if (middle)
      out.push(
        at(
          indent + middle.index + middle[0].length,
          'within a finished line',
          'what belongs here stands behind the cursor',
        ),
      );
    out.push(at(indent, 'before a finished line', 'the line stands behind the cursor'));
    if (/^[})\]]+;?$/.test(code))
      out.push(at(line.length, 'behind a closed block', 'nothing more belongs on this line'));
    return out;
  });
}

/** The first of each kind in turn, until there are enough; never two on one line, nor in one file more than its share. */
function pick(places: readonly Place[], count: number, seed: string): Place[] {
  const order = (one: Place) => draw(`${seed} ${one.path} ${one.line} ${one.column} ${one.kind}`);
  const kinds = new Map<string, Place[]>();
  for (const one of [...places].sort((a, b) => order(a) - order(b)))
    kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
  const taken: Place[] = [];
  while (taken.length < count && [...kinds.values()].some((list) => list.length > 0)) {
    for (const list of kinds.values()) {
      const next = list.findIndex(
        (one) => !taken.some((other) => other.path === one.path && Math.abs(other.line - one.line) < 2),
      );
      if (next < 0) list.length = 0;
      else if (taken.length < count) taken.push(...list.splice(0, next + 1).slice(-1));
    }
  }
  return taken;
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder of the checkouts.');
const files: object[] = [];
const places: object[] = [];
for (const { name, commit, licence, licenceFile, folders, ending, mark, wanted, quiet } of REPOSITORIES) {
  const checkout = join(folder, name.replace('/', '+'));
  const all: { path: string; text: string }[] = folders.flatMap((one) =>
    readdirSync(join(checkout, one))
      .filter((file) => file.endsWith(ending) && !/test|^doc\.go|example_|conf\.py/.test(file))
      .sort()
      .map((file) => ({
        path: one === '' ? file : `${one}/${file}`,
        text: readFileSync(join(checkout, one, file), 'utf8').replaceAll('\r\n', '\n'),
      })),
  );
  copyFileSync(join(checkout, licenceFile), join(TARGET, 'licences', `${name.replace('/', '+')}.txt`));
  for (const file of all) files.push({ repository: name, commit, licence, ...file });
  // Half of what is wanted uses a name of another file that stands nowhere above: what context can help with.
  const candidates = all.flatMap(({ path, text }) =>
    wantedIn(path, text, mark).map((place) => ({ place, text })),
  );
  const crosses = ({ place, text }: (typeof candidates)[number]) => {
    const above = new Set(
      namesIn(
        text
          .split('\n')
          .slice(0, place.line - 1)
          .join('\n'),
      ),
    );
    const elsewhere = all.filter(({ path }) => path !== place.path);
    return namesIn(place.removed).some(
      (one) =>
        one.length > 3 &&
        !above.has(one) &&
        elsewhere.some((file) => new RegExp(`\\b${one}\\b`).test(file.text)),
    );
  };
  const cross = candidates.filter(crosses).map(({ place }) => place);
  const plain = candidates.filter((one) => !cross.includes(one.place)).map(({ place }) => place);
  const chosen = [
    ...pick(cross, wanted / 2, name).map((one) => ({ ...one, cross: true })),
    ...pick(plain, wanted / 2, name),
    ...pick(
      all.flatMap(({ path, text }) => quietIn(path, text)),
      quiet,
      name,
    ),
  ];
  places.push(
    ...chosen.map((one, i) => ({ id: `${name.split('/')[1]}-${i + 1}`, repository: name, ...one })),
  );
}
const write = (file: string, rows: object[]) =>
  writeFileSync(join(TARGET, file), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
write('files.jsonl', files);
write('places.jsonl', places);
process.stdout.write(`${places.length} places in ${files.length} files\n`);
