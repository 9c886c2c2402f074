"""Words, numbers, amounts and dates in bokmål and English; every text of the code has its Norwegian one."""

import re
from datetime import date
from importlib import resources

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import node.dashboard
from node.dashboard.language import Language, accepted
from privacy.bounds.windows import Window

NB, EN = Language("nb"), Language("en")
SPACE = "\u00a0"


def catalogue() -> dict[str, str]:
    with (resources.files(node.dashboard) / "locale" / "nb.po").open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def texts() -> set[str]:
    (folder,) = node.dashboard.__path__
    found = extract_from_dir(
        folder, method_map=[("**.py", "python"), ("**.j2", "jinja2")], keywords={"_": None, "N_": None}
    )
    return {str(text) for _file, _line, text, _comments, _context in found}


def test_every_text_is_translated_and_no_translation_is_left_over() -> None:
    known = catalogue()
    assert texts() - {text for text, said in known.items() if said} == set()
    assert set(known) - texts() == set()


def test_a_translation_fills_in_what_its_text_does() -> None:
    for text, said in catalogue().items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", said)), text


def test_a_release_and_an_order_have_one_word_each_in_norwegian() -> None:
    """As the guides call them: uttrekk and bestilling."""
    barred = re.compile(r"utlever|frigi|ordre", re.IGNORECASE)
    assert [said for said in catalogue().values() if barred.search(said)] == []


def test_per_cent_never_stands_on_the_next_line_and_large_amounts_are_read_at_a_glance() -> None:
    for language in (NB, EN):
        assert " %" not in language("super (best 5 %)")
    assert NB.about(350_398_400) == f"3,5{SPACE}millioner kr"
    assert EN.about(350_398_400) == f"NOK{SPACE}3.5{SPACE}million"
    assert NB.about(99_999_900) == NB.kroner(99_999_900)


def test_norwegian_numbers() -> None:
    assert NB.number(1234.5, 1) == f"1{SPACE}234,5"
    assert NB.kroner(123_450) == f"1{SPACE}234{SPACE}kr"
    assert NB.kroner(123_450, 1) == f"1{SPACE}234,5{SPACE}kr"
    assert NB.percent(0.3416, 1) == f"34,2{SPACE}%"
    assert NB.number(-3) == "−3"
    assert NB.number(None) == "–"


def test_english_numbers() -> None:
    assert EN.number(1234.5, 1) == "1,234.5"
    assert EN.kroner(123_450, 1) == f"NOK{SPACE}1,234.5"
    assert EN.percent(0.3416, 1) == "34.2%"


def test_days_and_months() -> None:
    assert NB.day(date(2025, 5, 17)) == "17. mai 2025"
    assert EN.day(date(2025, 5, 17)) == "17 May 2025"
    year = Window(date(2024, 12, 1), date(2025, 11, 30))
    assert NB.months(year) == "des. 2024 – nov. 2025"
    assert EN.months(year) == "Dec 2024 – Nov 2025"
    assert NB.months(Window(date(2024, 12, 2), date(2025, 11, 30))) == "2. des. 2024 – 30. nov. 2025"
    assert NB.weekday_name(0) == "mandag"
    assert NB.month_in_full(3) == "mars"
    assert EN.weekday_name(6) == "Sunday"


def test_what_a_browser_asks_for() -> None:
    assert accepted("nb-NO,nb;q=0.9,en;q=0.8").code == "nb"
    assert accepted("en-US,en;q=0.9").code == "en"
    assert accepted("nn").code == "nb"
    assert accepted("de, en;q=0.5").code == "en"
    assert accepted("").code == "nb"


@given(st.floats(-1e12, 1e12), st.integers(0, 3), st.sampled_from([NB, EN]))
def test_a_written_number_is_the_number(value: float, decimals: int, language: Language) -> None:
    written = language.number(value, decimals).replace(SPACE, "").replace("−", "-")
    plain = written.replace(",", ".") if language.code == "nb" else written.replace(",", "")
    assert abs(float(plain) - value) <= 0.500001 * 10**-decimals + 1e-3 * (abs(value) > 1e10)
