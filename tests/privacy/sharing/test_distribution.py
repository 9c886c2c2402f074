"""Self-assessments together: counted right, of five and more, and never so that one alone can be told."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.estimate.cohorts import Member
from privacy.estimate.exact import echelon
from privacy.estimate.isolation import MOST_TRIES
from privacy.sharing import assessment as one
from privacy.sharing import distribution as all_
from privacy.sharing.assessment import ASSESSMENT, DRIVERS, Assessment, BadAssessment, level, open_assessment
from privacy.sharing.distribution import (
    DISTRIBUTION,
    BadDistribution,
    Distribution,
    Statements,
    counted,
    open_distribution,
    told_of,
)
from privacy.signing.envelope import sign

KEY = Ed25519PrivateKey.generate()
MADE = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
LEVELS = dict.fromkeys(DRIVERS, 3)


NAMES = ("museum", "festival", "theatre")


def stated(number: int, *, industry: str = "museum", first: int = 0, said: int = 3) -> list[tuple[Member, str]]:
    return [(Member(f"m{i}", industry, "46"), f"{i}-{said}") for i in range(first, first + number)]


@dataclass
class Past:
    """Versions, one after the other: every set that was told of, and what the newest has."""

    published: list[Statements] = field(default_factory=list)
    last: dict[str, Statements] = field(default_factory=dict)

    def next(self, of: list[tuple[Member, str]], most_tries: int = MOST_TRIES) -> dict[str, Statements]:
        found = told_of(of, {each for counts in self.published for each in counts.values()}, self.last, most_tries)
        if found:
            self.last = found
            self.published += found.values()
        return found


def test_five_are_counted_and_four_are_not() -> None:
    assert Past().next(stated(4)) == {}
    found = Past().next(stated(3) + stated(2, first=3, said=5))
    assert found["network"] == {"m0": "0-3", "m1": "1-3", "m2": "2-3", "m3": "3-5", "m4": "4-5"}
    assert all(len(each) >= 5 for each in found.values())
    line = counted("network", [LEVELS] * 3 + [dict.fromkeys(DRIVERS, 5)] * 2)
    assert (line.members, dict(line.levels)) == (5, dict.fromkeys(DRIVERS, (0, 0, 3, 0, 2)))


def test_the_rest_of_a_cohort_is_no_few() -> None:
    """Five museums and up to four others: the network and the museums together would tell of the others."""
    for others in range(1, 5):
        found = Past().next(stated(5) + stated(others, first=5, industry="festival"))
        assert "network" in found
        assert not [each for each in found if each.startswith("industry:")]
    found = Past().next(stated(5) + stated(5, first=5, industry="festival"))
    assert {"network", "industry:museum", "industry:festival"} <= set(found)


def test_fewer_than_five_who_join_leave_or_change_their_minds_change_nothing() -> None:
    past = Past()
    past.next(stated(20))
    assert past.next(stated(20)) == {}
    for changed in range(1, 5):
        assert past.next(stated(20 + changed)) == {}
        assert past.next(stated(20)[changed:]) == {}
        assert past.next(stated(changed, said=5) + stated(20)[changed:]) == {}
        assert past.next(stated(changed, said=5) + stated(20)[changed + 1 :]) == {}
    assert len(past.next(stated(25))["network"]) == 25


def test_who_signs_for_old_and_new_counts_once() -> None:
    """Two members that change what they say beside a third: three, not the five or six statements that these are."""
    past = Past()
    past.next(stated(12))
    assert past.next(stated(3, said=5) + stated(12)[3:]) == {}
    assert past.next(stated(3, said=4) + stated(12)[3:] + stated(1, first=12)) == {}


def test_a_cohort_that_cannot_be_counted_anew_stays_while_all_in_it_share() -> None:
    museums, festivals = stated(10), stated(10, first=10, industry="festival")
    past = Past()
    first = past.next(museums + festivals)
    second = past.next(stated(5, said=5) + museums[5:] + festivals)
    assert second["network"]["m0"] == second["industry:museum"]["m0"] == "0-5"
    assert second["industry:festival"] == first["industry:festival"]
    third = past.next([*stated(5, said=1), *museums[5:], *festivals[1:]])
    assert third["network"]["m0"] == "0-1"
    assert third["industry:museum"] == second["industry:museum"]  # anew, it would tell the festivals but one
    assert "industry:festival" not in third


def light(rows: Sequence[Statements]) -> bool:
    """Whether any combination of what is told of is of fewer than FEWEST members: by trying whom it could be of."""
    items = sorted({item for row in rows for item in row.items()})
    matrix = np.array([[item in row.items() for item in items] for row in rows], dtype=np.int64)
    whole = len(echelon(matrix)[1])
    everybody = sorted({member for member, _ in items})
    for few in combinations(everybody, min(all_.FEWEST - 1, len(everybody))):
        if len(echelon(matrix[:, [member not in few for member, _ in items]])[1]) < whole:
            return True
    return False


def test_the_trial_of_all_combinations_finds_one() -> None:
    five = {f"m{i}": "x" for i in range(5)}
    assert not light([five])
    assert light([five, five | {"m0": "y"}])
    assert light([five, {f"m{i}": "x" for i in range(5, 10)}, {f"m{i}": "x" for i in range(11)}])


_History = st.lists(
    st.lists(st.tuples(st.integers(0, 10), st.sampled_from(["share", "change", "leave"])), min_size=1, max_size=14),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(_History, st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["03", "46"])), min_size=11, max_size=11))
def test_no_combination_of_all_versions_is_of_a_few(
    history: list[list[tuple[int, str]]], kinds: list[tuple[str, str]]
) -> None:
    past, now = Past(), dict.fromkeys(range(11), 0)
    for number, steps in enumerate([[], *history]):
        for who, what in steps:
            if what == "leave":
                now.pop(who, None)
            elif what == "change" or who not in now:
                now[who] = number
        past.next([(Member(f"m{who}", *kinds[who]), f"{who}-{said}") for who, said in sorted(now.items())])
    assert not light(past.published)


def test_the_search_does_not_grow_with_the_versions() -> None:
    """Sixty members, thirty versions with changes: what is looked at for a cohort is bounded, and decides as well."""
    draw = random.Random(7)
    members = [
        Member(f"m{i}", draw.choice(NAMES), draw.choice(["03", "46", "50"]), draw.choice(["small", "large", None]))
        for i in range(60)
    ]
    said = dict.fromkeys(members, 0)
    past = Past()
    told = 0
    for _ in range(31):
        of = [(member, f"{member.member}-{version}") for member, version in said.items()]
        before, last = list(past.published), dict(past.last)
        found = past.next(of, most_tries=10)
        assert found == Past(before, last).next(of, most_tries=10_000)
        assert not found or "network" in found
        told += bool(found)
        for member in draw.sample(members, draw.randint(3, 20)):
            said[member] += 1
    assert told > 20
    assert Past().next(of, most_tries=0) == {}  # and the bound is one


def test_a_distribution_is_read_back_and_no_other() -> None:
    said = Distribution("npu.example", 1, MADE, (counted("network", [LEVELS] * 5),))
    envelope = all_.make(said, KEY)
    assert open_distribution(envelope, KEY.public_key()) == said
    assert said.cohort("network") is not None
    assert said.cohort("county:03") is None
    with pytest.raises(BadDistribution):
        open_distribution(all_.make(said, Ed25519PrivateKey.generate()), KEY.public_key())
    wrong = replace(said.cohorts[0], levels=dict.fromkeys(DRIVERS, (1, 0, 0, 0, 0)))
    twice = (said.cohorts[0], said.cohorts[0])
    for cohorts in ((wrong,), twice):
        with pytest.raises(BadDistribution):
            open_distribution(all_.make(replace(said, cohorts=cohorts), KEY), KEY.public_key())
    with pytest.raises(BadDistribution):
        open_distribution(sign(DISTRIBUTION, b"{}", KEY), KEY.public_key())


def test_levels_have_names_and_numbers() -> None:
    assert [level(text) for text in ("starter", "5", "native")] == [1, 5, 3]
    for text in ("0", "6", "Starter", "", "²"):
        with pytest.raises(BadAssessment):
            level(text)
    for levels in ({}, LEVELS | {"x": 1}, LEVELS | {"systems": 0}, LEVELS | {"systems": 6}, LEVELS | {"systems": True}):
        with pytest.raises(BadAssessment):
            Assessment(MADE, levels)


def test_a_self_assessment_is_of_its_member_in_its_network() -> None:
    said = Assessment(MADE, LEVELS)
    envelope = one.make(said, "npu.example", "fjord", KEY)
    assert open_assessment(envelope, "npu.example", "fjord", KEY.public_key()) == said
    for coordinator, member in (("other.example", "fjord"), ("npu.example", "havn")):
        with pytest.raises(BadAssessment):
            open_assessment(envelope, coordinator, member, KEY.public_key())
    for bad in (
        b"",
        bytes(5000),
        sign(ASSESSMENT, b"{}", KEY),
        one.make(said, "npu.example", "fjord", Ed25519PrivateKey.generate()),
    ):
        with pytest.raises(BadAssessment):
            open_assessment(bad, "npu.example", "fjord", KEY.public_key())
