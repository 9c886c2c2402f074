"""Events, series and effects as somebody at an institution meets them. Commands are processes: some twenty seconds."""

import calendar
import csv
import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from node.home import Home, write_private
from node.membership import settings
from node.membership.settings import Files
from privacy.bounds.windows import twelve_months_to
from privacy.estimate.benchmark import Benchmark, publish
from privacy.estimate.body import Cell
from privacy.studies.study import find
from tests.node.cli.run import Node, initialised
from tests.node.network.test_rounds import COORDINATOR, NETWORK, announcement, taken
from tests.privacy.estimate.rounds_of import a_round, figure

STUDY = find("benchmark")
HOUSES = ("fjordteatret", *(f"house-{number}" for number in range(5)))
HEAD = "order_id,line_id,ordered_at,quantity,amount,state,email\n"
UPS = (1.0, 1.06, 0.97, 1.02, 0.95, 1.03, 0.98, 1.04, 0.99, 1.01, 0.96, 1.05)


GROWN_FROM = date(2025, 7, 1)


def own(year: int, month: int) -> float:
    """What this house sells in a month, in øre."""
    return 1_000_000 * UPS[month - 1] * (1.5 if date(year, month, 1) >= GROWN_FROM else 1)


def sales(*years: int) -> str:
    """Twenty sales a month of 500 kr or so to as many customers, and from a day on half as much again."""
    rows = []
    for year in years:
        for month in range(1, 13):
            kroner = own(year, month) / 2_000
            for number in range(20):
                day = f"{year}-{month:02d}-{1 + number % 28:02d}T12:00:00+01:00"
                rows.append(f"{year}{month:02d}{number},1,{day},1,{kroner:.2f},paid,p{month}-{number}@example.no\n")
    return HEAD + "".join(rows)


def cells(year: int, level: float) -> list[Cell]:
    """A cohort of this house and five others, which sell as much in every month of a year."""
    of_months = [
        figure("revenue_ore", 5_000_000 * level + own(year, number), 20_000, table="month", category=f"{number:02d}")
        for number in range(1, 13)
    ]
    key_figures = [figure("retention", 0.40, 0.002), figure("retention_q1", 0.3, 0.01)]
    return [
        figure("customers", 30_000 * level, 60),
        *key_figures,
        *(figure(f"retention{end}", value, 0.01) for end, value in (("_median", 0.4), ("_q3", 0.5))),
        *of_months,
    ]


def published(home: Home, year: int, level: float) -> Benchmark:
    """A round that this node was asked in, and its benchmark, as `run` would have left them."""
    window = twelve_months_to(date(year, 12, 31))
    opened = datetime(year + 1, 1, 10, tzinfo=UTC)
    name = f"benchmark-{year}-12"
    taken(home, replace(announcement(home), round=name, window=window, opened=opened, deadline=opened.replace(day=30)))
    made = a_round(
        year, cells(year, level), name=name, members=HOUSES, digest=STUDY.digest, study_version=STUDY.version
    )
    write_private(Files(home).benchmarks / f"{name}.1.kudos", publish(made, COORDINATOR))
    return made


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node with sales of two years that grew by half in July 2025, two benchmarks, and two events."""
    folder = tmp_path_factory.mktemp("effects")
    node = initialised(folder / "home")
    file = folder / "sales.csv"
    file.write_text(sales(2023, 2024, 2025), encoding="utf-8")
    node.good("import", file)
    home = Home(node.home)
    settings.write(home, NETWORK.model_copy(update={"address": "127.0.0.1:9"}))
    published(home, 2024, 1.0)
    published(home, 2025, 1.1)
    node.good("event", "add", "Premiere Peer Gynt", "--on", "2025-07-01", "--kind", "premiere")
    return node


def test_an_event_is_registered_listed_and_taken_away(node: Node) -> None:
    added = node.good("event", "add", "Spring", "--on", "2024-04-01", "--until", "2024-04-30", "--json").json
    assert added == {"name": "Spring", "on": "2024-04-01", "until": "2024-04-30", "kind": "other", "note": ""}
    assert [each["name"] for each in node.good("event", "list", "--json").json] == ["Spring", "Premiere Peer Gynt"]
    assert "1 Apr 2024 – 30 Apr 2024" in node.good("event", "list").out
    file = node.home / "events.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    node.good("event", "remove", "spring")
    assert "Spring" not in node.good("event", "list").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "x", "--on", "2025-02-30"), "USAGE"),
        (("add", "x", "--on", "2025-02-01", "--until", "2025-01-01"), "USAGE"),
        (("add", "premiere peer gynt", "--on", "2025-02-01"), "USAGE"),
        (("add", "x", "--on", "1955-02-01"), "USAGE"),
        (("add", "x", "--on", "2999-02-01"), "USAGE"),
        (("remove", "x"), "NO_EVENT"),
    ],
)
def test_what_cannot_be_an_event_is_refused(node: Node, words: tuple[str, ...], reason: str) -> None:
    before = (node.home / "events.json").read_bytes()
    ended = node("event", *words, "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (2, reason)
    assert (node.home / "events.json").read_bytes() == before


def test_an_effect_is_shown_with_its_interval_and_what_to_doubt(node: Node) -> None:
    """A growth by half, against others who grew by a tenth from year to year: one's own season is taken off."""
    found = node.good("effect", "premiere peer gynt", "--json").json
    assert found["effect_percent"] == pytest.approx(50, abs=0.01)
    assert found["low_percent"] < 50 < found["high_percent"]
    assert not found["within_noise"]
    assert (found["cohort"], found["by"], found["season_taken_off"]) == ("network", "month", True)
    assert [each["period"] for each in found["periods"]] == [f"2025-{n:02d}" for n in range(1, 10)]
    january = found["periods"][0]
    assert january["own"] == 1_000_000
    assert {each["others"] for each in found["periods"]} == {5_500_000}
    mine = sum(own(2025, month) for month in range(1, 10))
    assert found["own_share"] == pytest.approx(mine / (mine + 9 * 5_500_000))
    assert found["doubts"] == []
    shown = node.good("effect", "Premiere Peer Gynt").out
    assert "Effect: +" in shown
    assert "more than noise" in shown
    assert "What makes it doubtful" not in shown


