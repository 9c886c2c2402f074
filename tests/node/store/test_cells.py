"""From imported files to exact cells: performances as the own figures have them, and none where there is no bound."""

from datetime import date
from pathlib import Path

from node.kpis.report import Asked, Section, report_of
from node.store.cells import exact_of
from node.store.database import opened
from privacy.bounds.windows import quarter_to, twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.node.ingest.house import import_, new_home
from tests.node.kpis.test_performances import BOUGHT, EVENTS, SALES, sale

ENOUGH = Bounds(10**12, 10**12, 10**12, 10**12)
NAMES = ("lead_time", "order_weekday", "basket_size", "price_band", "weekday", "daypart", "month", "ticket_type-month")


def test_without_bounds_the_cells_are_those_of_the_own_figures(tmp_path: Path) -> None:
    """Also where the clocks change; these sales have no return without its sale, which a release does not count."""
    home = new_home(tmp_path / "home")
    events = [f"E{place},A,Barneteater,{bought[1]},10," for place, bought in enumerate(BOUGHT)]
    sales = [sale(f"A{place}", 1, bought[0], f"E{place}", 2**place) for place, bought in enumerate(BOUGHT)]
    for header, lines in ((EVENTS, events), (SALES, sales)):
        file = tmp_path / "file.csv"
        file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        import_(home, file)
    window = twelve_months_to(date(2025, 12, 31))
    asked = [BoundedTable(TABLES[name], (ENOUGH,)) for name in (*NAMES, "genre")]
    with opened(home) as connection:
        vectors, tiers, counts = exact_of(connection, window, "Europe/Oslo", asked)
        elsewhere, _, _ = exact_of(connection, window, "America/New_York", asked)
        found = report_of(connection, "Europe/Oslo", Asked(window, tuple(Section)))
        kept = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall()
    own = {each.name.replace(" × ", "-"): each for tables in found.breakdowns.values() for each in tables}
    for name in NAMES:
        for measure in Measure:
            cells = [
                getattr(cell, "revenue_ore" if measure == "revenue" else measure) for cell in own[name].cells.values()
            ]
            assert vectors[name, measure].tolist() == cells, (name, measure)
    genre = dict(zip(TABLES["genre"].dimension.categories, vectors["genre", Measure.TICKETS].tolist(), strict=True))
    assert {name: tickets for name, tickets in genre.items() if tickets} == {"family": 2 ** len(BOUGHT) - 1}
    assert elsewhere["daypart", Measure.TICKETS].tolist() != vectors["daypart", Measure.TICKETS].tolist()
    assert (tiers, counts, kept) == (None, {}, [(0,)])


def test_an_empty_store(tmp_path: Path) -> None:
    tables = [BoundedTable(table, (ENOUGH,)) for table in TABLES.values()]
    with opened(new_home(tmp_path / "home")) as connection:
        vectors, tiers, counts = exact_of(
            connection, quarter_to(date(2025, 3, 31)), "Europe/Oslo", tables, (Measure.REVENUE,)
        )
    assert len(vectors) > 80
    assert not any(vector.any() for vector in vectors.values())
    assert tiers is not None
    assert len(tiers.flow) == 0
    assert not counts[Measure.REVENUE].any()
