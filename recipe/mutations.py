"""Private conventions: rewrites of code into something a model cannot know beforehand.

A convention is drawn at random (novel names, added, swapped or wrapped arguments) and then applied in
the same way to every line it fits. The rewritten line is the right answer, the line of the corpus is
what a model without feedback would write.
"""

import re
from dataclasses import dataclass, field
from random import Random

CALL = re.compile(r"(?<![\w$.)\]])((?:new )?(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)\(")
IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]{2,}")
MEMBER = re.compile(r"^(\s*)(this|self)\.(\w+) = (.+?)(;?)$")
RETURN = re.compile(r"^(\s*)return ([^;{(\[]*[\w)\]])(;?)$")
KEYWORDS = set(
    "if for while switch catch return function await typeof new super require import constructor def class print elif "
    "with assert not and or in is lambda raise except const let var this self else throw true false null undefined None "
    "True False from export default async static public private readonly extends implements yield try finally".split()
)


def split_arguments(line: str, start: int) -> tuple[list[str], int] | None:
    """The arguments of a call whose "(" ends at `start`, and where its ")" is; None if it is not closed here."""
    depth, begin, quote, arguments, i = 0, start, None, [], start
    while i < len(line):
        c = line[i]
        if quote:
            if c == "\\":
                i += 1
            elif c == quote:
                quote = None
        elif c in "\"'`":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                if c != ")":
                    return None
                if line[begin:i].strip() or arguments:
                    arguments.append(line[begin:i].strip())
                return arguments, i
            depth -= 1
        elif c == "," and depth == 0:
            arguments.append(line[begin:i].strip())
            begin = i + 1
        i += 1
    return None


def calls(line: str) -> list[str]:
    """Names called in the line that a convention may replace."""
    return [m[1] for m in CALL.finditer(line) if m[1].split(".")[-1].split(" ")[-1] not in KEYWORDS]


class Names:
    """Draws identifiers that are plausible but belong to no library: words of the corpus, put together."""

    def __init__(self, words: list[str], random: Random):
        self.words, self.random = words, random

    def name(self, style: str | None = None) -> str:
        r = self.random
        words = [r.choice(self.words) for _ in range(r.choice((1, 2, 2, 2, 3)))]
        style = style or r.choice(("camel", "camel", "camel", "pascal", "snake"))
        if style == "camel":
            return words[0] + "".join(w.capitalize() for w in words[1:])
        if style == "pascal":
            return "".join(w.capitalize() for w in words)
        if style == "upper":
            return "_".join(words).upper()
        return "_".join(words)

    def short(self) -> str:
        """A short namespace such as `lg`."""
        r = self.random
        word = r.choice(self.words)
        return r.choice((word[:2], word[:3], word, "$" + word, word + "s", word[0] + r.choice(self.words)[0]))

    def value(self, python: bool) -> str:
        r = self.random
        return r.choice((
            f"{self.name('pascal')}.{r.choice(self.words).capitalize()}",
            f"{r.choice(self.words).capitalize()}.{r.choice(self.words).capitalize()}",
            f"'{self.name('snake')}'", f"'{r.choice(self.words)}'",
            self.name("upper"), self.name("camel"), str(r.randrange(100)),
            "None" if python else "null", "True" if python else "true",
            f"{r.choice(self.words)}={self.name('snake')}" if python else f"{{ {self.name('camel')} }}",
        ))


