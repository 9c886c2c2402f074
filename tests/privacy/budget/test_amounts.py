"""Amounts are exact, finite and never negative, and a cap means what it says to the last micro-unit."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import BadAmount, Epsilon, Rho, Spend, total
from privacy.errors import KudosError

micros = st.integers(min_value=0, max_value=10**15)
spends = st.builds(Spend, st.builds(Epsilon, micros), st.builds(Rho, micros))


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("0", 0),
        ("0.0", 0),
        ("2", 2_000_000),
        ("2.000000", 2_000_000),
        ("0.03", 30_000),
        ("0.071", 71_000),
        ("0.000001", 1),
        ("10", 10_000_000),
        ("1234567890123.000001", 1_234_567_890_123_000_001),
    ],
)
def test_reads_exact_decimals(text: str, micro: int) -> None:
    assert Epsilon.parse(text) == Epsilon(micro)
    assert Rho.parse(text) == Rho(micro)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-Infinity",
        "-1",
        "-0",
        "+1",
        "1e-3",
        "1E6",
        "5e-324",
        "2.2250738585072014e-308",
        "2.0000000001",
        "2.000000001",
        "0.0000001",
        "0.0000000",
        "1.",
        ".5",
        "1,5",
        "1_000",
        "007",
        "00",
        " 1",
        "1 ",
        "1\n",
        "1/2",
        "0x10",
        "١",  # ARABIC-INDIC DIGIT ONE, which int() would take
        "１",  # FULLWIDTH DIGIT ONE
        "1١",
        "0.١",
        "²",
        "1\x00",
        "9" * 21,
        "9" * 10_000_000,
        "0." + "0" * 400 + "1",
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_refuses_what_is_no_exact_amount(text: str) -> None:
    with pytest.raises(BadAmount) as refusal:
        Epsilon.parse(text)
    assert refusal.value.reason == "BAD_AMOUNT"
    assert "decimals" in str(refusal.value)
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("value", [0.03, 1, None, True, b"0.03", Fraction(3, 100)])
def test_reads_text_only(value: Any) -> None:
    with pytest.raises(BadAmount, match="quotes"):
        Rho.parse(value)


@pytest.mark.parametrize(
    "micro", [-1, 1.0, 0.0, float("nan"), float("inf"), 5e-324, True, False, None, "1", Fraction(1)]
)
def test_holds_whole_micro_units_only(micro: Any) -> None:
    for kind in (Epsilon, Rho):
        with pytest.raises(BadAmount):
            kind(micro)


@given(micros)
def test_text_and_amount_are_each_other(micro: int) -> None:
    assert Epsilon.parse(str(Epsilon(micro))) == Epsilon(micro)
    assert Fraction(str(Epsilon(micro))) == Fraction(micro, 10**6)


@pytest.mark.parametrize(
    ("micro", "text"),
    [(0, "0"), (1, "0.000001"), (30_000, "0.03"), (2_000_000, "2"), (10_000_000, "10"), (1_100_000, "1.1")],
)
def test_is_written_as_the_shortest_decimal(micro: int, text: str) -> None:
    assert str(Rho(micro)) == text


@given(st.fractions(min_value=0, max_value=10**9))
def test_rounding_is_upwards_by_less_than_a_micro_unit(value: Fraction) -> None:
    excess = Fraction(Rho.round_up(value).micro, 10**6) - value
    assert 0 <= excess < Fraction(1, 10**6)


def test_rounding_a_denormal_costs_a_whole_micro_unit() -> None:
    assert Epsilon.round_up(Fraction(5e-324)) == Epsilon(1)
    assert Epsilon.round_up(Fraction(0)) == Epsilon(0)


@pytest.mark.parametrize("value", [Fraction(-1, 10**9), 0.5, float("nan"), float("inf"), True, "1", None])
def test_rounds_no_floats_and_nothing_negative(value: Any) -> None:
    with pytest.raises(BadAmount):
        Epsilon.round_up(value)


@given(micros, micros)
def test_what_is_left_is_never_negative(cap: int, spent: int) -> None:
    left = Epsilon(cap).left_after(Epsilon(spent))
    assert left == Epsilon(max(0, cap - spent))
    assert left + Epsilon(min(cap, spent)) == Epsilon(cap)


def test_epsilon_and_rho_never_mix() -> None:
    mixed: Any = Rho(1)
    epsilon: Any = Epsilon(1)
    assert epsilon != mixed
    for operation in (
        lambda: epsilon + mixed,
        lambda: epsilon.left_after(mixed),
        lambda: Spend(mixed, epsilon),
        lambda: Spend(epsilon, epsilon),
    ):
        with pytest.raises(BadAmount):
            operation()
    with pytest.raises(TypeError):
        assert epsilon < mixed


@given(micros, micros)
def test_amounts_are_ordered_as_their_micro_units(one: int, other: int) -> None:
    assert (Epsilon(one) < Epsilon(other)) == (one < other)
    assert (Rho(one) <= Rho(other)) == (one <= other)


@given(spends, spends, spends)
def test_spends_add_in_any_order(a: Spend, b: Spend, c: Spend) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Spend.nothing() == a
    assert total([a, b, c]) == a + b + c
    assert a.times(3) == a + a + a
    assert a.times(0) == total([]) == Spend.nothing()


@pytest.mark.parametrize("count", [-1, 1.5, True, None])
def test_counts_whole_times_only(count: Any) -> None:
    with pytest.raises(BadAmount):
        Spend(Epsilon(1), Rho(1)).times(count)


@given(spends, spends)
def test_fits_only_when_both_fit(spend: Spend, cap: Spend) -> None:
    fits = spend.epsilon.micro <= cap.epsilon.micro and spend.rho.micro <= cap.rho.micro
    assert spend.fits_in(cap) == fits
    assert spend.fits_in(spend + cap)
    assert not (cap + Spend(Epsilon(1), Rho(0))).fits_in(cap)
    assert not (cap + Spend(Epsilon(0), Rho(1))).fits_in(cap)


def test_room_in_one_currency_is_no_room_in_the_other() -> None:
    cap = Spend(Epsilon.parse("100"), Rho(0))
    assert not Spend(Epsilon(0), Rho(1)).fits_in(cap)
    assert Spend(Epsilon.parse("100"), Rho(0)).fits_in(cap)


def test_a_billionth_above_two_does_not_fit_in_two() -> None:
    cap = Spend(Epsilon.parse("2"), Rho.parse("2"))
    too_much = Fraction("2.000000001")
    assert not Spend(Epsilon.round_up(too_much), Rho(0)).fits_in(cap)
    assert not Spend(Epsilon(0), Rho.round_up(too_much)).fits_in(cap)
    with pytest.raises(BadAmount):
        Epsilon.parse("2.000000001")
    assert Spend(Epsilon.parse("2.000000"), Rho.parse("2")).fits_in(cap)


def test_a_hundred_thousand_small_spends_fill_a_cap_exactly() -> None:
    # 10⁵ times 0.00001 is 1 here; as binary floats it is 0.9999999999980838, and one more would slip in.
    small = Spend(Epsilon.parse("0.00001"), Rho.parse("0.000001"))
    cap = Spend(Epsilon.parse("1"), Rho.parse("0.1"))
    spent = total([small] * 100_000)
    assert spent == cap
    assert spent.fits_in(cap)
    assert not (spent + Spend(Epsilon(1), Rho(0))).fits_in(cap)
    assert cap.epsilon.left_after(spent.epsilon) == Epsilon(0)


def test_a_legal_spend_is_not_refused_for_binary_rounding() -> None:
    # 0.1 + 0.2 > 0.3 in binary floats.
    third = total([Spend(Epsilon.parse("0.1"), Rho(0)), Spend(Epsilon.parse("0.2"), Rho(0))])
    assert third.fits_in(Spend(Epsilon.parse("0.3"), Rho(0)))


def test_a_bad_amount_is_an_error_of_kudos() -> None:
    assert issubclass(BadAmount, KudosError)
