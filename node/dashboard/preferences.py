"""What a user of the dashboard has chosen: language, and the tiles of the overview in their order.

Kept in the node's folder per account of the operating system; a viewer's in the viewer's own folder.
"""

import getpass
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from node.dashboard.figures import AT_FIRST, KEY_FIGURES
from node.home import write_private


@dataclass(frozen=True)
class Preferences:
    """What was chosen. `language` is None until somebody has."""

    language: str | None = None
    tiles: tuple[str, ...] = AT_FIRST

    def with_tiles(self, wanted: list[str]) -> "Preferences":
        """With other tiles: those that there are, each once, in the order that is wanted; at least one."""
        known = tuple(dict.fromkeys(key for key in wanted if key in KEY_FIGURES))
        return replace(self, tiles=known or AT_FIRST)

    def moved(self, key: str, by: int) -> "Preferences":
        """With a tile moved to an earlier or a later place."""
        if key not in self.tiles:
            return self
        tiles = list(self.tiles)
        at = tiles.index(key)
        tiles.insert(max(0, min(len(tiles) - 1, at + by)), tiles.pop(at))
        return replace(self, tiles=tuple(tiles))


def read(folder: Path) -> Preferences:
    """What was chosen; what cannot be read was not."""
    try:
        said: Any = json.loads(_file(folder).read_bytes())
        chosen = Preferences(said.get("language") if said.get("language") in ("nb", "en") else None)
        return chosen.with_tiles([str(key) for key in said.get("tiles", AT_FIRST)])
    except (OSError, ValueError, AttributeError, TypeError):
        return Preferences()


def write(folder: Path, preferences: Preferences) -> None:
    """Keeps what was chosen."""
    write_private(_file(folder), json.dumps(asdict(preferences)).encode())


def _file(folder: Path) -> Path:
    user = hashlib.sha256(getpass.getuser().encode()).hexdigest()[:16]
    return folder / f"preferences-{user}.json"
