"""What a ledger does to the disk, recorded: below Python's own SQLite, and where Python itself makes and names files.

SQLite reaches files through a VFS (https://www.sqlite.org/vfs.html). While `recorded` holds, the default one of the
very library that `sqlite3` uses is a copy of itself that notes each write, truncation, synchronisation and deletion on
its way; and so do the functions of `os` that name files. Everything is done as well. A folder is synchronised where
SQLite opens one, which it does for nothing else.
"""

import _sqlite3
import ctypes
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch


@dataclass(frozen=True)
class Write:
    file: int
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    file: int
    size: int


@dataclass(frozen=True)
class Sync:
    """What was written to a file has reached the disk."""

    file: int


@dataclass(frozen=True)
class Name:
    """A file is called so; whatever was called so before is not."""

    name: str
    file: int


@dataclass(frozen=True)
class Unname:
    name: str


@dataclass(frozen=True)
class Rename:
    """Both at once."""

    old: str
    new: str
    file: int


@dataclass(frozen=True)
class SyncFolder:
    """All names have reached the disk."""


@dataclass(frozen=True)
class Mark:
    """The program went on: what it had asked for is done, it was told."""

    step: int


Operation = Write | Truncate | Sync | Name | Unname | Rename | SyncFolder | Mark


class NoRecording(Exception):
    """This Python's SQLite cannot be reached."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("between", ctypes.c_void_p * 11),
        ("set_system_call", ctypes.c_void_p),
        ("get_system_call", ctypes.c_void_p),
        ("next_system_call", ctypes.c_void_p),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", ctypes.c_void_p),
        ("truncate", ctypes.c_void_p),
        ("sync", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 13),
    )


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


_int, _pointer, _long = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)
_DELETE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int)
_CLOSE = ctypes.CFUNCTYPE(_int, _pointer)
_WRITE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _long)
_TRUNCATE = ctypes.CFUNCTYPE(_int, _pointer, _long)
_SYNC = ctypes.CFUNCTYPE(_int, _pointer, _int)
_FOLDER = ctypes.CFUNCTYPE(_int, _pointer, _pointer)
_GET = ctypes.CFUNCTYPE(_pointer, _pointer, ctypes.c_char_p)
_SET = ctypes.CFUNCTYPE(_int, _pointer, ctypes.c_char_p, _pointer)

_FAILED = 10  # SQLITE_IOERR
_FOR_GOOD: list[Any] = []  # what SQLite may still point to


class Recorder:
    """The operations on the files of one folder, which has no folders inside, in their order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log: list[Operation] = []
        self.failed: list[Exception] = []
        self._files: dict[str, int] = {}
        self.contents: dict[int, bytes] = {}
        """Of the files that are there at first, which count as on the disk."""
        known: dict[tuple[int, int], int] = {}
        for path in sorted(self.folder.iterdir()):
            status = path.stat()
            file = known.setdefault((status.st_dev, status.st_ino), len(known))
            self._files[path.name] = file
            self.contents[file] = path.read_bytes()
        self.names = dict(self._files)
        """Which of them is called what, at first."""
        self._next = len(known)

    def mark(self, step: int) -> None:
        """Notes that the program was told that a step is done."""
        self.log.append(Mark(step))

    def here(self, path: Any) -> str | None:
        """The name of a file in the folder; None for one elsewhere."""
        absolute = Path(os.fsdecode(path)).absolute()
        return absolute.name if absolute.parent.resolve() == self.folder else None

    def file(self, name: str, *, made: bool) -> int:
        """The file that is called so; made if need be."""
        if name not in self._files:
            assert made, f"{name} was made behind our back"
            self._files[name] = self._next
            self.log.append(Name(name, self._next))
            self._next += 1
        return self._files[name]

    def link(self, old: str, new: str) -> None:
        self._files[new] = self._files[old]
        self.log.append(Name(new, self._files[new]))

    def rename(self, old: str, new: str) -> None:
        self._files[new] = self._files.pop(old)
        self.log.append(Rename(old, new, self._files[new]))

    def unlink(self, name: str) -> None:
        del self._files[name]
        self.log.append(Unname(name))

    def known(self, name: str) -> bool:
        return name in self._files


def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        library.sqlite3_libversion.restype = ctypes.c_char_p
        if library.sqlite3_libversion().decode() != sqlite3.sqlite_version:
            raise NoRecording("this is another SQLite than Python's")
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    except (OSError, AttributeError) as error:
        raise NoRecording("the SQLite of this Python cannot be reached") from error
    return library


