/** The one door to onnxruntime-node: opened at first use, so that a missing native library is a message and not a dead server. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { errorMessage } from '../base/errors';
import type { DataType } from './onnx';
import { forbidReports } from './runtime-reports';

export type Device = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** Thrown when the runtime cannot be loaded or refuses a graph. The message is one sentence for people. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
}

type Numbers = Float32Array | BigInt64Array | Int32Array | Uint16Array | Uint8Array;

/** A tensor that goes into or comes out of a session. Data is read (or, as a destination, written) in place. */
export interface RuntimeTensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: Numbers;
}

export interface SessionOptions {
  device: Device;
  /** Threads inside one operator; 0 lets the runtime choose. */
  threads?: number;
  /** Folder that external data locations are relative to. */
  folder?: string;
  /**
   * Takes memory for each tensor when it comes up, instead of one block laid out ahead for all of a run: the block is
   * larger than what is in use at any time.
   */
  leanMemory?: boolean;
  /**
   * False takes memory from the system for each tensor and gives it back, where else a store of it is kept that grows in
   * powers of two. Default true.
   */
  arena?: boolean;
  /** Outputs that stay in the device's memory: to be fed to a later run, not to be read. */
  keepOnDevice?: readonly string[];
  /** Path and beginning of the name of a file that tells, once the session is closed, which operator ran where. */
  profile?: string;
  /** Keeps weights as they lie in the file, mapped into memory, instead of copies in a faster layout. */
  mapWeights?: boolean;
}

export interface Session {
  readonly device: Device;
  /**
   * Runs the graph. Blocks the calling thread for the whole native call.
   *
   * @param wanted names of outputs to return; or, by name, a tensor to write into, or null to allocate one
   */
  run(
    feeds: Record<string, RuntimeTensor>,
    wanted?: readonly string[] | Record<string, RuntimeTensor | null>,
  ): Promise<Record<string, RuntimeTensor>>;
  /** Names of the file that `profile` asked for is in its folder from then on. */
  close(): Promise<void>;
}

/** Devices whose outputs the runtime's JavaScript interface can leave where they are. */
export const keepsOutputs = (device: Device): boolean => device === 'webgpu';

/** Gives back the memory of a tensor that stayed on its device; of others nothing is to be given back. */
export function release(value: RuntimeTensor): void {
  const { location, dispose } = value as unknown as Tensor;
  if (location === 'gpu-buffer') dispose.call(value);
}

type Ort = typeof import('onnxruntime-node');

let loaded: Ort | undefined;

async function ort(): Promise<Ort> {
  if (loaded) return loaded;
  try {
    forbidReports();
    const module = (await import('onnxruntime-node')) as Ort & { default?: Ort };
    loaded = module.InferenceSession ? module : module.default!;
    keepHalfNumbersAsBits(loaded);
    // What goes wrong is thrown too, and said in this program's own words.
    loaded.env.logLevel = 'fatal';
    return loaded;
  } catch (error) {
    throw new RuntimeError(
      `The model runtime onnxruntime-node could not be loaded on ${process.platform}-${process.arch}: ` +
        `${firstLine(error)}. Reinstall the extension for this platform.`,
    );
  }
}

/**
 * Where JavaScript has Float16Array (Node 24, and the editors built on Electron 36 or later) the runtime's JavaScript side puts
 * numbers of half precision into one, which its native side does not know and takes for empty. It looks for the class once,
 * when the first tensor is made: that one is made here, out of its sight.
 */
function keepHalfNumbersAsBits({ Tensor }: Ort): void {
  const scope = globalThis as { Float16Array?: unknown };
  const known = Object.getOwnPropertyDescriptor(scope, 'Float16Array');
  if (!known) return;
  Object.defineProperty(scope, 'Float16Array', { value: undefined, configurable: true, writable: true });
  try {
    new Tensor('float32', new Float32Array(1), [1]);
  } finally {
    Object.defineProperty(scope, 'Float16Array', known);
  }
}

/** A tensor over the given data; the data is not copied. */
export function tensor(type: 'float32', data: Float32Array, dims: readonly number[]): RuntimeTensor;
export function tensor(type: 'int64', data: BigInt64Array, dims: readonly number[]): RuntimeTensor;
export function tensor(type: 'int32', data: Int32Array, dims: readonly number[]): RuntimeTensor;
export function tensor(type: DataType, data: Numbers, dims: readonly number[]): RuntimeTensor {
  return loaded
    ? (new loaded.Tensor(type as 'float32', data as Float32Array, dims) as RuntimeTensor)
    : { type, data, dims };
}

