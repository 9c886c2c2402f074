"""Files that come again, under another name, or without their customers: nothing doubles or is forgotten in silence."""

from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised

HEAD = "order_id,line_id,ordered_at,quantity,amount,state"


def file_of(folder: Path, name: str, *lines: str, email: bool = True) -> Path:
    """Sales; each line is order, quantity and address."""
    rows = []
    for line in lines:
        order, quantity, address = line.split()
        row = f"{order},{quantity},2025-03-01T18:00:00Z,{quantity},{100 * int(quantity)}.00,paid"
        rows.append(f"{row},{address}" if email else row)
    file = folder / name
    file.write_text("\n".join([HEAD + (",email" if email else ""), *rows, ""]), encoding="utf-8")
    return file


SOLD = ("A 1 kari@example.no", "B 2 ola@example.no", "C 3 per@example.no")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = initialised(tmp_path / "home")
    node.good("import", file_of(tmp_path, "sales.csv", *SOLD))
    return node


def tickets(node: Node) -> tuple[int, int]:
    kpi = node.good("kpi", "--as-of", "2025-12-31", "--json").json
    return kpi["tickets"], kpi["customers"]


def test_the_same_file_again_is_said_to_be_known(node: Node, tmp_path: Path) -> None:
    again = node.good("import", tmp_path / "sales.csv")
    assert "3 rows · imported already on " in again.out
    assert "nothing changed" in again.out
    (found,) = node.good("import", tmp_path / "sales.csv", "--json").json["files"]
    assert len(found["imported_before"]) == len("2025-12-31")
    fresh = file_of(tmp_path, "more.csv", *SOLD, "D 4 eva@example.no")
    (found,) = node.good("import", fresh, "--json").json["files"]
    assert found["imported_before"] is None
    assert tickets(node) == (10, 4)


def test_an_older_file_that_comes_after_a_newer_one_says_what_it_took_back(node: Node, tmp_path: Path) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_text((tmp_path / "sales.csv").read_text(encoding="utf-8").replace("200.00,paid", "200.00,returned"))
    node.good("import", newer)
    ended = node("import", tmp_path / "sales.csv")
    said = " ".join(ended.err.split())
    assert ended.status == 0
    assert "sales.csv was imported already on " in said
    assert "had changed 1 line of it" in said
    assert " undo, or import the newer file once more" in said


def test_a_file_that_another_profile_reads_otherwise_says_nothing_of_newer_files(tmp_path: Path) -> None:
    """No file came later: what changed its lines is the profile."""
    node = initialised(tmp_path / "home")
    file = file_of(tmp_path, "till.csv", *SOLD)
    text = (
        'name = "till"\ntitle = "Till"\nbasis = "own"\nrests_on = "Ours."\n[[layout]]\nname = "sales"\n'
        'resource = "order_lines"\nrecognise = ["order_id", "line_id"]\n[layout.columns]\norder_id = "order_id"\n'
        'line_id = "line_id"\nordered_at = "ordered_at"\namount = "amount"\nstate = "state"\nemail = "email"\n'
    )
    profile = tmp_path / "till.toml"
    profile.write_text(text, encoding="utf-8")
    node.good("import", file, "--system", profile)
    profile.write_text(f'{text}quantity = "quantity"\n', encoding="utf-8")
    assert "2 changed" in node.good("import", file, "--system", profile).out


def test_sales_that_may_count_beside_what_they_were_are_told(node: Node, tmp_path: Path) -> None:
    head = "order_id,ordered_at,amount,email\n"
    for name, amount in (("early", "150.00"), ("late", "130.00")):
        text = f"{head}A,2025-03-01T18:00:00Z,{amount},kari@example.no\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    node.good("import", tmp_path / "early.csv", "--source", "till")
    ended = node("import", tmp_path / "late.csv", "--source", "till")
    assert ended.status == 0
    assert "late.csv: 1 known order got sales" in ended.err


