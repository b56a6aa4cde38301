/** `hindsight bench round`: how long a whole round takes, beside PyTorch and PEFT training the same rows whole. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { embeddedModel, replayRows } from '../../cli/installation';
import { deviceOption } from '../../cli/model-options';
import { print, UsageError, wholeNumber } from '../../cli/outcome';
import { openModel } from '../../model/open';
import type { OpenModelOptions, ResponseRow } from '../../model/types';
import { readReplayPool } from '../../training/round/replay-pool';
import { timedRound } from '../learning/timed-round';

interface Options {
  model?: string;
  events: number;
  seed: number;
  maxSeconds: number;
  maxSteps?: number;
  threads: number;
  device: NonNullable<OpenModelOptions['device']>;
  peer?: string;
  peerModel?: string;
  peerSteps: number;
  json?: boolean;
}

export function benchRoundCommand(): Command {
  return new Command('round')
    .description('time a whole round, beside PyTorch and PEFT training the same rows whole with --peer')
    .option('--model <dir>', 'model folder or .gguf file (default: the embedded model)')
    .option('--events <n>', 'corrections', wholeNumber(1), 40)
    .option('--seed <n>', 'of the simulated project', wholeNumber(0), 1)
    .option('--max-seconds <n>', 'longest time the steps may take', wholeNumber(1), 600)
    .option('--max-steps <n>', 'steps (default: as many as a round of the product)', wholeNumber(1))
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .addOption(deviceOption())
    .option('--peer <python>', 'Python that has torch, transformers and peft')
    .option('--peer-model <dir>', 'the same model as a folder for transformers, where --model is none')
    .option('--peer-steps <n>', 'steps that the peer makes', wholeNumber(1), 8)
    .option('--json', 'print one JSON object')
    .action(benchRound);
}

async function benchRound(options: Options): Promise<void> {
  const folder = options.model ?? embeddedModel();
  const peerModel = options.peerModel ?? folder;
  if (options.peer && /\.gguf$/i.test(peerModel))
    throw new UsageError('The peer needs a model folder: name it with --peer-model.');
  // As the trainer opens it.
  const model = await openModel(folder, { ...options, trainingPrecision: 'auto' });
  try {
    const pool = await readReplayPool(replayRows(), [], 1);
    const { rows, ...round } = await timedRound(model, pool, options);
    const peer = options.peer
      ? await trainWhole(options.peer, peerModel, rows.slice(0, options.peerSteps), options.threads)
      : null;
    const ratio = peer && peer.seconds / peer.steps / (round.seconds / round.steps);
    print({ model: model.name, device: model.device, round, peer, ratio }, options.json, () => [
      `${model.name} on ${model.device}: ${round.steps} steps in ${round.seconds.toFixed(1)} s, ${round.processorSeconds.toFixed(0)} s of processor time`,
      `  until step ${Object.entries(round.until)
        .map(([step, seconds]) => `${step}: ${seconds.toFixed(1)} s`)
        .join(', ')}`,
      ...(peer
        ? [
            `  PyTorch + PEFT, the same rows whole: ${peer.steps} steps in ${peer.seconds.toFixed(1)} s; a step of the round, its reading and judging included, is ${ratio!.toFixed(1)} × faster`,
          ]
        : []),
    ]);
  } finally {
    await model.close();
  }
}

/** Every row is read whole, forward and backward, with factors on every linear layer; logits at response positions only. */
const program = `
import json, sys, time
model, file, threads = sys.argv[1:4]
import torch
if int(threads): torch.set_num_threads(int(threads))
from transformers import AutoModelForCausalLM
from peft import LoraConfig, get_peft_model
base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, attn_implementation="sdpa")
peft = get_peft_model(base, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"))
factors = [p for p in peft.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(factors, lr=1e-3)
steps = json.load(open(file))
def run(rows):
    longest = max(len(r["prompt"]) + len(r["response"]) for r in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    seen = torch.zeros_like(ids)
    at, labels = [], []
    for i, r in enumerate(rows):
        whole = r["prompt"] + r["response"]
        ids[i, :len(whole)] = torch.tensor(whole)
        seen[i, :len(whole)] = 1
        at += [i * longest + len(r["prompt"]) - 1 + t for t in range(len(r["response"]))]
        labels += r["response"]
    hidden = base.model(input_ids=ids, attention_mask=seen, use_cache=False).last_hidden_state.flatten(0, 1)[at]
    torch.nn.functional.cross_entropy(base.lm_head(hidden), torch.tensor(labels)).backward()
run(steps[0][0])
optimizer.zero_grad()
start, used = time.perf_counter(), time.process_time()
for step in steps:
    for rows in step: run(rows)
    torch.nn.utils.clip_grad_norm_(factors, 1.0)
    optimizer.step()
    optimizer.zero_grad()
print(json.dumps({"steps": len(steps), "seconds": time.perf_counter() - start, "processorSeconds": time.process_time() - used}))
`;

interface Peer {
  steps: number;
  /** Of the steps alone: neither loading nor judging. */
  seconds: number;
  processorSeconds: number;
}

async function trainWhole(
  python: string,
  model: string,
  steps: readonly ResponseRow[][][],
  threads: number,
): Promise<Peer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-peer-'));
  try {
    const file = path.join(folder, 'rows.json');
    await writeFile(file, JSON.stringify(steps));
    const args = ['-c', program, model, file, String(threads || availableParallelism())];
    const { stdout } = await promisify(execFile)(python, args, {
      env: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Peer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
