/**
 * Whether memory stays where it is: completions, adapter swaps and changes of the model in one process.
 *
 *     node --require tsx/cjs test/bench/server/soak.ts [--completions 10000] [--swaps 100] [--changes 50]
 *
 * Prints the process' resident memory after each tenth, and ends with 1 where the last fifth holds more than 10 % and 20 MB
 * above what the fifth before the middle held: the caches have filled by then.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { ROOT } from '../../root';
import { bundle } from '../../server/bundle';

const { values } = parseArgs({
  options: {
    completions: { type: 'string', default: '10000' },
    swaps: { type: 'string', default: '100' },
    changes: { type: 'string', default: '50' },
  },
});
/** Two models by turns; the first has an adapter. */
const MODELS = ['test/fixtures/golden/qwen2', 'test/fixtures/golden/llama-tied'].map((name) =>
  join(ROOT, name),
);
const ADAPTER = join(MODELS[0]!, 'adapter');
const WORDS = 'user order total price find load save map list item key value next count'.split(' ');
const TENTHS = 10;

async function main(): Promise<void> {
  const [completions, swaps, changes] = [values.completions, values.swaps, values.changes].map(Number);
  const worker = new CompletionWorker(await bundle('server/completion/worker.ts'), (message) => {
    throw new Error(message);
  });
  const each = (of: number, i: number) =>
    Math.floor((i * of) / completions!) !== Math.floor(((i - 1) * of) / completions!);
  let model = 0;
  let adapted = false;
  const open = () =>
    worker.open({ modelDir: MODELS[model]!, device: 'cpu', threads: 1, precision: 'float32' });
  await open();
  const held: number[] = [];
  let text = '';
  for (let i = 1; i <= completions!; i++) {
    if (each(changes!, i)) {
      model = 1 - model;
      adapted = false;
      await open();
    }
    if (model === 0 && each(2 * swaps!, i)) {
      adapted = !adapted;
      await worker.setAdapter(adapted ? { id: 1, path: ADAPTER } : null);
    }
    // A document that grows and begins anew, in one of twenty files.
    text = i % 60 === 0 ? '' : `${text}const ${WORDS[i % WORDS.length]}${i % 97} = `;
    if (i % 7 === 0) text += '1;\n';
    await worker.complete({
      document: `file:///${i % 20}.ts`,
      path: `${i % 20}.ts`,
      languageId: 'typescript',
      prefix: text,
      suffix: '\n}\n',
      feedback: null,
      lookups: [],
      maxTokens: 8,
    });
    if (i % Math.ceil(completions! / TENTHS) === 0) {
      held.push(process.memoryUsage().rss / 1e6);
      console.log(`${i} completions: ${held.at(-1)!.toFixed(0)} MB`);
    }
  }
  await worker.close();
  const [middle, end] = [held.slice(3, 5), held.slice(-2)].map((part) => Math.max(...part));
  const flat = end! < middle! * 1.1 + 20;
  console.log(
    `${middle!.toFixed(0)} MB before the middle, ${end!.toFixed(0)} MB at the end: ${flat ? 'flat' : 'growing'}`,
  );
  process.exitCode = flat ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  // The thread would go on.
  process.exit(1);
});
