"""What a release must be before it is taken: signed by the roster's key, of this study and window, with sane figures.

Bounds of a figure. A cell of a member is at most LARGEST_BASE times what the study lets one customer (or one anonymous
sale) contribute, and at least zero; the noise stays within NOISE standard deviations of either end, for beyond them
lies less than 2·exp(−NOISE²/2), about 10^-195. So no honest release of an institution with up to ten million customers
is refused, and a sum over ten thousand members of the shipped study's largest figures stays below 2^63.
"""

from math import isqrt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import DecodeError

from coordinator.errors import (
    AbsurdValue,
    BadRelease,
    TooLarge,
    WrongLayout,
    WrongLedger,
    WrongStudy,
    WrongWindow,
)
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.ledger.fields import LARGEST_NUMBER
from privacy.signing.envelope import RELEASE, BadEnvelope, verify
from privacy.studies.price import PricedPart, price
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release

LARGEST_BASE = 10_000_000
NOISE = 30
_OVERHEAD = 4096
"""Bytes of an envelope and a release beside the cells; one of ours has some 500."""


def check_release(envelope: bytes, signing_key: Ed25519PublicKey, study: Study, window: Window, ledger: str) -> Release:
    """The release in an envelope, if it is one that this round takes from this member.

    Raises TooLarge, BadRelease, WrongLedger, WrongStudy, WrongLayout, WrongWindow, AbsurdValue.
    """
    largest = 8 * study.cells + _OVERHEAD
    if len(envelope) > largest:
        raise TooLarge(f"A release of {study.name} has at most {largest} bytes, and this has {len(envelope)}.")
    release = _parsed(envelope, signing_key)
    if release.ledger != ledger:
        raise WrongLedger(f"This release is booked in another ledger than yours, {ledger}. Send it from its own node.")
    if (release.study_digest, release.study, release.study_version) != (study.digest, study.name, study.version):
        raise WrongStudy(
            f"This release is not of the round's study, {study.name} version {study.version} ({study.digest}). "
            "Make one of the study that the round announces."
        )
    if release.layout_digest != study.layout_digest or len(release.cells) != study.cells:
        raise WrongLayout(f"This release has not the {study.cells} cells of {study.name}. Update Kudos on both sides.")
    if (release.window_first, release.window_last) != (window.first.isoformat(), window.last.isoformat()):
        raise WrongWindow(f"This release is over another window than the round's, {window}. Make one over that.")
    _check_values(release, study)
    return release


def range_of(priced: PricedPart, study: Study) -> range:
    """The values that a cell of a part can have."""
    contribution = {
        Measure.CUSTOMERS: 1,
        Measure.ORDERS: study.bounds.max_orders,
        Measure.TICKETS: study.bounds.max_tickets,
        Measure.REVENUE: study.bounds.max_revenue_ore,
    }[priced.part.measure]
    variance = priced.mechanism.scale**2
    noise = NOISE * (isqrt(variance.numerator // variance.denominator) + 1)
    return range(-noise, LARGEST_BASE * contribution + noise + 1)


def _parsed(envelope: bytes, signing_key: Ed25519PublicKey) -> Release:
    try:
        payload = verify(RELEASE, envelope, signing_key)
        release = Release()
        release.ParseFromString(payload)
    except BadEnvelope as error:
        raise BadRelease(
            f"{error} The round takes what the key in its roster has signed; if your node has had a new key since, ask "
            "the coordinator's operator to open the round anew."
        ) from error
    except DecodeError as error:
        raise BadRelease("What is signed here is no release. Send what `kudos-node release` has made.") from error
    if _known(release).SerializeToString(deterministic=True) != payload or release.entry > LARGEST_NUMBER:
        raise BadRelease("This release is not written as one. Send what `kudos-node release` has made.")
    return release


def _known(release: Release) -> Release:
    """The same release without fields that nobody knows."""
    return Release(
        ledger=release.ledger,
        entry=release.entry,
        study=release.study,
        study_version=release.study_version,
        study_digest=release.study_digest,
        layout_digest=release.layout_digest,
        window_first=release.window_first,
        window_last=release.window_last,
        cells=release.cells,
    )


def _check_values(release: Release, study: Study) -> None:
    at = 0
    for priced in price(study).parts:
        allowed = range_of(priced, study)
        end = at + priced.part.table.cells
        if any(value not in allowed for value in release.cells[at:end]):
            raise AbsurdValue(
                f"A figure of {priced.part.name} is beyond what an institution of {LARGEST_BASE} customers could have. "
                "Check the import for a wrong unit, such as amounts in øre taken for kroner."
            )
        at = end
