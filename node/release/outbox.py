"""A release that a ledger holds, cell by cell, for the eyes of the member's own operator."""

from dataclasses import dataclass

from node.release import stored
from privacy.bounds.windows import Window
from privacy.errors import KudosError
from privacy.ledger.contents import Contents
from privacy.ledger.outbox import lost
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release


class NoRelease(KudosError):
    """There is no release of that study over that window."""

    reason = "NO_RELEASE"


class OtherLayout(KudosError):
    """A stored release has other cells than the study has by the catalogue of today."""

    reason = "OTHER_LAYOUT"


@dataclass(frozen=True)
class Cell:
    """One number of a release, noise and all; revenue in øre."""

    table: str
    category: str
    measure: str
    value: int


def shown(contents: Contents, study: Study, window: Window) -> tuple[Cell, ...]:
    """The noisy cells of the stored release of `study` over `window`, in the order of its layout.

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
    if message.layout_digest != study.layout_digest or len(message.cells) != study.cells:
        raise OtherLayout(
            f"The release of entry {found.stored.seq} was made with another version of the catalogue. Show it with "
            f"that version of Kudos."
        )
    return _cells(study, message)


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
