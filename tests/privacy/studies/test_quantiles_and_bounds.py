"""What a study may say of its window, its quantiles and the bounds of its tables; and what it may not."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import Rho
from privacy.catalogue import quantiles
from privacy.catalogue.dimensions import TIERS
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Needs
from privacy.studies import study as studies
from privacy.studies.file import BadStudy
from privacy.studies.price import price
from privacy.studies.study import Study, find, parse

HEAD = """
name = "tiers"
version = 1
title = "Quantiles, tiers, and bounds of several kinds"
window = "year"
rho = "0.03"
cohorts = ["network"]
bounds = { max_orders = 8, max_lines = 20, max_tickets = 20, max_revenue_kr = 10000 }
wide_bounds = { max_orders = 50, max_lines = 100, max_tickets = 100, max_revenue_kr = 60000 }
disclosure = { min_members = 5, dominance_percent = 60, unreliable_percent = 25 }
"""
QUANTILES = """
[[quantiles]]
measure = "revenue"
at = ["0.95", "0.8", "0.3"]
share = 2

[[quantiles]]
measure = "orders"
at = ["0.999"]
share = 1
"""
CELLS = """
[tables.cell_bounds]
super = { max_orders = 50, max_lines = 100, max_tickets = 100, max_revenue_kr = 60000 }
top = { max_orders = 12, max_lines = 30, max_tickets = 30, max_revenue_kr = 8000 }
middle = { max_orders = 6, max_lines = 12, max_tickets = 12, max_revenue_kr = 2000 }
bottom = { max_orders = 3, max_lines = 6, max_tickets = 6, max_revenue_kr = 500 }
"""
TABLE_SECTIONS = f"""
[[tables]]
name = "totals"
shares = {{ customers = 1, revenue = 3 }}

[[tables]]
name = "month"
shares = {{ orders = 2 }}
wide = true

