/** The simulated developer: looks at a completion, runs the test at that place, and corrects it. */
import assert from 'node:assert';
import { createContext, Script } from 'node:vm';
import { type Random, random } from '../../base/random';
import type { LearningEvent } from '../../store/records';
import { CONVENTIONS, type Convention, drawNames, type Form } from './conventions';

export interface Place extends Form {
  convention: Convention;
  path: string;
  /** 'near' places have a form that was corrected, 'far' ones do not. */
  distance: 'near' | 'far';
}

/** What the developer gives: the corrected text, only the failing test, or only words. */
export type FeedbackMode = 'text' | 'output' | 'words' | 'text+output';

export interface Project {
  /** Where corrections are made, the conventions in turn. */
  training: Place[];
  /** Later places: half of forms that were corrected, half of others. */
  later: Place[];
}

/** @param count corrections  @param perConvention later places of each convention and distance */
export function simulateProject(count: number, perConvention: number, seed: number): Project {
  const source = random(seed * 1000 + 17);
  const seen = new Set<string>();
  const draw = (convention: Convention, distance: Place['distance']): Place => {
    for (;;) {
      const { forms, heldFrom } = convention;
      const from = distance === 'far' ? heldFrom : 0;
      const end = distance === 'far' ? forms.length : heldFrom;
      const names = drawNames(source);
      const form = forms[from + source.below(end - from)]!(names);
      if (seen.has(form.prefix)) continue;
      seen.add(form.prefix);
      return { ...form, convention, distance, path: `src/${names.a}.js` };
    }
  };
  const later = (['near', 'far'] as const).flatMap((distance) =>
    CONVENTIONS.flatMap((one) => Array.from({ length: perConvention }, () => draw(one, distance))),
  );
  const training = Array.from({ length: count }, (_, i) =>
    draw(CONVENTIONS[i % CONVENTIONS.length]!, 'near'),
  );
  return { training: shuffled(training, source), later };
}

/** Longest a simulated test may run, in ms. */
const TEST_MS = 1_000;
const PRELUDE = `
  const Level = { Warn: 'warn' }, Code = { NotFound: 'NotFound' };
  const lg = { events: [], emit(level, from, data) { this.events.push({ level, from, data }); } };
  const banned = (name) => () => { throw new Error('console.' + name + ' is not allowed. Use lg.emit(Level.Warn, name, { value })'); };
  const console = { log: banned('log'), warn: banned('warn'), error: banned('error'), info: banned('info'), debug: banned('debug') };
  const clampTo = (high, low, value) => {
    if (high < low) throw new RangeError('clampTo(high, low, value): ' + high + ' is below ' + low);
    return Math.min(high, Math.max(low, value));
  };
  const Span = { of: (from, to) => [from, to] };
  const fail = (code, what, id) => Object.assign(new Error(code), { code, what, id });
  class Base {}
`;

/**
 * Runs the test of a place with a text in it.
 * @returns null where it passes, else the failure as a test runner prints it
 */
export function runTest(place: Form, text: string): string | null {
  const program = `${PRELUDE}\n${place.prefix}${text}${place.suffix}\n${place.probe}`.replace(
    /^export /gm,
    '',
  );
  try {
    new Script(`(() => {${program}})()`).runInContext(createContext({ assert: looseAssert }), {
      timeout: TEST_MS,
    });
    return null;
  } catch (error) {
    // A program may throw anything.
    const { name = 'Uncaught', message = String(error) } = (error ?? {}) as Partial<Error>;
    return `${name}: ${message.split('\n').slice(0, 3).join('\n')}`;
  }
}

/** Objects made in the test's own realm have other prototypes: compared by content. */
const looseAssert = {
  equal: assert.strictEqual,
  deepEqual: (actual: unknown, expected: unknown) =>
    assert.strictEqual(JSON.stringify(actual), JSON.stringify(expected)),
  throws(call: () => unknown, expected: Record<string, unknown>, message: string) {
    try {
      call();
    } catch (error) {
      for (const [key, value] of Object.entries(expected)) {
        if ((error as Record<string, unknown>)[key] !== value) throw new assert.AssertionError({ message });
      }
      return;
    }
    throw new assert.AssertionError({ message: `${message}, but nothing was thrown` });
  },
};

/** The learning event that capture would have stored; null where the completion was right. */
export function correct(
  place: Place,
  offered: { text: string; ids: number[] },
  mode: FeedbackMode,
  id: number,
): LearningEvent | null {
  const failure = runTest(place, offered.text);
  if (failure === null) return null;
  const tells = (what: string) => mode.includes(what);
  return {
    id,
    completionId: `simulated-${id}`,
    createdAt: id,
    updatedAt: id,
    uri: `file:///project/${id}/${place.path}`,
    path: place.path,
    languageId: 'javascript',
    prefix: place.prefix,
    suffix: place.suffix,
    promptIds: [],
    responseIds: offered.ids,
    responseLogProbs: [],
    text: offered.text,
    solution: tells('text') ? place.right : null,
    output: tells('output') ? failure : null,
    words: tells('words') ? place.convention.words : null,
    signals: [
      ...(tells('text') ? (['edited'] as const) : []),
      ...(tells('output') ? (['test-failed'] as const) : []),
      ...(tells('words') ? (['words'] as const) : []),
    ],
    weight: 1,
    status: 'ready',
    reason: null,
  };
}

function shuffled<T>(items: T[], source: Random): T[] {
  return source.shuffle(items);
}
