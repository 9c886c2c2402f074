"""The sections of `kudos-node kpi`: tables of a report, each readable at 80 columns."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from node.cli import output
from node.cli.output import count, kroner, percent

if TYPE_CHECKING:
    from node.kpis.occupancy import Occupancy
    from node.kpis.portfolio import Portfolio, Tier
    from node.kpis.report import Report, Section
    from node.kpis.rfm import Scored
    from node.kpis.tables import Breakdown
    from privacy.catalogue.dimensions import Dimension

_NARROW = 80
_SCORES = (5, 4, 3, 2, 1)


def show(section: "Section", report: "Report") -> None:
    """Prints one section."""
    from node.kpis.report import Section

    if section is Section.PORTFOLIO:
        _portfolio(report.portfolio)
    elif section is Section.MIGRATION:
        _migration(report.portfolio)
    elif section is Section.RFM:
        _rfm(report.rfm)
    elif section is Section.PERFORMANCES:
        _occupancies(report.occupancy)
    for breakdown in report.breakdowns.get(section, []):
        _breakdown(breakdown, report.portfolio.all.now.customers)


def _portfolio(portfolio: "Portfolio") -> None:
    tiers = [*portfolio.tiers.items(), ("all", portfolio.all)]
    output.say()
    output.table(
        ["tier", "customers>", "orders>", "revenue>", "a customer>", "returning>", "years>"],
        [_tier(name, tier) for name, tier in tiers],
    )
    output.say()
    if not portfolio.yearly:
        output.prose("Lifetime values are of twelve months: leave out --from, or name the last day of them with --to.")
        return
    rows = [
        (name, _kroner(tier.clv), _index(portfolio.index(name)), _kroner(tier.clv_total))
        for name, tier in portfolio.tiers.items()
    ]
    output.table(
        ["lifetime value", "a customer>", "index>", "all of the tier>"],
        [*rows, ("all", "", "", _kroner(portfolio.value))],
    )
    unknown = [name for name, tier in portfolio.tiers.items() if tier.clv_total is None]
    if unknown:
        output.prose(
            f"Nobody of {' and '.join(unknown)} was there a year before and is lost now, so how long such a customer "
            "stays is unknown, and so is what all are worth together."
        )


def _tier(name: str, tier: "Tier") -> tuple[str, ...]:
    return (
        name,
        count(tier.now.customers),
        count(tier.now.orders),
        kroner(tier.now.revenue_ore),
        _kroner(tier.revenue_per_customer),
        percent(None if tier.retention is None else float(tier.retention), 1),
        "–" if tier.duration is None else f"{float(tier.duration):.1f}",
    )


def _migration(portfolio: "Portfolio") -> None:
    migration = portfolio.migration
    output.say()
    if migration is None:
        output.prose("Who moved between tiers is told of twelve months: leave out --from, or name only the last day.")
    else:
        to = ("super", "top", "middle", "bottom", "lost")
        output.table(
            ["from, to", *(f"{tier}>" for tier in to)],
            [(origin, *(_there(moved, tier) for tier in to)) for origin, moved in migration.items()],
        )
        output.say()
        output.table(
            ["the same in %", *(f"{tier}>" for tier in to)],
            [(origin, *(_part(moved, tier) for tier in to)) for origin, moved in migration.items()],
        )
        output.say()
    rows = [
        (tier, origin, count(amount.customers), count(amount.orders), kroner(amount.revenue_ore))
        for tier, origins in portfolio.origins.items()
        for origin, amount in origins.items()
    ]
    output.table(["tier now", "a year before", "customers>", "orders>", "revenue>"], rows)


def _there(moved: Mapping[str, int], tier: str) -> str:
    return count(moved[tier]) if tier in moved else ""


def _part(moved: Mapping[str, int], tier: str) -> str:
    everybody = sum(moved.values())
    return "" if tier not in moved else percent(moved[tier] / everybody if everybody else None, 1)


def _rfm(scored: "Sequence[Scored]") -> None:
    output.say()
    output.prose("Customers by how recently (down) and how often (across) they bought; 5 is best.")
    cells = {(recency, frequency): 0 for recency in _SCORES for frequency in _SCORES}
    for each in scored:
        cells[each.recency, each.frequency] += each.customers
    output.table(
        ["recency", *(f"frequency {frequency}>" for frequency in _SCORES)],
        [(str(recency), *(count(cells[recency, frequency]) for frequency in _SCORES)) for recency in _SCORES],
    )
    output.say()
    rows = []
    for score in _SCORES:
        of_score = [each for each in scored if each.monetary == score]
        customers, revenue = sum(each.customers for each in of_score), sum(each.revenue_ore for each in of_score)
        rows.append((str(score), count(customers), kroner(revenue), _kroner(_per(revenue, customers))))
    output.table(["monetary", "customers>", "revenue>", "a customer>"], rows)


def _occupancies(occupancy: "Mapping[str, Mapping[str, Occupancy]]") -> None:
    for by, found in occupancy.items():
        output.say()
        if not found:
            output.say("No performance of these days is known. Import a file of events: kudos-node import FILE…")
            return
        _occupancy(by, found)


def _occupancy(by: str, found: "Mapping[str, Occupancy]") -> None:
    everything = list(found.values())
    rows = [*found.items(), ("all", sum(everything[1:], everything[0]))]
    output.table(
        [f"occupancy by {by}", "performances>", "with seats known>", "seats>", "sold>", ">"],
        [
            (
                name,
                *map(count, (each.performances, each.with_capacity, each.capacity, each.sold)),
                percent(each.share, 1),
            )
            for name, each in rows
        ],
    )


def _breakdown(breakdown: "Breakdown", active: int) -> None:
    """Cells by one dimension or two. The share is of the window's customers: one may be in several categories."""
    output.say()
    if len(breakdown.dimensions) == 2:
        _crossed(breakdown)
        return
    rows = [
        (
            _named(breakdown.dimensions[0], category),
            count(cell.customers),
            "" if category == "lost" else percent(cell.customers / active if active else None),
            *map(count, (cell.orders, cell.tickets)),
            kroner(cell.revenue_ore),
        )
        for (category,), cell in breakdown.cells.items()
        if any(vars(cell).values())
    ]
    output.table([breakdown.name.replace("_", " "), "customers>", "of all>", "orders>", "tickets>", "revenue>"], rows)


