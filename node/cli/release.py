"""kudos-node release: books a release and writes its signed bytes."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from node.cli import output
from node.errors import NodeError
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
    help="The last day of the window, the end of a month (default: the newest whole month).",
)
@click.option("--yes", is_flag=True, help="Do not ask on a terminal: what is spent stays spent.")
@output.common
def command(study: str, to_file: str | None, as_of: date | None, yes: bool) -> None:
    """Make a release of STUDY: noise is drawn, the budget is charged, and the bytes are signed and kept.

    It is paid for once: asked again for the same study and window, the same bytes come for free. What your policy does
    not allow, or your budget does not cover, is refused with exit status 3 and costs nothing.
    """
    from node.release import book, studies
    from node.release.accounts import accounts
    from node.release.parts import price
    from node.release.prepare import exact_vectors, newest_month_end, release_window
    from node.release.sign import load_signing_key
    from node.store.database import opened
    from privacy.budget import policy_file
    from privacy.budget.policy import check
    from privacy.ledger.store import Ledger
    from privacy.studies.study import find

    home = output.state.home
    home.settings()
    found = find(study)
    if study.endswith(".toml"):
        studies.keep(home, found, Path(study))
    policy = policy_file.read(home.policy_file)
    key = load_signing_key(home.signing_key_file)
    ledger = Ledger.open(home.ledger_file)
    before = ledger.contents()
    with opened(home, say=output.complain) as connection:
        window = release_window(as_of or newest_month_end(connection))
        stored = before.find(found.digest, window)
        if stored is None:
            cost = price(found).spend
            check(policy, found, cost, accounts(before, policy).spent)
            if not yes and sys.stdin.isatty() and not output.state.as_json:
                click.confirm(f"This spends ρ {cost.rho} of your budget, for good. Release?", abort=True)
        vectors = exact_vectors(connection, found, window)
    booked = book.release(found, window, vectors, policy, ledger, key, lambda: datetime.now(UTC))
    after = accounts(ledger.contents(), policy)
    ledger.close()
    file = None if to_file is None else _write(Path(to_file or f"{found.name}-{window.last}.kudos"), booked.envelope)
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
        output.say(f"Booked as entry {booked.seq} of your ledger, {found.cells} figures, signed.")
    output.say(f"Spent: ε {after.total_spent.micro / 1e6:.2f} of {after.total_cap.micro / 1e6:.2f} in twelve months.")
    output.say(f"Written: {file}" if file else "It waits in the outbox. To write it to a file: --to-file")
    output.say(f"Exactly what is in it: kudos-node outbox show {booked.seq}")


def _write(file: Path, content: bytes) -> Path:
    """Writes the bytes whole or not at all."""
    try:
        write_private(file, content)
    except OSError as error:
        raise NodeError(
            f"{file} cannot be written ({error.strerror}). The release is booked and kept: run the command again with "
            "another --to-file; it costs nothing more."
        ) from error
    return file
