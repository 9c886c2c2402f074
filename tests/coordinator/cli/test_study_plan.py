"""kudos-coordinator study plan: what an operator asks before a round, and what it answers to what it cannot read."""

from pathlib import Path

import pytest

from privacy.studies.price import price
from privacy.studies.study import find
from tests.coordinator.cli.run import Coordinator

TEN = ("--members", "10x20000")


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    """A folder with nothing in it: planning needs no network."""
    return Coordinator(tmp_path / "home")


def test_every_figure_has_its_expected_error(coordinator: Coordinator) -> None:
    said = coordinator.good("study", "plan", "benchmark-year", *TEN, "--json").json
    study = find("benchmark-year")
    assert said["members"] == [20_000] * 10
    assert len(said["tables"]) == len(study.parts)
    assert said["figures"] == study.figures == said["nothing"] + sum(len(table["cells"]) for table in said["tables"])
    assert said["nothing"] == 22  # orders, tickets and revenue of who is lost, and tables of customers who bought
    assert said["unreliable"] == sum(len(table["unreliable"]) for table in said["tables"])
    customers = next(each for each in said["tables"] if (each["table"], each["measure"]) == ("totals", "customers"))
    assert customers["cells"][0]["expected"] == 200_000
    assert customers["typical_error"] < 0.001
    assert any("revenue_ore" in table["measure"] for table in said["tables"])
    assert said["rho"] == str(price(study).spend.rho)


def test_people_get_a_table_and_what_it_costs(coordinator: Coordinator) -> None:
    said = coordinator.good("study", "plan", "benchmark-year", *TEN).out
    assert "10 members with 200 000 customers" in said.replace("\xa0", " ").replace(",", " ")
    assert "age_band-county" in said
    assert "A release costs each member ρ" in said
    assert "A year of" not in said


@pytest.mark.parametrize(
    ("study", "counted"),
    [
        ("benchmark-year", "1 410 figures, among them 22 that are nothing by definition. Of the others "),
        ("portfolio-year", "76 figures, among them 3 quantiles. Of the others "),
        ("bounds-year", "15 figures: quantiles alone."),
    ],
)
def test_as_many_figures_are_counted_as_a_release_has(coordinator: Coordinator, study: str, counted: str) -> None:
    said = coordinator.good("study", "plan", study, *TEN).out.replace("\xa0", " ")
    assert counted in said
    assert f"has {counted.split(' figures')[0]} figures" in coordinator.good("study", "check", study).out.replace(
        "\xa0", " "
    )


def test_small_members_have_more_that_is_unreliable(coordinator: Coordinator) -> None:
    large, small = (
        coordinator.good("study", "plan", "benchmark-year", "--members", sizes, "--json").json
        for sizes in ("10x20000", "10x1500")
    )
    assert small["unreliable"] > large["unreliable"]
    first, second = (each["tables"][0]["typical_error"] for each in (large, small))
    assert second == pytest.approx(first * 20_000 / 1_500, rel=1e-4)


def test_another_budget_scales_the_noise(coordinator: Coordinator) -> None:
    plain, quarter = (
        coordinator.good("study", "plan", "benchmark", *TEN, *words, "--json").json
        for words in ((), ("--rho", "0.0075"))
    )
    ratios = [
        one["typical_error"] / other["typical_error"]
        for one, other in zip(quarter["tables"], plain["tables"], strict=True)
    ]
    assert ratios == pytest.approx([2] * len(ratios), rel=0.02)  # shares are whole millionths


def test_a_year_is_added_up_with_what_else_is_asked(coordinator: Coordinator) -> None:
    words = ("--with", "benchmark-quarter:4", "--with", "portfolio-year", "--with", "cross-use-year")
    year = coordinator.good("study", "plan", "benchmark-year", *TEN, *words, "--json").json["year"]
    assert [(each["name"], each["times"]) for each in year["studies"]] == [
        ("benchmark-year", 1),
        ("benchmark-quarter", 4),
        ("portfolio-year", 1),
        ("cross-use-year", 1),
    ]
    assert 0.07 < float(year["rho"]) <= 0.08
    assert 2.8 < float(year["epsilon_at_delta"]) <= 3
    said = coordinator.good("study", "plan", "benchmark-year", *TEN, *words).out
    assert "4 × benchmark-quarter" in said


