"""kudos-node release: books a release and writes its signed bytes."""

from datetime import date
from pathlib import Path

import click

from node.cli import output
from node.errors import FileNotWritten, NodeError
from node.home import write_private


@click.command()
@click.argument("study")
@click.option(
    "--to-file",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Write the signed release to a file (default: STUDY-LASTDAY.kudos here). Without it, it waits in the outbox.",
)
@click.option(
    "--as-of",
    type=output.Day(),
    help="The last day of the window, the end of a month or quarter (default: of the last one that is over).",
)
@click.option("--yes", is_flag=True, help="Do not ask on a terminal: what is spent stays spent.")
@output.common
def command(study: str, to_file: str | None, as_of: date | None, yes: bool) -> None:
    """Make a release of STUDY: noise is drawn, the budget is charged, and the bytes are signed and kept.

    It is paid for once: asked again for the same study and window, the same bytes come for free. What your policy does
    not allow, or your budget does not cover, is refused with exit status 3 and costs nothing. Where your node is in a
    network, the coordinator witnesses the entry in your ledger first, so it must be reached.
    """
    from node.cli.asking import asked
    from node.network.witness import witness_of
    from node.release import studies
    from node.release.accounts import accounts
    from node.release.make import make
    from node.release.prepare import newest_window, release_window
    from node.store.span import today
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger
    from privacy.studies.shelf import find
    from privacy.studies.study import Study

    home = output.state.home
    now = today(home.settings().timezone)
    found = find(study)
    if not isinstance(found, Study):
        raise click.UsageError(
            f"{found.name} is a study of cross-use, which needs others to count against: it is answered in a round. "
            f"See: kudos-node rounds, kudos-node review {study}"
        )
    window = release_window(as_of, now, found.period) if as_of else newest_window(now, found.period)
    target = None if to_file is None else Path(to_file or f"{found.name}-{window.last}.kudos")
    if target is not None:
        output.refuse_target(target)
    if study.endswith(".toml"):
        studies.keep(home, found, Path(study))
    with witness_of(home) as witness:
        booked = make(home, found, window, witness=witness, ask=asked(window, yes=yes), say=output.complain)
    ledger = Ledger.open(home.ledger_file)
    after = accounts(ledger.contents(), policy_file.read(home.policy_file))
    ledger.close()
    file = None if target is None else _write(target, booked.envelope)
    if output.state.as_json:
        output.emit(
            {
                "study": found.name,
                "digest": found.digest,
                "window": {"first": window.first.isoformat(), "last": window.last.isoformat()},
                "entry": booked.seq,
                "already": booked.already,
                "bytes": len(booked.envelope),
                "file": None if file is None else str(file),
                "total_epsilon": {"spent": str(after.total_spent), "cap": str(after.total_cap)},
            }
        )
        return
    if booked.already:
        output.say(f"Released before, as entry {booked.seq}: the same bytes, for free.")
    else:
        output.say(f"Booked as entry {booked.seq} of your ledger, {found.figures} figures, signed.")
    output.say(f"Spent: ε {output.epsilon(after.total_spent)} of {output.epsilon(after.total_cap)} in twelve months.")
    output.say(f"Written: {file}" if file else "It waits in the outbox. To write it to a file: --to-file")
    output.say(f"Exactly what is in it: kudos-node outbox show {booked.seq}")


def _write(file: Path, content: bytes) -> Path:
    """Writes the bytes whole or not at all."""
    try:
        write_private(file, content)
    except FileNotWritten as error:
        raise NodeError(
            f"{file} cannot be written ({error.why}). The release is booked and kept: run the command again with "
            "another --to-file; it costs nothing more."
        ) from error
    return file
