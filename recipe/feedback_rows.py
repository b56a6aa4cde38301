"""Examples that carry feedback, made from the corpus by mutation.

Kinds: `same` (the correction of this very line), `similar` (corrections of other places, with other
arguments), `error` (compiler, linter or exception message), `test` (failing test), `words` (the
developer's words), `mixed` (a correction and a message) and `irrelevant` (feedback on something
else: the ordinary middle is right). The failed attempt itself is never shown.
"""

import re

from corpus_reader import Corpus, File, after, before, enclosing_function, indent_of
from example import Example
from messages import error_message, test_message
from mutations import IDENTIFIER, KEYWORDS, Names, change_literal, draw, with_other_arguments
from places import Scene

KINDS = {"same": 14, "similar": 46, "error": 12, "test": 9, "words": 10, "mixed": 5, "irrelevant": 16}
SKIPPED_STARTS = ("*", "//", "/*", "#", "import", "from", "@", "<", "export {", "}")
CODE = re.compile(r"[=({\[;]|^return |^raise ")
PROSE = re.compile(r"(?:\b[A-Za-z][a-z]+,? ){4}|\.\.\. |>>>|`\w+`")
PLACE_SHARE = 0.45
READABLE_SHARE = 0.75
ARGUMENT_SHARE = 0.25
ABOVE_LINES = 12


def fits(line: str) -> bool:
    """A line of code that is worth a correction: no comment, no prose, no import."""
    text = line.strip()
    return 8 <= len(text) <= 100 and not text.startswith(SKIPPED_STARTS) and bool(CODE.search(text)) and not PROSE.search(text)


def kept(text: str) -> str:
    return f"kept: {text.strip()}\n"


