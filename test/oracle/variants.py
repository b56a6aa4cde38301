"""Makes tiny random models of every supported layout, in variants that published models have, and what transformers +
PEFT compute on them, in the layout of test/fixtures/golden. An oracle for people who change the model runtime; neither
the product nor its tests need it.

    python3 -m venv v && v/bin/pip install torch transformers peft
    v/bin/python test/oracle/variants.py OUT && npx tsx test/oracle/compare.ts OUT
"""
import json
import shutil
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

GOLDEN = Path(__file__).parent.parent / "fixtures" / "golden"
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
COMMON = dict(
    vocab_size=413, hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=256, bos_token_id=406, eos_token_id=406, pad_token_id=410,
)
LLAMA3 = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
VARIANTS = {
    "llama3-rope": ("llama", dict(rope_parameters=LLAMA3), {}),
    "llama-biases": ("llama", dict(attention_bias=True, mlp_bias=True, tie_word_embeddings=False), {}),
    "llama-head-dim": ("llama", dict(head_dim=20, tie_word_embeddings=True), dict(targets=["q_proj", "v_proj"], rank=3)),
    "llama-all-heads": ("llama", dict(num_key_value_heads=4), dict(dtype=torch.float16, rank=6)),
    "qwen2-sliding": ("qwen2", dict(use_sliding_window=True, sliding_window=9, max_window_layers=1), {}),
    "qwen2-window-off": ("qwen2", dict(use_sliding_window=False, sliding_window=9), dict(targets=["gate_proj", "up_proj", "down_proj"])),
    "qwen2-sharded": ("qwen2", dict(tie_word_embeddings=True), dict(shards="60KB", dtype=torch.bfloat16)),
    "qwen3": ("qwen3", dict(head_dim=16, tie_word_embeddings=True), dict(rslora=True)),
    "mistral-sliding": ("mistral", dict(sliding_window=11, head_dim=16), {}),
    "mistral-full": ("mistral", dict(sliding_window=None), dict(targets=["o_proj", "down_proj"], rank=5)),
    "starcoder2-sliding": ("starcoder2", dict(sliding_window=13), dict(targets=["q_proj", "k_proj", "v_proj", "o_proj", "c_fc", "c_proj"])),
    "starcoder2-untied": ("starcoder2", dict(sliding_window=None, tie_word_embeddings=False, use_bias=False), dict(targets=["q_proj", "c_fc"])),
    "padded-vocabulary": ("llama", dict(vocab_size=448), {}),
    "padded-vocabulary-tied": ("llama", dict(vocab_size=448, tie_word_embeddings=True), {}),
    "llama-attention-bias": ("llama", dict(attention_bias=True, tie_word_embeddings=True), {}),
    "llama-mlp-bias": ("llama", dict(mlp_bias=True), dict(targets=["down_proj"])),
    "llama-relu": ("llama", dict(hidden_act="relu", num_attention_heads=3, head_dim=16, num_key_value_heads=3), {}),
    "llama-gelu": ("llama", dict(hidden_act="gelu_new", hidden_size=40, head_dim=12, num_key_value_heads=1), {}),
    "llama-linear-f16": ("llama", dict(rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=1e5)), dict(dtype=torch.float16)),
    "llama-linear-old-keys": ("llama", dict(rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=1e5)), dict(old_keys="type")),
    "llama3-old-keys": ("llama", dict(rope_parameters=LLAMA3), dict(old_keys="rope_type")),
    "large-epsilon": ("llama", dict(rms_norm_eps=1e-2), {}),
    "first-layer-only": ("llama", {}, dict(targets=["gate_proj"], layers=[0], rank=16)),
    "last-layer-only": ("llama", {}, dict(targets=["k_proj"], layers=[2], rank=1)),
    "output-layer": ("llama", dict(tie_word_embeddings=False), dict(targets=["lm_head", "q_proj"])),
    "one-layer": ("qwen2", dict(num_hidden_layers=1), dict(targets=["o_proj", "up_proj"])),
    "narrow-heads": ("qwen2", dict(num_attention_heads=12, num_key_value_heads=4, head_dim=4), {}),
    "qwen2-yarn": ("qwen2", dict(rope_parameters=dict(rope_type="yarn", rope_theta=1e6, factor=4.0, original_max_position_embeddings=64)), {}),
    "qwen3-sliding": ("qwen3", dict(use_sliding_window=True, sliding_window=4, max_window_layers=2, head_dim=24, attention_bias=True), {}),
    "mistral-short-window": ("mistral", dict(sliding_window=3, num_key_value_heads=1), {}),
    "starcoder2-one-key-head": ("starcoder2", dict(num_key_value_heads=1, sliding_window=5), {}),
    "starcoder2-gelu": ("starcoder2", dict(hidden_act="gelu", sliding_window=4096), {}),
}


