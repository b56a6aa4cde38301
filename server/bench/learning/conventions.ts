/**
 * A simulated private project: five conventions no model has seen, each in several surface forms. Every right text
 * follows from the convention and what stands above the cursor, and every place is a program with a test that really
 * runs. Held-out places use forms that were not corrected.
 */
import type { Random } from '../../base/random';

export interface Form {
  prefix: string;
  suffix: string;
  right: string;
  /** Run after the program; throws where the convention was not followed. */
  probe: string;
}

export interface Convention {
  name: string;
  /** What the developer would say about a wrong completion. */
  words: string;
  forms: ((names: Names) => Form)[];
  /** The forms from this one on are held out. */
  heldFrom: number;
}

/** Names at a place, all different. */
export interface Names {
  f: string;
  x: string;
  a: string;
  b: string;
  c: string;
  type: string;
}

const NOUNS =
  'user order file token node count index ratio width height offset limit buffer socket query cursor page theme widget invoice ticket amount label region session packet record branch cache filter group handle image job key lease match option parent queue route state target unit value worker zone account batch channel device entry folder'.split(
    ' ',
  );
const VERBS =
  'load save parse open close read write build check find merge split apply resolve send fetch update remove render flush'.split(
    ' ',
  );
const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);

export function drawNames(source: Random): Names {
  const [a, b, c] = source.shuffle(NOUNS) as [string, string, string];
  const f = VERBS[source.below(VERBS.length)]! + capital(a);
  const x = [a, `${a}Id`, `${a}Name`][source.below(3)]!;
  return { f, x, a, b, c, type: capital(a) + capital(b) };
}

const warned = ({ f, x }: Names, value: string) =>
  `assert.deepEqual(lg.events, [{ level: 'warn', from: '${f}', data: { ${x}: ${value} } }]);`;
const logged = ({ f, x }: Names) => `lg.emit(Level.Warn, '${f}', { ${x} });`;
const clamped = (value: string, low: string, high: string) => `clampTo(${high}, ${low}, ${value});`;
const spanned = (from: string, to: string) => `Span.of(${from} + 1, ${to} + 1);`;
const failed = ({ a, b }: Names) => `throw fail(Code.NotFound, '${a}', ${b});`;
const missing = ({ a, b }: Names, call: string) =>
  `assert.throws(() => ${call}, { code: 'NotFound', what: '${a}', id: 'none' }, 'fail(Code.NotFound, what, ${b}) was expected');`;

