"""The layout digest says which integer of a release is which cell: it must change whenever that does."""

from dataclasses import replace

import pytest

from privacy.catalogue.tables import TABLES
from privacy.studies.study import Study, find, parse

BENCHMARK_LAYOUT = "sha256:823bbd177f115b86a8ead27e8fef69bbc947c1046666814fcfabeea40851f8ab"
"""Of version 1. A change here makes old releases and new ones unequal: it takes a new version of the study."""


def benchmark() -> Study:
    return find("benchmark")


def of_one_table(name: str) -> Study:
    """A study of a table, with the quantiles that some of them need."""
    text = f"""
name = "small"
version = 1
title = "One table"
window = "year"
rho = "0.03"
cohorts = ["network"]
bounds = {{ max_orders = 8, max_lines = 20, max_tickets = 20, max_revenue_kr = 10000 }}
disclosure = {{ min_members = 5, dominance_percent = 60, unreliable_percent = 25 }}
quantiles = [{{ measure = "revenue", at = ["0.95", "0.8", "0.3"], share = 1 }}]
tables = [{{ name = "{name}", shares = {{ orders = 1 }} }}]
"""
    return parse(text, "small.toml")


def test_the_layout_of_the_benchmark_stays() -> None:
    assert (benchmark().version, benchmark().layout_digest) == (1, BENCHMARK_LAYOUT)


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.cells > 1])
def test_two_categories_that_change_places_change_the_layout(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = of_one_table(name)
    table = TABLES[name]
    *others, last_but_one, last = table.dimension.categories
    turned = replace(table.dimension, categories=(*others, last, last_but_one))
    monkeypatch.setitem(TABLES, name, replace(table, dimension=turned))
    after = of_one_table(name)
    assert after.layout_digest != before.layout_digest
    assert after.cells == before.cells  # the size does not tell the two apart


def test_another_name_of_a_category_changes_the_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    before = benchmark()
    gender = TABLES["gender"]
    categories = ("women", *gender.dimension.categories[1:])
    monkeypatch.setitem(TABLES, "gender", replace(gender, dimension=replace(gender.dimension, categories=categories)))
    assert benchmark().layout_digest != before.layout_digest