def test_a_study_of_quantiles_tells_how_far_ranks_are_off(coordinator: Coordinator) -> None:
    words = ("study", "plan", "bounds-year", "--members", "20000,2000")
    said = coordinator.good(*words, "--json").json
    assert said["tables"] == []
    assert {each["measure"] for each in said["quantiles"]} == {"orders", "tickets", "revenue"}
    assert all(0 < each["rank_error"] < 0.03 for each in said["quantiles"])
    assert "smallest member" in coordinator.good(*words).out


def test_what_would_not_be_published_is_said(coordinator: Coordinator) -> None:
    few = coordinator.good("study", "plan", "benchmark", "--members", "3x20000")
    assert "nothing of it would be published" in few.out
    alone = coordinator.good("study", "plan", "benchmark", "--members", "100000,4x5000")
    assert "the largest member has 83 % of the customers" in alone.out.replace("\n", " ")
    assert "Of 71 of the 71 categories of all members together" in alone.out.replace("\n", " ")


def test_whom_size_alone_lets_dominate_is_foretold(coordinator: Coordinator) -> None:
    """55 % of all is below the limit of 60; but where noise is large nobody can rule out that it is more."""
    alike, one = (
        coordinator.good("study", "plan", "benchmark-year", "--members", sizes, "--json").json
        for sizes in ("10x20000", "11000,9x1000")
    )
    assert 0 < len(alike["dominated"]) < 20  # of nearly nobody: noise alone
    assert 600 < len(one["dominated"]) < one["categories"]
    assert "age_band-county/0-15:abroad" in one["dominated"]
    assert "totals/all" not in one["dominated"]
    said = coordinator.good("study", "plan", "benchmark-year", *TEN).out
    assert "This foretells noise, and not what would be withheld" in said


def test_a_study_of_ones_own_is_planned_from_its_file(coordinator: Coordinator, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "privacy/studies/benchmark-quarter.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(text.replace('name = "benchmark-quarter"', 'name = "mine"'), encoding="utf-8")
    one, other = (coordinator.good("study", "plan", name, *TEN, "--json").json for name in (file, "benchmark-quarter"))
    assert (one["study"], one["tables"]) == ("mine", other["tables"])


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("benchmark",), 2, "USAGE"),
        (("benchmark", "--members", ""), 2, "USAGE"),
        (("benchmark", "--members", "many"), 2, "USAGE"),
        (("benchmark", "--members", "20000,,3"), 2, "USAGE"),
        (("benchmark", "--members", "0"), 2, "USAGE"),
        (("benchmark", "--members", "-5"), 2, "USAGE"),
        (("benchmark", "--members", "1.5"), 2, "USAGE"),
        (("benchmark", "--members", "99999999"), 2, "BAD_PLAN"),
        (("benchmark", "--members", "6000x10"), 2, "BAD_PLAN"),
        (("cross-use-year", *TEN), 2, "BAD_PLAN"),
        (("nothing", *TEN), 1, "UNKNOWN_STUDY"),
        (("benchmark", *TEN, "--with", "nothing:2"), 1, "UNKNOWN_STUDY"),
        (("benchmark", *TEN, "--with", "benchmark-quarter:0"), 1, "UNKNOWN_STUDY"),
        (("benchmark", *TEN, "--rho", "much"), 1, "BAD_STUDY"),
        (("benchmark", *TEN, "--rho", "0.000001"), 1, "BAD_STUDY"),
        (("benchmark", *TEN, "--rho", "0"), 1, "BAD_STUDY"),
    ],
)
def test_refusals_are_typed(coordinator: Coordinator, words: tuple[str, ...], status: int, reason: str) -> None:
    ended = coordinator("study", "plan", *words, "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (status, reason)
    assert ended.err.strip()


def test_the_plan_fits_a_line_of_a_hundred_and_says_what_it_leaves_out(coordinator: Coordinator) -> None:
    said = coordinator.good("study", "plan", "benchmark-year", *TEN).out
    table = said.partition("table  ")[2].partition("  left out")[0]
    assert "ticket_type-month" in table
    assert all(len(line.rstrip()) <= 100 for line in table.splitlines())
    assert "left out, for this is too narrow: such as. All of it: --json" in said