def test_where_nothing_can_be_told_it_says_what_would_be_needed(node: Node) -> None:
    refused = node("effect", "Premiere Peer Gynt", "--measure", "tickets", "--json")
    assert (refused.status, refused.json["error"]["reason"]) == (1, "NO_EFFECT")
    assert "rounds of a study with the table of months" in refused.err
    assert "2025-01 … 2025-09 (not published)" in refused.err
    unknown = node("effect", "Premiere Peer Gynt", "--cohort", "county:99")
    assert unknown.status == 2
    assert "There is: network" in unknown.err
    assert node("effect", "x").status == 2


def test_a_series_has_the_change_and_the_own_figures(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    (found,) = node.good("series", "benchmark", "--json", "--csv", file).json["series"]
    assert [each["round"] for each in found["rounds"]] == ["benchmark-2024-12", "benchmark-2025-12"]
    customers = next(each for each in found["figures"] if each["measure"] == "customers")
    assert [each["value"] for each in customers["points"]] == [30_000, 33_000]
    assert [each["own"] for each in customers["points"]] == [240, 240]
    (change,) = customers["changes"]
    assert change["change"] == 3_000
    assert change["standard_error"] == pytest.approx(60 * 2**0.5, abs=0.01)
    assert not change["within_noise"]
    retention = next(each for each in found["figures"] if each["measure"] == "retention")
    assert retention["changes"][0]["within_noise"]
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["table"] for row in rows} == {"totals"}
    shown = node.good("series", "benchmark", "--measure", "customers").out
    assert "▲ +10.0" in shown
    assert "≈" in node.good("series", "benchmark", "--measure", "retention").out
    assert "07: revenue" in node.good("series", "benchmark", "--table", "month").out


@pytest.mark.parametrize("words", [("x",), ("benchmark", "--cohort", "x")])
def test_a_series_of_what_is_not_there_says_what_is(node: Node, words: tuple[str, ...]) -> None:
    ended = node("series", *words)
    assert ended.status == 2
    assert "There is:" in ended.err


def test_the_own_position_is_shown_beside_the_benchmark(node: Node) -> None:
    said = node.good("benchmark", "--json").json
    (placed,) = said["positions"]
    assert (placed["own"], placed["position"]) == (1.0, "above the upper quartile")
    assert (placed["q1"], placed["median"], placed["q3"], placed["within_noise"]) == (0.3, 0.4, 0.5, False)
    shown = node.good("benchmark").out
    assert " · study benchmark · " in shown.splitlines()[0]
    assert "the newest of tables; there are also benchmark-2024-12 (benchmark)" in shown
    assert "there are also" not in node.good("benchmark", said["round"]).out
    assert "above the upper quartile" in shown
    assert "retention_q1" not in shown


def test_an_import_and_its_undoing_leave_the_events(node: Node) -> None:
    before = (node.home / "events.json").read_bytes()
    more = node.home.parent / "more.csv"
    last = calendar.monthrange(2025, 12)[1]
    more.write_text(f"{HEAD}N1,1,2025-12-{last}T12:00:00+01:00,1,1.00,paid,n@example.no\n", encoding="utf-8")
    node.good("import", more)
    node.good("import", "--anew", more)
    assert (node.home / "events.json").read_bytes() == before
