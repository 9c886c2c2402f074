"""What a release must be before it is taken (`privacy.rounds.fit`), in the coordinator's own refusals."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from coordinator.errors import (
    AbsurdValue,
    BadRelease,
    RefusedCall,
    TooLarge,
    WrongLayout,
    WrongLedger,
    WrongStudy,
    WrongWindow,
)
from privacy.bounds.windows import Window
from privacy.rounds import fit
from privacy.rounds.fit import Misfit, UnfitRelease
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release

_REFUSALS: Mapping[Misfit, type[RefusedCall]] = {
    Misfit.TOO_LARGE: TooLarge,
    Misfit.BAD_RELEASE: BadRelease,
    Misfit.WRONG_LEDGER: WrongLedger,
    Misfit.WRONG_STUDY: WrongStudy,
    Misfit.WRONG_LAYOUT: WrongLayout,
    Misfit.WRONG_WINDOW: WrongWindow,
    Misfit.ABSURD_VALUE: AbsurdValue,
}


def check_release(envelope: bytes, signing_key: Ed25519PublicKey, study: Study, window: Window, ledger: str) -> Release:
    """The release in an envelope, if it is one that this round takes from this member.

    Raises TooLarge, BadRelease, WrongLedger, WrongStudy, WrongLayout, WrongWindow, AbsurdValue.
    """
    try:
        return fit.check_release(envelope, signing_key, study, window, ledger)
    except UnfitRelease as error:
        raise refusal(error) from error


def refusal(error: UnfitRelease) -> RefusedCall:
    """The refusal that says what a release does not fit in."""
    return _REFUSALS[error.misfit](str(error))
