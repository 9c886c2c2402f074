from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.release.book import BadWitness, Booked, KeyNotInLedger, Vectors, adopt_witness, release
from privacy.budget.amounts import MICRO, Epsilon, Rho, Spend
from privacy.budget.policy import BudgetExhausted, Policy, PolicyRefused
from privacy.catalogue.measures import Measure
from privacy.errors import KudosError
from privacy.ledger.checkpoint import cosign
from privacy.ledger.contents import release_digest
from privacy.ledger.counting import APART
from privacy.ledger.errors import ClockWentBack
from privacy.ledger.leaves import KeyAdopted, PolicyAdopted, Spent, SpentPart, WitnessAdopted, serialise
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.outbox import NotWitnessed
from privacy.ledger.store import Ledger
from privacy.mechanisms.drawing import LARGEST_VALUE, BadVector
from privacy.signing.envelope import RELEASE, public_key_text, verify
from privacy.studies.price import price
from privacy.studies.study import find
from protos.kudos.v1.release_pb2 import Release
from tests.node.release.forged import lose
from tests.node.release.house import (
    BOOKING,
    COST,
    EARLIER,
    NOW,
    ORIGIN,
    POLICY,
    STUDY,
    WINDOW,
    House,
    adopt_key,
    build,
    envelope_of,
    exact_of,
    vectors,
    with_cap,
)
from tests.privacy.ledger import witnessed


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return build(tmp_path_factory.mktemp("house"))


def types(house: House) -> list[str]:
    return [entry.type for entry in house.contents().entries]


# What a release is.


def test_a_release_is_booked_signed_and_stored(house: House) -> None:
    booked = house.release()
    contents = house.contents()
    _, adopted, spent = contents.entries
    assert isinstance(adopted, PolicyAdopted)
    assert isinstance(spent, Spent)
    assert (booked.seq, booked.already) == (2, False)
    assert adopted.digest == POLICY.digest
    assert spent.cost == COST
    assert spent.time == adopted.time == NOW
    assert (spent.study, spent.study_digest, spent.window) == (STUDY.name, STUDY.digest, WINDOW)
    assert spent.release_digest == release_digest(booked.envelope)
    assert [stored.envelope for stored in contents.releases] == [booked.envelope]

    message = Release.FromString(verify(RELEASE, booked.envelope, house.key.public_key()))
    assert (message.ledger, message.entry) == (ORIGIN, 2)
    assert (message.study, message.study_version, message.study_digest) == ("small", 1, STUDY.digest)
    assert (message.window_first, message.window_last) == ("2025-01-01", "2025-12-31")
    assert message.layout_digest == STUDY.layout_digest
    assert len(message.cells) == STUDY.cells


def test_the_entry_says_how_each_part_was_made(house: House) -> None:
    house.release()
    spent = house.contents().last
    assert isinstance(spent, Spent)
    parts = [part for part in spent.parts if isinstance(part, SpentPart)]
    assert len(parts) == len(spent.parts)
    assert [(part.table, part.measure, part.l2_squared, part.scale, part.cost) for part in parts] == [
        (each.part.table.name, each.part.measure, each.l2_squared, each.mechanism.scale, Spend(Epsilon(0), each.cost))
        for each in price(STUDY).parts
    ]


def test_every_cell_stands_in_its_place_with_its_noise(house: House) -> None:
    """No cell is off by more than 12 scales (once in 10^30 otherwise), and not most of them are exact."""
    step = 10**11
    exact = np.arange(STUDY.cells, dtype=np.int64) * step
    cells, scales, start = {}, [], 0
    for each in price(STUDY).parts:
        length = each.part.table.cells
        cells[each.part.table.name, each.part.measure] = exact[start : start + length]
        scales += [float(each.mechanism.scale)] * length
        start += length
    message = Release.FromString(verify(RELEASE, house.release(cells=cells).envelope, house.key.public_key()))
    noise = np.array(message.cells) - exact
    assert max(scales) * 12 < step / 2
    assert (np.abs(noise) <= 12 * np.array(scales)).all()
    assert (noise != 0).sum() >= STUDY.cells // 2


def test_other_tables_than_the_study_has_are_left_alone(house: House) -> None:
    more = {**vectors(), ("channel", Measure.ORDERS): np.full(6, 7, dtype=np.int64)}
    booked = house.release(cells=more)
    message = Release.FromString(verify(RELEASE, booked.envelope, house.key.public_key()))
    assert len(message.cells) == STUDY.cells


