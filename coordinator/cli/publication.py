"""kudos-coordinator round publish: a closed round's benchmark, first to look at, then for all."""

import shlex
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from coordinator.cli import cross_use_shown, output
from privacy.terminal import reasons

if TYPE_CHECKING:
    from coordinator.publish.publishing import Draft
    from privacy.estimate.benchmark import Benchmark


@click.command()
@click.argument("round_id", metavar="ROUND")
@click.option("--preview", is_flag=True, help="Show what would be published and what is withheld; change nothing.")
@click.option("--reason", help="Why there is a further version, or why a release is left out. Everybody reads it.")
@click.option(
    "--without", multiple=True, metavar="MEMBER", help="Leave a member's release out; may be given several times."
)
@click.option("--yes", is_flag=True, help="Do not ask on a terminal: what is published stays published.")
@output.common
def publish(round_id: str, preview: bool, reason: str | None, without: tuple[str, ...], yes: bool) -> None:
    """Combine the releases of ROUND into a benchmark, sign it, and show it to every member.

    A cohort needs enough members, and no sum or difference of published cohorts, of any round over the same months, may
    single out a few; a figure that one member makes up is withheld. What is published never changes: a correction is a
    further version, with its --reason, and the old one stays.
    """
    from coordinator.publish.publishing import draft, publish_round

    now = datetime.now(UTC)
    with output.office() as office:
        made = draft(office, round_id, now, reason=reason, without=frozenset(without))
        if preview:
            _show(made.benchmark, "would show")
            _who_dominates(made)
            if not output.state.as_json:
                output.say(_next(round_id, made, without))
            return
        if not yes and not made.shows_nothing and sys.stdin.isatty() and not output.state.as_json:
            _show(made.benchmark, "would show")
            _who_dominates(made)
            click.confirm("Publish it? It never changes afterwards.", abort=True)
        if made.shows_nothing:
            _who_dominates(made)
        publish_round(office, made, datetime.now(UTC))
    _show(made.benchmark, "shows")
    _who_dominates(made)
    if not output.state.as_json:
        output.say(f"Published as version {made.benchmark.version}: kudos-coordinator benchmark show {round_id}")


def _who_dominates(made: "Draft") -> None:
    """Tells NPU for whom most of a cohort is withheld. Nothing that is published says who."""
    for each in made.dominating:
        output.prose(
            f"Look into {each.member}: of {output.count(each.categories)} of the {output.count(each.of)} categories of "
            f"{each.cohort} it may be most, and they are withheld. It may be that large, or its release is not true: "
            "ask it what it imported, and whether it is one institution. To see the figures without it: --preview "
            f"--without {each.member} --reason TEXT. Only you are told."
        )


def _next(round_id: str, made: "Draft", without: tuple[str, ...]) -> str:
    from coordinator.publish.publishing import what_another_takes

    version, reason = made.benchmark.version, made.benchmark.reason
    if not made.shows_nothing:
        words = [
            round_id,
            *(["--reason", reason] if reason else []),
            *(word for each in without for word in ("--without", each)),
        ]
        return f"Nothing was published. To publish it: kudos-coordinator round publish {shlex.join(words)}"
    if version > 1:
        return (
            f"Nothing of a version {version} could be shown. Version {version - 1} stays as it is; there is nothing "
            "to do."
        )
    again = what_another_takes(cross_use=cross_use_shown.is_cross_use(made.benchmark))
    return (
        "Nothing can be published: no group has releases enough (a quorum lowers what a round needs to close, not what "
        f"may be shown). {again}\n"
        f"To end this one: kudos-coordinator round abort {round_id} --reason TEXT"
    )


def _show(benchmark: "Benchmark", verb: str) -> None:
    if output.state.as_json:
        from privacy.estimate.tabular import as_json

        output.emit(as_json(benchmark))
        return
    cells = benchmark.body.cells
    status = Counter(cell.status for cell in cells)
    output.say(
        f"The benchmark of {benchmark.round} {verb} {output.things(status['published'], 'figure')}, "
        f"{output.count(status['unreliable'])} more as unreliable; {output.count(status['suppressed'])} are withheld. "
        f"{output.things(len(benchmark.releases), 'release')} went in."
    )
    if cross_use_shown.is_cross_use(benchmark):
        _show_cross_use(benchmark)
        return
    output.table(
        ["cohort", "members>", "published>", "unreliable>", "withheld>", "why"],
        [
            (
                line.cohort,
                str(line.members),
                *(
                    output.count(sum(cell.cohort == line.cohort and cell.status == name for cell in cells))
                    for name in ("published", "unreliable", "suppressed")
                ),
                _why(benchmark, line.cohort, line.reason),
            )
            for line in benchmark.body.cohorts
        ],
    )


def _show_cross_use(benchmark: "Benchmark") -> None:
    """Which groups stand in the matrices, then the figures and why some are withheld."""
    output.table(
        ["cohort", "members>", "status", "why"],
        [
            (line.cohort, str(line.members), line.status, reasons.in_words(line.reason) if line.reason else "")
            for line in benchmark.body.cohorts
        ],
    )
    output.say()
    cross_use_shown.show(benchmark, published=False)
    withheld = Counter((cell.table, str(cell.reason)) for cell in benchmark.body.cells if cell.reason)
    for (table, reason), number in sorted(withheld.items()):
        output.say(f"  withheld in {table}: {output.count(number)} × {reasons.in_words(reason)}")


def _why(benchmark: "Benchmark", cohort: str, reason: str | None) -> str:
    if reason is not None:
        return reasons.in_words(reason)
    found = Counter(
        str(cell.reason) for cell in benchmark.body.cells if cell.cohort == cohort and cell.status == "suppressed"
    )
    return "; ".join(f"{output.count(number)} × {reasons.in_words(name)}" for name, number in sorted(found.items()))
