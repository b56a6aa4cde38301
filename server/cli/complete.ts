/** `hindsight complete`: what the editor would offer at a place in a file, or at each place of a file of cases. */
import { Command, Option } from 'commander';
import { type CodePlace, codePlace } from '../completion/code-place';
import { type Completer, type CompletionAnswer, complete } from '../completion/complete';
import { loadAdapter, openModel, prefixOnlyNotice } from '../model/open';
import type { OpenModelOptions } from '../model/types';
import type { ContextKind, ContextPart } from '../prompt-context/types';
import { defaultSettings } from '../protocol/settings';
import { Grammars } from '../syntax/grammars';
import { readCases, writeResults } from './completion-cases';
import { deviceOption, modelHelp } from './model-options';
import { print, UsageError, wholeNumber } from './outcome';
import { contextOfCase, contextOnDisk, contextOption, shownPath } from './place-context';
import { offsetOf, readSource, type SourcePlace } from './source-place';

interface Options extends Partial<SourcePlace> {
  model: string;
  adapter?: string;
  cases?: string;
  out?: string;
  maxTokens: number;
  context: ContextKind[];
  contextTokens?: number;
  device: NonNullable<OpenModelOptions['device']>;
  precision: NonNullable<OpenModelOptions['precision']>;
  why?: boolean;
  json?: boolean;
}

export function completeCommand(): Command {
  return new Command('complete')
    .description('complete the code at a place in a file, as the editor would')
    .requiredOption('--model <path>', modelHelp)
    .option('--adapter <dir>', 'folder of a PEFT LoRA adapter')
    .option('--file <file>', 'source file')
    .option('--line <n>', 'line of the cursor, the first is 1', wholeNumber(1))
    .option('--column <n>', 'column of the cursor in UTF-16 units, the first is 1', wholeNumber(1))
    .option(
      '--cases <file>',
      'JSON lines of {id, path, languageId?, prefix, suffix, files?, edits?, diagnostics?}, in place of --file',
    )
    .option('--out <file>', 'where the answers to --cases go, one JSON object a line')
    .option(
      '--max-tokens <n>',
      'most tokens to generate',
      wholeNumber(1),
      defaultSettings.completions.maxTokens,
    )
    .addOption(contextOption())
    .option('--context-tokens <n>', 'most tokens of the context', wholeNumber(0))
    .option('--why', 'say what the model wrote, how sure it was of each token, and why nothing is offered')
    .addOption(deviceOption())
    .addOption(
      new Option('--precision <name>', 'of the weights')
        .choices(['auto', 'float32', 'float16', 'int8', 'int4'])
        .default(defaultSettings.model.precision),
    )
    .option('--json', 'print one JSON object')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { cases, out, file, line, column } = options;
  if (cases !== undefined) {
    if (out === undefined || file !== undefined)
      throw new UsageError('--cases needs --out for its answers, and goes without --file.');
    const all = readCases(cases);
    return withModel(options, (by) =>
      writeResults(out, all, async (one) => {
        const { id, path, languageId = '', prefix, suffix } = one;
        const place = { path, languageId, document: path, text: prefix + suffix, offset: prefix.length };
        const context = (window: CodePlace) =>
          contextOfCase(one, { path, languageId, ...window, text: place.text }, options.context);
        const { answer, ...result } = await at(by, options, place, context);
        return { id, ...result };
      }),
    );
  }
  if (file === undefined || line === undefined || column === undefined)
    throw new UsageError('Name a place with --file, --line and --column, or a file of places with --cases.');
  const text = readSource(file);
  const offset = offsetOf(text, { file, line, column });
  return withModel(options, async (by) => {
    const path = shownPath(file);
    const place = { path, languageId: '', document: file, text, offset };
    const context = (window: CodePlace) =>
      contextOnDisk(file, { path, languageId: '', ...window, text }, line, options.context);
    const { answer, ...result } = await at(by, options, place, context);
    const { device, tokenizer } = by.model;
    const { responseIds: ids } = answer;
    const whole = { completion: result.text, ...result, ids, device };
    const pieces = ids.map((id) => tokenizer.decode([id]));
    print(whole, options.json, () => [result.text ?? '', ...(options.why ? explained(result, pieces) : [])]);
  });
}

async function withModel(options: Options, use: (by: Completer) => Promise<void>): Promise<void> {
  const model = await openModel(options.model, options);
  for (const notice of [model.notice, prefixOnlyNotice(model.format)])
    if (notice) process.stderr.write(`hindsight: ${notice}\n`);
  try {
    const decoder = await model.decoder();
    decoder.setAdapter(options.adapter ? loadAdapter(options.adapter) : null);
    await use({ model, decoder, grammars: new Grammars() });
  } finally {
    await model.close();
  }
}

/** What is told of a completion. */
interface Result {
  text: string | null;
  raw: string;
  /** Why nothing is offered. */
  reason: string | null;
  ms: number;
  promptTokens: number;
  logProbs: number[];
}

async function at(
  by: Completer,
  { maxTokens, contextTokens }: Options,
  place: { path: string; languageId: string; document: string; text: string; offset: number },
  contextAt: (window: CodePlace) => Promise<ContextPart[]>,
): Promise<Result & { answer: CompletionAnswer }> {
  const started = performance.now();
  const window = codePlace(place.text, place.offset);
  const { prefix, suffix, around: lookups, restore } = window;
  const { path, languageId, document } = place;
  const context = await contextAt(window);
  const code = { path, languageId, document, prefix, suffix };
  const query = { ...code, context, contextTokens, lookups, feedback: null, maxTokens };
  const answer = await complete(by, query);
  const { text, raw, why, promptTokens, logProbs } = answer;
  return {
    text: text === null ? null : restore(text),
    raw,
    reason: why,
    ms: performance.now() - started,
    promptTokens,
    logProbs,
    answer,
  };
}

function explained({ raw, reason, logProbs, ms, promptTokens }: Result, pieces: string[]): string[] {
  return [
    reason ?? 'It is offered.',
    `The model wrote, in ${Math.round(ms)} ms behind ${promptTokens} tokens: ${JSON.stringify(raw)}`,
    ...pieces.map((piece, i) => `${logProbs[i]!.toFixed(3).padStart(9)}  ${JSON.stringify(piece)}`),
  ];
}
