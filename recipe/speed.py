"""Time a training step with our attention and with PyTorch's own, side by side on one core.

Usage: speed.py --model DIR
"""

import argparse
import time
from pathlib import Path

import model
import torch
import torch.nn.functional as F
from export import load
from pretrain import PIECE_TOKENS

ROUNDS = 8


def pytorchs(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    groups = q.shape[1] // k.shape[1]
    return F.scaled_dot_product_attention(q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1), is_causal=True)


def step(folder: Path, attend, length: int):
    """A function that does one forward and backward pass of a piece of a batch."""
    decoder = load(folder).train()
    ids = torch.randint(5, decoder.config.vocab_size, (PIECE_TOKENS // length, length + 1))
    x, y, weights = ids[:, :-1].contiguous(), ids[:, 1:].contiguous(), torch.ones(len(ids), length)

    def loss() -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return decoder.loss(x, y, weights)

    compiled, parameters = torch.compile(loss), list(decoder.parameters())

    def run() -> None:
        model.attend = attend  # what was compiled with it is what then runs
        torch.autograd.grad(compiled(), parameters)

    for _ in range(2):
        run()
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    ours = model.attend
    for length in (512, 1024):
        torch._dynamo.reset()
        runs = {"theirs": step(args.model, pytorchs, length), "ours": step(args.model, ours, length)}
        seconds = dict.fromkeys(runs, 0.0)
        for _ in range(ROUNDS):
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                seconds[name] += (time.perf_counter() - start) / ROUNDS
        theirs, mine = seconds.values()
        print(f"{PIECE_TOKENS} tokens in rows of {length}: {theirs:.3f} s with PyTorch's attention, {mine:.3f} s with ours, {theirs / mine:.2f} times")


if __name__ == "__main__":
    main()
