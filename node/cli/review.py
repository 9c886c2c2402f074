"""kudos-node review: what would leave, and what it would cost, before anything does."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from node.cli import blurred, output
from node.cli.output import count, epsilon, kroner, percent, things
from node.cli.twelve_months import days, title

if TYPE_CHECKING:
    from node.benchmark.cut import Cut
    from node.home import Home
    from node.release.accounts import Accounts
    from node.release.prepare import Vectors
    from node.store.placeholders import Placeholders
    from privacy.bounds.windows import Window
    from privacy.rounds.announcement import Announcement
    from privacy.studies.price import Price
    from privacy.studies.study import Study


@click.command()
@click.argument("study")
@click.option(
    "--as-of",
    type=output.Day(),
    help="The last day of the window, the end of a month (default: of the last month that is over).",
)
@click.option("--cells", is_flag=True, help="List every cell that would leave, with your own figure and its noise.")
@output.common
def command(study: str, as_of: date | None, cells: bool) -> None:
    """Show what a release of STUDY, or for a round of that name, would hold: tables, cells, cost, and how blurred.

    The figures shown are your own, exact, for your eyes. Nothing is spent and nothing leaves. The first line says
    which twelve months they are of; where `kpi` looks at others by itself, you are told how to see these there.

    Of cross-use it shows what the sketch of your customers is, who could read it and what they could make of it, how
    many customers would be in it, and what it and the counts cost. For a round of it the coordinator is asked who has
    proved to hold the network's identity key: for nobody else is the sketch sealed.
    """
    from node.cli import review_cross_use
    from node.network.rounds import asked_by_round
    from privacy.studies.cross_use import CrossUseStudy
    from privacy.studies.shelf import find

    home = output.state.home
    home.settings()
    asked = asked_by_round(home, study)
    found = asked.study if asked else find(study)
    if not isinstance(found, CrossUseStudy):
        _tables_of(home, study, found, asked, as_of, cells=cells)
    elif cells:
        raise click.UsageError("A round of cross-use has no cells of tables. Look at it without --cells.")
    else:
        review_cross_use.show(home, study, found, asked, as_of)


def _tables_of(
    home: "Home", study: str, found: "Study", asked: "Announcement | None", as_of: date | None, *, cells: bool
) -> None:
    from node.benchmark.cut import cut_by_bounds
    from node.membership.settings import joined
    from node.release.accounts import accounts
    from node.release.prepare import exact_vectors, release_window
    from node.release.room import room
    from node.store.database import opened
    from node.store.placeholders import placeholders
    from node.store.span import month_end_before, newest_month_end, today
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger
    from privacy.studies.price import price

    settings = home.settings()
    policy = policy_file.read(home.policy_file)
    ledger = Ledger.open(home.ledger_file)
    account = accounts(ledger.contents(), policy)
    with opened(home, say=output.complain) as connection:
        now = today(settings.timezone)
        window = asked.window if asked else release_window(as_of or month_end_before(now), now)
        vectors = exact_vectors(connection, found, window)
        cut = cut_by_bounds(connection, found, window, vectors)
        nobody = placeholders(connection, window)
        kpi_last = newest_month_end(connection, now)
    contents = ledger.contents()
    stored = contents.find(found.digest, window) is not None
    ledger.close()
    priced = price(found)
    more = room(contents.entries, policy, priced.spend, datetime.now(UTC)).fits
    if output.state.as_json:
        output.emit(_json(found, window, priced, vectors, cut, account) | _added(priced, vectors, nobody, more))
        return
    why = "" if as_of else "to the last month that is over"
    output.say(title(settings.name, window, f"as round {study} asks" if asked else why))
    _summary(study, found, priced, account, more=more, stored=stored)
    _tables(priced, vectors)
    _clipping(found, cut)
    _placeholders(nobody, found.bounds.max_orders)
    if cells:
        _cells(priced, vectors)
    empty = not any(vector.any() for vector in vectors.values())
    _own_figures(window, kpi_last, empty=empty)
    _next(study, found, account, cells=cells, stored=stored, empty=empty)
    if not empty or stored:
        _to_whom(study, found, account, stored=stored, for_round=asked is not None, in_network=joined(home))


def _summary(
    asked: str,
    study: "Study",
    priced: "Price",
    account: "Accounts",
    *,
    more: int,
    stored: bool,
) -> None:
    for_round = "" if asked == study.name else f" for {asked}"
    cost = priced.spend
    after = account.total_after(cost)
    output.say(f"  {study.title}")
    output.say(
        f"  study {study.name}{for_round} ({study.digest[:23]}…), {things(len(study.tables), 'table')}, "
        f"{count(study.cells)} figures"
    )
    if stored:
        output.say(
            f"  released already for this window: again it costs nothing. Spent: ε {epsilon(account.total_spent)}"
        )
    else:
        output.say(
            f"  costs ρ {cost.rho}, which takes your total from ε {epsilon(account.total_spent)} to {epsilon(after)} "
            f"of the {epsilon(account.total_cap)} that you allow in twelve months; "
            f"{epsilon(account.total_cap.left_after(after))} remains"
        )
        output.say(f"  of releases like this one, {more} {'fits' if more == 1 else 'fit'} in what is left for releases")
    output.say()


def _tables(priced: "Price", vectors: "Vectors") -> None:
    output.say("How your figures would be blurred (two times in three by less than this):")
    output.table(blurred.COLUMNS, blurred.rows(priced, vectors))
    output.say("  ± for one figure; below it what that is of your own median figure that is not 0")
    output.say("  lost: so many figures are no larger than their noise")
    output.prose(blurred.verdict(blurred.all_blurred(priced, vectors), f"ρ {priced.spend.rho}"))
    output.say()


def _clipping(study: "Study", cut: "Cut") -> None:
    bounds = study.bounds
    output.say(
        f"Of one customer at most {bounds.max_orders} orders, {bounds.max_lines} lines, {bounds.max_tickets} tickets "
        f"and {kroner(bounds.max_revenue_ore)} count."
    )
    if not cut.customers and not any((cut.revenue, cut.tickets, cut.orders)):
        output.say("  that cuts nothing of yours")
        return
    output.say(
        f"  that cuts {percent(cut.revenue, 1)} of your revenue, {percent(cut.tickets, 1)} of the tickets and "
        f"{percent(cut.orders, 1)} of the orders ({count(cut.customers)} customers are above a bound)"
    )


def _placeholders(nobody: "Placeholders", max_orders: int) -> None:
    """What tills and the like hide from all figures of customers."""
    from node.store.derive import MOST_ORDERS_A_YEAR

    if not nobody.addresses:
        return
    sold = nobody.sold
    busy = f"; {count(nobody.busy)} with more than {MOST_ORDERS_A_YEAR} orders in a year" if nobody.busy else ""
    output.prose(
        f"Sold under {things(nobody.addresses, 'address', 'addresses')} of no person (tills, billett@… and the like"
        f"{busy}): {things(sold.orders, 'order')}, {things(sold.tickets, 'ticket')}, {kroner(sold.revenue_ore)}; "
        f"{percent(nobody.share, 1)} of your orders"
    )
    output.prose(
        "  these are in no figure of known customers; in a release each such address counts like one customer, at "
        f"most {max_orders} orders. Where a till leaves the address empty, each sale counts as its own."
    )


def _cells(priced: "Price", vectors: "Vectors") -> None:
    output.say()
    rows = []
    for each in priced.parts:
        money = each.part.measure == "revenue"
        for category, value in zip(
            each.part.table.dimension.categories,
            vectors[each.part.table.name, each.part.measure],
            strict=True,
        ):
            sigma = float(each.mechanism.scale)
            rows.append(
                (
                    each.part.table.name,
                    category,
                    str(each.part.measure),
                    kroner(int(value)) if money else count(int(value)),
                    kroner(sigma) if money else f"{sigma:.1f}",
                )
            )
    output.table(["table", "category", "measure", "your figure, bounded>", "noise ±>"], rows)


def _own_figures(window: "Window", kpi_last: date, *, empty: bool) -> None:
    """Says so where `kpi`, which goes by the newest sale, looks at other months by itself than a release does."""
    from privacy.bounds.windows import twelve_months_to

    if window.last == kpi_last or (empty and window.last < kpi_last):
        return
    output.say()
    output.say(
        f"By itself kudos-node kpi looks at other months: {days(twelve_months_to(kpi_last))}, your newest whole ones "
        "of sales."
    )
    if window.last > kpi_last:
        output.say("Where sales since then are missing here, import them first.")
    if not empty:
        output.say(f"Your own figures of the months above: kudos-node kpi --as-of {window.last}")


def _next(asked: str, study: "Study", account: "Accounts", *, cells: bool, stored: bool, empty: bool) -> None:
    """What a careful person does next, in that order: look, allow, release. Nothing to allow where nothing is sold."""
    output.say()
    if empty and not stored:
        output.say("Import first:       kudos-node import FILE…")
        return
    if not cells:
        output.say(f"Cell by cell:       kudos-node review {asked} --cells")
    if not _allowed(study, account):
        output.say(f"If you agree:       kudos-node policy allow {asked}")


def _allowed(study: "Study", account: "Accounts") -> bool:
    return any(entry.study == study.name and entry.digest == study.digest for entry in account.policy.allowed)


def _to_whom(
    asked: str, study: "Study", account: "Accounts", *, stored: bool, for_round: bool, in_network: bool
) -> None:
    """The last step: an answer to the round, or to one that will come, or a release of one's own."""
    if for_round:
        output.say(f"Take part:          kudos-node approve {asked}")
        output.say(f"Or say no:          kudos-node decline {asked}")
        return
    if in_network:
        output.say("A round will ask for it: kudos-node rounds")
        return
    verb = "Write it again:" if stored else "Book and write it:" if _allowed(study, account) else "Then release it:"
    output.say(f"{verb:<20}kudos-node release {asked} --to-file")


