"""A place in a file, and what should stand there."""

from dataclasses import dataclass


@dataclass
class Example:
    path: str
    language: str
    prefix: str
    middle: str
    suffix: str
    feedback: str = ""
    kind: str = "fim"