[[tables]]
name = "value_tier"
shares = {{ customers = 1, revenue = 4 }}
{CELLS}
"""
TEXT = HEAD + QUANTILES + TABLE_SECTIONS
QUARTER = TEXT.replace('window = "year"', 'window = "quarter"').replace("value_tier", "gender").partition(CELLS)[0]


def changed(old: str, new: str, text: str = TEXT) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_study_says_what_its_file_says() -> None:
    study = parse(TEXT, "tiers.toml")
    assert study.period == "year"
    assert [part.name for part in study.quantiles] == [
        "revenue_quantiles/0.95",
        "revenue_quantiles/0.8",
        "revenue_quantiles/0.3",
        "orders_quantiles/0.999",
    ]
    assert [part.at for part in study.quantiles] == [
        Fraction(19, 20),
        Fraction(4, 5),
        Fraction(3, 10),
        Fraction("0.999"),
    ]
    assert study.names == ("revenue_quantiles", "orders_quantiles", "totals", "month", "value_tier")
    assert (study.cells, study.figures) == (1 + 1 + 12 + 4 + 4, 1 + 1 + 12 + 4 + 4 + 4)


def test_each_part_gets_its_share() -> None:
    """Of 18 in all: three quantiles at 2, one at 1, and the tables' 1 + 3 + 2 + 1 + 4."""
    study = parse(TEXT, "tiers.toml")
    of = [each.rho.micro for each in study.quantiles] + [each.rho.micro for each in study.parts]
    assert of == [30_000 * share // 18 for share in (2, 2, 2, 1, 1, 3, 2, 1, 4)]


def test_each_table_is_within_its_own_bounds() -> None:
    study = parse(TEXT, "tiers.toml")
    narrow, wide = Bounds(8, 20, 20, 1_000_000), Bounds(50, 100, 100, 6_000_000)
    found = {each.table.name: each.bounds for each in study.bounded_tables}
    assert found["totals"] == (narrow,)
    assert found["month"] == (wide,)
    assert found["value_tier"] == (
        wide,
        Bounds(12, 30, 30, 800_000),
        Bounds(6, 12, 12, 200_000),
        Bounds(3, 6, 6, 50_000),
    )
    assert TABLES["value_tier"].dimension.categories == TIERS == ("super", "top", "middle", "bottom")


def test_it_is_priced_part_by_part() -> None:
    study = parse(TEXT, "tiers.toml")
    priced = price(study)
    assert [each.part for each in priced.quantiles] == list(study.quantiles)
    assert [each.mechanism.candidates for each in priced.quantiles] == [471, 471, 471, 88]
    by_cell = next(each for each in priced.parts if each.part.name == "value_tier/revenue")
    assert by_cell.by_cell
    assert [each.l2_squared for each in by_cell.noises] == [bound**2 for bound in (6_000_000, 800_000, 200_000, 50_000)]
    assert by_cell.mechanisms == tuple(noise.mechanism for noise in by_cell.noises)
    assert by_cell.mechanism == by_cell.mechanisms[0]
    assert by_cell.cost == max(noise.mechanism.cost(noise.l2_squared) for noise in by_cell.noises)
    wide = next(each for each in priced.parts if each.part.name == "month/orders")
    assert (wide.by_cell, wide.l2_squared, wide.mechanisms) == (False, 2500, (wide.mechanism,) * 12)
    together = sum(each.cost.micro for each in priced.quantiles) + sum(each.cost.micro for each in priced.parts)
    assert priced.spend.rho == Rho(together) <= study.rho


def test_a_quarter_has_its_tables_and_no_others() -> None:
    study = parse(QUARTER, "quarter.toml")
    assert study.period == "quarter"
    assert {table.name for table in study.tables} == {"totals", "month", "gender"}


YEARLY = sorted(name for name, table in TABLES.items() if Needs.TWELVE_MONTHS in table.needs)
TIERED = sorted(name for name, table in TABLES.items() if Needs.TIERS in table.needs)


@pytest.mark.parametrize("name", YEARLY)
def test_what_is_of_twelve_months_is_in_no_study_of_a_quarter(name: str) -> None:
    with pytest.raises(BadStudy, match=f"'{name}' is of twelve months, .* window is a quarter. Leave"):
        parse(changed('"gender"', f'"{name}"', QUARTER), "quarter.toml")


@pytest.mark.parametrize("name", TIERED)
@pytest.mark.parametrize(
    "told", ["", '["0.95", "0.8"]', '["0.95", "0.8", "0.3", "0.1"]', '["0.95", "0.8", "0.25"]'], ids=str
)
def test_tables_of_tiers_need_their_thresholds(name: str, told: str) -> None:
    of_it = QUANTILES.replace('["0.95", "0.8", "0.3"]', told) if told else QUANTILES.replace('"revenue"', '"tickets"')
    text = HEAD + of_it + f'[[tables]]\nname = "{name}"\nshares = {{ customers = 1 }}\n'
    with pytest.raises(BadStudy, match=f"'{name}' takes the thresholds.* quantiles of revenue at 0.95, 0.8, 0.3, in"):
        parse(text, "tiers.toml")


def test_there_are_studies_of_quantiles_alone_and_none_of_nothing() -> None:
    alone = parse(HEAD.replace("disclosure", "tables = []\ndisclosure") + QUANTILES, "bounds.toml")
    assert (alone.cells, alone.figures, alone.tables, alone.bounded_tables) == (0, 4, (), ())
    assert price(alone).spend.rho <= alone.rho
    with pytest.raises(BadStudy, match=r"nothing\.toml: it asks for no table and no quantile"):
        parse(HEAD + "tables = []\n", "nothing.toml")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('window = "year"', 'window = "years"', "window"),
        ('window = "year"', "window = 4", "window"),
        ('at = ["0.999"]', 'at = ["0.999"]\nevery = 1', "quantiles.1.every"),
        ('measure = "orders"', 'measure = "customers"', "there are none of 'customers', but of orders, ti"),
        ('measure = "orders"', 'measure = "visits"', "quantiles: there are none of 'visits'"),
        ('measure = "orders"', "", "quantiles.1.measure"),
        ('measure = "orders"', 'measure = "revenue"', "quantiles of revenue stand there twice"),
        ('at = ["0.999"]', "", "quantiles.1.at"),
        ('at = ["0.999"]', "at = []", "quantiles.1.at"),
        ('at = ["0.999"]', "at = [0.999]", "quantiles.1.at.0"),
        ('at = ["0.999"]', 'at = ["0.9999"]', "quantiles.1.at.0"),
        ('at = ["0.999"]', 'at = [".9"]', "quantiles.1.at.0"),
        ('at = ["0.999"]', 'at = ["1.0"]', "quantiles.1.at.0"),
        ('at = ["0.999"]', 'at = ["0.0"]', "quantiles of orders: `at` names each once, falling"),
        ('at = ["0.999"]', 'at = ["0.5", "0.9"]', "quantiles of orders: `at` names each once, falling"),
        ('at = ["0.999"]', 'at = ["0.9", "0.90"]', "quantiles of orders: `at` names each once, falling, and above 0"),
        ('at = ["0.999"]', f"at = {[f'0.{number}' for number in range(99, 82, -1)]}", "quantiles.1.at"),
        ("share = 1", "share = 0", "quantiles.1.share"),
        ("share = 1", "share = 1.5", "quantiles.1.share"),
        ("share = 1", "share = 1000001", "quantiles.1.share"),
        ("share = 1\n", "", "quantiles.1.share"),
        ('rho = "0.03"', 'rho = "0.000017"', "too little for so many.*a (part|quantile) would get nothing"),
        ("max_revenue_kr = 60000 }\ndisclosure", "max_revenue_kr = 500001 }\ndisclosure", "wide_bounds.max_revenue_kr"),
        ("max_tickets = 100, max_revenue_kr = 60000 }\ndis", "max_revenue_kr = 9 }\ndis", "wide_bounds.max_tickets"),
        ("wide = true", "wide = false", "tables.1.wide"),
        ("wide = true", 'wide = "yes"', "tables.1.wide"),
        ("wide_bounds =", "#", "'month' is within wide bounds, and the study has none: add `wide_bounds`"),
        ("bottom =", "lowest =", "'value_tier': cell_bounds has every category once"),
        (CELLS.splitlines()[-1], "", "every category once, .*: name super, top, middle, bottom"),
        ("bottom =", "other = { max_orders = 1, max_lines = 1, max_tickets = 1, max_revenue_kr = 1 }\nbottom =",
         "every category once"),
        ("bottom = { max_orders = 3", "bottom = { max_orders = 0", "tables.2.cell_bounds.bottom.max_orders"),
        ("bottom = { max_orders = 3", "bottom = { max_visits = 3", "tables.2.cell_bounds.bottom.max_orders"),
        ("[tables.cell_bounds]", "wide = true\n[tables.cell_bounds]", "takes the place of `wide`"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_the_place(old: str, new: str, what: str) -> None:
    with pytest.raises(BadStudy, match=what) as refused:
        parse(changed(old, new), "tiers.toml")
    assert str(refused.value).startswith("tiers.toml: ")
    assert refused.value.reason == "BAD_STUDY"


@pytest.mark.parametrize(
    ("name", "categories"),
    [("channel", TABLES["channel"].dimension.categories), ("month", TABLES["month"].dimension.categories)],
)
def test_cells_that_customers_do_not_divide_have_no_bounds_of_their_own(name: str, categories: tuple[str, ...]) -> None:
    """A customer is in several of them, so that their costs would add up."""
    one = "{ max_orders = 1, max_lines = 1, max_tickets = 1, max_revenue_kr = 1 }"
    own = "\n".join(f'"{category}" = {one}' for category in categories)
    text = f'{HEAD}[[tables]]\nname = "{name}"\nshares = {{ orders = 1 }}\n[tables.cell_bounds]\n{own}\n'
    with pytest.raises(BadStudy, match=f"{name} has one bound for all its cells"):
        parse(text, "tiers.toml")


def test_a_table_with_bounds_by_cell_tells_its_customers() -> None:
    """Only they add up to other tables' whatever the bounds: else disclosure control would have no equation for it."""
    without = changed("{ customers = 1, revenue = 4 }", "{ orders = 1, revenue = 4 }")
    with pytest.raises(BadStudy, match="'value_tier' has cell_bounds and no share of customers"):
        parse(without, "tiers.toml")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: changed('"0.95"', '"0.950"', text),
        lambda text: changed("share = 2", "share = 4", text),
        lambda text: changed('at = ["0.999"]', 'at = ["0.99"]', text),
        lambda text: changed('measure = "orders"', 'measure = "tickets"', text),
        lambda text: changed("wide = true\n", "", text),
        lambda text: changed("max_revenue_kr = 60000 }\ndis", "max_revenue_kr = 59999 }\ndis", text),
        lambda text: changed("bottom = { max_orders = 3", "bottom = { max_orders = 2", text),
    ],
)
def test_the_digest_changes_with_everything_that_is_said(change: Callable[[str], str]) -> None:
    assert parse(change(TEXT), "tiers.toml").digest != parse(TEXT, "tiers.toml").digest


