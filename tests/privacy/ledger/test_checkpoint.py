"""Checkpoints and their cosignatures. Every bit of one is flipped once: a second or two."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.errors import KudosError
from privacy.ledger import cosignature
from privacy.ledger.checkpoint import (
    LARGEST_SIZE,
    BadCheckpoint,
    Checkpoint,
    Verified,
    cosign,
    parse_text,
    sign_checkpoint,
    verify_checkpoint,
)
from privacy.ledger.leaves import leaf_hash
from privacy.ledger.note import Algorithm, BadNote, Note, Signature, Verifier, parse, sign
from privacy.ledger.tree import EMPTY_ROOT, inclusion_proof, root, verify_inclusion
from privacy.signing import envelope
from tests.privacy.ledger.vector import (
    COSIGNED,
    COSIGNED_AT,
    LEAVES,
    NODE,
    NODE_KEY,
    NODE_LINE,
    ORIGIN,
    ROOT,
    SIGNED,
    TEXT,
    WITNESS,
    WITNESS_KEY,
    WITNESS_LINE,
    WITNESS_NAME,
)

CHECKPOINT = Checkpoint(ORIGIN, 5, ROOT)
SECOND = Ed25519PrivateKey.from_private_bytes(bytes(range(0x40, 0x60)))
SECOND_NAME = "revisor.example.no/witness"
SECOND_KEY = Verifier.of(SECOND_NAME, Algorithm.COSIGNATURE_V1, SECOND)
LATER = COSIGNED_AT + timedelta(days=1)


def verified(
    note: bytes, *, origin: str = ORIGIN, witnesses: tuple[Verifier, ...] = (WITNESS_KEY,), quorum: int = 1
) -> Verified:
    return verify_checkpoint(note, origin=origin, log_key=NODE_KEY, witnesses=witnesses, quorum=quorum)


def flips(raw: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


def cosigned_by(key: Ed25519PrivateKey, name: str, seconds: int, text: str = TEXT) -> Signature:
    """A cosignature of any time, such as `cosign` refuses to make."""
    signed = key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    key_hash = Verifier.of(name, Algorithm.COSIGNATURE_V1, key).key_hash
    return Signature(name, key_hash, seconds.to_bytes(8, "big") + signed)


def test_the_vector() -> None:
    hashes = [leaf_hash(each) for each in LEAVES]
    assert hashes[0].hex().startswith("cdc4daee19c07421")
    checkpoint = Checkpoint(ORIGIN, len(hashes), root(hashes))
    assert checkpoint == CHECKPOINT
    assert checkpoint.text == TEXT
    assert len(TEXT) == 90
    assert sign_checkpoint(checkpoint, NODE) == SIGNED
    assert cosign(SIGNED, WITNESS_NAME, WITNESS, COSIGNED_AT) == COSIGNED
    assert verified(COSIGNED) == Verified(CHECKPOINT, {WITNESS_NAME: COSIGNED_AT})


def test_no_flipped_bit_of_a_checkpoint_is_accepted() -> None:
    for flipped in flips(COSIGNED):
        with pytest.raises((BadNote, BadCheckpoint)):
            verified(flipped)


def test_without_a_quorum_a_flipped_bit_loses_the_witness_at_most() -> None:
    name = COSIGNED.index(WITNESS_NAME.encode())
    value = COSIGNED.index(b"PKcA8g")
    lost = set()
    for bit, flipped in enumerate(flips(COSIGNED)):
        try:
            found = verified(flipped, quorum=0)
        except (BadNote, BadCheckpoint):
            continue
        assert found == Verified(CHECKPOINT, {})  # the line is now that of an unknown key
        lost.add(bit // 8)
    assert lost == {*range(name, name + len(WITNESS_NAME)), *range(value, value + 6)}  # its name and its key hash


def test_no_flipped_bit_of_a_leaf_or_its_proof_is_accepted() -> None:
    checkpoint = verified(COSIGNED).checkpoint
    hashes = [leaf_hash(each) for each in LEAVES]
    for index, leaf in enumerate(LEAVES):
        proof = inclusion_proof(index, hashes)

        def holds(leaf: bytes, proof: tuple[bytes, ...], index: int = index) -> bool:
            return verify_inclusion(
                leaf=leaf_hash(leaf), index=index, size=checkpoint.size, proof=proof, root=checkpoint.root
            )

        assert holds(leaf, proof)
        assert not any(holds(flipped, proof) for flipped in flips(leaf))
        for i, each in enumerate(proof):
            assert not any(holds(leaf, (*proof[:i], flipped, *proof[i + 1 :])) for flipped in flips(each))


@given(
    st.from_regex(r"[a-z0-9.:-]{1,20}/ledger/[a-z0-9.-]{1,20}", fullmatch=True),
    st.integers(1, LARGEST_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_what_a_checkpoint_says_is_read_again(origin: str, size: int, tree: bytes) -> None:
    checkpoint = Checkpoint(origin, size, tree)
    assert parse_text(checkpoint.text) == checkpoint
    key = Verifier.of(origin, Algorithm.ED25519, SECOND)
    note = sign_checkpoint(checkpoint, SECOND)
    assert verify_checkpoint(note, origin=origin, log_key=key, witnesses=(), quorum=0) == Verified(checkpoint, {})


def test_the_empty_tree_has_a_checkpoint_of_one_root() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert parse_text(empty.text) == empty
    with pytest.raises(BadCheckpoint, match="another root"):
        parse_text(TEXT.replace("\n5\n", "\n0\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT[:-1],
        TEXT + "\n",
        "\n" + TEXT,
        TEXT + "an extension\n",
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n5\n", "\n"),
        TEXT.replace("\n5\n", "\n\n"),
        TEXT.replace("\n5\n", "\n05\n"),
        TEXT.replace("\n5\n", "\n+5\n"),
        TEXT.replace("\n5\n", "\n-5\n"),
        TEXT.replace("\n5\n", "\n 5\n"),
        TEXT.replace("\n5\n", "\n5.0\n"),
        TEXT.replace("\n5\n", "\n0x5\n"),
        TEXT.replace("\n5\n", "\n1_0\n"),
        TEXT.replace("\n5\n", "\n٥\n"),
        TEXT.replace("\n5\n", f"\n{LARGEST_SIZE + 1}\n"),
        TEXT.replace("\n5\n", "\n" + "9" * 5000 + "\n"),
        TEXT.replace("aGs=", "aGt="),  # the same root in another spelling
        TEXT.replace("aGs=", "aGs"),
        TEXT.replace("aGs=", "aA=="),
        TEXT.replace("6KYV", "6KYV6KYV"),
        TEXT.replace("6KYV", "6K_V"),
        TEXT.replace("billett", "bil lett"),
        TEXT.replace("billett", "bil+lett"),
        TEXT.replace("billett", "bil\u2028lett"),
    ],
)
def test_nothing_else_is_the_text_of_a_checkpoint(text: str) -> None:
    with pytest.raises(BadCheckpoint) as caught:
        parse_text(text)
    assert caught.value.reason == "BAD_CHECKPOINT"


def test_a_note_with_another_text_is_no_checkpoint_whoever_signed_it() -> None:
    for text in ("Good morning\n", TEXT + "an extension\n", TEXT.replace("aGs=", "aGt="), f"{TEXT}\n{NODE_LINE}"):
        line = sign(text, ORIGIN, NODE)
        with pytest.raises(BadCheckpoint):
            verified(line, quorum=0)
        with pytest.raises(BadCheckpoint):
            cosign(line, WITNESS_NAME, WITNESS, COSIGNED_AT)


@pytest.mark.parametrize(
    ("origin", "size", "tree"),
    [
        *((origin, 5, ROOT) for origin in ("", "a b", "a+b", "a\n5", "a\u200b")),
        *((ORIGIN, size, ROOT) for size in (-1, 0, LARGEST_SIZE + 1)),
        *((ORIGIN, 5, tree) for tree in (b"", ROOT[:-1], ROOT + b"\0")),
    ],
)
def test_a_checkpoint_cannot_be_wrong(origin: str, size: int, tree: bytes) -> None:
    with pytest.raises(ValueError):
        Checkpoint(origin, size, tree)


def test_the_quorum_is_one_of_distinct_known_witnesses() -> None:
    both = cosign(COSIGNED, SECOND_NAME, SECOND, LATER)
    assert verified(both, witnesses=(WITNESS_KEY, SECOND_KEY), quorum=2).cosigned == {
        WITNESS_NAME: COSIGNED_AT,
        SECOND_NAME: LATER,
    }
    assert verified(both).cosigned == {WITNESS_NAME: COSIGNED_AT}  # the other is unknown: it does not count
    assert verified(COSIGNED, witnesses=(WITNESS_KEY, SECOND_KEY)).cosigned == {WITNESS_NAME: COSIGNED_AT}
    assert verified(SIGNED, quorum=0).cosigned == {}
    for note, witnesses, quorum in [
        (SIGNED, (WITNESS_KEY,), 1),
        (COSIGNED, (SECOND_KEY,), 1),
        (COSIGNED, (WITNESS_KEY, SECOND_KEY), 2),
    ]:
        with pytest.raises(BadCheckpoint, match=f"{quorum} must"):
            verified(note, witnesses=witnesses, quorum=quorum)


def test_a_wrong_cosignature_is_an_error_even_where_no_quorum_is_asked_for() -> None:
    moved = cosigned_by(WITNESS, WITNESS_NAME, 1_795_000_001)
    right = parse(COSIGNED).signatures[1]
    read = parse(SIGNED)
    for value in (moved.value[:8] + right.value[8:], right.value[8:], right.value + b"\0", WITNESS.sign(TEXT.encode())):
        note = bytes(Note(TEXT, (*read.signatures, Signature(WITNESS_NAME, WITNESS_KEY.key_hash, value))))
        with pytest.raises(BadNote, match="not one over this text"):
            verified(note, quorum=0)


def test_a_witness_counts_once() -> None:
    with pytest.raises(BadNote, match="twice"):
        cosign(COSIGNED, WITNESS_NAME, WITNESS, LATER)
    twice = COSIGNED + str(cosigned_by(WITNESS, WITNESS_NAME, 1_795_000_001)).encode()
    with pytest.raises(BadNote, match="twice"):
        verified(twice)


def test_the_ledgers_own_signature_is_needed() -> None:
    for text in (f"{TEXT}\n{WITNESS_LINE}", f"{TEXT}\n{WITNESS_LINE}— {ORIGIN} 32Yj\n"):
        with pytest.raises((BadCheckpoint, BadNote)):
            verified(text.encode())
    with pytest.raises(BadCheckpoint, match="did not sign"):
        verified(f"{TEXT}\n{WITNESS_LINE}".encode())
    by_another = cosign(sign_checkpoint(CHECKPOINT, SECOND), WITNESS_NAME, WITNESS, COSIGNED_AT)
    with pytest.raises(BadCheckpoint, match="did not sign"):
        verified(by_another)


def test_another_ledgers_checkpoint_is_refused_though_our_node_signed_it() -> None:
    other = Checkpoint("billett.example.no/ledger/other", 5, ROOT)
    with pytest.raises(BadCheckpoint, match="not of billett"):
        verified(cosign(sign(other.text, ORIGIN, NODE), WITNESS_NAME, WITNESS, COSIGNED_AT))


_WITNESS_AS_LEDGER = Verifier(WITNESS_NAME, Algorithm.COSIGNATURE_V1, NODE_KEY.public_key)
_SAME_KEY = Verifier(SECOND_NAME, Algorithm.COSIGNATURE_V1, WITNESS_KEY.public_key)
_SAME_NAME = Verifier(WITNESS_NAME, Algorithm.COSIGNATURE_V1, SECOND_KEY.public_key)
_PLAIN = Verifier(WITNESS_NAME, Algorithm.ED25519, WITNESS_KEY.public_key)


@pytest.mark.parametrize(
    ("witnesses", "quorum"),
    [
        ((WITNESS_KEY, _SAME_KEY), 1),
        ((WITNESS_KEY, _SAME_NAME), 1),
        ((WITNESS_KEY, WITNESS_KEY), 1),
        ((_WITNESS_AS_LEDGER,), 1),
        ((_PLAIN,), 1),
        ((NODE_KEY,), 1),
        ((WITNESS_KEY,), 2),
        ((WITNESS_KEY,), -1),
        ((), 1),
    ],
)
def test_keys_and_quorums_that_could_not_tell_are_refused(witnesses: tuple[Verifier, ...], quorum: int) -> None:
    with pytest.raises(ValueError):
        verified(COSIGNED, witnesses=witnesses, quorum=quorum)


def test_the_ledgers_key_must_be_one_of_the_ledger() -> None:
    for key in (Verifier("other", Algorithm.ED25519, NODE_KEY.public_key), _WITNESS_AS_LEDGER, WITNESS_KEY):
        with pytest.raises(ValueError):
            verify_checkpoint(COSIGNED, origin=ORIGIN, log_key=key, witnesses=(SECOND_KEY,), quorum=0)


def test_times_that_no_clock_shows_are_refused() -> None:
    last = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
    read = parse(SIGNED)
    for seconds, accepted in [(0, True), (last, True), (last + 1, False), (2**63, False), (2**64 - 1, False)]:
        note = bytes(Note(TEXT, (*read.signatures, cosigned_by(WITNESS, WITNESS_NAME, seconds))))
        if accepted:
            assert verified(note).cosigned[WITNESS_NAME].timestamp() == seconds
        else:
            with pytest.raises(BadNote):
                verified(note)


def test_a_witness_signs_times_in_whole_seconds() -> None:
    elsewhere = COSIGNED_AT.astimezone(timezone(timedelta(hours=1)))
    assert cosign(SIGNED, WITNESS_NAME, WITNESS, elsewhere) == COSIGNED
    for time in (
        COSIGNED_AT.replace(tzinfo=None),
        COSIGNED_AT.replace(microsecond=1),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    ):
        with pytest.raises(ValueError):
            cosign(SIGNED, WITNESS_NAME, WITNESS, time)


@given(st.integers(0, 253_402_300_799), st.binary(min_size=64, max_size=64))  # to the end of year 9999
def test_a_cosignature_is_split_as_it_was_joined(seconds: int, signature: bytes) -> None:
    second = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert cosignature.split(cosignature.join(second, signature)) == (second, signature)


def test_a_cosignature_has_one_length() -> None:
    for size in (0, 8, 64, 71, 73):
        with pytest.raises(ValueError, match="72 bytes"):
            cosignature.split(b"\0" * size)


def test_what_else_these_keys_sign_is_no_checkpoint_and_no_cosignature() -> None:
    # One key may sign releases, checkpoints and cosignatures only if no bytes can be two of them.
    assert b" " in envelope._pre_authentication_encoding(envelope.RELEASE, b"").split(b"\n")[0]
    for origin in ("DSSEv1 31", "cosignature/v1\ntime 5"):
        with pytest.raises(ValueError):
            Checkpoint(origin, 5, ROOT)
    assert Checkpoint("cosignature/v1", 5, ROOT).text.split("\n")[1] != "time 5"
    for text in (cosignature.message(TEXT, COSIGNED_AT).decode(), "DSSEv1 1 a 1 b"):
        with pytest.raises(BadCheckpoint):
            parse_text(text)


@given(st.binary(max_size=300) | st.binary(max_size=40).map(lambda end: COSIGNED[:-40] + end))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    if raw != COSIGNED:
        with pytest.raises((BadNote, BadCheckpoint)) as caught:
            verified(raw)
        assert isinstance(caught.value, KudosError)


def test_a_root_is_as_long_as_it_must_be() -> None:
    longer = base64.b64encode(ROOT + b"\0").decode()
    with pytest.raises(BadCheckpoint):
        parse_text(f"{ORIGIN}\n5\n{longer}\n")
