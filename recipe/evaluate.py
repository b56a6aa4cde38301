"""Measure an exported model on held-out packages.

Usage: evaluate.py --model DIR --corpus DIR --cases DIR [--out FILE.json]

Prints bits per byte in rows of 512 and of 1,024 tokens; exact match of the rest of a line (cursor at a word's start, or inside a
word), with little code around it and with as much as an editor has; for every kind of feedback the log-prob per token of the right text without feedback, with it, with
another case's feedback (shuffled), and the exact match with and without. `--cases` is what cases.py wrote.

Exact match is greedy decoding: the completion is the right text, and then the model stops or breaks the
line.
"""

import argparse
import json
import math
from collections import defaultdict
from pathlib import Path
from random import Random

import torch
from corpus_reader import Corpus
from example import Example
from model import Decoder
from rows import Encoder
from tokenizer import END, PAD
from tokenizers import Tokenizer

CODE = {"typescript", "javascript", "python"}
BATCH = 8
PROMPT_TOKENS = 900
LONGEST = 48  # tokens of a completion


def text_rows(held: Path, tokenizer: Path, count: int, length: int = 512) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Next-token rows of held-out code: ids, weights, and the bytes they predict."""
    random = Random(5)
    corpus = Corpus(held, random, CODE)
    encoder = Encoder(Tokenizer.from_file(str(tokenizer / "tokenizer.json")), random)
    rows, weights, size = [], [], 0
    for file in random.sample(corpus.files, count):
        start = file.text.rfind("\n", 0, random.randrange(max(1, len(file.text) - 1800)) + 1) + 1
        ids = encoder.ids(file.text[start: start + 6000 * length // 1024])[: length + 1]
        size += len(encoder.tokenizer.decode(ids[1:]).encode())
        fill = length + 1 - len(ids)
        rows.append(ids + [PAD] * fill)
        weights.append([1.0] * len(ids) + [0.0] * fill)
    return torch.tensor(rows), torch.tensor(weights), size


@torch.no_grad()
def bits_per_byte(loss, rows: tuple[torch.Tensor, torch.Tensor, int]) -> float:
    """`loss` is `Decoder.loss`, compiled or not; `rows` are those of `text_rows`."""
    ids, weights, size = rows
    nats = 0.0
    for x, w in zip(ids.split(2), weights.split(2)):
        w = w[:, 1:].contiguous()
        nats += loss(x[:, :-1].contiguous(), x[:, 1:].contiguous(), w).item() * w.sum().item()
    return nats / math.log(2) / size


class Scorer:
    """Log-probs and greedy completions of right texts under one model."""

    def __init__(self, model: Decoder, tokenizer: Tokenizer, order: str = "spm"):
        self.model, self.tokenizer, self.encoder = model.eval(), tokenizer, Encoder(tokenizer, Random(0), order=order)

    def score(self, cases: list[dict], feedback: list[str] | None = None) -> list[tuple[float, bool]]:
        """(mean log-prob per token with the stop token, exact match) of every case's middle."""
        prompts, middles = [], []
        for i, case in enumerate(cases):
            e = Example(case["path"], case["language"], case["prefix"], case["middle"], case["suffix"], feedback[i] if feedback else "")
            middles.append([*self.encoder.ids(e.middle), END])
            prompts.append(self.encoder.prompt(e, PROMPT_TOKENS)[0])
        log_probs: dict[int, float] = {}
        for indices, hidden in self.states([p + m for p, m in zip(prompts, middles)]):
            for i, states in zip(indices, hidden):
                start, middle = len(prompts[i]) - 1, torch.tensor(middles[i])
                logs = (states[start: start + len(middle)] @ self.model.embed_tokens.weight.T).log_softmax(-1)
                log_probs[i] = logs.gather(1, middle[:, None]).mean().item()
        matched = self.matches(prompts, [case["middle"] for case in cases])
        return [(log_probs[i], i in matched) for i in range(len(cases))]

    @torch.no_grad()
    def states(self, rows: list[list[int]]):
        """Hidden states in batches of rows of like length: (indices, states)."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for begin in range(0, len(order), BATCH):
            part = order[begin: begin + BATCH]
            longest = max(len(rows[i]) for i in part)
            yield part, self.model(torch.tensor([rows[i] + [PAD] * (longest - len(rows[i])) for i in part]))

    def matches(self, prompts: list[list[int]], right: list[str]) -> set[int]:
        """Which greedy completions are the right text and then stop or break the line. Wrong ones are left at once."""
        alive, matched = {i: [] for i in range(len(prompts))}, set()
        for _ in range(LONGEST):
            keys = list(alive)
            for indices, hidden in self.states([prompts[i] + alive[i] for i in keys]):
                for i, states in zip([keys[j] for j in indices], hidden):
                    last = len(prompts[i]) + len(alive[i]) - 1
                    token = int((states[last] @ self.model.embed_tokens.weight.T).argmax())
                    text = self.tokenizer.decode(alive[i] + [token]) if token != END else None
                    if text is not None and right[i].startswith(text):
                        alive[i].append(token)
                        continue
                    whole = self.tokenizer.decode(alive[i]) == right[i]
                    if whole and (text is None or text[len(right[i]):].startswith("\n")):
                        matched.add(i)
                    del alive[i]
            if not alive:
                break
        return matched


def mean(values) -> float:
    values = list(values)
    return sum(values) / max(1, len(values))


def line_figures(scorer: Scorer, cases: list[dict]) -> dict:
    groups = defaultdict(list)
    for case, (log_prob, match) in zip(cases, scorer.score(cases)):
        inside = case["prefix"][-1:].isalnum() and case["middle"][:1].isalnum()
        for group in ("all", case["language"], "mid-word" if inside else "word start"):
            groups[group].append((log_prob, match))
    return {g: {"n": len(v), "exactMatch": round(mean(m for _, m in v), 3), "logProb": round(mean(p for p, _ in v), 3)} for g, v in sorted(groups.items())}


def feedback_figures(scorer: Scorer, cases: list[dict], across: bool = False) -> dict:
    """`across`: the shuffled feedback stems from a case of another kind, not of the same."""
    figures, shift = {}, 1 + len(cases) // 5
    foreign = {id(c): cases[(i + shift) % len(cases)]["feedback"] for i, c in enumerate(cases)}
    kinds = defaultdict(list)
    for case in cases:
        kinds[case["kind"]].append(case)
    for kind, group in kinds.items():
        texts = [c["feedback"] for c in group]
        plain, read = scorer.score(group), scorer.score(group, texts)
        other = scorer.score(group, [foreign[id(c)] for c in group] if across else texts[1:] + texts[:1])
        figures[kind] = {
            "n": len(group),
            "without": round(mean(p for p, _ in plain), 3),
            "with": round(mean(p for p, _ in read), 3),
            "gap": round(mean(a - b for (a, _), (b, _) in zip(read, plain)), 3),
            "shuffledGap": round(mean(a - b for (a, _), (b, _) in zip(other, plain)), 3),
            "exactWithout": round(mean(m for _, m in plain), 3),
            "exactWith": round(mean(m for _, m in read), 3),
        }
    return figures


def main() -> None:
    from export import load

    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "corpus", "cases"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--order", choices=("spm", "psm"), default="spm", help="of prefix and suffix, as the model was trained")
    parser.add_argument("--only", choices=("lines", "feedback", "conventions"), help="besides the bits per byte; all of them otherwise")
    parser.add_argument("--every", type=int, default=1, help="take only one case of n, for a quick look")
    args = parser.parse_args()
    model, tokenizer = load(args.model), Tokenizer.from_file(str(args.model / "tokenizer.json"))
    scorer = Scorer(model, tokenizer, args.order)

    def cases(name: str) -> list[dict]:
        everything = json.loads((args.cases / f"{name}.json").read_text())
        chosen = Random(0).sample(range(len(everything)), len(everything) // args.every)
        return [everything[i] for i in sorted(chosen)]

    held = args.corpus / "held.jsonl"
    figures: dict = {name: round(bits_per_byte(model.loss, text_rows(held, args.model, 96, length)), 4)
                     for name, length in (("bitsPerByte", 512), ("bitsPerByteLong", 1024))}
    print(json.dumps(figures), flush=True)
    for name in ("lines", "lines-long") if args.only in (None, "lines") else ():
        figures[name] = line_figures(scorer, cases(name))
        for group, values in figures[name].items():
            print(f"{name} {group:12s} {values}", flush=True)
    for name in ("feedback", "conventions") if not args.only else {args.only} - {"lines"}:
        figures[name] = feedback_figures(scorer, cases(name), across=name == "conventions")
        for kind, values in figures[name].items():
            print(f"{name} {kind:10s} {values}", flush=True)
    if args.out:
        args.out.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
