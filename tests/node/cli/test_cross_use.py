"""What a person sees of cross-use: before, while and after it is done. About half a minute.

Nobody answers where the coordinator should be; what was sent before was sent in this process.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.home import Home, write_private
from node.membership.settings import Files
from node.network import rounds
from privacy.estimate.benchmark import Benchmark, Included, publish
from privacy.estimate.recompute import Received, body_of
from privacy.ledger.contents import release_digest
from privacy.rounds.market import Market
from tests.node.cli.run import Node, on_terminal
from tests.node.cross_use.house import (
    BUCKETS,
    COORDINATOR,
    DOMAIN,
    EPOCH,
    ROUND,
    STUDY,
    WINDOW,
    Member,
    market,
    people,
    sales,
)

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


def test_nothing_published_says_how_to_look(before: Path, tmp_path: Path) -> None:
    ended = copied(before, tmp_path)("cross-use")
    assert ended.status == 1
    assert "run --once" in ended.err
