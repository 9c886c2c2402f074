"""Sketches, and rounds of cross-use."""

from coordinator.errors.base import RefusedCall


class BadSketch(RefusedCall):
    """Bytes that are no sealed sketch signed by the member's key, or not all of it."""

    reason = "BAD_SKETCH"
    code = "INVALID_ARGUMENT"


class WrongRound(RefusedCall):
    """A sketch that was sealed for another round, network, sender or roster."""

    reason = "WRONG_ROUND"
    code = "INVALID_ARGUMENT"


class OtherTerms(RefusedCall):
    """A sketch of other parameters, of another year, or made with another identity key than the round's."""

    reason = "OTHER_TERMS"
    code = "INVALID_ARGUMENT"


class SketchDiffers(RefusedCall):
    """The member has sent another sketch of the year already: there is one for each."""

    reason = "SKETCH_DIFFERS"
    code = "ALREADY_EXISTS"


class NotYet(RefusedCall):
    """A round of cross-use has no market yet; or what something rests on was dated by a clock that was ahead then."""

    reason = "NOT_YET"


class NotInMarket(RefusedCall):
    """The round's market has no sketch of this member."""

    reason = "NOT_IN_MARKET"
    code = "PERMISSION_DENIED"


class UnknownSketch(RefusedCall):
    """The coordinator has no such sketch, or none to hand out."""

    reason = "UNKNOWN_SKETCH"
    code = "NOT_FOUND"


class TooManyTransfers(RefusedCall):
    """As many sketches as the coordinator has room for are under way."""

    reason = "TOO_MANY_CALLS"
    code = "RESOURCE_EXHAUSTED"
