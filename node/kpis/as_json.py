"""A report for programs: docs/json.md, section kpi. Keys are only ever added."""

from typing import Any

from node.kpis.figures import Figures
from node.kpis.occupancy import Occupancy
from node.kpis.portfolio import Portfolio, Tier
from node.kpis.ratios import number, ore
from node.kpis.report import Report
from node.kpis.series import Point
from node.kpis.tables import Breakdown

Json = dict[str, Any]


def report_json(report: Report) -> Json:
    """All of a report. What was not asked for is empty."""
    return {
        **figures_json(report.now),
        **portfolio_json(report.portfolio),
        "rfm": [vars(each) for each in report.rfm],
        "tables": {each.name: breakdown_json(each) for found in report.breakdowns.values() for each in found},
        "occupancy": {
            by: {category: occupancy_json(each) for category, each in found.items()}
            for by, found in report.occupancy.items()
        },
        "series": [_point(each) for each in report.series],
    }


def figures_json(figures: Figures) -> Json:
    """The key figures of a window; ratios are numbers or null."""
    return {
        "window": {"first": figures.window.first.isoformat(), "last": figures.window.last.isoformat()},
        "customers": figures.customers,
        "orders": figures.orders,
        "tickets": figures.tickets,
        "revenue_ore": figures.revenue_ore,
        "anonymous_orders": figures.anonymous_orders,
        "identified_revenue_ore": figures.identified_revenue_ore,
        "flows": figures.flows | {"lost": figures.lost},
        "retention": figures.retention,
        "duration_years": figures.duration_years,
        "net_duration_years": figures.net_duration_years,
        "frequency_bands": figures.frequency_bands,
        "first_timer_share": figures.first_timer_share,
        "newcomers": figures.newcomers,
        "rebooked": figures.rebooked,
        "rebooking_share": figures.rebooking_share,
        "purchase_frequency": figures.purchase_frequency,
        "average_purchase_ore": figures.average_purchase_ore,
        "revenue_per_customer_ore": figures.revenue_per_customer_ore,
        "clv_ore": ore(figures.clv),
        "average_ticket_price_ore": figures.average_ticket_price_ore,
        "tickets_per_order": figures.tickets_per_order,
        "complimentary_tickets": figures.complimentary_tickets,
        "complimentary_share": figures.complimentary_share,
        "identified_share": figures.identified_share,
    }


def portfolio_json(portfolio: Portfolio) -> Json:
    """Tiers, their value, and who moved between them."""
    return {
        "tiers": {name: _tier(portfolio, name, tier) for name, tier in portfolio.tiers.items()},
        "portfolio_value_ore": ore(portfolio.value),
        "migration": portfolio.migration,
        "origins": {
            tier: {origin: vars(amount) for origin, amount in found.items()}
            for tier, found in portfolio.origins.items()
        },
    }


def _tier(portfolio: Portfolio, name: str, tier: Tier) -> Json:
    return {
        **vars(tier.now),
        "retention": number(tier.retention),
        "duration_years": number(tier.duration),
        "revenue_per_customer_ore": number(tier.revenue_per_customer),
        "clv_ore": ore(tier.clv),
        "clv_total_ore": ore(tier.clv_total),
        "index": number(portfolio.index(name)),
        "before": vars(tier.earlier),
        "lost": vars(tier.lost) if portfolio.yearly else None,
    }


def breakdown_json(found: Breakdown) -> list[Json]:
    """One object per cell: its categories by the names of the dimensions, and what was bought in it."""
    names = [dimension.name for dimension in found.dimensions]
    return [dict(zip(names, key, strict=True)) | vars(cell) for key, cell in found.cells.items()]


def occupancy_json(found: Occupancy) -> Json:
    """Occupancy of some performances."""
    return {**vars(found), "share": found.share}


def _point(point: Point) -> Json:
    portfolio = portfolio_json(point.portfolio) if point.portfolio else {"portfolio_value_ore": None}
    return {"period": point.label, **figures_json(point.figures), **portfolio}
