"""The studies that this node knows: those shipped, and files of others that it has made a release of."""

from pathlib import Path

from node.home import Home, write_private
from privacy.studies.shelf import AnyStudy, parse, shipped


def _file(home: Home, digest: str) -> Path:
    return home.path / "studies" / f"{digest.removeprefix('sha256:')}.toml"


def keep(home: Home, study: AnyStudy, file: Path) -> None:
    """Keeps a copy of a study's file, so that what was released under it can always be read."""
    copy = _file(home, study.digest)
    if not copy.exists():
        write_private(copy, file.read_bytes())


def by_digest(home: Home, digest: str) -> AnyStudy | None:
    """The study of a digest, shipped or kept; None where it is neither."""
    for study in shipped().values():
        if study.digest == digest:
            return study
    copy = _file(home, digest)
    return parse(copy.read_text(encoding="utf-8"), copy.name) if copy.is_file() else None
