"""What the noise does to an institution's own figures: each cell by its own noise, and quantiles in customers."""

import numpy as np

from node.cli import blurred
from node.cli.blurred import Blurred
from node.release.in_view import in_view
from privacy.catalogue.measures import Measure
from privacy.studies.price import PricedPart, price
from tests.node.release.house import TIERED, tiered_exact


def part(name: str) -> PricedPart:
    return next(each for each in price(TIERED).parts if each.part.name == name)


def test_each_cell_is_held_against_its_own_noise() -> None:
    """The scales are 54 772 256, 7 302 968, 1 825 742 and 456 436 øre."""
    values = np.array([10_000_000, 10_000_000, 1_000_000, 1_000_000], dtype=np.int64)
    found = blurred.blurred(part("value_tier/revenue"), {("value_tier", Measure.REVENUE): values})
    assert found == Blurred(figures=4, lost=2, empty=0)  # the first and the third


def test_the_noise_of_the_median_figure_stands_for_a_table() -> None:
    vectors = in_view(TIERED, tiered_exact())
    key = "value_tier", Measure.REVENUE
    vectors = {**vectors, key: np.array([0, 30_000_000, 20_000_000, 10_000_000], dtype=np.int64)}
    row = next(row for row in blurred.rows(price(TIERED), vectors) if row[0] == "value_tier")
    assert row[1] == "8"
    assert row[-2].replace("\u00a0", " ") == "±18 257 kr\n9.1 %"


def test_quantiles_come_first_with_their_noise_in_customers() -> None:
    rows = list(blurred.rows(price(TIERED), in_view(TIERED, tiered_exact())))
    assert [row[0] for row in rows] == ["revenue_quantiles", "orders_quantiles", "totals", "value_tier", "migration"]
    assert rows[0] == ("revenue_quantiles", "3", "", "", "", "±21\ncustomers", "0")
    assert rows[1] == ("orders_quantiles", "2", "", "±22\ncustomers", "", "", "0")
    assert all(len(row) == len(blurred.COLUMNS) for row in rows)


def test_all_figures_of_all_tables_are_counted() -> None:
    whole = blurred.all_blurred(price(TIERED), in_view(TIERED, tiered_exact(0)))
    assert whole == Blurred(TIERED.cells, TIERED.cells, TIERED.cells)
