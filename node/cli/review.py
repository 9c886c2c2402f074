"""kudos-node review: what would leave, and what it would cost, before anything does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from node.cli import blurred, output
from node.cli.kinds import contents_of
from node.cli.output import count, epsilon, kroner, percent, things
from node.cli.review_cut import cuts_json, show_cuts
from node.cli.review_next import certain_refusal, next_steps, own_figures, to_whom
from node.cli.review_quantiles import quantiles_json, warn_of_ends
from node.cli.twelve_months import title

if TYPE_CHECKING:
    from node.home import Home
    from node.release.accounts import Accounts
    from node.release.prepare import Vectors
    from node.store.placeholders import Placeholders
    from privacy.bounds.windows import Period, Window
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
    from node.benchmark.bias import biases
    from node.benchmark.cut import cut_by_each
    from node.benchmark.ends import near_end
    from node.membership.settings import joined
    from node.release.accounts import accounts
    from node.release.in_view import in_view, is_empty, own_quantiles
    from node.release.prepare import exact
    from node.release.room import room
    from node.store.database import opened
    from node.store.placeholders import placeholders
    from node.store.span import newest_month, today
    from privacy.budget import policy_file
    from privacy.ledger.counting import counted
    from privacy.ledger.store import Ledger
    from privacy.studies.price import price

    settings = home.settings()
    policy = policy_file.read(home.policy_file)
    ledger = Ledger.open(home.ledger_file)
    account = accounts(ledger.contents(), policy)
    with opened(home, say=output.complain) as connection:
        now = today(settings.timezone)
        window = _window(asked, as_of, now, found.period)
        made = exact(connection, found, window, settings.timezone, settings.engine)
        vectors = in_view(found, made)
        each_cut = cut_by_each(connection, found, window)
        nobody = placeholders(connection, window)
        kpi_last = newest_month(connection, now).end
    contents = ledger.contents()
    stored = contents.find(found.digest, window) is not None
    ledger.close()
    priced, told, empty = price(found), own_quantiles(found, made), is_empty(made)
    bias = biases(priced, vectors, each_cut)
    ends = near_end(priced, made.quantiles) if priced.quantiles else []
    moment = datetime.now(UTC)
    more = room(counted(contents, moment), policy, priced.spend, moment).fits
    if output.state.as_json:
        said = _json(found, window, priced, vectors, account, stored=stored)
        said |= _added(priced, vectors, nobody, more) | {"already": stored}
        output.emit(said | cuts_json(each_cut, bias) | {"quantiles": quantiles_json(priced, told, ends)})
        return
    why = "" if as_of else f"to the last {'quarter' if found.period == 'quarter' else 'month'} that is over"
    output.say(title(settings.name, window, f"as round {study} asks" if asked else why))
    _summary(study, found, priced, account, more=more, stored=stored)
    _tables(priced, vectors, empty=empty)
    show_cuts(each_cut, bias, [each.table.name for each in found.bounded_tables if each.by_cell])
    if not empty:
        warn_of_ends(ends)
    _placeholders(nobody, each_cut[0].bounds.max_orders if each_cut else None)
    if cells:
        _cells(priced, vectors, told)
    own_figures(window, kpi_last, empty=empty)
    refused = "" if stored else certain_refusal(found, account, priced.spend)
    next_steps(study, found, account, cells=cells, stored=stored, empty=empty, refused=refused)
    if not empty or stored:
        alone = {"for_round": asked is not None, "in_network": joined(home)}
        to_whom(study, found, account, stored=stored, refused=refused, **alone)


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
        f"  study {study.name}{for_round} ({study.digest[:23]}…), {contents_of(study)}, "
        f"{things(study.figures, 'figure')}"
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


def _tables(priced: "Price", vectors: "Vectors", *, empty: bool) -> None:
    output.say("How your figures would be blurred (two times in three by less than this):")
    output.table(blurred.COLUMNS, blurred.rows(priced, vectors))
    output.say("  ± for one figure; below it what that is of your own median figure that is not 0")
    output.say("  lost: so many figures are no larger than their noise")
    output.prose(blurred.verdict(blurred.all_blurred(priced, vectors), f"ρ {priced.spend.rho}", empty=empty))
    output.say()


def _placeholders(nobody: "Placeholders", max_orders: int | None) -> None:
    """What tills and the like hide from all figures of customers; `max_orders` is None where no bound cuts a figure."""
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
    counted = (
        "."
        if max_orders is None
        else f"; in a release each such address counts like one customer, at most {max_orders} orders. Where a till "
        "leaves the address empty, each sale counts as its own."
    )
    output.prose(f"  these are in no figure of known customers{counted}")


def _cells(priced: "Price", vectors: "Vectors", told: "Sequence[int]") -> None:
    output.say()
    rows = []
    for quantile, value in zip(priced.quantiles, told, strict=True):
        measure, part = quantile.part.measure, quantile.part
        shown = kroner(value) if measure == "revenue" else count(value)
        rows.append((part.table, f"{float(part.at)}", str(measure), shown, "see below"))
    for each in priced.parts:
        money = each.part.measure == "revenue"
        for category, value, noise in zip(
            each.part.table.dimension.categories,
            vectors[each.part.table.name, each.part.measure],
            each.mechanisms,
            strict=True,
        ):
            sigma = float(noise.scale)
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
    if priced.quantiles:
        output.prose(
            "Of quantiles one of the catalogue's numbers near your own is drawn and told. Tables of value tiers are "
            "made with what is drawn, so that other customers may be in a tier than are shown here."
        )


def _window(asked: "Announcement | None", as_of: date | None, now: date, period: "Period") -> "Window":
    """Those of the round, or those to a day that was named, or the newest that are over."""
    from node.release.prepare import newest_window, release_window

    if asked:
        return asked.window
    return release_window(as_of, now, period) if as_of else newest_window(now, period)


def _added(priced: "Price", vectors: "Vectors", nobody: "Placeholders", more: int) -> dict[str, object]:
    """What came to the JSON later: fields are only ever added."""
    return {
        "below_noise": vars(blurred.all_blurred(priced, vectors)),
        "placeholders": {"addresses": nobody.addresses, "busy": nobody.busy, **vars(nobody.sold)},
        "fits": more,
    }


def _json(
    study: "Study", window: "Window", priced: "Price", vectors: "Vectors", account: "Accounts", *, stored: bool
) -> dict[str, object]:
    return {
        "study": study.name,
        "digest": study.digest,
        "window": {"first": window.first.isoformat(), "last": window.last.isoformat()},
        "bounds": vars(study.bounds),
        "cost": {"epsilon": str(priced.spend.epsilon), "rho": str(priced.spend.rho)},
        "total_epsilon": {
            "spent": str(account.total_spent),
            "after": str(account.total_spent if stored else account.total_after(priced.spend)),
            "cap": str(account.total_cap),
        },
        "tables": [
            {
                "table": each.part.table.name,
                "measure": str(each.part.measure),
                "categories": list(each.part.table.dimension.categories),
                "own_bounded": [int(value) for value in vectors[each.part.table.name, each.part.measure]],
                "noise_scale": str(each.mechanism.scale),
                "noise_scales": [str(noise.scale) for noise in each.mechanisms] if each.by_cell else None,
                "below_noise": blurred.blurred(each, vectors).lost,
                "l2_squared": each.l2_squared,
                "rho": str(each.cost),
            }
            for each in priced.parts
        ],
    }
