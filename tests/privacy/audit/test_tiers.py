"""A release with quantiles and with noise by cell: sound as it is booked, and every way of it otherwise is found."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from privacy.audit import bundle
from privacy.audit.explain import explain
from privacy.audit.leaf_check import Reader, read_slowly
from privacy.audit.network import Report, audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.records import Header
from privacy.audit.verdict import Verdict
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Opened, Spent, WitnessAdopted, parse
from privacy.mechanisms.calibration import DiscreteGaussian, parse_scale
from privacy.mechanisms.quantile import PrivateQuantile
from privacy.signing.envelope import public_key_text
from privacy.studies.study import Study
from privacy.studies.study import parse as parse_study
from tests.node.release.house import BOUNDED, BOUNDED_TEXT, TIERED
from tests.privacy.audit.booked import parts_of
from tests.privacy.audit.houses import START, VERIFIER, WINDOWS, Node, Sent, key_of, policy, release_bytes

REVENUE, ORDERS, TICKETS = (CANDIDATES[each] for each in (Measure.REVENUE, Measure.ORDERS, Measure.TICKETS))
TOLD = [REVENUE[400], REVENUE[330], REVENUE[90], ORDERS[30], ORDERS[2]]
BEFORE = TOLD[:3]
LAST_YEAR = [REVENUE[398], REVENUE[331], REVENUE[91]]
TIME = datetime.fromisoformat("2026-02-02T10:00:00Z")
WINDOW: Window = WINDOWS["year-2025"]
ORDERS_ONLY = parse_study(
    BOUNDED_TEXT.replace('name = "bounds"', 'name = "orders-only"')
    .replace('  { measure = "revenue", at = ["0.95", "0.8", "0.3"], share = 1 },\n', "")
    .replace('"tickets"', '"orders"'),
    "orders-only.toml",
)
"""A quantile that divides no tiers."""


def node() -> Node:
    """A node that has released the study with every kind of part, and one of quantiles alone."""
    made = Node("house-b", key_of("house-b"))
    key = public_key_text(made.key.public_key())
    made.add(Opened(seq=0, time=START, origin=made.origin, public_key=key, version="0.1.0"))
    made.add(WitnessAdopted(seq=1, time=START, witness=VERIFIER))
    made.sealed.append((2, START + timedelta(seconds=5)))
    made.add(policy(2, TIME))
    told = {"thresholds": TOLD, "thresholds_before": BEFORE}
    alone = {"thresholds": [TICKETS[5], *TOLD[:3]]}
    for seq, study, more in ((3, TIERED, told), (4, BOUNDED, alone)):
        envelope = release_bytes(made.origin, seq, study, WINDOW, [1000] * study.cells, made.key, **more)
        made.book(study.name, study.digest, None, WINDOW, parts_of(study), envelope, TIME + timedelta(minutes=seq))
        made.sent.append(Sent(None, None, envelope))
    made.seal()
    return made


def audited(made: Node, folder: Path) -> Report:
    header = Header(
        v=1,
        kind="public",
        trust_domain="npu.example",
        made=TIME + timedelta(days=1),
        source="node",
        coordinator_key=None,
        witness=VERIFIER,
    )
    files = [bundle.header_file(header), *bundle.leaves_file(made.id, made.written())]
    files += [bundle.checkpoint_file(made.id, size, note) for size, note in sorted(made.notes.items())]
    files.append(bundle.header_file(header.model_copy(update={"kind": "restricted"})))
    files += bundle.releases_file(made.id, [bundle.release_line(each.envelope) for each in made.sent])
    with open_bundle(bundle.write(files, folder / "bundle").path) as opened:
        return audit_network(opened, given=[TIERED, BOUNDED])


def codes(made: Node, folder: Path) -> set[str]:
    return {each.code for each in audited(made, folder).findings} - {"NODE_ALONE", "COORDINATOR_KEY_UNKNOWN"}


def test_as_it_is_booked_nothing_is_wrong(tmp_path: Path) -> None:
    assert codes(node(), tmp_path) == {"AUTHORITY_MISSING"}


Change = Callable[[dict[str, Any]], object]


def part(leaf: dict[str, Any], name: str) -> dict[str, Any]:
    table, _, which = name.partition("/")
    return next(
        each for each in leaf["parts"] if each["table"] == table and which in (each["measure"], each.get("alpha"))
    )


def less_noise(leaf: dict[str, Any]) -> None:
    """A quantile with less noise, at its own cost."""
    quantile = part(leaf, "revenue_quantiles/0.95")
    mechanism = PrivateQuantile(Fraction("0.95"), 471, parse_scale(quantile["scale"]) / 2)
    quantile |= {"scale": str(mechanism.scale), "rho_u": mechanism.cost().micro}


def too_cheap(leaf: dict[str, Any]) -> None:
    part(leaf, "revenue_quantiles/0.95")["rho_u"] -= 1


def too_dear(leaf: dict[str, Any]) -> None:
    part(leaf, "value_tier/revenue")["rho_u"] += 1


def cell_too_cheap(leaf: dict[str, Any]) -> None:
    """Noise on the dearest cell that costs more than all say."""
    cells = part(leaf, "value_tier/revenue")
    cells["scale"][0] = str(parse_scale(cells["scale"][0]) * Fraction(1, 2))


def one_cell_quieter(leaf: dict[str, Any]) -> None:
    """A cell with other noise than the study gives it, at what that costs."""
    cells = part(leaf, "value_tier/revenue")
    quieter = DiscreteGaussian(parse_scale(cells["scale"][3]) / 2)
    cells["scale"][3] = str(quieter.scale)
    cells["rho_u"] = max(cells["rho_u"], quieter.cost(int(cells["l2_squared"][3])).micro)


def one_cell_insensitive(leaf: dict[str, Any]) -> None:
    """A cell whose noise was made for less than its bounds allow."""
    part(leaf, "value_tier/revenue")["l2_squared"][3] -= 1


def as_one_noise(leaf: dict[str, Any]) -> None:
    """Noise by cell booked as one noise for all."""
    cells = part(leaf, "value_tier/revenue")
    at = leaf["parts"].index(cells)
    mechanism = DiscreteGaussian(parse_scale(cells["scale"][0]))
    squared = int(cells["l2_squared"][0])
    leaf["parts"][at] = {
        "table": "value_tier",
        "measure": "revenue",
        "mechanism": "discrete_gaussian",
        "cells": 4,
        "l2_squared": squared,
        "scale": str(mechanism.scale),
        "rho_u": mechanism.cost(squared).micro,
    }


def missing(leaf: dict[str, Any]) -> None:
    leaf["parts"].remove(part(leaf, "revenue_quantiles/0.8"))


def turned(leaf: dict[str, Any]) -> None:
    leaf["parts"][0], leaf["parts"][1] = leaf["parts"][1], leaf["parts"][0]


def twice(leaf: dict[str, Any]) -> None:
    leaf["parts"].append(dict(part(leaf, "revenue_quantiles/0.8")))


def other_quantile(leaf: dict[str, Any]) -> None:
    """Another quantile than the study asks for, at what it costs."""
    quantile = part(leaf, "orders_quantiles/0.5")
    quantile |= {"alpha": "0.501"}
    mechanism = PrivateQuantile(Fraction("0.501"), 88, parse_scale(quantile["scale"]))
    quantile["rho_u"] = mechanism.cost().micro


def other_grid(leaf: dict[str, Any]) -> None:
    part(leaf, "orders_quantiles/0.5")["candidates"] -= 1


def of_another_measure(leaf: dict[str, Any]) -> None:
    part(leaf, "orders_quantiles/0.5")["measure"] = "tickets"


def two_numbers(leaf: dict[str, Any]) -> None:
    part(leaf, "orders_quantiles/0.5")["cells"] = 2


def too_few_cells(leaf: dict[str, Any]) -> None:
    part(leaf, "value_tier/revenue")["scale"].pop()


def no_candidates(leaf: dict[str, Any]) -> None:
    part(leaf, "orders_quantiles/0.5")["candidates"] = 0


LEAVES = [
    (less_noise, "NOISE_DIFFERS"),
    (too_cheap, "COST_UNDERSTATED"),
    (too_dear, "COST_OVERSTATED"),
    (cell_too_cheap, "COST_UNDERSTATED"),
    (one_cell_quieter, "NOISE_DIFFERS"),
    (one_cell_insensitive, "SENSITIVITY_DIFFERS"),
    (as_one_noise, "PARTS_DIFFER"),
    (missing, "PARTS_DIFFER"),
    (turned, "PARTS_DIFFER"),
    (twice, "PART_TWICE"),
    (other_quantile, "PARTS_DIFFER"),
    (other_grid, "PARTS_DIFFER"),
    (of_another_measure, "PARTS_DIFFER"),
    (two_numbers, "NOISE_IMPOSSIBLE"),
    (too_few_cells, "NOISE_IMPOSSIBLE"),
    (no_candidates, "NOISE_IMPOSSIBLE"),
]


@pytest.mark.parametrize(("change", "code"), LEAVES, ids=lambda each: getattr(each, "__name__", each))
def test_a_leaf_that_is_changed_is_found(tmp_path: Path, change: Change, code: str) -> None:
    """The total is added up again, and all is signed anew by node and witness."""
    made = node()
    leaf = made.leaves[3]
    change(leaf)
    leaf["rho_u"] = sum(each["rho_u"] for each in leaf["parts"])
    made.seal()
    report = audited(made, tmp_path)
    assert code in {each.code for each in report.findings}
    assert report.verdict is Verdict.VIOLATION
    assert report.verdict.exit_status == 3


RELEASES = [
    ({"thresholds": TOLD[:-1]}, "RELEASE_LAYOUT"),
    ({"thresholds": [*TOLD, ORDERS[0]]}, "RELEASE_LAYOUT"),
    ({"thresholds_before": []}, "RELEASE_LAYOUT"),
    ({"thresholds": [TOLD[1], TOLD[0], *TOLD[2:]]}, "RELEASE_UNREADABLE"),
    ({"thresholds": [TOLD[0] + 1, *TOLD[1:]]}, "RELEASE_UNREADABLE"),
    ({"thresholds": [*TOLD[:3], 0, 0]}, "RELEASE_UNREADABLE"),
    ({"thresholds_before": BEFORE[::-1]}, "RELEASE_UNREADABLE"),
    ({"cells": [1000] * (TIERED.cells - 1)}, "RELEASE_LAYOUT"),
    ({"cells": [2**62] * TIERED.cells}, "RELEASE_UNREADABLE"),
]


@pytest.mark.parametrize(("changes", "code"), RELEASES, ids=str)
def test_a_release_that_is_not_of_its_study_is_found(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    """Booked and signed as it is: only the study says that it is none of it."""
    made = node()
    fields = {"thresholds": TOLD, "thresholds_before": BEFORE} | changes
    made.sent[0].envelope = release_bytes(made.origin, 3, TIERED, WINDOW, [1000] * TIERED.cells, made.key, **fields)
    made.leaves[3]["release_digest"] = release_digest(made.sent[0].envelope)
    made.seal()
    assert code in codes(made, tmp_path)


def test_thresholds_that_were_not_booked_are_found(tmp_path: Path) -> None:
    made = node()
    other = {"thresholds": [TOLD[0], TOLD[2], *TOLD[2:]], "thresholds_before": BEFORE}
    made.sent[0].envelope = release_bytes(made.origin, 3, TIERED, WINDOW, [1000] * TIERED.cells, made.key, **other)
    assert "RELEASE_SWAPPED" in codes(made, tmp_path)


def test_the_fast_way_of_reading_such_a_leaf_and_the_slow_one_agree() -> None:
    made = node()
    leaf, reader = made.written()[3], Reader()
    first = reader.read(leaf)
    made.leaves[3]["release_digest"] = "sha256:" + "12" * 32
    again = reader.read(made.written()[3])
    assert first == read_slowly(leaf)
    assert again == read_slowly(made.written()[3])
    assert again.entry == parse(made.written()[3])
    assert isinstance(first.entry, Spent)
    assert isinstance(again.entry, Spent)
    assert again.entry.parts is first.entry.parts, "it was read twice"
    for at in range(0, len(leaf), 7):
        for other in (b"[", b"]", b'"', b",", b""):
            changed = leaf[:at] + other + leaf[at + 1 :]
            match = reader.read(changed)
            if match.entry is not None and not match.faults:
                assert match == read_slowly(changed)


def test_an_entry_is_explained(tmp_path: Path) -> None:
    report = audited(node(), tmp_path)
    studies = {study.digest: study for study in (TIERED, BOUNDED)}
    found = explain(report.ledgers[0], 3, studies)
    assert any("66 figures in 3 tables and 5 quantiles of what its customers have" in each for each in found.sentences)
    blurs = {(each.table, each.measure): each.one for each in found.blurs}
    assert blurs["revenue_quantiles/0.95", "revenue"] == "±21 customers"
    assert blurs["value_tier", "revenue"] == "±4 564 kr to ±547 723 kr"
    assert blurs["value_tier", "customers"] == "±16"
    alone = explain(report.ledgers[0], 4, studies)
    assert any(": 4 quantiles of what its customers have, each with noise" in each for each in alone.sentences)


def with_last_year(*, sent: bool) -> Node:
    """The node with a release of the year before, by which this year's divides the customers of then."""
    made = node()
    del made.leaves[3:], made.sent[:]
    made.sealed = made.sealed[:1]
    told = {"thresholds": [*LAST_YEAR, *TOLD[3:]], "thresholds_before": LAST_YEAR}
    now = {"thresholds": TOLD, "thresholds_before": LAST_YEAR}
    for seq, window, more in ((3, WINDOWS["year-2024"], told), (4, WINDOW, now)):
        envelope = release_bytes(made.origin, seq, TIERED, window, [1000] * TIERED.cells, made.key, **more)
        made.book(TIERED.name, TIERED.digest, None, window, parts_of(TIERED), envelope, TIME + timedelta(minutes=seq))
        made.sent += [Sent(None, None, envelope)] if sent or seq == 4 else []
    made.seal()
    return made


