/** In which form the weights are computed with, on this device and for this use. */
import { errorMessage } from '../base/errors';
import type { ModelConfig } from './architectures/config';
import { ModelError } from './errors';
import { blockFormats } from './files/gguf/blocks';
import type { GgmlType } from './files/gguf/types';
import type { Weights } from './files/weights';
import { packBlocks, packedBytes, widenedTypes } from './quantize/pack-blocks';
import { quantizeWeights } from './quantize/quantize';
import { weightsToFloat16 } from './quantize/to-float16';
import { weightsToFloat32 } from './quantize/to-float32';
import { multipliesFloat16 } from './runtime/device';
import { availableMemory } from './runtime/memory';
import { type ModelParts, mapAbove } from './runtime/sessions';
import { mostBytes } from './sources/gguf-precision';
import type { ModelSource } from './sources/source';
import type { Device, OpenModelOptions } from './types';

type ChosenWeights = Pick<ModelParts, 'weights' | 'decodeWeights' | 'trainingWeights' | 'exactDecoding'>;

/** Which form of the weights each use has on this device; forms that are not the file's own are made and kept. */
export async function chooseWeights(
  { config, weights: stored, path }: ModelSource,
  device: Device,
  options: OpenModelOptions,
): Promise<{ weights: ChosenWeights; notices: (string | undefined)[] }> {
  if (stored.inBlocks && device === 'cpu') {
    // Quantised already: the numbers are the file's own for every use, and only what they are multiplied with differs.
    const packed = await packBlocks(stored).catch(noRoom(path));
    const wide = trainsWide(stored, options)
      ? await weightsToFloat32(stored).catch(() => undefined)
      : undefined;
    const weights = wide ? { weights: wide, decodeWeights: packed } : { weights: packed };
    const notices = [widenedNotice(path, stored)];
    return { weights: { ...weights, exactDecoding: options.precision === 'float32' }, notices };
  }
  const weights = device === 'cpu' && !stored.inGgufForm ? await mappable(stored) : await plain(stored, path);
  const decoding = await atPrecision(stored, config, device, options.precision ?? 'float32');
  const under = options.trainingPrecision === 'auto' ? 'float32' : options.trainingPrecision;
  const training = await atPrecision(stored, config, device, under ?? 'float32');
  return {
    weights: { weights, decodeWeights: decoding.weights, trainingWeights: training.weights },
    notices: [decoding.notice, training.notice],
  };
}

/** Quantised models of more parameters are trained above their own numbers, where the choice is left open. */
const wideBelow = 300e6;

/** Whether scoring and training use a float32 copy of a quantised file: the same numbers, for more memory and less work. */
function trainsWide({ parameters }: Weights, { trainingPrecision }: OpenModelOptions): boolean {
  if (trainingPrecision !== 'auto') return trainingPrecision === 'float32';
  return parameters <= wideBelow && 8 * parameters < availableMemory();
}

/** The weights in plain numbers. @throws ModelError when there is no room for a copy that is needed */
const plain = async (stored: Weights, path: string) =>
  stored.inGgufForm ? weightsToFloat32(stored).catch(noRoom(path)) : stored;

/** The rearranged copy cannot be done without, as it can for other files. */
const noRoom = (path: string) => (error: unknown) => {
  if (error instanceof ModelError) throw error;
  throw new ModelError(
    `${path} needs a rearranged copy of its weights, which cannot be written: ${errorMessage(error).replace(/\.$/, '')}.`,
  );
};

function widenedNotice(path: string, weights: Weights): string | undefined {
  const types = widenedTypes(weights);
  if (types.length === 0) return undefined;
  const size = (packedBytes(weights) / 1e6).toFixed(0);
  return `${path} has weights of the type ${types.join(', ')}: they are computed with in 8 bits, which takes ${size} MB.`;
}

/** In which most weights are multiplied while decoding on the CPU. */
export function decodingBits(weights: Weights, precision: OpenModelOptions['precision']): 4 | 8 | 32 {
  if (weights.inBlocks) {
    const type = mostBytes([...weights.entries()].map(([, tensor]) => tensor));
    return blockFormats[type as GgmlType]?.bits ?? 32;
  }
  if (precision === 'auto') return weights.parameters < fewerBitsAbove ? 32 : 8;
  return precision === 'int4' ? 4 : precision === 'int8' ? 8 : 32;
}

/** The CPU computes in float32 unless both uses are quantized; in these the embedding's table stays in float32. */
export function neededBytes(weights: Weights, options: OpenModelOptions): number {
  const { precision, trainingPrecision } = options;
  // Beside the file's own numbers a session keeps them in the runtime's arrangement.
  if (weights.inBlocks)
    return 2 * packedBytes(weights) + (trainsWide(weights, options) ? 4 * weights.parameters : 0);
  const quantized = (p: OpenModelOptions['precision']) => p === 'int8' || p === 'int4';
  return (quantized(precision) && quantized(trainingPrecision) ? 2 : 4) * weights.parameters;
}

/** Large half-precision weights as float32, if there is room for the copy; without it sessions widen them in memory. */
async function mappable(weights: Weights): Promise<Weights> {
  const half = [...weights.entries()].some(([, t]) => t.type !== 'F32');
  if (!half || weights.bytes < mapAbove) return weights;
  return weightsToFloat32(weights).catch(() => weights);
}

/** Models of more parameters are worth fewer bits where the choice is left open. */
const fewerBitsAbove = 100e6;

/** Quantized weights are for the CPU, where reading them is what a token costs; in float16 for devices that multiply so. */
async function atPrecision(
  weights: Weights,
  config: ModelConfig,
  device: Device,
  precision: NonNullable<OpenModelOptions['precision']>,
): Promise<{ weights?: Weights; notice?: string }> {
  if (precision === 'float32') return {};
  if (precision === 'auto') {
    if (weights.parameters < fewerBitsAbove) return {};
    const best = device === 'cpu' ? 'int8' : (await multipliesFloat16(device)) ? 'float16' : 'float32';
    return atPrecision(weights, config, device, best);
  }
  const half = precision === 'float16';
  if (half !== (device !== 'cpu'))
    return { notice: `The precision ${precision} is not for the device ${device}; float32 is used.` };
  if (half && !(await multipliesFloat16(device)))
    return { notice: `The device ${device} does not compute in float16; float32 is used.` };
  try {
    if (half) return { weights: await weightsToFloat16(weights) };
    return { weights: await quantizeWeights(weights, config, precision === 'int8' ? 8 : 4) };
  } catch (error) {
    if (error instanceof ModelError) throw error;
    // No room for the file, say: what worked before goes on.
    const why = (error as Error).message;
    return { notice: `The weights cannot be kept in ${precision} (${why}); float32 is used.` };
  }
}
