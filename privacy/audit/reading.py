"""Reading a bundle from a folder or a tar, which may come from anybody: bounded, without links, nothing unpacked.

`paths.is_path` decides what may stand in a bundle; whatever else a folder or a tar holds is not read.
"""

import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from privacy.audit.errors import BadBundle, UsageError
from privacy.audit.paths import HEADER, PUBLIC, RESTRICTED, is_path, printable
from privacy.audit.records import Header, read_record

MOST_FILES = 2_000_000
LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file that is read whole: a benchmark, at most."""
LARGEST_LINES = 8 * 1024 * 1024 * 1024
"""Bytes of a file of lines, which is never held whole."""
LONGEST_LINE = 64 * 1024 * 1024

_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""What begins a file of gzip, bzip2, xz, zstd and zip."""

_PLAIN = "a bundle has plain files alone, no links and no devices"


@dataclass(frozen=True)
class Line:
    """A line of a file, from 1, without its newline."""

    number: int
    content: bytes


class Bundle(AbstractContextManager["Bundle"]):
    """A bundle that is open for reading. `strangers` names what it holds besides, which is not read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closing = ExitStack()
        self._places: dict[str, str | tarfile.TarInfo] = {}
        self._tar: tarfile.TarFile | None = None
        self.strangers: list[str] = []
        try:
            found = self._of_tar(path) if path.is_file() else self._of_folder(path)
            self._places = self._known(found)
        except BaseException:
            self._closing.close()
            raise
        self.headers = {kind: self._header(kind) for kind in (PUBLIC, RESTRICTED) if f"{kind}/{HEADER}" in self._places}
        if not self.headers:
            raise BadBundle(f"neither {PUBLIC}/{HEADER} nor {RESTRICTED}/{HEADER} is there", path.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of the bundle, in order."""
        return tuple(sorted(self._places))

    def has(self, path: str) -> bool:
        """Whether the bundle has a file."""
        return path in self._places

    def read(self, path: str) -> bytes:
        """A file, whole. Raises `BadBundle` where it is missing or too large."""
        with self._open(path, LARGEST_FILE) as file:
            return file.read()

    def digest(self, path: str) -> str:
        """The SHA-256 of a file, in hexadecimal."""
        with self._open(path, LARGEST_LINES) as file:
            digest = hashlib.sha256()
            while piece := file.read(1 << 20):
                digest.update(piece)
            return digest.hexdigest()

    def lines(self, path: str, longest: int = LONGEST_LINE) -> Iterator[Line]:
        """A file's lines. Raises `BadBundle` for one that is too long, empty, or not ended by a newline."""
        with self._open(path, LARGEST_LINES) as file:
            number = 0
            while content := file.readline(longest + 2):
                number += 1
                if not content.endswith(b"\n"):
                    cut = len(content) > longest
                    raise BadBundle("the line is too long" if cut else "the last line is cut off", path, number)
                if content == b"\n":
                    raise BadBundle("an empty line", path, number)
                yield Line(number, content[:-1])

    def _header(self, kind: str) -> Header:
        path = f"{kind}/{HEADER}"
        header = read_record(Header, self.read(path), path)
        if header.kind != kind:
            raise BadBundle(f"it says that it is {header.kind}", path)
        return header

    def _known(self, found: dict[str, str | tarfile.TarInfo]) -> dict[str, str | tarfile.TarInfo]:
        """The files that a bundle may have; those of a single part get the part's name before theirs."""
        found = _inside(found)
        if HEADER in found and f"{PUBLIC}/{HEADER}" not in found and f"{RESTRICTED}/{HEADER}" not in found:
            kind = self._kind_of(found[HEADER])
            found = {f"{kind}/{name}": place for name, place in found.items()}
        self.strangers = [printable(name) for name in sorted(found) if not is_path(name)]
        return {name: place for name, place in found.items() if is_path(name)}

    def _kind_of(self, place: str | tarfile.TarInfo) -> str:
        self._places = {HEADER: place}
        return read_record(Header, self.read(HEADER), HEADER).kind

    def _of_folder(self, path: Path) -> dict[str, str | tarfile.TarInfo]:
        if not path.is_dir():
            raise UsageError(f"{path} is not there. Give the folder or the .tar of a bundle: kudos-audit export")
        found: dict[str, str | tarfile.TarInfo] = {}
        for parent, folders, files in os.walk(path, onerror=_unreadable):
            inside = "" if parent == str(path) else Path(parent).relative_to(path).as_posix() + "/"
            for name in (*folders, *files):
                place = os.path.join(parent, name)  # noqa: PTH118  a path object for each of many files takes its time
                mode = os.lstat(place).st_mode
                if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                    raise BadBundle(_PLAIN, printable(inside + name))
                if stat.S_ISREG(mode):
                    found[inside + name] = place
            _check_number(found)
        return found

    def _of_tar(self, path: Path) -> dict[str, str | tarfile.TarInfo]:
        found: dict[str, str | tarfile.TarInfo] = {}
        try:
            self._tar = self._closing.enter_context(tarfile.open(path, mode="r:"))  # noqa: SIM115  it is one
            for entry in self._tar:
                name = entry.name.removeprefix("./")
                if entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    raise BadBundle(_PLAIN, printable(name))
                if name in found:
                    raise BadBundle("it stands there twice", printable(name))
                found[name] = entry
                _check_number(found)
            _check_end(path, self._tar.offset)
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            if _is_compressed(path):
                raise UsageError(f"{path} is compressed. Unpack it, and give the folder that comes of it.") from error
            raise BadBundle("it is no whole, uncompressed tar", path.name) from error
        return found

    def _open(self, path: str, largest: int) -> IO[bytes]:
        place = self._places.get(path)
        if place is None:
            raise BadBundle("it is missing", path)
        try:
            if isinstance(place, str):
                file: IO[bytes] = os.fdopen(os.open(place, os.O_RDONLY | os.O_NOFOLLOW), "rb")
                size = os.fstat(file.fileno()).st_size
            else:
                assert self._tar is not None  # noqa: S101  the entry came from it
                extracted = self._tar.extractfile(place)
                assert extracted is not None  # noqa: S101  it is a regular file
                file, size = extracted, place.size
        except (OSError, tarfile.TarError) as error:
            raise BadBundle("it cannot be read", path) from error
        if size > largest:
            file.close()
            raise BadBundle(f"it has {size} bytes, more than any such file", path)
        return file


