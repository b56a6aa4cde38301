/** What a file imports, read from its text. No import is resolved here: see resolve-imports.ts. */
import { endingOf, relatedEndings } from './paths';

/** One import: a module as the file names it, and the names that it takes from there (none where it takes all). */
export interface Import {
  module: string;
  names: string[];
}

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const words = (text: string): string[] => text.match(NAME) ?? [];
/** `a as b` and `a: b` bring both names; `type` brings none. */
const bound = (list: string): string[] =>
  words(list).filter((word) => word !== 'as' && word !== 'type' && word !== 'default');

type Reader = (text: string) => Import[];

const all = (text: string, pattern: RegExp, read: (match: RegExpMatchArray) => Import | Import[]): Import[] =>
  [...text.matchAll(pattern)].flatMap(read);

const javascript: Reader = (text) => [
  ...all(
    text,
    /(?:^|[;\n])[ \t]*(?:import|export)\s(?:type\s)?([\w$*{}\s,]{1,2000}?)\bfrom\s{0,20}['"]([^'"\n]+)['"]/g,
    ([, list, module]) => ({ module: module!, names: bound(list!) }),
  ),
  ...all(
    text,
    /(?:const|let|var)\s+([\w$]+|\{[^{}]{0,1000}\})\s*=\s*(?:await\s+)?(?:require|import)\(\s*['"]([^'"\n]+)['"]/g,
    ([, list, module]) => ({ module: module!, names: bound(list!) }),
  ),
];

const python: Reader = (text) => [
  ...all(
    text,
    /^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]{0,2000}\)|[^\n#]+)/gm,
    ([, module, list]) => ({ module: module!, names: bound(list!) }),
  ),
  ...all(text, /^[ \t]*import[ \t]+([\w.]+(?:[ \t]+as[ \t]+\w+)?(?:,[^\n#]+)?)/gm, ([, list]) =>
    list!.split(',').map((one) => {
      const [module = '', , alias] = one.trim().split(/\s+/);
      return { module, names: [alias ?? module.slice(module.lastIndexOf('.') + 1)] };
    }),
  ),
];

const go: Reader = (text) =>
  all(text, /^import\s*(?:\(([^)]*)\)|(?:[\w.]+\s+)?("[^"\n]+"))/gm, ([, block, one]) =>
    [...(block ?? one ?? '').matchAll(/"([^"\n]+)"/g)].map(([, module]) => ({
      module: module!,
      names: [module!.slice(module!.lastIndexOf('/') + 1)],
    })),
  );

const rust: Reader = (text) => [
  ...all(text, /^[ \t]*(?:pub(?:\([^)]{0,80}\))?\s{1,20})?use\s([^;]{1,1000});/gm, ([, path]) =>
    useTree(path!),
  ),
  ...all(text, /^[ \t]*(?:pub(?:\([^)]{0,80}\))?\s{1,20})?mod\s{1,20}(\w+)\s{0,20};/gm, ([, name]) => ({
    module: `self::${name}`,
    names: [],
  })),
];

/** `crate::a::{b::C, D}` names C of crate::a::b and D of crate::a. */
function useTree(path: string): Import[] {
  const open = path.indexOf('{');
  const head = (open < 0 ? path : path.slice(0, open)).replace(/(?<!\s)\s+as\s{1,20}\w+/g, '').trim();
  if (open < 0) {
    const cut = head.lastIndexOf('::');
    return cut < 0 ? [] : [{ module: head.slice(0, cut), names: words(head.slice(cut)) }];
  }
  const base = head.replace(/::$/, '');
  const inner = path.slice(open + 1, path.lastIndexOf('}'));
  // Deeper braces bring names too: they are looked for in all modules on the way.
  return inner.split(/[{},]/).flatMap((one) => {
    const parts = one.trim().split('::').filter(Boolean);
    if (parts.length === 0) return [];
    return [{ module: [base, ...parts.slice(0, -1)].join('::'), names: words(parts.at(-1)!) }];
  });
}

const java: Reader = (text) =>
  all(text, /^[ \t]*import\s{1,20}(?:static\s{1,20})?([\w.]+)(?:\.\*)?/gm, ([, module]) => ({
    module: module!,
    names: words(module!.slice(module!.lastIndexOf('.') + 1)),
  }));

const c: Reader = (text) =>
  all(text, /^[ \t]*#[ \t]*(?:include|import)[ \t]*"([^"\n]+)"/gm, ([, module]) => ({
    module: module!,
    names: [],
  }));

const ruby: Reader = (text) =>
  all(text, /^[ \t]*require(_relative)?[ (]+['"]([^'"\n]+)['"]/gm, ([, relative, module]) => ({
    module: relative ? `./${module}` : module!,
    names: [],
  }));

const READERS: Record<string, Reader> = { ts: javascript, py: python, go, rs: rust, java, c, rb: ruby };

/** What a file imports, in order; empty for languages whose imports are not known. */
export function importsOf(path: string, text: string): Import[] {
  const reader = READERS[relatedEndings(endingOf(path))[0]!];
  return reader ? reader(text) : [];
}
