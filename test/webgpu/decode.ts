/** Run by decoding.test.ts in a process that finds a graphics device: decodes on both devices and prints what differs. */
import { join } from 'node:path';
import { type FolderModel, loadAdapter, openModel } from '../../server/model/open';
import { chooseDevice } from '../../server/model/runtime/device';
import { compare, expectedTensors, golden } from '../server/model/golden';

async function texts(model: FolderModel, name: string) {
  const prompt = expectedTensors(name).ids('long_ids');
  const decoder = await model.decoder();
  const say = (length: number, cacheKey?: string) =>
    decoder.generate({ prompt: prompt.slice(0, length), maxTokens: 8, stopIds: [], cacheKey });
  const out = [await say(30, 'one'), await say(20, 'two'), await say(34, 'one'), await say(31, 'one')];
  decoder.setAdapter(loadAdapter(join(golden(name), 'adapter')));
  out.push(await say(34, 'one'), await say(48, 'one'));
  decoder.setAdapter(null);
  out.push(await say(34, 'one'), await say(20));
  await decoder.close();
  return out;
}

async function main(name: string): Promise<void> {
  const gpu = await openModel(golden(name), { device: 'webgpu' });
  const cpu = await openModel(golden(name), { device: 'cpu' });
  const [got, want] = [await texts(gpu, name), await texts(cpu, name)];
  const placement = await gpu.placement();
  const result = {
    device: gpu.device,
    notice: gpu.notice ?? null,
    sameText: got.every((g, i) => g.ids.join() === want[i]!.ids.join()),
    reused: got.map((g) => g.reusedTokens),
    reusedOnCpu: want.map((g) => g.reusedTokens),
    error: Math.max(...got.map((g, i) => compare(g.logProbs, want[i]!.logProbs).error)),
    placement,
    // Software that acts as a graphics device is no reason to leave the CPU.
    auto: (await chooseDevice('auto', 1e9)).device,
    halves: (await openModel(golden(name), { device: 'webgpu', precision: 'float16' })).notice ?? null,
  };
  await gpu.close();
  await cpu.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main(process.argv[2]!);
