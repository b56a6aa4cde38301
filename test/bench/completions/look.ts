/**
 * Completions to look at, as the editor would show them, at fixed places of real files; with what can be counted: faults,
 * lines that are exactly right, time of a first completion and of one after a keystroke, and memory.
 *
 *   node --require tsx/cjs test/bench/completions/look.ts --source DIR|held.jsonl [--model DIR] [--files 20] [--places 3] [--threads 2]
 *
 * `held.jsonl` is what recipe/corpus.py writes; a folder is searched for source files. Times include what else the
 * machine does: compare within one run.
 */

import path from 'node:path';
import { parseArgs } from 'node:util';
import { codeWindow } from '../../../server/completion/window';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { ROOT } from '../../root';
import { bundle } from '../../server/bundle';
import { type FilePlace, faultsOf, placesOf } from './places';
import { chosenFiles } from './sources';

const root = ROOT;
const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    model: { type: 'string', default: path.join(root, 'media/model') },
    files: { type: 'string', default: '20' },
    places: { type: 'string', default: '3' },
    tokens: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
  },
});

const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

async function main(): Promise<void> {
  if (!values.source) throw new Error('Say with --source which folder or held.jsonl the files are in.');
  const places = chosenFiles(values.source, Number(values.files)).flatMap((f) =>
    placesOf(f, Number(values.places)),
  );
  const worker = new CompletionWorker(await bundle('server/completion/worker.ts'), (message) => {
    throw new Error(message);
  });
  const before = process.memoryUsage().rss;
  await worker.open({
    modelDir: values.model,
    device: 'cpu',
    threads: Number(values.threads),
    precision: 'auto',
  });
  const maxTokens = Number(values.tokens);
  const ask = async (place: FilePlace, document: string, offset = place.offset) => {
    const { prefix, suffix } = codeWindow(place.text, offset);
    const { path: name, languageId } = place.file;
    const asked = {
      document,
      path: name,
      languageId,
      prefix,
      suffix,
      feedback: null,
      lookups: [],
      maxTokens,
    };
    const result = await worker.complete(asked);
    if (!result) throw new Error('The completion was cancelled.');
    return { ...result, shown: result.text };
  };
  await ask(places[0]!, 'warm-up');

  const first: number[] = [];
  const after: number[] = [];
  const faults: Record<string, number> = {};
  const right: Record<string, [number, number]> = {};
  let file = '';
  for (const [i, place] of places.entries()) {
    const early = await ask(place, `place-${i}`, place.offset - 1); // the keystroke before, in a document of its own
    first.push(early.milliseconds);
    const result = await ask(place, `place-${i}`);
    after.push(result.milliseconds);
    const atLimit = result.responseIds.length >= maxTokens;
    const found = faultsOf(place, result.shown, atLimit);
    for (const fault of found) faults[fault] = (faults[fault] ?? 0) + 1;
    const exact = result.shown?.split('\n')[0] === place.right.split('\n')[0]!.trimEnd();
    right[place.kind] ??= [0, 0];
    const count = right[place.kind]!;
    count[0] += exact ? 1 : 0;
    count[1]++;
    if (place.file.path !== file) console.log(`\n#### ${place.file.path}`);
    file = place.file.path;
    console.log(report(place, result.shown, [place.kind, ...(exact ? ['right'] : []), ...found]));
  }
  const lines = Object.entries(right).map(([kind, [good, all]]) => `${kind} ${good}/${all}`);
  console.log(`\n${places.length} places; first line exactly right: ${lines.join(', ')}`);
  console.log(`faults: ${JSON.stringify(faults)}`);
  console.log(
    `first completion ${median(first).toFixed(0)} ms, after a keystroke ${median(after).toFixed(0)} ms (medians, up to ${maxTokens} tokens)`,
  );
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(
    `memory: ${(before / 1e6).toFixed(0)} MB before the model was opened, ${(peak / 1e6).toFixed(0)} MB at most`,
  );
  await worker.close();
}

/** The last lines above, the completion between brackets, and what the author wrote. */
function report(place: FilePlace, shown: string | null, notes: string[]): string {
  const above = place.text.slice(0, place.offset).split('\n').slice(-4).join('\n');
  const below = place.text.slice(place.offset).split('\n').slice(0, 2).join('\n');
  return `-- ${notes.join(', ')}\n${above}⟦${shown ?? ''}⟧${below}\n   written: ${JSON.stringify(place.right)}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
