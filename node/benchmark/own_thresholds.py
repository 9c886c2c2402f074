"""The thresholds of value tiers that the own release told: by these, tiers of the own figures are those of it."""

from node.benchmark.unbounded import Thresholds
from node.home import Home
from node.release import stored
from privacy.bounds.windows import Window
from privacy.ledger.store import Ledger
from privacy.rounds.tiers import tiers_of_study
from privacy.signing.envelope import RELEASE
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release


def thresholds_of(home: Home, study: Study, window: Window) -> Thresholds | None:
    """Those of a window and of the twelve months before it; None where no release of it is stored, or it has no tiers.

    Raises BadEnvelope where the stored release is altered.
    """
    if not study.quantiles:
        return None
    ledger = Ledger.open(home.ledger_file)
    try:
        found = stored.verified(ledger.contents(), study.digest, window, RELEASE, Release)
    finally:
        ledger.close()
    if found is None or found.message is None or not found.message.thresholds_before:
        return None
    now = tiers_of_study(study, found.message.thresholds)
    return None if now is None else (now, tuple(found.message.thresholds_before))
