"""A release that is paid for already: found, and verified before it is handed out or looked at."""

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from privacy.bounds.windows import Window
from privacy.ledger.contents import Contents, StoredRelease
from privacy.signing.envelope import RELEASE, BadEnvelope, parse_public_key, verify
from privacy.studies.study import Study
from protos.kudos.v1.release_pb2 import Release


@dataclass(frozen=True)
class Verified:
    """A stored release with what it says; without, where its bytes were lost."""

    stored: StoredRelease
    message: Release | None


def find(contents: Contents, study: Study, window: Window) -> Verified | None:
    """The stored release of `study` over `window`, if there is one.

    The signature is verified with the key that the ledger named when it was booked, and what the release says of itself
    against the ledger, the entry, the study and the window: one that is properly signed but stands in another's place
    is refused too. Raises `BadEnvelope`.
    """
    stored = contents.find(study.digest, window)
    if stored is None:
        return None
    if stored.envelope is None:
        return Verified(stored, None)
    message = _decoded(verify(RELEASE, stored.envelope, parse_public_key(contents.public_key_at(stored.seq))))
    said = (message.ledger, message.entry, message.study_digest, f"{message.window_first}/{message.window_last}")
    if said != (contents.opened.origin, stored.seq, study.digest, str(window)):
        raise BadEnvelope(f"The release of entry {stored.seq} says that it is another one. Do not use it.")
    return Verified(stored, message)


def _decoded(payload: bytes) -> Release:
    message = Release()
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        raise BadEnvelope("The signed payload is no release. Do not use it.") from error
    return message
