"""The fast way of reading a leaf and the slow one agree, on whole leaves and on broken ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.audit.leaf_check import Reader, read_slowly
from privacy.errors import KudosError
from privacy.ledger.leaves import parse
from tests.privacy.audit.federation import federation

LEAVES = federation().nodes["house-b"].written()
SPENDS = [leaf for leaf in LEAVES if b'"type":"spend"' in leaf]


def warm() -> Reader:
    """A reader that has found the parts of these releases right."""
    reader = Reader()
    for leaf in SPENDS:
        assert reader.read(leaf).faults == ()
    return reader


READER = warm()


def test_a_known_release_is_read_as_the_kernel_does() -> None:
    for leaf in LEAVES:
        assert READER.read(leaf).entry == read_slowly(leaf).entry == parse(leaf)
    assert READER.read(SPENDS[0]).entry.parts is READER.read(SPENDS[1]).entry.parts  # type: ignore[union-attr]


@given(st.sampled_from(SPENDS), st.data())
def test_both_ways_agree_on_every_changed_byte(leaf: bytes, data: st.DataObject) -> None:
    # The parts are a long way in the middle: half of the changes hit what stands around them.
    ends = [*range(20), *range(len(leaf) - 330, len(leaf))]
    at = data.draw(st.one_of(st.sampled_from(ends), st.integers(0, len(leaf) - 1)))
    changed = leaf[:at] + data.draw(st.binary(max_size=3)) + leaf[at + data.draw(st.integers(0, 2)) :]
    assert READER.read(changed) == read_slowly(changed)


@given(
    st.sampled_from([b'"rho_u":29995', b'"seq":3', b'"round":"year-2024"', b'"time":"2025-02-03', b'/2024-12-31"']),
    st.sampled_from([b"0", b"null", b'"x"', b"1.0", b"-1", b"01", b"9007199254740992", b'"9007199254740992"', b"1e3"]),
)
def test_both_ways_agree_on_other_values(field: bytes, value: bytes) -> None:
    name = field.partition(b":")[0]
    changed = SPENDS[0].replace(field, name + b":" + value)
    assert READER.read(changed) == read_slowly(changed)


@given(st.sampled_from(LEAVES), st.integers(0, 10_000), st.integers(0, 7))
def test_no_flipped_bit_is_accepted_with_another_meaning_unnoticed(leaf: bytes, at: int, bit: int) -> None:
    """What the kernel refuses, the auditor finds fault with."""
    at %= len(leaf)
    changed = leaf[:at] + bytes([leaf[at] ^ (1 << bit)]) + leaf[at + 1 :]
    read = READER.read(changed)
    try:
        expected = parse(changed)
    except KudosError:
        assert read.faults or read.entry is None
    else:
        assert read.entry == expected
        assert not read.faults


@pytest.mark.parametrize("leaf", [b"", b"{}", b"null", b"[]", b"\xff", b"{" * 1000])
def test_what_is_no_leaf_is_said_to_be_none(leaf: bytes) -> None:
    assert [fault.code for fault in READER.read(leaf).faults] == ["LEAF_UNREADABLE"]
