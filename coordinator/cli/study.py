"""kudos-coordinator study: what a round can ask for."""

from typing import TYPE_CHECKING

import click

from coordinator.cli import output, study_disclosure, study_plan
from coordinator.cli.output import count

if TYPE_CHECKING:
    from privacy.catalogue.tables import Bounds
    from privacy.studies.price import Price, PricedPart
    from privacy.studies.study import Study


@click.group()
@output.home_option
def command() -> None:
    """Look at studies, plan a round, and check your own before any member is asked to allow it."""


command.add_command(study_plan.command)
command.add_command(study_disclosure.command)


@command.command("list")
@output.common
def list_() -> None:
    """List the studies that come with Kudos, and those that rounds were opened with."""
    from coordinator.rounds.studies import shipped, used

    with output.office() as office:
        opened = {each.digest: each for each in used(office.store)}
    rows = [(each.study.name, each.study.version, each.study.digest, "shipped") for each in shipped()]
    rows += [
        (each.name, each.version, digest, f"used since {each.added:%Y-%m-%d}")
        for digest, each in opened.items()
        if digest not in {row[2] for row in rows}
    ]
    if output.state.as_json:
        output.emit(
            [
                {"name": name, "version": version, "digest": digest, "used": digest in opened}
                for name, version, digest, _ in rows
            ]
        )
        return
    output.table(
        ["study", "version>", "digest", ""],
        [(name, str(version), digest[:23] + "…", origin) for name, version, digest, origin in rows],
    )


@command.command()
@click.argument("study")
@output.common
def check(study: str) -> None:
    """Check STUDY, a shipped one's name or a file's path ending in .toml, and say what it costs.

    \b
    Example:  kudos-coordinator study check my-study.toml

    The digest is what members allow. Any change but of comments and line breaks makes another study.
    """
    from coordinator.cli import cross_use_study
    from coordinator.rounds.studies import read
    from privacy.studies.cross_use import CrossUseStudy
    from privacy.studies.price import price

    found = read(study).study
    if isinstance(found, CrossUseStudy):
        if output.state.as_json:
            output.emit(cross_use_study.as_json(found))
            return
        output.say(f"{found.name} version {found.version} is a valid study of cross-use.   {found.digest}")
        cross_use_study.say_cost(found)
        return
    cost = price(found)
    if output.state.as_json:
        output.emit({**_json(found), "rho": str(cost.spend.rho)})
        return
    output.say(f"{found.name} version {found.version} is a valid study.   {found.digest}")
    figures = count(found.cells + len(found.quantiles))
    output.say(f"A release of it has {figures} figures and costs ρ {cost.spend.rho} of each member's budget.")


@command.command()
@click.argument("study")
@output.common
def show(study: str) -> None:
    """Show what STUDY asks for, part by part, with the noise of each and what it costs."""
    from coordinator.cli import cross_use_study
    from coordinator.rounds.studies import read
    from privacy.studies.cross_use import CrossUseStudy
    from privacy.studies.price import price

    found = read(study).study
    if isinstance(found, CrossUseStudy):
        if output.state.as_json:
            output.emit(cross_use_study.as_json(found))
        else:
            cross_use_study.show(found)
        return
    cost = price(found)
    if output.state.as_json:
        told = {"parts": _parts(found, cost), "quantiles": _quantiles(cost)}
        output.emit({**_json(found), "rho": str(cost.spend.rho), **told})
        return
    output.say(f"{found.title}   ({found.name} version {found.version}, {found.digest[:23]}…)")
    _show_parts(found, cost)
    bounds, disclosure = found.bounds, found.disclosure
    if found.parts:
        output.say(f"Of one customer at most {_said(bounds)} count.")
    if wide := _wide(found):
        output.say(
            f"Within the wide bounds {_said(wide)}. Where each cell has bounds of its own, the largest noise stands."
        )
    output.say(f"Published for {', '.join(found.cohorts)}: at least {disclosure.min_members} members in each group.")
    output.say(f"Noise is one standard deviation of one member's figure. A release costs ρ {cost.spend.rho}.")


def _show_parts(study: "Study", cost: "Price") -> None:
    """The tables, and then the quantiles: their noise is in ranks, in customers."""
    if cost.parts:
        output.table(
            ["table", "measure", "bounds", "cells>", "noise (σ)>", "ρ>"],
            [
                (
                    each.part.table.name,
                    f"{each.part.measure}, øre" if each.part.measure == "revenue" else str(each.part.measure),
                    _bounds_of(study, each),
                    str(each.part.table.cells),
                    count(round(each.mechanism.scale)),
                    str(each.cost),
                )
                for each in cost.parts
            ],
        )
    if cost.quantiles:
        output.table(
            ["quantile of", "at", "noise of its rank, customers (σ)>", "ρ>"],
            [
                (
                    str(each.part.measure),
                    f"{float(each.part.at):g}",
                    count(round(each.mechanism.rank_error)),
                    str(each.cost),
                )
                for each in cost.quantiles
            ],
        )


def _bounds_of(study: "Study", priced: "PricedPart") -> str:
    """Within which bounds a part is. Customers of tables of customers are cut by none."""
    if priced.part.measure == "customers" and priced.l2_squared == 1:
        return "none"
    if priced.by_cell:
        return "by cell"
    return "narrow" if priced.part.bounded.bounds[0] == study.bounds else "wide"


def _said(bounds: "Bounds") -> str:
    return (
        f"{bounds.max_orders} orders, {bounds.max_lines} lines, {bounds.max_tickets} tickets and "
        f"{count(bounds.max_revenue_ore // 100)} kr"
    )


def _wide(study: "Study") -> "Bounds | None":
    """The wide bounds, where a table is within them."""
    others = {each.bounds[0] for each in study.bounded_tables if not each.by_cell} - {study.bounds}
    return next(iter(others), None)


def _json(study: "Study") -> dict[str, object]:
    return {
        "name": study.name,
        "version": study.version,
        "title": study.title,
        "digest": study.digest,
        "layout_digest": study.layout_digest,
        "cells": study.cells,
        "cohorts": list(study.cohorts),
        "min_members": study.disclosure.min_members,
    }


def _parts(study: "Study", cost: "Price") -> list[dict[str, object]]:
    return [
        {
            "table": each.part.table.name,
            "measure": str(each.part.measure),
            "cells": each.part.table.cells,
            "bounds": _bounds_of(study, each),
            "scale": str(each.mechanism.scale),
            "scales": [str(mechanism.scale) for mechanism in each.mechanisms] if each.by_cell else None,
            "rho": str(each.cost),
        }
        for each in cost.parts
    ]


def _quantiles(cost: "Price") -> list[dict[str, object]]:
    return [
        {
            "measure": str(each.part.measure),
            "at": f"{float(each.part.at):g}",
            "scale": str(each.mechanism.scale),
            "rho": str(each.cost),
        }
        for each in cost.quantiles
    ]
