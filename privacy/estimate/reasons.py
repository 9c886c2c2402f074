"""Why something of a benchmark is not published, each for programs in the one word that they read. Stable."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a cohort, a cell, a ratio or an interval is missing."""

    TOO_FEW_MEMBERS = "TOO_FEW_MEMBERS"
    """The cohort has fewer members than the study asks for."""
    ISOLATES_MEMBERS = "ISOLATES_MEMBERS"
    """With what is published of the same window (of cross-use: of the same year), the cohort would give the sum of a
    few members; or that could not be ruled out within the bound on the work."""
    DOMINATED = "DOMINATED"
    """One member may be nearly all of the cell."""
    COMPLEMENTARY = "COMPLEMENTARY"
    """The cell would give away another that is withheld."""
    DENOMINATOR_NOT_POSITIVE = "DENOMINATOR_NOT_POSITIVE"
    """The ratio has nothing to divide by: noise left its denominator at zero or below."""
    INTERVAL_UNBOUNDED = "INTERVAL_UNBOUNDED"
    """The ratio's denominator is not told apart from zero, so that no interval holds it."""
    OUT_OF_RANGE = "OUT_OF_RANGE"
    """The ratio is no number that a 64-bit float holds."""
    DIRECTIONS_DISAGREE = "DIRECTIONS_DISAGREE"
    """Of cross-use: what two members counted of each other cannot both be true; one is damaged, or not honest."""
    NOT_COUNTED = "NOT_COUNTED"
    """Of cross-use: neither of two members could count against the other's sketch; of reach and groups, that the
    members did not all count the same sketches."""
    MOSTLY_NOISE = "MOSTLY_NOISE"
    """Of cross-use: the standard error is too large a part of the figure, by the study's noise percent."""
    NOT_CONVERGED = "NOT_CONVERGED"
    """Of cross-use: the solver did not come to an end."""