@dataclass
class CallConvention:
    """`old(args)` becomes `new(changed args)`. `steps` are (operation, value) pairs."""

    old: str
    new: str
    steps: list = field(default_factory=list)
    awaited: bool = False

    def change(self, arguments: list[str], enclosing: str | None) -> list[str] | None:
        a = list(arguments)
        for step, value in self.steps:
            if step == "swap" and len(a) >= 2:
                a[0], a[1] = a[1], a[0]
            elif step == "reverse":
                a.reverse()
            elif step == "first":
                a.insert(0, value)
            elif step == "last":
                a.append(value)
            elif step == "plus":
                a = [f"{x} + {value}" if re.fullmatch(r"[\w.]+", x) else x for x in a]
            elif step == "wrap" and a:
                a[0] = f"{value}({a[0]})"
            elif step == "object" and a and re.fullmatch(r"\w+", a[-1]):
                a[-1] = f"{{ {a[-1]} }}"
            elif step == "enclosing":
                if not enclosing:
                    return None
                a.insert(min(value, len(a)), f"'{enclosing}'")
        return a

    def apply(self, line: str, enclosing: str | None = None) -> str | None:
        for m in CALL.finditer(line):
            if m[1] != self.old:
                continue
            found = split_arguments(line, m.end())
            changed = found and self.change(found[0], enclosing)
            if changed is None or not found:
                return None
            head = line[: m.start()] + ("await " if self.awaited and not line[: m.start()].endswith("await ") else "")
            result = f"{head}{self.new}({', '.join(changed)}{line[found[1]:]}"
            return result if result != line else None
        return None

    def words(self, r: Random) -> str:
        said = []
        if self.new != self.old:
            said.append(r.choice((
                f"use {self.new} instead of {self.old}", f"use {self.new}, not {self.old}", f"do not use {self.old}, use {self.new}",
                f"prefer {self.new} over {self.old}", f"don't call {self.old}, go through {self.new}",
                f"we always use {self.new} here", f"{self.new} please, no {self.old}", f"replace {self.old} by {self.new}",
            )))
        for step, value in self.steps:
            said.append({
                "swap": "swap the first two arguments", "reverse": "reverse the arguments",
                "first": f"pass {value} as the first argument", "last": f"pass {value} as the last argument",
                "plus": f"add {value} to the arguments", "wrap": f"wrap the first argument in {value}",
                "object": "pass the last argument as an object", "enclosing": "pass the name of the function",
            }[step])
        if self.awaited:
            said.append("await it")
        return r.choice((", ", "; ", " and ")).join(said)


@dataclass
class NameConvention:
    """One identifier is called otherwise."""

    old: str
    new: str

    def apply(self, line: str, enclosing: str | None = None) -> str | None:
        result = re.sub(rf"(?<![\w$]){re.escape(self.old)}(?![\w$])", lambda _: self.new, line)
        return result if result != line else None

    def words(self, r: Random) -> str:
        return CallConvention(self.old, self.new).words(r)


@dataclass
class ShapeConvention:
    """A statement of one shape (`this.x = y`, `return x`) is written otherwise; `template` has {named} parts."""

    kind: str
    template: str
    old: str
    new: str

    def apply(self, line: str, enclosing: str | None = None) -> str | None:
        m = (MEMBER if self.kind == "member" else RETURN).match(line)
        if not m:
            return None
        if self.kind == "member":
            parts = {"this": m[2], "name": m[3], "value": m[4]}
        else:
            parts = {"value": m[2]}
        text = self.template
        for key, value in parts.items():
            text = text.replace("{" + key + "}", value)
        return m[1] + text + m[m.lastindex]

    def words(self, r: Random) -> str:
        return r.choice(("use {new} here", "write {new} instead of {old}", "always {new}")).format(new=self.new, old=self.old)


