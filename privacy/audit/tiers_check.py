"""By which thresholds releases divided the customers of the twelve months before: such as a release has told.

A node takes those that its newest release over these months has told, and only where there is none its own
(`node.release.thresholds`). Whoever took others, also own ones where there are earlier ones, would put last year's
customers into tiers as it pleases, and nobody could compare their migration.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.release_fit import unverified
from privacy.bounds.windows import year_before
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Recovered, Spent
from privacy.rounds.tiers import tells_tiers, tiers_of_entry
from protos.kudos.v1.release_pb2 import Release

_EARLIEST = date(1900, 1, 1)


def foreign_thresholds(ledger: CheckedLedger, envelopes: Sequence[bytes]) -> list[Placed]:
    """The entries of releases, among these, that divide the months before by other thresholds than they had to.

    None of which a release over those months was booked before it and is not here: that may have told them. Where the
    ledger was recovered between the two, the node may have lost what the older one told: then what is told before that
    one, or its own, will do as well.
    """
    spends = {each.entry.release_digest: each for each in ledger.spends if isinstance(each.entry, Spent)}
    said: dict[str, Release] = {}
    for envelope in envelopes:
        digest, release = release_digest(envelope), unverified(envelope)
        if digest in spends and isinstance(release, Release):
            said[digest] = release
    booked = [each.entry for each in spends.values() if isinstance(each.entry, Spent)]
    recoveries = [each.entry.seq for each in ledger.placed if isinstance(each.entry, Recovered)]
    return [spends[digest] for digest in said if _foreign(digest, said, booked, recoveries)]


def _foreign(digest: str, said: Mapping[str, Release], booked: Sequence[Spent], recoveries: Sequence[int]) -> bool:
    entry = next(each for each in booked if each.release_digest == digest)
    taken = tuple(said[digest].thresholds_before)
    if not taken:
        return False
    if entry.window.first < _EARLIEST:  # no sale is so old, and the calendar ends before the year before it
        return True
    for earlier in sorted(booked, key=lambda each: each.seq, reverse=True):
        if earlier.seq >= entry.seq or earlier.window != year_before(entry.window):
            continue
        if not tells_tiers(earlier):
            continue
        if earlier.release_digest not in said:
            return False
        told = tiers_of_entry(earlier, said[earlier.release_digest].thresholds)
        if told is None or not set(told) <= set(CANDIDATES[Measure.REVENUE]):
            continue
        if told == taken:
            return False
        if not any(earlier.seq < recovery < entry.seq for recovery in recoveries):
            return True
    return taken != tiers_of_entry(entry, said[digest].thresholds)
