"""Every bad file of a box office's life: a clear report, the right exit status, and a store that is as it was."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.node.cli.run import SALES, Node, initialised, sales_file

HEADER, *ROWS = SALES.splitlines(keepends=True)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("bad")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return node


def state(node: Node) -> object:
    """What the node's figures are: they change when anything in the store does."""
    return node.good("kpi", "--as-of", "2025-12-31", "--json").json


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sales.csv", SALES)
    return buffer.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "a zip": (zipped(), "ZIP"),
    "a gzip": (gzip.compress(SALES.encode()), "gzip"),
    "a pdf": (b"%PDF-1.7 and so on", "PDF"),
    "binary": (bytes(range(256)) * 40, "binary"),
    "another system": (b"Ordrenr;Dato;Sum\n1;2025-01-01;2\n", "kudos-node"),
    "no header": (b"A1,1,2025-03-01T18:00:00+01:00,E1,Voksen,1,10.00\n" * 3, "header"),
    "missing columns": (SALES.replace("ordered_at", "when").encode(), "ordered_at"),
    "cut off in a row": ((HEADER + ROWS[0] + ROWS[1][:20]).encode(), "line 3"),
    "cut off in a quote": ((HEADER + ROWS[0] + 'A7,1,"2025-03-01').encode(), "line 3"),
    "two encodings": (
        (HEADER + ROWS[0].replace("Ordinær", "Æøå")).encode() + ROWS[1].replace("Student", "Æøå").encode("latin-1"),
        "two encodings",
    ),
    "foreign currency": (
        b"order_id,ordered_at,amount,currency\n1,2025-01-01T10:00:00+01:00,10.00,EUR\n",
        "EUR",
    ),
    "before our time": (b"order_id,ordered_at,amount\n1,1899-12-30T10:00:00+01:00,10.00\n", "1990"),
    "after our time": (b"order_id,ordered_at,amount\n1,2999-12-31T10:00:00+01:00,10.00\n", "future"),
    "no date at all": (b"order_id,ordered_at,amount\n1,0000-00-00 00:00:00,10.00\n", "line 2"),
    "no amount": (b"order_id,ordered_at,amount\n1,2025-01-01T10:00:00+01:00,ti kroner\n", "amount"),
    "more tickets than a hall": (
        b"order_id,ordered_at,quantity,amount\n1,2025-01-01T10:00:00+01:00,999999,10.00\n",
        "more than any hall holds",
    ),
    "more money than a sale": (
        b"order_id,ordered_at,quantity,amount\n1,2025-01-01T10:00:00+01:00,1,9999999999.00\n",
        "larger than any sale",
    ),
    "broken json": (b'{"Data": [{"SaleTicketId": 1,', "JSON"),
    "json that is no list": (b'{"hello": "world"}', "list"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_imported_changes_nothing(node: Node, tmp_path: Path, case: str) -> None:
    content, says = REFUSED[case]
    before = state(node)
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    ended = node("import", file, "--accept-no-customers")
    assert ended.status == 1, ended.out
    assert says in ended.err
    assert "export.csv" in ended.err
    assert "defect" not in ended.err.lower()
    assert state(node) == before


def test_two_hundred_megabytes_of_noise_are_refused_at_once(node: Node, tmp_path: Path) -> None:
    noise = bytes((index * 7919 + index // 251) % 256 for index in range(1 << 20))
    plain, headed = tmp_path / "noise.csv", tmp_path / "headed.csv"
    with plain.open("wb") as file:
        file.writelines([noise] * 200)
    with headed.open("wb") as file:
        file.write(HEADER.encode())
        file.writelines([noise] * 200)
    before = state(node)
    for path in (plain, headed):
        ended = node("import", path)
        assert ended.status == 1
        assert path.name in ended.err
        assert "defect" not in ended.err.lower()
    assert state(node) == before


def test_one_bad_file_of_several_stops_them_all(node: Node, tmp_path: Path) -> None:
    before = state(node)
    good = tmp_path / "good.csv"
    good.write_text(SALES.replace("A1,", "B1,"), encoding="utf-8")
    (tmp_path / "bad.csv").write_bytes(zipped())
    assert node("import", good, tmp_path / "bad.csv").status == 1
    assert state(node) == before


def test_rejects_are_listed_and_the_rest_is_imported_when_asked(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    text = SALES + "A8,1,2025-13-01,E1,Barn,1,100.00,web,paid,kari.nordmann@example.no,5003\n"
    file = sales_file(tmp_path, text)
    refused = node("import", file)
    assert refused.status == 1
    assert 'line 10, column "ordered_at"' in refused.err
    assert "1 of 9 rows (11 %)" in refused.err
    taken = node.good("import", file, "--max-rejects", "20%", "--json").json
    assert taken["files"][0]["rejected"] == 1
    assert taken["files"][0]["lines_new"] == 7
    listed = Path(taken["reject_file"]).read_text(encoding="utf-8")
    assert ",10,ordered_at," in listed
    assert "kari" not in listed


def test_every_dialect_gives_the_same_store(tmp_path: Path) -> None:
    variants = {
        "plain": SALES.encode(),
        "bom": b"\xef\xbb\xbf" + SALES.encode(),
        "utf-16": SALES.encode("utf-16"),
        "windows-1252": SALES.encode("windows-1252"),
        "semicolons": SALES.replace(",", ";").encode(),
        "mixed line ends": (HEADER + "".join(ROWS[:3]) + "".join(ROWS[3:]).replace("\n", "\r\n")).encode(),
        "blank lines": (HEADER + "\n" + "\n".join(ROWS)).encode(),
        "quotes": "".join(
            ",".join(f'"{cell}"' for cell in line.rstrip().split(",")) + "\n" for line in SALES.splitlines()
        ).encode(),
        "duplicated rows": (SALES + "".join(ROWS)).encode(),
    }
    states = {}
    for name, content in variants.items():
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        node = initialised(folder / "home")
        (folder / "sales.csv").write_bytes(content)
        node.good("import", folder / "sales.csv")
        states[name] = json.dumps(state(node), sort_keys=True)
    assert len(set(states.values())) == 1, states


def test_an_overlapping_later_export_applies_what_changed_since(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path))
    later = SALES.replace(
        "A2,1,2025-05-02T12:00:00+02:00,E1,Student,1,200.00,web,paid",
        "A2,1,2025-05-02T12:00:00+02:00,E1,Student,1,200.00,web,cancelled",
    )
    later += "A9,1,2025-12-24T12:00:00+01:00,E3,Ordinær,1,400.00,web,paid,kari@example.no,5003\n"
    report = node.good("import", sales_file(tmp_path, later), "--json").json["files"][0]
    assert (report["lines_new"], report["lines_updated"], report["lines_unchanged"]) == (1, 1, 6)
    kpi = node.good("kpi", "--as-of", "2025-12-31", "--json").json
    assert (kpi["orders"], kpi["tickets"], kpi["revenue_ore"]) == (4, 8, 190_000)
