/** Measurements side by side: the contenders take turns round by round, so that what else the machine does meets both. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../model/architectures/config';
import { Weights } from '../../model/files/weights';
import { type GgufPrecision, writeGguf } from '../model/gguf-writer';
import { dimensions } from '../model/random-model';
import type { Contender, Measured, Memory, Task } from './contender';
import { startLlama } from './llama';
import { startOwn } from './own';
import { startPyTorch } from './pytorch';

export interface CompareOptions {
  /** Folder with the model; GGUF files are made in it. */
  model: string;
  dims: string;
  /** Folder whose node_modules has node-llama-cpp. */
  llama?: string;
  /** Python with torch, transformers and peft. */
  python?: string;
  threads: number;
  rounds: number;
  precisions: readonly GgufPrecision[];
  promptTokens: number;
  newTokens: number;
  trainingTokens: number;
  trainingPrecision: GgufPrecision;
  recompute: boolean;
}

/** One line of the result. Times are medians over the rounds, in milliseconds; the ratio is the median of each round's. */
export interface Figure {
  what: string;
  ours: number;
  peer?: { name: string; value: number };
  /** How many times better than the peer, or than what `against` says. */
  ratio?: number;
  against?: string;
  aim?: number;
  /** The same ratio of the fastest times of all rounds: what the machine can do when nothing else disturbs. */
  fastestRatio?: number;
  /** The same ratio of processor time, which what else the machine does changes less. */
  processorRatio?: number;
}

export interface Comparison {
  figures: Figure[];
  memory: Record<string, Memory>;
}

/** The side-by-side of prompt reading and decoding at each precision, with what one keystroke and guesses save. */
export async function compareText(o: CompareOptions, log: (line: string) => void): Promise<Comparison> {
  const out: Comparison = { figures: [], memory: {} };
  for (const precision of o.precisions) {
    log(`${precision}: loading`);
    const own = await startOwn('Hindsight', {
      model: o.model,
      precision,
      training: 'float32',
      threads: o.threads,
    });
    const contenders = [own];
    try {
      if (o.llama) contenders.push(await startLlama(o.llama, await llamaOptions(o, precision)));
      out.figures.push(...(await textFigures(o, contenders, precision, log)));
      for (const c of contenders) {
        const memory = c.memory();
        if (memory) out.memory[`${c.name}, ${precision}`] = memory;
      }
    } finally {
      for (const c of contenders) await c.stop();
    }
  }
  return out;
}

async function textFigures(
  o: CompareOptions,
  contenders: readonly Contender[],
  precision: string,
  log: (line: string) => void,
): Promise<Figure[]> {
  const [own, peer] = contenders as [Contender, Contender?];
  const { promptTokens: prompt, newTokens: tokens } = o;
  const after = Math.floor(prompt / 4);
  const text = await rounds(o, contenders, { do: 'text', prompt, tokens }, log);
  const typed = await rounds(o, contenders, { do: 'typed', prompt, after: 0 }, log);
  const between = await rounds(o, [own], { do: 'typed', prompt: prompt - after, after }, log);
  const [exact] = await rounds(o, [own], { do: 'repeat', prompt: 64, tokens, wrong: 0 }, log);
  const [sixth] = await rounds(o, [own], { do: 'repeat', prompt: 64, tokens, wrong: 6 }, log);
  const first = (m: Measured) => m.milliseconds;
  const perToken = (m: Measured) => median(m.tokens!);
  const perGuessed = (m: Measured) => sum(m.tokens!) / m.tokens!.length;
  const figure = (
    what: string,
    pick: (m: Measured) => number,
    best: (m: Measured) => number,
    ms: Measured[][],
    aim?: number,
  ): Figure => ({
    what: `${precision}: ${what}`,
    ours: median(ms[0]!.map(pick)),
    ...(peer && ms[1] ? { peer: { name: peer.name, value: median(ms[1].map(pick)) } } : {}),
    ...(peer && ms[1]
      ? {
          ratio: ratioOf(ms[1].map(pick), ms[0]!.map(pick)),
          fastestRatio: Math.min(...ms[1].map(best)) / Math.min(...ms[0]!.map(best)),
          aim,
        }
      : {}),
  });
  const guessed = (what: string, ms: Measured[], aim?: number): Figure => ({
    what: `${precision}: ${what}`,
    ours: median(ms.map(perGuessed)),
    ...(peer ? { peer: { name: peer.name, value: median(text[1]!.map(perToken)) }, aim } : {}),
    ratio: ratioOf((peer ? text[1]! : text[0]!).map(perToken), ms.map(perGuessed)),
    ...(peer ? {} : { against: 'one token a run' }),
  });
  const reused = (what: string, ms: Measured[], aim?: number): Figure => ({
    what: `${precision}: ${what}`,
    ours: median(ms.map((m) => m.milliseconds)),
    ratio: ratioOf(
      text[0]!.map((m) => m.milliseconds),
      ms.map((m) => m.milliseconds),
    ),
    against: 'the whole prompt',
    aim,
  });
  return [
    figure(`reading ${prompt} tokens`, first, first, text, 1.5),
    figure('a token', perToken, (m) => Math.min(...m.tokens!), text, 1),
    guessed('a token of text that stands in the document, every sixth another', sixth!, 1.5),
    guessed('the same, word for word', exact!),
    figure('first token after one typed character', first, first, typed),
    reused('first token after one typed character', typed[0]!, 5),
    reused(`the same, ${after} tokens behind the cursor read again`, between[0]!),
  ];
}

