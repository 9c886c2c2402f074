"""From counts to a benchmark of cross-use, its export for auditors, and what an operator is shown of it.

About fifteen seconds.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, update

from coordinator.errors import StaleStage, StoreUnusable, WrongLayout
from coordinator.home import Home
from coordinator.office import Office, opened
from coordinator.publish import export, publications
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds import rounds
from coordinator.rounds.stages import market_envelope
from coordinator.store.tables import declines, markets, sketch_chunks, submissions
from privacy.audit.bundle import envelope_of
from privacy.audit.paths import market_path, sketches_path
from privacy.audit.records import Dsse, MarketRecord, SketchLine
from privacy.bounds.windows import twelve_months_to
from privacy.estimate.benchmark import Benchmark, read
from privacy.estimate.figures import figures_of
from privacy.estimate.recompute import OtherReleases, Publication, body_of
from privacy.rounds.market import sign_market
from privacy.rounds.states import State
from privacy.signing.envelope import parse_public_key
from privacy.sketch.header import read_header
from tests.coordinator.cli.run import Coordinator
from tests.coordinator.cross_use.house import a_cross_round, announced, market_of
from tests.coordinator.cross_use.world import EACH, EVERYBODY, NAMES, counted, houses, round_of, sketch_of
from tests.coordinator.house import DEADLINE, NOW, a_round, an_office
from tests.databases import Databases, copied_folder

LATER = DEADLINE
OTHER_MONTHS = twelve_months_to(date(2025, 11, 30))


@pytest.fixture(scope="module")
def folder(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A coordinator with a published round of cross-use, of seven houses of which one has sent no count."""
    folder = tmp_path_factory.mktemp("published")
    with databases.one() as store:
        _published(folder, store)
        yield folder


def _published(folder: Path, store: str) -> None:
    with an_office(folder, store) as office:
        counted(office, houses(office), silent=NAMES[-1:])
        publish_round(office, draft(office, "cross", LATER), LATER)
        a_cross_round(office, "empty")
        a_round(office, "tables")


@pytest.fixture
def published(folder: Path, tmp_path: Path) -> Iterator[Office]:
    """A copy of it, opened."""
    with opened(Home(copied_folder(folder, tmp_path / "copy") / "coordinator")) as office:
        yield office


def benchmark_of(office: Office, version: int = 0) -> Benchmark:
    return read(publications.envelope(office.store, "cross", version), office.signing_key.public_key())


def test_a_round_is_published_and_tells_the_truth_within_its_errors(published: Office) -> None:
    found = benchmark_of(published)
    assert rounds.get(published.store, "cross").state is State.PUBLISHED
    standing = {line.member: line.status for line in found.body.market}
    assert standing == {**dict.fromkeys(NAMES[:-1], "counted"), NAMES[-1]: "sketched"}
    (people,) = [cell for cell in found.body.cells if cell.table == "reach"]
    assert people.value is not None
    assert people.standard_error is not None
    expected = EVERYBODY * (1 - (1 - EACH / EVERYBODY) ** 6)  # who is a customer of one of six at the least
    assert abs(float(people.value) - expected) < 5 * float(people.standard_error) + 200  # and of what was drawn


def test_a_further_version_and_a_round_of_tables_stand_beside_it(published: Office) -> None:
    fewer = draft(published, "cross", LATER, reason="a wrong export", without={NAMES[0]})
    assert fewer.shows_nothing
    assert {line.reason for line in fewer.benchmark.body.cohorts} == {"ISOLATES_MEMBERS"}  # six less five are one
    rounds.close(published.store, "tables", LATER)
    with published.store.reading() as connection:
        found = {name: figures_of(announced(published, name)[0]) for name in ("cross", "empty", "tables")}
        shown = {name: len(publications.shown_of(connection, each)) for name, each in found.items()}
    assert shown == {"cross": 1, "empty": 1, "tables": 0}


def test_rounds_of_other_months_of_a_year_are_held_against_each_other(tmp_path: Path) -> None:
    """All counts of a year are of the same lists: one member less, over other months, would give away that member."""
    with an_office(tmp_path) as office:
        found = houses(office)
        sketches = {each.joined.id: sketch_of(office, each, seed) for seed, each in enumerate(found)}
        round_of(office, found, sketches, "cross")
        round_of(office, found, sketches, "autumn", OTHER_MONTHS)
        round_of(office, found[1:], sketches, "fewer", OTHER_MONTHS)
        assert not draft(office, "fewer", LATER).shows_nothing  # nothing is published yet
        overtaken = draft(office, "fewer", LATER)
        publish_round(office, draft(office, "cross", LATER), LATER)
        with pytest.raises(StaleStage, match="same year of cross-use was published meanwhile"):
            publish_round(office, overtaken, LATER)
        fewer = draft(office, "fewer", LATER)
        assert fewer.shows_nothing
        assert {line.reason for line in fewer.benchmark.body.cohorts} == {"ISOLATES_MEMBERS"}
        again = draft(office, "autumn", LATER)
        assert not again.shows_nothing  # the same members as before
        publish_round(office, again, LATER)
        assert {each.round: each.published for each in publications.listed(office.store)} == {
            "cross": LATER,
            "autumn": LATER + timedelta(seconds=1),
        }