export const CONVENTIONS: Convention[] = [
  {
    name: 'log',
    words: 'use lg.emit(Level.Warn, name, { value }) and never console',
    heldFrom: 4,
    forms: [
      (n) => ({
        prefix: `export function ${n.f}(${n.x}, ${n.b}) {\n  if (!${n.x}) {\n    `,
        right: logged(n),
        suffix: `\n    return null;\n  }\n  return ${n.b};\n}\n`,
        probe: `${n.f}('', 1); ${warned(n, "''")}`,
      }),
      (n) => ({
        prefix: `const ${n.f} = (${n.x}) => {\n  if (${n.x} === undefined) {\n    `,
        right: logged(n),
        suffix: `\n    return false;\n  }\n  return true;\n};\n`,
        probe: `${n.f}(undefined); ${warned(n, 'undefined')}`,
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  ${n.f}(${n.x}) {\n    if (!${n.x}) {\n      `,
        right: logged(n),
        suffix: `\n      return;\n    }\n    this.${n.b} = ${n.x};\n  }\n}\n`,
        probe: `new ${n.type}().${n.f}(0); ${warned(n, '0')}`,
      }),
      (n) => ({
        prefix: `function ${n.f}(${n.x}) {\n  try {\n    return JSON.parse(${n.x});\n  } catch {\n    `,
        right: logged(n),
        suffix: '\n    return null;\n  }\n}\n',
        probe: `${n.f}('{'); ${warned(n, "'{'")}`,
      }),
      (n) => ({
        prefix: `const ${n.c} = {\n  ${n.f}(${n.x}) {\n    if (${n.x} == null) {\n      `,
        right: logged(n),
        suffix: `\n      return [];\n    }\n    return [${n.x}];\n  },\n};\n`,
        probe: `${n.c}.${n.f}(null); ${warned(n, 'null')}`,
      }),
      (n) => ({
        prefix: `function ${n.f}(${n.x}) {\n  switch (typeof ${n.x}) {\n    case 'string':\n      return ${n.x};\n    default:\n      `,
        right: logged(n),
        suffix: `\n      return '';\n  }\n}\n`,
        probe: `${n.f}(7); ${warned(n, '7')}`,
      }),
    ],
  },
  {
    name: 'arguments',
    words: 'use clampTo(high, low, value), the value comes last',
    heldFrom: 3,
    forms: [
      (n) => ({
        prefix: `function ${n.f}(${n.a}, ${n.b}, ${n.c}) {\n  // limit ${n.a} between ${n.b} and ${n.c}\n  return `,
        right: clamped(n.a, n.b, n.c),
        suffix: '\n}\n',
        probe: `assert.equal(${n.f}(9, 1, 5), 5);`,
      }),
      (n) => ({
        prefix: `const ${n.f} = (${n.a}, ${n.b}, ${n.c}) => {\n  // keep ${n.a} between ${n.b} and ${n.c}\n  const safe = `,
        right: clamped(n.a, n.b, n.c),
        suffix: '\n  return safe;\n};\n',
        probe: `assert.equal(${n.f}(0, 1, 5), 1);`,
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  ${n.f}(${n.a}, ${n.b}, ${n.c}) {\n    // bound ${n.a} by ${n.b} and ${n.c}\n    this.${n.a} = `,
        right: clamped(n.a, n.b, n.c),
        suffix: `\n    return this.${n.a};\n  }\n}\n`,
        probe: `assert.equal(new ${n.type}().${n.f}(3, 1, 5), 3);`,
      }),
      (n) => ({
        prefix: `function ${n.f}(list, ${n.b}, ${n.c}) {\n  // every ${n.a} between ${n.b} and ${n.c}\n  return list.map((${n.a}) => {\n    return `,
        right: clamped(n.a, n.b, n.c),
        suffix: '\n  });\n}\n',
        probe: `assert.deepEqual(${n.f}([9], 1, 5), [5]);`,
      }),
    ],
  },
  {
    name: 'field',
    words: 'fields are named m_ and their name: this.m_name = name',
    heldFrom: 3,
    forms: [
      (n) => ({
        prefix: `export class ${n.type} {\n  constructor(${n.x}) {\n    `,
        right: `this.m_${n.x} = ${n.x};`,
        suffix: '\n  }\n}\n',
        probe: `assert.equal(new ${n.type}(7).m_${n.x}, 7, 'm_${n.x} is not set');`,
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  with${capital(n.x)}(${n.x}) {\n    `,
        right: `this.m_${n.x} = ${n.x};`,
        suffix: '\n    return this;\n  }\n}\n',
        probe: `assert.equal(new ${n.type}().with${capital(n.x)}(7).m_${n.x}, 7, 'm_${n.x} is not set');`,
      }),
      (n) => ({
        prefix: `class ${n.type} extends Base {\n  constructor(${n.x}) {\n    super();\n    `,
        right: `this.m_${n.x} = ${n.x};`,
        suffix: '\n  }\n}\n',
        probe: `assert.equal(new ${n.type}(7).m_${n.x}, 7, 'm_${n.x} is not set');`,
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  ${n.f}(${n.x}) {\n    if (${n.x} > 0) {\n      `,
        right: `this.m_${n.x} = ${n.x};`,
        suffix: '\n    }\n    return this;\n  }\n}\n',
        probe: `assert.equal(new ${n.type}().${n.f}(7).m_${n.x}, 7, 'm_${n.x} is not set');`,
      }),
    ],
  },
  {
    name: 'range',
    words: 'use Span.of(from + 1, to + 1), spans count from one',
    heldFrom: 3,
    forms: [
      (n) => ({
        prefix: `function ${n.f}Range(${n.a}, ${n.b}) {\n  return `,
        right: spanned(n.a, n.b),
        suffix: '\n}\n',
        probe: `assert.deepEqual(${n.f}Range(2, 5), [3, 6]);`,
      }),
      (n) => ({
        prefix: `const ${n.f}Range = (${n.a}, ${n.b}) => {\n  const range = `,
        right: spanned(n.a, n.b),
        suffix: '\n  return range;\n};\n',
        probe: `assert.deepEqual(${n.f}Range(2, 5), [3, 6]);`,
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  ${n.f}(${n.a}, ${n.b}) {\n    this.range = `,
        right: spanned(n.a, n.b),
        suffix: '\n    return this.range;\n  }\n}\n',
        probe: `assert.deepEqual(new ${n.type}().${n.f}(2, 5), [3, 6]);`,
      }),
      (n) => ({
        prefix: `function ${n.f}Ranges(list) {\n  return list.map(([${n.a}, ${n.b}]) => {\n    return `,
        right: spanned(n.a, n.b),
        suffix: '\n  });\n}\n',
        probe: `assert.deepEqual(${n.f}Ranges([[2, 5]]), [[3, 6]]);`,
      }),
    ],
  },
  {
    name: 'failure',
    words: "throw fail(Code.NotFound, 'what', id) instead of new Error",
    heldFrom: 3,
    forms: [
      (n) => ({
        prefix: `function ${n.f}(db, ${n.b}) {\n  const ${n.a} = db.get(${n.b});\n  if (!${n.a}) {\n    `,
        right: failed(n),
        suffix: `\n  }\n  return ${n.a};\n}\n`,
        probe: missing(n, `${n.f}(new Map(), 'none')`),
      }),
      (n) => ({
        prefix: `const ${n.f} = (db, ${n.b}) => {\n  const ${n.a} = db.get(${n.b});\n  if (${n.a} === undefined) {\n    `,
        right: failed(n),
        suffix: `\n  }\n  return ${n.a};\n};\n`,
        probe: missing(n, `${n.f}(new Map(), 'none')`),
      }),
      (n) => ({
        prefix: `class ${n.type} {\n  ${n.f}(db, ${n.b}) {\n    const ${n.a} = db.get(${n.b});\n    if (!${n.a}) {\n      `,
        right: failed(n),
        suffix: `\n    }\n    return ${n.a};\n  }\n}\n`,
        probe: missing(n, `new ${n.type}().${n.f}(new Map(), 'none')`),
      }),
      (n) => ({
        prefix: `function ${n.f}All(db, list) {\n  return list.map((${n.b}) => {\n    const ${n.a} = db.get(${n.b});\n    if (${n.a} == null) {\n      `,
        right: failed(n),
        suffix: `\n    }\n    return ${n.a};\n  });\n}\n`,
        probe: missing(n, `${n.f}All(new Map(), ['none'])`),
      }),
    ],
  },
];
