/** Texts made of a pattern's own parts, on which a careless pattern takes long: what it repeats, many times, and then no match. */
import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** Characters that stand for others where a set takes them. */
const USUAL = [
  'a',
  'A',
  '0',
  ' ',
  '_',
  '-',
  '.',
  '/',
  ':',
  '"',
  "'",
  '\t',
  '\n',
  '(',
  '<',
  '=',
  'é',
  '\u0001',
];
/** A repetition of fewer is bounded well enough. */
const FEW = 10;
/** Of one set, characters that are tried. */
const MOST_CHARACTERS = 8;
/** No set of letters takes it: what comes last, so that nothing matches. */
const STRANGE = '\u0001';

interface Repeated {
  quantifier: AST.Quantifier;
  /** What must stand before it. */
  before: string;
}

/** @returns texts of about `length` characters; the same for the same pattern */
export function attacksOn(source: string, flags: string, length: number): string[] {
  const pieces = new Pieces(source, flags);
  const found = new Set<string>();
  const add = (before: string, unit: string) => {
    if (unit === '') return;
    const text = before + unit.repeat(Math.max(1, Math.ceil((length - before.length) / unit.length)));
    found.add(text + STRANGE);
    found.add(text);
  };
  for (const { quantifier, before } of pieces.repeated) {
    for (const unit of pieces.units(quantifier.element)) {
      add(before, unit);
      add('', unit);
      // The beginning again and again: each is a place from which to look.
      add('', before + unit);
      add('', before + unit.repeat(5));
    }
  }
  for (const whole of pieces.wholes) {
    add('', whole);
    add('', whole.slice(0, -1));
  }
  return [...found];
}

class Pieces {
  readonly repeated: Repeated[] = [];
  readonly wholes: string[] = [];
  private readonly alphabet: readonly string[];
  private readonly taken = new Map<string, string[]>();

  constructor(
    source: string,
    private readonly flags: string,
  ) {
    const unicode = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
    const { alternatives } = new RegExpParser().parsePattern(source, 0, source.length, unicode);
    const own = source.replace(/\\[a-zA-Z]\{?/g, '');
    this.alphabet = [...new Set([...USUAL, ...own])];
    for (const alternative of alternatives) this.wholes.push(this.walk(alternative.elements, ''));
  }

  /** What the element may be, once. */
  units(element: AST.Element): string[] {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return element.alternatives.flatMap(({ elements }) =>
          elements.length === 1
            ? this.units(elements[0]!)
            : [this.sequence(elements, 0), this.sequence(elements, 1)],
        );
      case 'Quantifier':
        return this.units(element.element);
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return this.charactersOf(element);
      default:
        return [this.one(element, 1)];
    }
  }

  /** Notes what is repeated among the elements; returns a short text that they take. */
  private walk(elements: readonly AST.Element[], before: string): string {
    let text = '';
    for (const element of elements) {
      if (element.type === 'Quantifier') {
        if (element.max > FEW) this.repeated.push({ quantifier: element, before: before + text });
        this.within(element.element, before + text);
      } else this.within(element, before + text);
      text += this.one(element, 0);
    }
    return text;
  }

  private within(element: AST.Element, before: string): void {
    if ('alternatives' in element)
      for (const { elements } of element.alternatives) this.walk(elements as readonly AST.Element[], before);
  }

  private sequence(elements: readonly AST.Element[], more: number): string {
    return elements.map((element) => this.one(element, more)).join('');
  }

  /** The shortest text that an element takes; with `more`, that many of what may be left out. */
  private one(element: AST.Element, more: number): string {
    switch (element.type) {
      case 'Quantifier':
        return this.one(element.element, more).repeat(
          Math.min(Math.max(element.min, more), element.max, 200),
        );
      case 'Group':
      case 'CapturingGroup':
        return this.sequence(element.alternatives[0]?.elements ?? [], more);
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return this.charactersOf(element)[0] ?? 'a';
      default:
        return '';
    }
  }

  private charactersOf(element: AST.Character | AST.CharacterSet | AST.CharacterClass): string[] {
    if (element.type === 'Character') return [String.fromCodePoint(element.value)];
    const known = this.taken.get(element.raw);
    if (known) return known;
    const set = new RegExp(`^${element.raw}$`, this.flags.replace(/[gym]/g, ''));
    const found = this.alphabet.filter((character) => set.test(character)).slice(0, MOST_CHARACTERS);
    this.taken.set(element.raw, found);
    return found;
  }
}