def losses(student, teacher, response):
    ls, lt = student.log_softmax(-1), teacher.log_softmax(-1)
    kl = lambda a, b: (a.exp() * (a - b)).sum(-1).mean()
    mix = torch.logsumexp(torch.stack((ls, lt)), 0) - torch.log(torch.tensor(2.0))

    def tail(p, q, k):
        ids = p.detach().topk(k).indices
        a, b = p.gather(-1, ids), q.gather(-1, ids)
        rest = lambda x: torch.log1p(-x.exp().sum(-1, keepdim=True).clamp(max=1 - 1e-7))
        return kl(torch.cat((a, rest(a)), -1), torch.cat((b, rest(b)), -1))

    return {
        "cross_entropy": F.cross_entropy(student, response),
        "forward_kl": kl(lt, ls),
        "reverse_kl": kl(ls, lt),
        "jsd_0.5": 0.5 * (kl(lt, mix) + kl(ls, mix)),
        "forward_kl_top20_tail": tail(lt, ls, 20),
        "reverse_kl_top20_tail": tail(ls, lt, 20),
    }


def make(name, layout, overrides, options, out):
    torch.manual_seed(sum(map(ord, name)))
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    config = AutoConfig.for_model(layout, **{**COMMON, **overrides})
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config).float()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=1.0 if parameter.dim() == 1 else 0.0, std=0.15)
    model.to(options.get("dtype", torch.float32)).save_pretrained(folder, max_shard_size=options.get("shards", "1GB"))
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(GOLDEN / "qwen2" / file, folder)
    # Read back: a conversion in place would round the rotation's frequencies too.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    rank = options.get("rank", 4)
    targets = options.get("targets") or (ALL if layout != "starcoder2" else ["q_proj", "k_proj", "v_proj", "o_proj", "c_fc", "c_proj"])
    if "old_keys" in options:
        config = json.loads((folder / "config.json").read_text())
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = {options["old_keys"]: rope.pop("rope_type"), **rope}
        (folder / "config.json").write_text(json.dumps(config))
    peft = get_peft_model(model, LoraConfig(r=rank, layers_to_transform=options.get("layers"), lora_alpha=8, target_modules=targets, lora_dropout=0.0,
                                            use_rslora=options.get("rslora", False), task_type="CAUSAL_LM"))
    lora = {n: p for n, p in peft.named_parameters() if p.requires_grad}
    for parameter in lora.values():
        torch.nn.init.normal_(parameter, std=0.1)
    peft.save_pretrained(folder / "adapter")
    ids = torch.randint(0, 400, (48,))
    prompt, hint, response = torch.randint(0, 400, (21,)), torch.randint(0, 400, (9,)), torch.cat((torch.randint(0, 400, (12,)), torch.tensor([406])))
    teacher_prompt = torch.cat((hint, prompt))
    run = lambda x: peft(input_ids=x[None]).logits[0]
    after = lambda p: run(torch.cat((p, response)))[len(p) - 1 : -1]
    cases = dict(long_ids=ids, prompt_ids=prompt, teacher_prompt_ids=teacher_prompt, response_ids=response)
    with torch.no_grad():
        cases["long_logits_adapter"] = run(ids)
        with peft.disable_adapter():
            cases["long_logits"] = run(ids)
            teacher = after(teacher_prompt)
            x = prompt.clone()
            for _ in range(24):
                x = torch.cat((x, run(x)[-1].argmax()[None]))
            cases["greedy_ids"] = x[len(prompt):]
    student = after(prompt)
    cases |= dict(student_logits=student.detach(), teacher_logits=teacher)
    strip = lambda n: n.replace(".default", "")
    values = {}
    for loss, value in losses(student, teacher, response).items():
        values[loss] = value.item()
        for (n, _), g in zip(lora.items(), torch.autograd.grad(value, lora.values(), retain_graph=True)):
            cases[f"grad.{loss}.{strip(n)}"] = g
    optimizer = torch.optim.AdamW(lora.values(), lr=0.01, weight_decay=0.01)
    for step in range(1, 6):
        optimizer.zero_grad()
        losses(after(prompt), teacher, response)["forward_kl"].backward()
        torch.nn.utils.clip_grad_norm_(lora.values(), 1.0)
        optimizer.step()
        if step in (1, 5):
            for n, p in lora.items():
                cases[f"adamw{step}.{strip(n)}"] = p.detach().clone()
    save_file({k: v.contiguous() for k, v in cases.items()}, folder / "expected.safetensors")
    (folder / "expected.json").write_text(json.dumps({"losses": values}))
    print(name, {k: round(v, 4) for k, v in values.items()}, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    target = Path(sys.argv[1])
    for name, (layout, overrides, options) in VARIANTS.items():
        make(name, layout, overrides, options, target)