/** int64 tensor from plain numbers. */
export function longs(data: ArrayLike<number>, dims: readonly number[] = [data.length]): RuntimeTensor {
  return tensor('int64', BigInt64Array.from(data, BigInt), dims);
}

/** float32 tensor over the given data. */
export function floats(data: Float32Array, dims: readonly number[]): RuntimeTensor {
  return tensor('float32', data, dims);
}

/** Execution providers of this platform's binary, in its own words. */
export async function availableDevices(): Promise<Device[]> {
  const runtime = await ort();
  const known: readonly string[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'];
  return runtime.listSupportedBackends().flatMap((b) => (known.includes(b.name) ? [b.name as Device] : []));
}

/**
 * Compiles an ONNX model.
 *
 * @param model bytes of a ModelProto, or the path of one
 * @throws RuntimeError when the runtime is missing or refuses the graph or the device
 */
export async function createSession(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
  const runtime = await ort();
  // The runtime itself would take the CPU without a word.
  if (!(await availableDevices()).includes(options.device))
    throw new RuntimeError(`This platform's model runtime has no device ${options.device}.`);
  const config: Record<string, string> = {};
  if (options.folder) config.model_external_initializers_file_folder_path = options.folder;
  if (options.mapWeights) config.disable_prepacking = '1';
  // Threads that spin between runs take the cores that the editor and its other servers need.
  config['intra_op.allow_spinning'] = '0';
  const kept = keepsOutputs(options.device) ? options.keepOnDevice : undefined;
  const session = await create(runtime, model, {
    executionProviders: options.device === 'cpu' ? ['cpu'] : [options.device, 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads ?? 0,
    enableCpuMemArena: options.arena !== false,
    logSeverityLevel: 4,
    enableMemPattern: !options.leanMemory,
    ...(kept
      ? { preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, 'gpu-buffer'])) }
      : {}),
    ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
    extra: { session: config },
  });
  return new OrtSession(runtime, session, options.device, options.profile !== undefined);
}

async function create(runtime: Ort, model: Uint8Array | string, options: InferenceSession.SessionOptions) {
  try {
    return typeof model === 'string'
      ? await runtime.InferenceSession.create(model, options)
      : await runtime.InferenceSession.create(model, options);
  } catch (error) {
    throw new RuntimeError(`The model runtime refused the compiled graph: ${firstLine(error)}`);
  }
}

class OrtSession implements Session {
  private closed = false;

  constructor(
    private readonly runtime: Ort,
    private readonly session: InferenceSession,
    readonly device: Device,
    private readonly profiled: boolean,
  ) {}

  async run(
    feeds: Record<string, RuntimeTensor>,
    wanted?: readonly string[] | Record<string, RuntimeTensor | null>,
  ): Promise<Record<string, RuntimeTensor>> {
    if (this.closed) throw new RuntimeError('The model session is closed.');
    const inputs = this.tensors(feeds) as Record<string, Tensor>;
    try {
      if (!wanted) return (await this.session.run(inputs)) as unknown as Record<string, RuntimeTensor>;
      const fetches = Array.isArray(wanted)
        ? (wanted as readonly string[])
        : this.tensors(wanted as Record<string, RuntimeTensor | null>);
      const out = await this.session.run(inputs, fetches as InferenceSession.NullableOnnxValueMapType);
      return out as unknown as Record<string, RuntimeTensor>;
    } catch (error) {
      throw new RuntimeError(`The model runtime failed: ${firstLine(error)}`);
    }
  }

  private tensors(values: Record<string, RuntimeTensor | null>): Record<string, Tensor | null> {
    const out: Record<string, Tensor | null> = {};
    for (const [name, value] of Object.entries(values)) {
      out[name] =
        value === null || value instanceof this.runtime.Tensor
          ? (value as Tensor | null)
          : new this.runtime.Tensor(value.type as 'float32', value.data as Float32Array, value.dims);
    }
    return out;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.profiled) this.session.endProfiling();
    await this.session.release();
  }
}

/** The first line of a native error, without the source file and condition that it begins with. */
function firstLine(error: unknown): string {
  return errorMessage(error)
    .split('\n')[0]!
    .replace(/^.* was false\. /, '')
    .trim();
}
