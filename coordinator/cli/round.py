"""kudos-coordinator round: one collection of a study over a year or a quarter."""

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from coordinator.cli import output, round_shown
from coordinator.cli.publication import publish

if TYPE_CHECKING:
    from coordinator.office import Office
    from coordinator.rounds.rounds import Round


@click.group()
@output.home_option
def command() -> None:
    """Open rounds, watch who has answered, and close them."""


command.add_command(publish)


@command.command("open")
@click.argument("study")
@click.option(
    "--window-last",
    required=True,
    type=output.Day(),
    help="Last day of the months asked for: of a month, or of a quarter for a study of those.",
)
@click.option("--deadline", required=True, type=output.Deadline(), help="Until when members answer (Norwegian time).")
@click.option(
    "--sketch-deadline",
    type=output.Deadline(),
    help="Of cross-use: until when members send their sketches; until the deadline they count.",
)
@click.option("--quorum", type=click.IntRange(1, 10_000), help="Members needed to open, releases to close early.")
@click.option("--id", "round_id", help="The round's name (default: made from study and month).")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal where these months are published already.")
@output.common
def open_(
    study: str,
    window_last: date,
    deadline: datetime,
    sketch_deadline: datetime | None,
    quorum: int | None,
    round_id: str | None,
    yes: bool,
) -> None:
    """Open a round of STUDY, a shipped study's name or a file's path ending in .toml.

    \b
    Example:  kudos-coordinator round open benchmark --window-last 2025-12-31 --deadline 2026-02-01
              kudos-coordinator round open benchmark-quarter --window-last 2026-03-31 --deadline 2026-05-01
              kudos-coordinator round open cross-use-year --window-last 2025-12-31 \
                  --sketch-deadline 2026-02-01 --deadline 2026-02-15

    Every member that is active now is asked, with the keys that it has now: the roster is frozen and signed. Members'
    own policies decide whether they answer. The quorum is the study's `min_members` unless you say another. Opening the
    same round again changes nothing. Months that are published already are asked for again in vain: what was withheld
    of them stays withheld.
    """
    from coordinator.rounds.rounds import open_round, published_before
    from coordinator.rounds.studies import read

    asked_for = read(study)
    with output.office() as office:
        _ask_again(published_before(office.store, asked_for, window_last), yes=yes)
        opened = open_round(
            office,
            asked_for,
            window_last,
            deadline.astimezone(UTC),
            datetime.now(UTC),
            quorum,
            round_id,
            None if sketch_deadline is None else sketch_deadline.astimezone(UTC),
        )
        without = _without_key(office, opened.id)
    if output.state.as_json:
        output.emit(round_shown.as_json(opened))
        return
    output.say(f"Round {opened.id} is {opened.state}: {opened.study}, {opened.window}")
    output.say(f"  {output.things(opened.asked, 'member')} asked, until {output.utc(opened.deadline)}")
    if opened.stage is not None:
        round_shown.say_sketches(opened)
    if without:
        output.say(f"  without the network's identity key, or with another one than most: {', '.join(without)}")
    for line in _too_few(opened, asked_for.study.disclosure.min_members):
        output.say(f"  {line}")
    output.say(f"Watch it:   kudos-coordinator round status {opened.id}")


@command.command("list")
@output.common
def list_() -> None:
    """List all rounds: where each stands, how many releases are here, and until when members answer."""
    _list()


@command.command()
@click.argument("round_id", metavar="[ROUND]", required=False)
@output.common
def status(round_id: str | None) -> None:
    """Show who has answered ROUND: waiting, released, declined, or late. Without ROUND, list all rounds.

    Of a round of cross-use also whose sketch is here, who is late for which, and when each stage ends.
    """
    from coordinator.rounds.rounds import get
    from coordinator.rounds.submissions import answers

    if round_id is None:
        _list()
        return
    with output.office() as office:
        round_shown.show(get(office.store, round_id), answers(office.store, round_id, datetime.now(UTC)))


def _list() -> None:
    from coordinator.rounds.rounds import listed

    with output.office() as office:
        rounds = listed(office.store)
    if output.state.as_json:
        output.emit([round_shown.as_json(each) for each in rounds])
        return
    if not rounds:
        output.say("No round yet.   kudos-coordinator round open benchmark --window-last … --deadline …")
        return
    round_shown.show_all(rounds)


