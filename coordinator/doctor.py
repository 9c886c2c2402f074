"""Checks of a coordinator and its surroundings. Each says what is the case and, where it is not good, what to do.

Nothing here names a member or shows a figure: what it prints may go to whoever looks after the machine.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from coordinator.home import Home
from coordinator.office import opened
from coordinator.probe import probe
from coordinator.standing import SOON, Standing, standing
from privacy.finding import Finding, examined, room

LEAST_DISK_GB = 2.0
APART = timedelta(minutes=2)
"""Two clocks further apart than this are told of: deadlines and certificates go by them."""

RENEWED_BEFORE = timedelta(days=20)
"""A server's certificate is made anew a month before its end: one that is nearer to it was not."""

_OVERDUE = timedelta(minutes=2)
_LAST_YEARS = timedelta(days=730)


def examine(home: Home) -> Iterator[Finding]:
    """Every check in turn; a check that fails does not stop the others. Raises NoHome where there is no coordinator."""
    if not home.settings_file.exists():
        home.settings()
    yield from examined(home, CHECKS)


def _settings(home: Home) -> Iterator[Finding]:
    settings = home.settings()
    yield Finding("settings", "good", f"{settings.name}, {settings.trust_domain}")
    kept = (home.settings_file, home.store_file, *home.path.glob("keys/*"))
    secret = [each for each in kept if each != home.authority_file and each.exists()]
    open_files = [each.name for each in secret if each.stat().st_mode & 0o077]
    if open_files or home.path.stat().st_mode & 0o077:
        named = ", ".join(open_files) or str(home.path)
        yield Finding("files", "fault", f"others on this machine can read {named}", f"chmod -R go-rwx {home.path}")
    else:
        yield Finding("files", "good", "readable by you alone")


def _store(home: Home) -> Iterator[Finding]:
    """Opened with the keys, as every command does it: what is missing or damaged of them is told in its words."""
    with opened(home) as office, office.store.reading() as connection:
        now = datetime.now(UTC)
        yield Finding("keys", "good", "authority, signing and witness key")
        if connection.dialect.name == "sqlite":
            said = str(connection.execute(text("PRAGMA quick_check(1)")).scalar_one())
            if said != "ok":
                do = "stop the server and restore the newest backup that verifies: kudos-coordinator restore"
                yield Finding("store", "fault", f"{home.store_file} is damaged", do)
                return
            yield Finding("store", "good", "SQLite, whole")
            return
        version = str(connection.execute(text("SHOW server_version")).scalar_one()).split()[0]
        yield Finding("store", "good", f"PostgreSQL {version} answers")
        there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        yield apart(there - now)


def apart(difference: timedelta) -> Finding:
    """What two clocks that differ by so much are: this machine's and the database's."""
    if abs(difference) > APART:
        many = round(abs(difference) / timedelta(minutes=1))
        do = "set both by a time server (NTP): rounds are closed, and certificates end, by this machine's"
        return Finding("clocks", "fault", f"this machine's and the database's are {many} minutes apart", do)
    return Finding("clocks", "good", "this machine and the database agree")


def _standing(home: Home) -> Iterator[Finding]:
    now = datetime.now(UTC)
    with opened(home) as office:
        found = standing(office, now)
    yield _clock(found, now)
    yield from _certificates(found, now)
    yield _members(found)
    yield _rounds(found, now)


def _clock(found: Standing, now: datetime) -> Finding:
    if found.newest_event is not None and found.newest_event > now + APART:
        says = (
            f"this machine says {now:%Y-%m-%d %H:%M} UTC, and something has happened at "
            f"{found.newest_event:%Y-%m-%d %H:%M} by the store"
        )
        return Finding("clock", "fault", says, "set the clock by a time server (NTP), before anything else is done")
    return Finding("clock", "good", f"{now:%Y-%m-%d %H:%M} UTC, not before the newest event")


def _certificates(found: Standing, now: datetime) -> Iterator[Finding]:
    left = found.authority_ends - now
    if left < _LAST_YEARS:
        do = "no command replaces it yet: ask for a version that does, long before that day"
        yield Finding(
            "authority", "fault" if left < SOON else "warning", f"ends on {found.authority_ends:%Y-%m-%d}", do
        )
    else:
        yield Finding("authority", "good", f"its certificate is valid to {found.authority_ends:%Y-%m-%d}")
    ends = found.server_certificate_ends
    if ends is None:
        yield Finding("server", "good", "has no certificate yet; `kudos-coordinator serve` makes it")
    elif ends - now < RENEWED_BEFORE:
        do = "it is renewed by the server a month before its end: start it, or look into its log"
        yield Finding("server", "fault", f"its certificate ends on {ends:%Y-%m-%d}, and was not renewed", do)
    else:
        yield Finding("server", "good", f"its certificate is valid to {ends:%Y-%m-%d}, renewed by itself")


def _members(found: Standing) -> Finding:
    many = found.certificates_ending
    if many:
        says = f"{many} active with a certificate that ends within {SOON.days} days, or has ended: renewal did not come"
        do = "kudos-coordinator member list shows whose; call them: kudos-node doctor there says why"
        return Finding("members", "warning", says, do)
    return Finding("members", "good", f"{found.members['active']} active, no certificate about to end")


def _rounds(found: Standing, now: datetime) -> Finding:
    nearest = found.next_deadline
    if nearest is None:
        return Finding("rounds", "good", "none is under way")
    if now - nearest > _OVERDUE:
        do = "the server does it: start it, or look for `tick` in its log"
        return Finding("rounds", "fault", f"a deadline was on {nearest:%Y-%m-%d %H:%M} UTC, and nothing was done", do)
    return Finding("rounds", "good", f"next deadline {nearest:%Y-%m-%d %H:%M} UTC")


def _disk(home: Home) -> Iterator[Finding]:
    yield room(home.path, LEAST_DISK_GB, f"make room: leave {LEAST_DISK_GB:g} GB")


def _ports(home: Home) -> Iterator[Finding]:
    settings = home.settings()
    for what, port in (("federation", settings.federation), ("enrolment", settings.enrolment)):
        yield probe(what, port.address, home.authority_file)


CHECKS: dict[str, Callable[[Home], Iterator[Finding]]] = {
    "settings": _settings,
    "store": _store,
    "standing": _standing,
    "disk": _disk,
    "ports": _ports,
}
