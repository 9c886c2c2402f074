"""What commands say of a study or a round, whichever kind of study it is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.network.sharing import Reader
    from privacy.studies.shelf import AnyStudy


def contents_of(study: "AnyStudy") -> str:
    """What a study asks for, in a few words."""
    from privacy.studies.cross_use import CrossUseStudy

    if isinstance(study, CrossUseStudy):
        return f"a sketch a year and counts by {study.partition.name.replace('_', ' ')}"
    return f"{len(study.tables)} tables"


def figures_of(study: "AnyStudy") -> int:
    """How many figures a release of tables has; of a count that depends on the market, and is 0 here."""
    from privacy.studies.study import Study

    return study.cells if isinstance(study, Study) else 0


def readers_lines(readers: Iterable["Reader"]) -> list[str]:
    """Whom a sketch is sealed for, by name, and for whom not."""
    readers = list(readers)
    sealed = [each.seat.name for each in readers if each.why_not is None]
    lines = [f"sealed for {', '.join(sealed)}" if sealed else "sealed for nobody but this node"]
    lines += [
        f"not for {each.seat.name} ({each.seat.member}): {each.why_not}" for each in readers if each.why_not is not None
    ]
    return lines