@pytest.mark.parametrize("study", [STUDY, find("benchmark")], ids=lambda study: study.name)
def test_nothing_about_its_size_depends_on_data(tmp_path_factory: pytest.TempPathFactory, study: object) -> None:
    assert isinstance(study, type(STUDY))
    policy = replace(POLICY, allowed=(replace(POLICY.allowed[0], study=study.name, digest=study.digest),))
    sizes = set()
    for value in (0, 1, LARGEST_VALUE):
        house = build(tmp_path_factory.mktemp("house"))
        booked = house.release(study=study, cells=vectors(value, study), policy=policy)
        sizes.add((len(booked.envelope), tuple(len(serialise(entry)) for entry in house.contents().entries)))
    assert len(sizes) == 1


def test_it_reaches_its_points_in_order(house: House) -> None:
    reached: list[str] = []
    with Ledger.open(house.ledger) as ledger:
        release(STUDY, WINDOW, exact_of(vectors()), POLICY, ledger, house.key, lambda: NOW, reached.append)
        assert reached == [*BOOKING]
        release(STUDY, WINDOW, exact_of(vectors()), POLICY, ledger, house.key, lambda: NOW, reached.append)
    assert reached == [*BOOKING, "before_begin", "begun"]


@pytest.mark.parametrize("point", BOOKING[:-1])
def test_an_exception_on_the_way_leaves_nothing(house: House, point: str) -> None:
    def step(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    with Ledger.open(house.ledger) as ledger, pytest.raises(KeyboardInterrupt):
        release(STUDY, WINDOW, exact_of(vectors()), POLICY, ledger, house.key, lambda: NOW, step)
    assert types(house) == ["open"]
    assert not house.release().already


# Exactly once.


def test_the_same_study_and_window_get_the_same_bytes_for_nothing(house: House) -> None:
    first = house.release(cells=vectors(5))
    again = house.release(cells=vectors(10**9), now=NOW + timedelta(days=900))
    assert (again.seq, again.envelope, again.already) == (first.seq, first.envelope, True)
    assert types(house) == ["open", "policy", "spend"]


def test_another_window_is_another_release(house: House) -> None:
    first, second = house.release(), house.release(window=EARLIER)
    assert second.envelope != first.envelope
    assert [stored.window for stored in house.contents().releases] == [WINDOW, EARLIER]
    assert types(house) == ["open", "policy", "spend", "spend"]


def test_stored_bytes_are_paid_for_whatever_becomes_of_the_cap_or_the_clock(house: House) -> None:
    first = house.release()
    again = house.release(policy=with_cap(Rho(0)), now=NOW - timedelta(days=1))
    assert again.envelope == first.envelope
    assert types(house) == ["open", "policy", "spend"]


@pytest.mark.parametrize("allowed", [(), (replace(POLICY.allowed[0], tables=("totals",)),)])
def test_stored_bytes_are_not_handed_out_for_a_study_that_is_no_longer_allowed(
    house: House, allowed: tuple[()]
) -> None:
    house.release()
    with pytest.raises(PolicyRefused):
        house.release(policy=replace(POLICY, allowed=allowed))


def test_a_release_whose_bytes_are_lost_is_not_made_anew(house: House) -> None:
    booked = house.release()
    lose(house.ledger, booked.seq)
    before = house.ledger.read_bytes()
    with Ledger.open(house.ledger) as ledger:
        again = release(STUDY, WINDOW, exact_of(vectors(7)), POLICY, ledger, house.key, lambda: NOW)
    assert again == Booked(booked.seq, already=True)
    assert house.ledger.read_bytes() == before


# The budget.


def test_a_cap_can_be_spent_to_the_last_millionth(house: House) -> None:
    twice = with_cap(COST.rho.times(2))
    house.release(policy=twice)
    house.release(policy=twice, window=EARLIER)
    assert sum(entry.cost.rho.micro for entry in house.contents().entries) == twice.cap.rho.micro


@pytest.mark.parametrize("short", [1, COST.rho.micro - 1])
def test_a_millionth_too_little_is_too_little(house: House, short: int) -> None:
    policy = with_cap(Rho(2 * COST.rho.micro - short))
    house.release(policy=policy)
    with pytest.raises(BudgetExhausted) as caught:
        house.release(policy=policy, window=EARLIER)
    error = caught.value
    assert "allows in twelve months (2025-01-10 to 2026-01-10)" in str(error)
    assert "a year old (this one fits after 2027-01-10)" in str(error)
    assert (error.asked, error.difference, error.line) == (COST.rho, Rho(short), "cap.rho")
    assert error.remaining == Rho(COST.rho.micro - short)
    assert types(house) == ["open", "policy", "spend"]


def test_a_year_later_the_budget_is_there_again(house: House) -> None:
    once = with_cap(COST.rho)
    house.release(policy=once)
    almost = datetime.fromisoformat("2027-01-10T11:59:59.999999Z")
    with pytest.raises(BudgetExhausted):
        house.release(policy=once, window=EARLIER, now=almost)
    house.release(policy=once, window=EARLIER, now=almost + timedelta(microseconds=1))
    assert types(house) == ["open", "policy", "spend", "spend"]


# Refusals.


@pytest.mark.parametrize(
    ("policy", "now", "error", "figures"),
    [
        (replace(POLICY, allowed=()), NOW, PolicyRefused, [STUDY.digest, "kudos-node policy allow small"]),
        (
            replace(POLICY, largest_release=replace(POLICY.largest_release, rho=Rho(1))),
            NOW,
            PolicyRefused,
            [f"ρ {COST.rho}", "0.000001", str(Rho(COST.rho.micro - 1)), "largest_release.rho"],
        ),
        (
            with_cap(Rho(10_000)),
            NOW,
            BudgetExhausted,
            [f"ρ {COST.rho}", "0.01 remains", str(Rho(COST.rho.micro - 10_000)), "cap.rho"],
        ),
        (POLICY, NOW - timedelta(days=30), ClockWentBack, ["2025-12-11T12:00:00Z", "2026-01-05T09:30:00Z"]),
    ],
)
def test_a_refusal_has_its_figures_and_spends_nothing(
    house: House, policy: Policy, now: datetime, error: type[KudosError], figures: list[str]
) -> None:
    with pytest.raises(error) as caught:
        house.release(policy=policy, now=now)
    for figure in figures:
        assert figure in str(caught.value)
    assert caught.value.exit_status == 3
    assert types(house) == ["open"]


def test_the_clock_is_doubted_before_the_budget_is_told_by_it(house: House) -> None:
    with pytest.raises(ClockWentBack):
        house.release(policy=with_cap(Rho(0)), now=NOW - timedelta(days=30))


def test_nothing_is_booked_before_the_witness_has_last_cosigned(house: House) -> None:
    """By a clock of the witness's that was ahead then: an auditor would take such an entry for backdated."""
    ahead = NOW + timedelta(hours=3)
    with Ledger.open(house.ledger) as ledger:
        adopt_witness(ledger, witnessed.WITNESS, lambda: NOW)
        note = witnessed.signed(ledger.contents(), key=house.key)
        witnessed.keep(ledger, cosign(note, witnessed.WITNESS_NAME, witnessed.WITNESS_KEY, ahead))
    with pytest.raises(ClockWentBack, match="cosigned"):
        house.release(now=ahead - APART - timedelta(seconds=1))
    assert types(house) == ["open", "witness"]
    with pytest.raises(NotWitnessed):
        house.release(now=ahead - APART)
    assert types(house) == ["open", "witness", "policy", "spend"]


def test_a_clock_without_a_zone_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="time zone"):
        house.release(now=NOW.replace(tzinfo=None))
    assert types(house) == ["open"]


