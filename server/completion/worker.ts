/**
 * The completion worker: a thread of its own, because a model run blocks its thread for the whole native call.
 * Holds one model and one decoder; the prompt is put together and tokenised here, off the server's event loop.
 */

import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../base/errors';
import { buildPrompt, encodePlain, promptBudget } from '../learning/prompt';
import { loadAdapter, openModel, prefixOnlyNotice } from '../model/open';
import type { Decoder, Model } from '../model/types';
import { generateCompletion } from './generate';
import { offeredIds } from './offered-ids';
import type { CompleteRequest, FromWorker, OpenRequest, ToWorker } from './types';

/** Prefill is what a first completion waits for; more context than this costs more than it tells. */
const MOST_PROMPT_TOKENS = 448;

const port = parentPort;
if (!port) throw new Error('completion/worker is started as a worker thread');

let model: Model | null = null;
let decoder: Decoder | null = null;
/** What the main thread was told about where the model runs. */
let toldNotice: string | undefined;
let newest = new Int32Array(new SharedArrayBuffer(4));
/** Messages are handled one after another: a decoder runs one request at a time. */
let queue: Promise<void> = Promise.resolve();

const send = (message: FromWorker): void => port.postMessage(message);

port.on('message', (message: ToWorker) => {
  queue = queue.then(() => handle(message)).catch((error: unknown) => report(message, error));
});

function report(message: ToWorker, error: unknown): void {
  send({
    type: 'failed',
    message: errorMessage(error),
    ...(message.type === 'complete' ? { number: message.number } : {}),
  });
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'open':
      return open(message);
    case 'adapter':
      decoder?.setAdapter(message.adapterDir === null ? null : loadAdapter(message.adapterDir));
      return send({ type: 'adapter-set' });
    case 'complete':
      return complete(message);
    case 'close':
      await decoder?.close();
      await model?.close();
      port?.close();
  }
}

async function open(request: OpenRequest): Promise<void> {
  await decoder?.close();
  await model?.close();
  decoder = null;
  newest = new Int32Array(request.newest);
  const { device: wanted, threads, precision } = request;
  model = await openModel(request.modelDir, { device: wanted, threads, precision });
  decoder = await model.decoder();
  const { name, hash, device, format, contextLength } = model;
  toldNotice = model.notice;
  const notice = [model.notice, prefixOnlyNotice(format)].filter(Boolean).join(' ') || null;
  send({ type: 'opened', info: { name, hash, device, format, contextLength, notice } });
}

/** Reads as an AbortSignal; aborted once a newer request exists, seen through shared memory in mid-run. */
function staleSignal(number: number): AbortSignal {
  return {
    get aborted() {
      return Atomics.load(newest, 0) !== number;
    },
  } as AbortSignal;
}

async function complete(request: CompleteRequest): Promise<void> {
  if (!model || !decoder) throw new Error('The model is not open yet.');
  const started = performance.now();
  const signal = staleSignal(request.number);
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
    signal,
  });
  if (model.notice !== undefined && model.notice !== toldNotice) {
    toldNotice = model.notice;
    send({ type: 'moved', device: model.device, notice: model.notice });
  }
  // What lies behind the end was never offered, so nothing is to be learned from it.
  const cut = text.length < tokenizer.decode(generation.ids).length;
  const responseIds = cut ? offeredIds(tokenizer, generation.ids, text) : generation.ids;
  const logProbs = cut ? generation.logProbs.slice(0, responseIds.length) : generation.logProbs;
  send({
    type: 'completed',
    number: request.number,
    text,
    promptIds,
    responseIds,
    logProbs,
    cancelled: generation.reason === 'cancelled',
    milliseconds: performance.now() - started,
    reusedTokens: generation.reusedTokens,
    runs: generation.runs,
  });
}
