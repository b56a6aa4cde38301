/** JUnit's XML, which nearly every runner can write. Read test case by test case, so that a cut-off file still tells most. */
import { XMLParser } from 'fast-xml-parser';
import { failureFrom, type Parser, type TestFailure, type TestReport } from '../report';

interface Problem {
  '@message'?: string;
  '@type'?: string;
  '#text'?: string;
}

interface Case {
  '@name'?: string;
  '@classname'?: string;
  failure?: (Problem | string)[];
  error?: (Problem | string)[];
}

const reader = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  isArray: (name) => name === 'failure' || name === 'error',
});
const CASE = /<testcase\b(?:"[^"]*"|'[^']*'|[^>"'/])*(?:\/>|>[\s\S]*?<\/testcase>)/g;
/** A case that is longer is cut: stack traces and captured output can be endless. */
const CASE_LIMIT = 60_000;
/** Failures, and names of passed tests, that are told; the others are counted. */
const MOST = 200;

export const junitXml: Parser = ({ text }) => {
  if (!/<testsuites?\b/.test(text)) {
    return null;
  }
  const report: TestReport = { runner: 'junit', passed: 0, failed: 0, failures: [], passedNames: [] };
  for (const [xml] of text.matchAll(CASE)) {
    const bad = /<(?:failure|error)\b/.test(xml);
    if (!bad && /<skipped\b/.test(xml)) {
      continue;
    }
    // Only what is told in full is read in full; a case that passed is read without its captured output.
    const told = bad && report.failures.length < MOST && xml.length <= CASE_LIMIT;
    const full = bad ? !told : report.passedNames.length >= MOST;
    const test = full
      ? null
      : told
        ? read(xml)
        : read(`${/^<testcase\b(?:"[^"]*"|'[^']*'|[^>"'/])*/.exec(xml)![0]}/>`);
    const name = [test?.['@classname'], test?.['@name']].filter(Boolean).join(' > ');
    const problem = test?.failure?.[0] ?? test?.error?.[0];
    if (problem !== undefined) {
      report.failures.push(toFailure(name, problem));
    }
    if (bad) {
      report.failed!++;
    } else {
      report.passed!++;
      if (report.passedNames.length < MOST) {
        report.passedNames.push(name);
      }
    }
  }
  return report;
};

function read(xml: string): Case | null {
  try {
    return (reader.parse(xml) as { testcase?: Case }).testcase ?? null;
  } catch {
    return null;
  }
}

function toFailure(name: string, problem: Problem | string): TestFailure {
  const {
    '@message': message,
    '@type': type,
    '#text': body = '',
  } = typeof problem === 'string' ? { '#text': problem } : problem;
  const decoded = decode(message ?? '');
  const typed =
    type &&
    decoded &&
    /^[\w.\\]*(?:Error|Exception|Failure)$/.test(type) &&
    type !== 'testCodeFailure' &&
    !decoded.includes(type)
      ? `${type}: ${decoded}`
      : decoded;
  const lines = decode(body).split('\n');
  // Python prints the innermost call last.
  return failureFrom(name, lines, {
    message: typed || undefined,
    innermostLast: /^E {3}|File ".*", line|\.py:\d+:/m.test(body),
  });
}

/** Line breaks in attributes come as references, which the reader leaves alone. */
function decode(text: string): string {
  return text.replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, decimal) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
