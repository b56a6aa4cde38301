/** `hindsight bench gguf`: one GGUF file of random weights, read by this program and by llama.cpp in turn. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { megabytes, print, UsageError, wholeNumber } from '../../cli/outcome';
import { type Mix, mixes, writeRandomGguf } from '../model/random-gguf';
import { dimensions } from '../model/random-model';
import { median, ratioOf, takeTurns } from '../peers/compare';
import type { Contender } from '../peers/contender';
import { hasLlama, startLlama } from '../peers/llama';
import { startOwn } from '../peers/own';

interface Options {
  dims: string;
  type: Mix;
  peerLlama?: string;
  threads: number;
  prompt: number;
  tokens: number;
  rounds: number;
  keep?: string;
  json?: boolean;
}

export function benchGgufCommand(): Command {
  return new Command('gguf')
    .description('random weights as one GGUF file: this program beside llama.cpp on that file')
    .addOption(
      new Option('--dims <name>', 'dimensions').choices(Object.keys(dimensions)).makeOptionMandatory(),
    )
    .addOption(new Option('--type <name>', 'precision of the file').choices([...mixes]).default('Q8_0'))
    .option('--peer-llama <dir>', 'folder whose node_modules has node-llama-cpp')
    .option('--threads <n>', 'threads inside one operator; 0 for all cores', wholeNumber(0), 0)
    .option('--prompt <n>', 'tokens of the prompt', wholeNumber(1), 448)
    .option('--tokens <n>', 'tokens to generate', wholeNumber(1), 12)
    .option('--rounds <n>', 'rounds; 0 makes the file and what is kept of it only', wholeNumber(0), 3)
    .option('--keep <dir>', 'make the file here and keep it for the next time')
    .option('--json', 'print one JSON object')
    .action(bench);
}

async function bench(options: Options): Promise<void> {
  const { dims, type, keep, peerLlama, rounds, json } = options;
  if (peerLlama && !hasLlama(peerLlama))
    throw new UsageError(`${peerLlama} has no node_modules/node-llama-cpp.`);
  const threads = options.threads || availableParallelism();
  const folder = keep ?? (await mkdtemp(join(tmpdir(), 'hindsight-bench-')));
  const note = (line: string) => process.stderr.write(`${line}\n`);
  try {
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${dims}-${type}.gguf`);
    if (!existsSync(file)) {
      await writeRandomGguf(`${file}.part`, dims, type);
      await rename(`${file}.part`, file);
    }
    const opened: { name: string; ms: number }[] = [];
    const contenders: Contender[] = [];
    const start = async (begin: () => Promise<Contender>) => {
      const before = performance.now();
      const one = await begin();
      opened.push({ name: one.name, ms: performance.now() - before });
      contenders.push(one);
    };
    try {
      await start(() => startOwn('Hindsight', { model: file, precision: 'auto', training: 'auto', threads }));
      if (peerLlama) await start(() => startLlama(peerLlama, { file, threads, context: 2 * options.prompt }));
      const task = { do: 'text' as const, prompt: options.prompt, tokens: options.tokens };
      const measured = await takeTurns(rounds, contenders, task, note);
      const rows = [
        { what: `reading ${options.prompt} tokens`, of: measured.map((m) => m.map((r) => r.milliseconds)) },
        { what: 'a token', of: measured.map((m) => m.map((r) => median(r.tokens!))) },
        {
          what: 'a first line',
          of: measured.map((m) => m.map((r) => r.tokens!.reduce((a, b) => a + b, r.milliseconds))),
        },
        {
          what: 'processor time of the whole',
          of: measured.map((m) => m.map((r) => r.processor ?? 0)),
        },
      ].flatMap(({ what, of: [ours, peer] }) =>
        rounds === 0
          ? []
          : [
              {
                what,
                ours: median(ours!),
                ...(peer ? { peer: median(peer), ratio: ratioOf(peer, ours!) } : {}),
              },
            ],
      );
      const memory = contenders.map((one) => ({ name: one.name, ...one.memory() }));
      const size = statSync(file).size;
      print({ dims, type, size, threads, opened, rows, memory }, json, () => [
        `${dims} in ${type}, ${megabytes(size)}, ${threads} threads`,
        ...opened.map(({ name, ms }) => `  ${name} opened it in ${ms.toFixed(0)} ms`),
        ...rows.map(
          ({ what, ours, peer, ratio }) =>
            `  ${what}: ${ours.toFixed(1)} ms${peer === undefined ? '' : `, llama.cpp ${peer.toFixed(1)} ms, ${ratio!.toFixed(2)} ×`}`,
        ),
        ...memory.map(
          ({ name, proportional, anonymous, peak }) =>
            `  memory of ${name}: ${megabytes(proportional ?? 0)}, of which ${megabytes(anonymous ?? 0)} of its own; ${megabytes(peak ?? 0)} at most`,
        ),
      ]);
    } finally {
      for (const one of contenders) await one.stop();
    }
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}
