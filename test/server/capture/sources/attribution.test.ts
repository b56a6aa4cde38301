/**
 * Attribution on a labelled set of scripted sessions: each kind of session below runs with several languages and runners. A
 * label names the completions that the failing test is really about; the rest must not be blamed.
 */
import assert from 'node:assert/strict';
import { Session } from '../session';
import { type Failing, type Style, styles } from '../styles';

/** Function names, all of different lengths (tests are named after the length, not the name). */
const [TOTAL, DISCOUNT, CHEAPEST] = ['totalOf', 'discounted', 'cheapestOne'] as const;
const ALL = [TOTAL, DISCOUNT, CHEAPEST];

class Scene {
  constructor(
    readonly s: Session,
    readonly style: Style,
  ) {}

  begin(functions: readonly string[] = ALL, source = this.style.source): void {
    this.s.open(source, this.style.file([...functions]), this.style.languageId);
    this.s.onDisk(this.style.testFile, this.style.tests([...functions]));
  }

  /** Accepts a completion in this function and saves. */
  take(fn: string, source = this.style.source): string {
    const id = this.s.take(source, this.style.open(fn), this.style.text(fn));
    this.s.save(source);
    this.s.advance(20_000);
    return id;
  }

  /** The line of a piece of text, from 1. */
  lineOf(source: string, piece: string): number {
    const at = this.s.text(source).indexOf(piece);
    assert.ok(at >= 0, piece);
    return this.s.text(source).slice(0, at).split('\n').length;
  }

  spot(fn: string, source = this.style.source) {
    return { fn, file: source, line: this.lineOf(source, this.style.text(fn)) };
  }

  testSpot(fn: string, functions: readonly string[] = ALL) {
    const lines = this.style.tests([...functions]).split('\n');
    return { fn: 'anonymous', file: this.style.testFile, line: lines.indexOf(this.style.call(fn)) + 1 };
  }

  /** An assertion on a function's result: the stack is the test's own line. */
  wrong(fn: string, functions?: readonly string[]): Failing {
    return {
      test: `test_case_${fn.length}`,
      message: 'AssertionError: expected 7 to be 3',
      stack: [this.testSpot(fn, functions)],
      code: this.style.call(fn).trim(),
    };
  }

  /** An exception on the way: these places, then the test's line. */
  thrown(fn: string, through: Failing['stack']): Failing {
    return {
      ...this.wrong(fn),
      message: 'TypeError: it is not a function',
      stack: [...through, this.testSpot(fn)],
    };
  }

  async fails(...failing: Failing[]): Promise<void> {
    await this.run(this.style.print(this.s.folder, failing), 1);
  }

  async passes(): Promise<void> {
    await this.run(this.style.green ?? '', 0);
  }

  private run(output: string, exitCode: number): Promise<void> {
    const { command, report } = this.style;
    return report
      ? this.s.run(output, null, command, { source: 'report' })
      : this.s.run(output, exitCode, command);
  }

  edit(fn: string, source = this.style.source): void {
    const text = this.style.text(fn);
    this.s.replace(source, text, text.replace('rice', 'riceAfterTax'));
    this.s.save(source);
    this.s.advance(5_000);
  }
}

function indentOf(open: string): string {
  return /[ \t]*(?=[^\n]*$)/.exec(open.slice(open.lastIndexOf('\n') + 1))![0];
}

/** Plays a session; answers the completions it is really about (`label`), of all that were accepted. */
type Play = (scene: Scene) => Promise<string[]>;

