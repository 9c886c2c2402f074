"""The node's voice: its name and folder, what its commands print with, and amounts of money and of ε."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.names import COMMANDS
from node.errors import UsageError
from node.home import DEFAULT, Home
from privacy.budget.amounts import MICRO, Epsilon
from privacy.terminal import options, wording
from privacy.terminal.state import State as Common
from privacy.terminal.voice import Voice

if TYPE_CHECKING:
    from privacy.ledger.contents import Contents


@dataclass
class State(Common[Home]):
    """What the options common to all commands said."""

    home: Home = field(default_factory=lambda: Home(DEFAULT))


state = State()
voice = Voice("kudos-node", COMMANDS, lambda: state)
say, prose, emit, table = voice.say, voice.prose, voice.emit, voice.table
complain, refuse = voice.complain, voice.refuse
count, things, percent = wording.count, wording.things, wording.percent

home_option = options.home_option(
    voice.state, Home, variable="KUDOS_NODE_HOME", shown="The node's folder (default: ~/.kudos/node)."
)
json_option = options.json_option(voice.state)
Day = options.Day


def common(function: options.Function) -> options.Function:
    """The options that every command has: --json and --home."""
    return json_option(home_option(function))


def epsilon(amount: Epsilon) -> str:
    """An amount of ε with two decimals."""
    return f"{amount.micro / MICRO:.2f}"


def kroner(ore: float) -> str:
    """An amount in whole kroner."""
    return f"{count(round(ore / 100))} kr"


def refuse_target(file: Path, *inputs: Path) -> None:
    """Raises UsageError where a file to be written is one of the node's own, or one that was read."""
    target = file.absolute().resolve()
    if target.is_relative_to(state.home.path.resolve()) or target in [each.absolute().resolve() for each in inputs]:
        raise UsageError(f"{file} is a file of the node or one to be read. Name another one to write to.")


def warn_of_old_copy(home: Home, contents: "Contents") -> None:
    """Says to standard error where the ledger is older than what is known to be cosigned of it."""
    from node.release.old_copy import seen_further

    further = seen_further(home, contents)
    if further is not None:
        held = things(len(contents.entries), "entry", "entries")
        complain(
            f"This ledger has {held}, and {further} were cosigned: it is an old copy, or another one. What was spent "
            "since is missing here. To go on: kudos-node ledger recover"
        )


viewer = click.option(
    "--viewer",
    is_flag=False,
    flag_value="",
    metavar="[BUNDLE]",
    help="Benchmarks alone, and no data of an institution: those that a viewer's certificate has fetched into this "
    "folder (kudos-node viewer), or those of a bundle that the coordinator exported.",
)
"""The option of what looks at benchmarks without a node's data."""


def viewing(viewer: str | None) -> tuple[Path | None, bool]:
    """The bundle of a viewer, and whether it is one with a certificate. Raises UsageError where there is no bundle."""
    if not viewer:
        return None, viewer is not None
    if not Path(viewer).exists():
        raise UsageError(f"There is no bundle {viewer}. Make one: kudos-coordinator export --out DIR")
    return Path(viewer), False
