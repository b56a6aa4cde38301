/** `hindsight complete`: what the editor would offer at a place in a file, or at each place of a file of cases. */
import { Command, Option } from 'commander';
import { type CodePlace, codePlace } from '../completion/code-place';
import { type CompletionAnswer, type CompletionQuery, complete } from '../completion/complete';
import { standsInText } from '../completion/in-text';
import { completeServed } from '../completion/served/complete';
import { connect } from '../completion/served/connect';
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
  serverModel: string;
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
    .requiredOption('--model <path>', `${modelHelp}, or the address of a server that has one`)
    .option(
      '--server-model <name>',
      'which of the server’s models (default: its first); $HINDSIGHT_SERVER_KEY is its key',
      '',
    )
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
        const { ids: _, ...result } = await at(by, options, place, context);
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
    const { ids, ...result } = await at(by, options, place, context);
    const whole = { completion: result.text, ...result, ids, device: by.device };
    const pieces = by.pieces(ids);
    print(whole, options.json, () => [result.text ?? '', ...(options.why ? explained(result, pieces) : [])]);
  });
}

/** A model that is asked, here or on a server. */
interface Asked {
  device: string;
  complete(query: CompletionQuery): Promise<Answer>;
  /** Each token as text. */
  pieces(ids: readonly number[]): string[];
}

type Answer = Pick<CompletionAnswer, 'text' | 'why' | 'raw' | 'responseIds' | 'logProbs' | 'promptTokens'>;

async function withModel(options: Options, use: (by: Asked) => Promise<void>): Promise<void> {
  if (/^https?:/i.test(options.model)) return use(await onServer(options));
  const model = await openModel(options.model, options);
  for (const notice of [model.notice, prefixOnlyNotice(model.format)])
    if (notice) process.stderr.write(`hindsight: ${notice}\n`);
  try {
    const decoder = await model.decoder();
    decoder.setAdapter(options.adapter ? loadAdapter(options.adapter) : null);
    const by = { model, decoder, grammars: new Grammars() };
    await use({
      device: model.device,
      complete: (query) => complete(by, query),
      pieces: (ids) => ids.map((id) => model.tokenizer.decode([id])),
    });
  } finally {
    await model.close();
  }
}

/** Nothing is known of its tokens. */
async function onServer({ model: url, serverModel, adapter }: Options): Promise<Asked> {
  if (adapter !== undefined) throw new UsageError('A model on a server takes no --adapter.');
  const key = process.env.HINDSIGHT_SERVER_KEY?.trim() || null;
  const served = await connect({ url, model: serverModel, key });
  const grammars = new Grammars();
  return {
    device: served.base.host,
    complete: async (query) => {
      const { text, why, raw } = await completeServed(served, grammars, query);
      return { text, why, raw, responseIds: [], logProbs: [], promptTokens: 0 };
    },
    pieces: () => [],
  };
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
  ids: number[];
}

async function at(
  by: Asked,
  { maxTokens, contextTokens }: Options,
  place: { path: string; languageId: string; document: string; text: string; offset: number },
  contextAt: (window: CodePlace) => Promise<ContextPart[]>,
): Promise<Result> {
  const started = performance.now();
  const window = codePlace(place.text, place.offset);
  const { prefix, suffix, around: lookups, restore } = window;
  const { path, languageId, document } = place;
  const context = await contextAt(window);
  const inText = standsInText(place.text.slice(0, place.offset), path, languageId);
  const code = { path, languageId, document, prefix, suffix, inText };
  const query = { ...code, context, contextTokens, lookups, feedback: null, maxTokens };
  const { text, raw, why, promptTokens, logProbs, responseIds: ids } = await by.complete(query);
  return {
    text: text === null ? null : restore(text),
    raw,
    reason: why,
    ms: performance.now() - started,
    promptTokens,
    logProbs,
    ids,
  };
}

function explained(
  { raw, reason, logProbs, ms, promptTokens }: Omit<Result, 'ids'>,
  pieces: string[],
): string[] {
  return [
    reason ?? 'It is offered.',
    `The model wrote, in ${Math.round(ms)} ms behind ${promptTokens} tokens: ${JSON.stringify(raw)}`,
    ...pieces.map((piece, i) => `${logProbs[i]!.toFixed(3).padStart(9)}  ${JSON.stringify(piece)}`),
  ];
}
