/** Puts tensors into a device's memory, once, for many runs. */
import { GraphBuilder } from './operators';
import { createSession, type Device, keepsOutputs, type RuntimeTensor, release } from './runtime';

export interface Uploaded {
  tensors: Record<string, RuntimeTensor>;
  /** Gives the device's memory back. */
  release(): Promise<void>;
}

/** The same tensors, in the device's memory where the runtime's interface lets them stay there. */
export async function upload(tensors: Record<string, RuntimeTensor>, device: Device): Promise<Uploaded> {
  const names = Object.keys(tensors);
  if (!keepsOutputs(device) || names.length === 0) return { tensors, release: async () => undefined };
  const g = new GraphBuilder('upload');
  for (const name of names) {
    const { type, dims } = tensors[name]!;
    g.output(`on ${name}`, g.input(name, type, dims));
  }
  const outputs = names.map((name) => `on ${name}`);
  const session = await createSession(g.encode(), { device, keepOnDevice: outputs });
  const made = await session.run(tensors, outputs);
  return {
    tensors: Object.fromEntries(names.map((name) => [name, made[`on ${name}`]!])),
    // The memory belongs to the session: it must not go first.
    release: async () => {
      for (const value of Object.values(made)) release(value);
      await session.close();
    },
  };
}
