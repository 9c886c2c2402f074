from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import MICRO, Epsilon, Rho, Spend
from privacy.budget.policy import Allowance, BudgetExhausted, Policy, PolicyRefused, check, check_allowed
from privacy.errors import Refused
from privacy.studies import shelf
from privacy.studies.study import Study, find

STUDY = find("benchmark")
ALLOWED = Allowance(STUDY.name, STUDY.digest, None)
POLICY = Policy(
    cap=Spend(Epsilon.parse("2"), Rho.parse("0.08")),
    delta=Fraction(1, 10**6),
    largest_release=Spend(Epsilon.parse("3"), Rho.parse("0.2")),
    sketch_epsilon=Epsilon.parse("1"),
    named_pairs=False,
    approval_required=True,
    allowed=(ALLOWED,),
)
NOTHING = Spend.nothing()


def epsilon(amount: str) -> Spend:
    return Spend(Epsilon.round_up(Fraction(amount)), Rho(0))


def rho(amount: str) -> Spend:
    return Spend(Epsilon(0), Rho.round_up(Fraction(amount)))


def refused_by_budget(policy: Policy, cost: Spend, spent: Spend = NOTHING) -> BudgetExhausted:
    with pytest.raises(BudgetExhausted) as caught:
        check(policy, STUDY, cost, spent)
    return caught.value


def refused_by_policy(policy: Policy, cost: Spend = NOTHING, study: Study = STUDY) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as caught:
        check(policy, study, cost, NOTHING)
    return caught.value


@pytest.mark.parametrize("amount", ["0", "2", "1.999999", "0.000001", "5e-324"])
def test_up_to_the_cap_everything_fits(amount: str) -> None:
    check(POLICY, STUDY, epsilon(amount), NOTHING)


@pytest.mark.parametrize("amount", ["2.000000001", "2.000001", "2.1"])
def test_beyond_the_cap_nothing_fits(amount: str) -> None:
    error = refused_by_budget(POLICY, epsilon(amount))
    assert error.line == "cap.epsilon"
    assert error.remaining == Epsilon.parse("2")


def test_a_refusal_says_what_was_asked_what_remains_how_much_is_missing_and_which_line_refused() -> None:
    error = refused_by_budget(POLICY, rho("0.03"), spent=rho("0.06"))
    assert (error.asked, error.remaining, error.difference) == (
        Rho.parse("0.03"),
        Rho.parse("0.02"),
        Rho.parse("0.01"),
    )
    assert error.line == "cap.rho"
    assert (error.reason, error.exit_status) == ("BUDGET_EXHAUSTED", 3)
    for figure in ("ρ 0.03", "0.02 remains", "0.08", "0.01 too much", "`cap.rho`"):
        assert figure in str(error)


def test_room_in_one_currency_is_no_room_in_the_other() -> None:
    assert refused_by_budget(POLICY, rho("0.080001")).line == "cap.rho"
    assert refused_by_budget(POLICY, Spend(Epsilon.parse("2.5"), Rho(1))).line == "cap.epsilon"


def test_a_cap_lowered_below_what_was_spent_leaves_nothing() -> None:
    lowered = replace(POLICY, cap=rho("0.02"))
    error = refused_by_budget(lowered, rho("0.03"), spent=rho("0.06"))
    assert error.remaining == Rho(0)
    assert error.difference == Rho.parse("0.07")


@given(st.integers(0, 3 * MICRO), st.integers(0, 3 * MICRO))
def test_exactly_what_fits_is_accepted(spent: int, asked: int) -> None:
    cost, before = Spend(Epsilon(asked), Rho(0)), Spend(Epsilon(spent), Rho(0))
    if spent + asked <= 2 * MICRO:
        check(POLICY, STUDY, cost, before)
    else:
        assert refused_by_budget(POLICY, cost, before).difference.micro == spent + asked - 2 * MICRO


def test_a_hundred_thousand_small_spends_fill_the_cap_exactly() -> None:
    spent, one = NOTHING, Spend(Epsilon(20), Rho(0))
    for _ in range(100_000):
        check(POLICY, STUDY, one, spent)
        spent += one
    assert spent == epsilon("2")
    refused_by_budget(POLICY, epsilon("0.000001"), spent)


