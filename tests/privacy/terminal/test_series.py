"""A series for people: marks, reasons, who joined and left, and what begins another series."""

import pytest

from privacy.estimate.series import Series, series_of
from privacy.terminal.series import asked, of_study, show_all
from privacy.terminal.state import State
from privacy.terminal.voice import Voice
from tests.privacy.estimate.rounds_of import SIX, a_round, figure, withheld

VOICE = Voice("kudos-test", {}, lambda: State(None), wide=160)
FIRST = a_round(2023, [figure("customers", 10_000, 30), figure("retention", 0.4, 0.002), withheld("orders")])
SECOND = a_round(2024, [figure("customers", 10_010, 40), figure("retention", 0.45, 0.002), figure("orders", 9)])
CORRECTED = a_round(2024, [*SECOND.body.cells], version=2, name=SECOND.round)
FEWER = a_round(
    2025, [figure("customers", 8_000, 40), figure("retention", 0.45, 0.2, unreliable=True)], members=SIX[:5]
)
OTHER = a_round(2026, [figure("customers", 7)], study_version=2, digest="sha256:" + "9" * 64)


def shown(capsys: pytest.CaptureFixture[str], *series: Series, measure: str | None = None) -> str:
    show_all(VOICE, [(each, each.lines(["network"], "totals", measure), ()) for each in series])
    return capsys.readouterr().out


def unfolded(text: str) -> str:
    return " ".join(text.split())


def test_changes_are_marked_and_what_is_not_shown_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = series_of([FIRST, SECOND, CORRECTED, FEWER])
    said = shown(capsys, found)
    lines = {line.split()[0]: line for line in said.splitlines() if line.startswith(("customers", "returning"))}
    assert set(lines) == {"customers", "returning"}
    assert "≈ +0.10 ± 0.50 %" in said
    assert "▼ -20.08 ± 0.51 %" in said
    assert "▲ +5.00 ± 0.28 points" in said
    assert "(45" in said
    assert "one member may make up most of it" in said
    assert "mostly noise" in said
    assert "from 2024-12-31 to 2025-12-31: 5 members in both, 0 joined and 1 left" in said
    assert "benchmark-2024-12, version 1, is left out" in said


def test_another_version_is_said_to_begin_a_series(capsys: pytest.CaptureFixture[str]) -> None:
    said = unfolded(shown(capsys, *series_of([FIRST, SECOND, OTHER]), measure="customers"))
    assert said.index("version 1") < said.index("begin a series of their own") < said.index("version 2")
    none = shown(capsys, *series_of([a_round(2025, [])]))
    assert "none of its rounds has such a figure" in none


def test_own_figures_stand_beside_with_their_own_change(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = series_of([FIRST, SECOND])
    own: list[dict[tuple[str, str, str], float | None]] = [
        {("totals", "all", "customers"): 200.0, ("totals", "all", "retention"): 0.5},
        {("totals", "all", "customers"): 210.0, ("totals", "all", "retention"): None},
    ]
    show_all(VOICE, [(found, found.lines(["network"], "totals"), own)])
    said = capsys.readouterr().out
    assert "+5.0 %" in said
    assert "210" in said
    assert "50.0 %" in said


def test_what_nobody_has_is_refused_with_what_there_is() -> None:
    import click

    every = series_of([FIRST, OTHER])
    assert of_study(every, "benchmark", "") == list(every)
    assert asked(every, None, None, None) == ("network", "totals")
    with pytest.raises(click.UsageError, match="There is: benchmark"):
        of_study(every, "x", "")
    with pytest.raises(click.UsageError, match="Nothing of tables"):
        of_study((), "x", "")
    for words in (("x", None, None), (None, "x", None), (None, None, "x")):
        with pytest.raises(click.UsageError, match="There is no"):
            asked(every, *words)
