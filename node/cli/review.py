"""kudos-node review: what would leave, and what it would cost, before anything does."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import count, epsilon, kroner, percent

if TYPE_CHECKING:
    from node.release.accounts import Accounts
    from node.release.parts import Price, PricedPart
    from node.release.prepare import Cut, Vectors
    from privacy.bounds.windows import Window
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
    """Show what a release of STUDY would hold: tables, cells, bounds, cost, and how blurred your figures would be.

    The figures shown are your own, exact, for your eyes. Nothing is spent and nothing leaves.
    """
    from node.release.accounts import accounts
    from node.release.parts import price
    from node.release.prepare import cut_by_bounds, exact_vectors, release_window
    from node.store.database import opened
    from node.store.span import month_end_before, today
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger
    from privacy.studies.study import find

    home = output.state.home
    settings = home.settings()
    found = find(study)
    policy = policy_file.read(home.policy_file)
    ledger = Ledger.open(home.ledger_file)
    account = accounts(ledger.contents(), policy)
    with opened(home, say=output.complain) as connection:
        now = today(settings.timezone)
        window = release_window(as_of or month_end_before(now), now)
        vectors = exact_vectors(connection, found, window)
        cut = cut_by_bounds(connection, found, window, vectors)
    stored = ledger.contents().find(found.digest, window) is not None
    ledger.close()
    priced = price(found)
    if output.state.as_json:
        output.emit(_json(found, window, priced, vectors, cut, account))
        return
    _summary(settings.name, study, found, window, priced, account, stored=stored)
    _tables(priced, vectors)
    _clipping(found, cut)
    if cells:
        _cells(priced, vectors)
    _next(study, found, account, cells=cells, stored=stored)


def _summary(
    name: str,
    asked: str,
    study: "Study",
    window: "Window",
    priced: "Price",
    account: "Accounts",
    *,
    stored: bool,
) -> None:
    cost = priced.spend
    after = account.total_after(cost)
    output.say(f"{study.title}")
    output.say(
        f"  study {asked} ({study.digest[:23]}…), {window.first} – {window.last}, {len(study.tables)} tables, "
        f"{count(study.cells)} figures of {name}"
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
        fit = account.remaining.rho.micro // cost.rho.micro if cost.rho.micro else 0
        output.say(f"  of releases like this one, {fit} {'fits' if fit == 1 else 'fit'} in your budget")
    output.say()


def _tables(priced: "Price", vectors: "Vectors") -> None:
    output.say("How your figures would be blurred (two times in three by less than this):")
    rows = []
    for table, parts in _by_table(priced):
        cells = len(vectors[table, parts[0].part.measure])
        rows.append((table, str(cells), *(_blur(parts, measure, vectors) for measure in _MEASURES)))
    output.table(["table", "cells>", *(f"{measure}>" for measure in _MEASURES)], rows)
    output.say("  ± for one cell; in brackets what that is of your own median cell that is not empty")
    output.say()


_MEASURES = ("customers", "orders", "tickets", "revenue")


def _by_table(priced: "Price") -> "Iterator[tuple[str, list[PricedPart]]]":
    names = dict.fromkeys(each.part.table.name for each in priced.parts)
    for name in names:
        yield name, [each for each in priced.parts if each.part.table.name == name]


def _blur(parts: "list[PricedPart]", measure: str, vectors: "Vectors") -> str:
    part = next((each for each in parts if each.part.measure == measure), None)
    if part is None:
        return ""
    sigma = float(part.mechanism.scale)
    shown = kroner(sigma) if measure == "revenue" else count(round(sigma))
    filled = sorted(int(value) for value in vectors[part.part.table.name, part.part.measure] if value > 0)
    if not filled:
        return f"±{shown}"
    share = sigma / filled[len(filled) // 2]
    return f"±{shown} ({percent(share, 1 if share < 0.1 else 0)})"


def _clipping(study: "Study", cut: "Cut") -> None:
    bounds = study.bounds
    output.say(
        f"Of one customer at most {bounds.max_orders} orders, {bounds.max_lines} lines, {bounds.max_tickets} tickets "
        f"and {kroner(bounds.max_revenue_ore)} count."
    )
    output.say(
        f"  that cuts {percent(cut.revenue, 1)} of your revenue, {percent(cut.tickets, 1)} of the tickets and "
        f"{percent(cut.orders, 1)} of the orders ({count(cut.customers)} customers are above a bound)"
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


def _next(asked: str, study: "Study", account: "Accounts", *, cells: bool, stored: bool) -> None:
    output.say()
    if not cells:
        output.say(f"Cell by cell:       kudos-node review {asked} --cells")
    allowed = any(entry.study == study.name and entry.digest == study.digest for entry in account.policy.allowed)
    if not allowed:
        output.say(f"Not allowed by your policy yet.  Allow it:  kudos-node policy allow {asked}")
    verb = "Write it again:" if stored else "Book and write it:"
    output.say(f"{verb:<20}kudos-node release {asked} --to-file")


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
                "l2_squared": each.l2_squared,
                "rho": str(each.cost),
            }
            for each in priced.parts
        ],
    }
