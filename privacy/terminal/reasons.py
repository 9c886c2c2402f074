"""Why something of a benchmark is withheld, in words that go on from "it is withheld:"."""

WORDS = {
    "TOO_FEW_MEMBERS": "too few members",
    "ISOLATES_MEMBERS": "with others it would single out a few members",
    "DOMINATED": "one member may make up most of it",
    "COMPLEMENTARY": "from it a withheld figure could be worked out",
    "DENOMINATOR_NOT_POSITIVE": "nothing to divide by",
    "INTERVAL_UNBOUNDED": "its error has no bound",
    "OUT_OF_RANGE": "it cannot be written as a number",
    "DIRECTIONS_DISAGREE": "what two members counted of each other cannot both be true",
    "NOT_COUNTED": "not all could count the sketches that it takes",
    "MOSTLY_NOISE": "the error is too large a part of the figure",
    "NOT_CONVERGED": "the computation came to no end",
}
"""By `privacy.estimate.reasons.Reason` (docs/benchmark.md), whose module a command that shows help need not load."""


def in_words(reason: str) -> str:
    """A reason in words; as it stands where another version of Kudos wrote it."""
    return WORDS.get(reason, reason)
