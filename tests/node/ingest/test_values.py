"""Amounts, whole numbers and words, in every spelling that stands for one value, and in none that may stand for two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ingest import words
from node.ingest.values import Unreadable, amount, birth_year, currency, truth, whole_number

ORE = st.integers(-(10**9), 10**9)
SPACES = (" ", "\u00a0", "\u202f", "\u2009")


def spelled(ore: int, *, decimal: str, thousands: str, minus: str = "-", decimals: int = 2) -> str:
    """An amount as a system would write it."""
    kroner, rest = divmod(abs(ore), 100)
    fraction = f"{rest:02d}" + "0" * (decimals - 2)
    whole = f"{kroner:,}".replace(",", thousands)
    return (minus if ore < 0 else "") + whole + (decimal + fraction if decimals else "")


@given(
    ORE,
    st.sampled_from([(",", "."), (",", ""), (",", "'"), *((",", space) for space in SPACES)]),
    st.sampled_from("-−–"),
    st.sampled_from(["{}", "kr {}", "{} kr", "{} kr.", "NOK {}", "{} NOK", "Kr. {}"]),
    st.sampled_from([2, 4]),
)
def test_norwegian_spellings(ore: int, signs: tuple[str, str], minus: str, unit: str, decimals: int) -> None:
    text = unit.format(spelled(ore, decimal=signs[0], thousands=signs[1], minus=minus, decimals=decimals))
    assert amount(",", "")(text) == ore


@given(ORE, st.sampled_from([(".", ","), (".", ""), *((".", space) for space in SPACES)]))
def test_english_spellings(ore: int, signs: tuple[str, str]) -> None:
    assert amount(".", "")(spelled(ore, decimal=signs[0], thousands=signs[1])) == ore


@given(ORE, st.sampled_from([(",", "."), (".", ","), (",", " "), (".", " "), (",", ""), (".", "")]))
def test_without_a_decimal_sign_an_amount_is_read_right_or_refused(ore: int, signs: tuple[str, str]) -> None:
    """Two decimals tell the signs apart, so that every such spelling is read."""
    assert amount("auto", "")(spelled(ore, decimal=signs[0], thousands=signs[1])) == ore


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_what_may_be_thousands_or_decimals_is_refused(first: int, second: int, sign: str) -> None:
    text = f"{first}{sign}{second:03d}"
    with pytest.raises(Unreadable, match="thousands or decimals"):
        amount("auto", "")(text)
    other = {",": ".", ".": ","}[sign]
    assert amount(other, "")(text) == (first * 1000 + second) * 100


@pytest.mark.parametrize("decimal", [",", "."])
@given(st.integers(1, 999), st.integers(0, 999))
def test_three_decimals_are_no_way_to_write_money(decimal: str, kroner: int, rest: int) -> None:
    with pytest.raises(Unreadable, match="thousands"):
        amount(decimal, "")(f"{kroner}{decimal}{rest:03d}")


@given(st.integers(0, 10**6), st.sampled_from(["{},-", "{}.-", "kr {},-", "{},–"]))
def test_whole_kroner_with_a_dash(kroner: int, form: str) -> None:
    assert amount(",", "")(form.format(kroner)) == kroner * 100


def test_a_suffix_of_the_profile() -> None:
    assert amount(",", " kr")("1.250,50 kr") == 125_050


@pytest.mark.parametrize(
    "text",
    ["", "-", "ti", "12 50", "1.25.000", "1 250 5", "--5", "5-", "(5)", "1e5", ".500", "5,,0", "٣", "0x5", "1.250.00"],
)
@pytest.mark.parametrize("decimal", [",", ".", "auto"])
def test_what_is_no_amount_is_refused(decimal: str, text: str) -> None:
    with pytest.raises(Unreadable):
        amount(decimal, "")(text)


@pytest.mark.parametrize("text", ["5 EUR", "€5", "5€", "USD 5", "12,50 SEK", "$5.00"])
def test_amounts_of_other_currencies_are_refused_as_such(text: str) -> None:
    with pytest.raises(Unreadable, match="currency"):
        amount("auto", "")(text)


@pytest.mark.parametrize(("text", "reason"), [("0,0051", "finer"), ("10000000000", "larger")])
def test_what_no_till_can_take(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        amount(",", "")(text)


@given(st.integers(-999_999, 999_999), st.sampled_from(["{}", "{},0", "{}.00", "{},"]))
def test_whole_numbers(number: int, form: str) -> None:
    assert whole_number(form.format(number)) == number
    assert whole_number(form.format(number).replace("-", "−")) == number


@pytest.mark.parametrize("text", ["", "A12", "z5", "1,5", "1.000", "1,000", "two", "1e3", "1234567", "５", "1-", "1:2"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        whole_number(text)


def test_kroner_are_the_only_currency() -> None:
    assert {currency(text) for text in ("NOK", "nok", "kr", "Kr.", " kr ")} == {"NOK"}
    with pytest.raises(Unreadable, match="EUR"):
        currency("eur")
    with pytest.raises(Unreadable) as refused:
        currency("Kari Nordmann")
    assert "KAR" not in str(refused.value).upper()


@given(st.integers(1901, 2026), st.sampled_from(["{}", "{}-03-04", "04.03.{}", "4/3/{}", "{}-03-04T00:00:00"]))
def test_years_of_birth(year: int, form: str) -> None:
    assert birth_year(form.format(year)) == year


@pytest.mark.parametrize("text", ["1900-01-01", "01.01.1900", "0000-00-00", "85", "", "3000", "ukjent"])
def test_dummies_are_no_years_of_birth(text: str) -> None:
    assert birth_year(text) is None


def test_an_objection_that_cannot_be_read_is_not_taken_for_none() -> None:
    assert [truth(text) for text in ("Ja", "TRUE", "1", "nei", "False", "0")] == [True] * 3 + [False] * 3
    with pytest.raises(Unreadable):
        truth("reservert")


def test_a_phrase_is_one_word_however_it_is_written() -> None:
    channels = words.lookup(words.CHANNELS)
    assert (channels["box office"], channels["box_office"], channels["boxoffice"]) == ("box_office",) * 3
