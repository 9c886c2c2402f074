"""What an answer must be before it is taken (`privacy.rounds.fit`, `count_fit`), in the coordinator's own refusals."""

from collections.abc import Mapping

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
from coordinator.rounds.asked import Asked
from privacy.rounds import count_fit, fit
from privacy.rounds.fit import Misfit, UnfitRelease
from privacy.rounds.market import Market
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.study import Study

_REFUSALS: Mapping[Misfit, type[RefusedCall]] = {
    Misfit.TOO_LARGE: TooLarge,
    Misfit.BAD_RELEASE: BadRelease,
    Misfit.WRONG_LEDGER: WrongLedger,
    Misfit.WRONG_STUDY: WrongStudy,
    Misfit.WRONG_LAYOUT: WrongLayout,
    Misfit.WRONG_WINDOW: WrongWindow,
    Misfit.ABSURD_VALUE: AbsurdValue,
}


def check_release(envelope: bytes, study: Study, asked: Asked) -> int:
    """The number of the entry that books a release, if the release is one that this round takes from this member.

    Raises TooLarge, BadRelease, WrongLedger, WrongStudy, WrongLayout, WrongWindow, AbsurdValue.
    """
    try:
        found = fit.check_release(envelope, asked.signing_key, study, asked.window, asked.ledger)
    except UnfitRelease as error:
        raise refusal(error) from error
    return int(found.entry)


def check_count(envelope: bytes, study: CrossUseStudy, asked: Asked, market: Market, member: str) -> int:
    """The same of a count against the sketches of a market. Raises as `check_release`."""
    try:
        found = count_fit.check_count(envelope, asked.signing_key, study, asked.window, asked.ledger, market, member)
    except UnfitRelease as error:
        raise refusal(error) from error
    return int(found.entry)


def refusal(error: UnfitRelease) -> RefusedCall:
    """The refusal that says what a release does not fit in."""
    return _REFUSALS[error.misfit](str(error))
