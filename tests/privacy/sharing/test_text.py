"""What a text for other institutions may be: nothing that steers a screen or shows another text than there is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.sharing.text import LONGEST_TEXT, MOST_LINES, BadText, check, tidied

HOSTILE = (
    "",
    "x" * (LONGEST_TEXT + 1),
    "\n".join("x" * (MOST_LINES + 1)),
    "bell\a",
    "\x1b[31mred\x1b[0m",
    "\x9b31mred",
    "carriage\rreturn",
    "tab\there",
    "null\0",
    "right to left \u202egnihtemos",
    "isolate \u2066x\u2069",
    "mark \u200f",
    "zero\u200bwidth",
    "joiner\u200d",
    "soft\u00adhyphen",
    "byte order \ufeff",
    "tag \U000e0041",
    "line\u2028separator",
    "paragraph\u2029separator",
    "surrogate \ud800",
    "private \ue000",
    "unassigned \u0378",
    "zalgo x" + "\u0317" * 3,
    "decomposed a\u030a",
    " space before",
    "space after ",
    "space at a line's end \nhere",
)

FINE = (
    "Våre matinéer trakk familier fra nabofylket.",
    "<script>alert('x')</script> & \"quotes\"",
    "To linjer\n\nmed én tom mellom.",
    "Sámi: čáppa šaldi, ŋ; Straße; 日本; emoji 🎭",
    "=HYPERLINK(1)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_steers_or_hides_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(BadText) as refused:
        check(text)
    assert len(text) < 3 or text not in str(refused.value)


@pytest.mark.parametrize("text", FINE)
def test_what_people_write_is_taken_as_it_stands(text: str) -> None:
    assert check(text) == text
    assert tidied(text) == text


@given(st.text(max_size=300))
def test_what_is_taken_is_printable_line_by_line_and_stays_as_it_is(text: str) -> None:
    try:
        taken = check(tidied(text))
    except BadText:
        return
    assert all(
        line.isprintable() or set(line) <= {" ", "\u00a0", "\u3000"} or _spaces(line) for line in taken.split("\n")
    )
    assert tidied(taken) == taken
    assert unicodedata.is_normalized("NFC", taken)


def _spaces(line: str) -> bool:
    """Python calls only the ASCII space printable among spaces."""
    return all(letter.isprintable() or unicodedata.category(letter) == "Zs" for letter in line)


def test_line_ends_of_other_systems_are_line_ends() -> None:
    assert tidied("one\r\ntwo\rthree  \n") == "one\ntwo\nthree"