@command.command("next")
@click.argument("round_id", metavar="ROUND")
@output.common
def next_(round_id: str) -> None:
    """Have ROUND, one of cross-use, go on: from now on it takes no sketches, and those that are there are counted.

    The server does it by itself when the deadline of the sketches is over, or before, when every member has sent one or
    declined. Before that deadline it takes the round's quorum; after it a round with fewer sketches is aborted. Who has
    sent none leaves the round without hurting the others.
    """
    from coordinator.cross_use.markets import form

    with output.office() as office:
        found = form(office, round_id, datetime.now(UTC))
    if found.market is None:
        _say_ended(found)
        return
    if output.state.as_json:
        output.emit(round_shown.as_json(found))
        return
    output.say(
        f"Round {found.id} counts: {output.things(found.sketches, 'sketch', 'sketches')}, until "
        f"{output.utc(found.deadline)}."
    )
    output.say(f"Watch it:   kudos-coordinator round status {found.id}")


@command.command()
@click.argument("round_id", metavar="ROUND")
@output.common
def close(round_id: str) -> None:
    """Close ROUND: it takes nothing any more. Before its deadline it needs its quorum of releases.

    The server closes rounds by itself when their deadline is over, with whatever has come: late members leave the round
    without hurting the others.
    """
    from coordinator.rounds.rounds import close as step

    with output.office() as office:
        _say_ended(step(office.store, round_id, datetime.now(UTC)))


@command.command()
@click.argument("round_id", metavar="ROUND")
@click.option("--reason", required=True, help="Why, in one line: every member that was asked reads it.")
@output.common
def abort(round_id: str, reason: str) -> None:
    """End ROUND without publication, and tell its members why. What they have spent is not refunded.

    Their nodes show the reason when they next ask. A further round of the same study and window gets the same releases,
    at no further cost; of cross-use the same sketches, and the same counts where the same members take part.
    """
    from coordinator.rounds.rounds import abort as step

    with output.office() as office:
        _say_ended(step(office.store, round_id, reason, datetime.now(UTC)))


def _ask_again(published: tuple[str, ...], *, yes: bool) -> None:
    """Says that months are published already, and on a terminal asks whether to go on."""
    if not published:
        return
    for name in published:
        output.say(f"These months are published already: kudos-coordinator benchmark show {name}")
    output.say(
        "  What is withheld there stays withheld, for a further round is held against it: to ask the same again does "
        "not help. A round of another study of these months (benchmark-year and portfolio-year, say) is as it should "
        "be where the same members answer: where others do, figures of the two rounds would differ by just these, and "
        "whole cohorts, the network among them, are withheld."
    )
    if not yes and sys.stdin.isatty() and not output.state.as_json:
        click.confirm("Open the round all the same?", abort=True)


def _without_key(office: "Office", round_id: str) -> list[str]:
    from coordinator.rounds.rounds import announcement
    from privacy.rounds.announcement import read

    said = read(announcement(office.store, round_id), office.signing_key.public_key())
    return [seat.name for seat in said.roster if seat.identity_commitment is None]


def _too_few(opened: "Round", min_members: int) -> list[str]:
    """What happens to a round that has, or may be closed with, fewer members than anything is shown of."""
    if opened.asked < min_members:
        return [
            f"nothing of it can be published: a figure takes {min_members} releases, and {opened.asked} can come",
            "members spend of their budgets all the same; a round of these months with more members takes the same "
            + ("releases" if opened.stage is None else "sketches, but counts anew"),
        ]
    if opened.quorum < min_members:
        return [
            f"with the quorum of {opened.quorum} it can be closed early, but nothing is published of fewer than "
            f"{min_members} releases"
        ]
    return []


def _say_ended(ended: "Round") -> None:
    if output.state.as_json:
        output.emit(round_shown.as_json(ended))
        return
    output.say(f"Round {ended.id} is {ended.state}, with {ended.releases} of {output.things(ended.asked, 'release')}.")
    if ended.state == "aborted":
        output.say("Its members are told why when their nodes next ask.")
    elif ended.state == "closed":
        output.say(f"Look before you publish: kudos-coordinator round publish {ended.id} --preview")
