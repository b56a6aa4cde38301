"""A team's round on Ray: one LoRA adapter from many developers' corrections.

    python recipe/team/job.py --exports FOLDER --base FILE.gguf --out ADAPTER [--workers 2] [--steps 60] [--address ray://HOST:10001]

Every worker trains on its share of each batch; gradients are averaged (DistributedDataParallel). Ordinary code is trained
on as well, towards the base model, so that nothing else is forgotten. Goes on from the last checkpoint where one is in --storage.
"""

import argparse
import json
import random
import tempfile
from pathlib import Path

import ray
import torch
import torch.nn.functional as F
from peft import LoraConfig, PeftModel, get_peft_model
from ray import train
from ray.train import Checkpoint, CheckpointConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchTrainer
from rows import Row, read_team
from transformers import AutoModelForCausalLM, AutoTokenizer

IGNORED = -100


def source(path: str) -> dict:
    """A GGUF file, or a folder as transformers reads it."""
    file = Path(path)
    return dict(pretrained_model_name_or_path=str(file.parent), gguf_file=file.name) if file.suffix == ".gguf" else dict(pretrained_model_name_or_path=path)


def padded(rows: list[Row], device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention and labels [rows, time], the response alone labelled."""
    length = max(len(r.prompt) + len(r.completion) for r in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORED)
    for i, r in enumerate(rows):
        whole = r.prompt + r.completion
        ids[i, : len(whole)] = torch.tensor(whole)
        mask[i, : len(whole)] = 1
        labels[i, len(r.prompt) : len(whole)] = torch.tensor(r.completion)
    return ids.to(device), mask.to(device), labels.to(device)


def response_loss(model, rows: list[Row], device) -> torch.Tensor:
    """Mean of -log p of each row's response, weighed by the rows' weights."""
    ids, mask, labels = padded(rows, device)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
    wanted = labels[:, 1:]
    losses = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=IGNORED, reduction="none")
    means = losses.sum(1) / (wanted != IGNORED).sum(1).clamp(min=1)
    weights = torch.tensor([r.weight for r in rows], device=device)
    return (means * weights).sum() / weights.sum()


def anchor_loss(model, inner: PeftModel, ids: torch.Tensor) -> torch.Tensor:
    """KL(base || student) on ordinary code, mean over positions."""
    with torch.no_grad(), inner.disable_adapter():
        base = F.log_softmax(inner(input_ids=ids).logits.float(), -1)
    student = F.log_softmax(model(input_ids=ids).logits.float(), -1)
    return F.kl_div(student, base, log_target=True, reduction="none").sum(-1).mean()


def worker(config: dict) -> None:
    team = read_team(Path(config["exports"]))
    where = source(config["base"])
    torch.manual_seed(config["seed"])
    base = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(**where)
    inner = get_peft_model(base, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
    start = 0
    checkpoint = train.get_checkpoint()
    optimizer = torch.optim.AdamW([p for p in inner.parameters() if p.requires_grad], lr=config["rate"], betas=(0.9, 0.95), weight_decay=0.01)
    if checkpoint:
        with checkpoint.as_directory() as folder:
            state = torch.load(Path(folder) / "state.pt", weights_only=True)
            inner.load_state_dict(state["adapter"], strict=False)
            optimizer.load_state_dict(state["optimizer"])
            start = state["step"]
    device = train.torch.get_device()
    model = train.torch.prepare_model(inner, parallel_strategy_kwargs={"find_unused_parameters": False})
    rank, size = train.get_context().get_world_rank(), train.get_context().get_world_size()
    replay = [tokenizer(row["text"], add_special_tokens=False)["input_ids"][:96] for row in json.loads(Path(config["replay"]).read_text())["rows"]]
    replay = [ids for ids in replay if len(ids) == 96]
    for step in range(start, config["steps"]):
        # The same draw in every worker, of which each takes its share.
        draw = random.Random(config["seed"] * 1000 + step)
        batch = [draw.choice(team.train) for _ in range(config["batch"])][rank::size]
        ordinary = torch.tensor([draw.choice(replay) for _ in range(2 * size)][rank::size], device=device)
        loss = response_loss(model, batch, device)
        loss.backward()
        anchor = anchor_loss(model, inner, ordinary)
        (config["anchor"] * anchor).backward()
        torch.nn.utils.clip_grad_norm_(inner.parameters(), 1.0)
        warm = min(1, (step + 1) / 5)
        for group in optimizer.param_groups:
            group["lr"] = config["rate"] * warm
        optimizer.step()
        optimizer.zero_grad()
        figures = {"step": step + 1, "loss": loss.item(), "anchor": anchor.item(), "resumed_from": start}
        last = step + 1 == config["steps"]
        if (step + 1) % config["every"] and not last:
            train.report(figures)
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = None
            if rank == 0:
                adapter = {k: v.detach().cpu() for k, v in inner.state_dict().items() if "lora_" in k}
                torch.save({"adapter": adapter, "optimizer": optimizer.state_dict(), "step": step + 1}, Path(folder) / "state.pt")
                if last:
                    figures["held_out"] = held_out(inner, team.held, team.developers, device)
                    inner.save_pretrained(Path(folder) / "peft")
                made = Checkpoint.from_directory(folder)
            train.report(figures, checkpoint=made)


@torch.no_grad()
def held_out(inner: PeftModel, rows: list[Row], developers: int, device) -> list[dict]:
    """Of each developer's held-out rows, log-prob a token of the right text without and with the adapter."""
    told = []
    for developer in range(developers):
        own = [r for r in rows if r.developer == developer]
        if not own:
            told.append({"rows": 0, "before": None, "after": None})
            continue
        after = -sum(response_loss(inner, [r], device).item() for r in own) / len(own)
        with inner.disable_adapter():
            before = -sum(response_loss(inner, [r], device).item() for r in own) / len(own)
        told.append({"rows": len(own), "before": round(before, 4), "after": round(after, 4)})
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--exports", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--replay", default=str(Path(__file__).parents[2] / "media/model/replay.json"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gpus", action="store_true")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--every", type=int, default=10, help="steps between checkpoints")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--anchor", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--address", help="of a cluster; without it, workers on this machine")
    parser.add_argument("--name", default="team", help="of this run: one that was cut off goes on under its name")
    parser.add_argument("--storage", default=str(Path.home() / "hindsight-team"), help="where checkpoints are kept; shared by all nodes")
    options = parser.parse_args()
    team = read_team(Path(options.exports))
    print(f"{len(team.train)} rows of {team.developers} developers, {team.doubles} doubles left out, {len(team.held)} held out")
    ray.init(address=options.address, runtime_env={"working_dir": str(Path(__file__).parent)} if options.address else {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}})
    config = {**vars(options), "exports": str(Path(options.exports).resolve()), "base": str(Path(options.base).resolve())}
    trainer = TorchTrainer(
        worker,
        train_loop_config=config,
        scaling_config=ScalingConfig(num_workers=options.workers, use_gpu=options.gpus),
        run_config=RunConfig(name=options.name, storage_path=options.storage, checkpoint_config=CheckpointConfig(num_to_keep=2)),
    )
    result = trainer.fit()
    figures = result.metrics
    with result.checkpoint.as_directory() as folder:
        out = Path(options.out)
        out.mkdir(parents=True, exist_ok=True)
        for file in (Path(folder) / "peft").iterdir():
            (out / file.name).write_bytes(file.read_bytes())
    config = json.loads((out / "adapter_config.json").read_text())
    # A folder of this machine is nobody's business.
    config["base_model_name_or_path"] = team.base["name"]
    (out / "adapter_config.json").write_text(json.dumps(config, indent=2))
    card = {
        "base": team.base,
        "developers": team.developers,
        "rows": len(team.train),
        "doubles": team.doubles,
        "heldOut": figures["held_out"],
        "steps": options.steps,
        "gates": "each developer's own, at import",
    }
    (out / "hindsight.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card))


if __name__ == "__main__":
    main()
