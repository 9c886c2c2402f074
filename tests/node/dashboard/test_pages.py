"""What pages say, from benchmarks made by hand: shares, marks, what is withheld, and names from elsewhere."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dashboard.access import Door
from node.dashboard.asked import Asked, asked
from node.dashboard.happened import Happened
from node.dashboard.language import CODES, Language
from node.dashboard.model import Page
from node.dashboard.own import Own
from node.dashboard.pages.index import PAGES
from node.dashboard.pages.overview import headline, tiles
from node.dashboard.pages.parts import parts_of
from node.dashboard.preferences import Preferences, read, write
from node.dashboard.rendering import page_html
from node.dashboard.sector import Against, Published, Sector
from node.dashboard.told import Told
from node.dashboard.view import View
from privacy.bounds.windows import Window
from privacy.estimate.benchmark import Benchmark, Included
from privacy.estimate.body import Body, Cell, CohortLine, MarketLine

WINDOW = Window(date(2025, 1, 1), date(2025, 12, 31))
EN = Language("en")
HOSTILE = '<script>alert("x")</script>'


def cell(table: str, category: str, measure: str, value: float | None, error: float = 1.0) -> Cell:
    """A published cell with its usual interval; one without a value is withheld."""
    if value is None:
        return Cell("network", table, category, measure, None, None, None, None, 6, "suppressed", "DOMINATED")
    low, high = value - 1.96 * error, value + 1.96 * error
    if measure in ("customers", "orders", "tickets", "revenue_ore"):
        return Cell(
            "network", table, category, measure, int(value), str(error), int(low), int(high), 6, "published", None
        )
    return Cell("network", table, category, measure, str(value), str(error), str(low), str(high), 6, "published", None)


def published(*cells: Cell, market: tuple[MarketLine, ...] = ()) -> Published:
    """A benchmark of six members."""
    line = CohortLine("network", 6, "published", None)
    return Published(
        Benchmark(
            coordinator="npu.example",
            round="r",
            version=1,
            supersedes=None,
            reason=None,
            study="s",
            study_version=1,
            study_digest="sha256:" + "0" * 64,
            window=WINDOW,
            published=datetime(2026, 1, 2, tzinfo=UTC),
            releases=(Included("m", "0" * 64),),
            body=Body((line,), cells, market),
        )
    )


def own(**tables: list[dict[str, object]]) -> Own:
    """Own figures with some tables."""
    now = {"retention": 0.5, "customers": 100, "orders": 200, "portfolio_value_ore": None, "migration": None}
    return Own(WINDOW, now, {}, tables, {}, [], [], [], 0, [])


def row(table: str, category: str, customers: int) -> dict[str, object]:
    return {table: category, "customers": customers, "orders": 0, "tickets": 0, "revenue_ore": 0}


def view(of: Published | None, mine: Own | None, **changes: object) -> View:
    against = Against(of, "network") if of else None
    made = View(EN, "Fjordteatret", Sector((of,) if of else ()), WINDOW, mine, against=against)
    return replace(made, **changes)  # type: ignore[arg-type]


AGES = ("16-24", "25-34", "35-44")


@given(
    st.lists(st.integers(100, 10**6), min_size=3, max_size=3), st.lists(st.integers(0, 10**6), min_size=3, max_size=3)
)
def test_shares_are_parts_of_one_on_both_sides(theirs: list[int], mine: list[int]) -> None:
    of = published(*(cell("age_band", age, "customers", n) for age, n in zip(AGES, theirs, strict=True)))
    ours = own(age_band=[row("age_band", age, n) for age, n in zip(AGES, mine, strict=True)])
    found = parts_of(view(of, ours), "age_band", "customers")
    assert sum(each.theirs or 0 for each in found) == pytest.approx(1)
    assert sum(each.own_share or 0 for each in found) == pytest.approx(1 if sum(mine) else 0)
    for each in found:
        assert each.low is not None
        assert each.high is not None
        assert each.theirs is not None
        assert each.low <= each.theirs <= each.high


def test_what_is_withheld_is_left_out_of_both_sides() -> None:
    of = published(
        cell("age_band", "16-24", "customers", 300),
        cell("age_band", "25-34", "customers", 100),
        cell("age_band", "35-44", "customers", None),
    )
    ours = own(age_band=[row("age_band", age, 10) for age in AGES])
    by = {each.category: each for each in parts_of(view(of, ours), "age_band", "customers")}
    assert by["16-24"].theirs == pytest.approx(0.75)
    assert by["16-24"].own_share == pytest.approx(0.5)
    assert by["16-24"].mark == "below"
    assert by["35-44"].own_share is None
    assert by["35-44"].own == 10


def test_a_table_that_only_one_side_has_is_shown_alone() -> None:
    ours = own(genre=[row("genre", "Drama", 3), row("genre", HOSTILE, 1)])
    alone = {each.category: each.own_share for each in parts_of(view(published(), ours), "genre", "customers")}
    assert alone == {"Drama": 0.75, HOSTILE: 0.25}
    theirs = published(cell("novelty", "a", "customers", 30), cell("novelty", "b", "customers", 10))
    assert [each.theirs for each in parts_of(view(theirs, None, viewer=True), "novelty", "customers")] == [0.75, 0.25]


@pytest.mark.parametrize(
    ("mine", "mark", "said"), [(0.6, "above", "kept more"), (0.4, "below", "kept less"), (0.5, "level", "like")]
)
def test_the_sentence_on_top_goes_by_noise(mine: float, mark: str, said: str) -> None:
    of = published(cell("totals", "all", "retention", 0.5, 0.02))
    seen = view(of, own(), cells={("totals", "all", "retention"): mine}, preferences=Preferences(tiles=("retention",)))
    assert said in headline(seen)
    assert [tile.mark for tile in tiles(seen)] == [mark]


def test_every_audience_and_every_cohort_has_tiles_of_its_own() -> None:
    """What is chosen above changes the figures below, and not the choice alone."""
    cohorts = ("network", "industry:museum")
    cells = []
    for at, cohort in enumerate(cohorts):
        for table, category, value in (("totals", "all", 600), ("age_band", "16-24", 90), ("age_band", "25-34", 120)):
            cells.append(replace(cell(table, category, "customers", value + 60 * at), cohort=cohort))
    of = published(*cells)
    ours = own(age_band=[row("age_band", age, 10 + at) for at, age in enumerate(AGES)])
    who = (None, ("age_band", "16-24"), ("age_band", "25-34"))
    seen = [
        view(of, ours, against=Against(of, cohort), who=each, preferences=Preferences(tiles=("customers",)))
        for cohort in cohorts
        for each in who
    ]
    shown = [(tile.own, tile.theirs) for each in seen for tile in tiles(each)]
    assert len({own for own, _theirs in shown}) == len(who)
    assert len(set(shown)) == len(shown)


def test_more_tickets_back_than_sold_are_no_part_of_a_whole() -> None:
    bands = [row("price_band", "no-ticket", 0), row("price_band", "1-99", 0), row("price_band", "100-199", 0)]
    for each, number in zip(bands, (-276, 30, 10), strict=True):
        each["tickets"] = number
    block = PAGES["money"].make(view(None, own(price_band=bands))).block("bands")
    assert block is not None
    assert block.table is not None
    assert [line[2].text for line in block.table.rows] == ["75.0%", "25.0%"]
    assert block.notes == ("Left out of the shares, for more was taken back than sold: no ticket (−276).",)


def test_a_node_without_a_cohort_has_a_table_under_each_chart() -> None:
    months = [{"period": "2025-01", "orders": 3}, {"period": "2025-02", "orders": 1234}]
    block = PAGES["overview"].make(view(None, replace(own(), months=months))).block("course")
    assert block is not None
    assert block.chart is not None
    assert block.said == "Orders month by month."
    assert block.table is not None
    assert [[each.text for each in line] for line in block.table.rows] == [["Jan 2025", "3"], ["Feb 2025", "1,234"]]


def test_a_month_that_stands_out_is_named_in_full() -> None:
    of = published(cell("month", "2", "orders", 500), cell("month", "3", "orders", 500))
    months = [row("month", "2", 0), row("month", "3", 0)]
    months[0]["orders"], months[1]["orders"] = 90, 10
    block = PAGES["overview"].make(view(of, own(month=months), language=Language("nb"))).block("course")
    assert block is not None
    assert " i februar: " in block.said or " i mars: " in block.said


def test_a_benchmark_that_cannot_be_read_is_not_one_that_is_not_published() -> None:
    seen = view(None, own(), language=Language("nb"), sector=Sector(faults=("r.1.kudos is damaged.",)))
    block = PAGES["overview"].make(replace(seen, own=None)).block("no-cohort")
    assert block is not None
    assert block.empty is not None
    assert "kan ikke leses" in block.empty.why
    shown = page_html(seen, PAGES["privacy"].make(seen), asked({}), Door.new())
    assert '<p lang="en">r.1.kudos is damaged.</p>' in shown
    assert "kan ikke leses, og er utelatt" in shown


def test_without_a_segment_every_block_of_segments_is_empty() -> None:
    unknown = {"segment × frequency_band": [{"segment": "unknown", "frequency_band": "1", "customers": 7}]}
    blocks = PAGES["segments"].make(view(None, own(segment=[row("segment", "unknown", 7)], **unknown))).blocks
    assert len({block.empty for block in blocks}) == 1
    assert blocks[0].empty is not None


@pytest.mark.parametrize(("key", "months"), [("money", True), ("events", False), ("self-assessment", False)])
def test_months_are_chosen_where_they_change_anything(key: str, months: bool) -> None:
    """And what was chosen elsewhere goes along where they are not."""
    seen = view(published(cell("totals", "all", "customers", 600)), own())
    if key != "money":
        seen = replace(seen, told=Told(), happened=Happened())
        shown = page_html(seen, PAGES[key].make(seen), asked({"months": "r"}), Door.new())
    else:
        shown = page_html(seen, Page(key, key, "", ()), asked({"months": "r"}), Door.new())
    assert ('<select name="months">' in shown) is months
    assert '<select name="cohort">' in shown
    assert ('<input type="hidden" name="months" value="r">' in shown) is not months


def test_findings_have_the_numbers_of_their_page() -> None:
    values = {"rows": 1121, "of": 20_000}
    found = [{"code": "rejected", "level": "mend", "values": values}]
    found.append({"code": "without-event", "level": "look", "values": {"share": 0.024}})
    block = PAGES["quality"].make(view(None, replace(own(), findings=found))).block("findings")
    assert block is not None
    assert block.table is not None
    said = [line[0].text for line in block.table.rows]
    assert said[0].startswith("1,121 of 20,000 rows")
    assert said[1].startswith("2.4% of")


def test_nobody_is_told_to_ask_for_a_segment_at_the_purchase() -> None:
    known = own(segment=[row("segment", "unknown", 7)], gender=[row("gender", "female", 7)])
    block = PAGES["quality"].make(view(None, known)).block("known")
    assert block is not None
    assert block.said == ""


def test_a_sum_is_shown_per_member_and_never_compared() -> None:
    of = published(cell("totals", "all", "customers", 600, 6))
    (tile,) = tiles(view(of, own(), preferences=Preferences(tiles=("customers",))))
    assert tile.theirs.startswith("100\u00a0±\u00a02 per member")
    assert tile.mark == ""


def test_a_withheld_tile_says_why() -> None:
    of = published(cell("totals", "all", "retention", None))
    (tile,) = tiles(view(of, own(), preferences=Preferences(tiles=("retention",))))
    assert (tile.theirs, tile.mark) == ("", "")
    assert "one member" in tile.why


def test_names_from_elsewhere_stay_names() -> None:
    """Of members in pairs that may be named, and of genres of one's own."""
    crossed = published(
        cell("pair", "a+b", "customers", 50), market=(MarketLine("a", "counted"), MarketLine("b", "counted"))
    )
    object.__setattr__(crossed, "members", {"a": HOSTILE, "b": "=cmd()"})
    seen = view(None, own(genre=[row("genre", HOSTILE, 3)]), crossed=crossed, name=HOSTILE)
    for key in ("cross-use", "audience"):
        page = page_html(seen, PAGES[key].make(seen), asked({}), Door.new())
        assert HOSTILE not in page
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("key", PAGES)
def test_every_page_is_made_of_nothing(key: str, code: str) -> None:
    for viewer in (False, True):
        seen = view(None, None, viewer=viewer, language=Language("nb" if code == "nb" else "en"))
        page = PAGES[key].make(seen)
        assert all(block.empty or block.table or block.said for block in page.blocks)
        assert page.title in page_html(seen, page, Asked(factors={}), Door.new())


def test_an_address_is_looked_up() -> None:
    found = asked(
        {"who": "age_band/16-24", "retention": "110", "recovery": "9999", "frequency": "-1", "cohort": "x" * 999}
    )
    assert found.audience() == ("age_band", "16-24")
    assert asked({"who": "passwords/x"}).audience() is None
    assert found.factors is not None
    assert (found.factors["retention"], found.factors["recovery"], found.factors["frequency"]) == (110, 100, 100)
    assert len(found.cohort) == 200


def test_preferences_are_kept_and_damage_is_no_choice(tmp_path: Path) -> None:
    chosen = Preferences("en").with_tiles(["orders", "nothing", "orders", "tickets"]).moved("tickets", -1)
    write(tmp_path, chosen)
    assert read(tmp_path) == Preferences("en", ("tickets", "orders"))
    (file,) = tmp_path.iterdir()
    for damage in (b"", b"[]", b'{"tiles": 3}', b'{"language": "xx"}'):
        file.write_bytes(damage)
        assert read(tmp_path).language is None
