"""The bytes of a text file as UTF-8 with line feeds, piece by piece, whatever encoding they are in."""

import codecs
import re

import numpy as np
import pyarrow as pa

_TWO_BYTES_OF_UTF8 = re.compile(rb"\xc3[\x80-\xbf]")
"""å, æ, ø and their like in UTF-8; in windows-1252 a capital à with a tilde and a sign, which no word has."""

_OLDER_LETTERS = b"\x86\x91\x9b\xbe\xbf"
_OLDER = re.compile(rb"[A-Za-z][" + _OLDER_LETTERS + rb"][a-z]")
"""å, æ, ø within words in the encodings of DOS and of the first Macintosh; daggers and quotes in windows-1252."""

ENCODED_TWICE = "å, æ or ø encoded twice (Ã¥ and the like stand in their place)."

_BEGUN_TWICE = "Ã".encode()
_TWICE = re.compile(_BEGUN_TWICE + rb"(?:\xc2[\x85\x86\x98\xa5\xa6\xb8]|\xe2\x80[\xa0\xa6]|\xcb\x9c)")
"""å, æ, ø and their capitals whose UTF-8 was taken for windows-1252, or for Latin 1, and made UTF-8 again."""

_MAY_GO_ON = (b"\r", _BEGUN_TWICE)
"""Ends of a piece that mean something else together with what follows."""

_LONE_RETURN = re.compile(rb"\r(?!\n)")


class Undecodable(Exception):
    """Bytes that cannot be text, and after how many bytes of a piece they stand."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class Decoder:
    """Makes UTF-8 with line feeds of piece after piece. What was plain ASCII may turn out to be windows-1252."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.removesuffix("-sig")
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._mark = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
        self._is_ascii = encoding == "utf-8"
        self._begun = b""
        self._held = b""

    def decode(self, data: bytes) -> bytes:
        """The next piece of the file; an empty one at its end. Raises Undecodable."""
        before = len(self._held) + len(self._begun)
        text = self._held + self._as_utf8(data)
        if (twice := place_of_twice(text)) is not None:
            raise Undecodable(ENCODED_TWICE, self._position(text[:twice], before))
        if self._mark and text:
            text = text.removeprefix(self._mark)
            self._mark = b""
        self._held = next((end for end in _MAY_GO_ON if data and text.endswith(end)), b"")
        text = text.removesuffix(self._held)
        return (
            text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text and _LONE_RETURN.search(text) else text
        )

    def _position(self, text: bytes, before: int) -> int:
        """After how many bytes of a piece a text ends that was made of it, and of so many bytes before it."""
        return len(text.decode().encode(self._encoding)) if "16" in self._encoding else max(0, len(text) - before)

    def _as_utf8(self, data: bytes) -> bytes:
        if not self._begun and data.isascii() and "16" not in self._encoding:
            return data
        before = len(self._begun)
        if self._is_ascii:
            try:
                text = self._checked(data, final=not data)
            except UnicodeDecodeError:
                # Only ASCII was handed on: a letter that seemed to have begun is one of windows-1252, and is due still.
                self._is_ascii = False
                self._encoding = "windows-1252"
                self._decoder = codecs.getincrementaldecoder(self._encoding)()
                data, self._begun = self._begun + data, b""
            else:
                self._is_ascii = text.isascii()
                return text
        if self._encoding == "windows-1252":
            _refuse_others(data, before)
        try:
            return self._checked(data, final=not data) if self._encoding == "utf-8" else self._decoded(data)
        except UnicodeDecodeError as error:
            raise _mixed(self._encoding, max(0, error.start - before)) from None

    def _decoded(self, data: bytes) -> bytes:
        if self._encoding == "windows-1252" and _is_latin(data):
            return data.decode("latin-1").encode()
        return self._decoder.decode(data, final=not data).encode()

    def _checked(self, data: bytes, *, final: bool) -> bytes:
        """What is UTF-8 is looked through and stays as it is; a letter that has only begun waits for its end."""
        whole = self._begun + data
        end = len(whole) if final else _end_of_letters(whole)
        text = whole[:end]
        if not _is_utf8(text):
            text.decode()  # which finds the place
        self._begun = whole[end:]
        return text


def place_of_twice(text: bytes) -> int | None:
    """Where the first letter stands in a text in UTF-8 that was encoded twice; None where there is none."""
    # A single byte is found far faster than the pattern is, and most texts have none of this one.
    found = _TWICE.search(text) if _BEGUN_TWICE[1] in text else None
    return found.start() if found else None


def _end_of_letters(text: bytes) -> int:
    """Where the last whole letter of a text in UTF-8 ends: of one that has only begun up to three bytes are there."""
    for back in range(1, min(3, len(text)) + 1):
        byte = text[-back]
        if byte & 0xC0 != 0x80:
            length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return len(text) - back if length > back else len(text)
    return len(text)


def _is_utf8(text: bytes) -> bool:
    """Whether bytes are UTF-8, by Arrow, which makes no copy of them to find out."""
    ends = pa.py_buffer(np.array([0, len(text)], dtype=np.int64))
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(text)])
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_latin(data: bytes) -> bool:
    """Whether bytes of windows-1252 are the same in Latin 1, which is decoded ten times as fast: no dash, no quote."""
    return not bool(((np.frombuffer(data, dtype=np.uint8) & 0xE0) == 0x80).any())


def _refuse_others(data: bytes, before: int) -> None:
    """Raises Undecodable for other encodings; of the bytes, so many at their start are of the piece before."""
    # Single bytes are found far faster than the patterns are, and most files have none of them.
    if 0xC3 in data and (found := _TWO_BYTES_OF_UTF8.search(data)):
        raise _mixed("windows-1252", max(0, found.start() - before))
    if any(letter in data for letter in _OLDER_LETTERS) and (found := _OLDER.search(data)):
        raise Undecodable("letters in an old encoding of DOS or Macintosh.", max(0, found.start() - before))


def _mixed(encoding: str, position: int) -> Undecodable:
    return Undecodable(
        f"not text in {encoding}, though the lines above are. The file was put together from two encodings, or is "
        "damaged.",
        position,
    )
