"""docs/attacks.md names tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| `([^`|]+)` \|$", (ROOT / "docs/attacks.md").read_text(encoding="utf-8"), re.M
)


@cache
def _tests(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def test_every_attack_has_its_number_and_its_answer() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 60
    assert len({attack for _, attack, *_ in ROWS}) == len(ROWS)


def test_every_attack_has_a_test_that_is_there() -> None:
    missing = []
    for number, _, _, test in ROWS:
        file, _, name = test.partition("::")
        if name not in _tests(file):
            missing.append((number, test))
    assert missing == []


def test_every_test_of_attacks_is_in_the_table() -> None:
    named = {test for *_, test in ROWS}
    here = {
        f"attacks/{file.name}::{name}"
        for file in (ROOT / "tests" / "attacks").glob("test_*.py")
        if file.name != Path(__file__).name
        for name in _tests(f"attacks/{file.name}")
        if name.startswith("test_")
    }
    assert here - named == _OTHERS


_OTHERS = {
    "attacks/test_limits.py::test_a_burst_is_taken_and_then_so_many_a_second",  # what the table's floods rest on
    "attacks/test_limits.py::test_members_are_asked_for_so_many_rounds_at_once",  # the operator's own mistake
}
