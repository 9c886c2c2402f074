"""What a person sees of cross-use: before, while and after it is done. About a minute.

Nobody answers where the coordinator should be; what was sent before was sent in this process.
"""

import hashlib
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from node.agent.turn import Turn, _fetched
from node.cli.cross_use import Naming
from node.cli.twelve_months import days
from node.home import Home, write_private
from node.membership.settings import Files
from node.network import rounds
from node.wire.federation import Federation
from privacy.bounds.windows import twelve_months_to
from privacy.estimate.benchmark import Benchmark, Included, publish
from privacy.estimate.body import Cell
from privacy.estimate.recompute import Received, body_of
from privacy.ledger.contents import release_digest
from privacy.rounds.announcement import announce
from privacy.rounds.market import Market
from protos.kudos.v1.federation_pb2 import BenchmarkListed
from tests.node.cli.run import Node, on_terminal
from tests.node.cross_use.house import (
    BUCKETS,
    COORDINATOR,
    DOMAIN,
    EPOCH,
    LAST,
    ROUND,
    STUDY,
    WINDOW,
    Line,
    Member,
    Post,
    _network,
    market,
    people,
    sales,
)
from tests.node.membership.test_tls import certificate

NAMES = ("alpha", "beta", "delta", "gamma")


def published(members: list[Member], made: Market) -> bytes:
    """The benchmark of the round, as the coordinator makes it."""
    post = members[0].post
    announced = members[0].known().announcement
    received = [
        Received(member.id, member.contents().opened.origin, post.released[ROUND, member.id])
        for member in members
        if (ROUND, member.id) in post.released
    ]
    body = body_of(announced, received, (), made)
    benchmark = Benchmark(
        coordinator=DOMAIN,
        round=ROUND,
        version=1,
        supersedes=None,
        reason=None,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        window=WINDOW,
        published=datetime.now(UTC).replace(microsecond=0),
        releases=tuple(Included(each.member, release_digest(each.envelope)) for each in received),
        body=body,
    )
    return publish(benchmark, COORDINATOR)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A member with sales, and a round that waits."""
    alpha, *_ = market(tmp_path_factory.mktemp("before"), *NAMES)
    alpha.sells(sales(*people(*range(300))) + sales(*people(*range(300, 340)), postcode="0150"))
    alpha.known()
    return alpha.home.path


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after the round, published; delta sent a sketch and no counts."""
    members = market(tmp_path_factory.mktemp("after"), *NAMES)
    for number, member in enumerate(members):
        member.sells(sales(*people(*range(1500), *range(2000 + 100 * number, 2100 + 100 * number))))
        member.answer()
    made = members[0].post.make_market()
    for member in members:
        if member.id != "delta":
            member.answer()
    alpha = members[0]
    write_private(Files(alpha.home).benchmarks / f"{ROUND}.1.kudos", published(members, made))
    return alpha.home.path


def copied(home: Path, folder: Path) -> Node:
    shutil.copytree(home, folder / "home")
    return Node(folder / "home")


def test_a_review_says_what_a_sketch_is_who_reads_it_and_what_it_costs(before: Path, tmp_path: Path) -> None:
    node = copied(before, tmp_path)
    said = " ".join(node.good("review", ROUND).out.split())
    assert "It is not anonymous" in said
    assert "10 % becomes at most 23 %" in said
    assert "340 customers" in said
    assert "from ε 0.00" in said
    assert all(name.title() in said for name in NAMES)
    assert "the coordinator cannot be asked" in said
    assert f"approve {ROUND}" in said
    assert f"decline {ROUND}" in said
    shown = node.good("review", ROUND, "--json").json
    assert shown["sketch"] == {
        "buckets": BUCKETS,
        "flips": 17626,
        "flip_bits": 16,
        "epsilon": "0.99995",
        "paid": False,
        "posterior": {"0.01": 0.0267, "0.1": 0.232, "0.5": 0.731},
    }
    assert shown["customers"]["all"] == 340
    assert shown["customers"]["county"]["46"] == 300
    assert (shown["customers"]["frozen"], shown["sealed_for"], shown["named_pairs"]) == (False, None, False)
    assert shown["cost"]["epsilon"] == "1.09995"
    assert shown["cost"]["rho"] == "0.009"
    assert all(shown["blurred"][size] > 0 for size in ("2000", "20000", "100000"))


