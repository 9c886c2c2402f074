"""A member of a network of eighteen made-up institutions, whose figures are known: its folder as two rounds leave it.

Of the eighteen six each are small, medium and large. Both rounds are of the shipped `benchmark-year`; what is published
of them is combined from releases without noise.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from node.dashboard import preferences
from node.dashboard.preferences import Preferences
from node.founding import Institution, found
from node.home import Home, write_private
from node.ingest.run import Request, import_files
from node.membership.settings import Files, write
from privacy.bounds.windows import Window, twelve_months_to
from privacy.catalogue.dimensions import DIMENSIONS
from privacy.catalogue.measures import Measure
from privacy.estimate import benchmark as benchmarks
from privacy.estimate.benchmark import Benchmark, Included
from privacy.estimate.body import Body, Cell
from privacy.estimate.cohorts import Member
from privacy.estimate.combine import combine
from privacy.rounds.announcement import Seat
from privacy.studies.study import find
from tests.node.ingest.house import Heard
from tests.node.network.test_rounds import COORDINATOR, NETWORK, announcement, seat, taken
from tests.privacy.estimate.networks import Shares, consistent

NAME = "benchmark-year"
TEXT = files("privacy.studies").joinpath(f"{NAME}.toml").read_text("utf-8")
STUDY = find(NAME)

SIZES = {"small": 3_000, "medium": 9_000, "large": 20_000}
"""The customers of a member of each class."""

WEIGHTS: Shares = {
    (table, measure): range(len(categories), 0, -1)
    for table, categories in (
        (name, DIMENSIONS[name].categories) for name in ("age_band", "gender", "county", "segment", "genre")
    )
    for measure in Measure
}
"""No two categories of a table are alike."""

YEARS = (2024, 2025)
TILES = ("customers", "tickets", "revenue_ore")


def round_of(year: int) -> str:
    """The name of a year's round."""
    return f"year-{year}"


def window_of(year: int) -> Window:
    """What it asks for."""
    return twelve_months_to(date(year, 12, 31))


@dataclass(frozen=True)
class Sale:
    """An order of one line; nobody buys twice in a year."""

    day: date
    customer: int
    birth_year: int
    gender: str
    postcode: str
    segment: str
    genre: str
    quantity: int
    kroner: int


@cache
def sales() -> tuple[Sale, ...]:
    """Of 2024 and of 2025, in all months; what a customer is depends on its number."""
    return tuple(_sales())


def _sales() -> Iterator[Sale]:
    for year, customers in zip(YEARS, (120, 210), strict=True):
        for number in range(customers):
            yield Sale(
                day=date(year, 1 + number % 12, 1 + number % 28),
                customer=number,
                birth_year=(1960, 1990, 1990, 1990)[number % 4],
                gender=("female", "female", "male")[number % 3],
                postcode="0150" if number % 5 == 0 else "5003",
                segment=("Essence", "Release")[number % 2],
                genre="Opera" if number % 7 == 0 else "Teater",
                quantity=1 + number % 2,
                kroner=(100 + number) * (1 + number % 2),
            )


def of_year(year: int, wanted: Callable[[Sale], bool] = lambda _: True) -> list[Sale]:
    """The sales of a year that are of a kind."""
    return [each for each in sales() if each.day.year == year and wanted(each)]


def made(folder: Path) -> Home:
    """The folder, with the sales, both rounds and three tiles."""
    home = Home(folder / "node")
    me = Institution(
        "Fjordteatret", "performing-arts", "46", member=NETWORK.id, ledger=f"npu.example/ledger/{NETWORK.id}"
    )
    found(home, me, own_identity_key=True)
    write(home, NETWORK)
    import_files(home, Request(_exported(folder)), Heard())
    for year in YEARS:
        published(home, year)
    preferences.write(home.path / "dashboard", Preferences(tiles=TILES))
    return home


def _exported(folder: Path) -> list[Path]:
    lines = [
        "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,birth_year,gender,"
        "postcode,segment"
    ]
    for number, each in enumerate(sales()):
        who = f"{each.customer}@example.no,{each.birth_year},{each.gender},{each.postcode},{each.segment}"
        what = f"{each.genre},Ordinær,{each.quantity},{each.kroner}.00,web,paid"
        lines.append(f"A{number},1,{each.day}T12:00:00+01:00,{what},{who}")
    events = ["event_id,event_title,genre", "Teater,Et stykke,Teater", "Opera,En opera,Opera"]
    orders, listed = folder / "orders.csv", folder / "events.csv"
    orders.write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed.write_text("\n".join(events) + "\n", encoding="utf-8")
    return [orders, listed]


def published(home: Home, year: int) -> None:
    """Takes in a year's announcement, and keeps its benchmark as it was fetched."""
    opened = datetime(year + 1, 1, 10, tzinfo=UTC)
    said = announcement(
        home,
        round=round_of(year),
        study=STUDY,
        study_text=TEXT,
        window=window_of(year),
        opened=opened,
        deadline=opened + timedelta(days=20),
        roster=tuple(_seat(home, each) for each in sorted(members(), key=lambda each: each.member)),
    )
    taken(home, said)
    benchmark = Benchmark(
        coordinator=said.coordinator,
        round=said.round,
        version=1,
        supersedes=None,
        reason=None,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        window=said.window,
        published=opened + timedelta(days=30),
        releases=tuple(Included(each.member, "sha256:" + "0" * 64) for each in said.roster),
        body=body_of(year),
    )
    write_private(Files(home).benchmarks / f"{said.round}.1.kudos", benchmarks.publish(benchmark, COORDINATOR))


def _seat(home: Home, member: Member) -> Seat:
    mine = seat(home, size_class=member.size_class)
    if member.member == NETWORK.id:
        return mine
    key = hashlib.sha256(member.member.encode()).hexdigest()
    said = {"member": member.member, "name": member.member, "industry": member.industry, "county": member.county}
    return mine.model_copy(update={**said, "signing_key": key, "sealing_key": key})


@cache
def members() -> tuple[Member, ...]:
    """Nine of two industries and of two counties, six of each size."""
    return tuple(
        Member(
            NETWORK.id if index == 0 else f"house-{index:02d}",
            ("performing-arts", "museum")[index // 9],
            ("46", "03")[index // 3 % 2],
            tuple(SIZES)[index % 3],
        )
        for index in range(18)
    )


@cache
def body_of(year: int) -> Body:
    """What is published of a year. Those of the second industry and county are a tenth larger each; so is 2025."""
    return combine(STUDY, members(), np.array([_release(each, year) for each in members()]))


def _release(member: Member, year: int) -> NDArray[np.int64]:
    larger = (member.industry == "museum") + (member.county == "03") + (year == YEARS[-1])
    customers = round(SIZES[str(member.size_class)] * 1.1**larger)
    of_each = {Measure.CUSTOMERS: 1, Measure.ORDERS: 2, Measure.TICKETS: 5, Measure.REVENUE: 150_000}
    totals = {measure: customers * each for measure, each in of_each.items()}
    known = {measure: number * 9 // 10 for measure, number in totals.items()}
    release: NDArray[np.int64] = consistent(STUDY, 1, totals, known, WEIGHTS)[0]
    return release


def theirs(year: int, cohort: str, table: str, category: str, measure: str) -> Cell:
    """The published figure, as the benchmark has it."""
    (found,) = [
        cell
        for cell in body_of(year).cells
        if (cell.cohort, cell.table, cell.category, cell.measure) == (cohort, table, category, measure)
    ]
    return found
