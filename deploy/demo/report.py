"""What came of it: the benchmark beside the truth, what was withheld and why, budgets, and where to look next."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from rich.table import Table
from rich.text import Text

from deploy.demo.cast import Part
from deploy.demo.crossing import Crossed
from deploy.demo.folder import contents
from deploy.demo.network import Network
from deploy.demo.pooled import Judged, Spread
from deploy.demo.stage import Stage
from deploy.demo.words import figure, megabytes, spaced, unit
from node.cli.benchmark import NAMES
from privacy.catalogue.institutions import COUNTIES
from privacy.terminal.reasons import in_words

SUMS = ("customers", "orders", "tickets", "revenue_ore")
_OF_COHORTS = ("customers", "revenue_ore", "average_purchase_ore", "average_ticket_price_ore", "retention")
_WHOLE = ("totals", "all")


def network_beside_truth(stage: Stage, found: Sequence[Judged], invented: dict[str, float]) -> None:
    """Totals and key figures of the whole network: as published, before the noise, and as invented."""
    table = _beside("the whole network")
    for each in _of(found, "network"):
        table.add_row(*_row(each, invented))
    stage.table(table)
    stage.says(
        "± is one standard error, as published. “before noise” is what the noise was added to, and “apart” "
        "how many standard errors lie between. What was invented is more: of one customer only so many orders and "
        "kroner count, so that nobody stands out."
    )


def cohorts_beside_truth(stage: Stage, found: Sequence[Judged], invented: dict[str, dict[str, float]]) -> None:
    """Some figures of each industry and county in the same form."""
    table = _beside("industries and counties")
    for cohort in dict.fromkeys(each.cohort for each in found if each.cohort != "network"):
        table.add_row(Text(_name(cohort), style="bold"))
        for each in _of(found, cohort):
            if each.key[2] in _OF_COHORTS:
                first, *others = _row(each, invented[cohort])
                table.add_row(f"  {first}", *others)
    stage.table(table)


def _row(each: Judged, invented: dict[str, float]) -> tuple[str, ...]:
    measure = each.key[2]
    name = NAMES.get(measure, measure)
    return (
        f"{name}, {unit(measure)}" if unit(measure) else name,
        f"{figure(each.value, measure)} ± {figure(each.standard_error, measure):>5}",
        figure(each.truth, measure),
        f"{each.errors_apart:+.1f}",
        figure(invented[measure], measure),
    )


def _beside(first: str) -> Table:
    return _table(first, "figure ± error", "before noise", "apart", "invented")


def crossings(stage: Stage, found: Sequence[Crossed]) -> None:
    """How audiences move: what is published beside what only the simulation knows."""
    table = _table("cross-use", "figure ± error", "truth", "apart")
    for each in found:
        share = each.truth < 1
        if each.value is None or not each.error:
            table.add_row(each.what, f"withheld: {each.reason}", _crossed(each.truth, share=share), "")
            continue
        apart = (each.value - each.truth) / each.error
        shown = f"{_crossed(each.value, share=share)} ± {_crossed(each.error, share=share)}"
        table.add_row(each.what, shown, _crossed(each.truth, share=share), f"{apart:+.1f}")
    stage.table(table)
    stage.says(
        "Pairs of institutions are added up, and people count in each pair. The truth counts as Kudos does: one e-mail "
        "address, else one telephone number, is one person."
    )


def _crossed(value: float, *, share: bool) -> str:
    return f"{100 * value:.1f} %" if share else spaced(round(value))


def honesty(stage: Stage, found: Sequence[Judged]) -> None:
    """Whether the published errors are as large as the errors really are."""
    stage.says("Are the published errors honest? Distances from the truth, counted in them:")
    for name, chosen in (
        ("sums of the network", [each for each in found if _sum(each, network=True)]),
        ("sums of every cohort", [each for each in found if _sum(each, network=False)]),
        ("key figures of every cohort", [each for each in found if each.key[2] not in SUMS]),
    ):
        if len(chosen) < 2:
            continue
        spread = Spread.of(chosen)
        stage.says(
            f"  {spaced(spread.count):>5} {name:<28} mean {spread.mean:+.2f}, standard deviation {spread.deviation:.2f}"
        )
        if name == "sums of the network":
            count = spread.count
            expected = f"0 ± {1 / math.sqrt(count):.2f} and 1 ± {1 / math.sqrt(2 * count):.2f}"
            stage.says(f"        expected, for each has noise of its own: {expected}", "dim")
    stage.says("  A cohort's figures are made of the same noise as the network's, and key figures share their parts.")


def withheld(stage: Stage, benchmark: dict[str, Any]) -> None:
    """What the benchmark does not show, and why."""
    table = _table("published for", "members", "figures shown", "as unreliable", "withheld")
    for line in benchmark["cohorts"]:
        if line["status"] == "published":
            status = Counter(cell["status"] for cell in benchmark["cells"] if cell["cohort"] == line["cohort"])
            counts = (spaced(status[name]) for name in ("published", "unreliable", "suppressed"))
            table.add_row(_name(line["cohort"]), str(line["members"]), *counts)
    stage.table(table)
    reasons = Counter(cell["reason"] for cell in benchmark["cells"] if cell["status"] == "suppressed")
    for reason, number in reasons.most_common():
        stage.says(f"  withheld: {spaced(number)} × {in_words(reason)}")
    for line in benchmark["cohorts"]:
        if line["status"] != "published":
            why = in_words(line["reason"])
            stage.says(f"  withheld altogether: {_name(line['cohort'])}, {line['members']} members: {why}")


def budgets(stage: Stage, parts: Sequence[Part], standing: dict[str, str], known: dict[Part, dict[str, Any]]) -> None:
    """What the round cost each institution's customers, and what its policy allows. `known` by review or budget."""
    table = _table("member", "in the round", "ε spent", "of at most", "left")
    for part in parts:
        spent, cap = (float(known[part]["total_epsilon"][name]) for name in ("spent", "cap"))
        status = standing.get(part.id, "not asked")
        table.add_row(part.institution.name, status, f"{spent:.2f}", f"{cap:.2f}", f"{cap - spent:.2f}")
    stage.table(table)
    stage.says("  Whoever has not released has spent nothing. What ε means, in words: `kudos-node budget`.")