def open_bundle(path: Path) -> Bundle:
    """A bundle in a folder or a .tar. Raises `BadBundle`, and UsageError where there is none."""
    return Bundle(path)


def _inside(found: dict[str, str | tarfile.TarInfo]) -> dict[str, str | tarfile.TarInfo]:
    """The files of a bundle that lies in a folder of its own, as `tar cf x.tar x` and most archivers have it."""
    tops = {name.partition("/")[0] for name in found}
    if len(tops) != 1 or tops & {PUBLIC, RESTRICTED, HEADER}:
        return found
    (top,) = tops
    return {name.removeprefix(f"{top}/"): place for name, place in found.items()}


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6).startswith(_COMPRESSED)


def _check_number(found: dict[str, str | tarfile.TarInfo]) -> None:
    if len(found) > MOST_FILES:
        raise BadBundle(f"more than {MOST_FILES} files")


def _check_end(path: Path, end: int) -> None:
    """Two empty blocks end a tar, and only such follow. The library takes a cut, or a broken header, for an end."""
    with path.open("rb") as file:
        file.seek(end)
        empty = 0
        while piece := file.read(1 << 20):
            if piece.count(0) != len(piece):
                raise BadBundle("after its end, or in place of a header, stands something else", path.name)
            empty += len(piece)
    if empty < 2 * tarfile.BLOCKSIZE:
        raise BadBundle("it is cut off", path.name)


def _unreadable(error: OSError) -> None:
    raise BadBundle("a folder in it cannot be read") from error
