"""What a release must be to answer a round: signed by the roster's key, of this study and window, with sane figures.

A coordinator takes no other, and an auditor finds one that was taken all the same.

Bounds of a figure. A cell of a member is at most LARGEST_BASE times what the study lets one customer (or one anonymous
sale) contribute, and at least zero; the noise stays within NOISE standard deviations of either end, for beyond them
lies less than 2·exp(−NOISE²/2), about 10^-195. And no figure is further from zero than LARGEST_FIGURE, 18
billion kroner: then the sums of the largest roster, with the intervals around them, can be published whatever the
members send, and nobody's release can stop a benchmark. Noise alone never comes to that, as the bounds of a study are
bounded themselves (`privacy.studies.study`). So no honest release of an institution with up to ten million customers,
and less revenue than that in a cell, is refused. Where each cell has bounds and noise of its own, so it has limits.

A quantile is one of the public candidates, and those of a measure fall, or are equal. The thresholds of the twelve
months before stand there just where the study has tables of the value tiers.
"""

from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import DecodeError

from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import TIER_QUANTILES
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import Bounds
from privacy.errors import KudosError
from privacy.ledger.fields import LARGEST_NUMBER
from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.signing.envelope import RELEASE, BadEnvelope, verify
from privacy.studies.price import PricedPart, price
from privacy.studies.shelf import AnyStudy
from privacy.studies.study import Study
from protos.kudos.v1.cross_use_pb2 import Count
from protos.kudos.v1.release_pb2 import Release

LARGEST_BASE = 10_000_000
LARGEST_FIGURE = 1_800_000_000_000
"""LARGEST_ROSTER of these are 9·10^15; to 2^53 - 1, which JSON writes exactly, the interval has 7·10^12 left."""
NOISE = 30
_OVERHEAD = 4096
"""Bytes of an envelope and a release beside its figures; one of ours has some 500."""


class Misfit(StrEnum):
    """In what a release does not fit. Stable: the wire's reasons are called the same."""

    TOO_LARGE = "TOO_LARGE"
    BAD_RELEASE = "BAD_RELEASE"
    WRONG_LEDGER = "WRONG_LEDGER"
    WRONG_STUDY = "WRONG_STUDY"
    WRONG_LAYOUT = "WRONG_LAYOUT"
    WRONG_WINDOW = "WRONG_WINDOW"
    ABSURD_VALUE = "ABSURD_VALUE"


class UnfitRelease(KudosError):
    """A release that does not answer the round. `misfit` says in what; the message names no figure."""

    reason: ClassVar[str] = "UNFIT_RELEASE"

    def __init__(self, misfit: Misfit, message: str) -> None:
        self.misfit = misfit
        super().__init__(message)


def check_release(envelope: bytes, signing_key: Ed25519PublicKey, study: Study, window: Window, ledger: str) -> Release:
    """The release in an envelope, if it is one that this round takes from this member.

    `signing_key` is that of the member's seat, `ledger` the one that it must be booked in. Raises UnfitRelease.
    """
    cells, told, before = counts_of(study)
    largest = 8 * (cells + told + before) + _OVERHEAD
    if len(envelope) > largest:
        raise UnfitRelease(
            Misfit.TOO_LARGE, f"A release of {study.name} has at most {largest} bytes, and this has {len(envelope)}."
        )
    release = _parsed(envelope, signing_key)
    check_origin(release, "release", study, ledger)
    there = (len(release.cells), len(release.thresholds), len(release.thresholds_before))
    if release.layout_digest != study.layout_digest or there != (cells, told, before):
        raise UnfitRelease(
            Misfit.WRONG_LAYOUT,
            f"This release has not the {cells} cells and {told} quantiles of {study.name}. Update Kudos on both sides.",
        )
    check_window(release, "release", window)
    _check_values(release, study)
    _check_thresholds(release, study)
    return release


def counts_of(study: Study) -> tuple[int, int, int]:
    """How many cells, quantiles, and thresholds of the twelve months before, a release of a study has."""
    return study.cells, len(study.quantiles), len(TIER_QUANTILES) if study.has_tiers else 0


def check_origin(said: Release | Count, what: str, study: AnyStudy, ledger: str) -> None:
    """Raises UnfitRelease unless a release, or whatever else is `what`, is of this ledger and study."""
    if said.ledger != ledger:
        raise UnfitRelease(
            Misfit.WRONG_LEDGER,
            f"This {what} is booked in another ledger than yours, {ledger}. Send it from its own node.",
        )
    if (said.study_digest, said.study, said.study_version) != (study.digest, study.name, study.version):
        raise UnfitRelease(
            Misfit.WRONG_STUDY,
            f"This {what} is not of the round's study, {study.name} version {study.version} ({study.digest}). "
            "Make one of the study that the round announces.",
        )