def test_a_dry_run_says_nothing_of_old_lists_of_rejects(node: Node, tmp_path: Path) -> None:
    file = file_of(tmp_path, "bad.csv", *SOLD)
    file.write_text(file.read_text(encoding="utf-8") + "D,1,never,1,100.00,paid,\n", encoding="utf-8")
    node.good("import", file, "--max-rejects", "50%")
    said = node.good("import", file, "--max-rejects", "50%", "--dry-run").out
    assert "1 not readable" in said
    assert "readable now" not in said


def test_other_rows_left_out_and_an_old_list_of_rejects_are_told(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    file = file_of(tmp_path, "till.csv", *SOLD)
    file.write_text(file.read_text(encoding="utf-8") + "Sum,,,6,600.00,,\n" + "Sum,,,6,600.00,,\n", encoding="utf-8")
    profile = (
        'name = "till"\ntitle = "Till"\nbasis = "own"\nrests_on = "Ours."\n[[layout]]\nname = "sales"\n'
        'resource = "order_lines"\nrecognise = ["order_id", "line_id"]\n[layout.columns]\norder_id = "order_id"\n'
        'line_id = "line_id"\nordered_at = "ordered_at"\namount = "amount"\nstate = "state"\nemail = "email"\n'
    )
    skip = '[[layout.skip]]\ncolumn = "order_id"\nvalues = ["Sum"]\n'
    system = tmp_path / "till.toml"
    system.write_text(profile, encoding="utf-8")
    words = ("import", file, "--system", system, "--source", "till", "--max-rejects", "50%", "--json")
    assert node.good(*words).json["files"][0]["rejected"] == 2
    system.write_text(profile + skip, encoding="utf-8")
    again = node.good(*words[:-1]).out
    assert "nothing changed (2 left out; 0 then)" in again
    assert f"{tmp_path / 'till.rejected.csv'} is of an earlier import: every row was readable now." in again
    (tmp_path / "till.rejected.csv").unlink()
    third = node.good(*words[:-1]).out
    assert "nothing changed (2 left out, as then)" in third
    assert "rejected" not in third


def test_the_same_file_under_another_name_is_refused_and_the_way_out_works(node: Node, tmp_path: Path) -> None:
    renamed = (tmp_path / "sales.csv").rename(tmp_path / "other.csv")
    refused = node("import", renamed, "--source", "hall-b")
    assert refused.status == 1
    assert "as the source kudos, and as hall-b its 3 sales would count twice" in refused.err
    assert tickets(node) == (6, 3)
    assert "nothing changed" in node.good("import", renamed, "--source", "kudos").out
    assert tickets(node) == (6, 3)


def test_a_file_without_sales_may_belong_to_two_sources(node: Node, tmp_path: Path) -> None:
    empty = file_of(tmp_path, "empty.csv")
    node.good("import", empty, "--source", "hall-b")
    node.good("import", empty, "--source", "hall-c")


def test_other_files_whose_sales_stand_under_two_names_are_named(node: Node, tmp_path: Path) -> None:
    ended = node("import", file_of(tmp_path, "later.csv", *SOLD, "D 4 eva@example.no"), "--source", "hall-b")
    assert ended.status == 0
    assert "100 % of the sales of hall-b or of kudos stand under both names and count twice" in ended.err
    assert ended.err.index(" undo, and import") < ended.err.index(" import --anew FILES --source NAME")
    assert "store.duckdb" not in ended.err


@pytest.mark.parametrize(
    "lines", [("A,1,100.00", "B,2,200.00", "C,3,300.00"), ("A,1,100.00", "C,1,100.00", "C,2,200.00")]
)
def test_another_report_of_the_same_sales_is_noticed_without_times_and_names_of_lines(
    node: Node, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    """It may have the day alone, and other lines: the orders are the same."""
    report = tmp_path / "report.csv"
    rows = [f"{order},2025-03-01,{rest}" for order, rest in (line.split(",", 1) for line in lines)]
    report.write_text("\n".join(["order_id,ordered_at,quantity,amount", *rows, ""]), encoding="utf-8")
    ended = node("import", report, "--source", "hall-b")
    assert "100 % of the sales of hall-b or of kudos stand under both names and count twice" in ended.err


def test_a_dry_run_says_that_sales_would_count_twice(node: Node, tmp_path: Path) -> None:
    later = file_of(tmp_path, "later.csv", *SOLD, "D 4 eva@example.no")
    ended = node("import", later, "--source", "hall-b", "--dry-run")
    assert "would count twice" in ended.err
    assert "undo" not in ended.err
    assert tickets(node) == (6, 3)


def test_a_dry_run_says_where_and_why_rows_cannot_be_read(node: Node, tmp_path: Path) -> None:
    file = file_of(tmp_path, "bad.csv", *(f"X{number} 1 a@example.no" for number in range(7)))
    text = file.read_text(encoding="utf-8").replace(",100.00,", ",Kari 40612345,")
    file.write_text("Salgsrapport\n\n" + text, encoding="utf-8")
    words = ("import", file, "--max-rejects", "100%", "--dry-run")
    said = node.good(*words).out
    assert "2 lines above the header left out" in said
    assert 'bad.csv, line 4, column "amount": "xxxx 99999999" ' in said
    assert said.count("bad.csv, line ") == 5
    assert "7 rows in all: column " in said
    found = node.good(*words, "--json").json
    assert [each["line"] for each in found["first_rejects"]] == [4, 5, 6, 7, 8]
    assert [(each["column"], each["rows"]) for each in found["reject_reasons"]] == [("amount", 7)]
    assert "Kari" not in said


def test_two_shops_with_equal_order_numbers_are_no_doubles(node: Node, tmp_path: Path) -> None:
    node.good("import", file_of(tmp_path, "b.csv", "A 4 a@example.no", "B 5 b@example.no"), "--source", "hall-b")


def test_a_file_without_customers_does_not_make_known_sales_anonymous(node: Node, tmp_path: Path) -> None:
    bare = file_of(tmp_path, "bare.csv", *SOLD, email=False)
    refused = node("import", bare)
    assert refused.status == 1
    assert "would lose their customers" in refused.err
    assert "--accept-no-customers" in refused.err
    assert tickets(node) == (6, 3)
    other = file_of(tmp_path, "till.csv", "T 5 -", email=False)
    accepted = node("import", other, "--accept-no-customers")
    assert accepted.status == 0
    assert "no column says who bought" in accepted.err
    assert tickets(node) == (11, 3)
    assert node("import", other).status == 0, "the newest file again changes nothing"
    assert node("import", bare).status == 1


def test_the_share_of_known_customers_leaves_out_orders_that_only_give_back(tmp_path: Path) -> None:
    """Of three orders one is a return alone; of the two that sold, one has a customer."""
    node = initialised(tmp_path / "home")
    file = tmp_path / "sales.csv"
    row = "{},1,2025-03-01T18:00:00Z,{},{}.00,paid,{}\n"
    file.write_text(
        HEAD
        + ",email\n"
        + row.format("A", 1, 100, "kari@example.no")
        + row.format("B", 2, 200, "")
        + row.format("R", -1, -100, "per@example.no"),
        encoding="utf-8",
    )
    ended = node("import", file)
    assert "(50 % of the orders that sold tickets)" in ended.out
    again = node("import", file, "--json").json
    assert (again["sold_orders"], again["identified_sold_orders"]) == (2, 1)
    assert (again["orders"], again["identified_orders"]) == (3, 2)


@pytest.mark.parametrize(("addresses", "said"), [(0, "of 5 cells looked at"), (2, "e-mails 3 are no address"), (3, "")])
def test_a_column_for_addresses_that_has_others_is_told(node: Node, tmp_path: Path, addresses: int, said: str) -> None:
    """Names, say, because two columns were exchanged: else nobody would notice that nobody is known."""
    who = [f"who{n}@example.no" if n < addresses else f"Kari-{n}" for n in range(5)]
    file = file_of(tmp_path, "names.csv", *(f"N{n} 1 {text}" for n, text in enumerate(who)))
    ended = node("import", file)
    assert said in ended.err
    assert bool(ended.err) == bool(said)
    assert "Kari" not in ended.err