def test_the_shipped_study_is_reviewed_and_allowed_and_released_only_in_a_round(before: Path, tmp_path: Path) -> None:
    node = copied(before, tmp_path)
    assert "cross-use-year" in node.good("review", "cross-use-year").out
    assert node("review", "cross-use-year", "--cells").status == 2
    assert "a sketch a year" in node.good("policy", "allow", "cross-use-year").out
    checked = {row["study"]: row["status"] for row in node.good("policy", "check", "--json").json["studies"]}
    assert checked == {"cross-use-year": "ok", STUDY.name: "unknown"}
    refused = node("release", "cross-use-year", "--to-file")
    assert refused.status == 2
    assert "answered in a round" in refused.err


def test_a_yes_waits_until_the_sketches_are_over(before: Path, tmp_path: Path) -> None:
    node = copied(before, tmp_path)
    rounds.decide(Home(node.home), ROUND, rounds.APPROVED)
    (known,) = node.good("rounds", "--json").json["rounds"]
    assert known["status"] == "approved"
    assert known["sketch_deadline"] < known["deadline"]
    assert known["sketch_deadline"][:10] in node.good("rounds").out


def test_the_budget_says_what_a_sketch_may_cost_and_what_it_did(before: Path, after: Path, tmp_path: Path) -> None:
    assert "no sketch yet; your policy lets one a year cost ε 1" in copied(before, tmp_path / "a").good("budget").out
    said = copied(after, tmp_path / "b").good("budget").out
    assert f"the sketch of {EPOCH}: ε 0.99995, once for all cross-use of that year" in said
    assert "0.1" in said


