"""A backup opens with its passphrase, whole, and in no other way."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.backup.archive import fits, packing, unpack, verify
from privacy.backup.errors import BackupDamaged, BackupError, WrongPassphrase
from privacy.backup.sealing import CHUNK, MAGIC, TAG, Opening, Sealing

N = 2
PASSPHRASE = "korrekt hest batteri stift"
MADE = datetime(2026, 1, 10, 12, tzinfo=UTC)


def sealed(plain: bytes, passphrase: str = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    sealing = Sealing(file, "node", "2026-01-10T12:00:00Z", "0.1.0", passphrase, N)
    sealing.write(plain)
    sealing.finish()
    return file.getvalue()


def opened(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return Opening(io.BytesIO(content), passphrase).read()


def a_backup(folder: Path, **pieces: bytes) -> Path:
    file = folder / "some.kudos-backup"
    with packing(file, "node", PASSPHRASE, MADE, N) as pack:
        for name, content in pieces.items():
            pack.add(name, content)
        pack.about["says"] = "hei"
    return file


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_is_opened(size: int) -> None:
    plain = bytes(index % 251 for index in range(size))
    content = sealed(plain)
    assert opened(content) == plain
    assert plain == b"" or plain[:16] not in content or size < 16


@given(st.lists(st.binary(max_size=3 * CHUNK), max_size=4))
def test_however_it_is_written(pieces: list[bytes]) -> None:
    file = io.BytesIO()
    sealing = Sealing(file, "node", "2026-01-10T12:00:00Z", "0.1.0", PASSPHRASE, N)
    for piece in pieces:
        sealing.write(piece)
    sealing.finish()
    assert opened(file.getvalue()) == b"".join(pieces)


def test_the_same_twice_shares_no_byte_of_key_or_chunk() -> None:
    one, other = sealed(b"the same"), sealed(b"the same")
    assert one.splitlines()[1] != other.splitlines()[1]
    assert one[-24:] != other[-24:]


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    assert opened(sealed(b"x", "bl\u00e5b\u00e6rsyltet\u00f8y"), "bla\u030ab\u00e6rsyltet\u00f8y") == b"x"


@pytest.mark.parametrize("wrong", ["", "korrekt hest batteri stif", PASSPHRASE + " "])
def test_another_passphrase_opens_nothing(wrong: str) -> None:
    with pytest.raises(WrongPassphrase):
        opened(sealed(b"x"), wrong)


@given(st.data())
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    content = bytearray(sealed(b"a" * 100))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((BackupDamaged, WrongPassphrase)):
        opened(bytes(content))


def test_no_chunk_can_be_left_out_swapped_repeated_or_cut_off() -> None:
    content = sealed(b"".join(bytes([number]) * CHUNK for number in range(4)))
    begin = len(b"".join(content.splitlines(keepends=True)[:3]))
    head, size = content[:begin], CHUNK + TAG
    chunks = [content[place : place + size] for place in range(begin, len(content), size)]
    assert len(chunks) == 4
    for wrong in (
        chunks[:3],
        chunks[1:],
        chunks[:1] + chunks[2:],
        [chunks[1], chunks[0], *chunks[2:]],
        [*chunks, chunks[3]],
        [*chunks, b"x"],
        [*chunks[:3], chunks[3][:-1]],
        [],
    ):
        with pytest.raises(BackupDamaged):
            opened(head + b"".join(wrong))


def test_a_header_that_asks_for_much_work_is_not_believed() -> None:
    content = sealed(b"x")
    for wrong in (b'"n":4194304', b'"n":3', b'"n":0'):
        with pytest.raises(BackupDamaged):
            opened(content.replace(b'"n":2', wrong))
    with pytest.raises(BackupDamaged):
        opened(b"kudos-backup/v2\n" + content[len(MAGIC) :])
    with pytest.raises(BackupDamaged):
        opened(b"")


def test_pieces_come_back_in_order_and_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    file = a_backup(tmp_path, one=b"1" * 200_000, two=b"")
    found: dict[str, bytes] = {}
    manifest = unpack(file, PASSPHRASE, "node", lambda name, content: found.update({name: content.read()}))
    assert list(found.items()) == [("one", b"1" * 200_000), ("two", b"")]
    assert manifest.sizes == {"one": 200_000, "two": 0}
    assert manifest.about == {"says": "hei"}
    assert (manifest.header.made, manifest.header.what) == ("2026-01-10T12:00:00Z", "node")
    assert verify(file, PASSPHRASE, "node") == manifest
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_it_is_a_tar_to_every_other_tool(tmp_path: Path) -> None:
    plain = opened(a_backup(tmp_path, one=b"1").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getnames() == ["one", "manifest.json"]


def test_a_backup_of_the_other_program_and_a_file_that_is_there_are_refused(tmp_path: Path) -> None:
    file = a_backup(tmp_path)
    with pytest.raises(BackupError, match="kudos-node"):
        verify(file, PASSPHRASE, "coordinator")
    with pytest.raises(BackupError, match="there already"):
        a_backup(tmp_path)
    with pytest.raises(BackupError, match="cannot be read"):
        verify(tmp_path / "none", PASSPHRASE, "node")
    with pytest.raises(BackupError, match="cannot be written"):
        a_backup(tmp_path / "none")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(BackupError, match="folder cannot be read"),
        packing(tmp_path / "x", "node", PASSPHRASE, MADE, N) as pack,
    ):
        pack.add_file("one", tmp_path / "folder")
    assert not (tmp_path / "x").exists()


def test_what_fails_half_way_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), packing(tmp_path / "x", "node", PASSPHRASE, MADE, N) as pack:  # noqa: PT012
        pack.add("one", b"1" * 200_000)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../b", "", "a" * 200, ".hidden", "a\nb", "manifest.json"])
def test_names_that_lead_elsewhere_go_neither_in_nor_out(tmp_path: Path, name: str) -> None:
    assert not fits(name)
    if name != "manifest.json":
        with pytest.raises(BackupError), packing(tmp_path / "x", "node", PASSPHRASE, MADE, N) as pack:
            pack.add(name, b"")
    forged = io.BytesIO()
    with tarfile.open(fileobj=forged, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(name))
        tar.addfile(tarfile.TarInfo("x"))
    (tmp_path / "forged").write_bytes(sealed(forged.getvalue()))
    with pytest.raises(BackupDamaged):
        verify(tmp_path / "forged", PASSPHRASE, "node")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    forged = io.BytesIO()
    with tarfile.open(fileobj=forged, mode="w") as tar:
        entry = tarfile.TarInfo("one")
        entry.type, entry.linkname = kind, "/etc/passwd"
        tar.addfile(entry)
    (tmp_path / "forged").write_bytes(sealed(forged.getvalue()))
    with pytest.raises(BackupDamaged):
        verify(tmp_path / "forged", PASSPHRASE, "node")


def test_a_piece_that_the_manifest_does_not_list_is_noticed(tmp_path: Path) -> None:
    plain = opened(a_backup(tmp_path, one=b"1").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        pieces = [(entry, tar.extractfile(entry)) for entry in tar]
        forged = io.BytesIO()
        with tarfile.open(fileobj=forged, mode="w") as other:
            for entry, content in pieces[1:]:
                other.addfile(entry, content)
    (tmp_path / "forged").write_bytes(sealed(forged.getvalue()))
    with pytest.raises(BackupDamaged):
        verify(tmp_path / "forged", PASSPHRASE, "node")
