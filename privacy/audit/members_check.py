"""Who is a member: every ledger, release and seat is one of the list's, and no two members have one ledger."""

from collections.abc import Iterable, Mapping

from privacy.audit.ledgers import CheckedLedger, keys_named
from privacy.audit.paths import MEMBERS, announcement_path, leaves_path
from privacy.audit.records import MemberLine
from privacy.audit.verdict import Finding
from privacy.rounds.announcement import Announcement


def check_members(
    members: Mapping[str, MemberLine],
    ledgers: Mapping[str, CheckedLedger],
    rounds: Iterable[Announcement],
    released: Iterable[str],
) -> list[Finding]:
    """The list of members against everybody whom the rest of a bundle names; `released` has who sent a release."""
    named = {**dict.fromkeys(released, ""), **{name: leaves_path(name) for name in ledgers}}
    said = "The list of members has nobody of this name."
    found = [Finding("MEMBER_UNKNOWN", said, name, None, named[name]) for name in sorted(named.keys() - members.keys())]
    for name, ledger in ledgers.items():
        if name in members and members[name].ledger is None and ledger.opened is not None:
            said = f"This entry opens {ledger.opened.origin}, and the list of members has no ledger of this member."
            found.append(Finding("ORIGIN_DIFFERS", said, name, 0, leaves_path(name), 1))
    found += _shared(ledgers)
    for each in rounds:
        found += _seats(each, members)
    return found


def _shared(ledgers: Mapping[str, CheckedLedger]) -> list[Finding]:
    """One ledger under two members' names, or two under one key: one institution that counts as two."""
    found = []
    first: dict[str, str] = {}
    for name, ledger in ledgers.items():
        marks = {key for _, key in keys_named(ledger.placed)} | ({ledger.opened.origin} if ledger.opened else set())
        others = sorted({first[mark] for mark in marks if mark in first})
        if others:
            said = (
                f"This ledger is also that of {', '.join(others)}, or has the same key: one institution counts twice."
            )
            found.append(Finding("LEDGER_SHARED", said, name, None, leaves_path(name)))
        for mark in marks:
            first.setdefault(mark, name)
    return found


def _seats(asked: Announcement, members: Mapping[str, MemberLine]) -> list[Finding]:
    """A roster's seats against the list. Members move and grow: a difference is worth a question, and no more."""
    found = []
    for seat in asked.roster:
        line = members.get(seat.member)
        place = asked.round, None, announcement_path(asked.round)
        if line is None:
            said = f"The roster has {seat.member}, and {MEMBERS} has nobody of this name."
            found.append(Finding("MEMBER_UNKNOWN", said, *place))
        elif (seat.industry, seat.county, seat.size_class) != (line.industry, line.county, line.size_class):
            one = f"{seat.industry}, county {seat.county}, size {seat.size_class or 'not given'}"
            other = f"{line.industry}, {line.county}, {line.size_class or 'not given'}"
            said = f"The roster has {seat.member} as {one}; the list of members, as of now, as {other}."
            found.append(Finding("SEAT_DIFFERS", said, *place))
    return found