def next_steps(stage: Stage, network: Network, parts: Sequence[Part], name: str) -> None:
    """Commands that work on the folder that is kept."""
    node, coordinator, auditor = network.node(parts[0]), network.coordinator, network.auditor
    who, bundle = parts[0].id, quote(str(network.bundle))
    entry = node.reads("outbox", "list")[-1]["entry"]
    for program, words, why in (
        (coordinator, f"benchmark show {name}", "the benchmark, as NPU sees it"),
        (coordinator, f"benchmark export {name} --out benchmark.csv", "all of it, for a spreadsheet"),
        (coordinator, f"round status {name}", "who answered, and who did not"),
        (coordinator, "member list", "the members"),
        (node, f"benchmark {name}", f"the benchmark beside {parts[0].institution.name}'s own exact figures"),
        (node, f"benchmark {name} --table age_band --cohort network", "by age"),
        (node, "outbox list", "everything that ever left that node; `outbox show` has every number"),
        (node, "budget", "what that has cost its customers' privacy"),
        (node, "ledger status", "its ledger, and how much of it NPU has witnessed"),
        (auditor, f"network {bundle} --report audit.html", "the audit again, with a report to print"),
        (auditor, f"explain {entry} --bundle {bundle} --member {who}", "an entry of that node's ledger in words"),
        (auditor, f"watch {bundle}", "keeps what is shown today; a ledger that differs next time is found out"),
    ):
        stage.says(f"  {why}")
        stage.prompt(program.typed(words))
    stage.says("  the server again, in a terminal of its own; then nodes can work once more:")
    stage.prompt(coordinator.typed("serve --poll 2"))
    stage.prompt(network.node(parts[-1]).typed("run"))


def folder_says(stage: Stage, folder: Path) -> None:
    """What is left in the folder."""
    held = "; ".join(f"{name} {count} files, {megabytes(size)}" for name, count, size in contents(folder))
    stage.says(f"{folder} is kept: {held}.")


def _name(cohort: str) -> str:
    """A cohort in words."""
    kind, _, rest = cohort.partition(":")
    industry, _, county = rest.rpartition(":")
    match kind:
        case "county":
            return f"{COUNTIES[county].name} county"
        case "industry-county":
            return f"{industry} in {COUNTIES[county].name}"
        case _:
            return rest or "the whole network"


def _sum(each: Judged, *, network: bool) -> bool:
    return each.key[2] in SUMS and (each.cohort == "network" or not network)


def _of(found: Sequence[Judged], cohort: str) -> list[Judged]:
    whole = [each for each in found if each.cohort == cohort and each.key[:2] == _WHOLE]
    return sorted(whole, key=lambda each: SUMS.index(each.key[2]) if each.key[2] in SUMS else len(SUMS))


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
