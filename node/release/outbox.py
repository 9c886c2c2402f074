"""The releases that a ledger holds, cell by cell, for the eyes of the member's own operator."""

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from node.release.sign import RELEASE, BadEnvelope, parse_public_key, verify
from privacy.bounds.windows import Window
from privacy.budget.amounts import Spend
from privacy.errors import KudosError
from privacy.ledger.contents import Contents, StoredRelease
from privacy.ledger.leaves import Spent
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release


class NoRelease(KudosError):
    """There is no release of that study over that window."""

    reason = "NO_RELEASE"


class OtherLayout(KudosError):
    """A stored release has other cells than the study has by the catalogue of today."""

    reason = "OTHER_LAYOUT"


@dataclass(frozen=True)
class Listed:
    """A stored release with the entry that booked it."""

    entry: Spent
    stored: StoredRelease

    @property
    def cost(self) -> Spend:
        """What it cost."""
        return self.entry.cost


@dataclass(frozen=True)
class Cell:
    """One number of a release, noise and all; revenue in øre."""

    table: str
    category: str
    measure: str
    value: int


def listed(contents: Contents) -> tuple[Listed, ...]:
    """Every stored release, oldest first."""
    entries = {entry.seq: entry for entry in contents.entries if isinstance(entry, Spent)}
    return tuple(Listed(entries[stored.seq], stored) for stored in contents.releases)


def shown(contents: Contents, study: Study, window: Window) -> tuple[Cell, ...]:
    """The noisy cells of the stored release of `study` over `window`, in the order of its layout.

    The signature is verified with the key that the ledger named when it was booked, and the payload against
    the study, the window and the entry. Raises `NoRelease`, `BadEnvelope`, `OtherLayout`.
    """
    stored = contents.find(study.digest, window)
    if stored is None:
        raise NoRelease(
            f"There is no release of the study {study.name} ({study.digest}) over {window}. Make one first, "
            f"or name one that the list shows."
        )
    payload = verify(RELEASE, stored.envelope, parse_public_key(contents.public_key_at(stored.seq)))
    message = _decoded(payload)
    booked = (contents.opened.origin, stored.seq, study.digest, str(window))
    if booked != _claims(message):
        raise BadEnvelope(f"The release of entry {stored.seq} says that it is another one. Do not use it.")
    if message.layout_digest != study.layout_digest or len(message.cells) != study.cells:
        raise OtherLayout(
            f"The release of entry {stored.seq} was made with another version of the catalogue. Show it with "
            f"that version of Kudos."
        )
    return _cells(study, message)


def _decoded(payload: bytes) -> Release:
    message = Release()
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        raise BadEnvelope("The signed payload is no release. Do not use it.") from error
    return message


def _claims(message: Release) -> tuple[str, int, str, str]:
    window = f"{message.window_first}/{message.window_last}"
    return message.ledger, message.entry, message.study_digest, window


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
