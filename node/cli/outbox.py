"""kudos-node outbox: what has been released, exactly."""

from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import count, things
from node.errors import UsageError

if TYPE_CHECKING:
    from node.release.listing import Listed
    from node.release.outbox import Cell
    from privacy.ledger.contents import Contents
    from privacy.studies.shelf import AnyStudy
    from privacy.studies.study import Study


@click.group()
@output.home_option
def command() -> None:
    """Look at what was released: every booked release, number by number."""


@command.command("list")
@output.common
def list_() -> None:
    """List the releases that the ledger has booked, and in a network the rounds that each was sent to."""
    from node.membership.settings import joined
    from node.release.listing import listed
    from privacy.ledger.store import Ledger

    output.state.home.settings()
    ledger = Ledger.open(output.state.home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    releases = listed(contents)
    output.warn_of_old_copy(output.state.home, contents)
    sent = _sent()
    if output.state.as_json:
        output.emit([_json(each, sent) for each in releases])
        return
    if not releases:
        output.say("Nothing was ever released.")
        return
    where = ["sent to"] if joined(output.state.home) else []
    output.table(
        ["entry>", "booked", "study", "months to", "ε>", "ρ>", "state", *where],
        [
            (
                str(each.entry.seq),
                f"{each.entry.time:%Y-%m-%d}",
                each.entry.study,
                str(each.entry.window.last),
                str(each.cost.epsilon),
                str(each.cost.rho),
                each.state,
                *([", ".join(_sent_to(each, sent)) or "–"] if where else []),
            )
            for each in releases
        ],
    )


@command.command()
@click.argument("entry", type=int)
@output.common
def show(entry: int) -> None:
    """Show every number of the release that ENTRY booked, as it was signed. The signature is checked.

    Of a sketch: what it is of, and how many of its bits are set. Of counts: every sum, by group and member.
    """
    from node.cli.outbox_cross_use import show_count, show_sketch
    from node.release import studies
    from node.release.listing import listed
    from node.release.stored_cross_use import is_sketch
    from privacy.ledger.store import Ledger
    from privacy.studies.cross_use import CrossUseStudy

    output.state.home.settings()
    ledger = Ledger.open(output.state.home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    release = next((each for each in listed(contents) if each.entry.seq == entry), None)
    if release is None:
        raise UsageError(f"Entry {entry} booked no release. See: kudos-node outbox list")
    if is_sketch(release.entry):
        show_sketch(contents, release, _json(release, _sent()))
        return
    study = studies.by_digest(output.state.home, release.entry.study_digest) or _of_a_round(release.entry.study_digest)
    if study is None:
        raise UsageError(
            f"Entry {entry} released the study {release.entry.study} as {release.entry.study_digest}, which is not "
            "among the studies of this version."
        )
    if isinstance(study, CrossUseStudy):
        show_count(contents, study, release, _json(release, _sent()))
    else:
        _show_tables(contents, study, release)


def _show_tables(contents: "Contents", study: "Study", release: "Listed") -> None:
    from node.release.outbox import BEFORE, shown

    cells = shown(contents, study, release.entry.window)
    if output.state.as_json:
        output.emit({**_json(release, _sent()), "cells": [vars(cell) for cell in cells]})
        return
    output.say(f"{study.title}, {release.entry.window}: {things(study.figures, 'figure')}, signature good")
    output.table(["table", "category", "measure", "released>"], [_row(cell) for cell in cells])
    output.say("Each figure is an integer with its noise; revenue in øre. Nothing else is in the release but the names")
    output.say("of ledger, study and window, the entry's number and the signature.")
    if any(cell.table == BEFORE for cell in cells):
        output.prose(
            f"{BEFORE} are no further figures, but those limits of tiers by which the customers of the twelve months "
            "before are divided: told by the release over these months or, where there is none, the limits above."
        )


def _of_a_round(digest: str) -> "AnyStudy | None":
    """The study of that digest that a round has brought; None where none has."""
    from node.membership.settings import joined, membership
    from node.network import rounds

    home = output.state.home
    known = rounds.listed(home, membership(home)) if joined(home) else []
    return next((each.announcement.study for each in known if each.announcement.study.digest == digest), None)


def _row(cell: "Cell") -> tuple[str, str, str, str]:
    return cell.table, cell.category, "revenue, øre" if cell.measure == "revenue" else cell.measure, count(cell.value)


def _sent() -> dict[str, list[str]]:
    """By the digest of a release, the rounds that it was sent to: what a ledger says of it does not tell."""
    from node.membership.settings import joined, membership
    from node.network import rounds

    found: dict[str, list[str]] = {}
    home = output.state.home
    for each in reversed(rounds.listed(home, membership(home)) if joined(home) else []):
        if each.sent:
            found.setdefault(f"sha256:{each.sent}", []).append(each.name)
        if each.sketched:
            found.setdefault(_sketch_of(each.announcement.window.last.year), []).append(each.name)
    return found


def _sketch_of(year: int) -> str:
    """How `_sent` calls the sketch of a year: rounds name it by what it is sealed in."""
    return f"sketch of {year}"


def _sent_to(each: "Listed", sent: dict[str, list[str]]) -> list[str]:
    from node.release.stored_cross_use import is_sketch

    key = _sketch_of(each.entry.window.last.year) if is_sketch(each.entry) else each.entry.release_digest
    return sent.get(key, [])


def _json(each: "Listed", sent: dict[str, list[str]]) -> dict[str, object]:
    return {
        "entry": each.entry.seq,
        "time": f"{each.entry.time:%Y-%m-%dT%H:%M:%SZ}",
        "study": each.entry.study,
        "study_digest": each.entry.study_digest,
        "window": str(each.entry.window),
        "epsilon": str(each.cost.epsilon),
        "rho": str(each.cost.rho),
        "bytes": None if each.stored.envelope is None else len(each.stored.envelope),
        "release_digest": each.entry.release_digest,
        "state": each.state,
        "sent_to": _sent_to(each, sent),
    }
