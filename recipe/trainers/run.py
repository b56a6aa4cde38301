"""Runs the trainers that read Hindsight's exports, for a few steps each, on the rows that were exported.

    python recipe/trainers/run.py --rows FOLDER --gguf FILE [--only trl-sft,trl-kto] [--steps 2]

FOLDER holds trl-sft.jsonl, trl-kto.jsonl, trl-sdft.jsonl and trl-sdpo.jsonl (`hindsight export --format NAME --out FOLDER/NAME.jsonl
--model FILE`). Says for each whether it trained, and whether the tokenizer that it uses gives the ids of the export, token for token.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

OUT = "/tmp/hindsight-trainers"
LORA = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")


def dequantised(model):
    """transformers reads a GGUF file into float32 and goes on calling it quantised, which trainers refuse."""
    model.is_quantized = False
    model.hf_quantizer = None
    model.quantization_method = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model


def rows_of(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def same_ids(tokenizer, rows: list[dict]) -> tuple[int, int]:
    """How many prompts and completions the trainer's tokenizer cuts as the product does."""
    same = total = 0
    for row in rows:
        for text, ids in (("prompt", "prompt_ids"), ("completion", "completion_ids"), ("teacher_prompt", "teacher_prompt_ids")):
            if text in row and ids in row:
                total += 1
                same += tokenizer(row[text], add_special_tokens=False)["input_ids"] == row[ids]
    return same, total


def common(steps: int) -> dict:
    return dict(
        output_dir=OUT,
        max_steps=steps,
        per_device_train_batch_size=2,
        learning_rate=1e-3,
        logging_steps=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
    )


def sft(model, tokenizer, rows, steps):
    from trl import SFTConfig, SFTTrainer

    data = Dataset.from_list([{"prompt": r["prompt"], "completion": r["completion"]} for r in rows])
    return SFTTrainer(model=model, args=SFTConfig(max_length=512, **common(steps)), train_dataset=data, processing_class=tokenizer, peft_config=LORA)


def kto(model, tokenizer, rows, steps):
    from trl import KTOConfig, KTOTrainer

    data = Dataset.from_list([{k: r[k] for k in ("prompt", "completion", "label")} for r in rows])
    return KTOTrainer(model=model, args=KTOConfig(max_length=512, **common(steps)), train_dataset=data, processing_class=tokenizer, peft_config=LORA)


def distilled(kind: str):
    def make(model, tokenizer, rows, steps):
        if kind == "sdft":
            from trl.experimental.sdft import SDFTConfig as Config
            from trl.experimental.sdft import SDFTTrainer as Trainer

            more = {}
        else:
            from trl.experimental.sdpo import SDPOConfig as Config
            from trl.experimental.sdpo import SDPOTrainer as Trainer

            # Nothing is rewarded here: the teacher's context is what teaches.
            more = {"reward_funcs": lambda completions, **_: [0.0] * len(completions)}
        # The teacher's prompt as the product builds it: what it reads stands before the student's.
        data = Dataset.from_list([{"prompt": r["prompt"], "privileged_context": r["teacher_prompt"].removesuffix(r["prompt"])} for r in rows])
        settings = dict(teacher_prompt_template="{privileged_context}{prompt}", max_completion_length=24, num_generations=2)
        fields = Config.__dataclass_fields__
        args = Config(**{k: v for k, v in settings.items() if k in fields}, **common(steps))
        return Trainer(model=model, args=args, train_dataset=data, processing_class=tokenizer, peft_config=LORA, **more)

    return make


TRAINERS = {"trl-sft": sft, "trl-kto": kto, "trl-sdft": distilled("sdft"), "trl-sdpo": distilled("sdpo")}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, required=True, help="the base model")
    parser.add_argument("--only", default=",".join(TRAINERS))
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    where = dict(pretrained_model_name_or_path=str(options.gguf.parent), gguf_file=options.gguf.name)
    failed = 0
    for name in options.only.split(","):
        rows = rows_of(options.rows, name)
        tokenizer = AutoTokenizer.from_pretrained(**where)
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        model = dequantised(AutoModelForCausalLM.from_pretrained(**where))
        same, total = same_ids(tokenizer, rows)
        try:
            result = TRAINERS[name](model, tokenizer, rows, options.steps).train()
            print(f"{name}: {len(rows)} rows, {result.global_step} steps, loss {result.training_loss:.4f}; {same} of {total} texts cut as in the product")
        except Exception as error:  # noqa: BLE001 - the point is to say which trainer does not run
            failed += 1
            print(f"{name}: FAILED: {type(error).__name__}: {error}; {same} of {total} texts cut as in the product")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
