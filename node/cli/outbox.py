"""kudos-node outbox: what has been released, exactly."""

from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import count
from node.errors import UsageError

if TYPE_CHECKING:
    from node.release.listing import Listed
    from node.release.outbox import Cell


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
    output.table(
        ["entry>", "booked", "study", "months to", "ρ>", "state", *(["sent to"] if joined(output.state.home) else [])],
        [
            (
                str(each.entry.seq),
                f"{each.entry.time:%Y-%m-%d}",
                each.entry.study,
                str(each.entry.window.last),
                str(each.cost.rho),
                each.state,
                *([", ".join(_sent_to(each, sent)) or "–"] if joined(output.state.home) else []),
            )
            for each in releases
        ],
    )


@command.command()
@click.argument("entry", type=int)
@output.common
def show(entry: int) -> None:
    """Show every number of the release that ENTRY booked, as it was signed. The signature is checked."""
    from node.release import studies
    from node.release.listing import listed
    from node.release.outbox import shown
    from privacy.ledger.store import Ledger

    output.state.home.settings()
    ledger = Ledger.open(output.state.home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    release = next((each for each in listed(contents) if each.entry.seq == entry), None)
    if release is None:
        raise UsageError(f"Entry {entry} booked no release. See: kudos-node outbox list")
    study = studies.by_digest(output.state.home, release.entry.study_digest)
    if study is None:
        raise UsageError(
            f"Entry {entry} released the study {release.entry.study} as {release.entry.study_digest}, which is not "
            "among the studies of this version."
        )
    cells = shown(contents, study, release.entry.window)
    if output.state.as_json:
        output.emit({**_json(release, _sent()), "cells": [vars(cell) for cell in cells]})
        return
    output.say(f"{study.title}, {release.entry.window}: {count(len(cells))} figures, signature good")
    output.table(["table", "category", "measure", "released>"], [_row(cell) for cell in cells])
    output.say("Each figure is an integer with its noise; revenue in øre. Nothing else is in the release but the names")
    output.say("of ledger, study and window, the entry's number and the signature.")


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
    return found


def _sent_to(each: "Listed", sent: dict[str, list[str]]) -> list[str]:
    return sent.get(each.entry.release_digest, [])


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
