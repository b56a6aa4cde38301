/** Where a model runs: the device asked for if it works here, else the CPU, with a sentence that says so. */
import { GraphBuilder } from '../graph/operators';
import { availableDevices, createSession, type Device, floats, RuntimeError } from '../graph/runtime';

export interface ChosenDevice {
  device: Device;
  /** Why it is not the device asked for. */
  notice?: string;
}

/**
 * `auto` is the CPU: it runs every model at known speed and leaves the screen's memory alone. A graphics device is used
 * when it is named, and only if a small graph runs on it and gives the right numbers.
 */
export async function chooseDevice(wanted: Device | 'auto'): Promise<ChosenDevice> {
  if (wanted === 'auto' || wanted === 'cpu') return { device: 'cpu' };
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

/** Whether the device multiplies in float16: not every one does. */
export async function multipliesHalves(device: Device): Promise<boolean> {
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
