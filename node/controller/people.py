"""Whom a request is about: addresses and telephone numbers from a prompt, a file or standard input.

Never from the command line, which everybody on the machine can see and which the shell remembers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from node.errors import UsageError
from privacy.identity.normalise import normalise_email, normalise_phone

if TYPE_CHECKING:
    from privacy.identity.chain import KeyChain


@dataclass(frozen=True)
class Someone:
    """A person as a request names them: a normalised address or number, or a customer number of one source."""

    identifier: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)


def people_of(lines: Iterable[str], *, numbers: bool = False) -> list[Someone]:
    """The people of a request, one a line; with `numbers` by their numbers in the ticketing system.

    Raises UsageError with the place of a line that names nobody, and never with what stands there.
    """
    found: dict[Someone, None] = {}
    for place, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text:
            continue
        if numbers:
            found[Someone(number=text)] = None
            continue
        identifier = normalise_email(text) if "@" in text else normalise_phone(text)
        if identifier is None:
            raise UsageError(
                f"Line {place} is neither an e-mail address nor a telephone number. Write one of them a line; a number "
                "from abroad begins with + and its country code. Nothing was changed."
            )
        found[Someone(identifier)] = None
    if not found:
        raise UsageError("Nobody was named. Write an e-mail address or a telephone number a line.")
    return list(found)


def match_ids(people: Iterable[Someone], chain: "KeyChain") -> list[bytes]:
    """The match ids, at the newest epoch of a chain, of those who are named by an address or a number."""
    from privacy.identity.chain import chained
    from privacy.identity.match import match_ids_of

    return chained(chain, match_ids_of(chain.keys[0], [each.identifier for each in people if each.identifier]))
