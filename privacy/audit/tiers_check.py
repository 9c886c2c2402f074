"""By which thresholds releases divided the customers of the twelve months before: such as a release has told.

A node takes those that a release over these months has told, and where it has none its own (`node.release.thresholds`).
Whoever took others would put last year's customers into tiers as it pleases, and nobody could compare their migration.
"""

from collections.abc import Mapping, Sequence

from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.release_fit import unverified
from privacy.bounds.windows import year_before
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent, SpentQuantile
from privacy.rounds.tiers import tiers_of_entry
from protos.kudos.v1.release_pb2 import Release


def foreign_thresholds(ledger: CheckedLedger, envelopes: Sequence[bytes]) -> list[Placed]:
    """The entries of releases, among these, that divide the months before by what no release of the member has told.

    None of which a release over those months was booked and is not here: that may have told it.
    """
    spends = {each.entry.release_digest: each for each in ledger.spends if isinstance(each.entry, Spent)}
    said: dict[str, Release] = {}
    for envelope in envelopes:
        digest, release = release_digest(envelope), unverified(envelope)
        if digest in spends and isinstance(release, Release):
            said[digest] = release
    return [spends[digest] for digest in said if _foreign(digest, said, spends)]


def _foreign(digest: str, said: Mapping[str, Release], spends: Mapping[str, Placed]) -> bool:
    entry, release = spends[digest].entry, said[digest]
    assert isinstance(entry, Spent)  # noqa: S101  that is what spends are
    if not release.thresholds_before:
        return False
    told = {tiers_of_entry(entry, release.thresholds)}
    for other, placed in spends.items():
        earlier = placed.entry
        assert isinstance(earlier, Spent)  # noqa: S101
        if earlier.window == year_before(entry.window) and any(isinstance(p, SpentQuantile) for p in earlier.parts):
            if other not in said:
                return False
            told.add(tiers_of_entry(earlier, said[other].thresholds))
    return tuple(release.thresholds_before) not in told
