/** Where a model runs: the device asked for if it works here, else the CPU, with a sentence that says so. */
import { GraphBuilder } from '../../graph/operators';
import { availableDevices, createSession, type Device, floats, RuntimeError } from '../../graph/runtime';

export interface ChosenDevice {
  device: Device;
  /** Why it is not the device asked for. */
  notice?: string;
}

/** Below this many parameters the CPU is fast enough, and the screen's memory is left alone. */
const worthADevice = 100e6;

/** A graphics device must be so many times faster than the CPU in the trial to be chosen unasked. */
const clearlyFaster = 1.5;

/**
 * A device that is named is used if a small graph runs on it and gives the right numbers. `auto` is the fastest that works:
 * for a model worth it each device of this platform has to beat the CPU at what a token costs, which software that
 * only acts as a graphics device does not.
 *
 * @param parameters of the model
 */
export async function chooseDevice(wanted: Device | 'auto', parameters = 0): Promise<ChosenDevice> {
  if (wanted === 'cpu' || (wanted === 'auto' && parameters < worthADevice)) return { device: 'cpu' };
  if (wanted === 'auto') return { device: await fastest() };
  const fallback = (why: string): ChosenDevice => ({
    device: 'cpu',
    notice: `The device ${wanted} cannot be used (${why}); the model runs on the CPU.`,
  });
  const available = await availableDevices();
  if (!available.includes(wanted)) {
    return fallback(`this platform's runtime has only ${available.join(', ')}`);
  }
  try {
    return (await works(wanted)) ? { device: wanted } : fallback('it computed wrong numbers');
  } catch (error) {
    if (error instanceof RuntimeError) return fallback(error.message.replace(/\.$/, ''));
    throw error;
  }
}

async function fastest(): Promise<Device> {
  const available = (await availableDevices()).filter((d) => d !== 'cpu');
  if (available.length === 0) return 'cpu';
  const limit = (await tokenTime('cpu')) / clearlyFaster;
  for (const device of ['cuda', 'dml', 'coreml', 'webgpu'] as const) {
    if (!available.includes(device)) continue;
    try {
      if ((await works(device)) && (await tokenTime(device)) < limit) return device;
    } catch {
      // It does not work here.
    }
  }
  return 'cpu';
}

/** Milliseconds of a vector's way through some matrices, the best of several. */
async function tokenTime(device: Device): Promise<number> {
  const width = 2048;
  const g = new GraphBuilder('trial of speed');
  const x = g.input('x', 'float32', [1, width]);
  const w = g.float(new Float32Array(width * width).fill(1 / width), [width, width]);
  let y = x;
  for (let i = 0; i < 8; i++) y = g.gemm(y, w, { transB: true });
  g.output('y', y);
  const session = await createSession(g.encode(), { device });
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 6; i++) {
    const start = performance.now();
    await session.run({ x: floats(new Float32Array(width).fill(i), [1, width]) });
    best = Math.min(best, performance.now() - start);
  }
  await session.close();
  return best;
}

/** Whether the device multiplies in float16: not every one does. */
export async function multipliesFloat16(device: Device): Promise<boolean> {
  return works(device, 'float16').catch(() => false);
}

/** Multiplies two small matrices on the device. */
async function works(device: Device, type: 'float32' | 'float16' = 'float32'): Promise<boolean> {
  const g = new GraphBuilder('trial');
  const a = g.input('a', 'float32', [2, 2]);
  const b = g.float([1, 2, 3, 4], [2, 2]);
  g.output('y', g.cast(g.gemm(g.cast(a, type), g.cast(b, type)), 'float32'));
  const session = await createSession(g.encode(), { device });
  const { y } = await session.run({ a: floats(Float32Array.of(1, 0, 1, 1), [2, 2]) });
  await session.close();
  return [...(y!.data as Float32Array)].join() === '1,2,4,6';
}
