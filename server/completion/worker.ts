/**
 * The completion worker: a thread of its own, because a model run blocks its thread for the whole native call.
 * Holds one model and one decoder; the prompt is put together and tokenised here, off the server's event loop.
 */

import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../base/errors';
import { SerialQueue } from '../base/serial-queue';
import { buildPrompt, encodePlain, promptBudget } from '../learning/prompt';
import { loadAdapter, openModel, prefixOnlyNotice } from '../model/open';
import type { Decoder, Model } from '../model/types';
import { generateCompletion } from './generate';
import { offeredIds } from './offered-ids';
import type {
  AdapterRequest,
  CompleteRequest,
  FromWorker,
  OpenRequest,
  ToWorker,
  WorkerAnswer,
} from './types';

/** Prefill is what a first completion waits for; more context than this costs more time than it is worth. */
const MOST_PROMPT_TOKENS = 448;

const port = parentPort;
if (!port) throw new Error('completion/worker is started as a worker thread');

interface Opened {
  model: Model;
  decoder: Decoder;
  newest: Int32Array;
  /** Number of the adapter in use. */
  adapter: number | null;
  /** What the main thread knows of where the model runs. */
  knownNotice: string | undefined;
}

let opened: Opened | null = null;
/** Messages are handled one after another: a decoder runs one request at a time. */
const queue = new SerialQueue();

const send = (message: FromWorker): void => port.postMessage(message);

port.on('message', (message: ToWorker) => {
  const { id } = message;
  queue
    .run(() => handle(message))
    .then(
      (answer) => send({ ...answer, id }),
      (error: unknown) => send({ type: 'failed', id, message: errorMessage(error) }),
    );
});

function handle(message: ToWorker): Promise<WorkerAnswer> {
  if (message.type === 'open') return open(message);
  if (!opened) throw new Error('The model is not open yet.');
  return message.type === 'adapter' ? setAdapter(opened, message) : complete(opened, message);
}

async function open(request: OpenRequest): Promise<WorkerAnswer> {
  const { modelDir, device: wanted, threads, precision } = request;
  const model = await openModel(modelDir, { device: wanted, threads, precision });
  const { name, hash, device, format, contextLength } = model;
  opened = {
    model,
    decoder: await model.decoder(),
    newest: new Int32Array(request.newest),
    adapter: null,
    knownNotice: model.notice,
  };
  const notice = [model.notice, prefixOnlyNotice(format)].filter(Boolean).join(' ') || null;
  return { type: 'opened', info: { name, hash, device, format, contextLength, notice } };
}

async function setAdapter(into: Opened, { adapter }: AdapterRequest): Promise<WorkerAnswer> {
  into.decoder.setAdapter(adapter && loadAdapter(adapter.path));
  into.adapter = adapter?.id ?? null;
  return { type: 'adapter-set' };
}

/** Reads as an AbortSignal; aborted once a newer request exists, seen through shared memory in mid-run. */
function staleSignal(newest: Int32Array, id: number): AbortSignal {
  return {
    get aborted() {
      return Atomics.load(newest, 0) !== id;
    },
  } as AbortSignal;
}

async function complete(by: Opened, request: CompleteRequest & { id: number }): Promise<WorkerAnswer> {
  const { model, decoder } = by;
  const started = performance.now();
  const { tokenizer, format } = model;
  const parts = {
    format,
    tokenizer,
    path: request.path,
    languageId: request.languageId,
    prefix: request.prefix,
    suffix: request.suffix,
    budget: promptBudget(model.contextLength, request.maxTokens, MOST_PROMPT_TOKENS),
  };
  const promptIds = buildPrompt(parts);
  const prompt =
    request.feedback === null ? promptIds : buildPrompt({ ...parts, feedback: request.feedback });
  const { text, generation } = await generateCompletion(decoder, model, request, {
    prompt,
    maxTokens: request.maxTokens,
    lookups: request.lookups.map((text) => encodePlain(tokenizer, text)),
    cacheKey: request.document,
    signal: staleSignal(by.newest, request.id),
  });
  if (model.notice !== undefined && model.notice !== by.knownNotice) {
    by.knownNotice = model.notice;
    send({ type: 'moved', device: model.device, notice: model.notice });
  }
  // What lies behind the end was never offered, so nothing is to be learned from it.
  const cut = text.length < tokenizer.decode(generation.ids).length;
  const responseIds = cut ? offeredIds(tokenizer, generation.ids, text) : generation.ids;
  const logProbs = cut ? generation.logProbs.slice(0, responseIds.length) : generation.logProbs;
  return {
    type: 'completed',
    text,
    promptIds,
    responseIds,
    logProbs,
    modelHash: model.hash,
    adapter: by.adapter,
    cancelled: generation.reason === 'cancelled',
    milliseconds: performance.now() - started,
    reusedTokens: generation.reusedTokens,
    runs: generation.runs,
  };
}
