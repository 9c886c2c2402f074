"""The eight words, and the list that they are from."""

import hashlib
import re
from itertools import combinations, pairwise

import pytest

from privacy.identity.words import WORDS, PartyKeys, eight_words, word_list

COMMITMENT = bytes(range(32))
SPONSOR = PartyKeys(b"a" * 32, b"b" * 32)
NEWCOMER = PartyKeys(b"c" * 32, b"d" * 32)

SPELLED_ALIKE = (
    ("sch", "sj"),
    ("skj", "sj"),
    ("stj", "sj"),
    ("tj", "kj"),
    ("hj", "j"),
    ("gj", "j"),
    ("lj", "j"),
    ("dj", "j"),
    ("hv", "v"),
    ("c", "k"),
    ("z", "s"),
    ("w", "v"),
    ("nd", "n"),
    ("ld", "l"),
    ("rd", "r"),
    ("å", "o"),
    ("æ", "e"),
    ("y", "i"),
    ("b", "p"),
    ("d", "t"),
    ("g", "k"),
    ("v", "f"),
)
"""What many speakers do not tell apart, or a bad line takes away."""


def within_one_edit(one: str, other: str) -> bool:
    """Whether one letter changed, put in or left out makes the one into the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((place for place, letter in enumerate(one) if letter != other[place]), len(one))
    return one[start + (len(one) == len(other)) :] == other[start + 1 :]


def sound(word: str) -> str:
    """A rough spelling by sound."""
    for written, spoken in SPELLED_ALIKE:
        word = word.replace(written, spoken)
    return re.sub(r"(.)\1", r"\1", word)


def test_there_are_1024_distinct_words_in_order() -> None:
    assert len(word_list()) == 1024
    assert list(word_list()) == sorted(set(word_list()))


def test_words_are_short_and_of_norwegian_letters() -> None:
    assert [word for word in word_list() if not re.fullmatch("[a-zæøå]{3,8}", word)] == []


def test_no_two_words_differ_by_one_letter() -> None:
    assert [pair for pair in combinations(word_list(), 2) if within_one_edit(*pair)] == []


def test_no_two_words_sound_alike() -> None:
    heard = [sound(word) for word in word_list()]
    assert sorted({word for word in heard if heard.count(word) > 1}) == []


def test_no_word_begins_another() -> None:
    ordered = word_list()
    assert [pair for pair in pairwise(ordered) if pair[1].startswith(pair[0])] == []


def test_the_edit_distance_knows_what_it_says() -> None:
    assert within_one_edit("hus", "lus")
    assert within_one_edit("hus", "husk")
    assert within_one_edit("us", "hus")
    assert within_one_edit("hus", "hus")
    assert not within_one_edit("hus", "sol")
    assert not within_one_edit("hus", "husene")
    assert not within_one_edit("gris", "sirg")
    assert sound("hjord") == sound("gjor")


def test_the_list_never_changes() -> None:
    """Two nodes with different lists would show different words to honest people."""
    assert (
        hashlib.sha256("\n".join(word_list()).encode()).hexdigest()
        == "afa05a9bc76bd7695690a4dd46d8e90e005d6d88e56fac813463c58a6d30a3cc"
    )


def test_words_are_80_bits_of_scrypt_by_another_library() -> None:
    prints = b"".join(
        hashlib.sha256(b"kudos/party-keys/v1\x00" + party.signing + party.sealing).digest()
        for party in (SPONSOR, NEWCOMER)
    )
    stretched = hashlib.scrypt(
        COMMITMENT + prints, salt=b"kudos/eight-words/v1", n=2**15, r=8, p=1, maxmem=2**26, dklen=10
    )
    bits = "".join(f"{byte:08b}" for byte in stretched)
    places = [int(bits[start : start + 10], 2) for start in range(0, 80, 10)]
    found = eight_words(COMMITMENT, SPONSOR, NEWCOMER)
    assert len(found) == WORDS
    assert found == tuple(word_list()[place] for place in places)


@pytest.mark.parametrize(
    ("commitment", "sponsor", "newcomer"),
    [
        (bytes(32), SPONSOR, NEWCOMER),
        (COMMITMENT, NEWCOMER, SPONSOR),
        (COMMITMENT, PartyKeys(b"a" * 32, b"x" * 32), NEWCOMER),
        (COMMITMENT, PartyKeys(b"x" * 32, b"b" * 32), NEWCOMER),
        (COMMITMENT, PartyKeys(b"b" * 32, b"a" * 32), NEWCOMER),
        (COMMITMENT, SPONSOR, PartyKeys(b"x" * 32, b"d" * 32)),
        (COMMITMENT, SPONSOR, PartyKeys(b"c" * 32, b"x" * 32)),
    ],
)
def test_anything_else_gives_other_words(commitment: bytes, sponsor: PartyKeys, newcomer: PartyKeys) -> None:
    assert eight_words(commitment, sponsor, newcomer) != eight_words(COMMITMENT, SPONSOR, NEWCOMER)


def test_what_is_no_key_or_commitment_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PartyKeys(b"a" * 31, b"b" * 32)
    with pytest.raises(ValueError, match="32 bytes"):
        eight_words(b"a" * 31, SPONSOR, NEWCOMER)
