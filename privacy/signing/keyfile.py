"""The file that an Ed25519 signing key lies in."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from privacy.errors import KudosError
from privacy.ledger.newfile import new_private_file


class SigningKeyExists(KudosError):
    """A signing key was to be made where there is a file."""

    reason = "SIGNING_KEY_EXISTS"


class BadSigningKey(KudosError):
    """The signing key is missing or cannot be used."""

    reason = "BAD_SIGNING_KEY"


def create_signing_key(path: Path) -> Ed25519PrivateKey:
    """A new Ed25519 key, stored as PKCS #8 in a PEM file of mode 0600 that appears whole or not at all.

    Raises `SigningKeyExists` where there is a file, which stays as it is, and `BadSigningKey` where none can
    be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with new_private_file(path) as unfinished, unfinished.open("wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise SigningKeyExists(f"{path} exists. Use it; a signing key is never overwritten.") from error
    except OSError as error:
        raise BadSigningKey(
            f"{path} cannot be written ({error.strerror}). Check that its folder exists and that you may write to it."
        ) from error
    return key


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file that `create_signing_key` made. Raises `BadSigningKey`."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadSigningKey(
            f"The signing key {path} is missing or cannot be read. Restore it from your backup."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSigningKey(f"{path} holds another kind of key than Ed25519. Restore the right file.")
    return key