def test_the_year_before_is_divided_by_what_a_release_has_told(tmp_path: Path) -> None:
    made = with_last_year(sent=True)
    assert codes(made, tmp_path / "told") == {"AUTHORITY_MISSING"}
    assert "THRESHOLDS_FOREIGN" not in codes(with_last_year(sent=False), tmp_path / "nobody knows")
    foreign = {"thresholds": TOLD, "thresholds_before": [REVENUE[470], REVENUE[1], REVENUE[0]]}
    made.sent[1].envelope = release_bytes(made.origin, 4, TIERED, WINDOW, [1000] * TIERED.cells, made.key, **foreign)
    made.leaves[4]["release_digest"] = release_digest(made.sent[1].envelope)
    made.seal()
    assert codes(made, tmp_path / "foreign") == {"AUTHORITY_MISSING", "THRESHOLDS_FOREIGN"}


def taking(made: Node, at: int, before: list[int]) -> Node:
    """A node of `with_last_year` whose release at an entry divides the year before by these."""
    told = {"thresholds": TOLD, "thresholds_before": before}
    made.sent[-1].envelope = release_bytes(made.origin, at, TIERED, WINDOW, [1000] * TIERED.cells, made.key, **told)
    made.leaves[at]["release_digest"] = release_digest(made.sent[-1].envelope)
    made.seal()
    return made


