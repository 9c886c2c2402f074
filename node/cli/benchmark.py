"""kudos-node benchmark: the sector's figures with their error, and the own ones beside them."""

from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from node.cli.output import count, kroner, percent
from privacy.estimate.body import SUM_NAMES
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from node.benchmark.beside import Beside
    from privacy.estimate.benchmark import Benchmark
    from privacy.rounds.announcement import Seat

SUMS = tuple(SUM_NAMES.values())
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
}


@click.command()
@click.argument("round_name", metavar="[ROUND]", required=False)
@click.option("--cohort", help='Another cohort than your own, such as "county:46" or "industry:museum".')
@click.option("--table", "table_name", help="Category by category of one table, such as age_band.")
@output.common
def command(round_name: str | None, cohort: str | None, table_name: str | None) -> None:
    """Show the newest benchmark, or that of ROUND: your own exact figures beside those of your cohorts.

    ± is the standard error of the noise that protects everybody's customers: two times in three the truth is nearer.
    "within noise" says that your figure and the cohort's may as well be equal. Your own figures are exact, and seen
    here alone.
    """
    from node.benchmark.beside import beside, own_cohorts
    from node.benchmark.own import own_figures
    from node.membership.settings import membership
    from node.network import benchmarks, rounds

    home = output.state.home
    network = membership(home)
    benchmark = benchmarks.newest(home, network, round_name).benchmark
    announcement = rounds.find(home, network, benchmark.round).announcement
    seat = announcement.seat(network.id)
    own = own_figures(home, announcement.study, benchmark.window, output.complain)
    known = [line.cohort for line in benchmark.body.cohorts]
    if cohort is not None and cohort not in known:
        raise click.UsageError(f"There is no cohort {cohort}. There is: {', '.join(known)}")
    mine = own_cohorts(seat) if seat else ("network",)
    wanted = [name for name in known if (name in mine if cohort is None else name == cohort)]
    found = list(beside(benchmark, own, wanted, table_name))
    if output.state.as_json:
        output.emit(_json(benchmark, found))
        return
    _head(benchmark, seat)
    if table_name is None:
        found = [each for each in found if each.cell.table == "totals"]
    _print(found, wanted, by_category=table_name is not None)
    _withheld(benchmark, wanted)
    if table_name is None:
        output.say(f"By age: kudos-node benchmark {benchmark.round} --table age_band")


def _head(benchmark: "Benchmark", seat: "Seat | None") -> None:
    output.say(
        f"{benchmark.round} · {benchmark.window.first} – {benchmark.window.last} · "
        f"{len(benchmark.releases)} members" + (f" · beside {seat.name}" if seat else "")
    )


def _print(found: "list[Beside]", cohorts: list[str], *, by_category: bool) -> None:
    """One row per figure: the own one, and that of every cohort with its error."""
    rows: dict[tuple[str, str], dict[str, Beside]] = {}
    for each in found:
        rows.setdefault((each.cell.category, each.cell.measure), {})[each.cell.cohort] = each
    shown = [name for name in cohorts if any(name in row for row in rows.values())]
    if not shown:
        output.say("Nothing of your cohorts is published there. All there is: --cohort network")
        return
    table = []
    for (category, measure), row in sorted(rows.items(), key=lambda item: item[0][1] in SUMS):
        first = next(iter(row.values()))
        name = NAMES.get(measure, measure)
        table.append(
            (
                f"{category}: {name}" if by_category else name,
                _figure(first.own, measure),
                *(_cohort(row.get(cohort), measure) for cohort in shown),
            )
        )
    output.table(("", "you>", *(f"{name}>" for name in shown)), table)


def _cohort(each: "Beside | None", measure: str) -> str:
    if each is None or each.cell.value is None or each.cell.standard_error is None:
        return "–"
    text = f"{_figure(float(each.cell.value), measure)} ± {_figure(float(each.cell.standard_error), measure)}"
    if each.cell.status == "unreliable":
        return f"({text})"
    mark = {"above": "▲", "below": "▼", "within noise": "≈"}.get(each.verdict, "")
    return text if measure in SUMS or not mark else f"{text} {mark}"


def _withheld(benchmark: "Benchmark", cohorts: list[str]) -> None:
    output.say(
        "  ▲ you are above, ▼ below, ≈ within noise; ( ) unreliable: the noise is more than a quarter of it; – withheld"
    )
    for line in benchmark.body.cohorts:
        if line.cohort in cohorts and line.reason is not None:
            output.say(f"  {line.cohort} ({line.members} members) is withheld: {in_words(line.reason)}")


def _json(benchmark: "Benchmark", found: "list[Beside]") -> dict[str, Any]:
    from privacy.estimate.tabular import as_json, row

    said = as_json(benchmark)
    said["cells"] = [row(each.cell) | {"own": each.own, "verdict": each.verdict} for each in found]
    return said


def _figure(value: float | None, measure: str) -> str:
    if value is None:
        return "–"
    if measure.endswith("_ore"):
        return kroner(value)
    if measure.endswith("_share") or measure == "retention":
        return percent(value, 1)
    return count(round(value)) if measure in SUMS else f"{value:.2f}"
