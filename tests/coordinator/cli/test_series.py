"""The published rounds of a study one after the other, for people, programs and spreadsheets."""

import csv
from datetime import date
from pathlib import Path

import pytest

from coordinator.home import Home
from coordinator.office import opened
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds.rounds import close
from privacy.bounds.windows import twelve_months_to
from tests.coordinator.cli.run import Coordinator, initialised
from tests.coordinator.house import NOW, a_message, a_round, signed
from tests.coordinator.ledger import send
from tests.coordinator.publish.test_publishing import LATER, figures, some


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Coordinator:
    """A coordinator with a published round of six members."""
    coordinator = initialised(tmp_path_factory.mktemp("series") / "home")
    with opened(Home(coordinator.home)) as office:
        members = some(office, 6)
        a_round(office, "one")
        for number, each in enumerate(members):
            send(office, each, "one", signed(each, a_message(each, figures(number))), NOW)
        close(office.store, "one", LATER)
        publish_round(office, draft(office, "one", LATER), LATER)
    return coordinator


def test_a_series_of_one_round_has_figures_and_no_change(network: Coordinator, tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    (found,) = network.good("benchmark", "series", "benchmark", "--json", "--csv", file).json["series"]
    assert [each["round"] for each in found["rounds"]] == ["one"]
    assert found["rounds"][0]["window"]["last"] == f"{twelve_months_to(date(2025, 12, 31)).last}"
    assert found["steps"] == []
    assert {each["table"] for each in found["figures"]} == {"totals"}
    assert all(each["changes"] == [] and "own" not in each["points"][0] for each in found["figures"])
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == len(found["figures"])
    shown = network.good("benchmark", "series", "benchmark", "--measure", "customers").out
    assert "1 round" in shown
    assert "you" not in shown.split("figure", 1)[1].splitlines()[0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("x",), "There is: benchmark"),
        (("benchmark", "--cohort", "county:99"), "There is: network"),
        (("benchmark", "--table", "x"), "totals"),
        (("benchmark", "--measure", "x"), "customers"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(network: Coordinator, words: tuple[str, ...], says: str) -> None:
    refused = network("benchmark", "series", *words)
    assert refused.status == 2
    assert says in refused.err


def test_nothing_is_written_into_the_coordinators_folder(network: Coordinator) -> None:
    refused = network("benchmark", "series", "benchmark", "--csv", network.home / "x.csv")
    assert refused.status == 2
    assert not (network.home / "x.csv").exists()
