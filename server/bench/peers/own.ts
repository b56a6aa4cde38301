/** This program as a contender: `hindsight bench contender`, which answers tasks on standard input. */
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { Command, Option } from 'commander';
import { seededRandom } from '../../base/random';
import { wholeNumber } from '../../cli/outcome';
import { openModel } from '../../model/open';
import type { Decoder, Model, OpenModelOptions, TrainingSession } from '../../model/types';
import { answerMark, Contender, type Measured, type Task } from './contender';

export interface OwnOptions {
  model: string;
  precision: NonNullable<OpenModelOptions['precision']>;
  training: NonNullable<OpenModelOptions['trainingPrecision']>;
  threads: number;
  recompute?: boolean;
  low?: boolean;
}

const commandName = 'contender';

/** Hidden: only `hindsight bench` starts it. */
export function contenderCommand(): Command {
  return new Command(commandName)
    .requiredOption('--model <dir>', 'model folder')
    .addOption(new Option('--precision <name>').choices(['auto', 'float32', 'float16', 'int8', 'int4']))
    .addOption(
      new Option('--training <name>').choices(['auto', 'float32', 'int8', 'int4']).default('float32'),
    )
    .option('--threads <n>', 'threads', wholeNumber(0), 0)
    .option('--recompute', 'recompute activations')
    .option('--low', 'at low priority')
    .action(contend);
}

export function startOwn(name: string, options: OwnOptions): Promise<Contender> {
  const program = process.argv[1]!;
  const args = ['bench', commandName, '--model', options.model, '--precision', options.precision];
  args.push('--training', options.training, '--threads', String(options.threads));
  if (options.recompute) args.push('--recompute');
  if (options.low) args.push('--low');
  return Contender.start(name, [process.execPath, ...process.execArgv, program, ...args]);
}

async function contend(options: OwnOptions): Promise<void> {
  if (options.low) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const model = await openModel(options.model, {
    device: 'cpu',
    threads: options.threads,
    precision: options.precision,
    trainingPrecision: options.training,
    recompute: options.recompute,
  });
  const player = new Player(model);
  const answer = (value: object) => process.stdout.write(`${answerMark}${JSON.stringify(value)}\n`);
  answer({});
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const measured = await player.run(JSON.parse(line) as Task);
    const { user, system } = process.cpuUsage(before);
    answer({ ...measured, processor: (user + system) / 1000 });
  }
}

class Player {
  private readonly random = seededRandom(12345);
  private decoder: Decoder | undefined;
  private trainer: TrainingSession | undefined;
  private typed: number[] = [];
  private repeated: { prompt: number[]; ids: number[] } | undefined;

  constructor(private readonly model: Model) {}

  run(task: Task): Promise<Measured> {
    if (task.do === 'text') return this.text(this.ids(task.prompt), task.tokens);
    if (task.do === 'typed') return this.afterKeystroke(task);
    if (task.do === 'repeat') return this.repeat(task);
    return this.train(task.tokens);
  }

  private ids(count: number): number[] {
    return Array.from({ length: count }, () => Math.floor(this.random() * 90));
  }

  private async text(prompt: number[], count: number, more = {}): Promise<Measured & { ids: number[] }> {
    this.decoder ??= await this.model.decoder();
    const start = performance.now();
    const times: number[] = [];
    const onToken = () => {
      times.push(performance.now() - start);
      return false;
    };
    const { ids, runs } = await this.decoder.generate({
      prompt,
      maxTokens: count + 1,
      stopIds: [],
      speculate: false,
      onToken,
      ...more,
    });
    const tokens = times.slice(1).map((t, i) => t - times[i]!);
    return { milliseconds: times[0]!, tokens, runs, ids };
  }

  private async afterKeystroke({ prompt, after }: { prompt: number; after: number }): Promise<Measured> {
    if (this.typed.length === 0) {
      this.typed = this.ids(prompt);
      await this.text(this.typed, 0, { cacheKey: 'document' });
    }
    this.typed.push(...this.ids(1));
    return this.text([...this.typed, ...this.ids(after)], 0, { cacheKey: 'document' });
  }

  /** What the model will say is known from a first time, and is put where it can be found, with mistakes. */
  private async repeat(task: { prompt: number; tokens: number; wrong: number }): Promise<Measured> {
    if (!this.repeated) {
      const prompt = this.ids(task.prompt);
      this.repeated = { prompt, ids: (await this.text(prompt, task.tokens)).ids };
    }
    const { prompt, ids } = this.repeated;
    const wrong = (id: number, i: number) => (task.wrong && i % task.wrong === task.wrong - 1 ? [91] : [id]);
    const earlier = [...prompt.slice(-8), ...ids.flatMap(wrong)];
    const more = { speculate: true, lookups: [earlier], cacheKey: 'repeat' };
    const out = await this.text(prompt, task.tokens, more);
    if (out.ids.join() !== ids.join()) throw new Error('guesses changed the text');
    return out;
  }

  private async train(tokens: number): Promise<Measured> {
    this.trainer ??= await this.model.trainer({ rank: 16, alpha: 32, seed: 1 });
    const topK = 20;
    const row = {
      prompt: this.ids(tokens - 31),
      response: this.ids(32),
      crossEntropy: 0,
      divergence: {
        kind: 'forward' as const,
        weight: 1,
        ids: Int32Array.from({ length: 32 * topK }, (_, i) => i % topK),
        logProbs: new Float32Array(32 * topK).fill(Math.log(0.9 / topK)),
        topK,
      },
    };
    const start = performance.now();
    await this.trainer.accumulate([row], 1);
    this.trainer.step({
      learningRate: 1e-4,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.01,
      maxGradNorm: 1,
    });
    return { milliseconds: performance.now() - start };
  }
}
