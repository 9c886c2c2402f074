"""Rows that cannot be read: kept out, counted, listed with file, line, column and reason; never dropped in silence."""

import csv as csv_module
from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.ingest.run import Report
from node.store.codes import CANCELLED
from tests.node.ingest.house import asked, csv, import_, new_home, store_of, totals

HEAD = "order_id,line_id,ordered_at,ticket_type,quantity,amount,currency,state,email\n"
GOOD = [f"G{number},1,2025-03-01T18:00:00+01:00,Voksen,1,100.00,NOK,paid,g{number}@example.no\n" for number in range(5)]
ROW = ("B1", "1", "2025-03-01T18:00:00+01:00", "Voksen", "1", "100.00", "NOK", "paid", "kari.nordmann@example.no")
COLUMNS = HEAD.strip().split(",")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def row(**values: str) -> str:
    """A row of the file with some values of its own."""
    return ",".join(values.get(name, cell) for name, cell in zip(COLUMNS, ROW, strict=True)) + "\n"


def listed(report: Report) -> list[dict[str, str]]:
    """The rows of the reject file."""
    assert report.reject_file is not None
    with Path(report.reject_file).open(encoding="utf-8", newline="") as file:
        return list(csv_module.DictReader(file))


BAD = {
    "foreign currency": ({"currency": "EUR"}, "currency", "is another currency than NOK (EUR)", "xxx"),
    "a sign of another currency": ({"amount": "€ 100.00"}, "amount", "is in another currency than NOK", "€ 999.99"),
    "1899": ({"ordered_at": "1899-12-30T00:00:00+01:00"}, "ordered_at", "lies before 1990", None),
    "2999": ({"ordered_at": "2999-12-31 23:59"}, "ordered_at", "lies in the future", "2999-12-31 23:59"),
    "zeros": ({"ordered_at": "0000-00-00 00:00:00"}, "ordered_at", "is no date that I know", "0000-00-00 00:00:00"),
    "no such day": ({"ordered_at": "2025-02-30"}, "ordered_at", "is no date that I know", "2025-02-30"),
    "no time": ({"ordered_at": ""}, "ordered_at", "is empty", ""),
    "no order": ({"order_id": ""}, "order_id", "is empty", ""),
    "no amount": ({"amount": ""}, "amount", "is empty", ""),
    "words for an amount": ({"amount": "ti kroner"}, "amount", "is no amount that I know", "xx xxxxxx"),
    "half a ticket": ({"quantity": "1.5"}, "quantity", "is no whole number", "1.5"),
    "an unknown state": ({"state": "på vei"}, "state", "is no state that I know: map it in the profile", "xx xxx"),
    "an address for an order": ({"order_id": ROW[-1]}, "order_id", "looks like an e-mail address", "xxxx.xxxxxxxx@"),
    "a number for a type": ({"ticket_type": "+47 912 34 567"}, "ticket_type", "looks like a telephone", "'+99 999 99"),
    "a zero byte": ({"ticket_type": "Vok\x00sen"}, "ticket_type", "holds control characters", "xxx·xxx"),
    "a novel": ({"ticket_type": "x" * 301}, "ticket_type", "is longer than 300 characters", "x" * 40 + "…"),
    "a row of a sum": ({"order_id": "Totalt"}, "order_id", "stands for a sum of other rows", None),
    "tickets and kroner exchanged": (
        {"quantity": "395", "amount": "2"},
        "quantity",
        "makes less than a krone a ticket of the amount",
        None,
    ),
    "too large": ({"amount": "10000000000"}, "amount", "is larger than any sale", "99999999999"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_row_that_cannot_be_read_is_listed_and_the_others_are_imported(home: Home, tmp_path: Path, case: str) -> None:
    values, column, reason, shape = BAD[case]
    text = HEAD + "".join(GOOD[:3]) + row(**values) + "".join(GOOD[3:])
    file = csv(tmp_path, "salg.csv", text)
    report = import_(home, file, max_rejects=0.5)
    item = report.files[0]
    assert (item.rows, item.rejected, item.lines_new) == (6, 1, 5)
    assert totals(home) == (5, 5, 50_000)
    (rejected,) = listed(report)
    assert (rejected["file"], rejected["line"], rejected["column"]) == ("salg.csv", "5", column)
    assert rejected["reason"].startswith(reason)
    if shape is not None:
        assert rejected["shape_of_value"].startswith(shape)
    assert Path(report.reject_file or "") == tmp_path / "salg.rejected.csv"


@pytest.mark.parametrize("case", ["foreign currency", "1899", "words for an amount"])
def test_too_many_of_them_stop_the_import_with_a_list_of_all(home: Home, tmp_path: Path, case: str) -> None:
    import_(home, csv(tmp_path, "first.csv", HEAD + GOOD[0]))
    before = store_of(home)
    values, column, reason, _ = BAD[case]
    file = csv(tmp_path, "salg.csv", HEAD + "".join(GOOD) + row(**values))
    with pytest.raises(ImportRefused) as refused:
        import_(home, file)
    message = str(refused.value)
    for words in ("salg.csv, line 7", f'column "{column}"', reason, "1 of 6 rows", "Nothing was imported"):
        assert words in message
    assert store_of(home) == before
    assert column in (tmp_path / "salg.rejected.csv").read_text(encoding="utf-8")


def test_the_reject_file_may_lie_elsewhere_and_must_be_writable(home: Home, tmp_path: Path) -> None:
    file = csv(tmp_path, "salg.csv", HEAD + "".join(GOOD) + row(amount="x"))
    elsewhere = tmp_path / "other" / "rejects.csv"
    report = import_(home, file, max_rejects=0.5, reject_file=elsewhere)
    assert report.reject_file == str(elsewhere)
    before = store_of(home)
    later = csv(tmp_path, "later.csv", HEAD + row(order_id="B2") + row(amount="x"))
    with pytest.raises(ImportRefused, match=r"cannot be listed in .*nothing was imported"):
        import_(home, later, max_rejects=0.5, reject_file=file / "rejects.csv")
    assert store_of(home) == before


def test_no_cell_of_the_reject_file_is_a_formula(home: Home, tmp_path: Path) -> None:
    head = HEAD.replace("ticket_type", "=cmd()").replace("amount", "amount")
    formulas = ["=1+1", "+1+1", "-1+x", "@SUM(1)", "\t=1", "%0A=1", "|calc"]
    text = head + "".join(GOOD) + "".join(row(amount=f'"{formula}"') for formula in formulas)
    report = import_(home, csv(tmp_path, "salg.csv", text), max_rejects=0.9)
    rows = listed(report)
    assert len(rows) == len(formulas)
    for rejected in rows:
        for cell in rejected.values():
            assert not cell.startswith(tuple("=+-@\t\r|%"))


def test_a_return_is_one_by_its_quantity_or_by_its_amount(home: Home, tmp_path: Path) -> None:
    text = HEAD + "".join(
        [
            row(order_id="R1", quantity="3", amount="300.00"),
            row(order_id="R1", line_id="2", quantity="-1", amount="-100.00"),
            row(order_id="R2", quantity="2", amount="200.00"),
            row(order_id="R2", line_id="2", quantity="-1", amount="100.00"),
            row(order_id="R3", quantity="2", amount="200.00"),
            row(order_id="R3", line_id="2", quantity="1", amount="-100.00"),
        ]
    )
    import_(home, csv(tmp_path, "salg.csv", text))
    assert totals(home) == (3, 4, 40_000)
    back = asked(home, "SELECT DISTINCT quantity, amount_ore, unit_price_ore FROM order_lines WHERE line_id = '2'")
    assert back == [(-1, -10_000, 10_000)]


def test_repeated_rows_count_once_and_say_so(home: Home, tmp_path: Path) -> None:
    text = HEAD + "".join(GOOD) + "".join(GOOD) + row(order_id="G0", amount="150.00")
    item = import_(home, csv(tmp_path, "salg.csv", text)).files[0]
    assert (item.rows, item.lines_new, item.lines_unchanged, item.superseded) == (11, 5, 4, 2)
    assert item.rows == item.lines_new + item.lines_updated + item.lines_unchanged + item.skipped + item.rejected
    assert totals(home) == (5, 5, 55_000)


def test_many_cheap_tickets_and_few_free_ones_are_sales(home: Home, tmp_path: Path) -> None:
    rows = [row(order_id="A", quantity="50", amount="50"), row(order_id="Sumo", quantity="30", amount="0")]
    rows += [row(order_id="Totem 7", quantity="19", amount="2"), row(order_id="C", quantity="-20", amount="-20.00")]
    assert import_(home, csv(tmp_path, "salg.csv", HEAD + "".join(rows))).files[0].rejected == 0


def test_a_file_whose_tickets_and_kroner_are_exchanged_is_refused(home: Home, tmp_path: Path) -> None:
    """Otherwise a hall would be said to have sold tickets by the hundred thousand."""
    rows = [row(order_id=f"A{n}", quantity=str(100 + 55 * n), amount=str(1 + n % 4)) for n in range(40)]
    with pytest.raises(ImportRefused, match="less than a krone a ticket"):
        import_(home, csv(tmp_path, "salg.csv", HEAD + "".join(rows)))
    assert totals(home) == (0, 0, 0)


def test_of_two_states_in_one_file_the_newer_counts_wherever_it_stands(home: Home, tmp_path: Path) -> None:
    head = HEAD.replace("currency", "changed_at")
    newer = row(currency="2025-06-01T10:00:00Z", state="cancelled")
    older = row(currency="2025-05-01T10:00:00Z")
    import_(home, csv(tmp_path, "salg.csv", head + newer + older))
    assert asked(home, "SELECT state FROM order_lines") == [(CANCELLED,)]
    import_(home, csv(tmp_path, "older.csv", head + older))
    assert asked(home, "SELECT state FROM order_lines") == [(CANCELLED,)]


def test_empty_rows_are_left_out_and_counted(home: Home, tmp_path: Path) -> None:
    text = HEAD + GOOD[0] + "\n" + "," * 8 + "\n" + GOOD[1] + ' , ,"",,,,,,\n'
    item = import_(home, csv(tmp_path, "salg.csv", text)).files[0]
    assert (item.rows, item.skipped, item.rejected, item.lines_new) == (4, 2, 0, 2)


def test_rejects_after_rows_of_several_lines_have_their_true_place(home: Home, tmp_path: Path) -> None:
    text = HEAD + row(order_id="M1", email='"kari@example.no\n\n"') + "\n" + GOOD[0] + row(amount="x") + "short,row\n"
    report = import_(home, csv(tmp_path, "salg.csv", text), max_rejects=0.9)
    assert [(item["line"], item["column"]) for item in listed(report)] == [("7", "amount"), ("8", "")]
    assert totals(home)[0] == 2


def test_a_cut_off_file_can_be_taken_as_it_is(home: Home, tmp_path: Path) -> None:
    file = csv(tmp_path, "salg.csv", HEAD + "".join(GOOD) + "G9,1,2025")
    report = import_(home, file, max_rejects=0.5, accept_truncated=True)
    assert report.files[0].lines_new == 5
    assert listed(report)[0]["reason"] == "the file ends in the middle of a row"


OF_CUSTOMERS = HEAD.replace("currency", "objects")


def test_an_objection_that_cannot_be_read_rejects_its_row(home: Home, tmp_path: Path) -> None:
    """What is read of customers is read beside what they bought; a row is as bad by either."""
    file = csv(tmp_path, "salg.csv", OF_CUSTOMERS + row(currency="kanskje") + row(currency="ja", order_id="B2"))
    report = import_(home, file, max_rejects=0.5)
    (rejected,) = listed(report)
    assert (rejected["line"], rejected["column"]) == ("2", "objects")
    assert asked(home, "SELECT order_id FROM order_lines") == [("B2",)]


def test_of_two_problems_of_a_row_the_customers_is_told(home: Home, tmp_path: Path) -> None:
    file = csv(tmp_path, "salg.csv", OF_CUSTOMERS + row(currency="kanskje", amount="ti") + row(currency="ja"))
    (rejected,) = listed(import_(home, file, max_rejects=0.5))
    assert rejected["column"] == "objects"


def test_a_change_that_lies_in_the_future_rejects_its_row(home: Home, tmp_path: Path) -> None:
    """It would beat every state to come."""
    file = csv(tmp_path, "salg.csv", HEAD.replace("currency", "changed_at") + row(currency="2090-01-01T00:00:00Z"))
    with pytest.raises(ImportRefused, match="lies in the future"):
        import_(home, file)
