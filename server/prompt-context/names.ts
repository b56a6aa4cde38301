/** Names that stand near the cursor. */

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const LINES_BEFORE = 15;
const LINES_AFTER = 4;

/** Words of languages that are nobody's names. */
const KEYWORDS = new Set(
  (
    'abstract and as assert async await break case catch class const continue def default defer del do elif else end enum ' +
    'except export extends extern false False final finally fn for from func function global go goto if impl implements ' +
    'import in include instanceof interface is lambda let loop match mod module move mut namespace new nil None nonlocal not ' +
    'null of operator or package pass private protected pub public raise range readonly require rescue return self Self ' +
    'static struct super switch template this throw throws trait true True try type typedef typeof undefined union unless ' +
    'unsafe until use using val var virtual void when where while with yield int string bool boolean number any str float ' +
    'double char long byte object list dict'
  ).split(' '),
);

/** Names in a text, each as often as it stands there, in order; keywords and single letters left out. */
export function namesIn(text: string): string[] {
  return (text.match(NAME) ?? []).filter((name) => name.length > 1 && !KEYWORDS.has(name));
}

/** The lines around the cursor that say what is being written. */
export function linesNear(prefix: string, suffix: string): string {
  const above = prefix.split('\n').slice(-LINES_BEFORE - 1);
  return `${above.join('\n')}\n${suffix.split('\n').slice(0, LINES_AFTER).join('\n')}`;
}

/** Names around the cursor, each once: those of the code before it first, the nearest first. */
export function namesNear(prefix: string, suffix: string): string[] {
  const above = prefix
    .split('\n')
    .slice(-LINES_BEFORE - 1)
    .join('\n');
  const below = suffix.split('\n').slice(0, LINES_AFTER).join('\n');
  return [...new Set([...namesIn(above).reverse(), ...namesIn(below)])];
}

/** Names that are called or read as members of something near the cursor: `x.name`, `x->name`, `X::name`. */
export function membersNear(prefix: string, suffix: string): Set<string> {
  const found = linesNear(prefix, suffix).matchAll(/(?:\.|->|::)\s*([\p{L}_$][\p{L}\p{N}_$]*)/gu);
  return new Set([...found].map(([, name]) => name!));
}
