"""Write the model card from the figures as they came out.

Usage: card.py --model DIR --figures FILE.json --checkpoint FILE.pt --earlier TEXT --earlier-figures FILE.json [--state TEXT]

`--earlier` is what export.py said of the parts before the last, whose figures on the same cases are `--earlier-figures`.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import torch

TEMPLATE = (Path(__file__).parent / "card-template.md").read_text()


def table(rows: dict[str, dict], columns: dict[str, str]) -> str:
    lines = ["| | " + " | ".join(columns.values()) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += ["| " + name + " | " + " | ".join(str(row[c]) for c in columns) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def in_short(figures: dict) -> str:
    """The figures that a longer run should better, in a line."""
    lines, more, gaps = figures["lines"]["all"], figures["lines-long"]["all"], ", ".join(f"{kind} {row['gap']}" for kind, row in figures["feedback"].items())
    return (f"{figures['bitsPerByte']} bits per byte; exact lines {lines['exactMatch']}, with more code around {more['exactMatch']}, "
            f"log-prob {lines['logProb']}; gaps: {gaps}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "figures", "checkpoint", "earlier-figures"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--earlier", required=True, help="tokens and minutes of the parts before, in words")
    parser.add_argument("--state", default="final", help="what this export is, in a word or two")
    args = parser.parse_args()
    figures = json.loads(args.figures.read_text())
    manifest = json.loads((args.model / "manifest.json").read_text())
    saved = torch.load(args.checkpoint)
    licences = Counter()
    for entry in manifest:
        licences[entry["license"]] += entry["bytes"]
    feedback = {"n": "cases", "without": "log-prob without", "with": "with", "gap": "gap", "shuffledGap": "shuffled gap",
                "exactWithout": "exact without", "exactWith": "exact with"}
    lines = {"n": "cases", "exactMatch": "exact match", "logProb": "log-prob per token"}
    values = {
        "state": args.state,
        "tokens": f"{saved['tokens'] / 1e6:.1f}",
        "minutes": f"{saved['seconds'] / 60:.0f}",
        "steps": f"{saved['step']:,}",
        "earlier": args.earlier,
        "before": in_short(json.loads(args.earlier_figures.read_text())),
        "after": in_short(figures),
        "bitsPerByte": figures["bitsPerByte"],
        "bitsPerByteLong": figures["bitsPerByteLong"],
        "lines": table(figures["lines"], lines),
        "longLines": table(figures["lines-long"], lines),
        "feedback": table(figures["feedback"], feedback),
        "conventions": table(figures["conventions"], feedback),
        "train": f"{sum(e['bytes'] for e in manifest if e['split'] == 'train') / 1e6:.0f}",
        "held": f"{sum(e['bytes'] for e in manifest if e['split'] == 'held') / 1e6:.0f}",
        "packages": sum(e["split"] == "train" for e in manifest),
        "heldPackages": ", ".join(e["package"] for e in manifest if e["split"] == "held"),
        "licences": ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in licences.most_common(12)),
    }
    text = TEMPLATE
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    (args.model / "README.md").write_text(text)


if __name__ == "__main__":
    main()
