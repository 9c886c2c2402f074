"""What an export becomes before any store: the rows of the standard that a profile makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.ingest import profile
from node.ingest.harmonise import Harmoniser, Reject
from node.ingest.people import Identities
from node.ingest.source import open_source
from privacy.identity.chain import KeyChain
from privacy.identity.match import IdentityKey
from tests.node.ingest.house import IDENTITY_KEY

DOCUMENTED = Path(__file__).parents[2] / "fixtures" / "documented"
Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """Rows of the standard as dictionaries, without what is empty; `who` has for a profile's key its match id."""

    system: str
    layout: str
    lines: list[Row]
    profiles: list[Row]
    events: list[Row]
    rejects: list[Reject]
    skipped: int


def harmonised(path: Path, system: str = "auto", own: Path | None = None) -> Rows:
    """Reads a file as an import does, up to the store."""
    source = open_source(path, profile.find(system, own or path.parent / "no-profiles"))
    identities = Identities(KeyChain((IdentityKey(IDENTITY_KEY),)), frozenset({"fjordteatret.no"}))
    harmonise = Harmoniser(source.found, identities, "Europe/Oslo")
    lines: list[Row] = []
    profiles: list[Row] = []
    events: list[Row] = []
    rejects: list[Reject] = []
    skipped = 0
    for part in harmonise.parts(source.chunks()):
        for table, rows in ((part.lines, lines), (part.profiles, profiles), (part.events, events)):
            rows += [] if table is None else [_row(row) for row in table.to_pylist()]
        rejects += part.rejects
        skipped += part.skipped
    found = source.found
    return Rows(found.profile.name, found.layout.name, lines, profiles, events, rejects, skipped)


def _row(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None and name != "row"}


def some(rows: list[Row], *names: str) -> list[tuple[Any, ...]]:
    """Some fields of rows; None where one is empty."""
    return [tuple(row.get(name) for name in names) for row in rows]
