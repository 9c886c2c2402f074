"""Checks of a node's surroundings. Each finding says what is the case and, where it is not good, what to do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np

from node.home import Home, Settings
from privacy.finding import Finding as Finding  # what `examine` yields
from privacy.finding import examined, room

LEAST_DISK_GB = 2.0


def examine(home: Home) -> Iterator[Finding]:
    """Every check in turn; a check that fails does not stop the others. Raises NoHome where there is no node."""
    if not home.settings_file.exists():
        home.settings()
    yield from examined(home, CHECKS)


def _settings(home: Home) -> Iterator[Finding]:
    settings = home.settings()
    yield Finding(
        "settings", "good", f"{settings.name}, {settings.industry}, county {settings.county}{_domains(settings)}"
    )
    open_files = [
        file.name
        for file in (
            home.settings_file,
            home.policy_file,
            home.store_file,
            home.ledger_file,
            home.leave_file,
            home.register_file,
            home.likely_file,
            *home.path.glob("store.before-*.duckdb"),
            *home.path.glob("keys/*"),
        )
        if file.exists() and file.stat().st_mode & 0o077
    ]
    if open_files or home.path.stat().st_mode & 0o077:
        named = ", ".join(open_files) or str(home.path)
        yield Finding("files", "fault", f"others on this machine can read {named}", f"chmod -R go-rwx {home.path}")
    else:
        yield Finding("files", "good", "readable by you alone")


def _domains(settings: Settings) -> str:
    return f", own mail domains: {', '.join(settings.own_domains)}" if settings.own_domains else ""


def _keys(home: Home) -> Iterator[Finding]:
    from privacy.ledger.store import Ledger
    from privacy.signing.envelope import public_key_text
    from privacy.signing.keyfile import load_signing_key

    home.identity_chain()
    home.key(home.ordering_key_file)
    key = load_signing_key(home.signing_key_file)
    ledger = Ledger.open(home.ledger_file)
    named = ledger.contents().public_key
    ledger.close()
    if public_key_text(key.public_key()) != named:
        yield Finding(
            "keys",
            "fault",
            "the signing key is not the one that the ledger names",
            "restore keys/ from your backup",
        )
    else:
        yield Finding("keys", "good", "identity, ordering and signing key")


def _policy(home: Home) -> Iterator[Finding]:
    from privacy.budget import policy_file

    policy = policy_file.read(home.policy_file)
    studies = ", ".join(entry.study for entry in policy.allowed) or "no study: nothing leaves"
    yield Finding("policy", "good", f"valid; allows {studies}")


def _profiles(home: Home) -> Iterator[Finding]:
    from node.ingest import profile

    own = profile.own(home.profiles)
    yield Finding("profiles", "good", f"{len(profile.shipped())} shipped, {len(own)} of your own")


def _store(home: Home) -> Iterator[Finding]:
    from node.store.database import opened
    from node.store.holdings import holdings

    with opened(home, wait_s=5.0) as connection:
        held = holdings(connection)
    if held.last_import is None:
        yield Finding("store", "warning", "empty", "kudos-node import FILE…")
    else:
        lines = f"{held.order_lines:,}".replace(",", " ")
        yield Finding("store", "good", f"{lines} order lines, last import {held.last_import:%Y-%m-%d %H:%M} UTC")


def _ledger(home: Home) -> Iterator[Finding]:
    from privacy.ledger.store import Ledger

    ledger = Ledger.open(home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    yield Finding("ledger", "good", f"whole, entries: {len(contents.entries)}, releases: {len(contents.releases)}")
    now = datetime.now(UTC)
    if now < contents.last.time:
        yield Finding(
            "clock",
            "fault",
            f"this machine says {now:%Y-%m-%d %H:%M} UTC, the ledger's last entry is "
            f"of {contents.last.time:%Y-%m-%d %H:%M}",
            "set the clock; nothing can be booked before",
        )
    else:
        yield Finding("clock", "good", f"{now:%Y-%m-%d %H:%M} UTC, not before the ledger's last entry")


def _disk(home: Home) -> Iterator[Finding]:
    yield room(home.path, LEAST_DISK_GB, f"make room: imports want {LEAST_DISK_GB:g} GB")


def _noise(_home: Home) -> Iterator[Finding]:
    from privacy.budget.amounts import Rho
    from privacy.mechanisms.calibration import calibrate
    from privacy.mechanisms.drawing import draw

    drawn = draw(np.zeros(64, dtype=np.int64), calibrate(1, Rho.parse("0.0005")))
    if len(set(drawn.tolist())) < 8:
        yield Finding(
            "noise", "fault", "the noise does not vary", "reinstall Kudos; release nothing until this is good"
        )
    else:
        yield Finding("noise", "good", "drawn by OpenDP")


def _network(home: Home) -> Iterator[Finding]:
    from node.network.checks import look

    yield from look(home)


def _engine(home: Home) -> Iterator[Finding]:
    url = home.settings().engine
    if not url:
        yield Finding("engine", "good", "DuckDB, on this machine")
        return
    from node.engine import shown
    from node.store import elsewhere

    yield Finding("engine", "good", f"Spark {elsewhere.version(url)} at {shown(url)} answers")


CHECKS: dict[str, Callable[[Home], Iterator[Finding]]] = {
    "settings": _settings,
    "keys": _keys,
    "policy": _policy,
    "profiles": _profiles,
    "store": _store,
    "ledger": _ledger,
    "engine": _engine,
    "disk": _disk,
    "noise": _noise,
    "network": _network,
}