const sessions: Record<string, Play> = {
  'an exception on the accepted line': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL)]));
    return [id];
  },
  'an assertion on the only accepted function': async (x) => {
    x.begin();
    const id = x.take(DISCOUNT);
    await x.fails(x.wrong(DISCOUNT));
    return [id];
  },
  'an assertion on the second of three in one file': async (x) => {
    x.begin();
    x.take(TOTAL);
    const id = x.take(DISCOUNT);
    x.take(CHEAPEST);
    await x.fails(x.wrong(DISCOUNT));
    return [id];
  },
  'an exception in the first of three': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    x.take(DISCOUNT);
    x.take(CHEAPEST);
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL)]));
    return [id];
  },
  'an exception below the accepted line, in old code': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    await x.fails(x.thrown(TOTAL, [{ fn: 'helper', file: 'other/helper.ts', line: 3 }, x.spot(TOTAL)]));
    return [id];
  },
  'a stack through two accepted lines': async (x) => {
    x.begin();
    const inner = x.take(TOTAL);
    x.take(DISCOUNT);
    await x.fails(x.thrown(DISCOUNT, [x.spot(TOTAL), x.spot(DISCOUNT)]));
    return [inner];
  },
  'two failures, each of its own completion': async (x) => {
    x.begin();
    const a = x.take(TOTAL);
    const b = x.take(CHEAPEST);
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL)]), x.wrong(CHEAPEST));
    return [a, b];
  },
  'lines that moved since acceptance': async (x) => {
    x.begin();
    const id = x.take(DISCOUNT);
    x.s.edit(x.style.source, 0, 0, '\n\n\n\n\n');
    x.s.save(x.style.source);
    await x.fails(x.thrown(DISCOUNT, [x.spot(DISCOUNT)]));
    return [id];
  },
  'an accepted line of two hours ago': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    x.s.advance(2 * 3_600_000);
    x.take(CHEAPEST);
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL)]));
    return [id];
  },
  'a file closed in the meantime': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    const spot = x.spot(TOTAL);
    x.s.capture.documentClosed(x.s.uri(x.style.source));
    await x.fails(x.thrown(TOTAL, [spot]));
    return [id];
  },
  'a failure fixed in the accepted text': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    x.take(DISCOUNT);
    await x.fails(x.wrong(TOTAL));
    x.edit(TOTAL);
    await x.passes();
    const event = (await x.s.event(id))!;
    assert.ok(
      event.signals.includes('test-fixed') && event.status === 'ready',
      `${event.signals} ${event.status} ${event.reason}`,
    );
    return [id];
  },
  'a function accepted in two pieces, and only one on the stack': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    x.s.replace(
      x.style.source,
      x.style.text(TOTAL),
      `${x.style.text(TOTAL)}\n${indentOf(x.style.open(TOTAL))}second\n`,
    );
    x.s.take(x.style.source, 'second', ' piece of it');
    x.s.save(x.style.source);
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL)]));
    return [id];
  },
  'files of the same name in two folders': async (x) => {
    const [a, b] = [`one/${x.style.source}`, `two/${x.style.source}`];
    x.begin([TOTAL], a);
    x.begin([TOTAL], b);
    x.take(TOTAL, a);
    const id = x.take(TOTAL, b);
    if (x.style.name === 'maven' || x.style.name === 'gradle') {
      return []; // prints no folders: cannot be told apart, so nobody is blamed
    }
    await x.fails(x.thrown(TOTAL, [x.spot(TOTAL, b)]));
    return [id];
  },
  'a test that failed before the completion came': async (x) => {
    x.begin();
    await x.fails(x.wrong(TOTAL));
    x.s.advance(60_000);
    x.take(TOTAL);
    await x.fails(x.wrong(TOTAL));
    return [];
  },
  'a flaky test': async (x) => {
    x.begin();
    x.take(TOTAL);
    await x.fails(x.wrong(TOTAL));
    await x.passes();
    return [];
  },
  'a flaky test that passed first': async (x) => {
    x.begin();
    x.take(TOTAL);
    await x.passes();
    await x.fails(x.wrong(TOTAL));
    return [];
  },
  'two completions in one function, and an assertion on it': async (x) => {
    x.begin();
    const id = x.take(TOTAL);
    x.s.replace(
      x.style.source,
      x.style.text(TOTAL),
      `${x.style.text(TOTAL)}\n${indentOf(x.style.open(TOTAL))}second\n`,
    );
    x.s.take(x.style.source, 'second', ' piece of it');
    x.s.save(x.style.source);
    await x.fails(x.wrong(TOTAL));
    assert.match((await x.s.event(id))?.reason ?? '', /Several completions/);
    return [];
  },
  'a failure in code nobody accepted': async (x) => {
    x.begin();
    x.take(TOTAL);
    await x.fails({
      test: 'test_connects',
      message: 'Error: connect ECONNREFUSED',
      stack: [
        { fn: 'connect', file: 'other/database.ts', line: 40 },
        { fn: 'anonymous', file: 'test/database.test.ts', line: 8 },
      ],
      code: 'await connect();',
    });
    return [];
  },
  'an assertion on another function of another file': async (x) => {
    x.begin();
    x.take(TOTAL);
    await x.fails({
      test: 'test_greets',
      message: 'AssertionError: expected "hi" to be "hello"',
      stack: [{ fn: 'anonymous', file: 'test/greeting.test.ts', line: 8 }],
      code: 'check(greet("bob"), "hello");',
    });
    return [];
  },
  'an assertion on another function of the same file': async (x) => {
    x.begin();
    x.take(TOTAL);
    await x.fails(x.wrong(CHEAPEST));
    return [];
  },
  'an assertion that reaches the completion through old code, green before': async (x) => {
    x.begin([DISCOUNT, TOTAL]);
    await x.passes();
    x.s.advance(5_000);
    const id = x.take(TOTAL);
    await x.fails(x.wrong(DISCOUNT, [DISCOUNT, TOTAL]));
    return [id];
  },
  'a completion that was not on disk yet': async (x) => {
    x.begin();
    x.s.take(x.style.source, x.style.open(TOTAL), x.style.text(TOTAL));
    await x.fails(x.wrong(TOTAL));
    return [];
  },
  'a rejected completion': async (x) => {
    x.begin();
    const id = x.s.offer(x.style.source, x.style.open(TOTAL), x.style.text(TOTAL));
    x.s.reject(id);
    x.s.replace(x.style.source, x.style.open(TOTAL), `${x.style.open(TOTAL)}0;`);
    x.s.save(x.style.source);
    await x.fails(x.wrong(TOTAL));
    return [];
  },
  'an accepted line that a formatter has moved': async (x) => {
    x.begin();
    const id = x.take(DISCOUNT);
    x.s.whole(x.style.source, `\n${x.s.text(x.style.source)}\n`);
    x.s.save(x.style.source);
    await x.fails(x.thrown(DISCOUNT, [x.spot(DISCOUNT)]));
    return [id];
  },
  'a failure in a file that was given up to a checkout': async (x) => {
    x.begin();
    x.take(TOTAL);
    const line = x.spot(TOTAL);
    const version = x.s.whole(x.style.source, x.style.file([...ALL]));
    x.s.capture.editReason({ uri: x.s.uri(x.style.source), version, reason: 'checkout' });
    await x.fails(x.thrown(TOTAL, [line]));
    return [];
  },
  'a completion that was deleted again before the run': async (x) => {
    x.begin();
    x.take(TOTAL);
    x.s.replace(x.style.source, x.style.text(TOTAL), '');
    x.s.save(x.style.source);
    x.s.advance(5_000);
    await x.fails(x.wrong(CHEAPEST));
    return [];
  },
  'a run that the developer broke off': async (x) => {
    x.begin();
    x.take(TOTAL);
    if (!x.style.report) {
      await x.s.run(x.style.print(x.s.folder, [x.thrown(TOTAL, [])]).slice(0, 30), 130, x.style.command);
    }
    return [];
  },
  'a failure that another file’s change mended': async (x) => {
    x.begin();
    x.take(TOTAL);
    x.s.open('other/notes.txt', 'a');
    await x.fails(x.wrong(TOTAL));
    x.s.replace('other/notes.txt', 'a', 'b');
    x.s.save('other/notes.txt');
    await x.passes();
    return [];
  },
};

