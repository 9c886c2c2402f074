import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.ledger.note import (
    LARGEST_NOTE,
    MOST_SIGNATURES,
    Algorithm,
    BadNote,
    BadVerifierKey,
    Note,
    Signature,
    Verifier,
    parse,
    sign,
    verify,
)
from tests.privacy.ledger.vector import (
    COSIGNED,
    NODE,
    NODE_KEY,
    NODE_KEY_TEXT,
    NODE_LINE,
    ORIGIN,
    SIGNED,
    TEXT,
    WITNESS,
    WITNESS_KEY,
    WITNESS_KEY_TEXT,
    WITNESS_LINE,
    WITNESS_NAME,
)

# The example of the documentation of golang.org/x/mod/sumdb/note.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
""".encode()

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="+"), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=0x20) | st.just("\n"), max_size=200).map("{}\n".format)


def note(text: str, *lines: str) -> bytes:
    return "".join((text, "\n", *lines)).encode()


def line(name: str, raw: bytes = b"hash and more") -> str:
    return f"— {name} {base64.b64encode(raw).decode()}\n"


def test_a_note_published_elsewhere_verifies() -> None:
    verifier = Verifier.parse(PUBLISHED_KEY)
    assert str(verifier) == PUBLISHED_KEY
    read = parse(PUBLISHED_NOTE)
    assert list(verify(read, [verifier])) == [verifier]
    assert read.text.count("\n") == 2


def test_the_vector_is_what_the_node_signs() -> None:
    assert sign(TEXT, ORIGIN, NODE) == SIGNED
    assert parse(COSIGNED).signatures[0] == parse(SIGNED).signatures[0]
    assert bytes(parse(COSIGNED)) == COSIGNED
    assert set(verify(parse(COSIGNED), [NODE_KEY, WITNESS_KEY])) == {NODE_KEY, WITNESS_KEY}


def test_the_keys_of_the_vector_are_written_as_they_should_be() -> None:
    assert str(Verifier.of(ORIGIN, Algorithm.ED25519, NODE)) == NODE_KEY_TEXT
    assert str(Verifier.of(WITNESS_NAME, Algorithm.COSIGNATURE_V1, WITNESS)) == WITNESS_KEY_TEXT
    assert "+" in NODE_KEY_TEXT.split("+", 2)[2]  # split at the first two only


@given(TEXTS, NAMES)
def test_what_is_signed_reads_and_verifies(text: str, name: str) -> None:
    signed = sign(text, name, NODE)
    read = parse(signed)
    assert read.text == text
    assert bytes(read) == signed
    verifier = Verifier.parse(str(Verifier.of(name, Algorithm.ED25519, NODE)))
    assert list(verify(read, [verifier, WITNESS_KEY])) == [verifier]


@pytest.mark.parametrize(
    "text", ["", "no newline", "a\n\nb", "a\rb\n", "a\tb\n", "\0\n", "\ud800\n", f"a\n\n{WITNESS_LINE[:-1]}"]
)
def test_no_other_text_is_signed(text: str) -> None:
    with pytest.raises(ValueError):
        sign(text, ORIGIN, NODE)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\nb", "a\0b", "a\u200bb", "\ud800"])
def test_no_other_name_signs(name: str) -> None:
    with pytest.raises(ValueError):
        sign(TEXT, name, NODE)
    with pytest.raises(BadNote):
        parse(f"{TEXT}\n{NODE_LINE}{line(name)}".encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT.encode(),
        note(TEXT),
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"\n\n",
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace("—".encode(), b"-"),
        SIGNED.replace("— ".encode(), "—".encode()),
        SIGNED.replace("— ".encode(), "—  ".encode()),
        SIGNED[:-1] + b" \n",
        b"\xff" + SIGNED,
        b"\xc0\x80" + SIGNED,  # another spelling of NUL
        b"\x1b[2J" + SIGNED,
        note(TEXT, NODE_LINE, "a line of another kind\n"),
        note(TEXT, "— name\n"),
        note(TEXT, "— name \n"),
        note(TEXT, line("name", b"hash")),
        note(TEXT, NODE_LINE, NODE_LINE),
        note(TEXT, NODE_LINE, line(ORIGIN, bytes.fromhex("df6623c6") + b"another")),
        note(TEXT, line("name", b"hash of none") * 2),
    ],
)
def test_nothing_else_is_a_note(raw: bytes) -> None:
    with pytest.raises(BadNote) as caught:
        parse(raw)
    assert caught.value.reason == "BAD_NOTE"


@pytest.mark.parametrize(
    "spelling",
    [
        "aGFzaDEyMw=",  # padding is missing
        "aGFzaDEyMw",
        "aGFzaDEyMx==",  # bits after the last byte
        "aGFzaDEyMw==\t",
        "aGFz aDEyMw==",
        "aGFzaDEyMw====",
        "aGFzaDEyMw==aGFz",
        "aGFzaDEyM_==",
        "aGFzaDEyMẃ==",
    ],
)
def test_base64_has_one_spelling(spelling: str) -> None:
    assert parse(note(TEXT, "— name aGFzaDEyMw==\n")).signatures == (Signature("name", b"hash", b"123"),)
    with pytest.raises(BadNote):
        parse(note(TEXT, f"— name {spelling}\n"))


def test_the_last_empty_line_ends_the_text() -> None:
    text = f"a\n\n{WITNESS_LINE}b\n\n\nc\n"
    assert parse(sign(text, ORIGIN, NODE)).text == text


def test_a_note_has_so_many_signatures_and_no_more() -> None:
    lines = [line(f"name{i}") for i in range(MOST_SIGNATURES)]
    assert len(parse(note(TEXT, *lines)).signatures) == MOST_SIGNATURES
    with pytest.raises(BadNote, match="too many"):
        parse(note(TEXT, *lines, line("name")))


def test_a_note_has_so_many_bytes_and_no_more() -> None:
    room = LARGEST_NOTE - len(sign("\n", ORIGIN, NODE))
    assert len(sign("a" * room + "\n", ORIGIN, NODE)) == LARGEST_NOTE
    with pytest.raises(ValueError, match="too long"):
        sign("a" * (room + 1) + "\n", ORIGIN, NODE)
    with pytest.raises(BadNote, match="too long"):
        parse(b"a" * (room + 1) + sign("\n", ORIGIN, NODE))


def test_signatures_of_unknown_keys_are_kept_and_ignored() -> None:
    same_name, same_hash = line(ORIGIN), line("someone.else", NODE_KEY.key_hash + b"and more")
    read = parse(note(TEXT, same_name, NODE_LINE, same_hash))
    assert [each.name for each in read.signatures] == [ORIGIN, ORIGIN, "someone.else"]
    assert bytes(read) == note(TEXT, same_name, NODE_LINE, same_hash)
    assert verify(read, [NODE_KEY, WITNESS_KEY]) == {NODE_KEY: read.signatures[1].value}


def test_no_known_signature_is_an_error() -> None:
    for verifiers in ([], [WITNESS_KEY]):
        with pytest.raises(BadNote, match="No key that is known"):
            verify(parse(SIGNED), verifiers)


@pytest.mark.parametrize("known", [NODE_KEY, WITNESS_KEY])
@pytest.mark.parametrize("value", [b"", b"\0" * 64, b"\0" * 72, b"\xff" * 72, b"short"])
def test_a_wrong_signature_of_a_known_key_is_an_error(known: Verifier, value: bytes) -> None:
    signature = Signature(known.name, known.key_hash, value)
    right = [each for each in parse(COSIGNED).signatures if each.name != known.name]
    with pytest.raises(BadNote, match="not one over this text"):
        verify(Note(TEXT, (*right, signature)), [NODE_KEY, WITNESS_KEY])


def test_a_signature_over_another_text_is_an_error() -> None:
    other = Note(TEXT.replace("5", "6", 1), parse(SIGNED).signatures)
    with pytest.raises(BadNote, match="not one over this text"):
        verify(other, [NODE_KEY])


def test_a_key_of_one_algorithm_accepts_no_signature_of_the_other() -> None:
    cosigned = parse(COSIGNED).signatures[1].value
    assert WITNESS_KEY.accepts(TEXT, cosigned)
    plain = Verifier(WITNESS_NAME, Algorithm.ED25519, WITNESS_KEY.public_key)
    assert plain.key_hash != WITNESS_KEY.key_hash
    assert not plain.accepts(TEXT, cosigned)
    assert not plain.accepts(TEXT, cosigned[8:])
    assert not WITNESS_KEY.accepts(TEXT, WITNESS.sign(TEXT.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "name",
        ORIGIN,
        f"{ORIGIN}+df6623c6",
        NODE_KEY_TEXT.replace("df66", "df67"),
        NODE_KEY_TEXT.replace("df66", "DF66"),
        NODE_KEY_TEXT.replace("+df66", "+0df66"),
        NODE_KEY_TEXT.replace("billett", "Billett"),
        NODE_KEY_TEXT + "\n",
        NODE_KEY_TEXT + "=",
        NODE_KEY_TEXT[:-1],
        NODE_KEY_TEXT[:-4],
        " " + NODE_KEY_TEXT,
        NODE_KEY_TEXT.replace("+AQ", "+Ag"),  # another algorithm, under which the hash is another
        "name+00000000+",
        "\udcff+00000000+" + "AQ" + "A" * 42,
    ],
)
def test_nothing_else_is_a_verifier_key(text: str) -> None:
    with pytest.raises(BadVerifierKey) as caught:
        Verifier.parse(text)
    assert caught.value.reason == "BAD_VERIFIER_KEY"


def test_every_flipped_bit_of_a_verifier_key_is_noticed() -> None:
    raw = WITNESS_KEY_TEXT.encode()
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadVerifierKey):
            Verifier.parse(flipped.decode("utf-8", "surrogateescape"))


def test_a_verifier_cannot_be_wrong() -> None:
    with pytest.raises(ValueError):
        Verifier("a name", Algorithm.ED25519, b"\0" * 32)
    with pytest.raises(ValueError):
        Verifier("name", Algorithm.ED25519, b"\0" * 31)


@given(
    st.binary(max_size=100).map(lambda end: SIGNED[:-10] + end)
    | st.tuples(TEXTS, st.lists(st.tuples(NAMES, st.binary(max_size=12)), max_size=3)).map(
        lambda drawn: note(drawn[0], *(line(*each) for each in drawn[1]))
    )
)
def test_whatever_reads_is_written_in_the_same_bytes(raw: bytes) -> None:
    try:
        read = parse(raw)
    except BadNote:
        return
    assert bytes(read) == raw


def test_two_nodes_may_bear_one_name() -> None:
    successor = Ed25519PrivateKey.from_private_bytes(b"\x40" * 32)
    both = note(TEXT, NODE_LINE, str(parse(sign(TEXT, ORIGIN, successor)).signatures[0]))
    keys = {NODE_KEY, Verifier.of(ORIGIN, Algorithm.ED25519, successor)}
    assert set(verify(parse(both), keys)) == keys
