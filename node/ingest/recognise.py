"""Which layout of which profile a file is written in, judged by its headers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from node.errors import ImportRefused
from node.ingest.profile import Layout, Profile


@dataclass(frozen=True)
class Recognised:
    """A profile's layout with, for every column that it reads, the index of that column in the file."""

    profile: Profile
    layout: Layout
    index: dict[str, int]


def plain(header: str) -> str:
    """A header for comparison: no case, no byte-order mark, no surrounding or doubled spaces."""
    return " ".join(unicodedata.normalize("NFC", header).replace("\ufeff", "").split()).casefold()


def index_of(headers: Sequence[str]) -> dict[str, int]:
    """Where each header stands. Of headers that stand twice the first counts; the second is `name#2`, and so on."""
    index: dict[str, int] = {}
    seen: dict[str, int] = {}
    for position, header in enumerate(headers):
        name = plain(header)
        seen[name] = seen.get(name, 0) + 1
        index[name if seen[name] == 1 else f"{name}#{seen[name]}"] = position
    return index


def recognise(headers: Sequence[str], profiles: Sequence[Profile], file_name: str) -> Recognised:
    """The layout whose headers are all there; of several the one that names most.

    Raises ImportRefused where none is: it names the likeliest layout and the columns that it misses.
    """
    index = index_of(headers)
    candidates = [(profile, layout) for profile in profiles for layout in profile.layouts]
    fitting = [pair for pair in candidates if not _missing(pair[1], index)]
    if not fitting:
        raise ImportRefused(_refusal(candidates, index, headers, file_name))
    profile, layout = max(fitting, key=lambda pair: (len(pair[1].recognise), len(pair[1].used)))
    found = {column: index[plain(column)] for column in layout.used if plain(column) in index}
    return Recognised(profile, layout, found)


def _missing(layout: Layout, index: dict[str, int]) -> list[str]:
    return [header for header in layout.recognise if plain(header) not in index]


def _refusal(
    candidates: Sequence[tuple[Profile, Layout]],
    index: dict[str, int],
    headers: Sequence[str],
    file_name: str,
) -> str:
    profile, layout = min(candidates, key=lambda pair: len(_missing(pair[1], index)) / len(pair[1].recognise))
    missing = _missing(layout, index)
    known = len(layout.recognise) - len(missing)
    if known == 0:
        shown = ", ".join(header[:30] for header in headers[:4])
        return (
            f"{file_name}: no system that I know writes a first line like this ({len(headers)} columns: {shown} …). "
            "See `kudos-node systems`, or describe the file in a profile of your own and give it "
            "with --system my-system.toml"
        )
    return (
        f"{file_name}, line 1: nearest to {profile.title} ({layout.name}), but without the "
        f"column{'s' if len(missing) > 1 else ''} {', '.join(repr(name) for name in missing[:5])}. "
        "Export again with all columns, or describe the file in a profile of your own (--system my-system.toml)."
    )
