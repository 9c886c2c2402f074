"""What refuses, for who reads the page: a sentence in the page's language, and the program's own, which is English."""

from collections.abc import Mapping
from dataclasses import dataclass

from node.dashboard.figures import N_
from node.dashboard.language import Language
from privacy.errors import KudosError

_OTHERWISE = N_("What is wrong stands below, as the program says it.")

_SENTENCES: Mapping[str, str] = {
    "USAGE": N_("This cannot be used as it was written; nothing was kept. What is wrong stands below."),
    "BAD_TEXT": N_("This text cannot be shared as it stands; nothing was kept. What is wrong stands below."),
    "BAD_ASSESSMENT": N_("This self-assessment cannot be kept as it stands. What is wrong stands below."),
    "NO_BENCHMARK": N_("There is no such benchmark here. The agent fetches new ones: kudos-node run --once"),
    "STORE_BUSY": N_("Another command works in the store, such as an import. Wait a minute, and load the page again."),
    "STORE_DAMAGED": N_("The store cannot be read. Restore it from your backup; the ledger is another file and stays."),
    "LEDGER_DAMAGED": N_(
        "The ledger cannot be read as it stands, so nothing may be spent. See: kudos-node ledger status"
    ),
    "NOT_WRITTEN": N_("The disk is full, or does not let a file be written. Make room and try again."),
    "DEFECT": N_("This is a defect in Kudos. Report the line below; it holds no data of yours."),
}
"""By the reason of an error; what else may come is told by the program's sentence alone."""


@dataclass(frozen=True)
class Told:
    """A sentence in the page's language, and the program's own beside it where that is another language."""

    sentence: str
    english: str = ""


def told(_: Language, error: KudosError) -> Told:
    """What an error says to a reader."""
    if _.code == "en":
        return Told(str(error))
    return Told(_(_SENTENCES.get(error.reason, _OTHERWISE)), str(error))
