/** llama.cpp, where npm's node-llama-cpp is installed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answerMark, Contender } from './contender';

/**
 * Runs in the folder that has node-llama-cpp, which is how that module is found. No module of its own: the module starts
 * a process with this one's flags, and does not bear that of module input.
 */
const program = `
void (async () => {
const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
const { createInterface } = await import('node:readline');
const { file, threads, context } = JSON.parse(process.env.HINDSIGHT_PEER);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads });
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const ctx = await model.createContext({ contextSize: context, batchSize: 512, threads, flashAttention: true });
const sequence = ctx.getSequence();
let state = 12345;
const random = (n) => Array.from({ length: n }, () => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state % 90;
});
let typed = [];
async function text(ids, count) {
  let start = performance.now();
  const tokens = sequence.evaluate(ids, { temperature: 0 });
  await tokens.next();
  const milliseconds = performance.now() - start;
  const times = [];
  for (let i = 0; i < count; i++) {
    start = performance.now();
    if ((await tokens.next()).done) break;
    times.push(performance.now() - start);
  }
  await tokens.return?.();
  return { milliseconds, tokens: times };
}
async function run(task) {
  if (task.do === 'text') {
    await sequence.clearHistory();
    return text(random(task.prompt), task.tokens);
  }
  if (task.do === 'typed') {
    if (typed.length === 0) {
      typed = random(task.prompt);
      await sequence.clearHistory();
      await text(typed, 0);
    }
    // What was generated or stood behind the cursor goes.
    await sequence.eraseContextTokenRanges([{ start: typed.length, end: sequence.nextTokenIndex }]);
    typed.push(...random(1));
    return text([typed.at(-1), ...random(task.after)], 0);
  }
  throw new Error('llama.cpp does not do ' + task.do);
}
const answer = (value) => console.log('${answerMark}' + JSON.stringify(value));
answer({});
for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const measured = await run(JSON.parse(line));
  const { user, system } = process.cpuUsage(before);
  answer({ ...measured, processor: (user + system) / 1000 });
}
})();
`;

/** True where this folder's node_modules has node-llama-cpp. */
export const hasLlama = (folder: string): boolean =>
  existsSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'));

/** @param folder whose node_modules has node-llama-cpp */
export function startLlama(
  folder: string,
  options: { file: string; threads: number; context: number },
): Promise<Contender> {
  return Contender.start('llama.cpp', [process.execPath, '-e', program], {
    folder,
    environment: { HINDSIGHT_PEER: JSON.stringify(options), NODE_OPTIONS: '' },
  });
}
