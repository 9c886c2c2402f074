"""Signed bytes that this node keeps: whether they are still what was signed, and what becomes of them where not.

A file that its own signature does not fit is damaged on this machine. It says nothing about the coordinator, which is
held only to bytes that it has signed; it is set aside, and the same is fetched again.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from node.errors import FileDamaged
from privacy.signing.envelope import BadEnvelope, verify


def whole(payload_type: str, envelope: bytes, key: Ed25519PublicKey) -> bool:
    """Whether bytes are an envelope of that type that the key has signed, whatever is in it."""
    try:
        verify(payload_type, envelope, key)
    except BadEnvelope:
        return False
    return True


def set_aside(file: Path) -> str:
    """Renames a damaged file, in place of one that was set aside before, and says so in a sentence."""
    aside = file.with_name(f"{file.name}.damaged")
    file.replace(aside)
    return f"{file} was damaged on this machine, and lies beside its place as {aside.name}; it is fetched again"


def damaged(file: Path) -> FileDamaged:
    """The error of a file that is not what was signed."""
    return FileDamaged(
        f"{file} is damaged on this machine: it is not what the coordinator signed. To fetch it again: kudos-node run "
        "--once. If it happens again, look at the disk."
    )
