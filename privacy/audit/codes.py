"""Every code that a finding can have: stable, for programs; with its severity, and what it means in a line."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to the verdict."""

    VIOLATION = "violation"
    """Somebody did what the rules forbid, or the files contradict themselves."""
    DOUBT = "doubt"
    """Something that the verdict rests on could not be checked."""
    NOTE = "note"
    """Worth knowing; the verdict does not change."""


@dataclass(frozen=True)
class Meaning:
    """What a code stands for."""

    severity: Severity
    text: str


def _of(severity: Severity, **texts: str) -> dict[str, Meaning]:
    return {code: Meaning(severity, text) for code, text in texts.items()}


CODES: dict[str, Meaning] = {
    # ledgers
    **_of(
        Severity.VIOLATION,
        LEAF_UNREADABLE="a leaf is no entry of a ledger",
        LEAF_NOT_CANONICAL="a leaf is not in the one form that says what it says",
        SEQUENCE_BROKEN="entries are missing, doubled or out of order",
        NOT_OPENED="the first entry does not open the ledger, or another one opens it again",
        LEDGER_EMPTY="a ledger without entries",
        ORIGIN_DIFFERS="the ledger is another one than its member's",
        TIME_WENT_BACK="an entry is earlier than the one before it",
        COST_UNDERSTATED="the noise of a part costs more than was booked",
        COST_OVERSTATED="the noise of a part costs less than was booked",
        NOISE_IMPOSSIBLE="a part is booked with noise that no mechanism has",
        TOTAL_DIFFERS="a release is booked as something else than the sum of its parts",
        PART_TWICE="a release has the same table and measure twice",
        CHECKPOINT_UNREADABLE="a checkpoint is no signed note of this ledger, or stands under another size",
        CHECKPOINT_UNSIGNED="a checkpoint is not signed by the key that the ledger names",
        CHECKPOINT_SIGNATURE="a signature on a checkpoint is wrong",
        CHECKPOINT_BEYOND="a checkpoint covers entries that are not there",
        CHECKPOINT_ROOT="the entries are not those that a checkpoint covers",
        NOT_COSIGNED="the ledger's witness has not cosigned a checkpoint",
        WITNESS_DIFFERS="the ledger names another witness than the network's",
        WITNESS_TIME_BACK="a later checkpoint was cosigned at an earlier time",
        BACKDATED="an entry is dated before the checkpoint that does not have it yet",
        POSTDATED="an entry is dated after the checkpoint that has it, or after the bundle was made",
        LEDGER_MISSING="a member that released or sketched has no ledger",
        LEDGER_SHARED="two members have one ledger, or one key",
        RECOVERY_DIFFERS="a recovery gave up what is still there, or something came of what it booked again",
        LEDGER_NOT_COMPUTABLE="a ledger has times or amounts with which nobody can add it up",
    ),
    **_of(
        Severity.DOUBT,
        NO_CHECKPOINT="no witness seals the ledger: whoever holds its key could have written it anew",
        NOT_COVERED="entries that no checkpoint covers yet",
    ),
    **_of(
        Severity.NOTE,
        WITNESSED_LATE="an entry was cosigned more than a week after its date",
        KEY_CHANGED="another key signs a ledger from here on: its member alone knows whether that was itself",
    ),
    # spending
    **_of(
        Severity.VIOLATION,
        NO_POLICY="a release was booked before any policy",
        CAP_EXCEEDED="the releases of twelve months cost more than the policy allows",
        LARGEST_EXCEEDED="a single release costs more than the policy allows",
        RELEASED_TWICE="the same study was released twice over the same window",
        SKETCH_TWICE="a member has two sketches of one year: with fresh flips each tells of its customers once more",
        PARTS_DIFFER="a release has other tables, measures or cells than its study",
        SENSITIVITY_DIFFERS="a part is booked with another sensitivity than its study gives it",
        NOISE_DIFFERS="a part has another scale of noise than its study gives it",
        SECOND_ACCOUNTANT="the second accountant finds more than was booked",
    ),
    **_of(
        Severity.DOUBT,
        STUDY_UNKNOWN="a release of a study that is not known here: its sensitivities cannot be derived",
        CAP_BY_WITNESSED_TIME="by the times at which entries were cosigned, the cap was exceeded",
        SECOND_NOT_COMPUTABLE="a policy's δ is too small for the second accountant",
        REBOOKED_OVER_CAP="what a recovery booked again takes twelve months above the cap: was it ever booked before?",
        RECOVERED_BLIND="a ledger went on without the copy that it gave up: what that had booked, nobody can tell",
    ),
    **_of(
        Severity.NOTE,
        RECOVERED="a ledger went on from what its witness has, and gave up entries",
        POLICY_LOOSENED="a policy allows more than the one before it",
        BEFORE_WITNESS="releases that were booked before the ledger had a witness: their dates are the member's word",
        DELTA_LARGE="a policy counts ε at a larger δ than is usual, which makes it look smaller",
    ),
    # releases
    **_of(
        Severity.VIOLATION,
        RELEASE_UNREADABLE="bytes that are no release",
        RELEASE_WITHOUT_ENTRY="a release that no entry has booked",
        RELEASE_SWAPPED="a release is not the one that the entry it names has booked",
        RELEASE_SIGNATURE="a release is not signed by the key that the ledger names",
        RELEASE_DIFFERS="a release says another ledger, study, window or entry than the entry that booked it",
        RELEASE_LAYOUT="a release has other cells than its study",
        THRESHOLDS_FOREIGN="a release divides the year before by other thresholds than any release of it has told",
        RELEASE_TWICE="one entry, or one round, has two releases",
        RELEASE_BEFORE_COSIGNATURE="a release was taken before its entry was cosigned",
        RELEASE_OF_OTHER_ROUND="a release is of another study or window than the round that took it",
        RELEASE_UNASKED="a release was taken for a round that did not ask the member",
        RELEASE_LATE="a release was taken outside its round",
        RELEASE_UNPLACED="a coordinator lists a release without a round that is there, or without when it came",
    ),
    **_of(
        Severity.DOUBT, RELEASES_NOT_SHOWN="without the releases, nobody can match them or compute a benchmark again"
    ),
    **_of(Severity.NOTE, UNSENT="a release or a sketch was booked and never sent: paid for all the same"),
    # certificates and rounds
    **_of(
        Severity.VIOLATION,
        AUTHORITY_UNREADABLE="the network's authority is no certificate authority",
        CERTIFICATE_UNREADABLE="a certificate that does not read",
        CERTIFICATE_FOREIGN="a certificate that the network's authority did not issue",
        CERTIFICATE_DIFFERS="a certificate names another holder or another time than the list says",
        CERTIFICATE_EXPIRED="a release or a sketch was taken at a time at which its member had no certificate",
        ANNOUNCEMENT_UNREADABLE="the announcement of a round is missing, altered, or not the coordinator's",
        ANNOUNCEMENT_DIFFERS="the announcement of a round says something else than the round's record",
        ROUND_MISSING="an entry was booked for a round that is not in the bundle",
        ROUND_DIFFERS="an entry was booked for a round that had not asked for it, or not yet",
        MEMBER_UNKNOWN="a ledger, a release or a seat of somebody whom the list of members has not",
        ROSTER_KEY_DIFFERS="a roster names a key that the member's ledger never names",
    ),
    **_of(
        Severity.DOUBT,
        COORDINATOR_KEY_UNKNOWN="without the coordinator's key, rounds and benchmarks cannot be checked",
        AUTHORITY_MISSING="without the authority's certificate, no other can be checked",
    ),
    **_of(
        Severity.NOTE,
        SEAT_DIFFERS="a roster has a member in another group than the list of members has now",
        ROSTER_KEY_MOVED="a roster names a key that the member's ledger names at another time, as for a new machine",
    ),
    # rounds of cross-use
    **_of(
        Severity.VIOLATION,
        MARKET_MISSING="a round of cross-use was counted, and its market is not there",
        MARKET_UNREADABLE="a market is altered, not the coordinator's, or not of the round that it stands under",
        MARKET_DIFFERS="a market names other sketches than those that came for its round",
        MARKET_OUT_OF_ORDER="a market was made before its sketches were there, or outside its round",
        SKETCH_UNREADABLE="the header of a sealed sketch is none, or not signed by the key that the roster has",
        SKETCH_UNASKED="a sketch was taken for a round that did not ask the member, or takes none",
        SKETCH_OF_OTHER_ROUND="a sketch was sealed for another round, announcement or sender than it is listed for",
        SKETCH_DIFFERS="a sealed sketch says other parameters, year, identity key, ledger or entry than it must have",
        SKETCH_SEALED_WRONG="a sketch is sealed for somebody whom its round did not ask",
        SKETCH_NOT_BOOKED="a sketch that no entry of its member's ledger has booked",
        SKETCH_BEFORE_COSIGNATURE="a sketch was taken before its entry was cosigned",
        SKETCH_LATE="a sketch was taken outside the time in which its round takes them",
        COUNT_NOT_IN_MARKET="a count of a member whose sketch is not in the market",
        COUNT_OF_OTHER_MARKET="a count against other sketches than those of its round's market",
        COUNT_BEFORE_MARKET="a count was taken before its round had a market",
        ONES_DIFFER="of one sketch, counts say different numbers of bits that are set",
    ),
    # benchmarks
    **_of(
        Severity.VIOLATION,
        BENCHMARK_UNREADABLE="a benchmark that is altered, or not the coordinator's",
        BENCHMARK_DIFFERS="a benchmark says another round, version, study or window than it is of",
        BENCHMARK_MISSING="a published round without a benchmark, or a version that is not there",
        SUPERSEDES_BROKEN="a version does not supersede the one before it",
        PUBLISHED_OUT_OF_ORDER="a benchmark is dated before its round ended or its predecessor, or exactly as another",
        INCLUDED_UNASKED="a benchmark includes a member that its round did not ask",
        INCLUDED_NOT_RECEIVED="a benchmark includes a release that was not received for its round",
        INCLUDED_NOT_BOOKED="a benchmark includes a release that no entry of the member's ledger has booked",
        LEFT_OUT="a release or a sketch was received, and the benchmark or the market leaves it out without a word",
        FIGURE_DIFFERS="a published figure is not the one that follows from the releases",
        ERROR_DIFFERS="a published error or interval is not the one that follows from the releases",
        UNCUT_DIFFERS="what is put back of what bounds cut off is not what follows from the releases",
        STATUS_DIFFERS="a figure is marked otherwise than the rules say",
        MARKET_STATUS_DIFFERS="of a member of a market something else is said than follows from the counts",
        SUPPRESSION_SKIPPED="a figure or a cohort is shown that the rules withhold",
        SUPPRESSION_ADDED="a figure or a cohort is withheld that the rules show",
        CELLS_DIFFER="a benchmark has cells or cohorts too many, too few, or of another size",
        NOT_COMPUTABLE="from these releases no benchmark can be computed",
    ),
    **_of(
        Severity.DOUBT, EARLIER_NOT_COMPUTABLE="what was published before of the same figures cannot be computed again"
    ),
    **_of(
        Severity.NOTE,
        LEFT_OUT_WITH_REASON="a benchmark leaves a release out and says why, or a market who had declined",
    ),
    # between visits
    **_of(
        Severity.VIOLATION,
        ROLLED_BACK="a ledger is shorter than it was, or entries are gone without a word",
        RECOVERY_UNDERSTATED="a recovery counts less than the entries that it gave up had booked",
        FORKED="a ledger is another one than it was",
        LEDGER_VANISHED="a ledger that was there is gone",
        ROUND_REWRITTEN="an announcement or a market is another one than it was, or gone",
        BENCHMARK_REWRITTEN="a published benchmark is another one than it was, or gone",
        RELEASE_VANISHED="a release that was received is gone",
    ),
    # bundles
    **_of(Severity.VIOLATION, PIN_DIFFERS="a bundle names another key or network than you have from elsewhere"),
    **_of(
        Severity.DOUBT,
        NODE_ALONE="a bundle that a node made has neither the network's members nor its rounds",
        OTHER_NETWORK="a bundle of another network than the one that you have joined, or visited before",
    ),
    **_of(Severity.NOTE, STRANGE_FILE="a file that no bundle has; it was not read"),
}
