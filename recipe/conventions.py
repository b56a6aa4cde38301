"""Five invented project conventions, as in the learning benchmark: can the model follow one after one or two examples?

Every right text follows from the convention and what stands above the cursor. None of these names is in
the training rows.
"""

from random import Random

NOUNS = ("user order file token node count index ratio width height offset limit buffer socket query cursor page theme widget invoice ticket "
         "amount label region session packet record branch cache event filter group handle image job key").split()
VERBS = "load save parse open close read write build check find merge split apply resolve send fetch".split()


def place(convention: str, r: Random) -> dict:
    a, b, c = r.sample(NOUNS, 3)
    verb = r.choice(VERBS) + a.capitalize()
    value = r.choice((a, a + "Id", a + "Name"))
    if convention == "log":
        prefix = f"export function {verb}({value}: string, {b}: number) {{\n  if (!{value}) {{\n    "
        middle, suffix = f"lg.emit(Level.Warn, '{verb}', {{ {value} }});", "\n    return null;\n  }\n"
    elif convention == "arguments":
        prefix = f"function {verb}({a}: number, {b}: number, {c}: number) {{\n  // limit {a} between {b} and {c}\n  return "
        middle, suffix = f"clampTo({c}, {b}, {a});", "\n}\n"
    elif convention == "field":
        prefix = f"export class {a.capitalize()}{b.capitalize()} {{\n  constructor({value}: string) {{\n    "
        middle, suffix = f"this.m_{value} = {value};", "\n  }\n"
    elif convention == "range":
        start, end = "start" + a.capitalize(), "end" + a.capitalize()
        prefix = f"function {verb}Range(doc: Doc, {start}: number, {end}: number) {{\n  return "
        middle, suffix = f"Span.of({start} + 1, {end} + 1);", "\n}\n"
    else:
        prefix = f"async function {verb}(db: Db, {b}: string) {{\n  const {a} = await db.find({b});\n  if (!{a}) {{\n    "
        middle, suffix = f"throw fail(Code.NotFound, '{a}', {b});", f"\n  }}\n  return {a};\n}}\n"
    return {"path": f"src/{a}.ts", "language": "typescript", "prefix": prefix, "middle": middle, "suffix": suffix}


def cases(count: int, examples: int = 2, seed: int = 3) -> list[dict]:
    """`count` places of each convention, with the kept lines of `examples` other places as feedback."""
    r, made = Random(seed), []
    for convention in ("log", "arguments", "field", "range", "failure"):
        for _ in range(count):
            shown = [place(convention, r)["middle"] for _ in range(examples)]
            returns = "return " if convention in ("arguments", "range") else ""
            feedback = "".join(f"kept: {returns}{text}\n" for text in shown)
            made.append({**place(convention, r), "kind": convention, "feedback": feedback})
    return made
