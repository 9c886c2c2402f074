"""A text that a person writes for other institutions: what may be in it.

It is shown in terminals and in browsers on other people's machines, so what steers either of them, or makes a reader
see another text than there is, is no part of it: control characters, lone surrogates, and everything that Unicode
calls a format character, the overrides of the writing direction among them (Unicode Technical Report 36, section 2.4;
CVE-2021-42574). Piles of combining marks, which run over the lines around them, are none either. A text is kept in
composed form (NFC), so that equal texts are equal bytes.
"""

import unicodedata

from privacy.errors import KudosError

LONGEST_TEXT, MOST_LINES = 1_000, 20
"""Characters and lines."""

MOST_MARKS = 2
"""Combining marks in a row; letters of the languages here are one character in composed form."""

_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""General categories (Unicode, chapter 4.5): control, format, surrogate, private, unassigned, and separators of lines
other than the line feed."""


class BadText(KudosError):
    """A text that is no text for other institutions."""

    reason = "BAD_TEXT"
    exit_status = 2


def tidied(text: str) -> str:
    """What a person has typed or pasted, as it is kept: composed, line ends as one character, no space around it.

    Nothing else is taken out: what may not be there is refused by `check`, so that nobody signs another text than was
    meant.
    """
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def check(text: str) -> str:
    """The text, where it is one. Raises BadText, which never repeats it."""
    if not text:
        raise BadText("There is no text. Write what other institutions may learn from.")
    if len(text) > LONGEST_TEXT or text.count("\n") >= MOST_LINES:
        raise BadText(
            f"A text has at most {LONGEST_TEXT} characters in at most {MOST_LINES} lines. Write a shorter one."
        )
    if any(unicodedata.category(letter) in _FORBIDDEN for letter in text if letter != "\n"):
        raise BadText(
            "The text has characters that cannot be seen or that steer a screen. Write it anew, or paste it as plain "
            "text."
        )
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            raise BadText("The text has marks piled on each other. Write it anew without them.")
    if text != tidied(text):
        raise BadText("The text is not in the form in which texts are kept. Write it anew.")
    return text
