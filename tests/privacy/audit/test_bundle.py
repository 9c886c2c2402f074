"""A bundle is read back byte for byte, from a folder and from a tar; what is no bundle is refused with its place."""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from privacy.audit import bundle
from privacy.audit.bundle import dsse_of, envelope_of
from privacy.audit.errors import BadBundle, UsageError
from privacy.audit.paths import announcement_path, leaves_path
from privacy.audit.reading import open_bundle
from privacy.audit.records import Dsse, Header
from privacy.ledger.leaves import LARGEST_LEAF
from privacy.signing.envelope import RELEASE, sign
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import key_of


@pytest.fixture(scope="module")
def network() -> Federation:
    return federation()


@pytest.mark.parametrize("name", ["bundle", "bundle.tar"])
def test_everything_is_read_back(network: Federation, tmp_path: Path, name: str) -> None:
    node = network.nodes["house-a"]
    with open_bundle(network.write(tmp_path / name)) as read:
        lines = [line.content for line in read.lines(leaves_path(node.id))]
        assert lines == node.written()
        envelope = envelope_of(Dsse.model_validate_json(read.read(announcement_path("year-2024"))))
        assert envelope == network.rounds["year-2024"].envelope
        assert read.strangers == []


def test_a_part_alone_is_a_bundle(network: Federation, tmp_path: Path) -> None:
    network.write(tmp_path / "whole")
    with open_bundle(tmp_path / "whole" / "public") as public:
        assert set(public.headers) == {"public"}
        assert public.has(leaves_path("house-a"))
    with open_bundle(tmp_path / "whole" / "restricted") as restricted:
        assert set(restricted.headers) == {"restricted"}


def test_equal_bundles_are_equal_tars(network: Federation, tmp_path: Path) -> None:
    one, other = network.write(tmp_path / "1.tar"), network.write(tmp_path / "2.tar")
    assert one.read_bytes() == other.read_bytes()


def test_nothing_is_replaced_and_nothing_is_left_half(network: Federation, tmp_path: Path) -> None:
    out = network.write(tmp_path / "bundle")
    with pytest.raises(UsageError):
        network.write(out)
    with pytest.raises(BadBundle):
        bundle.write([("public/../../etc/passwd", b"")], tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_an_envelope_with_more_in_it_is_none() -> None:
    envelope = sign(RELEASE, b"payload", key_of("a"))
    assert envelope_of(dsse_of(envelope)) == envelope
    with pytest.raises(BadBundle):
        dsse_of(envelope + b"\x2a\x01x")


def tar_of(path: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, BytesIO(content))
    return path


def test_links_are_refused(network: Federation, tmp_path: Path) -> None:
    folder = network.write(tmp_path / "bundle")
    (folder / "public" / "authority.pem.link").symlink_to("/etc/passwd")
    with pytest.raises(BadBundle, match="no links"):
        open_bundle(folder)
    link = tarfile.TarInfo("public/bundle.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BadBundle, match="no links"):
        open_bundle(tar_of(tmp_path / "links.tar", (link, b"")))


def test_a_tar_that_is_cut_or_goes_on_is_refused(network: Federation, tmp_path: Path) -> None:
    whole = network.write(tmp_path / "whole.tar")
    raw = whole.read_bytes()
    with tarfile.open(whole) as tar:
        entries = tar.getmembers()
    at = entries[-1].offset
    broken = {
        "at a header": raw[:at],
        "in a file": raw[: at + 600],
        "after one empty block": raw[: raw.rindex(b"}\n") // 512 * 512 + 1024],
        "a broken header": raw[:at] + b"\xff" * 512 + raw[at + 512 :],
        "bytes after the end": raw + b"x",
        "a second archive": raw + raw,
    }
    for content in broken.values():
        (tmp_path / "broken.tar").write_bytes(content)
        with pytest.raises(BadBundle, match=r"tar"):
            open_bundle(tmp_path / "broken.tar")
    (tmp_path / "longer.tar").write_bytes(raw + bytes(10_240))
    with open_bundle(tmp_path / "longer.tar") as read:
        assert len(read.paths) == len(entries)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b'{"', b'{"witness":null,"', "twice"),
        (b'"made":"2026', b'"made":"9999', "made"),
        (b'"made":"2026', b'"made":"0001', "made"),
    ],
)
def test_a_header_with_two_meanings_or_none_is_refused(tmp_path: Path, old: bytes, new: bytes, what: str) -> None:
    path, content = bundle.header_file(_header(federation()))
    bundle.write([(path, content.replace(old, new, 1))], tmp_path / "bundle")
    with pytest.raises(BadBundle, match=what):
        open_bundle(tmp_path / "bundle")


def test_paths_that_lead_outside_are_not_read(tmp_path: Path) -> None:
    header = bundle.header_file(_header(federation()))
    outside = tarfile.TarInfo("../../public/authority.pem")
    path = tar_of(tmp_path / "b.tar", (tarfile.TarInfo(header[0]), header[1]), (outside, b"x"))
    with open_bundle(path) as read:
        assert read.paths == ("public/bundle.json",)
        assert read.strangers == ["../../public/authority.pem"]


def _header(network: Federation) -> Header:
    path, content = network.files()[0]
    assert path == "public/bundle.json"
    return Header.model_validate_json(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"{}\n\n", "an empty line"),
        (b"{}", "cut off"),
        (b"x" * (LARGEST_LEAF + 10) + b"\n", "too long"),
    ],
)
def test_a_broken_file_of_lines_is_refused_with_its_line(tmp_path: Path, content: bytes, what: str) -> None:
    header = bundle.header_file(_header(federation()))
    out = bundle.write([header, (leaves_path("house-a"), content)], tmp_path / "bundle").path
    with open_bundle(out) as read, pytest.raises(BadBundle, match=what) as refused:
        list(read.lines(leaves_path("house-a"), LARGEST_LEAF))
    assert refused.value.line in (1, 2)


@pytest.mark.parametrize("content", [b"", b"{}\n", b"no json", b"[" * 100_000])
def test_a_broken_header_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bundle.json").write_bytes(content)
    with pytest.raises(BadBundle):
        open_bundle(tmp_path)
    (tmp_path / "garbage.tar").write_bytes(content + b"garbage")
    with pytest.raises(BadBundle):
        open_bundle(tmp_path / "garbage.tar")
