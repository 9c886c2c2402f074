"""The standard as a public validator sees it, as the documentation tells it, and as the node checks it."""

import json
from pathlib import Path

import pytest
from frictionless import Package, system

from node.ingest import datapackage, profile, remedies, standard
from node.ingest.checking import Checked, check
from tests.node.ingest.harmonised import harmonised
from tests.node.ingest.house import csv
from tools import fields

HEAD = "order_id,line_id,ordered_at,amount,channel,state,email,birth_year\n"
GOOD = "A1,1,2025-03-01T18:00:00+01:00,395.00,web,paid,kari@example.no,1971\n"


def written(folder: Path) -> Path:
    """The package and its sample in a folder."""
    (folder / "datapackage.json").write_text(json.dumps(datapackage.descriptor()), encoding="utf-8")
    for name, content in datapackage.sample().items():
        (folder / name).write_bytes(content)
    return folder / "datapackage.json"


def valid(package: Path) -> bool:
    with system.use_context(trusted=True):
        return bool(Package(str(package)).validate().valid)


def test_a_public_validator_accepts_the_sample(tmp_path: Path) -> None:
    assert valid(written(tmp_path))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("box_office", "luka"), ("840.00", "840,-"), ("2025-02-03T18:20:00+01:00", "3. februar"), ("1971", "1066")],
)
def test_and_refuses_what_is_not_in_the_standard(tmp_path: Path, was: str, becomes: str) -> None:
    package = written(tmp_path)
    lines = tmp_path / "order_lines.csv"
    text = lines.read_text(encoding="utf-8")
    assert was in text
    lines.write_text(text.replace(was, f'"{becomes}"'), encoding="utf-8")
    assert not valid(package)


def test_the_sample_uses_every_field_and_every_kind_of_state(tmp_path: Path) -> None:
    written(tmp_path)
    for resource, fields_ in standard.RESOURCES.items():
        header, *rows = (tmp_path / f"{resource}.csv").read_text(encoding="utf-8").splitlines()
        assert header.split(",") == [field.name for field in fields_]
        assert rows
    lines = harmonised(tmp_path / "order_lines.csv")
    assert lines.rejects == []
    assert {row["state"] for row in lines.lines} == set(standard.STATES)


def test_every_field_is_told_in_both_languages_and_the_pages_have_them() -> None:
    for fields_ in standard.RESOURCES.values():
        for field in fields_:
            assert field.description != field.bokmal, field.name
            assert field.description.endswith("."), field.name
            assert field.bokmal.endswith("."), field.name
            assert field.example, field.name
    assert fields.stale() == []
    for page in fields.PAGES:
        text = (fields.DOCS / page).read_text(encoding="utf-8")
        assert f"versjon {standard.VERSION}" in text or f"version {standard.VERSION}" in text
        for name in standard.RESOURCES:
            assert f"<!-- fields: {name} -->" in text


def checked(folder: Path, name: str, text: str | bytes) -> Checked:
    return check(csv(folder, name, text), profile.find("kudos", folder), "Europe/Oslo")


