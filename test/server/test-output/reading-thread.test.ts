import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseReportFile, parseTestOutput } from '../../../server/test-output/read-run';
import { ReadingThread } from '../../../server/test-output/reading-thread';
import { ROOT } from '../../root';
import { bundle } from '../bundle';

const RUNS = join(ROOT, 'test/fixtures/cases/runs');
const outputs = readdirSync(RUNS)
  .filter((name) => /\.(?:txt|xml)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(RUNS, name), 'utf8') }));
/** A report of many failures; some hundred milliseconds of reading. */
const longReport = (cases: number) =>
  `<testsuites>${'<testsuite name="s"><testcase name="a" classname="b"><failure message="m">at f (a.js:1:1)</failure></testcase></testsuite>'.repeat(cases)}</testsuites>`;
const LONG = longReport(20_000);

describe('the thread that reads runs', function () {
  this.timeout(60_000);
  let entry: string;
  let thread: ReadingThread;
  before(async () => {
    entry = await bundle('server/test-output/worker.ts', 'test-output-worker');
  });
  beforeEach(() => {
    thread = new ReadingThread(entry);
  });
  afterEach(() => thread.close());

  it('answers as the parsers do, each with its own', async () => {
    assert.ok(outputs.length > 20);
    const answers = await Promise.all(
      outputs.map(({ name, text }) => thread.read(text, name.endsWith('.xml'))),
    );
    outputs.forEach(({ name, text }, i) => {
      assert.deepEqual(answers[i], (name.endsWith('.xml') ? parseReportFile : parseTestOutput)(text), name);
    });
  });

  it('leaves the event loop alone meanwhile', async () => {
    await thread.read('', false);
    const here = performance.eventLoopUtilization();
    parseReportFile(LONG);
    const own = performance.eventLoopUtilization(here).active;
    const before = performance.eventLoopUtilization();
    const report = await thread.read(LONG, true);
    const busy = performance.eventLoopUtilization(before).active;
    assert.equal(report?.failures.length, parseReportFile(LONG)?.failures.length);
    assert.ok(busy < own / 4, `${busy.toFixed(0)} ms here for ${own.toFixed(0)} ms of reading`);
  });

  it('gives up what takes too long, and reads what comes behind it', async () => {
    const hasty = new ReadingThread(entry, 250);
    const long = assert.rejects(hasty.read(longReport(30_000), true), /not read within 0\.25 s/);
    const short = outputs[0]!.text;
    assert.deepEqual(await hasty.read(short, false), parseTestOutput(short));
    await long;
    await hasty.close();
  });

  it('starts again after it ended for want of work', async () => {
    const idle = new ReadingThread(entry, 10_000, 1);
    const read = () => idle.read(outputs[0]!.text, false);
    const first = await read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await read(), first);
    await idle.close();
  });

  it('rejects what waits when it is closed, and what no thread can be started for', async () => {
    const waiting = thread.read(LONG, true);
    const rejected = assert.rejects(waiting, /The server ends/);
    await thread.close();
    await rejected;
    const none = new ReadingThread(join(ROOT, 'not-there.js'));
    await assert.rejects(none.read('', false), /could not be read/);
    await assert.rejects(none.read('', false), /could not be read/);
    await none.close();
  });
});
