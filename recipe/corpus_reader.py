"""The corpus in memory: files as lines, drawn at random, and small helpers on lines."""

import bisect
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random

DECLARATION = re.compile(r"\.d\.[mc]?ts$")
LANGUAGE_WEIGHT = {"typescript": 1.2, "javascript": 0.9, "python": 1.0, "json": 0.5, "css": 0.6, "html": 0.6, "shell": 1.0,
                   "markdown": 0.5}
FUNCTION = re.compile(r"(?:function|def)\s+(\w+)\s*\(|^\s*(?:(?:public|private|protected|static|async|export) )*(\w+)\([^)]*\)[^;]*\{$")


@dataclass
class File:
    package: str
    license: str
    path: str
    language: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def python(self) -> bool:
        return self.language == "python"

    def shown_path(self, random: Random) -> str:
        """The path as it stands in a file header: relative to some workspace folder, so the last parts of it."""
        return "/".join(self.path.split("/")[-random.choice((1, 2, 2, 3, 4)):])


class Corpus:
    def __init__(self, path: Path, random: Random, only: set[str] | None = None):
        rows = (json.loads(line) for line in open(path))
        keys = ("package", "license", "path", "language", "text")
        self.files = [File(*(row[k] for k in keys)) for row in rows if not only or row["language"] in only]
        self.random = random
        self.cumulative = list(accumulate(map(weight, self.files)))

    def draw(self) -> File:
        i = bisect.bisect_left(self.cumulative, self.random.random() * self.cumulative[-1])
        return self.files[min(i, len(self.files) - 1)]

    def common_words(self) -> list[str]:
        """Lower-case words that occur often in identifiers, to make names from."""
        counts: Counter[str] = Counter()
        for file in self.files[:4000]:
            counts.update({w.lower() for w in re.findall(r"[A-Za-z][a-z]{2,8}(?![a-z])", file.text[:6000])})
        return sorted(word for word, count in counts.items() if count >= 8)


def weight(file: File) -> float:
    size = min(len(file.text), 40_000) ** 0.85
    return size * LANGUAGE_WEIGHT[file.language] * (0.35 if DECLARATION.search(file.path) else 1.0)


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def before(lines: list[str], k: int, characters: int) -> str:
    """Whole lines above line k, at most so many characters, ended by a newline."""
    start, size = k, 0
    while start > 0 and size + len(lines[start - 1]) < characters:
        start -= 1
        size += len(lines[start]) + 1
    return "".join(line + "\n" for line in lines[start:k])


def after(lines: list[str], k: int, characters: int) -> str:
    """Whole lines from line k on, at most so many characters, begun by a newline."""
    end, size = k, 0
    while end < len(lines) and size + len(lines[end]) < characters:
        size += len(lines[end]) + 1
        end += 1
    return "".join("\n" + line for line in lines[k:end])


def enclosing_function(lines: list[str], k: int) -> str | None:
    for line in reversed(lines[max(0, k - 10): k]):
        m = FUNCTION.search(line)
        if m and (m[1] or m[2]) not in (None, "if", "for", "while", "switch", "catch", "constructor", "__init__"):
            return m[1] or m[2]
    return None