class _Layer:
    """The copy of the default VFS."""

    def __init__(self, recorder: Recorder) -> None:
        self._library = _library()
        self._original = self._library.sqlite3_vfs_find(None)
        if self._original.contents.version < 3:
            raise NoRecording("this SQLite's files are reached in another way")
        self._recorder = recorder
        self._copy = _Vfs.from_buffer_copy(self._original.contents)
        self._open = _OPEN(self._copy.open)
        self._delete = _DELETE(self._copy.delete)
        self._opened: dict[int, tuple[_Methods, int]] = {}
        self._copies: dict[int, tuple[_Methods, _Methods]] = {}
        self._callbacks = (
            _OPEN(self._guarded(self.open)),
            _DELETE(self._guarded(self.delete)),
            _CLOSE(self._guarded(self.close)),
            _WRITE(self._guarded(self.write)),
            _TRUNCATE(self._guarded(self.truncate)),
            _SYNC(self._guarded(self.sync)),
            _FOLDER(self._guarded(self.sync_folder)),
        )
        self._copy.name = b"recorded"
        self._copy.open = ctypes.cast(self._callbacks[0], _pointer).value
        self._copy.delete = ctypes.cast(self._callbacks[1], _pointer).value

    def _guarded(self, function: Callable[..., int]) -> Callable[..., int]:
        def guarded(*arguments: Any) -> int:
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001  nothing may pass through C
                self._recorder.failed.append(error)
                return _FAILED

        return guarded

    @contextmanager
    def default(self) -> Iterator[None]:
        vfs = ctypes.addressof(self._original.contents)
        set_call = _SET(self._original.contents.set_system_call)
        real = _GET(self._original.contents.get_system_call)(vfs, b"openDirectory")
        if not real:
            raise NoRecording("this SQLite does not synchronise folders in the way of Unix")
        self._open_folder = _FOLDER(real)
        _FOR_GOOD.append(self)
        self._library.sqlite3_vfs_register(ctypes.byref(self._copy), 1)
        set_call(vfs, b"openDirectory", ctypes.cast(self._callbacks[6], _pointer))
        try:
            yield
        finally:
            set_call(vfs, b"openDirectory", None)
            self._library.sqlite3_vfs_register(self._original, 1)
            self._library.sqlite3_vfs_unregister(ctypes.byref(self._copy))
            assert not self._opened, "a file was left open"

    def open(self, vfs: int, path: int | None, file: int, flags: int, out: int | None) -> int:
        status: int = self._open(vfs, path, file, flags, out)
        name = self._recorder.here(ctypes.string_at(path)) if path else None
        opened = ctypes.cast(file, ctypes.POINTER(_File)).contents
        if status or name is None or not opened.methods:
            return status
        address = ctypes.addressof(opened.methods.contents)
        original, _ = self._copies.setdefault(address, self._methods(opened.methods.contents))
        opened.methods = ctypes.pointer(self._copies[address][1])
        self._opened[file] = original, self._recorder.file(name, made=True)
        return status

    def _methods(self, original: _Methods) -> tuple[_Methods, _Methods]:
        kept, changed = _Methods.from_buffer_copy(original), _Methods.from_buffer_copy(original)
        _, _, close, write, truncate, sync, _ = (ctypes.cast(each, _pointer).value for each in self._callbacks)
        changed.close, changed.write, changed.truncate, changed.sync = close, write, truncate, sync
        return kept, changed

    def delete(self, vfs: int, path: int, synchronised: int) -> int:
        name = self._recorder.here(ctypes.string_at(path))
        if name is not None and self._recorder.known(name):
            self._recorder.unlink(name)
        status: int = self._delete(vfs, path, synchronised)
        return status

    def close(self, file: int) -> int:
        original, _ = self._opened.pop(file)
        status: int = _CLOSE(original.close)(file)
        return status

    def write(self, file: int, data: int, size: int, offset: int) -> int:
        original, number = self._opened[file]
        self._recorder.log.append(Write(number, offset, ctypes.string_at(data, size)))
        status: int = _WRITE(original.write)(file, data, size, offset)
        return status

    def truncate(self, file: int, size: int) -> int:
        original, number = self._opened[file]
        self._recorder.log.append(Truncate(number, size))
        status: int = _TRUNCATE(original.truncate)(file, size)
        return status

    def sync(self, file: int, flags: int) -> int:
        original, number = self._opened[file]
        self._recorder.log.append(Sync(number))  # a folder that it synchronises besides comes after
        status: int = _SYNC(original.sync)(file, flags)
        return status

    def sync_folder(self, path: int, out: int) -> int:
        if self._recorder.here(ctypes.string_at(path)) is not None:
            self._recorder.log.append(SyncFolder())
        status: int = self._open_folder(path, out)
        return status


@contextmanager
def _python(recorder: Recorder) -> Iterator[None]:
    """Notes what Python does to the folder's names. All of it is done first, and noted then."""
    honest = {name: getattr(os, name) for name in ("open", "link", "rename", "replace", "unlink", "fsync")}

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        handle: int = honest["open"](path, flags, *rest, **options)
        name = recorder.here(path)
        if name is not None and flags & os.O_CREAT:
            recorder.file(name, made=True)
        return handle

    def linked(old: Any, new: Any, **options: Any) -> None:
        honest["link"](old, new, **options)
        recorder.link(str(recorder.here(old)), str(recorder.here(new)))

    def renamed(old: Any, new: Any) -> None:
        honest["replace"](old, new)
        recorder.rename(str(recorder.here(old)), str(recorder.here(new)))

    def unlinked(path: Any, **options: Any) -> None:
        honest["unlink"](path, **options)
        name = recorder.here(path)
        if name is not None:
            recorder.unlink(name)

    def synchronised(handle: int) -> None:
        honest["fsync"](handle)
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode) and os.path.samestat(status, recorder.folder.stat()):
            recorder.log.append(SyncFolder())
        for path in recorder.folder.iterdir():
            if os.path.samestat(status, path.stat()):
                recorder.log.append(Sync(recorder.file(path.name, made=False)))
                break

    changed = {
        "open": opened,
        "link": linked,
        "rename": renamed,
        "replace": renamed,
        "unlink": unlinked,
        "fsync": synchronised,
    }
    with ExitStack() as stack:
        for name, function in changed.items():
            stack.enter_context(patch.object(os, name, function))
        yield


@contextmanager
def recorded(folder: Path) -> Iterator[Recorder]:
    """Records what is done to the files of a folder. Every ledger that is opened meanwhile is closed at the end."""
    recorder = Recorder(folder)
    with _Layer(recorder).default(), _python(recorder):
        yield recorder
    if recorder.failed:
        raise recorder.failed[0]
