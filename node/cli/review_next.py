"""What comes after a look at a release: one's own figures of its months, and the next commands in their order."""

from datetime import date
from typing import TYPE_CHECKING

from node.cli import output
from node.cli.twelve_months import days

if TYPE_CHECKING:
    from node.release.accounts import Accounts
    from privacy.bounds.windows import Window
    from privacy.budget.amounts import Spend
    from privacy.studies.study import Study


def own_figures(window: "Window", kpi_last: date, *, empty: bool) -> None:
    """Says so where `kpi`, which goes by the newest sale, looks at other months by itself than a release does."""
    from privacy.bounds.windows import twelve_months_to

    if window != twelve_months_to(window.last):
        if not empty:
            output.say()
            output.say(f"Your own figures of these months: kudos-node kpi --from {window.first} --to {window.last}")
        return
    if window.last == kpi_last or (empty and window.last < kpi_last):
        return
    output.say()
    output.say(
        f"By itself kudos-node kpi looks at other months: {days(twelve_months_to(kpi_last))}, your newest whole ones "
        "of sales."
    )
    if window.last > kpi_last:
        output.say("Where sales since then are missing here, import them first.")
    if not empty:
        output.say(f"Your own figures of the months above: kudos-node kpi --as-of {window.last}")


def next_steps(
    asked: str, study: "Study", account: "Accounts", *, cells: bool, stored: bool, empty: bool, refused: str
) -> None:
    """What a careful person does next, in that order: look, allow, release. Nothing to allow where nothing is sold.

    refused: why a yes would be refused all the same; empty where it would not.
    """
    output.say()
    if empty and not stored:
        output.say("Import first:       kudos-node import FILE…")
        return
    if not cells:
        output.say(f"Cell by cell:       kudos-node review {asked} --cells")
    if not refused and not _allowed(study, account):
        output.say(f"If you agree:       kudos-node policy allow {asked}")


def certain_refusal(study: "Study", account: "Accounts", cost: "Spend") -> str:
    """Why a yes would be refused once the study is allowed, as its cost and what is spent stand; empty where not."""
    from node.cli.kinds import refusal

    why = refusal(account.policy, study, (cost,), account.spent)
    return "" if why is None else str(why)


def _allowed(study: "Study", account: "Accounts") -> bool:
    return any(entry.study == study.name and entry.digest == study.digest for entry in account.policy.allowed)


def to_whom(
    asked: str, study: "Study", account: "Accounts", *, stored: bool, for_round: bool, in_network: bool, refused: str
) -> None:
    """The last step: an answer to the round, or to one that will come, or a release of one's own."""
    if refused:
        output.prose(f"As it stands, a yes is refused. {refused}")
        if for_round:
            output.say(f"To say no:          kudos-node decline {asked}")
        return
    if for_round:
        output.say(f"Take part:          kudos-node approve {asked}")
        output.say(f"Or say no:          kudos-node decline {asked}")
        return
    if in_network:
        output.say("A round will ask for it: kudos-node rounds")
        return
    verb = "Write it again:" if stored else "Book and write it:" if _allowed(study, account) else "Then release it:"
    output.say(f"{verb:<20}kudos-node release {asked} --to-file")
