"""A question about a file that its user must answer, or may."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """Something that the file does not tell. `needed` where the profile would be wrong, and not only incomplete.

    `about` names it; `choices` are the answers, each with what it means; `option` says it without a terminal.
    """

    about: str
    text: str
    choices: Mapping[str, str]
    option: str
    needed: bool = True
    likeliest: str | None = None
