/**
 * The completion worker: a thread of its own, because a model run blocks its thread for the whole native call.
 * Holds one model and one decoder; the prompt is put together and tokenised here, off the server's event loop.
 */

import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../base/errors';
import { SerialQueue } from '../base/serial-queue';
import { loadAdapter, openModel, prefixOnlyNotice } from '../model/open';
import type { Scorer } from '../model/types';
import { Grammars } from '../syntax/grammars';
import { type Completer, complete, readAhead } from './complete';
import { Patience } from './line-by-below';
import { ReadingSpeed } from './reading-speed';
import { scoreOffer } from './score-offer';
import { CANCELLED, completeServed } from './served/complete';
import { connect, type ServedModel, servedHash } from './served/connect';
import type {
  AdapterRequest,
  CompleteRequest,
  ConnectRequest,
  FromWorker,
  OpenRequest,
  ReadAheadRequest,
  ScoreRequest,
  ToWorker,
  WorkerAnswer,
} from './types';

const port = parentPort;
if (!port) throw new Error('completion/worker is started as a worker thread');

/** A model that a server has. */
interface Connected {
  served: ServedModel;
  grammars: Grammars;
  newest: Int32Array;
  hash: string;
}

interface Opened extends Completer {
  newest: Int32Array;
  /** Number of the adapter in use. */
  adapter: number | null;
  /** Open while an offer is looked at. */
  scorer: Scorer | null;
  /** What the main thread knows of where the model runs. */
  knownNotice: string | undefined;
}

/** Milliseconds that a completion waits for the code below it to be asked. */
const MOST_WAITED = 800;

let opened: Opened | null = null;
let connected: Connected | null = null;
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
  if (message.type === 'connect') return connectTo(message);
  if (connected) return answerServed(connected, message);
  if (!opened) throw new Error('The model is not open yet.');
  if (message.type === 'adapter') return setAdapter(opened, message);
  if (message.type === 'score') return score(opened, message);
  return message.type === 'read-ahead' ? ahead(opened, message) : answer(opened, message);
}

async function open(request: OpenRequest): Promise<WorkerAnswer> {
  const { modelDir, device: wanted, threads, precision } = request;
  const model = await openModel(modelDir, { device: wanted, threads, precision });
  const { name, hash, former, device, format, contextLength } = model;
  opened = {
    model,
    decoder: await model.decoder({ onlyOneSession: true }),
    grammars: new Grammars(),
    newest: new Int32Array(request.newest),
    adapter: null,
    scorer: null,
    knownNotice: model.notice,
    patience: new Patience(MOST_WAITED),
    speed: new ReadingSpeed(),
  };
  const notice = [model.notice, prefixOnlyNotice(format)].filter(Boolean).join(' ') || null;
  return {
    type: 'opened',
    info: { name, hash, former, device, server: null, format, contextLength, notice },
  };
}

async function setAdapter(into: Opened, { adapter }: AdapterRequest): Promise<WorkerAnswer> {
  into.decoder.setAdapter(adapter && loadAdapter(adapter.path));
  into.adapter = adapter?.id ?? null;
  return { type: 'adapter-set' };
}

/** One reading of an offer; completions that came meanwhile have their turn before the next. */
async function score(into: Opened, request: ScoreRequest): Promise<WorkerAnswer> {
  const { adapter, last, ...offer } = request;
  const { model, speed } = into;
  try {
    into.scorer ??= await model.scorer();
    const scored = await scoreOffer(model, into.scorer, adapter && loadAdapter(adapter.path), offer, speed);
    return { type: 'scored', ...scored };
  } catch (error) {
    await letGo(into);
    throw error;
  } finally {
    if (last) await letGo(into);
  }
}

async function letGo(into: Opened): Promise<void> {
  const { scorer } = into;
  into.scorer = null;
  await scorer?.close();
}

async function connectTo({ newest, url, model, key }: ConnectRequest): Promise<WorkerAnswer> {
  const served = await connect({ url, model, key });
  const hash = servedHash(served);
  connected = { served, grammars: new Grammars(), newest: new Int32Array(newest), hash };
  const { id: name, base, form } = served;
  const notice = form.kind === 'before' ? `${name} is told only what stands before the cursor.` : null;
  const here = { device: 'cpu', former: undefined, format: null, contextLength: null } as const;
  return { type: 'opened', info: { ...here, name, hash, server: base.host, notice } };
}

/** Such a model has no adapters, and no prompt of it is read ahead: each would be a request of its own. */
async function answerServed(
  { served, grammars, newest, hash }: Connected,
  message: Exclude<ToWorker, { type: 'open' | 'connect' }>,
): Promise<WorkerAnswer> {
  if (message.type === 'adapter') return { type: 'adapter-set' };
  if (message.type === 'read-ahead') return { type: 'read' };
  if (message.type === 'score') throw new Error('How likely an offer of a server is cannot be asked.');
  const started = performance.now();
  const signal = staleSignal(newest, message.id);
  if (signal.aborted) return { ...REPLACED, modelHash: hash, adapter: null };
  const answer = await completeServed(served, grammars, { ...message, signal });
  const milliseconds = performance.now() - started;
  return { ...NO_TOKENS, ...answer, modelHash: hash, adapter: null, milliseconds };
}

/** Reads as an AbortSignal; aborted once a newer request exists, seen through shared memory in mid-run. */
function staleSignal(newest: Int32Array, id: number): AbortSignal {
  return {
    get aborted() {
      return Atomics.load(newest, 0) !== id;
    },
  } as AbortSignal;
}

async function ahead(by: Opened, request: ReadAheadRequest & { id: number }): Promise<WorkerAnswer> {
  const signal = staleSignal(by.newest, request.id);
  if (!signal.aborted) await readAhead(by, { ...request, signal });
  return { type: 'read' };
}

/** An answer of which no token is known. */
const NO_TOKENS = {
  type: 'completed',
  promptIds: [],
  responseIds: [],
  logProbs: [],
  promptTokens: 0,
  contextTokens: 0,
  reusedTokens: 0,
  runs: 0,
} satisfies Partial<WorkerAnswer>;

/** Not asked of any model. */
const REPLACED = { ...NO_TOKENS, ...CANCELLED, milliseconds: 0 } satisfies Partial<WorkerAnswer>;

async function answer(by: Opened, request: CompleteRequest & { id: number }): Promise<WorkerAnswer> {
  const { model } = by;
  const started = performance.now();
  const signal = staleSignal(by.newest, request.id);
  // Who types fast leaves requests behind that are old before their turn: not even their prompt is worth its time.
  if (signal.aborted) return { ...REPLACED, modelHash: model.hash, adapter: by.adapter };
  const { generation, ...answer } = await complete(by, { ...request, signal });
  if (model.notice !== undefined && model.notice !== by.knownNotice) {
    by.knownNotice = model.notice;
    send({ type: 'moved', device: model.device, notice: model.notice });
  }
  return {
    type: 'completed',
    ...answer,
    modelHash: model.hash,
    adapter: by.adapter,
    cancelled: generation.reason === 'cancelled',
    milliseconds: performance.now() - started,
    reusedTokens: generation.reusedTokens,
    runs: generation.runs,
  };
}
