"""A series for people: one row per figure and window, its change from the window before, and one's own beside it."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from privacy.terminal.figures import figure, is_share, name_of
from privacy.terminal.possible import told
from privacy.terminal.reasons import in_words
from privacy.terminal.voice import Voice
from privacy.terminal.wording import things

if TYPE_CHECKING:
    from privacy.estimate.change import Change
    from privacy.estimate.series import Line, Point, Series, Step
    from privacy.estimate.series_rows import Own

NEW_SERIES = (
    "Another version or digest of the study has other tables, bounds or noise. Its figures begin a series of their "
    "own, and are not to be compared with those before."
)
LEGEND = (
    "  ▲ up, ▼ down, ≈ within noise: the noise alone may have made the change; ± is the standard error; ( ) "
    "unreliable; – withheld or not there"
)
_WHY = {
    "UNRELIABLE": "a figure is mostly noise",
    "NOT_THERE": "not in that round",
}
_WHOLE = ("totals", "all")


def of_study(every: "Sequence[Series]", study: str, where: str) -> "list[Series]":
    """The series of a study by its name. Raises click.UsageError, with what there is and `where` to look."""
    known = [each for each in every if each.study == study]
    if not known:
        names = ", ".join(dict.fromkeys(each.study for each in every))
        there = f"There is: {names}." if names else "Nothing of tables is published yet."
        raise click.UsageError(f"No benchmark of a study {study!r} is here. {there} {where}")
    return known


def asked(known: "Sequence[Series]", cohort: str | None, table: str | None, measure: str | None) -> tuple[str, str]:
    """The cohort and the table that are meant. Raises click.UsageError for one, or a measure, that no round has."""
    cohort, table = cohort or "network", table or _WHOLE[0]
    for what, name, there in (
        ("cohort", cohort, [each.cohorts for each in known]),
        ("table", table, [each.tables for each in known]),
        ("measure", measure, [each.measures for each in known]),
    ):
        names = list(dict.fromkeys(name for several in reversed(there) for name in several))
        if name is not None and name not in names:
            raise click.UsageError(f"There is no {what} {name!r}. There is: {', '.join(names)}")
    return cohort, table


def show_all(voice: Voice, found: "Sequence[tuple[Series, Sequence[Line], Own]]") -> None:
    """Prints the series of a study, the newest last."""
    for index, (series, lines, own) in enumerate(found):
        if index:
            voice.say()
            voice.prose(NEW_SERIES)
        voice.say(head(series))
        if lines:
            show(voice, series, lines, own)
        else:
            voice.say("  none of its rounds has such a figure")


def head(series: "Series") -> str:
    """Which study, and how many rounds from when to when."""
    windows = series.windows
    return (
        f"{series.study}, version {series.version} ({series.digest[:23]}…): {things(len(series.rounds), 'round')}, "
        f"windows to {windows[0].last}" + (f" … {windows[-1].last}" if len(windows) > 1 else "")
    )


def show(voice: Voice, series: "Series", lines: "Sequence[Line]", own: "Own" = ()) -> None:
    """Prints the figures of one series: those of one cohort together, by figure, then by window."""
    for cohort in dict.fromkeys(line.key[0] for line in lines):
        mine = [line for line in lines if line.key[0] == cohort]
        columns = ["figure", "months to", f"{cohort}>", "change>", *(["you>", "your change>"] if own else [])]
        voice.say()
        voice.fitting_table(
            columns,
            [row for line in mine for row in _rows(series, line, own)],
            spare=("your change>", "you>") if own else (),
            folded="figure",
        )
        members = (f"{count} ({window.last})" for count, window in zip(mine[0].members, series.windows, strict=True))
        voice.prose(f"  members of {cohort}: {', '.join(members)}")
    voice.prose(LEGEND)
    if why := _reasons(lines):
        voice.prose(f"  why something is not shown, or not compared: {'; '.join(why)}")
    for step, then, now in zip(series.steps, series.rounds, series.rounds[1:], strict=False):
        for said in _of_step(step, f"{then.window.last}", f"{now.window.last}"):
            voice.prose(f"  {said}")
    for each in series.passed_over:
        voice.prose(
            f"  {each.round}, version {each.version}, is left out: a newer publication of the same window is there, "
            "made of the same stored releases"
        )


def _of_step(step: "Step", then: str, now: str) -> list[str]:
    said = []
    if not step.same_members:
        said.append(
            f"from {then} to {now}: {things(step.stayed, 'member')} in both, {step.joined} joined and {step.left} "
            "left; a part of a change is theirs, and of a sum's all that they brought or took"
        )
    if step.overlaps:
        said.append(f"the windows to {then} and {now} share days: a change is only that of the days that they do not")
    return said


def _rows(series: "Series", line: "Line", own: "Own") -> list[tuple[str, ...]]:
    _, table, category, measure = line.key
    rows = []
    for index, (window, point) in enumerate(zip(series.windows, line.points, strict=True)):
        named = name_of(measure) if (table, category) == _WHOLE else f"{category}: {name_of(measure)}"
        change = _changed(line.changes[index - 1], measure) if index else ""
        beside = _own(own, index, line) if own else ()
        name = "" if index else named
        rows.append((name, f"{window.last}", _point(point), change, *beside))
    return rows


def _point(point: "Point") -> str:
    cell = point.cell
    if cell is None or cell.value is None or cell.standard_error is None:
        return "–"
    text = told(cell)
    return f"({text})" if cell.status == "unreliable" else text


def _changed(found: "Change | str", measure: str) -> str:
    if isinstance(found, str):
        return "–"
    mark = "≈" if found.within_noise else "▲" if found.absolute.value > 0 else "▼"
    shown = found.absolute if is_share(measure) else found.relative
    return mark if shown is None else f"{mark} {_percent(shown.value, shown.standard_error, points=is_share(measure))}"


def _own(own: "Own", index: int, line: "Line") -> tuple[str, str]:
    _, table, category, measure = line.key
    now = own[index].get((table, category, measure))
    then = own[index - 1].get((table, category, measure)) if index else None
    changed = ""
    if now is not None and then is not None:
        if is_share(measure):
            changed = _percent(now - then, None, points=True)
        elif then > 0:
            changed = _percent(now / then - 1, None)
    return figure(now, measure), changed


def _percent(value: float, error: float | None, *, points: bool = False) -> str:
    """A change in per cent, of a share in percentage points, with two digits of its error."""
    scaled = 100 * (abs(value) if error is None else error)
    decimals = 1 if error is None else min(4, max(1, 1 - math.floor(math.log10(scaled)))) if scaled else 1
    unit = "points" if points else "%"
    written = f"{100 * value:+.{decimals}f}"
    return f"{written} {unit}" if error is None else f"{written} ± {100 * error:.{decimals}f} {unit}"


def _reasons(lines: "Sequence[Line]") -> list[str]:
    """Each reason once, in words."""
    found = [str(point.reason) for line in lines for point in line.points if point.reason is not None]
    found += [each for line in lines for each in line.changes if isinstance(each, str)]
    return [_WHY.get(reason) or in_words(reason) for reason in dict.fromkeys(map(str, found))]
