"""kudos-coordinator study plan: how good a round's figures would be, before anybody is asked."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from coordinator.cli import output
from coordinator.cli.output import count, things
from privacy.budget.amounts import delta_text

if TYPE_CHECKING:
    from privacy.budget.amounts import Spend
    from privacy.planning.plan import Plan, PlannedTable
    from privacy.studies.shelf import AnyStudy
    from privacy.studies.study import Study

DELTA = Fraction(1, 10**6)
"""At which a total ε is told: a policy's, as delivered."""

_SIZE = re.compile(r"(?:([1-9]\d{0,3})[x×])?([1-9]\d{0,8})", re.ASCII)
_TIMES = re.compile(r"(?P<study>.+?)(?::(?P<times>[1-9]\d?))?", re.ASCII)
_SHOWN = 4


class Sizes(click.ParamType[tuple[int, ...]]):
    """Members' sizes: numbers of customers with commas between them, each with how many members have it, if several."""

    name = "SIZES"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The size of each member."""
        if isinstance(value, tuple):
            return value
        sizes: list[int] = []
        for text in str(value).split(","):
            match = _SIZE.fullmatch(text.strip())
            if match is None:
                self.fail(
                    f"{text!r} is no size. Write customers of twelve months: 20000,5000 or 10x20000,2000.", param, ctx
                )
            sizes += [int(match[2])] * int(match[1] or 1)
        return tuple(sizes)


class Repeated(click.ParamType[tuple[str, int]]):
    """A study, and how often a year."""

    name = "STUDY[:TIMES]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The study's name or file, and the number."""
        if isinstance(value, tuple):
            return value
        match = _TIMES.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is no study with a number. Write benchmark-quarter:4.", param, ctx)
        return match["study"], int(match["times"] or 1)


@click.command("plan")
@click.argument("study")
@click.option(
    "--members",
    "sizes",
    type=Sizes(),
    required=True,
    help="Customers of twelve months of each member: 20000,5000,800; ten alike: 10x20000.",
)
@click.option("--rho", metavar="ρ", help="Another budget than the study's, such as 0.03, with the same shares.")
@click.option(
    "--with",
    "others",
    type=Repeated(),
    multiple=True,
    help="What a year costs with another study: benchmark-quarter:4. May be given several times.",
)
@output.common
def command(study: str, sizes: tuple[int, ...], rho: str | None, others: tuple[tuple[str, int], ...]) -> None:
    """Tell how large the errors of a round of STUDY would be, and what it costs its members.

    \b
    Examples:  kudos-coordinator study plan benchmark-year --members 10x20000
               kudos-coordinator study plan benchmark-year --members 20000,8000,8000,3000,1500 --rho 0.03
               kudos-coordinator study plan benchmark-year --members 10x20000 \\
                   --with benchmark-quarter:4 --with portfolio-year --with cross-use-year

    An error is one standard error of the sum over the members, as a share of what the sum would be: 95 of 100
    figures are within two of them. Noise does not depend on a member's size, so a few small members add much noise
    and few customers.

    The noise is that which a benchmark would publish, after least squares. The sizes of categories are those of a
    typical institution (published figures, and equal shares where there are none): yours differ. What bounds cut off
    is not in it; bounds-year tells that from data, and a benchmark of its own figures.

    What would be withheld is not foretold, for that depends on whose customers are where; but for what the largest of
    the given members may dominate by its size.
    """
    from coordinator.rounds.studies import read
    from privacy.planning.plan import of_year, plan

    found = _of_tables(study, rho)
    known = [(found, 1), *((read(name).study, times) for name, times in others)]
    planned, year = plan(found, sizes), of_year(known)
    if output.state.as_json:
        output.emit(_json(planned, year, known))
        return
    _show(planned)
    _show_costs(planned, year, known)


def _of_tables(name: str, rho: str | None) -> "Study":
    """The study, with another budget where one was given. Raises BadStudy, UnknownStudy, and BadPlan for cross-use."""
    from coordinator.rounds.studies import read
    from privacy.planning.errors import BadPlan
    from privacy.studies.file import toml_of
    from privacy.studies.study import Study, from_content

    said = read(name)
    if not isinstance(said.study, Study):
        raise BadPlan(
            f"{said.study.name} is a study of cross-use, whose errors depend on how many customers members share: see "
            "docs/cross-use-errors.md. Plan a study of tables; `--with` takes one of cross-use."
        )
    return said.study if rho is None else from_content({**toml_of(said.text, name), "rho": rho}, name)


def _show(plan: "Plan") -> None:
    study, members = plan.study, plan.members
    output.say(f"{study.title}   ({study.name} version {study.version})")
    output.say(f"{things(len(members), 'member')} with {count(sum(members))} customers of twelve months in all.")
    output.say(_counted(plan))
    if len(members) < study.disclosure.min_members:
        output.say(f"Fewer than {study.disclosure.min_members} members: nothing of it would be published.")
    output.prose(_foretold(plan))
    if plan.tables:
        output.voice.fitting_table(
            ["table", "measure", "figures>", "typical error>", "largest>", "in", "unreliable>", "such as"],
            [_row(table) for table in plan.tables],
            spare=("such as", "figures>", "in"),
        )
    if plan.quantiles:
        output.table(
            ["quantiles of", "at", "rank off by, at the smallest member>"],
            [(str(each.measure), f"{float(each.at):g}", _percent(each.rank_error)) for each in plan.quantiles],
        )