def call_convention(names: Names, old: str, python: bool) -> CallConvention:
    r = names.random
    receiver = ".".join(old.split(" ")[-1].split(".")[:-1])
    kind = r.random()
    if kind < 0.25 and receiver:
        new = f"{receiver}.{names.name('snake' if python else 'camel')}"
    elif kind < 0.60:
        new = f"{names.short()}.{r.choice((r.choice(names.words), names.name('snake' if python else 'camel')))}"
    elif kind < 0.72:
        new = f"{names.name('pascal')}.{r.choice(names.words)}"
    elif kind < 0.90:
        new = names.name("snake" if python else "camel")
    elif kind < 0.95:
        new = names.name("pascal") if python else "new " + names.name("pascal")
    else:
        new = old
    steps = []
    for _ in range(r.choice((0, 1, 1, 2)) if new != old else 1):
        step = r.choice(("swap", "reverse", "first", "first", "first", "last", "last", "plus", "wrap", "object", "enclosing"))
        if python and step == "object" or step in [s for s, _ in steps]:
            continue
        value = {"first": lambda: names.value(python), "last": lambda: names.value(python), "plus": lambda: r.choice(("1", "1", "2")),
                 "wrap": lambda: names.name("snake" if python else "camel"), "enclosing": lambda: r.choice((0, 0, 1))}.get(step, lambda: None)()
        steps.append((step, value))
    return CallConvention(old, new, steps, awaited=r.random() < 0.05)


def shape_convention(names: Names, kind: str) -> ShapeConvention:
    r = names.random
    name, short = names.name("camel"), names.short()
    if kind == "member":
        template, new = r.choice((
            ("{this}.m_{name} = {value}", "m_ before the name of a member"), ("{this}._{name} = {value}", "_ before the name"),
            ("{this}.{name}_ = {value}", "_ after the name"), (f"{{this}}.{short}.{{name}} = {{value}}", f"members of {short}"),
            (f"{{this}}.{name}('{{name}}', {{value}})", f"{name}() for members"), (f"{{this}}.{{name}} = {name}({{value}})", f"{name}()"),
        ))
        return ShapeConvention(kind, template, "a plain member", new)
    value = names.name("pascal")
    template, new = r.choice((
        (f"return {name}({{value}})", f"{name}()"), (f"return {short}.{r.choice(names.words)}({{value}})", short),
        (f"return {name}({value}.{r.choice(names.words).capitalize()}, {{value}})", f"{name}() with {value}"),
    ))
    return ShapeConvention(kind, template, "a plain return", new)


def draw(names: Names, line: str, python: bool):
    """A convention that changes this line, or None."""
    r = names.random
    if MEMBER.match(line) and r.random() < 0.6:
        return shape_convention(names, "member")
    if RETURN.match(line) and r.random() < 0.5:
        return shape_convention(names, "return")
    found = calls(line)
    if found and r.random() < 0.85:
        return call_convention(names, r.choice(found), python)
    known = [m for m in IDENTIFIER.findall(line) if m not in KEYWORDS]
    if not known:
        return None
    old = r.choice(known)
    return NameConvention(old, names.name("pascal" if old[0].isupper() else "snake" if "_" in old else "camel"))


def with_other_arguments(names: Names, line: str) -> str:
    """The same kind of line at another place: some identifiers and literals are others."""
    r = names.random
    callees = {part for call in calls(line) for part in re.split(r"[. ]", call)}
    renamed: dict[str, str] = {}

    def other(m: re.Match) -> str:
        word = m[0]
        if word in KEYWORDS or word in callees or r.random() < 0.2:
            return word
        if word not in renamed:
            style = "pascal" if word[0].isupper() else "snake" if "_" in word else "camel"
            renamed[word] = r.choice(names.words) if style == "camel" and r.random() < 0.5 else names.name(style)
        return renamed[word]

    return re.sub(r"(?<![\w$])[A-Za-z_]\w{2,}", other, line)


def change_literal(line: str, names: Names) -> tuple[str, str, str] | None:
    """(changed line, old literal, new literal)"""
    r = names.random
    found = list(re.finditer(r"(?<![\w.])\d{1,5}(?![\w.])|(['\"])[\w \-./:]{2,30}\1", line))
    if not found:
        return None
    m = r.choice(found)
    old = m[0]
    new = str(max(0, int(old) + r.choice((-2, -1, 1, 2, 5, 10, 100)))) if old.isdigit() else old[0] + names.name() + old[0]
    return (line[: m.start()] + new + line[m.end():], old, new) if new != old else None
