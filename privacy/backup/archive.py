"""What is inside a backup: a tar archive (POSIX.1-2001) of named pieces, the last of which lists all others.

`manifest.json` has each piece's name, size and SHA-256 and what the maker says of the whole, so that what is missing or
more is noticed too, and so that a backup can be verified by reading it through. A tar, so that whoever has the
passphrase can get at it with tools that we did not write.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, BinaryIO

from privacy.backup.errors import BackupDamaged, BackupError
from privacy.backup.sealing import CHUNK, Header, N, Opening, Sealing

MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,120}){0,4}", re.ASCII)
_LARGEST_MANIFEST = 64 << 20


def fits(name: str) -> bool:
    """Whether a piece may be called so: ASCII letters and digits, dots, `_` and `-`, four folders deep at the most."""
    return _NAME.fullmatch(name) is not None and name != MANIFEST


@dataclass(frozen=True)
class Manifest:
    """A backup that was read through and is whole. `about` is what its maker said of it, `sizes` by piece in bytes."""

    header: Header
    about: Mapping[str, Any]
    sizes: Mapping[str, int]


class Packing:
    """Pieces on their way into a backup."""

    def __init__(self, tar: tarfile.TarFile, made: datetime) -> None:
        self._tar = tar
        self._made = made
        self._listed: dict[str, tuple[int, str]] = {}
        self.about: dict[str, Any] = {}

    def add(self, name: str, content: bytes) -> None:
        """A piece that is in memory."""
        self._put(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> None:
        """A piece that is a file, which nobody changes meanwhile.

        Raises BackupError where somebody does, or where it cannot be opened.
        """
        try:
            file = path.open("rb")
        except OSError as error:
            raise BackupError(f"{path} cannot be read ({error.strerror}). No backup was made.") from error
        with file:
            self._put(name, os.fstat(file.fileno()).st_size, file)

    def add_manifest(self) -> None:
        """The last piece."""
        listed = [{"name": name, "size": size, "sha256": digest} for name, (size, digest) in self._listed.items()]
        self.add(MANIFEST, json.dumps({"v": 1, "about": self.about, "pieces": listed}).encode())

    def _put(self, name: str, size: int, source: IO[bytes]) -> None:
        if not _NAME.fullmatch(name) or name in self._listed:
            raise BackupError(f"{name!r} cannot be put into a backup: rename it, or move it out of the folder.")
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, int(self._made.timestamp())
        counted = _Counted(source)
        try:
            self._tar.addfile(entry, counted)
        except OSError as error:
            raise BackupError(f"{name} changed while it was read. Try again.") from error
        self._listed[name] = (size, counted.digest.hexdigest())


class _Counted:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        self.size += len(content)
        return content


@contextmanager
def packing(target: Path, what: str, passphrase: str, made: datetime, n: int = N) -> Iterator[Packing]:
    """A new backup at `target`, which is there whole or not at all, and readable by its owner alone.

    `n` is scrypt's cost, which only tests lower. Raises BackupError where there is a file already or none can be made.
    """
    if target.exists():
        raise BackupError(f"{target} is there already. Name another file: a backup is never written over.")
    beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupError(
            f"{target} cannot be written ({error.strerror}). Name a file in a folder that is there."
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            sealing = Sealing(file, what, f"{made:%Y-%m-%dT%H:%M:%SZ}", version("kudos"), passphrase, n)
            with tarfile.open(fileobj=sealing, mode="w|", bufsize=CHUNK, format=tarfile.PAX_FORMAT) as tar:
                found = Packing(tar, made)
                yield found
                found.add_manifest()
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        beside.rename(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}. Make room, and try again.") from error
    finally:
        beside.unlink(missing_ok=True)


Take = Callable[[str, IO[bytes]], None]


def verify(source: Path, passphrase: str, what: str) -> Manifest:
    """Reads a backup through. Raises BackupDamaged, WrongPassphrase, BackupError for a file that cannot be opened."""
    return unpack(source, passphrase, what, lambda _name, _content: None)


def unpack(source: Path, passphrase: str, what: str, take: Take) -> Manifest:
    """Reads a backup through, and gives each piece away as it comes, in the order in which it was put.

    A piece is authentic when it comes, but that none is missing is known only at the end: `verify` first, and
    raises as that.
    """
    seen: dict[str, tuple[int, str]] = {}
    try:
        with source.open("rb") as file:
            return _unpack(file, passphrase, what, take, seen)
    except OSError as error:
        raise BackupError(f"{source} cannot be read ({error.strerror}).") from error


def _unpack(file: BinaryIO, passphrase: str, what: str, take: Take, seen: dict[str, tuple[int, str]]) -> Manifest:
    opening = Opening(file, passphrase)
    if opening.header.what != what:
        raise BackupError(f"This is a backup of a {opening.header.what}. Restore it with kudos-{opening.header.what}.")
    manifest = b""
    try:
        with tarfile.open(fileobj=io.BufferedReader(opening, CHUNK), mode="r|", bufsize=CHUNK) as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is None or manifest or entry.name in seen or not _NAME.fullmatch(entry.name):
                    raise BackupDamaged(_NOT_OURS)
                if entry.name == MANIFEST:
                    manifest = content.read(_LARGEST_MANIFEST)
                    continue
                counted = _Counted(content)
                take(entry.name, counted)  # type: ignore[arg-type]
                while counted.read(CHUNK):
                    pass
                seen[entry.name] = (counted.size, counted.digest.hexdigest())
        while opening.read(CHUNK):
            pass  # to the last chunk
    except tarfile.TarError as error:
        raise BackupDamaged(_NOT_OURS) from error
    return Manifest(opening.header, _listed(manifest, seen), {name: size for name, (size, _) in seen.items()})


_NOT_OURS = (
    "The backup opens, but what is inside is not as Kudos writes it. Use another copy of it, or its own version."
)


def _listed(manifest: bytes, seen: Mapping[str, tuple[int, str]]) -> Mapping[str, Any]:
    try:
        said = json.loads(manifest)
        listed = {each["name"]: (each["size"], each["sha256"]) for each in said["pieces"]}
        about: Mapping[str, Any] = said["about"]
        form = said["v"]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(_NOT_OURS) from error
    if form != 1 or listed != seen or len(said["pieces"]) != len(seen):
        raise BackupDamaged(_NOT_OURS)
    return about
