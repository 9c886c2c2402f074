"""The question before budget is spent, and what a person is told before it."""

import contextlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.home import Home
    from node.network.taking_part import Asks
    from node.release.book import Vectors
    from node.release.make import Ask
    from privacy.bounds.windows import Window
    from privacy.budget.amounts import Spend
    from privacy.studies.price import Price


def asked(window: "Window", *, yes: bool, send_to: "Callable[[Price], str] | None" = None) -> "Ask":
    """Asks the person at the terminal, who may know of the figures: they are the institution's own.

    The question is of a release of the window, or what `send_to` makes of its price.

    Nothing that leaves knows of this. What is released, and how the command ends once it is told to go on, are the
    same whatever the data (privacy contract, section 4). Off a terminal, and with `yes`, nobody is asked. Where the
    window is empty, standard error of whoever is asked or has said `yes` says so; a program that says nothing of
    either, and the agent, are told nothing.
    """

    def ask(price: "Price", vectors: "Vectors", empty: bool) -> None:
        from node.cli.blurred import all_blurred, verdict

        person = sys.stdin.isatty() and not output.state.as_json
        if not (yes or person):
            return
        cost = f"ρ {price.spend.rho}"
        said = verdict(all_blurred(price, dict(vectors)), cost, empty=empty)
        if empty:
            # Where nobody can be told, as on a closed pipe, the release goes on: no end of it may tell of the data.
            with contextlib.suppress(OSError):
                output.complain(f"{said} Import first: kudos-node import FILE…")
        elif not yes:
            output.prose(said)
        if yes or not person:
            return
        question = f"This spends {cost} of your budget, for good. Release {window}?"
        click.confirm(question if send_to is None else send_to(price), abort=True)

    return ask


def asks(window: "Window", *, yes: bool, question: "Callable[[Spend], str]") -> "Asks":
    """Asks the person at the terminal before anything is booked for a round, of whichever kind.

    Of cross-use the price is of the sketch, where the year has none yet, and of the counts that follow.
    """
    from node.network.taking_part import Asks

    def ask(cost: "Spend") -> None:
        if not yes and sys.stdin.isatty() and not output.state.as_json:
            click.confirm(question(cost), abort=True)

    return Asks(asked(window, yes=yes, send_to=lambda price: question(price.spend)), ask)


def sending(home: "Home", network: str, round_name: str) -> "Callable[[Spend], str]":
    """The question before something is made for a round and sent: to whom, and what it costs of the twelve months."""

    def question(cost: "Spend") -> str:
        from node.release.accounts import accounts
        from privacy.budget import policy_file
        from privacy.ledger.store import Ledger

        with Ledger.open(home.ledger_file) as ledger:
            account = accounts(ledger.contents(), policy_file.read(home.policy_file))
        spent, after, cap = (
            output.epsilon(each) for each in (account.total_spent, account.total_after(cost), account.total_cap)
        )
        costs = f"ε {after} of your {cap}" if not account.total_spent.micro else f"ε {spent} → {after} of your {cap}"
        return f"This costs {costs}, for good. Send it to {network}'s round {round_name}?"

    return question