def test_a_study_is_refused_unless_it_is_allowed() -> None:
    error = refused_by_policy(replace(POLICY, allowed=()))
    assert error.line == "allow"
    assert (error.reason, error.exit_status) == ("POLICY_REFUSED", 3)
    assert STUDY.digest in str(error)
    assert "kudos-node policy allow benchmark" in str(error)


def test_a_study_that_has_changed_is_refused() -> None:
    changed = replace(STUDY, digest="sha256:" + "0" * 64)
    error = refused_by_policy(POLICY, study=changed)
    assert error.line == "allow.digest"
    assert changed.digest in str(error)
    assert STUDY.digest in str(error)


def test_a_digest_under_another_name_allows_nothing() -> None:
    elsewhere = replace(ALLOWED, study="another")
    assert refused_by_policy(replace(POLICY, allowed=(elsewhere,))).line == "allow"


def test_every_table_must_be_allowed() -> None:
    names = tuple(table.name for table in STUDY.tables)
    check_allowed(replace(POLICY, allowed=(replace(ALLOWED, tables=names),)), STUDY)
    without_two = tuple(name for name in names if name not in ("county", "gender"))
    error = refused_by_policy(replace(POLICY, allowed=(replace(ALLOWED, tables=without_two),)))
    assert error.line == "allow.tables"
    assert "the tables gender, county" in str(error)


@pytest.mark.parametrize(
    ("cost", "line", "figure"),
    [
        (epsilon("0.500001"), "largest_release.epsilon", "ε 0.500001"),
        (rho("0.04"), "largest_release.rho", "0.01 too much"),
    ],
)
def test_a_release_may_be_too_large_by_itself(cost: Spend, line: str, figure: str) -> None:
    small = replace(POLICY, largest_release=Spend(Epsilon.parse("0.5"), Rho.parse("0.03")))
    check(small, STUDY, small.largest_release, NOTHING)
    error = refused_by_policy(small, cost)
    assert error.line == line
    assert figure in str(error)
    assert line in str(error)


def test_every_refusal_is_one() -> None:
    assert issubclass(PolicyRefused, Refused)
    assert issubclass(BudgetExhausted, Refused)


@pytest.mark.parametrize(
    "other",
    [
        replace(POLICY, cap=rho("0.08")),
        replace(POLICY, delta=Fraction(1, 10**7)),
        replace(POLICY, largest_release=rho("0.2")),
        replace(POLICY, sketch_epsilon=Epsilon(1)),
        replace(POLICY, named_pairs=True),
        replace(POLICY, approval_required=False),
        replace(POLICY, allowed=()),
        replace(POLICY, allowed=(replace(ALLOWED, tables=("totals",)),)),
    ],
)
def test_the_digest_tells_every_difference(other: Policy) -> None:
    assert other.digest != POLICY.digest


# ---- cross-use


CROSS_USE = shelf.find("cross-use-year")
WITH_SKETCH = replace(POLICY, allowed=(ALLOWED, Allowance(CROSS_USE.name, CROSS_USE.digest, None)))


def test_a_study_of_cross_use_is_allowed_whole_with_the_sketch_that_the_policy_allows() -> None:
    check_allowed(WITH_SKETCH, CROSS_USE)
    for policy, line in (
        (POLICY, "allow"),
        (replace(WITH_SKETCH, sketch_epsilon=Epsilon.parse("0.999")), "sketch.epsilon"),
        (replace(POLICY, allowed=(Allowance(CROSS_USE.name, STUDY.digest, None),)), "allow.digest"),
        (replace(POLICY, allowed=(Allowance(CROSS_USE.name, CROSS_USE.digest, ("county",)),)), "allow.tables"),
    ):
        with pytest.raises(PolicyRefused) as caught:
            check_allowed(policy, CROSS_USE)
        assert caught.value.line == line


def test_quantiles_must_be_allowed_as_a_table_must() -> None:
    study = find("portfolio-year")
    assert isinstance(study, Study)
    assert "revenue_quantiles" in study.names
    allowed = Allowance(study.name, study.digest, study.names)
    check_allowed(replace(POLICY, allowed=(allowed,)), study)
    without = tuple(name for name in study.names if name != "revenue_quantiles")
    error = refused_by_policy(replace(POLICY, allowed=(replace(allowed, tables=without),)), study=study)
    assert error.line == "allow.tables"
    assert "without the table revenue_quantiles, which it contains" in str(error)
