"""Each export, imported by the node, gives exactly the figures that were invented. Some twelve seconds in all."""

import csv
import json
import secrets
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from deploy.demo import exports
from deploy.demo.export_pretix import HEADER
from deploy.demo.institution import Institution
from deploy.demo.world import Truth, World
from node.home import Home, write_private
from node.ingest.run import Report, Request, import_files
from node.ingest.source import Source
from node.kpis.figures import figures
from node.store.database import opened
from node.store.frames import Keeper, table
from tests.deploy.worlds import world

SYSTEMS = list(exports.SYSTEMS)
SETTINGS = b'name="F"\nindustry="other"\ncounty="46"\nmember="f"\nledger="standalone/ledger/f"\n'


FIELDS = {
    "sales-2025.json": "SaleTicketId TicketId EventId CustomerId IsAnonymousSale OrderId TicketTypeId TicketType "
    "PriceZone Section Row Seat TicketCount Price Fee Online Scanned Created",
    "customers.json": "Id Name FirstName LastName DateOfBirth Gender ZipCode City Country Email Phone Created Edited",
    "events.json": "EventId Name StartDate Venue Hall Categories Capacity Sold EventGroup",
}
"""As Tixly's public documentation names them."""


class _Silent:
    def begins(self, source: Source) -> None:
        pass

    def read(self, size: int, rows: int) -> None:
        pass

    def says(self, text: str) -> None:
        pass


def _home(folder: Path) -> Home:
    home = Home(folder)
    write_private(home.settings_file, SETTINGS)
    for file in (home.identity_key_file, home.ordering_key_file):
        write_private(file, secrets.token_hex(32).encode())
    return home


def _imported(of: World, system: str, folder: Path) -> tuple[Home, Report]:
    written = folder / "exports"
    written.mkdir()
    files = exports.write(of, system, written)
    home = _home(folder / "home")
    return home, import_files(home, Request(files), _Silent())


def _counted(home: Home, last: date) -> Truth:
    """The node's figures in the form of the truth."""
    with opened(home) as connection:
        found = figures(table(connection, "sales"), table(connection, "customers"), last, Keeper(connection))
    return Truth(
        found.customers,
        found.orders,
        found.tickets,
        found.revenue_ore,
        found.anonymous_orders,
        found.complimentary_tickets,
        found.identified_revenue_ore,
        found.flows,
        found.frequency_bands,
    )


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_node_counts_what_was_invented(system: str, tmp_path: Path) -> None:
    small = world()
    home, report = _imported(small, system, tmp_path)
    assert {item.system for item in report.files} == {system}
    assert sum(item.rejected for item in report.files) == 0
    assert report.unmatched_returns == 0 or system == "kudos", "only there a return of nobody names its original"
    assert _counted(home, small.institution.last) == exports.expected(small, system)


def test_every_system_with_keys_gives_the_same_truth() -> None:
    found = {system: exports.expected(world(), system) for system in SYSTEMS}
    assert found["tixly"] == found["pretix"] == found["kudos"]
    assert found["ticketco"] != found["tixly"]


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2025, 12, 31)])
def test_other_worlds_are_counted_as_well(last: date, tmp_path: Path) -> None:
    other = world(700, 5, "50", last)
    home, _ = _imported(other, "tixly", tmp_path)
    assert _counted(home, last) == exports.expected(other, "tixly")


@cache
def _second_profiles() -> int:
    used = set(world().orders.profile.tolist())
    return sum(second in used for second in world().profiles.second_of.values())


def test_second_profiles_are_joined(tmp_path: Path) -> None:
    home, report = _imported(world(), "tixly", tmp_path)
    assert report.joined == len(world().profiles.second_of) >= _second_profiles() > 0
    assert home.store_file.exists()


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_world_writes_the_same_bytes(system: str, tmp_path: Path) -> None:
    tiny = world(120)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = exports.write(tiny, system, tmp_path / "one"), exports.write(tiny, system, tmp_path / "two")
    assert [file.name for file in one] == [file.name for file in two]
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_tixly_pages_have_the_documented_fields_and_files_by_year(tmp_path: Path) -> None:
    tiny = world(120)
    files = {file.name: json.loads(file.read_bytes()) for file in exports.write(tiny, "tixly", tmp_path)}
    assert set(files) == {"customers.json", "events.json", *(f"sales-{year}.json" for year in range(2022, 2027))}
    assert all(page["Next"] is None for page in files.values())
    for name, fields in FIELDS.items():
        assert " ".join(files[name]["Data"][0]) == fields
    sales = [row for year in range(2022, 2027) for row in files[f"sales-{year}.json"]["Data"]]
    assert len({row["SaleTicketId"] for row in sales}) == len(sales)
    originals = {row["TicketId"]: row for row in sales if row["TicketCount"] > 0}
    returns = [row for row in sales if row["TicketCount"] < 0]
    assert returns
    assert all(originals[row["TicketId"]]["OrderId"] == row["OrderId"] for row in returns)
    assert all((row["CustomerId"] is None) == row["IsAnonymousSale"] for row in sales)
    assert {row["EventId"] for row in sales} <= {row["EventId"] for row in files["events.json"]["Data"]}


def test_ticketco_is_written_in_windows_1252_with_a_row_per_ticket(tmp_path: Path) -> None:
    tiny = world(120)
    (file,) = exports.write(tiny, "ticketco", tmp_path)
    with pytest.raises(UnicodeDecodeError):
        file.read_bytes().decode("utf-8")
    rows = list(csv.reader(file.read_bytes().decode("windows-1252").splitlines(), delimiter=";"))
    assert len(rows) - 1 == int(tiny.lines.quantity.sum())
    assert all(len(row) == len(rows[0]) for row in rows)


def test_pretix_has_the_headers_of_real_pretix_in_their_order(tmp_path: Path) -> None:
    real = Path(__file__).parents[1] / "fixtures" / "pretix" / "positions.nb.comma.csv"
    with real.open(encoding="utf-8", newline="") as file:
        headers = next(csv.reader(file))
    of_that_shop_alone = {"Hvor hørte du om oss?", "Scene"}
    assert list(HEADER) == [name for name in headers if name not in of_that_shop_alone]
    tiny = world(120)
    (written,) = exports.write(tiny, "pretix", tmp_path)
    raw = written.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n") == int(tiny.lines.quantity.sum()) + 1


def test_months_are_rounded_up_to_years() -> None:
    assert [Institution(months=months).years for months in (36, 37, 48)] == [3, 4, 4]