def test_a_round_that_has_the_sketch_says_when_counts_follow(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    (rounds.folder_of(Home(node.home), ROUND) / "sent").unlink()
    said = node.good("rounds").out
    assert "sketch sent" in said
    assert "The counts follow after" in said
    assert node.good("rounds", "--json").json["rounds"][0]["status"] == "sketched"


def test_the_outbox_shows_the_terms_of_a_sketch_and_every_figure_of_a_count(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    sketch, count = node.good("outbox", "list", "--json").json
    assert sketch["study"] == "sketch"
    assert count["study"] == STUDY.name
    assert sketch["sent_to"] == count["sent_to"] == [ROUND]
    shown = node.good("outbox", "show", str(sketch["entry"]), "--json").json["sketch"]
    assert (shown["epoch"], shown["buckets"]) == (EPOCH, BUCKETS)
    assert 0 < shown["ones"] < BUCKETS
    said = node.good("outbox", "show", str(sketch["entry"])).out
    assert "signature good" in said
    assert "sealed" in said
    figures = node.good("outbox", "show", str(count["entry"]), "--json").json["count"]
    assert [peer["member"] for peer in figures["peers"]] == ["beta", "delta", "gamma"]
    assert len(figures["rows"]) == len(STUDY.groups) + 1
    assert len(figures["histogram"]) == 4
    assert "own customers" in node.good("outbox", "show", str(count["entry"])).out
    for columns in (80, 120):
        assert ROUND in on_terminal(node, "outbox", "list", columns=columns).out


def test_no_sketch_is_in_an_export(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    node.good("ledger", "export", "--restricted", "--out", tmp_path / "bundle")
    files = {file.name: file.read_text() for file in tmp_path.rglob("bundle*/**/*.jsonl")}
    assert files
    assert all("vnd.kudos.v1.sketch" not in text for text in files.values())
    assert any("vnd.kudos.v1.count" in text for text in files.values())


def test_what_is_published_is_shown_with_its_errors_and_who_is_missing(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    said = " ".join(node.good("cross-use").out.split())
    assert "How many different people the members reach" in said
    assert "±" in said
    assert "Delta sent a sketch and no counts" in said
    assert "you are Alpha" in said
    assert node.good("cross-use", ROUND).out == node.good("cross-use").out
    shown = node.good("cross-use", "--json").json
    assert shown["me"] == "alpha"
    assert {line["member"]: line["status"] for line in shown["market"]}["delta"] == "sketched"
    reach = next(cell for cell in shown["cells"] if cell["table"] == "reach")
    assert reach["measure"] == "people"
    written = node.good("cross-use", "--csv", tmp_path / "figures.csv").out
    assert "figures.csv" in written
    assert (tmp_path / "figures.csv").read_text().startswith("cohort,table")
    refused = node("benchmark", ROUND)
    assert refused.status == 2
    assert f"cross-use {ROUND}" in refused.err
    assert node("benchmark").status == 1  # there is none of tables


def certified(node: Node) -> Node:
    """Gives a node a certificate to call a coordinator with, which is not there."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key.public_key(), key, begin=datetime.now(UTC) - timedelta(days=1)).public_bytes(Encoding.PEM)
    files = Files(Home(node.home))
    write_private(files.certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + own)
    write_private(files.authority, own)
    return node


def changed(node: Node, old: str, new: str) -> None:
    """Writes another policy."""
    file = Home(node.home).policy_file
    text = file.read_text(encoding="utf-8")
    assert old in text
    write_private(file, text.replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('epsilon = "1"\nnamed_pairs', 'epsilon = "0.9"\nnamed_pairs', "sketch.epsilon"),
        ('epsilon = "1.1"', 'epsilon = "1"', "cap.epsilon"),
        ('epsilon = "1"\nrho', 'epsilon = "0.9"\nrho', "largest_release.epsilon"),
    ],
)
def test_what_would_be_refused_is_not_offered(before: Path, tmp_path: Path, old: str, new: str, line: str) -> None:
    node = copied(before, tmp_path)
    changed(node, old, new)
    said = node.good("review", ROUND).out
    assert f"`{line}` in your policy" in " ".join(said.split())
    assert "Take part" not in said
    assert f"policy allow {ROUND}" not in said
    assert f"decline {ROUND}" in said
    assert line in node.good("review", ROUND, "--json").json["refused"]
    assert f"policy allow {ROUND}" not in node.good("rounds").out
    node.good("policy", "allow", "cross-use-year")
    checked = {row["study"]: row for row in node.good("policy", "check", "--json").json["studies"]}
    assert checked["cross-use-year"]["status"] == "refused"


def test_leave_is_offered_where_the_study_is_what_is_missing(before: Path, tmp_path: Path) -> None:
    node = copied(before, tmp_path)
    changed(node, STUDY.digest, "sha256:" + 64 * "0")
    for said in (node.good("review", ROUND).out, node.good("rounds").out):
        assert f"policy allow {ROUND}" in said
    assert node.good("review", ROUND, "--json").json["refused"] is None


def test_a_round_that_is_published_asks_for_nothing(after: Path, tmp_path: Path) -> None:
    node = certified(copied(after, tmp_path))
    see = f"cross-use {ROUND}"
    for said in (node.good("review", ROUND).out, node.good("approve", ROUND, "--yes").out):
        assert "sent and counted; published: see" in said
        assert see in " ".join(said.split())
        assert "Take part" not in said
        assert "decline" not in said
    assert node.good("approve", ROUND, "--yes", "--json").json["status"] == "sent"
    refused = node("decline", ROUND)
    assert refused.status == 2
    assert see in refused.err
    assert "sent and counted" in node.good("rounds").out
    assert rounds.find(Home(node.home), _network("alpha"), ROUND).decision is None


def test_a_round_that_missed_its_counts_says_so(after: Path, tmp_path: Path) -> None:
    node = certified(copied(after, tmp_path))
    home = Home(node.home)
    (rounds.folder_of(home, ROUND) / "sent").unlink()
    rounds.note_told(home, rounds.find(home, _network("alpha"), ROUND), "published", "")
    assert "no counts were; published" in node.good("review", ROUND).out
    said = node.good("rounds").out
    assert "no counts" in said
    assert "follow" not in said
    for command in (("approve", ROUND, "--yes"), ("decline", ROUND)):
        ended = node(*command)
        assert ended.status != 0
        assert f"cross-use {ROUND}" in ended.err
        assert "kept" not in ended.err


def test_a_yes_to_a_round_that_has_the_sketch_says_when_counts_follow(after: Path, tmp_path: Path) -> None:
    node = certified(copied(after, tmp_path))
    (rounds.folder_of(Home(node.home), ROUND) / "sent").unlink()
    for file in Files(Home(node.home)).benchmarks.iterdir():
        file.unlink()
    ended = node("approve", ROUND, "--yes")
    assert ended.status != 0
    assert "has your sketch. The counts follow" in ended.err
    said = node.good("review", ROUND).out
    assert "It has your sketch" in said
    assert "Take part" not in said
    until = rounds.find(Home(node.home), _network("alpha"), ROUND).announcement.deadline
    assert f"{until:%Y-%m-%d}" in node.good("rounds").out


def test_a_round_over_other_months_says_which_the_list_is_of(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    home = Home(node.home)
    last = date(LAST.year, 2, 28) if LAST.month == 1 else LAST.replace(day=1) - timedelta(days=1)
    known = rounds.find(home, _network("alpha"), ROUND).announcement
    other = replace(known, round="other", window=twelve_months_to(last))
    write_private(rounds.folder_of(home, "other") / "announcement", announce(other, COORDINATOR))
    said = " ".join(node.good("review", "other").out.split())
    assert f"The list of the year {EPOCH} was made for {days(WINDOW)}" in said
    assert "was made for" not in node.good("review", ROUND).out


def test_an_agent_names_the_command_that_shows_what_came(after: Path, tmp_path: Path) -> None:
    node = copied(after, tmp_path)
    file = Files(Home(node.home)).benchmarks / f"{ROUND}.1.kudos"
    envelope = file.read_bytes()
    file.unlink()

    class Publisher(Line):
        def benchmark(self, _round: str, _version: int) -> bytes:
            return envelope

    done = Turn()
    line = cast("Federation", Publisher(Post(), _network("alpha")))
    listed = BenchmarkListed(round=ROUND, version=1, digest=hashlib.sha256(envelope).hexdigest())
    _fetched(Home(node.home), line, listed, done)
    assert done.did == [f"benchmark of {ROUND} (version 1) is here: kudos-node cross-use {ROUND}"]


def test_categories_are_named_and_only_pairs_have_two_sides(after: Path, tmp_path: Path) -> None:
    def cell(table: str, category: str) -> Cell:
        return Cell("network", table, category, "share", None, None, None, None, 4, "suppressed", "MOSTLY_NOISE")

    naming = Naming({"alpha": "Alpha"}, "county")
    assert naming.category(cell("multiplicity", "6+")) == "6+"
    assert naming.category(cell("pair", "alpha+beta")) == "Alpha and beta"
    assert naming.category(cell("county_pair", "03+46")) == "03 Oslo and 46 Vestland"
    assert naming.category(cell("group", "46")) == "46 Vestland"
    assert Naming({}, "age_band").category(cell("group", "46")) == "46"
    said = copied(after, tmp_path).good("cross-use").out
    assert "46 Vestland" in said
    assert "3-5" in said


def test_nothing_published_says_how_to_look(before: Path, tmp_path: Path) -> None:
    ended = copied(before, tmp_path)("cross-use")
    assert ended.status == 1
    assert "run --once" in ended.err
