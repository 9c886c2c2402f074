"""A folder that a ticketing system writes into: each export is taken once, when it is whole.

What was taken is written down in `watch.json` in the node's folder before the next file is looked at, so that a watch
that was stopped or killed goes on where it was. A file that was refused is tried again when it has changed, or when one
of the node's own profiles has.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.errors import FileDamaged, UsageError
from node.home import Home, write_private
from node.ingest.gather import exports
from node.ingest.masked import masked_name

State = tuple[int, int]
"""Size in bytes, and when it was last written, in nanoseconds: while a file is being written one of them changes."""


@dataclass
class Watch:
    """What is in a folder and how long it has been so. `settle_s`: so long a file must not have changed."""

    home: Home
    folder: Path
    settle_s: float

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder} is no folder. Name the folder that the ticketing system writes into.")
        self.folder = self.folder.resolve()
        self._since: dict[Path, tuple[State, float]] = {}
        self._done = _read(self._file).get(str(self.folder), {})
        self._profiles = self._of_profiles()

    @property
    def _file(self) -> Path:
        return self.home.path / "watch.json"

    def whole(self, clock: Callable[[], float] = time.monotonic) -> list[Path]:
        """The exports that have not changed for long enough and are not done, oldest first."""
        now, found = clock(), {}
        self._profiles = self._of_profiles()
        for path in exports(self.folder):
            state = _state(path)
            if state is None or self._done.get(_key(path, state)) in ([*state], [*state, self._profiles]):
                continue
            known, since = self._since.get(path, (None, now))
            found[path] = (state, since if known == state else now)
        self._since = found
        ready = [path for path, (state, since) in found.items() if state[0] and now - since >= self.settle_s]
        return sorted(ready, key=lambda path: (found[path][0][1], path))

    def done(self, path: Path, *, refused: bool = False) -> None:
        """Writes down that a file, as it was when it was found whole, needs no further look.

        One that was `refused` needs none while the profiles are as they were then.
        """
        state, _ = self._since.pop(path)
        names = {_key(each, found) for each in exports(self.folder) if (found := _state(each)) is not None}
        self._done = {name: each for name, each in self._done.items() if name in names} | {
            _key(path, state): [*state, self._profiles] if refused else [*state]
        }
        content = _read(self._file) | {str(self.folder): self._done}
        write_private(self._file, json.dumps(content, indent=1).encode() + b"\n")

    def _of_profiles(self) -> str:
        """What tells the node's own profiles, as they are now, from what they were."""
        found = [(path.name, _state(path)) for path in sorted(self.home.profiles.glob("*.toml"))]
        return hashlib.sha256(repr(found).encode()).hexdigest()


def _key(path: Path, state: State) -> str:
    """What a file is called in the list; where its name may say who somebody is, its state tells it apart instead."""
    name = masked_name(path.name)
    return name if name == path.name else f"{name} {state[0]} {state[1]}"


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except FileNotFoundError:  # taken away since the folder was read
        return None
    return found.st_size, found.st_mtime_ns


def _read(file: Path) -> dict[str, dict[str, list[int | str]]]:
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_bytes()))
    except (ValueError, TypeError) as error:
        raise FileDamaged(
            f"{file} cannot be read. Remove it: then every file of the watched folders is looked at again, and what "
            "is in the store already changes nothing."
        ) from error