def test_an_earlier_round_of_the_year_whose_releases_are_not_there_is_not_passed_over(published: Office) -> None:
    market = market_of(published, "cross")
    with published.store.transaction() as connection:
        connection.execute(delete(submissions).where(submissions.c.round == "cross"))
    asked, _ = announced(published, "cross")
    other = replace(asked, window=OTHER_MONTHS)
    with published.store.reading() as connection:
        (shown,) = publications.shown_of(connection, figures_of(other))
    before = read(shown.envelope, published.signing_key.public_key())
    with pytest.raises(OtherReleases):
        body_of(other, (), [Publication(before, asked, (), market)], market)


@pytest.mark.parametrize("how", ["none", "of another key", "of fewer"])
def test_a_market_that_the_store_has_not_as_it_was_is_refused(published: Office, how: str) -> None:
    market = market_of(published, "cross")
    fewer = type(market)(market.coordinator, market.round, market.announcement_digest, market.seats[:-1])
    other = {
        "none": None,
        "of another key": sign_market(market, Ed25519PrivateKey.generate()),
        "of fewer": sign_market(fewer, published.signing_key),
    }[how]
    with published.store.transaction() as connection:
        mine = markets.c.round == "cross"
        connection.execute(
            delete(markets).where(mine) if other is None else update(markets).where(mine).values(envelope=other)
        )
    refusal = WrongLayout if how == "of fewer" else StoreUnusable
    with pytest.raises(refusal):
        draft(published, "cross", LATER, reason="why", without={NAMES[0]})


def taken(office: Office, *, restricted: bool) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path, content in export.files(office, LATER, restricted=restricted):
        files[path] = files.get(path, b"") + content
    return files


def test_an_auditor_gets_markets_and_headers_and_no_sketch(published: Office) -> None:
    files = taken(published, restricted=True)
    said = MarketRecord.model_validate_json(files[market_path("cross")])
    with published.store.reading() as connection:
        assert envelope_of(_plain(said)) == market_envelope(connection, "cross")
        chunks = connection.execute(select(sketch_chunks.c.chunk)).scalars().all()
    assert said.made == NOW
    lines = [SketchLine.model_validate_json(line) for line in files[sketches_path("cross")].splitlines()]
    assert [line.member for line in lines] == list(NAMES)
    announcement, _ = announced(published, "cross")
    for line in lines:
        seat = announcement.seat(line.member)
        assert seat is not None
        header = read_header(envelope_of(_plain(line)), parse_public_key(seat.signing_key))
        assert (header.contents.sending.sender, line.received, line.declined) == (line.member, NOW, None)
    assert files[sketches_path("empty")] == b""
    assert market_path("empty") not in files
    assert sketches_path("tables") not in files
    everything = b"".join(files.values())
    assert chunks
    assert not any(chunk[100:140] in everything for chunk in chunks)


def _plain(record: Dsse) -> Dsse:
    return Dsse(payloadType=record.payloadType, payload=record.payload, signatures=record.signatures)


def test_an_auditor_is_told_who_declined_after_sending_a_sketch(published: Office) -> None:
    with published.store.transaction() as connection:
        connection.execute(insert(declines).values(round="cross", member=NAMES[0], received=1_768_000_000))
    first = taken(published, restricted=False)[sketches_path("cross")].splitlines()[0]
    declined = SketchLine.model_validate_json(first).declined
    assert declined is not None
    assert declined.timestamp() == 1_768_000_000


def test_an_operator_sees_reach_groups_matrices_and_who_is_left_out(published: Office) -> None:
    coordinator = Coordinator(published.home.path)
    shown = coordinator.good("benchmark", "show", "cross").out
    assert "different people" in shown
    assert "of them use 1 institution" in shown
    assert "Common customers of institutions" in shown
    assert f"left out: {NAMES[-1]}, sent a sketch and no count" in shown
    pairs = coordinator.good("benchmark", "show", "cross", "--table", "pair").out
    assert f"{NAMES[0]}+{NAMES[1]}" in pairs
    said = coordinator.good("benchmark", "show", "cross", "--json").json
    assert {cell["table"] for cell in said["cells"]} >= {"reach", "multiplicity", "group", "pair", "industry_pair"}
    file = published.home.path.with_name("cross.csv")
    coordinator.good("benchmark", "export", "cross", "--out", file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert [row["table"] for row in rows] == [cell["table"] for cell in said["cells"]]
    further = coordinator.good("round", "publish", "cross", "--preview", "--reason", "why", "--without", NAMES[0])
    assert "single out" in further.out


def test_a_preview_shows_what_would_be_published(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        counted(office, houses(office))
        coordinator = Coordinator(office.home.path)
        shown = coordinator.good("round", "publish", "cross", "--preview").out
        assert "would show" in shown
        assert "The market has 7 sketches; 7 counts of these are added up." in shown
        assert "benchmark show" not in shown
        said = coordinator.good("round", "publish", "cross", "--preview", "--json").json
        assert json.dumps(said)
        assert rounds.get(office.store, "cross").state is State.CLOSED
