"""kudos-node release: books a release and writes its signed bytes."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.errors import NodeError
from node.home import write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from node.release.book import Booked
    from privacy.bounds.windows import Window
    from privacy.budget.policy import Policy
    from privacy.ledger.store import Ledger
    from privacy.studies.study import Study


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
    help="The last day of the window, the end of a month (default: of the last month that is over).",
)
@click.option("--yes", is_flag=True, help="Do not ask on a terminal: what is spent stays spent.")
@output.common
def command(study: str, to_file: str | None, as_of: date | None, yes: bool) -> None:
    """Make a release of STUDY: noise is drawn, the budget is charged, and the bytes are signed and kept.

    It is paid for once: asked again for the same study and window, the same bytes come for free. What your policy does
    not allow, or your budget does not cover, is refused with exit status 3 and costs nothing.
    """
    from node.release import studies
    from node.release.accounts import accounts
    from node.release.sign import load_signing_key
    from node.store.span import today
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger
    from privacy.studies.study import find

    home = output.state.home
    now = today(home.settings().timezone)
    found = find(study)
    if study.endswith(".toml"):
        studies.keep(home, found, Path(study))
    policy = policy_file.read(home.policy_file)
    key = load_signing_key(home.signing_key_file)
    ledger = Ledger.open(home.ledger_file)
    window, booked = _stored(ledger, policy, found, as_of, now) or _book(
        ledger, policy, key, found, as_of, now, yes=yes
    )
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
    output.say(f"Spent: ε {output.epsilon(after.total_spent)} of {output.epsilon(after.total_cap)} in twelve months.")
    output.say(f"Written: {file}" if file else "It waits in the outbox. To write it to a file: --to-file")
    output.say(f"Exactly what is in it: kudos-node outbox show {booked.seq}")


def _stored(
    ledger: "Ledger", policy: "Policy", study: "Study", as_of: date | None, now: date
) -> "tuple[Window, Booked] | None":
    """The release of a named window where it is paid for already: it needs neither the store nor the noise."""
    from node.release.book import Booked
    from node.release.prepare import release_window
    from node.release.sign import RELEASE, parse_public_key, verify
    from privacy.budget.policy import check_allowed

    if as_of is None:
        return None
    window = release_window(as_of, now)
    stored = ledger.contents().find(study.digest, window)
    if stored is None:
        return None
    check_allowed(policy, study)
    contents = ledger.contents()
    verify(RELEASE, stored.envelope, parse_public_key(contents.public_key_at(stored.seq)))
    return window, Booked(stored.seq, stored.envelope, already=True)


def _book(
    ledger: "Ledger",
    policy: "Policy",
    key: "Ed25519PrivateKey",
    study: "Study",
    as_of: date | None,
    now: date,
    *,
    yes: bool,
) -> "tuple[Window, Booked]":
    """Computes the cells and books them, once the policy agrees and, on a terminal, the person does."""
    from node.release import book
    from node.release.accounts import accounts
    from node.release.parts import price
    from node.release.prepare import exact_vectors, release_window
    from node.store.database import opened
    from node.store.span import month_end_before
    from privacy.budget import policy_file
    from privacy.budget.policy import check

    before = ledger.contents()
    with opened(output.state.home, say=output.complain) as connection:
        window = release_window(as_of or month_end_before(now), now)
        if before.find(study.digest, window) is None:
            cost = price(study).spend
            check(policy, study, cost, accounts(before, policy).spent)
            if not yes and sys.stdin.isatty() and not output.state.as_json:
                click.confirm(f"This spends ρ {cost.rho} of your budget, for good. Release {window}?", abort=True)
        vectors = exact_vectors(connection, study, window)
    # Read again: while a person was asked, or the cells were computed, the institution may have thought better of it.
    agreed = policy_file.read(output.state.home.policy_file)
    return window, book.release(study, window, vectors, agreed, ledger, key, lambda: datetime.now(UTC))


def _write(file: Path, content: bytes) -> Path:
    """Writes the bytes whole or not at all."""
    output.refuse_target(file)
    try:
        write_private(file, content)
    except OSError as error:
        raise NodeError(
            f"{file} cannot be written ({error.strerror}). The release is booked and kept: run the command again with "
            "another --to-file; it costs nothing more."
        ) from error
    return file
