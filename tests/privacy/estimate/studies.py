"""Studies for the tests of combination, as small files."""

from privacy.catalogue.tables import TABLES, Needs
from privacy.studies.study import Study, parse

HEAD = """
name = "{name}"
version = 1
title = "For tests"
window = "year"
rho = "{rho}"
cohorts = {cohorts}

[bounds]
max_orders = 8
max_lines = 20
max_tickets = 20
max_revenue_kr = 10000

[wide_bounds]
max_orders = 20
max_lines = 60
max_tickets = 60
max_revenue_kr = 40000

[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25

[[quantiles]]
measure = "revenue"
at = ["0.95", "0.8", "0.3"]
share = 1
"""

Tables = dict[str, tuple[dict[str, int], str]]
"""By name: the shares, and further lines of the section."""

ALL_MEASURES = {"customers": 1, "orders": 4, "tickets": 5, "revenue": 7}


def study_of(
    tables: Tables, name: str = "small", rho: str = "0.06", cohorts: tuple[str, ...] = ("network", "industry", "county")
) -> Study:
    """A study of these tables."""
    text = HEAD.format(name=name, rho=rho, cohorts=list(cohorts)).replace("'", '"')
    for table, (shares, more) in tables.items():
        written = ", ".join(f"{measure} = {share}" for measure, share in shares.items())
        text += f'\n[[tables]]\nname = "{table}"\nshares = {{ {written} }}\n{more}\n'
    return parse(text, "a test")


def shares_of(table: str) -> dict[str, int]:
    """A share for each measure that a table of the catalogue has."""
    return {str(measure): ALL_MEASURES[measure] for measure in TABLES[table].measures}


EVERYTHING = study_of({name: (shares_of(name), "") for name in TABLES}, "everything")
"""All tables of the catalogue, within the same bounds."""

NO_TIERS = study_of({name: (shares_of(name), "") for name, table in TABLES.items() if Needs.TIERS not in table.needs})
"""All that needs no thresholds."""

WIDE_TOTALS = study_of(
    {
        "totals": (ALL_MEASURES, "wide = true"),
        "identity": ({"orders": 4, "tickets": 5, "revenue": 7}, ""),
        "age_band": (ALL_MEASURES, ""),
        "gender": (ALL_MEASURES, ""),
        "flow": ({"customers": 2}, ""),
        "value_band": ({"customers": 2}, ""),
        "ticket_type": ({"orders": 4, "tickets": 5, "revenue": 7}, ""),
        "age_band-gender": (ALL_MEASURES, ""),
    },
    "wide",
)
"""Totals within wide bounds, and parts within narrow ones."""

PORTFOLIO = study_of(
    {
        "totals": (ALL_MEASURES, ""),
        "value_tier": (
            {"customers": 2, "orders": 4, "revenue": 7},
            "\n".join(
                f"cell_bounds.{tier} = {{ max_orders = {orders}, max_lines = 60, max_tickets = 60, "
                f"max_revenue_kr = {kroner} }}"
                for tier, orders, kroner in (
                    ("super", 40, 40_000),
                    ("top", 20, 12_000),
                    ("middle", 10, 4_000),
                    ("bottom", 5, 1_000),
                )
            ),
        ),
        "migration": ({"customers": 4}, ""),
    },
    "portfolio",
)
"""Tiers with bounds of their own, and who came from where."""
