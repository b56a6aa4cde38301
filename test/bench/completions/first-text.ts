/**
 * How long the first ghost text takes after a pause, as the editor asks for it, and what one more key costs:
 *
 *     node --require tsx/cjs test/bench/completions/first-text.ts --model MODEL [--every 4] [--context none] [--seconds 200]
 *
 * At each place of test/fixtures/completion-places where something is wanted the cursor comes to the line and rests (the
 * prompt is read ahead), the line is typed up to the place at 110 ms a key, each key asking for a completion that the next
 * one replaces, and the last one is waited for. Then one more letter is typed, and waited for too.
 */
import { parseArgs } from 'node:util';
import { readPlaces } from '../../../server/bench/completions/places';
import { contextKinds } from '../../../server/cli/place-context';
import { codePlace } from '../../../server/completion/code-place';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { ALL_KINDS, ContextGatherer } from '../../../server/prompt-context/gather';
import { GivenFiles } from '../../../server/prompt-context/given-files';
import { defaultSettings } from '../../../server/protocol/settings';
import { ROOT } from '../../root';
import { bundle } from '../../server/bundle';
import { quantile } from '../quantile';

const KEY_MS = 110;
/** Keys of a line that are typed before the place. */
const MOST_KEYS = 12;
const REST_MS = 1500;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'media/model' },
      every: { type: 'string', default: '4' },
      context: { type: 'string', default: ALL_KINDS.join(',') },
      seconds: { type: 'string', default: '200' },
    },
  });
  const until = performance.now() + Number(values.seconds) * 1000;
  const kinds = contextKinds(values.context);
  const places = readPlaces('own', ROOT).filter(
    ({ wanted }, i) => wanted !== null && i % Number(values.every) === 0,
  );
  const { threads, precision } = defaultSettings.model;
  const worker = new CompletionWorker(await bundle('server/completion/worker.ts'), (message) => {
    throw new Error(message);
  });
  await worker.open({ modelDir: values.model, device: 'cpu', threads, precision });
  const gatherer = new ContextGatherer();
  const first: number[] = [];
  const cold: number[] = [];
  const next: number[] = [];
  const read: number[] = [];
  const context: number[] = [];
  for (const place of places) {
    if (performance.now() > until) break;
    const text = place.prefix + place.suffix;
    const end = place.prefix.length;
    const lineStart = place.prefix.lastIndexOf('\n') + 1;
    const typed = Math.min(MOST_KEYS, place.prefix.slice(lineStart).trimStart().length);
    const begin = end - typed;
    const sources = { files: new GivenFiles(place.files), edits: [], problems: [], line: 1 };
    const { path, languageId } = place;
    const code = codePlace(text.slice(0, begin) + place.suffix, begin);
    const parts = await gatherer.gather({ path, languageId, ...code, text }, sources, kinds);
    const query = (at: number, more = '') => {
      const whole = place.prefix.slice(0, at) + more;
      const { prefix, suffix, around } = codePlace(whole + place.suffix, whole.length);
      const common = { document: place.id, path, languageId, prefix, suffix, feedback: null, context: parts };
      return { ...common, lookups: around, maxTokens: defaultSettings.completions.maxTokens };
    };
    const arrived = performance.now();
    await worker.readAhead(query(begin));
    cold.push(performance.now() - arrived);
    await wait(Math.max(0, REST_MS - (performance.now() - arrived)));
    for (let at = begin + 1; at < end; at++) {
      void worker.complete(query(at));
      await wait(KEY_MS);
    }
    const asked = performance.now();
    const answer = await worker.complete(query(end));
    first.push(performance.now() - asked);
    context.push(answer!.contextTokens);
    const letter = place.wanted!.trim()[0] ?? 'a';
    const then = performance.now();
    const another = await worker.complete(query(end, letter));
    next.push(performance.now() - then);
    read.push(another!.promptTokens - another!.reusedTokens);
  }
  const figures = (numbers: number[]) =>
    `p50 ${quantile(numbers, 0.5).toFixed(0)}, p90 ${quantile(numbers, 0.9).toFixed(0)}`;
  process.stdout.write(
    `${first.length} places, context ${figures(context)} tokens\n` +
      `reading ahead: ${figures(cold)} ms\nfirst ghost text after the pause: ${figures(first)} ms\n` +
      `one more key: ${figures(next)} ms, ${figures(read)} prompt tokens read\n`,
  );
  await worker.close();
}

void main();
