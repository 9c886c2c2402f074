"""Benchmarks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from privacy.ledger.contents import release_digest
from privacy.ledger.fields import format_time
from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds, liar
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import STUDY, key_of

kind = Kinds([])


ROUND, VERSION = "year-2024", 1


def _cell(content: dict[str, Any], status: str, measure: str = "customers", table: str = "month") -> dict[str, Any]:
    wanted = (status, measure, table)
    found: dict[str, Any] = next(c for c in content["cells"] if (c["status"], c["measure"], c["table"]) == wanted)
    return found


@kind("a published number changed by one", "coordinator", "FIGURE_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        _cell(content, "published")["value"] += 1

    network.change_benchmark(ROUND, VERSION, change)


@kind("a standard error changed", "coordinator", "ERROR_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        _cell(content, "published")["standard_error"] = "0.01"

    network.change_benchmark(ROUND, VERSION, change)


@kind("an interval made narrower", "coordinator", "ERROR_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        cell = _cell(content, "published")
        cell["low"] = cell["value"]

    network.change_benchmark(ROUND, VERSION, change)


@kind("something put back that no bound has cut off", "coordinator", "UNCUT_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        cell = _cell(content, "published")
        cell["uncut"], cell["uncut_error"] = cell["value"] + 1, cell["standard_error"]

    network.change_benchmark(ROUND, VERSION, change)


@kind("an unreliable figure marked as reliable, or the reverse", "coordinator", "STATUS_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        _cell(content, "published")["status"] = "unreliable"

    network.change_benchmark(ROUND, VERSION, change)


@kind("a suppression skipped", "coordinator", "SUPPRESSION_SKIPPED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        hidden = [c for c in content["cells"] if c["status"] == "suppressed" and c["table"] == "channel"]
        category = hidden[0]["category"]
        shown = {c["measure"]: c for c in content["cells"] if c["table"] == "channel" and c["status"] == "published"}
        for cell in content["cells"]:
            like = shown.get(cell["measure"])
            if cell["table"] == "channel" and cell["category"] == category and like is not None:
                cell.update(
                    {name: like[name] for name in ("value", "standard_error", "low", "high", "status", "reason")}
                )

    network.change_benchmark(ROUND, VERSION, change)


@kind("a figure withheld that could be shown", "coordinator", "SUPPRESSION_ADDED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        for cell in content["cells"]:
            if (cell["table"], cell["category"]) == ("month", "01"):
                none = dict.fromkeys(("value", "standard_error", "low", "high"))
                cell.update(none, status="suppressed", reason="DOMINATED")

    network.change_benchmark(ROUND, VERSION, change)


@kind("a cohort withheld that could be shown", "coordinator", "SUPPRESSION_ADDED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        line = next(line for line in content["cohorts"] if line["cohort"] == "county:46")
        line.update(status="suppressed", reason="ISOLATES_MEMBERS")
        content["cells"] = [cell for cell in content["cells"] if cell["cohort"] != "county:46"]

    network.change_benchmark(ROUND, VERSION, change)


@kind("a figure left out", "coordinator", "CELLS_DIFFER")
def _(network: Federation) -> None:
    network.change_benchmark(ROUND, VERSION, lambda content: content["cells"].pop())


@kind("a member left out silently", "coordinator", "LEFT_OUT")
def _(network: Federation) -> None:
    time = network.benchmark(ROUND, VERSION).published
    del network.benchmarks[ROUND, VERSION]
    network.publish(ROUND, VERSION, time, without=("house-g",))


@kind("a release included that was not received", "coordinator", "INCLUDED_NOT_RECEIVED")
def _(network: Federation) -> None:
    del liar(network).sent[0]


@kind("a release included that nobody booked", "both", "INCLUDED_NOT_BOOKED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        content["releases"][1]["release_digest"] = "sha256:" + "0" * 64

    network.change_benchmark(ROUND, VERSION, change)


@kind("a member included that the round did not ask", "coordinator", "INCLUDED_UNASKED")
def _(network: Federation) -> None:
    asked = network.rounds[ROUND].announcement
    network.announce(ROUND, replace(asked, roster=asked.roster[:-1]))


@kind("a published version rewritten under its successor", "coordinator", "SUPERSEDES_BROKEN")
def _(network: Federation) -> None:
    time = network.benchmark("year-2025", 1).published
    network.change_benchmark("year-2025", 1, lambda c: c.update(published=format_time(time + timedelta(hours=1))))


@kind("a version that supersedes something else", "coordinator", "SUPERSEDES_BROKEN")
def _(network: Federation) -> None:
    network.change_benchmark("year-2025", 2, lambda content: content.update(supersedes="sha256:" + "0" * 64))


@kind("a version taken out", "coordinator", "BENCHMARK_MISSING")
def _(network: Federation) -> None:
    del network.benchmarks["year-2025", 1]


@kind("a version dated before the one before it", "coordinator", "PUBLISHED_OUT_OF_ORDER")
def _(network: Federation) -> None:
    network.change_benchmark("year-2025", 2, lambda content: content.update(published="2026-02-20T00:00:00Z"))


@kind("a benchmark under another round's name", "coordinator", "BENCHMARK_DIFFERS")
def _(network: Federation) -> None:
    network.change_benchmark("year-2025", 2, lambda content: content.update(round="year-2026"))


@kind("a benchmark signed by somebody else", "node", "BENCHMARK_UNREADABLE")
def _(network: Federation) -> None:
    network.change_benchmark(ROUND, VERSION, lambda content: None, key_of("thief"))


@kind("a benchmark published before its round was closed", "coordinator", "PUBLISHED_OUT_OF_ORDER")
def _(network: Federation) -> None:
    network.change_benchmark(ROUND, VERSION, lambda content: content.update(published="2025-02-20T00:00:00Z"))


@kind("a benchmark dated after the bundle", "coordinator", "PUBLISHED_OUT_OF_ORDER")
def _(network: Federation) -> None:
    network.change_benchmark("year-2025", 2, lambda content: content.update(published="2026-05-01T00:00:00Z"))


@kind("two benchmarks of a window in one second, each unaware of the other", "coordinator", "PUBLISHED_OUT_OF_ORDER")
def _(network: Federation) -> None:
    time = format_time(network.benchmark("year-2025", 1).published)
    network.change_benchmark("year-2025", 2, lambda content: content.update(published=time))


@kind("a benchmark of another study than its round's", "coordinator", "BENCHMARK_DIFFERS")
def _(network: Federation) -> None:
    network.change_benchmark(ROUND, VERSION, lambda content: content.update(study_digest="sha256:" + "0" * 64))


@kind("a benchmark of a round that is still collecting", "coordinator", "BENCHMARK_DIFFERS")
def _(network: Federation) -> None:
    each = network.rounds[ROUND]
    each.record = each.record.model_copy(update={"state": "collecting", "ended": None})


@kind("a benchmark made of a release that does not fit its round", "both", "NOT_COMPUTABLE")
def _(network: Federation) -> None:
    node = liar(network)
    leaf, sent = node.spends()[1], node.sent[1]
    window = houses.WINDOWS["year-2025"]
    layout = "sha256:" + "0" * 64
    cells = [10**6] * STUDY.cells
    sent.envelope = houses.release_bytes(node.origin, leaf["seq"], STUDY, window, cells, node.key, layout_digest=layout)
    leaf["release_digest"] = release_digest(sent.envelope)
    node.seal()
    network.change_benchmark(
        "year-2025", 1, lambda content: content["releases"][1].update(release_digest=leaf["release_digest"])
    )
