"""Files that cannot be imported: each refusal says which file, where, why and what to do, and changes nothing.

What a command prints and with which status it ends is tested with the commands; here, the import itself.
"""

import gzip
import io
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.home import Home
from tests.node.ingest.house import asked, csv, import_, new_home, store_of
from tests.node.ingest.xlsx import workbook

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,currency,email\n"
ROWS = [
    "A1,1,2025-03-01T18:00:00+01:00,E1,Voksen,2,800.00,NOK,kari@example.no\n",
    "A2,1,2025-03-02T18:00:00+01:00,E1,Barn,1,100.00,NOK,ola@example.no\n",
    "A3,1,2025-03-03T18:00:00+01:00,E1,Voksen,1,400.00,NOK,per@example.no\n",
]
GOOD = HEAD + "".join(ROWS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A node that has imported something, and that no test of this file may change."""
    folder = tmp_path_factory.mktemp("bad")
    home = new_home(folder / "home")
    import_(home, csv(folder, "first.csv", GOOD.replace("A", "Z")))
    before, imports = store_of(home), asked(home, "SELECT count(*) FROM imports")
    yield home
    assert store_of(home) == before
    assert asked(home, "SELECT count(*) FROM imports") == imports


def zipped(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


REFUSED: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("is empty", "Export it again")),
    "white space": (b" \r\n\t\n", ("is empty",)),
    "zip": (zipped("salg.csv", GOOD), ("ZIP archive", "Unpack it")),
    "gzip": (gzip.compress(GOOD.encode()), ("gzip archive", "CSV or Excel")),
    "pdf": (b"%PDF-1.7\n" + GOOD.encode(), ("a PDF", "CSV or Excel")),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), ("a picture",)),
    "zeros": (HEAD.encode() + bytes(5000), ("binary data",)),
    "no spreadsheet": (b"\xd0\xcf\x11\xe0" + bytes(600), ("damaged or locked", "Save it again")),
    "an archive of a document": (zipped("[Content_Types].xml", "<x/>"), ("damaged or locked",)),
    "json that is cut off": (b'{"Data": [{"SaleTicketId": 1,\n', ("line 2", "no JSON", "export it again")),
    "json without records": (b'{"Data": []}', ("no records", "Leave it out")),
    "json of something else": (b'{"hello": 1}', ("no list of records",)),
    "deep json": (b"[" * 100_000, ("cannot be read as JSON",)),
    "another system": (b"Kvittering;Dag;Sum\nK1;i dag;10\n", ("line 1", "kudos-node profile new")),
    "no header": ("".join(ROWS).encode(), ("line 1", "data and not the names of 9 columns", "header line")),
    "missing column": (GOOD.replace("ordered_at", "when").encode(), ("line 1", "'ordered_at'", "all columns")),
    "cut off": ((GOOD + "A4,1,2025-03-0").encode(), ("line 5", "in the middle of a row", "--accept-truncated")),
    "cut off in quotes": ((GOOD + 'A4,1,"2025').encode(), ("line 5", "in the middle of a row")),
    "two encodings": (
        GOOD.replace("Barn", "Honnør").encode() + "A4,1,2025-03-01,E1,Honnør,1,1.00,NOK,\n".encode("windows-1252"),
        ("line 3", "two encodings", "UTF-8"),
    ),
    "dos": (GOOD.replace("Barn", "Honnør").encode("cp850"), ("encoding", "UTF-8")),
    "utf-16 cut in a character": (GOOD.encode("utf-16")[:-1], ("UTF-16", "UTF-8")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_export_is_refused(home: Home, tmp_path: Path, case: str) -> None:
    content, says = REFUSED[case]
    with pytest.raises(ImportRefused) as refused:
        import_(home, csv(tmp_path, "salg.csv", content))
    message = str(refused.value)
    assert message.startswith("salg.csv")
    for words in says:
        assert words in message
    assert "@" not in message


def test_the_wrong_system_is_refused_by_name(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"salg\.csv, line 1: .*Tixly"):
        import_(home, csv(tmp_path, "salg.csv", GOOD), system="tixly")


def test_a_folder_and_a_file_that_is_not_there(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"is a folder.*\*\.csv"):
        import_(home, tmp_path)
    with pytest.raises(ImportRefused, match=r"gone\.csv cannot be read: .*Check the name"):
        import_(home, tmp_path / "gone.csv")


AS_NOBODY = """
import os, sys
from pathlib import Path
from node.errors import ImportRefused
from node.ingest.readers import sniff
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    sniff.kind_of(Path(sys.argv[1], "salg.csv"))
except ImportRefused as refused:
    print(refused)
"""
"""Opens a file as somebody who is not root, since root may read everything."""


def test_a_file_that_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:  # the folder of pytest is closed to others
        folder = Path(name)
        folder.chmod(0o755)
        csv(folder, "salg.csv", GOOD).chmod(0)
        child = subprocess.run([sys.executable, "-c", AS_NOBODY, name], capture_output=True, text=True, check=True)
    assert "salg.csv cannot be read" in child.stdout
    assert "who may read it" in child.stdout


def test_a_bad_file_among_good_ones_stops_all(home: Home, tmp_path: Path) -> None:
    good = csv(tmp_path, "good.csv", GOOD)
    bad = csv(tmp_path, "bad.csv", GOOD.replace("400.00", "fire hundre"))
    with pytest.raises(ImportRefused, match=r'bad\.csv, line 4, column "amount"'):
        import_(home, good, bad)


NOISES = ("bytes", "printable", "header and printable", "header and bytes", "without an end of a line", "quotes")


def noise(path: Path, kind: str, megabytes: int) -> None:
    """A file of noise."""
    draw = random.Random(kind)
    if "printable" in kind:
        letters = bytes(range(32, 127)) + b"\n"
    elif kind == "without an end of a line":
        letters = bytes(range(48, 123))
    elif kind == "quotes":
        letters = b'",\nab'
    else:
        letters = bytes(range(256))
    block = bytes(draw.choices(letters, k=1 << 20))
    with path.open("wb") as file:
        if "header" in kind or kind == "quotes":
            file.write(HEAD.encode())
        for _ in range(megabytes):
            file.write(block)


@pytest.mark.parametrize("kind", NOISES)
def test_two_hundred_megabytes_of_noise_are_refused_without_being_read(home: Home, tmp_path: Path, kind: str) -> None:
    """By the work that is done: processor time and memory, which a busy machine does not change much."""
    path = tmp_path / "noise.csv"
    noise(path, kind, 200)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(ImportRefused, match=r"noise\.csv"):
        import_(home, path)
    spent = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    path.unlink()
    assert grown < 600
    assert spent < 30  # of what reading all of it would take, it is a small part


def test_a_workbook_named_csv_is_read(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    rows = [line.rstrip("\n").split(",") for line in GOOD.splitlines()]
    path = tmp_path / "salg.csv"
    path.write_bytes(workbook([[], *rows]))
    assert import_(home, path).files[0].lines_new == 3


def test_a_workbook_that_unpacks_to_more_than_memory_is_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(bytes(1 << 20))
    with pytest.raises(ImportRefused, match=r"bomb\.xlsx unpacks to more than 1 GB"):
        import_(home, path)


@pytest.mark.parametrize("form", ["csv", "csv without an end", "workbook"])
def test_a_header_without_rows_is_an_honest_zero(tmp_path: Path, form: str) -> None:
    home = new_home(tmp_path / "home")
    path = tmp_path / "salg.csv"
    path.write_bytes(
        workbook([HEAD.strip().split(",")])
        if form == "workbook"
        else HEAD.strip("\n" if "without" in form else "").encode()
    )
    report = import_(home, path)
    item = report.files[0]
    assert (item.rows, item.lines_new, item.rejected, item.skipped) == (0, 0, 0, 0)
    assert report.reject_file is None
    assert report.orders == 0
    assert asked(home, "SELECT rows, file_name FROM imports") == [(0, "salg.csv")]
