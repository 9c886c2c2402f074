import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.leaves import LARGEST_LEAF, Entry, Opened, Spent, SpentPart, leaf_hash, parse, serialise
from privacy.mechanisms.calibration import DiscreteGaussian
from tests.privacy.ledger.examples import KEY, ORIGIN, START, key, part, policy, spent

OPENED = Opened(seq=0, time=START, origin=ORIGIN, public_key=KEY, version="0.1.0")
ALL: list[Entry] = [OPENED, policy(1), key(2), spent(3)]


def content(entry: Entry) -> dict[str, Any]:
    decoded = json.loads(serialise(entry))
    assert isinstance(decoded, dict)
    return decoded


def damaged(leaf: bytes) -> str:
    with pytest.raises(DamagedLedger) as caught:
        parse(leaf)
    return caught.value.what


parts = st.builds(
    lambda table, measure, l2_squared, scale: part(table, measure, l2_squared, scale),
    st.sampled_from(["totals", "gender", "age_band"]),
    st.sampled_from(["customers", "revenue"]),
    st.integers(0, 10**24),
    st.integers(1, 2**53),
)


@st.composite
def spending(draw: st.DrawFn) -> Spent:
    chosen = tuple(draw(st.lists(parts, min_size=1, unique_by=lambda each: (each.table, each.measure))))
    seconds = draw(st.integers(0, 10**10))
    return replace(
        spent(draw(st.integers(0, 2**53 - 1))),
        time=datetime.fromtimestamp(seconds, UTC),
        parts=chosen,
        rho_u=sum(each.rho_u for each in chosen),
        round=draw(st.none() | st.just("2025-benchmark")),
    )


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.type)
def test_a_leaf_reads_back(entry: Entry) -> None:
    assert parse(serialise(entry)) == entry


@given(spending())
def test_a_spend_reads_back(entry: Spent) -> None:
    assert parse(serialise(entry)) == entry
    assert entry.cost == Spend(Epsilon(0), Rho(entry.rho_u))


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.type)
def test_a_leaf_is_canonical_json_with_version_type_sequence_and_time(entry: Entry) -> None:
    fields = content(entry)
    assert rfc8785.dumps(fields) == serialise(entry)
    assert fields["v"] == 1
    assert fields["type"] == entry.type
    assert fields["seq"] == entry.seq
    assert fields["time"] == "2026-01-05T09:30:00Z"


def test_a_leaf_says_how_a_release_was_made_and_what_it_cost() -> None:
    fields = content(spent(3))
    assert fields["window"] == "2025-01-01/2025-12-31"
    assert fields["round"] is None
    assert fields["parts"][1] == {
        "table": "gender",
        "measure": "customers",
        "mechanism": "discrete_gaussian",
        "cells": 1,
        "l2_squared": 1,
        "scale": "9",
        "rho_u": 6173,
    }
    assert fields["rho_u"] == sum(each["rho_u"] for each in fields["parts"])
    assert fields["epsilon_u"] == 0


@pytest.mark.parametrize(("value", "written"), [(2**53 - 1, 2**53 - 1), (2**53, str(2**53)), (10**24, str(10**24))])
def test_integers_that_json_cannot_hold_are_strings(value: int, written: int | str) -> None:
    entry = spent(1)
    one = part(l2_squared=value, scale=2**50)
    entry = replace(entry, parts=(one,), rho_u=one.rho_u)
    assert content(entry)["parts"][0]["l2_squared"] == written
    assert parse(serialise(entry)) == entry


