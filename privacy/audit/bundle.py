"""Bundles: what an auditor verifies, as plain files. docs/bundle.md is the format; this file writes it.

A bundle is a folder or an uncompressed tar with one part or both:

    public/      bundle.json  authority.pem  certificates.jsonl  members.jsonl
                 ledgers/<member>/leaves.jsonl            the leaves, one a line, byte for byte
                 ledgers/<member>/checkpoints/<size>.note cosigned checkpoints
                 rounds/<round>/announcement.json         DSSE
                 rounds/<round>/round.json
                 rounds/<round>/market.json               DSSE, of a round of cross-use
                 rounds/<round>/sketches.jsonl            DSSE, one a line: headers of sealed sketches
                 benchmarks/<round>/<version>.json        DSSE
    restricted/  bundle.json  releases/<member>.jsonl     DSSE, one a line

Whoever has the data makes (path, bytes) of it with the functions below; pieces of one file follow each other.
"""

import base64
import json
import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from privacy.audit.errors import BadBundle, UsageError
from privacy.audit.paths import (
    AUTHORITY,
    CERTIFICATES,
    HEADER,
    MEMBERS,
    announcement_path,
    benchmark_path,
    check_path,
    checkpoint_path,
    leaves_path,
    market_path,
    releases_path,
    round_path,
    sketches_path,
)
from privacy.audit.records import (
    CertificateLine,
    Dsse,
    Header,
    MarketRecord,
    MemberLine,
    ReleaseLine,
    RoundRecord,
    Signature,
    SketchLine,
)
from protos.kudos.v1.envelope_pb2 import Envelope

File = tuple[str, bytes]
"""A path inside a bundle, and the next piece of that file."""

_PIECE = 1 << 20


# ---- envelopes


def dsse_of(envelope: bytes) -> Dsse:
    """An envelope (kudos.v1.Envelope, serialised) as DSSE (github.com/secure-systems-lab/dsse) writes it in JSON.

    Raises `BadBundle` for bytes that `envelope_of` would not give back: they are no envelope of ours.
    """
    message = Envelope()
    try:
        message.ParseFromString(envelope)
    except DecodeError as error:
        raise BadBundle("an envelope that does not read") from error
    made = Dsse(
        payloadType=message.payload_type,
        payload=_base64(message.payload),
        signatures=(Signature(keyid=message.key_id, sig=_base64(message.signature)),),
    )
    if envelope_of(made) != envelope:
        raise BadBundle("an envelope with more in it than type, payload, key id and signature")
    return made


def envelope_of(dsse: Dsse) -> bytes:
    """The envelope, byte for byte, that `dsse_of` was made of. Raises `BadBundle` for base64 in another spelling."""
    (signature,) = dsse.signatures
    return Envelope(
        payload_type=dsse.payloadType,
        payload=decoded(dsse.payload),
        key_id=signature.keyid,
        signature=decoded(signature.sig),
    ).SerializeToString(deterministic=True)


def decoded(text: str) -> bytes:
    """The bytes of a text in base64 (RFC 4648, section 4). Raises `BadBundle` for any other spelling of them."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadBundle("base64 that does not read") from error
    if _base64(raw) != text:
        raise BadBundle("base64 in another spelling than the usual")
    return raw


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


# ---- files


def header_file(header: Header) -> File:
    """bundle.json of the part that the header says."""
    return f"{header.kind}/{HEADER}", _json(header.model_dump(mode="json"))


def authority_file(pem: bytes) -> File:
    """The certificate of the network's authority, PEM."""
    return AUTHORITY, pem


def members_file(members: Iterable[MemberLine]) -> Iterator[File]:
    """Every member that there ever was."""
    return _lines(MEMBERS, (_json(each.model_dump(mode="json")) for each in members))


def certificates_file(certificates: Iterable[CertificateLine]) -> Iterator[File]:
    """Every certificate that the authority issued to a holder."""
    return _lines(CERTIFICATES, (_json(each.model_dump(mode="json")) for each in certificates))


def leaves_file(member: str, leaves: Iterable[bytes]) -> Iterator[File]:
    """A ledger's leaves, in order from the first."""
    return _lines(leaves_path(member), (leaf + b"\n" for leaf in leaves))


def checkpoint_file(member: str, size: int, note: bytes) -> File:
    """A cosigned checkpoint, as it is."""
    return checkpoint_path(member, size), note