def test_own_thresholds_are_foreign_where_a_release_had_told_others(tmp_path: Path) -> None:
    """They are right only for who has never told any of those months, as `node()` has not."""
    assert "THRESHOLDS_FOREIGN" in codes(taking(with_last_year(sent=True), 4, BEFORE), tmp_path / "told")
    assert "THRESHOLDS_FOREIGN" not in codes(taking(with_last_year(sent=False), 4, BEFORE), tmp_path / "nobody knows")


@pytest.mark.parametrize(("first", "second"), [(LAST_YEAR, BEFORE), (BEFORE, LAST_YEAR)])
def test_the_newest_of_several_releases_over_those_months_counts(
    tmp_path: Path, first: list[int], second: list[int]
) -> None:
    """Two studies told thresholds of the same months, in either order; `first` was booked first."""
    made = node()
    del made.leaves[3:], made.sent[:]
    made.sealed = made.sealed[:1]
    tiers = {"thresholds": [*first, *TOLD[3:]], "thresholds_before": first}
    for seq, study, window, more in (
        (3, TIERED, WINDOWS["year-2024"], tiers),
        (4, BOUNDED, WINDOWS["year-2024"], {"thresholds": [TICKETS[5], *second]}),
        (5, TIERED, WINDOW, {"thresholds": TOLD, "thresholds_before": second}),
    ):
        envelope = release_bytes(made.origin, seq, study, window, [1000] * study.cells, made.key, **more)
        made.book(study.name, study.digest, None, window, parts_of(study), envelope, TIME + timedelta(minutes=seq))
        made.sent.append(Sent(None, None, envelope))
    made.seal()
    assert "THRESHOLDS_FOREIGN" not in codes(made, tmp_path / "newest")
    assert "THRESHOLDS_FOREIGN" in codes(taking(made, 5, first), tmp_path / "oldest")