def check_window(said: Release | Count, what: str, window: Window) -> None:
    """Raises UnfitRelease unless it is over this window."""
    if (said.window_first, said.window_last) != (window.first.isoformat(), window.last.isoformat()):
        raise UnfitRelease(
            Misfit.WRONG_WINDOW, f"This {what} is over another window than the round's, {window}. Make one over that."
        )


def noise_bound(variance: Fraction) -> int:
    """How far noise of a variance may take a figure: NOISE standard deviations."""
    return NOISE * (isqrt(variance.numerator // variance.denominator) + 1)


def signed_by_roster(payload_type: str, envelope: bytes, signing_key: Ed25519PublicKey) -> bytes:
    """The payload that the key of a seat signed. Raises UnfitRelease."""
    try:
        return verify(payload_type, envelope, signing_key)
    except BadEnvelope as error:
        raise UnfitRelease(
            Misfit.BAD_RELEASE,
            f"{error} The round takes what the key in its roster has signed; if your node has had a new key since, ask "
            "the coordinator's operator to open the round anew.",
        ) from error


def ranges_of(priced: PricedPart) -> tuple[range, ...]:
    """The values that each cell of a part can have: none that `privacy.estimate.combine` would not take."""
    bounds, measure = priced.part.bounded.bounds, priced.part.measure
    found = [_range(each, measure, noise.mechanism) for each, noise in zip(bounds, priced.noises, strict=True)]
    return tuple(found) if priced.by_cell else (found[0],) * priced.part.table.cells


def _range(bounds: Bounds, measure: Measure, mechanism: DiscreteGaussian) -> range:
    contribution = {
        Measure.CUSTOMERS: 1,
        Measure.ORDERS: bounds.max_orders,
        Measure.TICKETS: bounds.max_tickets,
        Measure.REVENUE: bounds.max_revenue_ore,
    }[measure]
    noise = noise_bound(mechanism.scale**2)
    return range(max(-noise, -LARGEST_FIGURE), min(LARGEST_BASE * contribution + noise, LARGEST_FIGURE) + 1)


def _parsed(envelope: bytes, signing_key: Ed25519PublicKey) -> Release:
    payload, release = signed_by_roster(RELEASE, envelope, signing_key), Release()
    try:
        release.ParseFromString(payload)
    except DecodeError as error:
        raise UnfitRelease(
            Misfit.BAD_RELEASE, "What is signed here is no release. Send what `kudos-node release` has made."
        ) from error
    if _known(release).SerializeToString(deterministic=True) != payload or release.entry > LARGEST_NUMBER:
        raise UnfitRelease(
            Misfit.BAD_RELEASE, "This release is not written as one. Send what `kudos-node release` has made."
        )
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
        thresholds=release.thresholds,
        thresholds_before=release.thresholds_before,
    )


def _check_values(release: Release, study: Study) -> None:
    at = 0
    for name, allowed in _allowed(study):
        end = at + len(allowed)
        if any(value not in each for value, each in zip(release.cells[at:end], allowed, strict=True)):
            most = max(each[-1] for each in allowed)
            raise UnfitRelease(
                Misfit.ABSURD_VALUE,
                f"A figure of {name} is beyond what an institution could have, {most} at most. "
                "Check the import for a wrong unit, such as amounts in øre taken for kroner.",
            )
        at = end


@lru_cache(maxsize=32)
def _allowed(study: Study) -> tuple[tuple[str, tuple[range, ...]], ...]:
    """Every part's name and ranges: the same for all who answer."""
    return tuple((priced.part.name, ranges_of(priced)) for priced in price(study).parts)


def _check_thresholds(release: Release, study: Study) -> None:
    measures = [part.measure for part in study.quantiles]
    of_measure = [
        (measure, [told for told, of in zip(release.thresholds, measures, strict=True) if of is measure])
        for measure in dict.fromkeys(measures)
    ]
    for measure, told in (*of_measure, (Measure.REVENUE, list(release.thresholds_before))):
        if told != sorted(told, reverse=True) or not set(told) <= set(CANDIDATES.get(measure, ())):
            raise UnfitRelease(
                Misfit.ABSURD_VALUE,
                f"The quantiles of {measure} in this release are not falling numbers of the catalogue's grid. Update "
                "Kudos on both sides.",
            )
