"""Write a checkpoint as a Hugging Face Qwen2 folder, and read such a folder back.

Usage: export.py --checkpoint FILE.pt --tokenizer DIR --out DIR [--average]

`--average` takes the moving average of the weights: for a checkpoint whose learning rate has not fallen.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from model import Decoder, ModelConfig
from safetensors.torch import load_file, save_file

HINDSIGHT = {"format": 1, "fim": {"order": "spm"}, "fileHeader": "<|file_sep|>{path}\n", "feedbackSlot": {"open": "<|feedback|>"}}


def hugging_face_config(c: ModelConfig) -> dict:
    return {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": c.vocab_size, "hidden_size": c.hidden_size,
        "intermediate_size": c.intermediate_size, "num_hidden_layers": c.num_hidden_layers, "num_attention_heads": c.num_attention_heads,
        "num_key_value_heads": c.num_key_value_heads, "hidden_act": "silu", "max_position_embeddings": c.max_position_embeddings,
        "rms_norm_eps": c.rms_norm_eps, "rope_theta": c.rope_theta, "tie_word_embeddings": True, "use_sliding_window": False,
        "attention_dropout": 0.0, "initializer_range": 0.02, "bos_token_id": None, "eos_token_id": 0, "pad_token_id": 4,
        "torch_dtype": "bfloat16", "use_cache": True,
    }


def save(weights: dict[str, torch.Tensor], config: ModelConfig, tokenizer: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": w.to(torch.bfloat16).contiguous() for name, w in weights.items()}
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    generation = {"eos_token_id": 0, "pad_token_id": 4, "do_sample": False}
    for name, value in (("config.json", hugging_face_config(config)), ("generation_config.json", generation), ("hindsight.json", HINDSIGHT)):
        (out / name).write_text(json.dumps(value, indent=2) + "\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if tokenizer.resolve() != out.resolve():
            shutil.copyfile(tokenizer / name, out / name)


def load(folder: Path) -> Decoder:
    written = json.loads((folder / "config.json").read_text())
    model = Decoder(ModelConfig(**{k: written[k] for k in ModelConfig().as_dict()}))
    tensors = load_file(folder / "model.safetensors")
    model.load_state_dict({name.removeprefix("model."): w.float() for name, w in tensors.items()})
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("checkpoint", "tokenizer", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--average", action="store_true")
    args = parser.parse_args()
    saved = torch.load(args.checkpoint)
    save(saved["average" if args.average else "model"], ModelConfig(**saved["config"]), args.tokenizer, args.out)
    print(f"step {saved['step']}, {saved['tokens'] / 1e6:.1f} M tokens, {saved['seconds'] / 60:.0f} min of training")


if __name__ == "__main__":
    main()
