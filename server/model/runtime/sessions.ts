/** Compiled sessions of one model: built when first needed, one for each set of layers that an adapter touches. */
import type { GraphBuilder } from '../../graph/operators';
import {
  createSession,
  type Device,
  keepsOutputs,
  RuntimeError,
  type RuntimeTensor,
  type Session,
} from '../../graph/runtime';
import { type Uploaded, upload } from '../../graph/upload';
import { adapterModules } from '../adapter';
import type { ModelConfig } from '../architectures/config';
import { type LinearModule, linearModules } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { foldedLoraFeeds } from '../graphs/lora';
import type { Adapter } from '../types';

/** Above this many bytes of weights, sessions map them from the file instead of keeping faster copies. */
export const mapAbove = 200e6;

/** Below this many parameters a second thread costs more in waiting than it computes. */
const oneThreadBelow = 20e6;

/** What a compiled graph needs to know of the model and the machine. */
export interface ModelParts {
  config: ModelConfig;
  weights: Weights;
  /** Quantized weights for decoding; absent where decoding uses the others. */
  decodeWeights?: Weights;
  /** Quantized weights under an adapter in training; absent where training uses the others. */
  trainingWeights?: Weights;
  /** Decoding multiplies quantized weights in float32. */
  exactDecoding?: boolean;
  /** Training computes activations again instead of keeping them. */
  recompute?: boolean;
  /** Changes to the CPU when another device fails. */
  device: Device;
  notice?: string;
  threads: number;
  /** Path and beginning of the name of files that tell how long each operator took, once sessions are closed. */
  profile?: string;
}

/**
 * Runs `work`; where a device other than the CPU fails at it, moves the model to the CPU, says so in `notice`, and runs
 * it there.
 *
 * @param reset forgets what was compiled for the failed device
 */
export async function onWorkingDevice<T>(
  parts: ModelParts,
  work: () => Promise<T>,
  reset: () => Promise<void>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RuntimeError) || parts.device === 'cpu') throw error;
    parts.notice = `The device ${parts.device} failed (${error.message.replace(/\.$/, '')}); the model runs on the CPU.`;
    parts.device = 'cpu';
    if (parts.decodeWeights?.isFloat16) parts.decodeWeights = undefined;
    if (parts.trainingWeights?.isFloat16) parts.trainingWeights = undefined;
    await reset();
    return work();
  }
}

export type GraphCompiler = (
  c: ModelConfig,
  w: Weights,
  targets: readonly LinearModule[],
  /** The adapter acts on some positions only, which are fed. */
  positions: boolean,
  device: Device,
) => GraphBuilder;

export interface CompileOptions {
  /** The graph has enough work in one run for all threads, however small the model. */
  heavy?: boolean;
  /** Outputs that stay in the device's memory. */
  keepOnDevice?: readonly string[];
  /** Quantized weights: they are fast only in the runtime's own arrangement, a copy. */
  rearranged?: boolean;
}

/** @param weights those that the graph was built from */
export function compile(
  parts: ModelParts,
  weights: Weights,
  g: GraphBuilder,
  options: CompileOptions = {},
): Promise<Session> {
  const small = !options.heavy && weights.parameters < oneThreadBelow;
  return createSession(g.encode(), {
    device: parts.device,
    threads: parts.threads || (small ? 1 : 0),
    folder: weights.folder,
    keepOnDevice: options.keepOnDevice,
    profile: parts.profile,
    leanMemory: options.heavy,
    arena: !options.rearranged,
    mapWeights: !options.rearranged && weights.bytes > mapAbove,
  });
}

export interface Prepared {
  session: Session;
  /** Feeds of the adapter's factors. */
  lora: Record<string, RuntimeTensor>;
  /** The graph wants to be told at which positions the adapter acts (`positionFeed`). */
  positions: boolean;
}

export interface AdaptedOptions {
  /** Which to use; undefined for the model's own. Asked each time: another device may want others. */
  weights?: () => Weights | undefined;
  /** Runs are many and short: quantized weights are kept in the runtime's own arrangement. */
  rearranged?: boolean;
  /** Outputs that stay in the device's memory. */
  keepOnDevice?: readonly string[];
  /** The adapter's factors lie in the device's memory too. Only for one run at a time: the next adapter takes their place. */
  uploadAdapter?: boolean;
  /** Only the session in use stays in memory: the base model's goes when an adapter's is compiled. For one run at a time. */
  onlyOne?: boolean;
}

/** Sessions of one graph for the adapters that come and go. */
export class AdaptedSessions {
  private readonly sessions = new Map<string, Promise<Session>>();
  private prepared = new WeakMap<Adapter, Prepared>();
  private onDevice: Uploaded | undefined;

  constructor(
    private readonly parts: ModelParts,
    private readonly graph: GraphCompiler,
    private readonly options: AdaptedOptions = {},
  ) {}

  /** A session whose graph has factors exactly where the adapter has them: none at all for the base model. */
  async prepare(adapter: Adapter | null): Promise<Prepared> {
    const known = adapter && this.prepared.get(adapter);
    if (known) return known;
    const all = linearModules(this.parts.config);
    const factors = adapter ? adapterModules(adapter, all) : new Map<string, never>();
    const targets = all.filter((m) => factors.has(m.name));
    const positions = adapter?.positions === 'response';
    const session = await this.session(targets, positions);
    let lora = foldedLoraFeeds(factors, targets);
    if (this.options.uploadAdapter && keepsOutputs(this.parts.device)) {
      // One adapter's factors at a time lie in the device's memory.
      await this.emptyDevice();
      this.onDevice = await upload(lora, this.parts.device);
      lora = this.onDevice.tensors;
    }
    const prepared = { session, lora, positions };
    if (adapter) this.prepared.set(adapter, prepared);
    return prepared;
  }

  private session(targets: readonly LinearModule[], positions: boolean): Promise<Session> {
    const key = `${positions} ${targets.map((m) => m.name).join(' ')}`;
    let session = this.sessions.get(key);
    if (!session) {
      const { parts } = this;
      const { keepOnDevice } = this.options;
      const weights = this.options.weights?.() ?? parts.weights;
      const rearranged = weights !== parts.weights || (weights.packed && this.options.rearranged === true);
      const graph = this.graph(parts.config, weights, targets, positions, parts.device);
      const emptied = this.options.onlyOne ? this.close() : Promise.resolve();
      session = emptied.then(() => compile(parts, weights, graph, { rearranged, keepOnDevice }));
      this.sessions.set(key, session);
      // A failed attempt must not be remembered.
      session.catch(() => this.sessions.delete(key));
    }
    return session;
  }

  /** Compiled graphs that are in memory. */
  get open(): number {
    return this.sessions.size;
  }

  private async emptyDevice(): Promise<void> {
    this.prepared = new WeakMap();
    await this.onDevice?.release();
    this.onDevice = undefined;
  }

  async close(): Promise<void> {
    const open = [...this.sessions.values()];
    this.sessions.clear();
    this.prepared = new WeakMap();
    await this.emptyDevice();
    for (const session of open) await session.then((s) => s.close()).catch(() => undefined);
  }
}
