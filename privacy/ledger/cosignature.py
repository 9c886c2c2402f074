"""What a witness signs, and how its signature is written: C2SP tlog-cosignature, `cosignature/v1` with Ed25519.

    cosignature/v1
    time 1795000000
    <the text of the checkpoint>

The signature is the time, in seconds since 1970 as 8 big-endian bytes, and the 64 bytes of Ed25519. The message
names the log and not the witness: two witnesses never share a key.

Source: https://c2sp.org/tlog-cosignature.
"""

from datetime import UTC, datetime, timedelta

SIGNATURE_SIZE = 8 + 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def message(text: str, time: datetime) -> bytes:
    """What is signed for a note with this text. Raises ValueError unless `time` is in whole seconds since 1970."""
    return f"cosignature/v1\ntime {_seconds(time)}\n{text}".encode()


def join(time: datetime, signature: bytes) -> bytes:
    """The signature of a note: `time`, in whole seconds, and 64 bytes of Ed25519. Raises ValueError as `message`."""
    return _seconds(time).to_bytes(8, "big") + signature


def split(signature: bytes) -> tuple[datetime, bytes]:
    """The time, in UTC, and the 64 bytes of Ed25519. Raises ValueError for any other length, or past year 9999."""
    if len(signature) != SIGNATURE_SIZE:
        raise ValueError("a cosignature has 72 bytes")
    try:
        return _EPOCH + timedelta(seconds=int.from_bytes(signature[:8], "big")), signature[8:]
    except OverflowError as error:
        raise ValueError("a time that no clock shows") from error


def _seconds(time: datetime) -> int:
    if time.tzinfo is None or time.microsecond or time < _EPOCH:
        raise ValueError("not a time in whole seconds since 1970, with its time zone")
    return (time - _EPOCH) // timedelta(seconds=1)
