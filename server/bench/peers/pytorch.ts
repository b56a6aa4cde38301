/** PyTorch with transformers and PEFT, where a Python has them. */
import { answerMark, Contender } from './contender';

/** The same step as the training graph's: logits at response positions only, top-20 forward KL with a tail bucket. */
const program = `
import json, os, sys, time
peer = json.loads(os.environ["HINDSIGHT_PEER"])
import torch
torch.set_num_threads(peer["threads"])
from transformers import AutoModelForCausalLM
from peft import LoraConfig, get_peft_model
model = AutoModelForCausalLM.from_pretrained(peer["model"], dtype=torch.float32, attn_implementation="sdpa")
names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=names, task_type="CAUSAL_LM"))
model.train()
if peer["recompute"]:
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
factors = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(factors, lr=1e-4)
random = torch.Generator().manual_seed(1)

def step(tokens):
    ids = torch.randint(0, 90, (1, tokens), generator=random)
    top = torch.randint(0, 90, (32, 90), generator=random).argsort(-1)[:, :20]
    p = torch.full((32, 20), 0.9 / 20)
    start, used = time.perf_counter(), time.process_time()
    h = model.base_model.model.model(input_ids=ids, use_cache=False).last_hidden_state[0][-32:]
    z = model.base_model.model.lm_head(h)
    q = torch.log_softmax(z, -1).gather(1, top)
    rest = (1 - q.exp().sum(1)).clamp_min(1e-12)
    loss = ((p * (p.log() - q)).sum(1) + 0.1 * (torch.log(torch.tensor(0.1)) - rest.log())).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(factors, 1.0)
    optimizer.step()
    used = time.process_time() - used
    return {"milliseconds": 1000 * (time.perf_counter() - start), "processor": 1000 * used}

print("${answerMark}{}", flush=True)
for line in sys.stdin:
    print("${answerMark}" + json.dumps(step(json.loads(line)["tokens"])), flush=True)
`;

/** @param python an interpreter that has torch, transformers and peft */
export function startPyTorch(
  python: string,
  options: { model: string; threads: number; recompute: boolean },
): Promise<Contender> {
  return Contender.start('PyTorch + PEFT', [python, '-u', '-c', program], {
    environment: {
      HINDSIGHT_PEER: JSON.stringify(options),
      OMP_NUM_THREADS: String(options.threads),
      // As this program's own threads: they do not spin while they wait.
      OMP_WAIT_POLICY: 'passive',
      HF_HUB_OFFLINE: '1',
    },
  });
}
