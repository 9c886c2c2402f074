"""Which twelve months `kpi` and `review` look at, and that they say so where these are not the same."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from node.cli.twelve_months import day
from node.store.span import month_end_before, today
from tests.node.cli.run import Node, initialised, sales_file

TODAY = today("Europe/Oslo")
OVER = month_end_before(TODAY)
"""The last month that is over: what `review` and `release` go by."""

HEAD = "order_id,line_id,ordered_at,quantity,amount,state,email\n"


def node_with(folder: Path, last: date) -> Node:
    """A node whose newest sale is of a day; the one before it is of a year earlier."""
    folder.mkdir(exist_ok=True)
    node = initialised(folder / "home")
    days = (last, last - timedelta(days=365))
    sales = (f"A{at},1,{each}T12:00:00Z,1,100.00,paid,p{at}@example.no\n" for at, each in enumerate(days))
    node.good("import", sales_file(folder, HEAD + "".join(sales)))
    return node


def first_line(node: Node, *words: str) -> str:
    return node.good(*words).out.splitlines()[0]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Sales to the end of 2024 alone."""
    return node_with(tmp_path_factory.mktemp("behind"), date(2024, 12, 31))


def test_kpi_says_which_months_it_chose(behind: Node) -> None:
    assert first_line(behind, "kpi") == "Fjordteatret · 1 Jan 2024 – 31 Dec 2024, your newest whole months of sales"
    assert first_line(behind, "kpi", "--as-of", "2024-12-31") == "Fjordteatret · 1 Jan 2024 – 31 Dec 2024"


def test_kpi_says_what_it_chose_the_months_by(tmp_path: Path) -> None:
    ended = node_with(tmp_path / "ended", date(2024, 12, 29))
    for command in ("kpi", "forecast"):
        first, why = ended.good(command).out.splitlines()[:2]
        assert first == "Fjordteatret · 1 Jan 2024 – 31 Dec 2024, your newest whole months of sales"
        assert why == "  Your newest sale is of 29 Dec 2024; as far as your sales tell, its month is whole."
    cut = node_with(tmp_path / "cut", date(2024, 12, 12))
    said = cut.good("kpi").out
    assert said.startswith("Fjordteatret · 1 Dec 2023 – 30 Nov 2024, your newest whole months of sales")
    assert "Your newest sale is of 12 Dec 2024: that month does not seem to be whole here" in said
    assert "--as-of 2024-12-31" in said
    assert "Your newest sale" not in cut.good("kpi", "--as-of", "2024-12-31").out


def test_where_every_sale_is_anonymous_that_is_said(tmp_path: Path) -> None:
    """And not that months were missing, which importing them would mend."""
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path, HEAD + "A1,1,2024-12-31T12:00:00Z,1,100.00,paid,\n"))
    assert "Every sale of these months is anonymous" in node.good("kpi").out
    refused = node("forecast")
    assert refused.status == 1
    assert "is anonymous, and a forecast is of customers" in refused.err
    assert "Import those months" not in refused.err


@pytest.mark.parametrize("command", ["kpi", "forecast"])
def test_months_that_are_not_over_are_said_to_be_so(behind: Node, command: str) -> None:
    node = behind
    last = TODAY.replace(day=28) + timedelta(days=4)
    ended = node(command, "--as-of", last.isoformat(), "--json")
    if command == "kpi":
        assert ended.json["window"]["last"] == last.isoformat()
    assert f"These months end on {day(last)}, and today is" in ended.err
    assert "not in the figures" not in node(command, "--as-of", (TODAY - timedelta(days=1)).isoformat()).err


def test_review_says_which_months_it_chose(behind: Node) -> None:
    chosen = first_line(behind, "review", "benchmark")
    assert chosen.startswith("Fjordteatret · 1 ")
    assert chosen.endswith(f" – {day(OVER)}, to the last month that is over")
    asked = first_line(behind, "review", "benchmark", "--as-of", "2024-06-30")
    assert asked == "Fjordteatret · 1 Jul 2023 – 30 Jun 2024"


def test_review_says_so_where_kpi_looks_at_other_months(behind: Node) -> None:
    said = behind.good("review", "benchmark").out
    assert "looks at other months: 1 Jan 2024 – 31 Dec 2024, your newest whole ones of sales." in said
    assert "Where sales since then are missing here, import them first." in said


def test_review_says_how_to_see_own_figures_of_its_own_months(behind: Node) -> None:
    said = behind.good("review", "benchmark", "--as-of", "2024-06-30").out
    assert "looks at other months: 1 Jan 2024 – 31 Dec 2024" in said
    assert "missing" not in said
    (line,) = [line for line in said.splitlines() if "kpi" in line and "--as-of" in line]
    assert line.endswith("kpi --as-of 2024-06-30")
    shown = first_line(behind, "kpi", "--as-of", "2024-06-30")
    assert shown == first_line(behind, "review", "benchmark", "--as-of", "2024-06-30")


def test_where_both_look_at_the_same_months_nothing_is_said(behind: Node, tmp_path: Path) -> None:
    assert "other months" not in behind.good("review", "benchmark", "--as-of", "2024-12-31").out
    node = node_with(tmp_path, OVER)
    chosen, shown = first_line(node, "review", "benchmark"), first_line(node, "kpi")
    assert chosen.partition(",")[0] == shown.partition(",")[0]
    assert "other months" not in node.good("review", "benchmark").out


def test_an_empty_window_ends_with_what_to_do(behind: Node, tmp_path: Path) -> None:
    empty = initialised(tmp_path / "home")
    for node, words in ((empty, ()), (empty, ("--as-of", "2024-06-30")), (behind, ("--as-of", "2020-12-31"))):
        said = node.good("review", "benchmark", *words).out
        assert said.splitlines()[-1].startswith("Import first: ")
        assert said.splitlines()[-1].endswith("import FILE…")
        assert "other months" not in said
        assert "policy allow" not in said


def test_programs_get_the_window_and_no_sentence(behind: Node) -> None:
    assert behind.good("review", "benchmark", "--json").json["window"]["last"] == OVER.isoformat()
    assert behind.good("kpi", "--json").json["window"] == {"first": "2024-01-01", "last": "2024-12-31"}
