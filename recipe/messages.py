"""The wording of compiler, linter, exception and test messages."""

from random import Random


def leaf(name: str) -> str:
    return name.split(" ")[-1].split(".")[-1]


def receiver(name: str) -> str:
    return ".".join(name.split(" ")[-1].split(".")[:-1])


def error_message(r: Random, python: bool, convention) -> str | None:
    """`error: …` for a convention that replaces a name. It names what to write, as such messages do."""
    old, new = convention.old, convention.new
    if old == new:
        step, value = (getattr(convention, "steps", None) or [(None, None)])[0]
        text = {
            "first": f"Expected {value} as the first argument of '{leaf(old)}'",
            "last": f"Expected {value} as the last argument of '{leaf(old)}'",
            "wrap": f"Argument of '{leaf(old)}' must be wrapped in '{value}'",
        }.get(step)
        return f"error: {text}\n" if text else None
    bare_old, bare_new = old.removeprefix("new "), new.removeprefix("new ")
    if python:
        texts = [f"NameError: name '{bare_old}' is not defined. Did you mean: '{bare_new}'?",
                 f"AttributeError: module '{receiver(old) or 'base'}' has no attribute '{leaf(old)}'. Did you mean: '{bare_new}'?",
                 f"TID251 '{bare_old}' is banned: use {bare_new}", f"DeprecationWarning: {bare_old} is deprecated, use {bare_new} instead"]
    else:
        texts = [f"Cannot find name '{bare_old}'. Did you mean '{bare_new}'?",
                 f"Property '{leaf(old)}' does not exist on type '{receiver(old).capitalize() or 'Window'}'. Did you mean '{bare_new}'?",
                 f"'{bare_old}' is deprecated. Use '{bare_new}' instead.", f"TypeError: {bare_old} is not a function, use {bare_new}",
                 f"ReferenceError: {bare_old} is not defined. Did you mean {bare_new}?", f"Unexpected use of '{bare_old}'. Use {bare_new} instead.",
                 f"'{bare_old}' is restricted from being used. Use {bare_new}"]
    line = r.choice(("", "", f" (line {r.randrange(1, 300)})"))
    return f"error: {r.choice(texts)}{line}\n"


def test_message(r: Random, python: bool, old: str, new: str, literal: bool) -> str:
    """`test: …`: expected and actual value, or a call that was expected."""
    if literal:
        texts = [f"AssertionError: assert {old} == {new}", f"AssertionError: {old} != {new}", f"expected {new}, got {old}"] if python else [
            f"AssertionError: expected {old} to equal {new}", f"expect(received).toBe(expected)\nExpected: {new}\nReceived: {old}",
            f"AssertionError: expected {old} to deeply equal {new}", f"Expected values to be strictly equal:\n+ actual - expected\n+ {old}\n- {new}"]
        return f"test: {r.choice(texts)}\n"
    bare_old, bare_new = old.removeprefix("new "), new.removeprefix("new ")
    if python:
        texts = [f"AssertionError: Expected '{bare_new}' to have been called once. Called 0 times.",
                 f"AssertionError: expected call not found.\nExpected: {bare_new}\nActual: {bare_old}"]
    else:
        texts = [f"expected '{bare_new}' to be called\nAssertionError: expected 0 to equal 1",
                 f"expected \"{bare_new}\" to be called at least once\nNumber of calls: 0",
                 f"expect(received).toHaveBeenCalled()\nExpected: {bare_new}\nReceived: {bare_old}",
                 f"AssertionError: expected '{bare_old}' not to be called, expected '{bare_new}'"]
    return f"test: {r.choice(texts)}\n"
