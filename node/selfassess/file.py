"""The self-assessments that people here have made: assessments.json in the node's folder, readable by its owner alone.

v            1
assessments  oldest first: made (UTC), levels (driver to 1 … 5), note
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from node.errors import FileDamaged, NodeError, UsageError
from node.home import Home, write_private
from node.own_list import changing, read_list
from privacy.ledger.fields import format_time, parse_time
from privacy.sharing.assessment import Assessment, BadAssessment

MOST = 1_000
LONGEST_NOTE = 1_000


class SelfAssessmentsBusy(NodeError):
    """Another command changes the self-assessments."""

    reason = "SELF_ASSESSMENTS_BUSY"


@dataclass(frozen=True)
class Kept:
    """A self-assessment with a note that never leaves."""

    assessment: Assessment
    note: str = ""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    made: Annotated[str, Field(max_length=20)]
    levels: dict[str, int]
    note: Annotated[str, Field(max_length=LONGEST_NOTE)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    assessments: Annotated[list[_Line], Field(max_length=MOST)]


def file_of(home: Home) -> Path:
    """Where they lie."""
    return home.path / "assessments.json"


def kept(home: Home) -> tuple[Kept, ...]:
    """Every one, oldest first. Raises FileDamaged where the file is not as it was written."""
    file = file_of(home)
    do = "Take it from a backup of this folder, or remove it and begin anew: kudos-node selfassess set"
    found = read_list(file, _File, do)
    try:
        lines = () if found is None else found.assessments
        return tuple(Kept(Assessment(parse_time(line.made), line.levels), line.note) for line in lines)
    except (ValueError, BadAssessment) as error:
        raise FileDamaged(f"{file} is damaged: {error} {do}") from error


def add(home: Home, levels: dict[str, int], note: str, now: datetime) -> Kept:
    """Keeps a new one, in place of one of the same day (UTC), whose note stays where there is no new one.

    Raises BadAssessment, UsageError.
    """
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise UsageError(f"A note has at most {LONGEST_NOTE} characters, all printable, in one line.")
    new = Kept(Assessment(now.astimezone(UTC).replace(microsecond=0), dict(levels)), note)
    busy = SelfAssessmentsBusy("Another command changes the self-assessments. Try again when it is done.")
    with changing(file_of(home), busy):
        every = kept(home)
        if every and every[-1].assessment.made.date() == new.assessment.made.date():
            every, last = every[:-1], every[-1]
            new = Kept(new.assessment, note or last.note)
            if (new.assessment.levels, new.note) == (last.assessment.levels, last.note):
                return last
        if len(every) >= MOST:
            raise UsageError(f"There are {MOST} self-assessments, and no room for more.")
        _write(home, (*every, new))
    return new


def _write(home: Home, every: tuple[Kept, ...]) -> None:
    lines = [
        {"made": format_time(each.assessment.made), "levels": dict(each.assessment.levels), "note": each.note}
        for each in every
    ]
    text = json.dumps({"v": 1, "assessments": lines}, ensure_ascii=False, indent=2)
    write_private(file_of(home), f"{text}\n".encode())