def test_the_digest_covers_the_grid_that_quantiles_are_chosen_from(monkeypatch: pytest.MonkeyPatch) -> None:
    before, old = parse(TEXT, "tiers.toml").digest, find("benchmark").digest
    monkeypatch.setattr(
        studies, "CANDIDATES", {**quantiles.CANDIDATES, Measure.REVENUE: quantiles.CANDIDATES[Measure.REVENUE][:-1]}
    )
    assert parse(TEXT, "tiers.toml").digest != before
    assert find("benchmark").digest == old


def test_a_study_of_before_has_the_digest_that_ledgers_name() -> None:
    """Policies, rounds and entries name it: none of the new fields may change what an old file is."""
    assert find("benchmark").digest == "sha256:8b6793bee80e5489ea8998d83a0ca0da0a5d0466b6f40a7a727831076cdfbcce"


@given(
    rho=st.integers(2_000, 3_000_000),
    shares=st.lists(st.integers(1, 100), min_size=3, max_size=3),
    at=st.lists(st.integers(1, 999), min_size=1, max_size=16, unique=True),
)
def test_the_parts_never_cost_more_than_the_study(rho: int, shares: list[int], at: list[int]) -> None:
    points = ", ".join(f'"0.{number:03d}"' for number in sorted(at, reverse=True))
    text = HEAD.replace('"0.03"', f'"{Rho(rho)}"') + (
        f'[[quantiles]]\nmeasure = "tickets"\nat = [{points}]\nshare = {shares[0]}\n'
        f'[[tables]]\nname = "gender"\nshares = {{ customers = {shares[1]}, revenue = {shares[2]} }}\n'
    )
    study: Study = parse(text, "drawn.toml")
    whole = shares[0] * len(at) + shares[1] + shares[2]
    asked = [shares[0]] * len(at) + shares[1:]
    got = [part.rho.micro for part in study.quantiles] + [part.rho.micro for part in study.parts]
    for micro, share in zip(got, asked, strict=True):
        assert 0 <= Fraction(rho * share, whole) - micro < 1
    assert price(study).spend.rho <= study.rho == Rho(rho)
