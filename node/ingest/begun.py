"""A file that is being read: what its parts become, made ahead, and the digest of the bytes that it had then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from node.ingest.ahead import ahead
from node.ingest.harmonise import Harmonised, Harmoniser
from node.ingest.people import Identities
from node.ingest.source import Source


@dataclass(frozen=True)
class Begun:
    """The parts, to be taken once, and what makes the digest, at any time."""

    parts: Iterator[Harmonised]
    digest: Callable[[], str]


@contextmanager
def begun(source: Source, identities: Identities, timezone: str) -> Iterator[Begun]:
    """Begins a file: reading, harmonising, and whatever is done with the parts, go on side by side.

    At the end nothing of it goes on, also where not all parts were taken.
    """
    harmonise = Harmoniser(source.found, identities, timezone)
    with source.digesting() as digest, ahead(harmonise.parts(source.chunks())) as parts:
        yield Begun(parts, digest)
