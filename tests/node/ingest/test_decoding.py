"""Text in any encoding, in pieces that end anywhere, becomes the same UTF-8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ingest.readers.decoding import Decoder, Undecodable

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1252")
TEXTS = st.text(st.sampled_from("aZ1;, \n\røæåØé€"), max_size=60)


def decoded(encoding: str, data: bytes, size: int) -> bytes:
    decoder = Decoder(encoding)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(decoder.decode(piece) for piece in [*pieces, b""])


def with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS, size=st.integers(1, 20))
def test_pieces_of_any_size_make_the_same_text(encoding: str, text: str, size: int) -> None:
    found = decoded(encoding, text.encode(encoding), size)
    assert with_line_feeds(found.decode()) == with_line_feeds(text)


@given(st.binary(max_size=12) | TEXTS.map(str.encode), st.integers(1, 5))
def test_what_is_utf_8_is_what_python_takes_for_it(data: bytes, size: int) -> None:
    """After a letter beyond ASCII, so that it is no windows-1252."""
    whole = "æ".encode() + data
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        with pytest.raises(Undecodable):
            decoded("utf-8", "ææææ\n".encode() + data, 8 + size)
    else:
        assert with_line_feeds(decoded("utf-8", whole, size).decode()) == with_line_feeds(text)


def test_what_began_as_plain_letters_may_be_windows_1252() -> None:
    decoder = Decoder("utf-8")
    assert decoder.decode(b"Navn;Type\n") == b"Navn;Type\n"
    assert decoder.decode("Bjørn;Ordinær\n".encode("windows-1252")).decode() == "Bjørn;Ordinær\n"


@pytest.mark.parametrize("letter", [0x86, 0x91, 0x9B, 0xBE, 0xBF])
def test_a_letter_of_dos_or_macintosh_within_a_word_is_told_with_its_place(letter: int) -> None:
    with pytest.raises(Undecodable, match="DOS or Macintosh") as raised:
        Decoder("windows-1252").decode(b"a;b\nOrdin" + bytes([letter]) + b"r\n")
    assert raised.value.position == 8


@pytest.mark.parametrize("text", ["«sitat» † note", "‘Peer Gynt’", "¾ time", "¿Qué?"])
def test_the_same_bytes_beside_words_are_windows_1252(text: str) -> None:
    assert Decoder("windows-1252").decode(text.encode("windows-1252")).decode() == text


def test_two_encodings_in_one_file_are_told() -> None:
    decoder = Decoder("utf-8")
    decoder.decode("Bjørn\n".encode())
    with pytest.raises(Undecodable, match="not text in utf-8, though"):
        decoder.decode("a\nBjørn;x\n".encode("windows-1252"))
    with pytest.raises(Undecodable, match="not text in windows-1252, though"):
        Decoder("windows-1252").decode("Bjørn\n".encode())


@pytest.mark.parametrize("text", ["a;b\nBjørn;Ordinær\n", "a\næ;1\nå", "a\nÅse\n", "æøå\n", "plain\n", "ends in æ"])
def test_plain_letters_and_then_windows_1252_read_alike_wherever_a_piece_ends(text: str) -> None:
    """Also where the first letter beyond ASCII is the last byte of a piece: in UTF-8 three bytes begin so."""
    data = text.encode("windows-1252")
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            decoder = Decoder("utf-8")
            pieces = [data[:first], data[first:second], data[second:], b""]
            found = b"".join(decoder.decode(piece) for piece in pieces if piece) + decoder.decode(b"")
            assert found.decode() == text, (first, second)


@pytest.mark.parametrize("text", ["a;🎭;b\n", "a;€;b\n", "a;é;b\n", "🎭"])
@pytest.mark.parametrize("before", ["", "Bjørn\n"])
def test_a_letter_of_utf_8_may_be_cut_after_each_of_its_bytes(before: str, text: str) -> None:
    data = (before + text).encode()
    for place in range(1, len(data)):
        decoder = Decoder("utf-8")
        assert decoder.decode(data[:place]) + decoder.decode(data[place:]) + decoder.decode(b"") == data


def test_the_place_of_what_is_mixed_is_that_of_the_piece_in_which_it_stands() -> None:
    decoder = Decoder("utf-8")
    assert decoder.decode(b"a;b\n\xe6") == b"a;b\n"
    with pytest.raises(Undecodable) as raised:
        decoder.decode(b"re\nBj\xc3\xb8rn\n")
    assert raised.value.position == 5


def twice(text: str, taken_for: str = "windows-1252") -> str:
    """A text as it comes out where its UTF-8 is taken for something else."""
    return text.encode().decode(taken_for)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
@pytest.mark.parametrize("taken_for", ["windows-1252", "latin-1"])
@pytest.mark.parametrize("letter", "åøæÅØÆ")
def test_a_letter_that_was_encoded_twice_is_told_wherever_a_piece_ends(
    letter: str, taken_for: str, encoding: str
) -> None:
    data = f"a;b\nSÃO;V{twice(letter, taken_for)}r\n".encode(encoding)
    for size in range(1, len(data) + 1):
        with pytest.raises(Undecodable, match="encoded twice"):
            decoded(encoding, data, size)


def test_the_place_of_what_was_encoded_twice_is_that_in_its_piece() -> None:
    decoder = Decoder("utf-8")
    assert decoder.decode("æ;b\nV".encode() + b"\xc3") == "æ;b\nV".encode()
    with pytest.raises(Undecodable) as raised:
        decoder.decode(b"\x83\xc2\xa5r\n")
    assert raised.value.position == 0
    with pytest.raises(Undecodable) as raised:
        Decoder("utf-8").decode(f"æ;b\nV{twice('å')}r\n".encode())
    assert raised.value.position == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
@pytest.mark.parametrize("text", ["SÃO JOÃO", "AMANHÃ", "Ã", "ÃÃ ;¥", "MANHÃ;Å"])
def test_a_letter_of_portuguese_alone_is_not_taken_for_one_that_was_encoded_twice(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    for size in range(1, len(data) + 1):
        assert decoded(encoding, data, size).decode() == text
