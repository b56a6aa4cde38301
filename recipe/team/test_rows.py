"""Rows of many developers: doubles, weights, held-out shares, and exports that do not belong together."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rows import read_team  # noqa: E402


def write(folder: Path, name: str, rows: list[tuple[int, int]], hash_: str = "aa") -> None:
    lines = [json.dumps({"prompt_ids": [1, a], "completion_ids": [b, 0], "weight": 1}) for a, b in rows]
    (folder / f"{name}.jsonl").write_text("\n".join(lines))
    (folder / f"{name}.jsonl.manifest.json").write_text(json.dumps({"model": {"hash": hash_, "name": "small"}}))


class Rows(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_doubles_count_once_and_developers_alike(self) -> None:
        write(self.folder, "a", [(i, i) for i in range(40)])
        write(self.folder, "b", [(i, i) for i in range(30, 50)])
        team = read_team(self.folder)
        self.assertEqual((team.developers, team.doubles, len(team.train) + len(team.held)), (2, 10, 50))
        for developer in (0, 1):
            self.assertAlmostEqual(sum(r.weight for r in team.train if r.developer == developer), 1)

    def test_the_same_rows_are_held_out_again(self) -> None:
        write(self.folder, "a", [(i, i) for i in range(100)])
        first = read_team(self.folder)
        self.assertEqual([r.prompt for r in first.held], [r.prompt for r in read_team(self.folder).held])
        self.assertTrue(5 <= len(first.held) <= 40)

    def test_exports_of_two_models_do_not_mix(self) -> None:
        write(self.folder, "a", [(1, 1)])
        write(self.folder, "b", [(2, 2)], "bb")
        with self.assertRaisesRegex(ValueError, "export it with that model"):
            read_team(self.folder)


if __name__ == "__main__":
    unittest.main()
