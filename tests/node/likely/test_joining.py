"""Who is likely one person is joined for own figures; no store, cell or release changes by it, whatever is joined."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from node.controller.forgetting import forget
from node.controller.people import people_of
from node.home import Home, write_private
from node.kpis import tables
from node.kpis.report import Asked, Section, report_of
from node.kpis.windows import Period
from node.likely import kept
from node.likely.gathered import Gathered
from node.likely.joining import likely_persons
from node.release.prepare import exact_vectors
from node.store.database import opened
from privacy.bounds.windows import Window, twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.studies.study import find
from tests.node.controller.house import everything, files_with
from tests.node.ingest.house import IDENTITY_KEY, csv, import_, new_home

pytest.importorskip("splink", reason="THE PROBABILISTIC JOIN WAS NOT TESTED: pip install 'kudos[splink]'")

CHAIN = KeyChain.from_private_bytes(IDENTITY_KEY.hex().encode())
HEAD = "order_id,ordered_at,quantity,amount,email,phone,postcode,birth_year\n"
PEOPLE = [
    ("kari.nordmann@example.no", "91234567", "5003", "1980"),
    ("kari.n@work.example", "91234567", "5003", "1980"),  # one person, two addresses
    ("ola.nordmann@example.no", "91234567", "5003", "1978"),  # who lives with her
    ("eva.hansen@example.no", "40612345", "0150", "1990"),
    ("eva.hansne@example.no", "", "0150", "1990"),  # the same, misspelt
    ("per@example.no", "", "9008", "1970"),
    ("", "", "5003", "1980"),
]


def sales(folder: Path) -> Path:
    rows = "".join(f"A{n},2026-03-0{n + 1}T12:00:00Z,1,100.00,{','.join(who)}\n" for n, who in enumerate(PEOPLE))
    return csv(folder, "sales.csv", HEAD + rows)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def released(home: Home) -> list[tuple[str, list[int]]]:
    study = find("benchmark")
    with opened(home) as connection:
        vectors = exact_vectors(connection, study, twelve_months_to(date(2026, 10, 31)), "Europe/Oslo")
    return sorted((f"{table} {measure.value}", cells.tolist()) for (table, measure), cells in vectors.items())


def buyers(home: Home, *, likely: bool) -> int:
    with opened(home) as connection:
        assert kept.joined_sales(connection, home, CHAIN.commitment()) is likely
        prefix = "likely_" if likely else ""
        ((count,),) = connection.execute(
            f"SELECT count(DISTINCT unit) FROM {prefix}sales JOIN {prefix}customers USING (unit)"
        ).fetchall()
    return int(count)


def test_own_figures_join_and_releases_do_not_change(home: Home, tmp_path: Path) -> None:
    plain = new_home(tmp_path / "plain")
    assert import_(plain, sales(tmp_path)).likely is None
    report = import_(home, sales(tmp_path), join_likely=True)
    assert report.likely == 2
    assert (buyers(plain, likely=False), buyers(home, likely=True)) == (6, 4)
    assert released(home) == released(plain)
    kind = ("profiles", "order_lines", "customers", "orders", "sales")
    rows, others = everything(home), everything(plain)
    assert {name: len(rows[name]) for name in kind} == {name: len(others[name]) for name in kind}
    assert rows["profiles"] == others["profiles"]


def test_whose_attributes_a_likely_person_has_does_not_hang_on_the_order_of_rows(tmp_path: Path) -> None:
    found = []
    for name, people in (("home", PEOPLE[:2]), ("back", PEOPLE[1::-1])):
        home = new_home(tmp_path / name)
        rows = "".join(f"A{n},2026-03-01T12:00:00Z,1,100.00,{','.join(who)}\n" for n, who in enumerate(people))
        import_(home, csv(home.path, "sales.csv", HEAD + rows))
        with opened(home) as connection:
            ids = [each for (each,) in connection.execute("SELECT match_id FROM customers ORDER BY 1").fetchall()]
            kept.add(home, CHAIN.commitment(), [ids])
            assert kept.joined_sales(connection, home, CHAIN.commitment())
            found += connection.execute("SELECT match_id FROM likely_customers").fetchall()
    assert found == [(ids[0],)] * 2


def test_every_section_and_series_counts_likely_persons_as_one(home: Home, tmp_path: Path) -> None:
    """What was sold is the same to the krone and the ticket, whoever it is that bought it."""
    import_(home, sales(tmp_path), join_likely=True)
    asked = Asked(
        twelve_months_to(date(2026, 10, 31)), list(Section), Period.YEAR, Window(date(2025, 1, 1), date(2026, 12, 31))
    )
    with opened(home) as connection:
        assert kept.joined_sales(connection, home, CHAIN.commitment())
        plain = report_of(connection, "Europe/Oslo", asked)
        likely = report_of(connection, "Europe/Oslo", replace(asked, likely=True))
    assert (plain.now.customers, likely.now.customers) == (6, 4)
    assert (plain.now.orders, plain.now.revenue_ore) == (likely.now.orders, likely.now.revenue_ore) == (7, 70_000)
    assert [each.figures.customers for each in plain.series] == [0, 6]
    assert [each.figures.customers for each in likely.series] == [0, 4]
    by_customers = [
        [sum(cell.customers for cell in each.cells.values()) for each in report.breakdowns[Section.CUSTOMERS]]
        for report in (plain, likely)
    ]
    assert by_customers == [[6] * len(tables.CUSTOMERS), [4] * len(tables.CUSTOMERS)]
    assert sum(each.customers for each in plain.rfm) == 6
    assert sum(each.customers for each in likely.rfm) == 4


def test_no_text_of_anybody_is_on_the_disk_and_erasure_takes_the_file(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path), join_likely=True)
    assert files_with(home.path, b"nordmann", b"hansen", b"91234567", b"example.no") == []
    assert home.likely_file.exists()
    forget(home, people_of(["per@example.no"]), None)
    assert not home.likely_file.exists()


def test_what_was_joined_adds_up_over_imports_and_ends_with_the_key(home: Home) -> None:
    one, two, three, four = (bytes([number]) * 32 for number in range(4))
    key = CHAIN.commitment()
    assert kept.add(home, key, [[one, two]]) == 1
    assert kept.add(home, key, [[two, three], [four, one]]) == 3
    assert kept.read(home, key) == [[one, two, three, four]]
    assert kept.read(home, CHAIN.extended().commitment()) == []


def test_nobody_and_one_alone_are_nobody_else() -> None:
    assert likely_persons(Gathered()) == []
    alone = Gathered()
    alone.add([b"x" * 32, None], ["a@b.no", "c@d.no"], ["", ""], [None, None], ["", ""])
    assert likely_persons(alone) == []


def test_a_later_epoch_of_the_key_ends_what_was_joined(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path), join_likely=True)
    write_private(home.identity_key_file, CHAIN.extended().private_bytes())
    with opened(home) as connection:
        assert not kept.joined_sales(connection, home, home.identity_chain().commitment())
