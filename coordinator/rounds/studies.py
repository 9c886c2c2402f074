"""Studies with the text of their files, for a round announces the text."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from sqlalchemy import Connection, insert, select

from coordinator.store.engine import Store
from coordinator.store.events import moment, seconds
from coordinator.store.tables import studies
from privacy.studies.file import text_of
from privacy.studies.shelf import AnyStudy, find, parse


@dataclass(frozen=True)
class StudyText:
    """A checked study and the text that says it."""

    study: AnyStudy
    text: str


@dataclass(frozen=True)
class Used:
    """A study that a round was opened with."""

    name: str
    version: int
    digest: str
    added: datetime


def read(name_or_file: str) -> StudyText:
    """A shipped study by its name, or one from a file whose path ends in .toml. Raises UnknownStudy, BadStudy."""
    study = find(name_or_file)
    text = text_of(name_or_file) if name_or_file.endswith(".toml") else _text_shipped(study)
    return StudyText(parse(text, name_or_file), text)


def shipped() -> tuple[StudyText, ...]:
    """The studies that come with Kudos, by name."""
    read_all = [StudyText(parse(text, "a shipped study"), text) for text in _shipped_texts()]
    return tuple(sorted(read_all, key=lambda each: each.study.name))


def used(store: Store) -> tuple[Used, ...]:
    """The studies that rounds were opened with, oldest first."""
    query = select(studies).order_by(studies.c.added, studies.c.digest)
    with store.reading() as connection:
        return tuple(Used(row.name, row.version, row.digest, moment(row.added)) for row in connection.execute(query))


def keep(connection: Connection, study: StudyText, now: datetime) -> None:
    """Keeps a study, in a transaction of its caller's, so that its rounds can always be read."""
    digest = study.study.digest
    if connection.execute(select(studies.c.digest).where(studies.c.digest == digest)).first() is None:
        connection.execute(
            insert(studies).values(
                digest=digest,
                name=study.study.name,
                version=study.study.version,
                text=study.text,
                added=seconds(now),
            )
        )


def _text_shipped(study: AnyStudy) -> str:
    return next(text for text in _shipped_texts() if tomllib.loads(text)["name"] == study.name)


def _shipped_texts() -> list[str]:
    folder = resources.files("privacy.studies")
    return [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]
