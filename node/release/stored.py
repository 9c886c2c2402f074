"""A release that is paid for already: found, and verified before it is handed out or looked at."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError

from privacy.bounds.windows import Window
from privacy.ledger.contents import Contents, StoredRelease
from privacy.signing.envelope import RELEASE, BadEnvelope, parse_public_key, verify
from privacy.studies.study import Study
from protos.kudos.v1.cross_use_pb2 import Count
from protos.kudos.v1.release_pb2 import Release

Message = TypeVar("Message", Release, Count)


@dataclass(frozen=True)
class Verified(Generic[Message]):
    """A stored release, or count, with what it says; without, where its bytes were lost."""

    stored: StoredRelease
    message: Message | None


def find(contents: Contents, study: Study, window: Window) -> Verified[Release] | None:
    """The stored release of `study` over `window`, if there is one, verified. Raises `BadEnvelope`."""
    return verified(contents, study.digest, window, RELEASE, Release)


def verified(
    contents: Contents, study_digest: str, window: Window, payload_type: str, kind: type[Message]
) -> Verified[Message] | None:
    """What is stored of a study over a window, if anything is.

    The signature is verified with the key that the ledger named when it was booked, and what the message says of itself
    against the ledger, the entry, the study and the window: one that is properly signed but stands in another's place
    is refused too. Raises `BadEnvelope`.
    """
    stored = contents.find(study_digest, window)
    if stored is None:
        return None
    if stored.envelope is None:
        return Verified(stored, None)
    what, message = kind.__name__.lower(), kind()
    try:
        message.ParseFromString(
            verify(payload_type, stored.envelope, parse_public_key(contents.public_key_at(stored.seq)))
        )
    except DecodeError as error:
        raise BadEnvelope(f"The signed payload is no {what}. Do not use it.") from error
    said = (message.ledger, message.entry, message.study_digest, f"{message.window_first}/{message.window_last}")
    if said != (contents.opened.origin, stored.seq, study_digest, str(window)):
        raise BadEnvelope(f"The {what} of entry {stored.seq} says that it is another one. Do not use it.")
    return Verified(stored, message)
