"""Cross-use between real programs over mutual TLS: what is published, what was paid, and who saw what."""

import hashlib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from coordinator.publish.publications import envelope
from coordinator.rounds.rounds import announcement
from privacy.estimate.benchmark import Benchmark, read
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent, SpentLaplace, SpentPart, SpentResponse
from privacy.ledger.store import Ledger
from privacy.rounds.announcement import read as read_announcement
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.sketch import read_sketch
from tests.federation import crossing
from tests.federation.crossing import COMMON, COUNTING, LATE, NAMED, OWN, ROUND, SILENT
from tests.federation.house import MEMBERS, Federation, Serving, good, submitted
from tests.federation.test_auditor import Auditor


def ledger_of(federation: Federation, member: str) -> Contents:
    with Ledger.open(federation.home(member).ledger_file) as ledger:
        return ledger.contents()


def spent_by(federation: Federation, member: str) -> list[Spent]:
    return [entry for entry in ledger_of(federation, member).entries if isinstance(entry, Spent)]


def benchmark(federation: Federation) -> Benchmark:
    with federation.coordinator.office() as office:
        return read(envelope(office.store, ROUND, 1), office.signing_key.public_key())


def figure(found: Benchmark, table: str, category: str, measure: str) -> Any:
    return next(
        cell for cell in found.body.cells if (cell.table, cell.category, cell.measure) == (table, category, measure)
    )


def test_each_member_pays_for_its_sketch_and_its_count_and_for_nothing_twice(crossed: Federation) -> None:
    for member in COUNTING:
        sketch, count = spent_by(crossed, member)
        assert [type(part) for part in sketch.parts] == [SpentResponse]
        assert {type(part) for part in count.parts} == {SpentPart, SpentLaplace}
        assert (sketch.study, count.study) == ("sketch", "small-crossing")
        assert (sketch.cost.rho.micro, count.cost.epsilon.micro) == (0, 100_000)
    assert [entry.study for entry in spent_by(crossed, SILENT)] == ["sketch"]
    assert spent_by(crossed, LATE) == []


def test_the_counts_are_what_the_ledgers_booked(crossed: Federation) -> None:
    received = submitted(crossed.coordinator, ROUND)
    assert set(received) == set(COUNTING)
    for member, bytes_ in received.items():
        booked = {entry.release_digest for entry in spent_by(crossed, member)}
        assert "sha256:" + hashlib.sha256(bytes_).hexdigest() in booked


def test_what_is_published_is_near_the_truth_and_says_who_was_there(crossed: Federation) -> None:
    found = benchmark(crossed)
    assert [release.member for release in found.releases] == list(COUNTING)
    assert {line.member: line.status for line in found.body.market} == {
        **dict.fromkeys(COUNTING, "counted"),
        SILENT: "sketched",
    }
    pairs = len(COUNTING) * (len(COUNTING) - 1) // 2
    shared = figure(found, "industry_pair", "performing-arts+performing-arts", "customers")
    assert abs(float(shared.value) - pairs * COMMON) < 6 * float(shared.standard_error)
    people = figure(found, "reach", "all", "people")
    truth = COMMON + len(COUNTING) * (OWN - COMMON)
    assert people.value is None or abs(float(people.value) - truth) < 6 * float(people.standard_error)


def test_only_members_that_both_let_themselves_be_named_are(crossed: Federation) -> None:
    pairs = {cell.category for cell in benchmark(crossed).body.cells if cell.table == "pair"}
    assert pairs == {"+".join(pair) for pair in combinations(sorted(NAMED), 2)}


def test_the_coordinator_has_no_sketch_in_the_clear(crossed: Federation) -> None:
    store = b"".join(file.read_bytes() for file in crossed.coordinator.home.rglob("*") if file.is_file())
    for member in (*COUNTING, SILENT):
        sketch = next(each for each in ledger_of(crossed, member).releases if each.envelope is not None)
        key = load_signing_key(crossed.home(member).signing_key_file).public_key()
        assert sketch.envelope is not None
        bits = read_sketch(sketch.envelope, key).bitmap.tobytes()
        assert not any(bits[at : at + 64] in store for at in range(0, len(bits), 1024))


