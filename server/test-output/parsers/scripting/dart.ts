/** dart test and flutter test: the expanded, compact and GitHub reporters. */
import { blocksOf, dedent, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const LINE = /^(?:\d\d:)?\d\d:\d\d(?:\.\d+)? \+(\d+)(?: ~\d+)?(?: -(\d+))?: (.*)/;
const GITHUB = /^(?:::group::)?(✅|❌) (.*?)(?: \(failed\))?$/;

export const dart: RunParser = {
  runner: 'dart test',
  marks:
    /^(?:\d\d:)?\d\d:\d\d(?:\.\d+)? \+\d+(?: ~\d+)?(?: -\d+)?: |^(?:🎉 \d+ tests? passed|::error::\d+ tests? passed, \d+ failed)/u,
  parse({ lines }) {
    const counted = lines.flatMap((line) => LINE.exec(line)?.slice(1) ?? []);
    const [passed, failed, end] = counted.slice(-3);
    const github = lines.flatMap(
      (line) =>
        /^(?:🎉 (\d+) tests? passed|::error::(\d+) tests? passed, (\d+) failed)/u.exec(line)?.slice(1) ?? [],
    );
    const failures = unique(
      blocksOf(
        lines,
        (line) => failedTest(line),
        (line) => LINE.test(line) || GITHUB.test(line) || /^::endgroup::/.test(line),
      ).map(({ name, lines: own }) => failureOf(name, own, lines)),
    );
    const complete =
      /^(?:All tests passed!|Some tests failed\.|No tests ran\.)/.test(end ?? '') || github.length > 0;
    return {
      passed: Number(passed ?? github.find(Boolean) ?? 0),
      failed: Math.max(Number(failed ?? 0), Number(github[2] ?? 0), failures.length),
      failures,
      passedNames: [],
      ...(complete ? {} : { verdict: 'unknown' as const }),
    };
  },
};

/** `00:00 +1 -1: test/cart_test.dart: takes half [E]` */
function failedTest(line: string): string | null {
  const title = line.endsWith(' [E]') ? LINE.exec(line)?.[3]?.slice(0, -4) : undefined;
  const marked = line.includes('❌') ? GITHUB.exec(line)?.[2] : undefined;
  return title ?? marked ?? null;
}

function failureOf(title: string, lines: readonly string[], all: readonly string[]): TestFailure {
  const colon = title.indexOf('.dart: ');
  const loading = /^loading (\S+\.dart)$/.exec(title)?.[1];
  const name = colon < 0 ? title : title.slice(colon + 7);
  const file = colon < 0 ? loading : title.slice(0, colon + 5);
  const end = lines.findIndex((line) => /^ {2}(?:dart:|package:|\S+\.dart \d+:\d+)/.test(line));
  const own = flutterException(name, lines, all) ?? lines;
  const message =
    own === lines
      ? dedent(lines.slice(0, end < 0 ? 30 : end))
      : dedent(
          own.slice(
            0,
            Math.max(
              0,
              own.findIndex((line) => line === '' || /^When the exception was thrown/.test(line)),
            ) || 30,
          ),
        );
  return failureFrom(loading ?? name, own, { message, file: file?.replace(/^\.\//, '') });
}

/** Flutter prints the exception in a box of its own above the result. */
function flutterException(
  name: string,
  lines: readonly string[],
  all: readonly string[],
): readonly string[] | null {
  if (!lines.some((line) => /Test failed\. See exception logs above\./.test(line))) return null;
  const boxes = blocksOf(
    all,
    (line) => (/^══╡ EXCEPTION CAUGHT BY /.test(line) ? line : null),
    (line) => /^═{20,}$/.test(line),
  );
  const box = boxes.find((one) => one.lines.some((line) => line.trim() === name));
  return box ? box.lines.slice(1) : null;
}