def spoilt(change: Callable[[dict[Any, Any]], object]) -> Vectors:
    cells: dict[Any, Any] = dict(vectors(123_456))
    change(cells)
    return cells


MONTHS = ("month", Measure.REVENUE)


@pytest.mark.parametrize(
    "cells",
    [
        {},
        spoilt(lambda cells: cells.pop(MONTHS)),
        spoilt(lambda cells: cells.update({MONTHS: np.zeros(11, dtype=np.int64)})),
        spoilt(lambda cells: cells.update({MONTHS: np.zeros((12, 1), dtype=np.int64)})),
        spoilt(lambda cells: cells.update({MONTHS: np.zeros(12, dtype=np.int32)})),
        spoilt(lambda cells: cells.update({MONTHS: np.zeros(12)})),
        spoilt(lambda cells: cells.update({MONTHS: [0] * 12})),
        spoilt(lambda cells: cells.update({MONTHS: np.full(12, LARGEST_VALUE + 1, dtype=np.int64)})),
    ],
)
def test_vectors_of_another_layout_are_refused_without_a_figure(house: House, cells: Vectors) -> None:
    with pytest.raises(BadVector) as caught:
        house.release(cells=cells)
    assert "123456" not in str(caught.value)
    assert types(house) == ["open"]


# Policies and keys.


