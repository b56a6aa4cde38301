/** JUnit's XML, which nearly every runner can write: elements count, not what a test printed. */
import { XMLParser } from 'fast-xml-parser';
import { failureFrom, messageOf } from '../../blocks';
import { framesIn } from '../../frames';
import { type RunParser, type RunResult, type TestFailure, testId } from '../../report';

/** An element: its attributes begin with @, its text is #text. */
interface Element {
  [key: string]: unknown;
  '#text'?: string;
}

const LISTS = new Set(['testsuite', 'testcase', 'failure', 'error', 'skipped', 'system-out', 'system-err']);
const reader = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  isArray: (name) => LISTS.has(name),
});
/** Failures, and names of passed tests, that are told; the others are counted. */
const MOST = 200;
/** Words beside the two values of an assertion. */
const VALUES = /\b(?:expected|received|actual|left|right|got|want|was|to equal|to be)\b|[!=]=/i;
/** What is read of one failure's text and of an attribute, in characters, and how long its lines may be. */
const BODY_LIMIT = 60_000;
const ATTRIBUTE_LIMIT = 8_000;
const LINE_LIMIT = 1_000;
const OWN_TYPES = new Set(['testCodeFailure', 'FAILURE']);

export const junitXml: RunParser = {
  runner: 'junit',
  marks: /<testsuites?\b/,
  parse({ text }) {
    const begin = text.search(/<testsuites?\b/);
    // Entities of its own are no report's; they can be made to grow without end.
    if (begin < 0 || /<!(?:DOCTYPE|ENTITY)\b/.test(text.slice(0, begin))) return null;
    // Between other lines of a terminal it begins with its root, in a file with a declaration and comments.
    const isFile = /^\uFEFF?\s*</.test(text);
    const root = read(isFile ? text : text.slice(begin));
    if (!root) return null;
    const suites = root.testsuites as Element | undefined;
    const found: RunResult = { passed: 0, failed: 0, failures: [], passedNames: [] };
    const top = [...list(suites, 'testsuite'), ...list(root, 'testsuite')];
    // node:test writes its cases right under the root.
    for (const suite of suites ? [suites, ...list(root, 'testsuite')] : top) collect(suite, found, '');
    // What a suite counts and no test case tells: an error outside of tests.
    if (found.failed === 0)
      found.failed = top.reduce((sum, suite) => sum + number(suite, 'failures') + number(suite, 'errors'), 0);
    return found;
  },
};

/** Null where it is no XML. Of a report that was cut off, what ends before the cut. */
function read(xml: string): Element | null {
  for (const text of [
    xml,
    xml.slice(0, xml.lastIndexOf('</testcase>') + 11),
    xml.slice(0, xml.lastIndexOf('<testcase')),
  ]) {
    try {
      return reader.parse(text) as Element;
    } catch {
      // Tried again with less of it.
    }
  }
  return null;
}

function collect(suite: Element, found: RunResult, file: string): void {
  const own = attribute(suite, 'file') || file;
  for (const problem of [...list(suite, 'failure'), ...list(suite, 'error')]) {
    found.failed!++;
    if (found.failures.length < MOST)
      found.failures.push(toFailure(attribute(suite, 'name'), problem, suite, own));
  }
  for (const test of list(suite, 'testcase')) {
    const problem = list(test, 'failure')[0] ?? list(test, 'error')[0];
    const name = [attribute(test, 'classname'), attribute(test, 'name')].filter(Boolean).join(' > ');
    const of = attribute(test, 'file') || own;
    if (problem) {
      found.failed!++;
      if (found.failures.length < MOST) found.failures.push(toFailure(name, problem, test, of));
    } else if (list(test, 'skipped').length === 0) {
      found.passed!++;
      if (found.passedNames.length < MOST) found.passedNames.push(testId({ name, file: of || undefined }));
    }
  }
  for (const inner of list(suite, 'testsuite')) collect(inner, found, own);
}

function toFailure(name: string, problem: Element, test: Element, file: string): TestFailure {
  const body = withoutLongLines(decode(String(problem['#text'] ?? '').slice(0, BODY_LIMIT)));
  // Python prints the innermost call last.
  const innermostLast = /^E {3}|File "[^"]*", line|\.py:\d+:/m.test(body);
  const failure = failureFrom(name, body.split('\n'), {
    message: message(attribute(problem, 'message'), attribute(problem, 'type'), body) || undefined,
    file,
    innermostLast,
  });
  if (failure.frames.length > 0) return failure;
  const line = number(test, 'line');
  const said = [...list(test, 'system-err'), ...list(test, 'system-out')]
    .map((one) => one['#text'] ?? '')
    .join('\n');
  const frames = [
    framesIn(attribute(problem, 'message')),
    framesIn(withoutLongLines(decode(said.slice(0, BODY_LIMIT)))),
  ].find((some) => some.length > 0);
  return { ...failure, frames: frames ?? (file && line > 0 ? [{ file, line, column: null }] : []) };
}

/** What the attribute says, and from the body what it leaves out: often both values. */
function message(attribute: string, type: string, body: string): string {
  const typed =
    type &&
    attribute &&
    /(?:Error|Exception|Failure)$/.test(type) &&
    !OWN_TYPES.has(type) &&
    !attribute.includes(type)
      ? `${type}: ${attribute}`
      : attribute;
  if (/^E {3}/m.test(body)) return typed;
  const head = messageOf(body.split('\n').slice(0, 60));
  if (typed === '') return head;
  const more = !typed.includes(head) && VALUES.test(head) && !VALUES.test(attribute);
  return !more ? typed : head.includes(typed) ? head : `${typed}\n${head}`;
}

function withoutLongLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.length <= LINE_LIMIT)
    .join('\n');
}

function list(element: Element | undefined, name: string): Element[] {
  const found = element?.[name];
  if (!Array.isArray(found)) return [];
  return found.map((one: unknown) =>
    typeof one === 'object' && one !== null ? (one as Element) : { '#text': String(one) },
  );
}

function attribute(element: Element, name: string): string {
  return decode(String(element[`@${name}`] ?? '').slice(0, ATTRIBUTE_LIMIT));
}

function number(element: Element, name: string): number {
  return Number.parseInt(attribute(element, name), 10) || 0;
}

/** Line breaks in attributes come as references, which the reader leaves alone. */
function decode(text: string): string {
  return text.replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (_, hex, decimal) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
