"""Many developers' exports as one set of rows: doubles out, developers weighed alike, some held out of each."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Row:
    prompt: list[int]
    completion: list[int]
    weight: float
    developer: int


@dataclass
class Team:
    train: list[Row]
    held: list[Row]
    developers: int
    doubles: int
    base: dict


def key(row: dict) -> str:
    """The last tokens of the prompt and the completion: the same correction, however much of its file is shown."""
    text = json.dumps([row["prompt_ids"][-32:], row["completion_ids"]])
    return hashlib.sha256(text.encode()).hexdigest()


def read_team(folder: Path, held_share: float = 0.2) -> Team:
    """Reads NAME.jsonl with NAME.jsonl.manifest.json of each developer (`hindsight export --format trl-sft`).

    Raises ValueError where the exports are of different models: rows are token ids, and mean nothing to another one.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise ValueError(f"{folder} holds no .jsonl file: put each developer's export there.")
    base, seen, doubles = None, set(), 0
    train, held = [], []
    for developer, file in enumerate(files):
        manifest = json.loads(Path(f"{file}.manifest.json").read_text())
        base = base or manifest["model"]
        if manifest["model"]["hash"] != base["hash"]:
            raise ValueError(f"{file.name} is of {manifest['model']['name']}, the others of {base['name']}: export it with that model.")
        own: list[tuple[str, dict]] = []
        for line in file.read_text().splitlines():
            row = json.loads(line)
            name = key(row)
            doubles += name in seen
            if name not in seen:
                own.append((name, row))
            seen.add(name)
        # By the hash, so that a row that is held out today is held out when the job is run again.
        out = [int(name, 16) % 1000 < 1000 * held_share for name, _ in own]
        kept = sum(row["weight"] for (_, row), is_held in zip(own, out) if not is_held) or 1
        for (_, row), is_held in zip(own, out):
            # Whoever corrects much counts as much as whoever corrects little.
            made = Row(row["prompt_ids"], row["completion_ids"], row["weight"] / kept, developer)
            (held if is_held else train).append(made)
    return Team(train, held, len(files), doubles, base)
