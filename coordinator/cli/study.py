"""kudos-coordinator study: what a round can ask for."""

from typing import TYPE_CHECKING

import click

from coordinator.cli import output
from coordinator.cli.output import count

if TYPE_CHECKING:
    from privacy.studies.price import Price
    from privacy.studies.study import Study


@click.group()
@output.home_option
def command() -> None:
    """Look at studies, and check your own before any member is asked to allow it."""


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
    output.say(
        f"A release of it has {count(found.cells)} figures and costs ρ {cost.spend.rho} of each member's budget."
    )


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
        output.emit({**_json(found), "rho": str(cost.spend.rho), "parts": _parts(cost)})
        return
    output.say(f"{found.title}   ({found.name} version {found.version}, {found.digest[:23]}…)")
    output.table(
        ["table", "measure", "cells>", "noise (σ)>", "ρ>"],
        [
            (
                each.part.table.name,
                f"{each.part.measure}, øre" if each.part.measure == "revenue" else str(each.part.measure),
                str(each.part.table.cells),
                count(round(each.mechanism.scale)),
                str(each.cost),
            )
            for each in cost.parts
        ],
    )
    bounds, disclosure = found.bounds, found.disclosure
    output.say(
        f"Of one customer at most {bounds.max_orders} orders, {bounds.max_lines} lines, {bounds.max_tickets} tickets "
        f"and {count(bounds.max_revenue_ore // 100)} kr count."
    )
    output.say(f"Published for {', '.join(found.cohorts)}: at least {disclosure.min_members} members in each group.")
    output.say(f"Noise is one standard deviation of one member's figure. A release costs ρ {cost.spend.rho}.")


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


def _parts(cost: "Price") -> list[dict[str, object]]:
    return [
        {
            "table": each.part.table.name,
            "measure": str(each.part.measure),
            "cells": each.part.table.cells,
            "scale": str(each.mechanism.scale),
            "rho": str(each.cost),
        }
        for each in cost.parts
    ]
