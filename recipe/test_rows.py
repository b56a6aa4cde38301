"""Checks of the row layout. Run with `python test_rows.py --tokenizer DIR`."""

import argparse
from pathlib import Path
from random import Random

from example import Example
from mutations import CallConvention, Names, calls, draw, split_arguments
from rows import WEIGHT, Encoder
from tokenizer import END, FEEDBACK, FILE_SEP, FIM_MIDDLE, FIM_PREFIX, FIM_SUFFIX
from tokenizers import Tokenizer


def check_layout(encoder: Encoder) -> None:
    e = Example("src/a.ts", "typescript", "const x = cons", "ole.log(1);", "\nnext();", "kept: lg.emit(1);\n")
    prompt, _ = encoder.prompt(e, 400)
    one = encoder.ids
    assert prompt == [FEEDBACK, *one(e.feedback), FIM_PREFIX, FIM_SUFFIX, *one(e.suffix), FIM_MIDDLE, FILE_SEP, *one("src/a.ts\n"), *one(e.prefix)]
    ids, weights = encoder.example(e)
    middle = [*one(e.middle), END]  # apart from the prefix: "cons" + "ole", never "console"
    assert ids[-len(middle):] == middle and set(weights[-len(middle):]) == {WEIGHT["feedback middle"]}
    assert weights[-len(middle) - 1] == WEIGHT["prefix"] and len(ids) == len(weights)


def check_cut(encoder: Encoder) -> None:
    e = Example("a.py", "python", "x = 1\n" * 900, "y = 2", "\nz = 3" * 900, "words: use y\n")
    ids, _ = encoder.example(e)
    assert len(ids) <= encoder.length + 1 and ids[1: 1 + len(encoder.ids(e.feedback))] == encoder.ids(e.feedback)
    assert encoder.tokenizer.decode(ids, skip_special_tokens=False).endswith("x = 1\ny = 2<|endoftext|>")


def check_mutations() -> None:
    assert split_arguments("f(a, 'b, c', [d, e]);", 2) == (["a", "'b, c'", "[d, e]"], 19)
    assert calls("if (x) throw new Error(foo.bar(1))") == ["new Error", "foo.bar"]
    convention = CallConvention("console.warn", "lg.emit", [("first", "Level.Warn"), ("object", None)])
    assert convention.apply("  console.warn('f', x);") == "  lg.emit(Level.Warn, 'f', { x });"
    names = Names(["alpha", "beta"], Random(1))
    for _ in range(200):
        made = draw(names, "  return clamp(a, b);", False)
        assert made is None or made.apply("  return clamp(a, b);", "f") != "  return clamp(a, b);"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True)
    tokenizer = Tokenizer.from_file(str(parser.parse_args().tokenizer / "tokenizer.json"))
    row_encoder = Encoder(tokenizer, Random(0))
    check_layout(row_encoder)
    check_cut(row_encoder)
    check_mutations()
    print("rows are right")
