"""What a study's categories add up to, by measure: nothing that is zero by definition is in a sum."""

from privacy.catalogue.dimensions import TICKET_TYPE
from privacy.catalogue.measures import Measure
from privacy.estimate.body import Body
from privacy.estimate.combine import combine
from privacy.estimate.equalities import totals_of
from privacy.estimate.layout import layout_of
from tests.privacy.estimate.networks import STUDY, Shares, cell, consistent, houses, position, put, suppressed
from tests.privacy.estimate.studies import EVERYTHING

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure


def test_what_is_nothing_by_definition_hides_nothing() -> None:
    """Of children's tickets 10 in 16 are one member's. Those of complimentary ones hide that, and are withheld first.

    They have no revenue: unless another type goes too, all revenue less what is shown is that of children.
    """
    shares: Shares = {
        ("ticket_type", measure): [free if name == "complimentary" else 10 for name in TICKET_TYPE.categories]
        for measure, free in zip(Measure, (5, 5, 5, 0), strict=True)
    }
    whole = dict.fromkeys(Measure, 10**11)
    values = consistent(STUDY, 6, whole, whole, shares)
    put(STUDY, values, "ticket_type", "child", [10 * 10**9, *[12 * 10**8] * 5], [TICKETS])
    body = combine(STUDY, houses(museum=6), values)
    hidden = {name for cohort, table, name in suppressed(body) if (cohort, table) == ("network", "ticket_type")}
    assert {"child", "complimentary"} < hidden
    shown = set(TICKET_TYPE.categories) - hidden
    left = revenue(body, "totals", "all") - sum(revenue(body, "ticket_type", name) for name in shown)
    of_children = int(values[:, position(STUDY, "ticket_type", "child", REVENUE)].sum())
    assert left > 1.9 * of_children


def revenue(body: Body, table: str, category: str) -> int:
    return int(cell(body, "network", table, category, "revenue_ore").value or 0)


def test_what_is_nothing_by_definition_is_in_no_sum_of_its_measure() -> None:
    for study in (STUDY, EVERYTHING):
        layout = layout_of(study)
        nothing = {
            measure: {
                layout.category_of[cell]
                for cell, (_, _, its) in enumerate(layout.sources)
                if its is measure and not layout.tested[cell]
            }
            for measure in Measure
        }
        for measure in Measure:
            wanted = {
                tuple(sorted({int(layout.category_of[cell]) for cell in way} - nothing[measure]))
                for total in totals_of(study)
                if total.measure is measure
                for way in total.ways
            } - {()}
            assert any(set(system.ways) == wanted for system in layout.sums.systems), measure