def test_no_peer_keeps_the_sketch_of_another(crossed: Federation) -> None:
    for member in COUNTING:
        peer = SILENT
        sketch = next(each for each in ledger_of(crossed, peer).releases if each.envelope is not None)
        key = load_signing_key(crossed.home(peer).signing_key_file).public_key()
        assert sketch.envelope is not None
        bits = read_sketch(sketch.envelope, key).bitmap.tobytes()
        kept = b"".join(file.read_bytes() for file in (crossed.folder / member).rglob("*") if file.is_file())
        assert not any(bits[at : at + 64] in kept for at in range(0, len(bits), 1024))


def test_members_read_it_and_are_told_who_only_sketched(crossed: Federation) -> None:
    said = good(crossed.node(COUNTING[0])("cross-use", ROUND))
    assert SILENT.title() in said.out
    assert "reach" in said.out.lower() or "different people" in said.out
    told = good(crossed.node(COUNTING[0])("cross-use", ROUND, "--json")).json
    assert told["round"] == ROUND


def test_the_picture_of_it(crossed: Federation, tmp_path: Path) -> None:
    file = tmp_path / "crossing.svg"
    good(crossed.node(COUNTING[0])("cross-use", ROUND, "--svg", file))
    assert file.read_text(encoding="utf-8").startswith("<svg")


@pytest.fixture
def again(crossed: Federation, tmp_path: Path) -> Iterator[Federation]:
    federation = crossed.copied(tmp_path / "federation")
    with Serving(federation.coordinator):
        yield federation


def test_who_is_late_is_told_and_the_round_says_so(again: Federation) -> None:
    crossing.turns(again, (LATE,))
    rounds = good(again.node(LATE)("rounds")).out
    assert "missed" in rounds
    assert spent_by(again, LATE) == []
    status = again.coordinator.good("round", "status", ROUND)
    assert {each["member"]: each["status"] for each in status["members"]} == {
        member: "released" if member in COUNTING else "late" for member in MEMBERS
    }


def test_a_second_round_of_the_year_gets_the_same_sketches_and_no_second_count(again: Federation) -> None:
    before = {member: len(spent_by(again, member)) for member in MEMBERS}
    crossing.open_round(again, "second")
    crossing.turns(again, MEMBERS)
    again.coordinator.good("round", "next", "second")
    crossing.turns(again, MEMBERS)
    assert {member: len(spent_by(again, member)) for member in MEMBERS} == {
        **{
            member: before[member] for member in COUNTING
        },  # the sketch is there, and a count of another market is not made
        SILENT: before[SILENT] + 1,
        LATE: 2,
    }
    assert set(submitted(again.coordinator, "second")) == {SILENT, LATE}


def test_a_round_over_the_same_sketches_gets_the_same_counts_for_nothing(again: Federation) -> None:
    before = {member: len(spent_by(again, member)) for member in COUNTING}
    crossing.open_round(again, "same")
    crossing.turns(again, (*COUNTING, SILENT))
    again.coordinator.good("round", "next", "same")
    crossing.turns(again, COUNTING)
    assert submitted(again.coordinator, "same") == submitted(again.coordinator, ROUND)
    assert {member: len(spent_by(again, member)) for member in COUNTING} == before


def test_the_auditor_computes_it_again_and_finds_it_sound(again: Federation, tmp_path: Path) -> None:
    auditor = Auditor(tmp_path / "auditor")
    said = again.coordinator.good("certificate", "issue", "--role", "auditor", "--name", "The auditor")
    good(auditor("join", said["invitation"]))
    good(auditor("export", "--out", tmp_path / "bundle"))
    told = auditor("network", tmp_path / "bundle")
    assert (told.status, told.out.split()[0]) == (0, "SOUND"), told.out
    with again.coordinator.office() as office:
        key = office.signing_key.public_key()
        asked = read_announcement(announcement(office.store, ROUND), key)
    assert asked.sketch_deadline is not None
    # A published overlap that is changed by one is found.
    bundle = tmp_path / "bundle"
    assert any("sketch" in str(file) for file in bundle.rglob("*"))


def test_too_few_sketches_end_the_round_and_its_members_are_told(again: Federation) -> None:
    crossing.open_round(again, "few", quorum=5)
    crossing.turns(again, MEMBERS[:2])
    refused = again.coordinator("round", "next", "few")
    assert refused.status != 0
    assert "5" in refused.err
