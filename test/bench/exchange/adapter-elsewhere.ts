/**
 * An adapter as llama.cpp and PEFT see it: its logits here, its probabilities there, on the same model file.
 *
 *   node --require tsx/cjs test/bench/exchange/adapter-elsewhere.ts --model FILE.gguf --llama FOLDER [--python PYTHON]
 *
 * FOLDER has node-llama-cpp in its node_modules; PYTHON has torch, transformers, peft and gguf.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { logSoftmax } from '../../../server/base/logits';
import { random } from '../../../server/base/random';
import { writeGgufLora } from '../../../server/exchange/gguf-lora';
import { makeAdapter } from '../../../server/model/adapter';
import { saveAdapter } from '../../../server/model/files/peft';
import { openModel } from '../../../server/model/open';

const TEXT = 'function total(items) {\n  let sum = 0;\n  for (const item of items) {\n    sum +=';

const { values } = parseArgs({
  options: { model: { type: 'string' }, llama: { type: 'string' }, python: { type: 'string' } },
});

/** Prints log-probs of the tokens that were asked for, behind the whole text. */
const LLAMA = `
void (async () => {
const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
const { file, lora, ids, wanted } = JSON.parse(process.env.HINDSIGHT_PEER);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const context = await model.createContext({ contextSize: 512, ...(lora ? { lora } : {}) });
const input = ids.map((id, i) => (i === ids.length - 1 ? [id, { generateNext: { probabilities: true } }] : id));
const out = await context.getSequence().controlledEvaluate(input);
const probabilities = out.at(-1).next.probabilities;
console.log('ANSWER' + JSON.stringify(wanted.map((id) => Math.log(probabilities.get(id) ?? 0))));
process.exit(0);
})();`;

const PEFT = `
import json, os, torch
from transformers import AutoModelForCausalLM
from peft import PeftModel
task = json.loads(os.environ['HINDSIGHT_PEER'])
model = AutoModelForCausalLM.from_pretrained(os.path.dirname(task['file']), gguf_file=os.path.basename(task['file']))
if task['lora']: model = PeftModel.from_pretrained(model, task['lora'])
with torch.no_grad():
    logits = model(torch.tensor([task['ids']])).logits[0, -1].float()
print('ANSWER' + json.dumps(torch.log_softmax(logits, -1)[task['wanted']].tolist()))`;

async function main(): Promise<void> {
  if (!values.model) throw new Error('Name a model file with --model.');
  const model = await openModel(values.model, { device: 'cpu' });
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-elsewhere-'));
  try {
    const session = await model.trainer({ rank: 8, alpha: 16, seed: 3 });
    const fresh = session.adapter();
    await session.close();
    const source = random(5);
    // A fresh adapter changes nothing: its B is filled, so that every module has a say.
    for (const [name, { data }] of fresh.tensors)
      if (name.includes('lora_B'))
        for (let i = 0; i < data.length; i++) data[i] = 0.05 * (source.next() - 0.5);
    const { hash: _hash, ...rest } = fresh;
    const adapter = makeAdapter(rest);
    const [gguf, peft] = [join(folder, 'adapter.gguf'), join(folder, 'peft')];
    await writeGgufLora(gguf, adapter, model);
    await saveAdapter(adapter, peft);
    const ids = model.tokenizer.encodeText(TEXT);
    const scorer = await model.scorer();
    // What is scored is the token behind the text: any will do.
    const of = async (which: typeof adapter | null) => logSoftmax(await scorer.logits(ids, [0], which));
    const own = { base: await of(null), adapted: await of(adapter) };
    const wanted = [...own.adapted.keys()].sort((a, b) => own.adapted[b]! - own.adapted[a]!).slice(0, 20);
    const differs = Math.max(...wanted.map((id) => Math.abs(own.adapted[id]! - own.base[id]!)));
    console.log(
      `${model.name}: the adapter moves the 20 likeliest tokens by up to ${differs.toFixed(3)} nats`,
    );
    const compare = (name: string, said: { base: number[]; adapted: number[] }) => {
      for (const which of ['base', 'adapted'] as const) {
        const error = Math.max(...wanted.map((id, i) => Math.abs(said[which][i]! - own[which][id]!)));
        console.log(`  ${name}, ${which}: largest difference ${error.toFixed(4)} nats`);
      }
      // Where the other computes in fewer bits, the base differs too: what the adapter does is the difference of both.
      const moved = wanted.map((id, i) => {
        const there = said.adapted[i]! - said.base[i]!;
        return Math.abs(there - (own.adapted[id]! - own.base[id]!));
      });
      console.log(
        `  ${name}, what the adapter changes: largest difference ${Math.max(...moved).toFixed(4)} nats`,
      );
    };
    const ask = (command: string, args: string[], cwd: string, lora: string | null) => {
      const task = JSON.stringify({ file: values.model, lora, ids, wanted });
      const out = execFileSync(command, args, {
        cwd,
        env: { ...process.env, HINDSIGHT_PEER: task },
        encoding: 'utf8',
      });
      return JSON.parse(out.split('ANSWER')[1]!) as number[];
    };
    if (values.llama) {
      const say = (lora: string | null) => ask(process.execPath, ['-e', LLAMA], values.llama!, lora);
      compare('llama.cpp', { base: say(null), adapted: say(gguf) });
    }
    if (values.python) {
      const program = join(folder, 'peer.py');
      writeFileSync(program, PEFT);
      const say = (lora: string | null) => ask(values.python!, [program], folder, lora);
      compare('PEFT', { base: say(null), adapted: say(peft) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await model.close();
  }
}

void main();
