"""Histories that look odd and are honest: a clock set right, a new machine, years alone before joining, a recovery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from privacy.audit.codes import CODES, Severity
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.bounds.windows import Window
from privacy.ledger.leaves import Entry, Opened, WitnessAdopted
from privacy.signing.envelope import public_key_text
from tests.privacy.audit import federation as made
from tests.privacy.audit import houses
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import STUDY, Leaf, Node, key_of

_ENTRIES: TypeAdapter[Entry] = TypeAdapter(Entry)


def clock_set_right(network: Federation) -> None:
    """The coordinator's clock went back by 15 seconds between cosigning and taking, closing and publishing."""
    sent = network.nodes["house-c"].sent[0]
    assert sent.received is not None
    sent.received -= timedelta(seconds=15)


def published_as_it_closed(network: Federation) -> None:
    del network.benchmarks["year-2024", 1]
    network.publish("year-2024", 1, network.rounds["year-2024"].announcement.deadline - timedelta(seconds=15))


def new_machine(network: Federation) -> None:
    """A round was opened after a new machine had enrolled, and before its ledger named its key."""
    _on_another_machine(network, timedelta(minutes=4), recovered=False)


def recovered_on_a_new_machine(network: Federation) -> None:
    _on_another_machine(network, timedelta(minutes=-4), recovered=True)


def _on_another_machine(network: Federation, after_opening: timedelta, *, recovered: bool) -> None:
    name, node = "year-2025", network.nodes["house-g"]
    asked = network.rounds[name].announcement
    old, new = node.key, key_of("house-g second")
    node.leaves.pop()
    node.sent.pop()
    node.sealed.pop()
    node.append(leaf_of(houses.other_key(node, len(node.leaves), asked.opened)), asked.opened + after_opening)
    seats = [s.model_copy(update={"signing_key": public_key_text(new.public_key())}) for s in asked.roster[-1:]]
    network.announce(name, replace(asked, roster=(*asked.roster[:-1], *seats)))
    if recovered:
        entry = {"type": "recovery", "old": "absent", "given_up": [], "epsilon_u": 0, "rho_u": 0}
        node.sealed.pop()
        node.append(entry, asked.opened + after_opening)
    changed = next(seq for seq, leaf in enumerate(node.leaves) if leaf["type"] == "key")
    node.key = new
    node.release(STUDY, asked.window, name, asked.opened + timedelta(days=3), made.values(np.random.default_rng(5)))
    node.notes = {size: node.note(size, time, key=new if size > changed else old) for size, time in node.sealed}
    del network.benchmarks[name, 1], network.benchmarks[name, 2]
    network.publish(name, 1, asked.deadline + timedelta(days=3))


def leaf_of(entry: Entry) -> Leaf:
    found: Leaf = _ENTRIES.dump_python(entry, mode="json")
    return found


def alone_at_first(network: Federation) -> None:
    """One release a year by itself, then joined: the witness cosigned all of them on one day."""
    before = network.nodes["house-g"]
    node = Node("house-g", before.key)
    key = public_key_text(node.key.public_key())
    node.add(Opened(seq=0, time=_at(2021), origin=node.origin, public_key=key, version="0.1.0"))
    node.add(houses.policy(1, _at(2021)))
    for year in (2021, 2022, 2023):
        window = Window(date(year - 1, 1, 1), date(year - 1, 12, 31))
        node.release(STUDY, window, None, _at(year) + timedelta(days=33), [10**6] * STUDY.cells)
    node.add(WitnessAdopted(seq=5, time=houses.START, witness=houses.VERIFIER))
    node.sealed = [(6, houses.START + timedelta(seconds=5))]
    network.nodes["house-g"] = node
    network.benchmarks.clear()
    for name, opened in made.OPENED.items():
        window = houses.WINDOWS[name]
        node.release(STUDY, window, name, opened + timedelta(days=2), made.values(np.random.default_rng(1)))
        node.seal()
        network.publish(name, 1, network.rounds[name].announcement.deadline + timedelta(days=3))


def _at(year: int) -> datetime:
    return datetime(year, 1, 1, 9, tzinfo=UTC)


def booked_again(network: Federation) -> None:
    """A recovery books again what its given-up copy had booked alone, above what a later policy would allow."""
    node = network.nodes["house-b"]
    time = datetime(2026, 3, 1, tzinfo=UTC)
    node.append({**node.of_type("policy"), "cap_rho_u": 1, "largest_rho_u": 1}, time)
    entry = {"type": "recovery", "old": "whole", "given_up": ["ab" * 32], "epsilon_u": 0, "rho_u": 0}
    node.append(entry, time)
    spend = {**node.spends()[0], "round": None, "window": "2022-01-01/2022-12-31"}
    node.append({**spend, "release_digest": "sha256:" + "0" * 64}, time)
    node.seal()


Change = Callable[[Federation], None]
HONEST: list[tuple[Change, set[str]]] = [
    (clock_set_right, set()),
    (published_as_it_closed, set()),
    (new_machine, {"KEY_CHANGED", "ROSTER_KEY_MOVED"}),
    (recovered_on_a_new_machine, {"KEY_CHANGED", "RECOVERED"}),
    (alone_at_first, {"BEFORE_WITNESS", "WITNESSED_LATE", "UNSENT"}),
]


@pytest.mark.parametrize(("change", "notes"), HONEST, ids=lambda each: getattr(each, "__name__", ""))
def test_an_odd_history_is_sound(tmp_path: Path, change: Change, notes: set[str]) -> None:
    network = federation()
    change(network)
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        found = audit_network(bundle).findings
    assert {each.code for each in found} == notes, [str(each) for each in found]
    assert {CODES[code].severity for code in notes} <= {Severity.NOTE}


def test_more_than_was_given_up_is_not_booked_again(tmp_path: Path) -> None:
    """Else a recovery would be a way around every cap."""
    network = federation()
    booked_again(network)
    node = network.nodes["house-b"]
    node.append({**node.leaves[-1], "window": "2021-01-01/2021-12-31"}, datetime(2026, 3, 1, tzinfo=UTC))
    node.seal()
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        codes = {each.code for each in audit_network(bundle).findings}
    assert {"CAP_EXCEEDED", "LARGEST_EXCEEDED"} <= codes


def test_what_is_booked_again_above_the_cap_is_a_doubt(tmp_path: Path) -> None:
    """Honest it may be; but a made-up recovery would look alike."""
    network = federation()
    booked_again(network)
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        found = audit_network(bundle)
    assert {each.code for each in found.findings} == {"RECOVERED", "UNSENT", "REBOOKED_OVER_CAP"}
    assert any("booked again" in each.sentence for each in found.findings)
    assert CODES["REBOOKED_OVER_CAP"].severity is Severity.DOUBT
