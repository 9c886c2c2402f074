"""The quantiles of a release in the order in which it tells them, and the thresholds of tiers told a year before."""

from collections.abc import Sequence

from node.release import stored
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent, SpentQuantile
from privacy.rounds.tiers import tiers_of_entry
from privacy.signing.envelope import RELEASE
from privacy.studies.study import QuantilePart
from protos.kudos.v1.release_pb2 import Release


def amounts(parts: Sequence[QuantilePart], chosen: Sequence[int]) -> list[int]:
    """The candidates that were chosen for the quantiles of a study, by their indices; of each measure falling.

    Each was drawn by itself, and noise may have put a higher quantile below a lower one: of each measure they are told
    in falling order, which takes nothing but what is told. Revenue is in øre.
    """
    found = [CANDIDATES[part.measure][index] for part, index in zip(parts, chosen, strict=True)]
    falling: list[int] = []
    for measure in dict.fromkeys(part.measure for part in parts):  # a study's quantiles stand by measure
        of_it = (told for told, part in zip(found, parts, strict=True) if part.measure is measure)
        falling += sorted(of_it, reverse=True)
    return falling


def told_before(contents: Contents, window: Window) -> tuple[int, ...] | None:
    """The thresholds of the value tiers that the newest stored release over these twelve months has told.

    None where there is none with just the quantiles that divide the tiers among the candidates of today, or its bytes
    were lost. What they were of, its entry says: the study may be an older one. Raises `BadEnvelope` for a stored
    release that is altered.
    """
    for each in reversed(contents.releases):
        entry = contents.entries[each.seq]
        if each.window != window or not isinstance(entry, Spent):
            continue
        quantiles = any(isinstance(part, SpentQuantile) for part in entry.parts)
        found = stored.verified(contents, each.study_digest, window, RELEASE, Release) if quantiles else None
        if found is None or found.message is None:
            continue
        told = tiers_of_entry(entry, found.message.thresholds)
        if told and set(told) <= set(CANDIDATES[Measure.REVENUE]):
            return told
    return None