def test_a_change_of_policy_is_an_entry(house: House) -> None:
    other = replace(POLICY, cap=replace(POLICY.cap, rho=Rho(MICRO)), sketch_epsilon=Epsilon(1))
    house.release()
    house.release(window=EARLIER, policy=other)
    assert types(house) == ["open", "policy", "spend", "policy", "spend"]
    adopted = house.contents().entries[3]
    assert isinstance(adopted, PolicyAdopted)
    assert adopted.digest == other.digest
    assert (adopted.cap_epsilon_u, adopted.cap_rho_u, adopted.delta) == (1_100_000, MICRO, other.delta)
    assert (adopted.largest_epsilon_u, adopted.largest_rho_u) == (1_000_000, 65_000)


def test_a_key_that_the_ledger_does_not_name_signs_nothing_until_it_is_adopted(house: House) -> None:
    first = house.release()
    new = Ed25519PrivateKey.generate()
    with Ledger.open(house.ledger) as ledger:
        with pytest.raises(KeyNotInLedger):
            release(STUDY, EARLIER, exact_of(vectors()), POLICY, ledger, new, lambda: NOW)
        adopt_key(ledger, new, NOW)
        second = release(STUDY, EARLIER, exact_of(vectors()), POLICY, ledger, new, lambda: NOW)
        contents = ledger.contents()
    envelope = envelope_of(contents, second.seq)
    assert types(house) == ["open", "policy", "spend", "key", "spend"]
    adopted = contents.entries[3]
    assert isinstance(adopted, KeyAdopted)
    assert adopted.public_key == public_key_text(new.public_key())
    verify(RELEASE, first.envelope, house.key.public_key())
    verify(RELEASE, envelope, new.public_key())


# The witness.


WITNESS = str(Verifier("npu.example/witness", Algorithm.COSIGNATURE_V1, b"the key of a witness, 32 bytes  "))


def test_a_witness_is_adopted_once(house: House) -> None:
    with Ledger.open(house.ledger) as ledger:
        for _ in range(2):
            adopt_witness(ledger, WITNESS, lambda: NOW)
        contents = ledger.contents()
    assert types(house) == ["open", "witness"]
    assert contents.last == WitnessAdopted(seq=1, time=NOW, witness=WITNESS)
    assert (contents.witness_at(1), contents.witness) == (None, WITNESS)


def test_under_a_witness_a_release_is_booked_and_its_bytes_stay(house: House) -> None:
    with Ledger.open(house.ledger) as ledger:
        adopt_witness(ledger, WITNESS, lambda: NOW)
        booked = release(STUDY, WINDOW, exact_of(vectors()), POLICY, ledger, house.key, lambda: NOW)
        with pytest.raises(NotWitnessed):
            envelope_of(ledger.contents(), booked.seq)
    assert types(house) == ["open", "witness", "policy", "spend"]


def test_a_witness_is_not_adopted_by_a_clock_that_went_back(house: House) -> None:
    with Ledger.open(house.ledger) as ledger, pytest.raises(ClockWentBack):
        adopt_witness(ledger, WITNESS, lambda: NOW - timedelta(days=30))
    assert types(house) == ["open"]


def test_a_key_of_the_ledgers_own_is_no_witness(house: House) -> None:
    own = str(Verifier.of("npu.example/witness", Algorithm.COSIGNATURE_V1, house.key))
    with Ledger.open(house.ledger) as ledger, pytest.raises(BadWitness):
        adopt_witness(ledger, own, lambda: NOW)
    assert types(house) == ["open"]


@pytest.mark.parametrize("change", [lambda text: text.replace("+", "+0", 1)[:-1], lambda text: text[:-1] + "A"])
def test_a_text_that_is_no_witnesss_key_is_never_written(house: House, change: Callable[[str], str]) -> None:
    with Ledger.open(house.ledger) as ledger, pytest.raises((KudosError, ValueError)):
        adopt_witness(ledger, change(WITNESS), lambda: NOW)
    assert types(house) == ["open"]
