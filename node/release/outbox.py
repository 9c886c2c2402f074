"""What a ledger holds, number by number, for the eyes of its own operator: releases, counts, a sketch's terms."""

from dataclasses import dataclass

from node.release import stored
from node.release.stored_cross_use import count_of, read_stored, sketch_of
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import TIER_QUANTILES
from privacy.catalogue.measures import Measure
from privacy.errors import KudosError
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent
from privacy.ledger.outbox import lost
from privacy.mechanisms.quantile import quantile_text
from privacy.rounds.fit import counts_of
from privacy.sketch.bitmap import ones
from privacy.sketch.buckets import epoch_of
from privacy.sketch.sketch import SketchTerms
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release

BEFORE = "thresholds_before"
"""As a table: the thresholds by which customers of the twelve months before the window were put into tiers."""


class NoRelease(KudosError):
    """There is no release of that study over that window."""

    reason = "NO_RELEASE"


class OtherLayout(KudosError):
    """A stored release has other cells than the study has by the catalogue of today."""

    reason = "OTHER_LAYOUT"


@dataclass(frozen=True)
class Cell:
    """One number of a release, noise and all; revenue in øre. The category of a quantile is which one it is."""

    table: str
    category: str
    measure: str
    value: int


def shown(contents: Contents, study: Study, window: Window) -> tuple[Cell, ...]:
    """All numbers of the stored release of `study` over `window`: its quantiles, and its cells in their order.

    It is verified first (`node.release.stored`). Raises `NoRelease`, `BadEnvelope`, `OtherLayout`, `ReleaseLost`.
    """
    found = stored.find(contents, study, window)
    if found is None:
        raise NoRelease(
            f"There is no release of the study {study.name} ({study.digest}) over {window}. Make one first, "
            f"or name one that the list shows."
        )
    message = found.message
    if message is None:
        raise lost(found.stored)
    there = (len(message.cells), len(message.thresholds), len(message.thresholds_before))
    if message.layout_digest != study.layout_digest or there != counts_of(study):
        raise OtherLayout(
            f"The release of entry {found.stored.seq} was made with another version of the catalogue. Show it with "
            f"that version of Kudos."
        )
    return (*_quantiles(study, message), *_cells(study, message))


@dataclass(frozen=True)
class SketchShown:
    """The terms of a stored sketch, and how many of its bits are set, flips and all; never which."""

    terms: SketchTerms
    ones: int


def sketch_shown(contents: Contents, entry: Spent) -> SketchShown:
    """The stored sketch that an entry booked; verified first. Raises `ReleaseLost`, `BadSketch`, `BadEnvelope`."""
    found = sketch_of(contents, epoch_of(entry.window))
    if found is None or found.entry != entry:
        raise NoRelease(f"Entry {entry.seq} booked no sketch.")
    read = read_stored(contents, found)
    return SketchShown(read.terms, ones(read.bitmap))


@dataclass(frozen=True)
class CountShown:
    """A stored count: noisy `rows`, for all customers and each group, in a row the own size, then each peer's sum.

    `peers` are members with the status of their sketch; `histogram` has how many customers have 0, 1, ... bits set.
    """

    peers: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    histogram: tuple[int, ...]
    named_pairs: bool


def count_shown(contents: Contents, study: CrossUseStudy, window: Window) -> CountShown:
    """The stored count of a study over a window; verified first. Raises `NoRelease`, `BadEnvelope`, `OtherLayout`."""
    found = count_of(contents, study, window)
    if found is None:
        raise NoRelease(f"There is no count of the study {study.name} ({study.digest}) over {window}.")
    if found.message is None:
        raise lost(found.stored)
    message, columns = found.message, len(found.message.peers) + 1
    names = ("all", *study.groups)
    if len(message.cells) != len(names) * columns:
        raise OtherLayout(
            f"The count of entry {found.stored.seq} was made with another version of the catalogue. Show it with that "
            "version of Kudos."
        )
    rows = tuple((name, tuple(message.cells[at * columns : (at + 1) * columns])) for at, name in enumerate(names))
    peers = tuple((peer.member, peer.status) for peer in message.peers)
    return CountShown(peers, rows, tuple(message.histogram), message.named_pairs)


def _quantiles(study: Study, message: Release) -> tuple[Cell, ...]:
    """The quantiles that a release tells, and by which thresholds it divided the customers of the year before."""
    told = [
        Cell(part.table, quantile_text(part.at), str(part.measure), value)
        for part, value in zip(study.quantiles, message.thresholds, strict=True)
    ]
    before = [
        Cell(BEFORE, at, str(Measure.REVENUE), value)
        for at, value in zip(TIER_QUANTILES, message.thresholds_before, strict=False)
    ]
    return (*told, *before)


def _cells(study: Study, message: Release) -> tuple[Cell, ...]:
    places = (
        (part.table.name, category, str(part.measure))
        for part in study.parts
        for category in part.table.dimension.categories
    )
    return tuple(
        Cell(table, category, measure, value)
        for (table, category, measure), value in zip(places, message.cells, strict=True)
    )
