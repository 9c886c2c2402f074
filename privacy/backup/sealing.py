"""The encrypted file: a header that people can read, and chunks that nobody can change, drop, swap or cut off.

    kudos-backup/v1
    {"kdf":"scrypt","made":"2026-01-10T12:00:00Z","n":131072,"p":1,"program":"0.1.0","r":8,"salt":"…","what":"node"}
    HMAC-SHA-256 of these two lines, in hexadecimal
    chunks

scrypt (RFC 7914) makes 64 bytes of the passphrase (UTF-8, NFC) and the salt: the first half is the key of the chunks,
the second that of the HMAC. Each chunk is ChaCha20-Poly1305 (RFC 8439) over 64 KiB, the last over less; its nonce is
the chunk's number, 11 bytes, and a byte that is 1 for the last, which is the STREAM construction (Hoang, Reyhanitabar,
Rogaway and Vizár 2015) as age has it (https://age-encryption.org/v1). Its associated data is the SHA-256 of the first
two lines. A key seals one file, for the salt is new each time.
"""

import hashlib
import hmac
import io
import json
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from privacy.backup.errors import BackupDamaged, WrongPassphrase

MAGIC = b"kudos-backup/v1\n"
CHUNK, TAG = 1 << 16, 16
N, R, P = 1 << 17, 8, 1
"""scrypt's cost: 128 MiB and some tenths of a second."""

_MOST_N, _LONGEST_HEADER = 1 << 20, 4096


@dataclass(frozen=True)
class Header:
    """What a backup says of itself without its passphrase: `what` it is of, when it was `made`, by which `program`."""

    what: str
    made: str
    program: str
    salt: bytes
    n: int = N

    def line(self) -> bytes:
        """As it is written."""
        fields = {"kdf": "scrypt", "n": self.n, "r": R, "p": P, "salt": self.salt.hex()}
        told = {"what": self.what, "made": self.made, "program": self.program}
        return json.dumps(fields | told, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class _Keys:
    cipher: ChaCha20Poly1305
    header: bytes
    digest: bytes

    def mac(self) -> bytes:
        """The third line."""
        return self.header

    @classmethod
    def derive(cls, header: Header, passphrase: str) -> "_Keys":
        text = unicodedata.normalize("NFC", passphrase).encode()
        made = Scrypt(salt=header.salt, length=64, n=header.n, r=R, p=P).derive(text)
        told = MAGIC + header.line()
        mac = hmac.new(made[32:], told, hashlib.sha256).hexdigest().encode() + b"\n"
        return cls(ChaCha20Poly1305(made[:32]), mac, hashlib.sha256(told).digest())


class Sealing(io.RawIOBase):
    """A file that encrypts what is written to it. Only `finish` makes it whole."""

    def __init__(self, file: BinaryIO, what: str, made: str, program: str, passphrase: str, n: int = N) -> None:
        header = Header(what, made, program, os.urandom(16), n)
        self._keys = _Keys.derive(header, passphrase)
        self._file = file
        self._held = bytearray()
        self._number = 0
        file.write(MAGIC + header.line() + self._keys.mac())

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: Any) -> int:
        """Takes bytes; a chunk is sealed once it is known not to be the last."""
        added = bytes(memoryview(content))
        self._held += added
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(added)

    def finish(self) -> None:
        """Writes the last chunk."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._file.write(self._keys.cipher.encrypt(_nonce(self._number, last=last), plain, self._keys.digest))
        self._number += 1


class Opening(io.RawIOBase):
    """A file that is decrypted as it is read. Its end is reported only where the last chunk says so.

    Raises BackupDamaged and WrongPassphrase.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self.header, mac = read_header(file)
        self._keys = _Keys.derive(self.header, passphrase)
        if not hmac.compare_digest(mac, self._keys.mac()):
            raise WrongPassphrase(
                "This passphrase does not open the backup. Try the one that it was made with: nothing else does, and "
                "nobody can reset it."
            )
        self._file = file
        self._next = file.read(CHUNK + TAG)
        self._held = b""
        self._number = 0
        self._done = False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; 0 at the end."""
        while not self._held and not self._done:
            self._open_one()
        view = memoryview(buffer)
        given = self._held[: len(view)]
        view[: len(given)] = given
        self._held = self._held[len(given) :]
        return len(given)

    def _open_one(self) -> None:
        sealed, self._next = self._next, self._file.read(CHUNK + TAG)
        self._done = not self._next
        try:
            nonce = _nonce(self._number, last=self._done)
            self._held = self._keys.cipher.decrypt(nonce, sealed, self._keys.digest)
        except InvalidTag as error:
            raise BackupDamaged(
                f"The backup is damaged or cut short, at about byte {self._number * (CHUNK + TAG)}. "
                "Use another copy of it."
            ) from error
        self._number += 1


def _header(line: bytes) -> Header | None:
    """What the second line says, where it is just as `Header` writes it and asks for no more work than it may."""
    if not _LINE.fullmatch(line):
        return None
    try:
        said = json.loads(line)
        header = Header(said["what"], said["made"], said["program"], bytes.fromhex(said["salt"]), said["n"])
    except (ValueError, KeyError, TypeError):
        return None
    power_of_two = header.n > 1 and not header.n & (header.n - 1)
    return header if header.line() == line and power_of_two and header.n <= _MOST_N else None


_LINE = re.compile(
    rb'\{"kdf":"scrypt","made":"[^"\\]{1,40}","n":\d{1,7},"p":1,"program":"[^"\\]{1,40}","r":8,.{1,200}\}\n'
)


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """What a backup says of itself, not yet authenticated, and the HMAC over it. Raises BackupDamaged."""
    lines = [file.readline(_LONGEST_HEADER) for _ in range(3)]
    header = _header(lines[1]) if lines[0] == MAGIC and len(lines[2]) == 65 else None
    if header is None:
        raise BackupDamaged("This file is no backup of Kudos, or of a newer version, or its beginning is damaged.")
    return header, lines[2]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