/** One training step, forward and backward and AdamW. */
export async function compareTraining(o: CompareOptions, log: (line: string) => void): Promise<Comparison> {
  const out: Comparison = { figures: [], memory: {} };
  const precision = o.trainingPrecision;
  const own = await startOwn('Hindsight', { ...o, precision: 'float32', training: precision });
  const contenders = [own];
  try {
    if (o.python) contenders.push(await startPyTorch(o.python, o));
    const task: Task = { do: 'train', tokens: o.trainingTokens };
    const [ours, theirs] = await rounds(o, contenders, task, log);
    const ms = (list: Measured[]) => list.map((m) => m.milliseconds);
    const how = `${precision} base${o.recompute ? ', activations recomputed' : ''}`;
    out.figures.push({
      what: `training step, ${o.trainingTokens} tokens, ${how}`,
      ours: median(ms(ours!)),
      ...(theirs
        ? {
            peer: { name: contenders[1]!.name, value: median(ms(theirs)) },
            ratio: ratioOf(ms(theirs), ms(ours!)),
            fastestRatio: Math.min(...ms(theirs)) / Math.min(...ms(ours!)),
            processorRatio: ratioOf(processor(theirs), processor(ours!)),
            aim: 1.3,
          }
        : {}),
    });
    for (const c of contenders) {
      const memory = c.memory();
      if (memory) out.memory[`${c.name}, training`] = memory;
    }
  } finally {
    for (const c of contenders) await c.stop();
  }
  return out;
}

/** Completions of 16 tokens after a keystroke, alone and while another process trains at low priority. */
export async function compareTogether(o: CompareOptions, log: (line: string) => void): Promise<Comparison> {
  const precision = o.precisions[0]!;
  const typing = await startOwn('completion', { ...o, precision, training: 'float32' });
  const training = await startOwn('training', { ...o, precision, training: o.trainingPrecision, low: true });
  const out: Comparison = { figures: [], memory: {} };
  try {
    const complete = async () => {
      const start = performance.now();
      await typing.run({ do: 'typed', prompt: o.promptTokens, after: 16 });
      return performance.now() - start;
    };
    const series = async (around: (work: () => Promise<number>) => Promise<number>) => {
      const times: number[] = [];
      for (let i = 0; i < 12 * o.rounds; i++) {
        times.push(await around(complete));
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      return times.sort((a, b) => a - b);
    };
    await complete();
    // The first step loads and compiles.
    const step: Task = { do: 'train', tokens: o.trainingTokens };
    await training.run(step);
    log('completions alone');
    const idle = await series((work) => work());
    let on = true;
    const steps = (async () => {
      while (on) await training.run(step);
    })().catch(() => undefined);
    log('completions beside training that a keystroke stops');
    const paused = await series(async (work) => {
      training.signal('SIGSTOP');
      const time = await work();
      training.signal('SIGCONT');
      return time;
    });
    log('completions beside training that goes on');
    const beside = await series((work) => work());
    on = false;
    for (const c of [typing, training]) {
      const memory = c.memory();
      if (memory) out.memory[`${c.name} (two processes, one mapped copy)`] = memory;
    }
    await training.stop();
    await steps;
    const p95 = (times: number[]) => times[Math.floor(0.95 * times.length)]!;
    out.figures.push(
      { what: 'completion p95, idle', ours: p95(idle) },
      {
        what: 'completion p95 while training, stopped by a keystroke',
        ours: p95(paused),
        ratio: p95(paused) / p95(idle),
        against: 'idle (at most)',
        aim: 1.3,
      },
      {
        what: 'completion p95 while training goes on',
        ours: p95(beside),
        ratio: p95(beside) / p95(idle),
        against: 'idle (at most)',
      },
    );
  } finally {
    await typing.stop();
    await training.stop();
  }
  return out;
}

/** Every contender once per round, after a first round that is not counted. By contender, then by round. */
const rounds = (
  o: CompareOptions,
  contenders: readonly Contender[],
  task: Task,
  log: (line: string) => void,
) => takeTurns(o.rounds, contenders, task, log);

/** As `rounds`; with no rounds nothing is run. */
export async function takeTurns(
  count: number,
  contenders: readonly Contender[],
  task: Task,
  log: (line: string) => void,
): Promise<Measured[][]> {
  const out: Measured[][] = contenders.map(() => []);
  for (let round = count > 0 ? 0 : 1; round <= count; round++) {
    for (const [i, contender] of contenders.entries()) {
      const measured = await contender.run(task);
      log(
        `${contender.name}, ${JSON.stringify(task)}: ${measured.milliseconds.toFixed(0)} ms, ` +
          `${measured.processor?.toFixed(0)} ms of processor time`,
      );
      if (round > 0) out[i]!.push(measured);
    }
  }
  return out;
}

async function llamaOptions(o: CompareOptions, precision: GgufPrecision) {
  const file = join(o.model, 'gguf', `${precision}.gguf`);
  await mkdir(join(o.model, 'gguf'), { recursive: true });
  const there = await stat(file).catch(() => undefined);
  if (!there) {
    const config = parseConfig(dimensions[o.dims], 'config.json');
    await writeGguf(file, config, Weights.open(o.model), precision);
  }
  return { file, threads: o.threads, context: 2 * o.promptTokens };
}

const processor = (list: readonly Measured[]) => list.map((m) => m.processor ?? 0);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The median of each round's ratio. */
export const ratioOf = (theirs: readonly number[], ours: readonly number[]) =>
  median(theirs.map((t, i) => t / ours[i]!));