def divergence(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def names_of(text: str) -> set[str]:
    return set(IDENTIFIER.findall(text)) - KEYWORDS


def is_readable(target: str, above: list[str], others: list[str]) -> bool:
    """True where the place has names of its own, and all of them stand above: copying the examples' arguments would be wrong."""
    own = names_of(target) - names_of(" ".join(others))
    return bool(own) and own <= names_of(" ".join(above[-ABOVE_LINES:]))


class FeedbackMaker:
    """`plain`: as held-out cases are made: no invented places, and no care for where the arguments come from."""

    def __init__(self, corpus: Corpus, names: Names, plain: bool = False):
        self.corpus, self.names, self.random = corpus, names, corpus.random
        self.place_share, self.readable_share, self.argument_share = (0.0, 0.0, 0.0) if plain else (PLACE_SHARE, READABLE_SHARE, ARGUMENT_SHARE)

    def make(self, kind: str | None = None) -> Example:
        while True:
            chosen = kind or self.random.choices(list(KINDS), list(KINDS.values()))[0]
            if chosen == "irrelevant":
                made = self.irrelevant()
            elif chosen == "test" and self.random.random() < 0.6:
                made = self.literal()
            elif self.random.random() < self.place_share:
                made = self.invented(chosen)
            else:
                made = self.from_corpus(chosen)
            if made and 2 <= len(made.middle) and len(made.feedback) < 700:
                return made

    # --- sources of a changed line -------------------------------------------------------------

    def code_file(self) -> File:
        while True:
            file = self.corpus.draw()
            if file.language in ("typescript", "javascript", "python") and len(file.lines) > 8:
                return file

    def spot(self) -> tuple[File, int] | None:
        file = self.code_file()
        for _ in range(6):
            k = self.random.randrange(len(file.lines))
            if fits(file.lines[k]):
                return file, k
        return None

    def from_corpus(self, kind: str) -> Example | None:
        spot = self.spot()
        if not spot:
            return None
        file, k = spot
        line, lines = file.lines[k], file.lines
        convention = draw(self.names, line, file.python)
        if not convention:
            return None
        enclosing = enclosing_function(lines, k)
        target = convention.apply(line, enclosing)
        if not target or len(target) > 150:
            return None
        others = []
        if kind in ("similar", "mixed"):
            others = self.other_places(file, k, convention)
            if not others:
                return None
            if self.readable_share and self.random.random() < self.readable_share and not is_readable(target, lines[:k], others):
                return None
        if self.random.random() < 0.3:  # the project already follows the convention elsewhere
            lines = [x if i == k else (convention.apply(x) or x) for i, x in enumerate(lines[: k + 12])] + lines[k + 12:]
        items = self.items(kind, convention, line, target, others, file.python)
        return self.finish(kind, file, lines, k, target, line, items) if items else None

    def other_places(self, file: File, k: int, convention) -> list[str]:
        """Lines elsewhere that the convention changes, with other arguments."""
        r, line, found = self.random, file.lines[k], []
        near = [x for i, x in enumerate(file.lines[max(0, k - 200): k + 200], max(0, k - 200)) if i != k and fits(x)]
        old = getattr(convention, "old", "")
        real = [x for x in near if x.strip() != line.strip() and (old in x or " " in old) and convention.apply(x, self.names.name("camel"))]
        count = r.choice((1, 1, 1, 2, 2, 3))
        for _ in range(count):
            source = r.choice(real) if real and r.random() < 0.6 else with_other_arguments(self.names, line)
            changed = convention.apply(source, self.names.name("snake" if file.python else "camel"))
            if changed and source.strip() != line.strip():
                found.append(changed)
        return found

    def invented(self, kind: str) -> Example | None:
        r = self.random
        python = r.random() < 0.3
        scene = Scene(r, self.names.words, python)
        place = scene.place()
        convention = draw(self.names, place.line, python)
        target = convention and convention.apply(place.line, place.function)
        if not target:
            return None
        if convention.__class__.__name__ == "NameConvention" and kind in ("similar", "mixed"):
            return None
        others = []
        for _ in range(r.choice((1, 1, 2, 3)) if kind in ("similar", "mixed") else 0):
            other = scene.place()
            changed = convention.apply(other.line, other.function)
            if changed:
                others.append(changed)
        if kind in ("similar", "mixed") and not others:
            return None
        items = self.items(kind, convention, place.line, target, others, python)
        if not items:
            return None
        around = self.code_file()
        start = r.randrange(len(around.lines))
        top = [x for x in around.lines[start: start + r.choice((0, 2, 5, 8))] if len(x) < 120]
        path = f"src/{r.choice(self.names.words)}.{'py' if python else r.choice(('ts', 'ts', 'js'))}"
        file = File("", "", path, "python" if python else "typescript" if path.endswith("ts") else "javascript", "")
        lines = top + [""] + place.above + [place.line] + place.below
        return self.finish(kind, file, lines, len(top) + 1 + len(place.above), target, place.line, items)

    def literal(self) -> Example | None:
        """A failing test whose expected value is the literal that belongs here."""
        spot = self.spot()
        changed = spot and change_literal(spot[0].lines[spot[1]], self.names)
        if not changed or len(changed[0]) > 150:
            return None
        file, k = spot
        items = [test_message(self.random, file.python, changed[1], changed[2], literal=True)]
        return self.finish("test", file, file.lines, k, changed[0], file.lines[k], items)

    def irrelevant(self) -> Example | None:
        """Feedback about other code. Half of it stems from the same file."""
        spot = self.spot()
        if not spot:
            return None
        file, k = spot
        items = [self.stray_item(file if self.random.random() < 0.5 else None) for _ in range(self.random.choice((1, 1, 2, 3)))]
        line = file.lines[k]
        return self.finish("irrelevant", file, file.lines, k, line, line, items, distract=False)

    # --- feedback text -------------------------------------------------------------------------

    def items(self, kind: str, convention, line: str, target: str, others: list[str], python: bool) -> list[str] | None:
        r = self.random
        if kind == "same":
            return [kept(target)]
        if kind == "similar":
            return [kept(x) for x in others]
        if kind == "words":
            return [f"words: {convention.words(r)}\n"]
        if not hasattr(convention, "steps") and convention.__class__.__name__ != "NameConvention":
            return None
        if kind == "error":
            message = error_message(r, python, convention)
            return [message] if message else None
        if kind == "test":
            return [test_message(r, python, convention.old, convention.new, literal=False)]
        message = error_message(r, python, convention) if r.random() < 0.6 else test_message(r, python, convention.old, convention.new, False)
        return [message, *[kept(x) for x in others]] if message else None

    def stray_item(self, file: File | None = None) -> str:
        """A feedback item made from other code."""
        r = self.random
        while True:
            file = file if file and r.random() < 0.9 else self.code_file()
            line = r.choice(file.lines)
            if not fits(line):
                continue
            convention = draw(self.names, line, file.python)
            changed = convention and convention.apply(line, self.names.name("camel"))
            if not changed:
                continue
            kind = r.random()
            if kind < 0.55:
                return kept(changed)
            if kind < 0.70:
                return kept(line)
            items = self.items(r.choice(("words", "error", "test")), convention, line, changed, [], file.python)
            if items:
                return items[0]

    def argument_start(self, target: str, cursor: int) -> int:
        """Behind the opening bracket of a call, where only the arguments are left to write."""
        found = [i + 1 for i, c in enumerate(target[:-2]) if c == "(" and target[i + 1] != ")"]
        return self.random.choice(found) if found else cursor

    # --- the example ---------------------------------------------------------------------------

    def finish(self, kind: str, file: File, lines: list[str], k: int, target: str, natural: str, items: list[str],
               distract: bool = True) -> Example | None:
        """Places the cursor at or before the point where the right line leaves the ordinary one, or a little after it."""
        r = self.random
        indent, part = indent_of(target), len(target) - 1
        if kind != "irrelevant":
            part = max(indent, min(divergence(target, natural), len(target) - 1))
        choice = r.random()
        if choice < 0.45 or part <= indent:
            cursor = indent
        elif choice < 0.85:
            cursor = r.randrange(indent, part + 1)
        else:
            cursor = min(part + r.choice((0, 1, 2, 3)), len(target) - 2)
        cursor = max(cursor, 0)
        if kind in ("similar", "mixed") and self.argument_share and r.random() < self.argument_share:
            cursor = self.argument_start(target, cursor)
        if distract:  # the most relevant items stand last
            items = [self.stray_item(file if file.text else None) for _ in range(r.choice((0, 0, 0, 1, 1, 2)))] + items
        middle, end = target[cursor:], k + 1
        if kind == "same" and r.random() < 0.15 and end < len(lines) and lines[end].strip():  # a correction of two lines
            middle, items, end = f"{middle}\n{lines[end]}", [*items[:-1], f"kept: {target.strip()}\n{lines[end]}\n"], end + 1
        prefix = before(lines, k, r.choice((120, 250, 450, 600))) + target[:cursor]
        suffix = after(lines, end, r.choice((0, 60, 150, 250)))
        return Example(file.shown_path(r), file.language, prefix, middle, suffix, "".join(items[-4:]), kind)

