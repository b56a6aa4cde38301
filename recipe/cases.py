"""Held-out cases for evaluate.py and the tests, and the replay rows that ship with the model.

Usage: cases.py --corpus DIR --out DIR --fixtures DIR --model DIR
"""

import argparse
import json
from pathlib import Path
from random import Random

import conventions
from corpus_reader import Corpus, after, before, indent_of
from feedback_rows import FeedbackMaker
from mutations import Names

CODE = {"typescript", "javascript", "python"}
KINDS = ("same", "similar", "error", "test", "words", "irrelevant")
COMMENT = ("*", "//", "/*", "#", "import ", "from ", "export *", '"', "'")
REPLAY_ROWS, REPLAY_CHARACTERS = 256, 700


def line_cases(corpus: Corpus, count: int, above: int = 600, below: int = 250) -> list[dict]:
    """The rest of a line of code; half of the time the cursor stands inside a word. Languages take turns.

    `above` and `below` are how many characters of code around the cursor go with it; the places do not depend on them.
    """
    r, made, seen = corpus.random, [], set()
    languages = sorted(CODE)
    while len(made) < count:
        file = corpus.draw()
        k = r.randrange(len(file.lines))
        line = file.lines[k]
        if file.language != languages[len(made) % 3] or file.path.endswith(".d.ts") or (file.path, k) in seen:
            continue
        if not 12 <= len(line.strip()) <= 90 or line.strip().startswith(COMMENT) or k < 8:
            continue
        mid_word = len(made) % 2 == 0
        cursors = [i for i in range(indent_of(line) + 3, len(line) - 2) if (line[i - 1].isalnum() and line[i].isalnum()) == mid_word]
        if not cursors:
            continue
        cursor = r.choice(cursors)
        prefix = before(file.lines, k, above - cursor) + line[:cursor]
        seen.add((file.path, k))
        made.append({"path": file.path, "language": file.language, "prefix": prefix, "suffix": after(file.lines, k + 1, below),
                     "middle": line[cursor:], "package": file.package, "license": file.license})
    return made


def feedback_cases(corpus: Corpus, each: int) -> list[dict]:
    """Corrections made from held-out code only: no invented places."""
    maker = FeedbackMaker(corpus, Names(corpus.common_words(), corpus.random), plain=True)
    made = []
    for kind in KINDS:
        count = 0
        while count < each:
            e = maker.make(kind)
            if len(e.prefix) > 600 or len(e.suffix) > 250 or "\n" in e.middle:
                continue
            made.append({"kind": kind, "language": e.language, "path": e.path, "feedback": e.feedback, "prefix": e.prefix,
                         "suffix": e.suffix, "middle": e.middle})
            count += 1
    return made


def replay_rows(corpus: Corpus) -> list[dict]:
    rows, packages = [], {}
    while len(rows) < REPLAY_ROWS:
        file = corpus.draw()
        if file.language not in CODE or file.path.endswith(".d.ts") or packages.get(file.package, 0) >= 6:
            continue
        text = after(file.lines, corpus.random.randrange(len(file.lines)), REPLAY_CHARACTERS).strip("\n")
        if len(text) < 300:
            continue
        packages[file.package] = packages.get(file.package, 0) + 1
        rows.append({"package": file.package, "license": file.license, "text": text[:REPLAY_CHARACTERS]})
    return rows


def write(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("corpus", "out", "fixtures", "model"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    held = Corpus(args.corpus / "held.jsonl", Random(11), CODE)
    lines = line_cases(held, 600)
    feedback = feedback_cases(held, 150)
    write(args.out / "lines.json", lines)
    write(args.out / "lines-long.json", line_cases(Corpus(args.corpus / "held.jsonl", Random(11), CODE), 600, 2400, 800))
    write(args.out / "feedback.json", feedback)
    write(args.out / "conventions.json", conventions.cases(40))
    write(args.fixtures / "heldout-lines.json", lines[:120])
    write(args.fixtures / "feedback-cases.json", [c for kind in KINDS for c in [f for f in feedback if f["kind"] == kind][:40]])
    write(args.model / "replay.json", {"rows": replay_rows(Corpus(args.corpus / "train.jsonl", Random(12), CODE))})
    manifest = json.loads((args.corpus / "manifest.json").read_text())
    write(args.model / "manifest.json", manifest)


if __name__ == "__main__":
    main()