def test_the_sample_is_valid_for_the_node_too(tmp_path: Path) -> None:
    for name, content in datapackage.sample().items():
        found = checked(tmp_path, name, content)
        assert (found.faults, found.advice) == ([], [])
        assert found.resource == name.removesuffix(".csv")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ('A1,1,2025-03-01T18:00:00+01:00,"1.250,-",web,paid,,\n', "amount", "is no number of kroner"),
        ("A1,1,2025-03-01T18:00:00+01:00,395.001,web,paid,,\n", "amount", "is finer than one øre"),
        ("A1,1,2025-03-01T18:00:00+01:00,,web,paid,,\n", "amount", "is empty"),
        ("A1,1,2025-03-01T18:00:00+01:00,395.00,nett,paid,,\n", "channel", "is none of web, box_office"),
        ("A1,1,2025-03-01T18:00:00+01:00,395.00,web,betalt,,\n", "state", "is none of paid"),
        ("A1,1,01.03.2025 18:00,395.00,web,paid,,\n", "ordered_at", "is no date that I know"),
        ("A1,1,2125-03-01T18:00:00Z,395.00,web,paid,,\n", "ordered_at", "lies in the future"),
        (",1,2025-03-01T18:00:00Z,395.00,web,paid,,\n", "order_id", "is empty"),
        ("kari@example.no,1,2025-03-01T18:00:00Z,395.00,web,paid,,\n", "order_id", "looks like an e-mail address"),
        ("A1,1,2025-03-01T18:00:00Z,395.00,web,paid,,1066\n", "birth_year", "is less than 1901"),
        ("A1,1,2025-03-01T18:00:00Z,395.00,web\n", "", "5 columns where the header has 8"),
    ],
)
def test_a_fault_has_its_line_column_reason_and_remedy(tmp_path: Path, row: str, column: str, reason: str) -> None:
    found = checked(tmp_path, "order_lines.csv", HEAD + GOOD + row + GOOD)
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, column)]
    assert found.faults[0].reason.startswith(reason)
    assert found.faults[0].remedy not in ("", remedies.CORRECT)
    assert found.rows == 3


def test_a_header_that_lacks_a_column_is_told_the_nearest(tmp_path: Path) -> None:
    found = checked(tmp_path, "order_lines.csv", "order_id,ordered_at,amout,colour\nA1,2025-03-01T18:00:00Z,1,red\n")
    assert [(fault.line, fault.column, fault.remedy) for fault in found.faults] == [
        (1, "amount", "Call the column 'amout' 'amount'.")
    ]
    assert any("'colour'" in advice for advice in found.advice)


def test_the_dialect_belongs_to_the_standard(tmp_path: Path) -> None:
    text = HEAD.replace(",", ";") + GOOD.replace(",", ";").replace("A1", "Å1")
    found = checked(tmp_path, "order_lines.csv", text.encode("windows-1252"))
    assert [fault.remedy for fault in found.faults] == [remedies.AS_UTF8, remedies.COMMAS]


def test_what_is_no_export_at_all_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    for content in (b"", b"%PDF-1.4", b"\x00\x01" * 99, b"{"):
        found = checked(tmp_path, "order_lines.csv", content)
        assert len(found.faults) == 1
        assert found.faults[0].remedy


def test_a_row_where_the_header_should_be_is_not_shown(tmp_path: Path) -> None:
    found = checked(tmp_path, "order_lines.csv", GOOD + GOOD)
    assert not found.valid
    assert "kari" not in repr(found)


def test_times_without_a_zone_and_repeated_lines_are_advice(tmp_path: Path) -> None:
    bare = GOOD.replace("+01:00", "")
    found = checked(tmp_path, "order_lines.csv", HEAD + GOOD + bare)
    assert found.valid
    assert [advice.partition(" ")[0] for advice in found.advice] == ["1", "1"]


def test_nothing_of_a_person_is_in_a_report(tmp_path: Path) -> None:
    row = "A1,1,2025-03-01T18:00:00Z,kari@example.no,kari@example.no,40612345,kari@example.no,1971-05-12\n"
    found = checked(tmp_path, "order_lines.csv", HEAD + row)
    said = repr(found.faults)
    assert len(found.faults) >= 4
    for text in ("kari", "40612345", "1971-05-12"):
        assert text not in said


@pytest.mark.parametrize(("text", "form"), [("1.250,-", "amount"), ("i går", "ordered_at"), ("ukjent", "state")])
def test_every_reason_of_an_import_has_a_remedy(tmp_path: Path, text: str, form: str) -> None:
    cells = {"order_id": "1", "ordered_at": "2025-03-01", "amount": "1", "state": "paid"} | {form: text}
    path = csv(tmp_path, "a.csv", ";".join(cells) + "\n" + ";".join(cells.values()) + "\n")
    for reject in harmonised(path).rejects:
        assert remedies.remedy(reject.reason) != remedies.CORRECT, reject.reason
