"""Cohorts side by side: as many as a window holds, and no figure broken in two."""

import pytest

from node.cli.benchmark import _as_wide_as_fits
from privacy.terminal.figures import with_error

COHORTS = ["network", "industry:performing-arts", "county:46"]
TABLE = [
    ("orders with a known customer", "86.64 %", *[with_error(0.8836, 0.0042, "identified_share")] * 3),
    ("revenue", "10 827 076 kr", *[with_error(10_758_705_600, 100_550_000, "revenue_ore")] * 3),
]


@pytest.mark.parametrize(("columns", "shown"), [(60, 1), (80, 1), (120, 2), (160, 3)])
def test_as_many_cohorts_as_fit_and_every_figure_whole(
    columns: int, shown: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from node.cli import output

    object.__setattr__(output.voice, "wide", columns)
    try:
        _as_wide_as_fits("autumn", COHORTS, TABLE)
    finally:
        object.__setattr__(output.voice, "wide", 120)
    said = capsys.readouterr().out
    table = said.partition("  too wide")[0]
    assert all(len(line) <= columns for line in table.splitlines())
    assert table.count(TABLE[1][2]) == shown
    assert ("kudos-node benchmark autumn --cohort" in said) == (shown < 3)
    hidden = COHORTS[shown:]
    assert not hidden or f"too wide for this window: {', '.join(hidden)}" in said