def _foretold(plan: "Plan") -> str:
    """What the plan tells of, and what the largest member would dominate by its size."""
    percent, largest, whole = plan.study.disclosure.dominance_percent, max(plan.members), sum(plan.members)
    noise = "This foretells noise, and not what would be withheld"
    if not plan.tables or len(plan.members) == 1:
        return f"{noise}."
    if not plan.dominated:
        return (
            f"{noise}: by size nobody dominates a category of all members together, but somebody may of an industry or "
            "a county, or by other customers than the typical ones."
        )
    return (
        f"{noise}, but for this: the largest member has {_percent(largest / whole)} of the customers. Of "
        f"{count(len(plan.dominated))} of the {count(plan.categories)} categories of all members together nobody could "
        f"rule out that it is more than {percent} %, by its size and by noise, and these would be withheld; in an "
        "industry or a county with it, more of them."
    )


def _counted(plan: "Plan") -> str:
    """How many figures there are, of which kinds, and how many would be unreliable."""
    study = plan.study
    others = [things(len(plan.quantiles), "quantile")] if plan.quantiles else []
    others += [f"{count(plan.nothing)} that are nothing by definition"] if plan.nothing else []
    among = f", among them {' and '.join(others)}" if others else ""
    if not plan.tables:
        return f"{things(plan.figures, 'figure')}: quantiles alone."
    return (
        f"{things(plan.figures, 'figure')}{among}. Of the {'others' if others else 'figures'} "
        f"{count(plan.unreliable)} would be unreliable (an error beyond {study.disclosure.unreliable_percent} %)."
    )


def _row(table: "PlannedTable") -> tuple[str, ...]:
    named = ", ".join(table.unreliable[:_SHOWN]) + (", …" if len(table.unreliable) > _SHOWN else "")
    return (
        table.table,
        str(table.measure),
        str(len(table.cells)),
        _percent(table.typical),
        _percent(table.worst.error),
        table.worst.category,
        str(len(table.unreliable)),
        named,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %" if share < 10 else "over 1000 %"


def _show_costs(plan: "Plan", year: "Spend", known: "Sequence[tuple[AnyStudy, int]]") -> None:
    from privacy.budget.composition import total_epsilon

    output.say(f"A release costs each member ρ {plan.cost.rho}: ε {_short(plan.cost)} at δ {delta_text(DELTA)}.")
    if len(known) > 1:
        names = ", ".join(f"{times} × {study.name}" for study, times in known)
        output.say(
            f"A year of {names} costs ε {year.epsilon} and ρ {year.rho}: in all ε "
            f"{float(Fraction(total_epsilon(year, DELTA).micro, 10**6)):.2f} at δ {delta_text(DELTA)}."
        )


def _short(spend: "Spend") -> str:
    from privacy.budget.composition import total_epsilon

    return f"{total_epsilon(spend, DELTA).micro / 10**6:.2f}"


def _json(plan: "Plan", year: "Spend", known: "Sequence[tuple[AnyStudy, int]]") -> dict[str, object]:
    from privacy.budget.composition import total_epsilon

    study = plan.study
    return {
        "study": study.name,
        "version": study.version,
        "members": list(plan.members),
        "figures": plan.figures,
        "nothing": plan.nothing,
        "unreliable": plan.unreliable,
        "unreliable_percent": study.disclosure.unreliable_percent,
        "categories": plan.categories,
        "dominated": [f"{table}/{category}" for table, category in plan.dominated],
        "enough_members": len(plan.members) >= study.disclosure.min_members,
        "rho": str(plan.cost.rho),
        "epsilon_at_delta": str(total_epsilon(plan.cost, DELTA)),
        "delta": "0.000001",
        "tables": [_table_json(table) for table in plan.tables],
        "quantiles": [
            {"measure": str(each.measure), "at": f"{float(each.at):g}", "rank_error": _rounded(each.rank_error)}
            for each in plan.quantiles
        ],
        "year": {
            "studies": [{"name": each.name, "times": times} for each, times in known],
            "epsilon": str(year.epsilon),
            "rho": str(year.rho),
            "epsilon_at_delta": str(total_epsilon(year, DELTA)),
        },
    }


def _table_json(table: "PlannedTable") -> dict[str, object]:
    measure = "revenue_ore" if table.measure == "revenue" else str(table.measure)
    return {
        "table": table.table,
        "measure": measure,
        "typical_error": _rounded(table.typical),
        "largest_error": _rounded(table.worst.error),
        "unreliable": list(table.unreliable),
        "cells": [
            {"category": cell.category, "expected": round(cell.expected), "error": _rounded(cell.error)}
            for cell in table.cells
        ],
    }


def _rounded(share: float) -> float | None:
    """Five significant digits; nothing where there is nothing to be relative to."""
    return float(f"{share:.5g}") if share < float("inf") else None
