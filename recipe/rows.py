"""Training rows: next-token text, fill-in-the-middle and feedback examples, packed to a fixed length.

The layout of an example (suffix first, so that the half-typed line stands directly before the middle):

    [<|feedback|> FEEDBACK] <|fim_prefix|> <|fim_suffix|> SUFFIX <|fim_middle|> [HEADER] PREFIX MIDDLE <|endoftext|>

PREFIX and MIDDLE are tokenised apart, at the cursor. HEADER is `<|file_sep|>path\n`, in half of the rows.
"""

import os
from random import Random

import numpy as np
from corpus_reader import Corpus, File, after, before, indent_of
from example import Example
from feedback_rows import FeedbackMaker
from mutations import Names
from tokenizer import END, FEEDBACK, FILE_SEP, FIM_MIDDLE, FIM_PREFIX, FIM_SUFFIX, PAD

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

MIDDLE_LIMIT = 180
CUT_CHARACTERS = 60
WEIGHT = {"text": 1.0, "suffix": 0.5, "feedback": 0.3, "prefix": 1.0, "middle": 4.0, "feedback middle": 5.0}


class Encoder:
    """Turns examples into token ids and loss weights. `order` is "spm", or "psm" for the comparison run."""

    def __init__(self, tokenizer, random: Random, length: int = 512, order: str = "spm"):
        self.tokenizer, self.random, self.length, self.order = tokenizer, random, length, order

    def ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids if text else []

    def cut_ids(self, text: str) -> list[int]:
        """Tokenised in pieces that are cut inside words, now and then: how text looks around a cursor in mid-word."""
        r, cuts = self.random, [0]
        for _ in range(len(text) // CUT_CHARACTERS if r.random() < 0.6 else 0):
            i = r.randrange(1, len(text))
            if text[i - 1].isalnum() and text[i].isalnum():
                cuts.append(i)
        cuts = sorted(set(cuts)) + [len(text)]
        return [i for a, b in zip(cuts, cuts[1:]) for i in self.ids(text[a:b])]

    def header(self, path: str) -> list[int]:
        return [FILE_SEP, *self.ids(path + "\n")]

    def prompt(self, e: Example, room: int, header: bool = True, cuts: bool = False) -> tuple[list[int], list[float]]:
        """Everything before the middle. The code is cut to the room there is, the feedback never."""
        feedback = [FEEDBACK, *self.ids(e.feedback)] if e.feedback else []
        head = self.header(e.path) if header else []
        suffix, prefix = self.ids(e.suffix), (self.cut_ids if cuts else self.ids)(e.prefix)
        room -= len(feedback) + len(head) + 3
        suffix = suffix[: max(0, room // 3)]
        prefix = prefix[-max(1, room - len(suffix)):]
        w = WEIGHT
        parts = [(feedback, w["feedback"])]
        if self.order == "spm":
            parts += [([FIM_PREFIX, FIM_SUFFIX, *suffix], w["suffix"]), ([FIM_MIDDLE, *head, *prefix], w["prefix"])]
        else:
            parts += [([FIM_PREFIX, *head, *prefix], w["prefix"]), ([FIM_SUFFIX, *suffix, FIM_MIDDLE], w["suffix"])]
        return [i for ids, _ in parts for i in ids], [x for ids, x in parts for _ in ids]

    def example(self, e: Example) -> tuple[list[int], list[float]] | None:
        middle = [*self.ids(e.middle), END]
        if len(middle) > MIDDLE_LIMIT:
            return None
        ids, weights = self.prompt(e, self.length + 1 - len(middle), header=self.random.random() < 0.5, cuts=True)
        if len(ids) + len(middle) > self.length + 1:
            return None
        weight = WEIGHT["feedback middle" if e.feedback else "middle"]
        return ids + middle, weights + [weight] * len(middle)

    def text(self, file: File, room: int) -> tuple[list[int], list[float]]:
        """A stretch of a file, from the beginning of a line, as ordinary next-token training."""
        characters = room * 4
        start = self.random.randrange(max(1, len(file.text) - characters // 2))
        start = file.text.rfind("\n", 0, start + 1) + 1
        head = self.header(file.shown_path(self.random)) if self.random.random() < 0.5 else []
        ids = [*head, *self.cut_ids(file.text[start: start + characters]), END][:room]
        return ids, [WEIGHT["text"]] * len(ids)


class FillInTheMiddle:
    """Plain fill-in-the-middle: rest of a line, whole line, block, expression, and now and then nothing."""

    def __init__(self, corpus: Corpus, length: int = 512):
        self.corpus, self.random = corpus, corpus.random
        long = length > 512
        self.prefixes = (120, 250, 450, 800) + ((1500, 2200) if long else ())
        self.suffixes = (0, 80, 200, 350, 600) + ((700,) if long else ())

    def make(self) -> Example:
        while True:
            file = self.corpus.draw()
            k = self.random.randrange(len(file.lines))
            if 6 <= len(file.lines[k].strip()) and len(file.lines[k]) <= 160:
                made = self.at(file, k)
                if made:
                    return made

    def at(self, file: File, k: int) -> Example | None:
        r, line = self.random, file.lines[k]
        indent, end, rest = indent_of(line), k + 1, ""
        kind = r.random()
        if kind < 0.55:
            cursor = r.randrange(indent, len(line) - 1)
            middle = line[cursor:]
        elif kind < 0.68:
            cursor, middle = indent, line[indent:]
        elif kind < 0.70:
            cursor, middle = len(line), ""
        elif kind < 0.84:
            cursor, stop = self.expression(line, indent)
            middle, rest = line[cursor:stop], line[stop:]
        else:
            end = self.block_end(file.lines, k)
            if end - k < 2:
                return None
            at_end = line.rstrip().endswith(("{", ":", "(", "[")) and r.random() < 0.7
            cursor = len(line) if at_end else indent
            middle = "\n".join(file.lines[k:end])[cursor:]
            if len(middle) > 420:
                return None
        prefix = before(file.lines, k, r.choice(self.prefixes)) + line[:cursor]
        suffix = rest + after(file.lines, end, r.choice(self.suffixes))
        return Example(file.shown_path(r), file.language, prefix, middle, suffix)

    def expression(self, line: str, indent: int) -> tuple[int, int]:
        """Half of the time what is left to type inside brackets, as an editor that closes brackets leaves it."""
        r = self.random
        close = [i for i, c in enumerate(line) if c in ")]}" and i > indent + 2]
        if close and r.random() < 0.6:
            stop, depth, start = r.choice(close), 0, indent
            for i in range(stop - 1, indent, -1):
                depth += (line[i] in ")]}") - (line[i] in "([{")
                if depth < 0:
                    start = i + 1
                    break
            if start < stop:
                return r.randrange(start, stop), stop
        cursor = r.randrange(indent, len(line) - 2)
        return cursor, r.randrange(cursor + 1, len(line))

    def block_end(self, lines: list[str], k: int) -> int:
        """To the end of the block that line k stands in or opens, at most six lines."""
        indent, end = indent_of(lines[k]), k + 1
        opens = lines[k].rstrip().endswith(("{", ":", "(", "["))
        while end < len(lines) and end - k < 6:
            own = indent_of(lines[end])
            if not lines[end].strip() or own < indent or (opens and own == indent):
                break
            end += 1
        if opens and end < len(lines) and lines[end].strip()[:1] in ("}", ")", "]") and end - k < 6:
            end += 1
        return end


class RowMaker:
    """Packs examples into rows of `length` + 1 tokens. What is left of a row is filled with text."""

    def __init__(self, corpus: Corpus, tokenizer, feedback_share: float, text_share: float = 0.15, length: int = 512, order: str = "spm"):
        self.corpus, self.random = corpus, corpus.random
        self.feedback_share, self.text_share = feedback_share, text_share
        self.length = length
        self.encoder = Encoder(tokenizer, corpus.random, length, order)
        self.middle = FillInTheMiddle(corpus, length)
        self.feedback = FeedbackMaker(corpus, Names(corpus.common_words(), corpus.random))

    def example(self) -> tuple[list[int], list[float]]:
        kind = self.random.random()
        while True:
            if kind < self.feedback_share:
                made = self.encoder.example(self.feedback.make())
            elif kind < self.feedback_share + self.text_share:
                made = self.encoder.text(self.corpus.draw(), self.length + 1)
            else:
                made = self.encoder.example(self.middle.make())
            if made:
                return made

    def row(self) -> tuple[np.ndarray, np.ndarray]:
        ids, weights = self.example()
        while self.length + 1 - len(ids) > 24:
            room = self.length + 1 - len(ids)
            more = self.example() if room > 150 else None
            if not more or len(more[0]) > room:
                more = self.encoder.text(self.corpus.draw(), room)
            ids, weights = ids + more[0], weights + more[1]
        fill = self.length + 1 - len(ids)
        return np.array(ids + [PAD] * fill, np.int64), np.array(weights + [0.0] * fill, np.float32)

    def batch(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        rows = [self.row() for _ in range(size)]
        return np.stack([r[0] for r in rows]), np.stack([r[1] for r in rows])
