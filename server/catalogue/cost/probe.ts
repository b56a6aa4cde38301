/**
 * How fast this machine multiplies, measured once with the products that models are made of and kept with the machine's
 * data. What a model will cost here follows from its sizes.
 */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GraphBuilder } from '../../graph/operators';
import { createSession, floats, type Session } from '../../graph/runtime';
import { cacheFolder } from '../../model/files/weight-cache';
import type { ModelWork } from '../../model/inspect';

/** Multiplications of a weight with a number, in a second. */
export interface MachineSpeed {
  /** Reading a prompt, by the bits of the weights: many rows at once. */
  prompt: Record<Bits, number>;
  /** Writing a token: one row at a time. */
  token: Record<Bits, number>;
}

type Bits = ModelWork['bits'];

interface Kept extends MachineSpeed {
  /** What it was measured on; of another machine it says nothing. */
  machine: string;
  measuredAt: number;
}

/** Goes up with what is measured, and with the runtime. */
const VERSION = 1;
const KEPT_DAYS = 30;

/** Larger than the caches of a processor: a model's weights come from memory. */
const OUTPUTS = 12_288;
const INPUTS = 4096;
const ROWS = 96;
const BLOCK = 32;

const fileOf = (): string => join(dirname(cacheFolder()), 'machine.json');

function thisMachine(): string {
  const all = cpus();
  return [VERSION, process.arch, all[0]?.model.trim() ?? '', all.length].join(' ');
}

/** What was measured here lately; undefined where nothing was, or on another processor. */
export function knownSpeed(file = fileOf(), now = Date.now()): MachineSpeed | undefined {
  try {
    const kept: Kept = JSON.parse(readFileSync(file, 'utf8'));
    const fresh = now - kept.measuredAt < KEPT_DAYS * 24 * 3600e3;
    const whole = ([4, 8, 32] as const).every((bits) =>
      [kept.prompt[bits], kept.token[bits]].every((n) => Number.isFinite(n) && n > 0),
    );
    return fresh && whole && kept.machine === thisMachine() ? kept : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Measures this machine, which takes a second or two and 600 MB of memory at most, and keeps what it finds.
 * @throws RuntimeError where the runtime cannot be loaded
 */
export async function measureSpeed(file = fileOf()): Promise<MachineSpeed> {
  const found: MachineSpeed = { prompt: { 4: 0, 8: 0, 32: 0 }, token: { 4: 0, 8: 0, 32: 0 } };
  for (const bits of [4, 8, 32] as const) {
    const { prompt, token } = await productSpeed(bits);
    found.prompt[bits] = prompt;
    found.token[bits] = token;
  }
  const kept: Kept = { ...found, machine: thisMachine(), measuredAt: Date.now() };
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, JSON.stringify(kept));
    renameSync(`${file}.part`, file);
  } catch {
    // Then it is measured again the next time.
  }
  return found;
}

/** The best of three: whatever else runs here only ever takes time away. */
async function productSpeed(bits: Bits): Promise<{ prompt: number; token: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-probe-'));
  let session: Session | undefined;
  try {
    session = await createSession(product(bits, folder), { device: 'cpu', folder });
    const speed = async (rows: number) => {
      const feeds = { x: floats(new Float32Array(rows * INPUTS).fill(1), [rows, INPUTS]) };
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 4; i++) {
        const started = performance.now();
        await session!.run(feeds);
        if (i > 0) best = Math.min(best, performance.now() - started);
      }
      return (rows * INPUTS * OUTPUTS * 1000) / best;
    };
    return { prompt: await speed(ROWS), token: await speed(1) };
  } finally {
    await session?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** x [rows, INPUTS] → x·Wᵀ, the weights zeros in a file that takes no room. */
function product(bits: Bits, folder: string): Uint8Array {
  const g = new GraphBuilder('probe');
  const x = g.input('x', 'float32', ['rows', INPUTS]);
  const file = (name: string, length: number) => {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), length);
    return { location: name, offset: 0, length };
  };
  const weights = (OUTPUTS * INPUTS * bits) / 8;
  if (bits === 32) {
    const w = g.weight('w', 'float32', [OUTPUTS, INPUTS], file('w', weights));
    g.output('y', g.gemm(x, w, { transB: true }));
    return g.encode();
  }
  const blocks = INPUTS / BLOCK;
  const shape = [OUTPUTS, blocks, (BLOCK * bits) / 8];
  const w = g.weight('w', 'uint8', shape, file('w', weights));
  const scale = g.weight('scale', 'float32', [OUTPUTS * blocks], file('scale', 4 * OUTPUTS * blocks));
  const attributes = { K: INPUTS, N: OUTPUTS, bits, block_size: BLOCK, accuracy_level: 4 };
  const spec = { type: 'float32' as const, shape: ['rows', OUTPUTS] };
  g.output('y', g.node('MatMulNBits', [x, w, scale], [spec], attributes, 'com.microsoft')[0]!);
  return g.encode();
}