def _added(priced: "Price", vectors: "Vectors", nobody: "Placeholders", more: int) -> dict[str, object]:
    """What came to the JSON later: fields are only ever added."""
    return {
        "below_noise": vars(blurred.all_blurred(priced, vectors)),
        "placeholders": {"addresses": nobody.addresses, "busy": nobody.busy, **vars(nobody.sold)},
        "fits": more,
    }


def _json(
    study: "Study", window: "Window", priced: "Price", vectors: "Vectors", cut: "Cut", account: "Accounts"
) -> dict[str, object]:
    return {
        "study": study.name,
        "digest": study.digest,
        "window": {"first": window.first.isoformat(), "last": window.last.isoformat()},
        "bounds": vars(study.bounds),
        "cost": {"epsilon": str(priced.spend.epsilon), "rho": str(priced.spend.rho)},
        "total_epsilon": {
            "spent": str(account.total_spent),
            "after": str(account.total_after(priced.spend)),
            "cap": str(account.total_cap),
        },
        "cut": vars(cut),
        "tables": [
            {
                "table": each.part.table.name,
                "measure": str(each.part.measure),
                "categories": list(each.part.table.dimension.categories),
                "own_bounded": [int(value) for value in vectors[each.part.table.name, each.part.measure]],
                "noise_scale": str(each.mechanism.scale),
                "below_noise": blurred.blurred(each, vectors).lost,
                "l2_squared": each.l2_squared,
                "rho": str(each.cost),
            }
            for each in priced.parts
        ],
    }
