"""Invented small places: a function with one ordinary statement, so that its arguments can be read from what is above it.

The corpus seldom holds several clear places for one convention; these do. Every place of a `Scene` has
the same ordinary statement with other names, so that one convention fits all of them.
"""

from dataclasses import dataclass
from random import Random

VERBS = ("load save parse open close read write build check find merge split apply resolve send fetch update remove render flush "
         "create init handle sync validate compute convert").split()
LOG = ("console.warn", "console.log", "console.error", "console.info", "console.debug", "logger.warn", "log.info")
PYTHON_LOG = ("print", "logging.warning", "logging.info", "log.error", "logger.debug")
ERRORS = ("Error", "TypeError", "RangeError")
PYTHON_ERRORS = ("ValueError", "KeyError", "RuntimeError", "TypeError")
MATHS = ("clamp", "Math.max", "Math.min", "lerp", "add", "distance", "compare")
PYTHON_MATHS = ("max", "min", "clamp", "divmod", "math.hypot", "compare")
MAKERS = ("new Range", "new Point", "new Map", "createItem", "new Request", "JSON.parse", "Object.assign", "fetch", "parseInt")
PYTHON_MAKERS = ("dict", "Range", "Point", "json.loads", "open", "Request", "zip", "list")


@dataclass
class Place:
    above: list[str]
    line: str
    below: list[str]
    function: str


class Scene:
    """One kind of statement; `place()` gives another place where it stands."""

    def __init__(self, random: Random, words: list[str], python: bool):
        self.random, self.words, self.python = random, words, python
        self.kind = random.choice(("log", "log", "raise", "raise", "maths", "maker", "member", "return"))
        pick = random.choice
        self.log = pick(PYTHON_LOG if python else LOG)
        self.error = pick(PYTHON_ERRORS if python else ERRORS)
        self.maths = pick(PYTHON_MATHS if python else MATHS)
        self.maker = pick(PYTHON_MAKERS if python else MAKERS)
        self.count = random.choice((1, 2, 2, 3))
        self.message = random.random() < 0.6

    def place(self) -> Place:
        r = self.random
        a, b, c = r.sample(self.words, 3)
        function = (f"{r.choice(VERBS)}_{a}" if self.python else r.choice(VERBS) + a.capitalize())
        key = r.choice((b, b, b + ("_id" if self.python else "Id"), b + ("_name" if self.python else "Name")))
        return (self.python_place if self.python else self.script_place)(function, a, key, c)

    def arguments(self, function: str, names: list[str]) -> str:
        return ", ".join(names[: self.count])

    def script_place(self, function: str, a: str, key: str, c: str) -> Place:
        r, types = self.random, self.random.choice((True, True, False))

        def typed(name: str) -> str:
            return f"{name}: {r.choice(('string', 'number', 'unknown', 'Options'))}" if types else name

        head = r.choice(("function {f}({p}) {{", "export function {f}({p}) {{", "  {f}({p}) {{", "async function {f}({p}) {{"))
        pad = "    " if head.startswith(" ") else "  "
        parameters = [key, c] if self.count < 3 or self.kind not in ("maths", "maker") else [a, key, c]
        top = head.format(f=function, p=", ".join(typed(p) for p in parameters))
        close = pad[2:] + "}"
        names = parameters + [a]
        if self.kind == "log":
            message = f"'{r.choice((function, key + ' is missing', 'no ' + key, 'bad ' + key))}', " if self.message else ""
            line = f"{self.log}({message}{', '.join(names[: min(self.count, 2)])});"
            guard = r.choice((f"if (!{key}) {{", f"if ({key} == null) {{", f"if ({key} === undefined) {{", "} catch (error) {"))
            lead = [f"{pad}try {{", f"{pad}  {r.choice(VERBS)}({key});"] if guard.startswith("}") else []
            return Place([top, *lead, pad + guard], f"{pad}  {line}", [f"{pad}  return{r.choice((' null', '', ' false'))};", pad + "}"], function)
        if self.kind == "raise":
            first = [f"{pad}const {a} = {r.choice(('db', 'store', 'this'))}.{r.choice(('get', 'find', 'lookup'))}({key});"]
            line = f"throw new {self.error}(" + (f"'{a}'" if self.message else f"`no {a}`") + ");"
            return Place([top, *first, f"{pad}if (!{a}) {{"], f"{pad}  {line}", [pad + "}", f"{pad}return {a};", close], function)
        if self.kind == "member":
            cls = [f"class {a.capitalize()}{c.capitalize()} {{", f"  constructor({typed(key)}, {typed(c)}) {{"]
            extra = [f"    this.{c} = {c};"] if False else []
            return Place([*cls, *extra], f"    this.{key} = {key};", ["  }"], "constructor")
        if self.kind == "return":
            first = [f"{pad}const {a} = {r.choice(VERBS)}({key});"]
            return Place([top, *first], f"{pad}return {a};", [close], function)
        call = f"{self.maths if self.kind == 'maths' else self.maker}({self.arguments(function, names)})"
        line = r.choice((f"return {call};", f"const {a} = {call};"))
        comment = [f"{pad}// {' and '.join(parameters)}"] if r.random() < 0.3 else []
        return Place([top, *comment], pad + line, [close], function)

    def python_place(self, function: str, a: str, key: str, c: str) -> Place:
        r = self.random
        method = r.random() < 0.4
        pad = "        " if method else "    "
        parameters = [key, c] if self.count < 3 else [a, key, c]
        shown = [p + r.choice(("", "", ": str", ": int")) for p in parameters]
        top = f"{pad[4:]}def {function}({', '.join((['self'] if method else []) + shown)}):"
        names = parameters + [a]
        if self.kind == "log":
            message = f"'{r.choice((function, key + ' is missing', 'no ' + key))}', " if self.message else ""
            return Place([top, f"{pad}if {r.choice((f'not {key}', f'{key} is None'))}:"],
                         f"{pad}    {self.log}({message}{', '.join(names[: min(self.count, 2)])})", [f"{pad}    return None"], function)
        if self.kind == "raise":
            first = f"{pad}{a} = {r.choice(('db', 'store', 'cache'))}.{r.choice(('get', 'find'))}({key})"
            return Place([top, first, f"{pad}if {a} is None:"], f"{pad}    raise {self.error}('{a}')", [f"{pad}return {a}"], function)
        if self.kind == "member":
            cls = [f"class {a.capitalize()}{c.capitalize()}:", f"    def __init__(self, {key}, {c}):"]
            return Place(cls, f"        self.{key} = {key}", [], "__init__")
        if self.kind == "return":
            return Place([top, f"{pad}{a} = {r.choice(VERBS)}({key})"], f"{pad}return {a}", [], function)
        call = f"{self.maths if self.kind == 'maths' else self.maker}({', '.join(names[: self.count])})"
        return Place([top], pad + r.choice((f"return {call}", f"{a} = {call}")), [], function)