def announcement_file(round_name: str, envelope: bytes) -> File:
    """A round's announcement. Raises `BadBundle` for bytes that are no envelope."""
    return announcement_path(round_name), _json(dsse_of(envelope).model_dump(mode="json"))


def round_file(record: RoundRecord) -> File:
    """Where a round stands."""
    return round_path(record.round), _json(record.model_dump(mode="json"))


def market_file(round_name: str, envelope: bytes, made: datetime) -> File:
    """The market of a round of cross-use, made at that moment. Raises `BadBundle` for bytes that are no envelope."""
    record = MarketRecord(**dict(dsse_of(envelope)), made=made)
    return market_path(round_name), _json(record.model_dump(mode="json"))


def sketch_line(header: bytes, member: str, received: datetime, declined: datetime | None = None) -> SketchLine:
    """The envelope of a sealed sketch's header, whose sketch it is, and the moment (UTC, whole seconds) it had come.

    `declined` is when the member declined the round after all.
    """
    return SketchLine(**dict(dsse_of(header)), member=member, received=received, declined=declined)


def sketches_file(round_name: str, sketches: Iterable[SketchLine]) -> Iterator[File]:
    """The headers of the sketches that came for a round of cross-use, by member."""
    return _lines(sketches_path(round_name), (_json(each.model_dump(mode="json")) for each in sketches))


def benchmark_file(round_name: str, version: int, envelope: bytes) -> File:
    """A published version of a benchmark. Raises `BadBundle` for bytes that are no envelope."""
    return benchmark_path(round_name, version), _json(dsse_of(envelope).model_dump(mode="json"))


def release_line(envelope: bytes, round_name: str | None = None, received: datetime | None = None) -> ReleaseLine:
    """A release with the round that it came for and the moment (UTC, whole seconds) when it came."""
    return ReleaseLine(**dict(dsse_of(envelope)), round=round_name, received=received)


def releases_file(member: str, releases: Iterable[ReleaseLine]) -> Iterator[File]:
    """A member's releases, in the order in which they came."""
    return _lines(releases_path(member), (_json(each.model_dump(mode="json")) for each in releases))


def _json(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"


def _lines(path: str, lines: Iterable[bytes]) -> Iterator[File]:
    """A file of lines in pieces of about a mebibyte; also one without lines is a file."""
    held: list[bytes] = []
    size, some = 0, False
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield path, b"".join(held)
            held, size, some = [], 0, True
    if held or not some:
        yield path, b"".join(held)


# ---- writing


@dataclass(frozen=True)
class Written:
    """What was written: how many files, and how many bytes they hold."""

    path: Path
    files: int
    bytes: int


def write(files: Iterable[File], out: Path) -> Written:
    """Writes a bundle, readable by its owner alone: a tar where `out` ends in .tar, else a folder.

    It is there whole or not at all. Raises UsageError where `out` is there already, and BadBundle where the pieces of a
    file do not follow each other.
    """
    if out.exists():
        raise UsageError(f"{out} is there already, and an export replaces nothing. Name another: --out NAME")
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        written = _write_tar(files, unfinished) if out.suffix == ".tar" else _write_folder(files, unfinished)
        unfinished.rename(out)
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        unfinished.unlink(missing_ok=True)
    return Written(out, *written)


def _whole_files(files: Iterable[File]) -> Iterator[tuple[str, Iterator[bytes]]]:
    seen: set[str] = set()
    for path, pieces in groupby(files, key=lambda each: each[0]):
        check_path(path)
        if path in seen:
            raise BadBundle("its pieces do not follow each other", path)
        seen.add(path)
        yield path, (piece for _, piece in pieces)


def _write_folder(files: Iterable[File], folder: Path) -> tuple[int, int]:
    folder.mkdir(mode=0o700)
    number = size = 0
    for path, pieces in _whole_files(files):
        target = folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            size += sum(file.write(piece) for piece in pieces)
        number += 1
    return number, size


def _write_tar(files: Iterable[File], out: Path) -> tuple[int, int]:
    number = size = 0
    with (
        os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target,
        tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, pieces in _whole_files(files):
            with tempfile.SpooledTemporaryFile(max_size=16 * _PIECE) as held:
                for piece in pieces:
                    held.write(piece)
                entry = tarfile.TarInfo(path)  # no owner, no time: equal bundles are equal bytes
                entry.mode, entry.size = 0o600, held.tell()
                held.seek(0)
                tar.addfile(entry, held)
            number, size = number + 1, size + entry.size
    return number, size