def booked(*steps: tuple[Study, Window, dict[str, Any], bool]) -> Node:
    """A node with these releases, one after the other: study, window, what is told, and whether it was sent."""
    made = node()
    del made.leaves[3:], made.sent[:]
    made.sealed = made.sealed[:1]
    for seq, (study, window, more, sent) in enumerate(steps, 3):
        envelope = release_bytes(made.origin, seq, study, window, [1000] * study.cells, made.key, **more)
        made.book(study.name, study.digest, None, window, parts_of(study), envelope, TIME + timedelta(minutes=seq))
        made.sent += [Sent(None, None, envelope)] if sent else []
    made.seal()
    return made


def test_a_release_of_other_quantiles_that_was_not_sent_excuses_nothing(tmp_path: Path) -> None:
    last = {"thresholds": [*LAST_YEAR, *TOLD[3:]], "thresholds_before": LAST_YEAR}
    foreign = {"thresholds": TOLD, "thresholds_before": [REVENUE[470], REVENUE[1], REVENUE[0]]}
    year = WINDOWS["year-2024"]
    between = (ORDERS_ONLY, year, {"thresholds": [ORDERS[5]]}, False)
    assert "THRESHOLDS_FOREIGN" in codes(
        booked((TIERED, year, last, True), between, (TIERED, WINDOW, foreign, True)), tmp_path
    )


EARLY = [Window(date(1, 1, 1), date(1, 12, 31)), Window(date(1, 6, 1), date(2, 5, 31))]


@pytest.mark.parametrize("early", EARLY, ids=str)
def test_months_before_which_there_is_no_year_end_no_audit(tmp_path: Path, early: Window) -> None:
    told = {"thresholds": TOLD, "thresholds_before": BEFORE}
    assert "THRESHOLDS_FOREIGN" in codes(booked((TIERED, WINDOW, told, True), (TIERED, early, told, True)), tmp_path)
