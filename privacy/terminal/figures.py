"""Figures of a benchmark as people read them: measures by name, amounts in kroner, shares in per cent, an error whole.

An error has two significant digits at the least, and its figure as many decimals as were published of them: of
`1.68 ± 0.00` nobody knows what it is.
"""

import math

from privacy.terminal.wording import count

NAMES = {
    "average_ticket_price_ore": "average ticket price",
    "average_purchase_ore": "average purchase",
    "revenue_per_customer_ore": "revenue per customer",
    "purchase_frequency": "orders per customer",
    "tickets_per_order": "tickets per order",
    "first_timer_share": "first-timers",
    "retention": "returning (retention)",
    "duration_years": "years as a customer",
    "identified_share": "orders with a known customer",
    "complimentary_share": "complimentary tickets",
    "revenue_ore": "revenue",
    "revenue_per_ticket_ore": "revenue per ticket",
    "customer_share": "share of the customers",
    "revenue_share": "share of the revenue",
    "clv_ore": "lifetime value of a customer",
    "portfolio_value_ore": "value of the customer portfolio",
    "orders_cut": "orders cut off by bounds",
    "tickets_cut": "tickets cut off by bounds",
    "revenue_cut": "revenue cut off by bounds",
    "revenue_beyond_wide": "revenue beyond the wide bounds",
    "mean_quantile_ore": "quantile of the revenue, mean of members",
    "mean_quantile": "quantile, mean of members",
    "people": "different people",
    "institutions_per_person": "institutions per person",
    "share": "share of people",
}
"""What people call a measure that has another name in a file."""

_WHOLE = ("customers", "orders", "tickets", "revenue_ore", "people")
_LEAST, _MOST = {"kr": 0, "%": 1, "": 2}, {"kr": 2, "%": 2, "": 3}
"""Decimals by unit: shown in any case, and published."""

_MOST_OF_ERROR = 4


_QUARTILES = {"_q1": "lower quartile", "_median": "middle", "_q3": "upper quartile"}
"""What a key figure's name ends with where it is a quartile over the members of a cohort."""


def name_of(measure: str) -> str:
    """What people call a measure; of a quartile the key figure's name, and which one."""
    for end, words in _QUARTILES.items():
        if measure.endswith(end):
            return f"{name_of(measure.removesuffix(end))}, {words}"
    return NAMES.get(measure, measure)


def without_quartile(measure: str) -> str:
    """The key figure that a quartile is of; any other measure as it is."""
    for end in _QUARTILES:
        measure = measure.removesuffix(end)
    return measure


def is_share(measure: str) -> bool:
    """Whether a measure is a part of a whole, which people read in per cent."""
    measure = without_quartile(measure)
    return measure.endswith(("share", "_cut")) or measure in ("retention", "revenue_beyond_wide")


def figure(value: float | None, measure: str, error: float | None = None) -> str:
    """A figure, with as many decimals as its `error` makes worth reading; a dash where there is none."""
    return "–" if value is None else _written(value, measure, min(_decimals(error, measure), _most(measure)))


def error_of(error: float | None, measure: str) -> str:
    """A standard error by itself; a dash where there is none."""
    return "–" if error is None else _written(error, measure, _decimals(error, measure))


def with_error(value: float, error: float, measure: str) -> str:
    """A figure with its standard error: `1.681 ± 0.027`."""
    return f"{figure(value, measure, error)} ± {error_of(error, measure)}"


def _unit(measure: str) -> str:
    if is_share(measure):
        return "%"
    return "kr" if measure.endswith(("_ore", *(f"_ore{end}" for end in _QUARTILES))) else ""


def _scale(measure: str) -> float:
    return {"kr": 0.01, "%": 100.0, "": 1.0}[_unit(measure)]


def _most(measure: str) -> int:
    if measure == "mean_quantile":
        return 2
    return 0 if measure in _WHOLE else _MOST[_unit(measure)]


def _decimals(error: float | None, measure: str) -> int:
    """So many that an error shows two significant digits; none of a sum."""
    if measure in _WHOLE:
        return 0
    least = _LEAST[_unit(measure)]
    if not error:
        return least
    rounded = float(f"{abs(error) * _scale(measure):.1e}")  # two digits: 0.00996 is 0.010
    return min(max(least, 1 - math.floor(math.log10(rounded))), _MOST_OF_ERROR)


def _written(value: float, measure: str, decimals: int) -> str:
    unit, scaled = _unit(measure), value * _scale(measure)
    whole = f"{scaled:,.{decimals}f}".replace(",", " ") if decimals else count(round(scaled))
    return f"{whole} {unit}".rstrip()