describe('attribution of failing tests', () => {
  let right = 0;
  let made = 0;
  let labelled = 0;
  let played = 0;
  for (const [i, [kind, play]] of Object.entries(sessions).entries()) {
    // Every runner in turn; all of them with each kind of session where asked for.
    const chosen = styles.filter((_, k) => process.env.HINDSIGHT_ALL_SESSIONS || (k + i) % 3 === 0);
    for (const style of chosen) {
      it(`${kind} (${style.name})`, async () => {
        const s = await Session.start();
        try {
          const label = new Set(await play(new Scene(s, style)));
          await s.capture.flush();
          const events = await s.store.events.list({ statuses: ['waiting', 'ready'], limit: 100 });
          const blamed = events.filter((e) => e.signals.includes('test-failed')).map((e) => e.completionId);
          played++;
          made += blamed.length;
          labelled += label.size;
          right += blamed.filter((id) => label.has(id)).length;
          if (blamed.some((id) => !label.has(id)) || blamed.length < label.size) {
            console.log(
              `      ${kind} (${style.name}): blamed ${blamed.join(', ') || 'nobody'}, labelled ${[...label].join(', ') || 'nobody'}`,
            );
          }
          assert.deepEqual(s.messages, []);
        } finally {
          await s.end();
        }
      });
    }
  }

  it('is precise to 0.95 and finds 0.8 of what there is', () => {
    const precision = right / made;
    const recall = right / labelled;
    console.log(
      `      ${played} sessions: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} (${made} made, ${labelled} labelled)`,
    );
    assert.ok(played >= 60);
    assert.ok(precision >= 0.95, `precision ${precision}`);
    assert.ok(recall >= 0.8, `recall ${recall}`);
  });
});
