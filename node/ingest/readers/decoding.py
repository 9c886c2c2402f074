"""The bytes of a text file as UTF-8 with line feeds, piece by piece, whatever encoding they are in."""

import codecs
import re

_TWO_BYTES_OF_UTF8 = re.compile(rb"\xc3[\x80-\xbf]")
"""å, æ, ø and their like in UTF-8; in windows-1252 a capital à with a tilde and a sign, which no word has."""

_OLDER_LETTERS = b"\x86\x91\x9b\xbe\xbf"
_OLDER = re.compile(rb"[A-Za-z][" + _OLDER_LETTERS + rb"][a-z]")
"""å, æ, ø within words in the encodings of DOS and of the first Macintosh; daggers and quotes in windows-1252."""

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
        self._held = b""

    def decode(self, data: bytes) -> bytes:
        """The next piece of the file; an empty one at its end. Raises Undecodable."""
        text = self._held + self._as_utf8(data)
        if self._mark and text:
            text = text.removeprefix(self._mark)
            self._mark = b""
        self._held = b"\r" if data and text.endswith(b"\r") else b""
        text = text.removesuffix(self._held)
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if _LONE_RETURN.search(text) else text

    def _as_utf8(self, data: bytes) -> bytes:
        pending = self._decoder.getstate()[0]
        if not pending and data.isascii() and "16" not in self._encoding:
            return data
        if self._is_ascii:
            self._is_ascii = False
            try:
                return self._checked(pending, data, final=False)
            except UnicodeDecodeError:
                self._encoding = "windows-1252"
                self._decoder = codecs.getincrementaldecoder(self._encoding)()
        if self._encoding == "windows-1252":
            _refuse_others(data)
        try:
            return self._checked(pending, data, final=not data)
        except UnicodeDecodeError as error:
            raise _mixed(self._encoding, max(0, error.start - len(pending))) from None

    def _checked(self, pending: bytes, data: bytes, *, final: bool) -> bytes:
        """Decodes a piece before which some bytes are pending. What is UTF-8 is looked through and stays as it is."""
        text = self._decoder.decode(data, final=final)
        if self._encoding != "utf-8":
            return text.encode()
        whole = pending + data
        return whole[: len(whole) - len(self._decoder.getstate()[0])]


def _refuse_others(data: bytes) -> None:
    if found := _TWO_BYTES_OF_UTF8.search(data):
        raise _mixed("windows-1252", found.start())
    # Single bytes are found far faster than the pattern is, and most files have none of them.
    if any(letter in data for letter in _OLDER_LETTERS) and (found := _OLDER.search(data)):
        raise Undecodable("letters in an old encoding of DOS or Macintosh.", found.start())


def _mixed(encoding: str, position: int) -> Undecodable:
    return Undecodable(
        f"not text in {encoding}, though the lines above are. The file was put together from two encodings, or is "
        "damaged.",
        position,
    )
