"""Pretrain the model on the CPU, from nothing or from a checkpoint.

Usage: pretrain.py --corpus DIR --tokenizer DIR --out FILE.pt --minutes M [--resume FILE.pt | --from DIR] [--decay-minutes D]

`--from` starts from an exported Hugging Face folder, with a fresh optimizer and a warm-up; what it was trained on is not counted.

Warm-up, stable, decay: the learning rate stays flat until the last D minutes and then falls to nothing,
so several runs can add up and any checkpoint can be decayed. Rows come from a separate process that
makes them as they are needed, so no row is seen twice. A moving average of the weights is kept as well.
"""

import argparse
import json
import math
import multiprocessing as mp
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import torch
from evaluate import bits_per_byte, text_rows
from export import load
from model import Decoder, ModelConfig
from muon import MuonAdam

BATCH_TOKENS = 4096
PIECE_TOKENS = 1024  # what a worker takes at once
WARM_UP = 60
AVERAGE = 0.995
HELD_ROWS = 32


def produce(queue: mp.Queue, args: argparse.Namespace, seed: int) -> None:
    """Makes batches for ever. Runs in a process of its own."""
    from corpus_reader import Corpus
    from rows import RowMaker
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(args.tokenizer / "tokenizer.json"))
    maker = RowMaker(Corpus(args.corpus / "train.jsonl", Random(seed)), tokenizer, args.feedback, args.text, args.length, args.order)
    while True:
        queue.put(maker.batch(BATCH_TOKENS // args.length))


def learning_rate(elapsed: float, step: int, args: argparse.Namespace) -> float:
    left = (args.minutes + args.decay_offset) * 60 - elapsed
    decay = args.decay_minutes * 60
    down = max(0.01, left / decay) if decay and left < decay else 1.0
    return args.peak * min(1.0, (step + 1) / WARM_UP) * down


class Workers:
    """Threads that each take a piece of a batch when they are free, so that on a machine shared with others none waits for the slowest.

    Each computes with one core. The batch's loss is the mean of its pieces' losses.
    """

    def __init__(self, loss_of, parameters: list[torch.Tensor], count: int):
        self.loss_of, self.parameters, self.count = loss_of, parameters, count
        self.pool = ThreadPoolExecutor(count, initializer=lambda: torch.set_num_threads(1))
        self.compiled = False

    def work(self, pieces: list[tuple[torch.Tensor, torch.Tensor]], share: float) -> tuple[list[torch.Tensor] | None, float]:
        sums, total = None, 0.0
        while pieces:
            try:
                ids, weights = pieces.pop()
            except IndexError:  # another was faster
                break
            loss = self.loss_of(ids[:, :-1].contiguous(), ids[:, 1:].contiguous(), weights[:, 1:].contiguous()) * share
            gradients = torch.autograd.grad(loss, self.parameters)
            total += loss.item()
            if sums is None:
                sums = list(gradients)
            else:
                torch._foreach_add_(sums, gradients)
        return sums, total

    def backward(self, ids: torch.Tensor, weights: torch.Tensor) -> float:
        """Leaves the gradients of the batch in the parameters and returns its loss."""
        pieces = list(zip(ids.split(PIECE_TOKENS // (ids.shape[1] - 1)), weights.split(PIECE_TOKENS // (ids.shape[1] - 1))))
        share = 1 / len(pieces)
        crew = self.count if self.compiled else 1  # the first call compiles, which one thread must do alone
        results = [r for r in self.pool.map(lambda _: self.work(pieces, share), range(crew)) if r[0]]
        self.compiled = True
        gradients = results[0][0]
        for other, _ in results[1:]:
            torch._foreach_add_(gradients, other)
        for p, g in zip(self.parameters, gradients):
            p.grad = g
        return sum(total for _, total in results)


class Trainer:
    def __init__(self, args: argparse.Namespace):
        self.args = args
        torch.manual_seed(args.seed)
        self.model = load(args.start).train() if args.start else Decoder(ModelConfig())
        self.optimizer = MuonAdam(self.model, precision=torch.bfloat16 if args.precision == "bf16" else torch.float32, threads=args.threads)
        self.step, self.tokens, self.seconds = 0, 0, 0.0
        if args.resume:
            saved = torch.load(args.resume)
            self.model.load_state_dict(saved["model"])
            self.optimizer.load(saved["optimizer"])
            self.step, self.tokens, self.seconds = saved["step"], saved["tokens"], saved["seconds"]
        self.average = {n: p.detach().clone() for n, p in self.model.named_parameters()}
        if args.resume and "average" in saved:
            self.average = saved["average"]

    def loss(self, ids: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.args.precision == "bf16"):
            return self.model.loss(ids, targets, weights)

    def save(self, elapsed: float) -> None:
        state = {"model": self.model.state_dict(), "average": self.average, "optimizer": self.optimizer.state(), "step": self.step,
                 "tokens": self.tokens, "seconds": self.seconds + elapsed, "config": self.model.config.as_dict()}
        temporary = self.args.out.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, self.args.out)

    def run(self) -> None:
        args = self.args
        held = text_rows(args.corpus / "held.jsonl", args.tokenizer, HELD_ROWS)
        queue: mp.Queue = mp.Queue(maxsize=24)
        producer = mp.Process(target=produce, args=(queue, args, args.seed * 1_000_003 + self.step), daemon=True)
        producer.start()
        loss_of = torch.compile(self.loss)
        workers = Workers(loss_of, list(self.model.parameters()), args.threads)
        start, recent, spared = time.time(), [], 0.0  # the clock of the schedule leaves out compilation and evaluation
        first = True
        while (elapsed := time.time() - start - spared) < args.minutes * 60:
            ids, weights = (torch.from_numpy(x) for x in queue.get())
            loss = workers.backward(ids, weights)
            self.optimizer.step(learning_rate(elapsed, self.step, args))
            torch._foreach_lerp_(list(self.average.values()), [p.detach() for p in self.model.parameters()], 1 - AVERAGE)
            self.step, self.tokens = self.step + 1, self.tokens + ids.numel()
            recent.append(loss)
            if first:
                start, first = time.time(), False
            if self.step % 50 == 0:
                pause = time.time()
                bits = bits_per_byte(loss_of, held) if self.step % 400 == 0 else None
                self.report(recent, bits, elapsed)
                recent = []
                if self.step % 100 == 0:
                    self.save(elapsed)
                spared += time.time() - pause
        self.report(recent or [math.nan], bits_per_byte(loss_of, held), args.minutes * 60)
        self.save(args.minutes * 60)
        producer.terminate()

    def report(self, recent: list[float], bits: float | None, elapsed: float) -> None:
        entry = {"step": self.step, "tokens": self.tokens, "loss": round(sum(recent) / len(recent), 4), "minutes": round((self.seconds + elapsed) / 60, 1),
                 "rate": round(learning_rate(elapsed, self.step, self.args), 3)} | ({"bits_per_byte": round(bits, 4)} if bits else {})
        print(json.dumps(entry), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--decay-minutes", type=float, default=0)
    parser.add_argument("--decay-offset", type=float, default=0, help="minutes of the decay that a later run will do")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    begin.add_argument("--from", dest="start", type=Path, help="an exported folder to start from")
    parser.add_argument("--peak", type=float, default=1.0, help="learning rate of the stable phase, as a share of the full one")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16", help="of the products; weights stay fp32")
    parser.add_argument("--feedback", type=float, default=0.33, help="share of examples that carry feedback")
    parser.add_argument("--text", type=float, default=0.15, help="share of plain next-token examples")
    parser.add_argument("--length", type=int, default=512, help="tokens of a row")
    parser.add_argument("--order", choices=("spm", "psm"), default="spm")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    options = arguments()
    torch.set_num_threads(1)  # the workers are the threads
    mp.set_start_method("spawn")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the producer ends too
    Trainer(options).run()