@pytest.mark.parametrize(
    "written", ["1", "9007199254740991", "09007199254740993", "-9007199254740993", 1.0, -1, True, None]
)
def test_an_integer_has_one_spelling(written: object) -> None:
    fields = content(spent(1))
    fields["parts"][1]["l2_squared"] = written
    damaged(json.dumps(fields, separators=(",", ":"), sort_keys=True).encode())


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.type)
def test_only_known_fields_and_all_of_them(entry: Entry) -> None:
    fields = content(entry)
    damaged(rfc8785.dumps({**fields, "more": 1}))
    for name in fields:
        damaged(rfc8785.dumps({key: value for key, value in fields.items() if key != name}))


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 1000,
        b'{"type":"spend"}',
        b'{"type":"unknown","v":1}',
        serialise(spent(3)) + b"\n",
        b" " + serialise(spent(3)),
        serialise(OPENED).replace(b'"v":1', b'"v":1.0'),
        serialise(OPENED).replace(b'"v":1', b'"v":2'),
        serialise(OPENED).replace(b'"v":1', b'"v":true'),
        serialise(OPENED).replace(b'"seq":0', b'"seq":0,"seq":0'),
        serialise(OPENED).replace(b'"seq":0', b'"seq":-0'),
        serialise(OPENED).replace(b'"seq":0', b'"seq":-1'),
        serialise(OPENED).replace(b"fjord", b"\\u0066jord"),
        serialise(OPENED).replace(b"/ledger/", b"/books/"),
        serialise(OPENED).replace(b"09:30:00Z", b"09:30:00+00:00"),
        serialise(OPENED).replace(b"09:30:00Z", b"09:30:60Z"),
        serialise(OPENED).replace(b"01-05T", b"02-30T"),
        serialise(spent(3)).replace(b"2025-01-01/", b"2026-01-01/"),
        serialise(spent(3)).replace(b'"scale":"9"', b'"scale":"18/2"'),
        serialise(spent(3)).replace(b'"scale":"9"', b'"scale":9'),
        serialise(spent(3)).replace(b'"scale":"9"', b'"scale":"1/3"'),
        serialise(policy(1)).replace(b"1/1000000", b"2/2000000"),
        serialise(policy(1)).replace(b"1/1000000", b"3/2"),
    ],
)
def test_anything_but_the_canonical_form_is_damage(leaf: bytes) -> None:
    damaged(leaf)


def test_a_leaf_has_a_largest_size() -> None:
    assert "bytes" in damaged(b" " * (LARGEST_LEAF + 1))


@given(st.integers(0), st.integers(1, 255))
def test_no_changed_byte_leaves_the_same_entry(position: int, flip: int) -> None:
    leaf = bytearray(serialise(spent(3)))
    leaf[position % len(leaf)] ^= flip
    with suppress(DamagedLedger):
        assert parse(bytes(leaf)) != spent(3)


@pytest.mark.parametrize(
    "change",
    [
        {"scale": Fraction(10)},
        {"scale": Fraction(8)},
        {"l2_squared": 2},
        {"l2_squared": 0},
        {"rho_u": 6172},
        {"rho_u": 6174},
    ],
)
def test_a_cost_must_follow_from_the_mechanism(change: dict[str, Any]) -> None:
    entry = spent(3)
    wrong = replace(entry.parts[1], **change)
    parts = (entry.parts[0], wrong)
    rho_u = sum(each.cost.rho.micro for each in parts)
    with pytest.raises(ValueError, match="its noise costs"):
        serialise(replace(entry, parts=parts, rho_u=rho_u))
    fields = content(entry)
    for name, value in change.items():
        fields["parts"][1][name] = str(value) if name == "scale" else value
    fields["rho_u"] = rho_u
    assert "gender/customers is booked as ρ" in damaged(rfc8785.dumps(fields))


@pytest.mark.parametrize("change", [{"rho_u": 1}, {"epsilon_u": 1}])
def test_the_total_must_follow_from_the_parts(change: dict[str, int]) -> None:
    assert "its parts cost" in damaged(rfc8785.dumps({**content(spent(3)), **change}))


def test_a_table_is_booked_once() -> None:
    fields = content(spent(3))
    fields["parts"].append(fields["parts"][1])
    fields["rho_u"] += fields["parts"][1]["rho_u"]
    assert "twice" in damaged(rfc8785.dumps(fields))


@pytest.mark.parametrize("time", [START.replace(microsecond=1), START.astimezone(timezone(timedelta(hours=1)))])
def test_times_are_utc_in_whole_seconds(time: datetime) -> None:
    with pytest.raises(ValueError, match="UTC in whole seconds"):
        serialise(policy(1, time))


def test_the_hash_is_that_of_rfc_6962() -> None:
    # The hash of an empty leaf, from the test vectors of Certificate Transparency.
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"leaf") == hashlib.sha256(b"\x00leaf").digest()


def test_the_message_says_how_to_recover() -> None:
    with pytest.raises(DamagedLedger) as caught:
        parse(b"{}")
    assert caught.value.reason == "LEDGER_DAMAGED"
    for advice in ("kudos-node ledger recover", "restores the file", "backup", "Never start a new one"):
        assert advice in str(caught.value)


def test_a_part_derives_its_cost_from_its_parameters() -> None:
    one: SpentPart = part(l2_squared=10**12, scale=2**22)
    assert one.derived.rho == DiscreteGaussian(Fraction(2**22)).cost(10**12)
    assert one.derived == one.cost
