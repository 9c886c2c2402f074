"""Studies of every kind: those that come with Kudos, those from files, those that rounds announce."""

from pathlib import Path
from typing import Any

from privacy.studies import cross_use, study
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.file import BadStudy, found, shipped_files, text_of, toml_of
from privacy.studies.study import Study

AnyStudy = Study | CrossUseStudy
"""What a round can ask for: tables, or cross-use."""


def parse(text: str, origin: str) -> AnyStudy:
    """A study from the text of its file. Raises BadStudy, with `origin` and the line or the field."""
    return _of(toml_of(text, origin), origin)


def shipped() -> dict[str, AnyStudy]:
    """The studies that come with Kudos, by name."""
    studies = [_of(content, origin) for origin, content in shipped_files()]
    return {study.name: study for study in studies}


def find(name_or_file: str) -> AnyStudy:
    """A shipped study by its name, or one from a file whose path ends in .toml. Raises UnknownStudy or BadStudy."""
    if name_or_file.endswith(".toml"):
        return parse(text_of(name_or_file), str(Path(name_or_file)))
    return found(name_or_file, shipped())


def _of(content: dict[str, Any], origin: str) -> AnyStudy:
    kind = content.get("kind")
    if kind is None:
        return study.from_content(content, origin)
    if kind == cross_use.KIND:
        return cross_use.from_content(content, origin)
    raise BadStudy(f"{origin}: kind: there are studies of tables, which say no kind, and {cross_use.KIND!r}.")
