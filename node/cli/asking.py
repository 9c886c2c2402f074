"""The question before budget is spent."""

import sys
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.release.book import Vectors
    from node.release.make import Ask
    from privacy.bounds.windows import Window
    from privacy.studies.price import Price


def asked(window: "Window", *, yes: bool) -> "Ask":
    """Asks the person at the terminal, who may know of the figures: they are the institution's own.

    Nothing that leaves knows of this. What is written, and how the command ends once it is told to go on, are the
    same whatever the data (privacy contract, section 4). Off a terminal, and with `yes`, nobody is asked.
    """

    def ask(price: "Price", vectors: "Vectors") -> None:
        from node.cli.blurred import all_blurred, verdict

        if yes or not sys.stdin.isatty() or output.state.as_json:
            return
        cost = f"ρ {price.spend.rho}"
        output.prose(verdict(all_blurred(price, dict(vectors)), cost))
        click.confirm(f"This spends {cost} of your budget, for good. Release {window}?", abort=True)

    return ask
