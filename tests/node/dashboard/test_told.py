"""What pages say of events, of texts, of levels, and of rounds one after the other: made by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from node.dashboard.access import Door
from node.dashboard.asked import Asked, asked
from node.dashboard.happened import Happened
from node.dashboard.history import history_of
from node.dashboard.language import CODES, Language
from node.dashboard.pages.index import PAGES
from node.dashboard.rendering import page_html
from node.dashboard.sector import Against, Published, Sector
from node.dashboard.told import Told
from node.dashboard.view import View
from node.effects.doubts import Doubt, doubts
from node.events.event import Event
from node.network.insights import Audience, Seen
from node.selfassess.file import Kept
from privacy.bounds.windows import Window
from privacy.estimate.body import Cell
from privacy.estimate.derived import QUARTILES
from privacy.sharing.assessment import DRIVERS, Assessment
from privacy.sharing.distribution import CohortLevels, Distribution
from privacy.sharing.insight import Insight
from tests.node.dashboard.test_pages import own, view
from tests.node.effects.test_effect import DATA, MAY, answered
from tests.privacy.estimate.rounds_of import a_round, figure, withheld

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
MADE = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


def html(seen: View, key: str, wanted: Asked | None = None) -> str:
    return page_html(seen, PAGES[key].make(seen), wanted or asked({}), Door.new())


def both(seen: View, key: str) -> None:
    """A page can be made in both languages."""
    for code in CODES:
        html(replace(seen, language=Language(code)), key)


@pytest.mark.parametrize(("effect", "said"), [(0.0, "Within noise"), (0.5, "changed by +")])
def test_an_effect_is_told_with_its_interval_and_its_doubts(effect: float, said: str) -> None:
    found = answered(DATA, effect=effect)
    other = Event(HOSTILE, date(2025, 4, 20))
    every = (MAY, other)
    doubted = tuple(doubt for doubt, _ in doubts(found, every))
    seen = view(None, own(), happened=Happened(every, MAY, "revenue_ore", found, doubted))
    block = PAGES["events"].make(seen).block("effect")
    assert block is not None
    assert said in block.said
    assert Doubt.OVERLAP in doubted
    assert any("cannot be told apart" in note for note in block.notes)
    assert block.chart is not None
    assert block.table is not None
    assert len(block.table.rows) == len(found.sides)
    shown = html(seen, "events")
    assert HOSTILE not in shown
    assert "<script>alert" not in shown
    both(seen, "events")


def test_without_figures_the_page_says_what_it_takes() -> None:
    for happened in (Happened(), Happened((MAY,), MAY, fault="too little"), Happened((MAY,), MAY, alone=True)):
        seen = view(None, own(), happened=happened)
        assert any(block.empty for block in PAGES["events"].make(seen).blocks)
        both(seen, "events")
        assert ('<p lang="en">too little</p>' in html(seen, "events")) is bool(happened.fault)


def insight(text: str, **changes: object) -> Insight:
    said = Insight("npu.example", "fjord", "r", "0" * 64, "network", MADE, text)
    return replace(said, **changes)  # type: ignore[arg-type]


def test_a_text_of_others_is_text_whatever_is_in_it() -> None:
    texts = (
        Seen("a" * 64, insight(f"{HOSTILE}\n{{{{ 7 * 7 }}}} {{% raw %}}"), HOSTILE, own=False, state="shared"),
        Seen("b" * 64, insight("mitt"), "Fjord", own=True, state="hidden", reason=HOSTILE),
        Seen("c" * 64, None, "Fjord", own=True, state="withdrawn"),
        Seen("d" * 64, insight("på vei"), "Fjord", own=True, state="waiting"),
    )
    told = Told(texts, "r", (Audience("network", ("Havn", HOSTILE)),))
    seen = view(None, own(), told=told)
    shown = html(seen, "insights")
    assert "<img src=x" not in shown
    assert "<script>alert" not in shown
    assert "{{ 7 * 7 }}" in shown
    assert shown.count('action="/insights/withdraw"') == 2
    assert 'value="aaaa' not in shown, "the text of another is not ours to withdraw"
    both(seen, "insights")


def test_the_form_of_a_text_has_no_figure_in_it() -> None:
    """Whatever is known of the institution, the text begins empty, and no field beside it has a number of its own."""
    known = own(age_band=[{"age_band": "16-24", "customers": 987_654, "orders": 1, "tickets": 1, "revenue_ore": 1}])
    seen = view(None, known, told=Told((), "r", (Audience("network", ("Havn",)),)))
    shown = html(seen, "insights")
    form = shown[shown.index('action="/insights/share"') :].partition("</form>")[0]
    assert "></textarea>" in form
    assert "987" not in shown
    fields = {part.partition('"')[0] for part in form.split('name="')[1:]}
    assert fields == {"form", "back", "round", "text", "cohort"}


def test_levels_are_shown_over_time_and_beside_the_cohort() -> None:
    levels = dict.fromkeys(DRIVERS, 3)
    told = Told(
        assessments=(Kept(Assessment(MADE, levels)), Kept(Assessment(MADE, levels | {"systems": 1}), HOSTILE)),
        distribution=Distribution(
            "npu.example", 1, MADE, (CohortLevels("network", 6, dict.fromkeys(DRIVERS, (1, 2, 3, 0, 0))),)
        ),
        shares=True,
    )
    seen = view(None, own(), told=told)
    page = PAGES["self-assessment"].make(seen)
    profile, others = page.block("profile"), page.block("others")
    assert profile is not None
    assert "Systems and IT" in profile.said
    assert others is not None
    assert others.table is not None
    assert [cell.text for cell in others.table.rows[2]][1:] == ["1 •", "2", "3", "0", "0"]
    assert "<img src=x" not in html(seen, "self-assessment")
    both(seen, "self-assessment")


def test_without_levels_the_page_teaches() -> None:
    seen = view(None, own(), told=Told())
    page = PAGES["self-assessment"].make(seen)
    assert all(block.empty or block.part for block in page.blocks)


def of_years(*years: tuple[int, list[Cell]]) -> tuple[Sector, Against]:
    """The benchmarks of some years, the last one chosen."""
    found = tuple(Published(a_round(year, cells)) for year, cells in reversed(years))
    return Sector(found), Against(found[0], "network")


@pytest.mark.parametrize(
    ("then", "now", "said"), [(0.30, 0.40, "rose"), (0.40, 0.30, "fell"), (0.40, 0.405, "within noise")]
)
def test_a_change_between_rounds_is_told_with_its_noise(then: float, now: float, said: str) -> None:
    years = [(year, [figure("retention", value, 0.01)]) for year, value in ((2024, then), (2025, now))]
    sector, against = of_years(*years)
    history = history_of(sector, against, lambda _study, _window: {})
    seen = view(against.published, own(), sector=sector, against=against, history=history)
    block = PAGES["development"].make(seen).block("course-retention")
    assert block is not None
    assert said in block.said
    assert block.table is not None
    marks = [row[-1].mark for row in block.table.rows]
    assert marks == ["", {"rose": "above", "fell": "below", "within noise": "level"}[said]]
    both(seen, "development")
    both(replace(seen, viewer=True, own=None), "development")


def test_a_withheld_round_is_a_gap_with_its_reason() -> None:
    sector, against = of_years(
        (2023, [figure("retention", 0.4, 0.01)]),
        (2024, [withheld("retention")]),
        (2025, [figure("retention", 0.4, 0.01)]),
    )
    history = history_of(sector, against, lambda _study, _window: {})
    seen = view(against.published, own(), sector=sector, against=against, history=history)
    block = PAGES["development"].make(seen).block("course-retention")
    assert block is not None
    assert block.chart is not None
    assert len(block.chart.points) == 2  # type: ignore[union-attr]
    assert "one member" in block.table.rows[1][2].text if block.table else False


def test_one_round_has_no_course_yet() -> None:
    sector, against = of_years((2025, [figure("retention", 0.4, 0.01)]))
    assert history_of(sector, against, lambda _study, _window: {}) is None
    page = PAGES["development"].make(view(against.published, own(), sector=sector, against=against))
    assert page.block("course") is not None


def test_the_own_place_is_told_by_the_quartiles() -> None:
    cells = [
        figure(f"retention_{name}", value, 0.01, members=12)
        for name, value in zip(QUARTILES, (0.3, 0.4, 0.5), strict=True)
    ]
    found = Published(a_round(2025, cells, members=[f"house-{n:02d}" for n in range(12)]))
    seen = view(found, own(), cells={("totals", "all", "retention"): 0.6})
    block = PAGES["development"].make(seen).block("position")
    assert block is not None
    assert block.table is not None
    assert block.table.rows[0][-1].text == "among the highest quarter"
    assert "Returning: you are among the highest quarter." in block.said
    near = replace(seen, cells={("totals", "all", "retention"): 0.401})
    table = PAGES["development"].make(near).blocks[0].table
    assert table is not None
    assert table.rows[0][-1].text.endswith("≈")


def test_any_days_are_a_window_and_nonsense_is_none() -> None:
    assert asked({"months": "days", "first": "2025-05-01", "last": "2025-06-30"}).days() == Window(
        date(2025, 5, 1), date(2025, 6, 30)
    )
    for said in (
        {"months": "own", "first": "2025-05-01", "last": "2025-06-30"},
        {"months": "days", "first": "2025-06-30", "last": "2025-05-01"},
        {"months": "days", "first": "", "last": ""},
        {"months": "days", "first": "1066-10-14", "last": "2025-05-01"},
    ):
        assert asked(said).days() is None