def _crossed(breakdown: "Breakdown") -> None:
    """Customers by two dimensions: the one with more categories goes down, and the other across, as far as it fits.

    Rows and columns without anybody are left out.
    """
    down, across = sorted(breakdown.dimensions, key=lambda dimension: -len(dimension.categories))
    turned = breakdown.dimensions[0] is not down
    output.say(f"customers by {breakdown.name.replace('_', ' ')}")

    def customers(one: str, other: str) -> str:
        return count(breakdown.cells[(other, one) if turned else (one, other)].customers)

    table = {one: {other: customers(one, other) for other in across.categories} for one in down.categories}
    rows = [one for one, found in table.items() if set(found.values()) != {"0"}]
    columns = {
        _named(across, other): [table[one][other] for one in rows]
        for other in across.categories
        if any(table[one][other] != "0" for one in rows)
    }
    names = [_named(down, one) for one in rows]
    if not rows:
        output.say("  nobody")
    for block in _blocks(names, columns):
        output.table(
            ["", *(f"{name}>" for name in block)], list(zip(names, *(columns[name] for name in block), strict=True))
        )


def _blocks(down: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The columns in groups that fit side by side, no figure broken in two."""
    room = _NARROW - max(map(len, ("", *down)))
    blocks: list[list[str]] = [[]]
    left = room
    for name, shown in columns.items():
        needed = 2 + max(map(len, (name, *shown)))
        if needed > left and blocks[-1]:
            blocks.append([])
            left = room
        blocks[-1].append(name)
        left -= needed
    return blocks


def _named(dimension: "Dimension", category: str) -> str:
    """A category for people: counties have names."""
    if dimension.name == "county":
        from privacy.catalogue.institutions import COUNTIES

        return COUNTIES[category].name if category in COUNTIES else category
    return category.replace("_", " ")


def _per(amount: int, number: int) -> Fraction | None:
    return Fraction(amount, number) if number else None


def _kroner(ore: Fraction | None) -> str:
    return "–" if ore is None else f"{count(_whole(ore / 100))} kr"


def _whole(value: Fraction) -> int:
    from node.kpis.ratios import half_up

    return half_up(value)


def _index(value: Fraction | None) -> str:
    return "–" if value is None else count(_whole(value))
