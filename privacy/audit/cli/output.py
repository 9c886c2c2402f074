"""The auditor's voice: its name and folder, and what its commands print with."""

from dataclasses import dataclass, field
from pathlib import Path

import click

from privacy.audit.cli.names import COMMANDS
from privacy.terminal import options, wording
from privacy.terminal.state import State as Common
from privacy.terminal.voice import Voice

DEFAULT = Path.home() / ".kudos" / "audit"


@dataclass
class State(Common[Path]):
    """What the options common to all commands said."""

    home: Path = field(default_factory=lambda: DEFAULT)


state = State()
voice = Voice("kudos-audit", COMMANDS, lambda: state, wide=140)
say, prose, emit, table = voice.say, voice.prose, voice.emit, voice.table
count, things, utc = wording.count, wording.things, wording.utc

home_option = options.home_option(
    voice.state,
    lambda path: path,
    variable="KUDOS_AUDIT_HOME",
    shown="The auditor's folder: certificate, and what was seen before (default: ~/.kudos/audit).",
)
json_option = options.json_option(voice.state)

bundle_argument = click.argument("bundle", type=click.Path(path_type=Path))
study_option = click.option(
    "--study",
    "studies",
    multiple=True,
    metavar="FILE.toml",
    help="A study that a member released by itself and no round announced. May be given several times.",
)


def common(function: options.Function) -> options.Function:
    """The options that every command has: --json and --home."""
    return json_option(home_option(function))
