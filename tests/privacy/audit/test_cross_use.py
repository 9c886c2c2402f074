"""Cross-use as an auditor sees it: honest rounds are sound, what is said of them, and what is worth a note.

Dishonest ones: `dishonesty/of_cross_use.py`. Some 10 s: each round is solved anew.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from privacy.audit.bundle import envelope_of, write
from privacy.audit.codes import CODES, Severity
from privacy.audit.leaf_check import Reader, read_slowly
from privacy.audit.network import Report, audit_ledgers, audit_network
from privacy.audit.paths import is_path, market_path, rounds_in, sketches_path
from privacy.audit.reading import open_bundle
from privacy.audit.records import MarketRecord, SketchLine
from privacy.audit.verdict import Verdict
from privacy.audit.watching import visit
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import parse
from privacy.rounds.announcement import announce
from protos.kudos.v1.cross_use_pb2 import Count
from tests.privacy.audit import market as made
from tests.privacy.audit.federation import Federation, Sketched
from tests.privacy.audit.houses import COORDINATOR, Sent
from tests.privacy.audit.market import NAME, crossing
from tests.privacy.audit.test_cli import audit

Change = Callable[[Federation], None]


def audited(network: Federation, folder: Path) -> Report:
    with open_bundle(network.write(folder / "bundle")) as bundle:
        return audit_network(bundle)


def codes(report: Report) -> set[str]:
    return {each.code for each in report.findings}


def test_an_honest_round_is_sound(tmp_path: Path) -> None:
    report = audited(crossing(), tmp_path)
    assert report.findings == ()
    assert report.verdict is Verdict.SOUND
    assert report.sketches == 7
    (benchmark,) = [each for each in report.benchmarks if each.round == NAME]
    assert benchmark.figures is not None
    assert benchmark.figures >= 21  # of each pair at the least


def test_its_spending_stands_by_name_and_both_accountants_agree(tmp_path: Path) -> None:
    for account in audited(crossing(), tmp_path).accounts:
        year = account.years[-1]
        spent = {each.study: (str(each.spend.epsilon), str(each.spend.rho)) for each in year.studies}
        assert spent == {"crossing": ("0.1", "0.009"), "sketch": ("0.99995", "0"), "small": ("0", "0.029995")}
        assert year.second is not None
        assert 1.5 < year.second <= year.highest.micro / 10**6


# ---- honest rounds that look odd


def aborted_with_sketches(network: Federation) -> None:
    """Too few sketches were there, and nobody counted; the same sketches served the next round."""
    made.open_round(network, "cross-first")
    _sketched_again(network, "cross-first")
    record = network.rounds["cross-first"].record
    network.rounds["cross-first"].record = record.model_copy(update={"state": "aborted", "reason": "Too few."})


def counted_for_two_rounds(network: Federation) -> None:
    """A second round over the same sketches: the counts that are paid for answer it too."""
    made.open_round(network, "cross-second")
    _sketched_again(network, "cross-second")
    made.make_market(network, "cross-second")
    for node in network.nodes.values():
        count = made.count_sent(node)
        node.sent.append(Sent("cross-second", count.received, count.envelope))
    network.publish("cross-second", 1, made.PUBLISHED + timedelta(days=1))


def _sketched_again(network: Federation, name: str) -> None:
    for node in network.nodes.values():
        sketch = made.sketch_of(node, made.sketch_leaf(node)["seq"])
        header = made.header_of(network, name, node, sketch)
        network.sketches[name][node.id] = Sketched(header, network.sketches[NAME][node.id].received)


def market_made_as_soon_as_all_were_there(network: Federation) -> None:
    made.make_market(network, NAME, made.SKETCHED + timedelta(days=1))


def clock_set_right(network: Federation) -> None:
    """The coordinator's clock went back by minutes while the market was made."""
    envelope, _ = network.markets[NAME]
    network.markets[NAME] = envelope, made.COUNTED_AT + timedelta(minutes=5)


def counted_over_other_months(network: Federation) -> None:
    """A further round of the year, over other months, with the same members: it shows what was shown already."""
    made.other_months(network)
    network.publish(made.MONTHS, 1, made.PUBLISHED + timedelta(days=1))
    assert network.benchmark(made.MONTHS, 1).body.cells


def counted_over_other_months_by_fewer(network: Federation) -> None:
    """Without one of them, it shows nothing."""
    made.other_months(network, without=("house-g",))
    network.publish(made.MONTHS, 1, made.PUBLISHED + timedelta(days=1))
    assert not network.benchmark(made.MONTHS, 1).body.cells


def in_the_second_of_tables(network: Federation) -> None:
    """Tables of the same window add up other figures."""
    time = network.benchmark("year-2025", 2).published
    del network.benchmarks[NAME, 1]
    network.publish(NAME, 1, time)


@pytest.mark.parametrize(
    "change",
    [
        counted_over_other_months,
        counted_over_other_months_by_fewer,
        in_the_second_of_tables,
        aborted_with_sketches,
        counted_for_two_rounds,
        market_made_as_soon_as_all_were_there,
        clock_set_right,
    ],
)
def test_an_odd_round_is_sound(tmp_path: Path, change: Change) -> None:
    network = crossing()
    change(network)
    assert [str(each) for each in audited(network, tmp_path).findings] == []


def test_who_declined_after_sketching_is_noted(tmp_path: Path) -> None:
    report = audited(crossing(declined=("house-g",)), tmp_path)
    assert codes(report) == {"LEFT_OUT_WITH_REASON"}
    assert report.verdict is Verdict.SOUND


def test_who_sketched_and_never_counted_is_in_the_market(tmp_path: Path) -> None:
    network = crossing(silent=("house-g",))
    assert audited(network, tmp_path).findings == ()
    lines = {line.member: line.status for line in network.benchmark(NAME, 1).body.market}
    assert lines["house-g"] == "sketched"


# ---- doubts and notes


def sketch_of_an_unknown_study(network: Federation) -> None:
    node = network.nodes["house-b"]
    made.sketch_leaf(node)["study_digest"] = "sha256:" + "ab" * 32
    node.seal()


def unsent_sketch(network: Federation) -> None:
    """The round is not there at all: who sketched for it has paid."""
    for each in network.nodes.values():
        del each.sent[-1]
    del network.rounds[NAME], network.sketches[NAME], network.markets[NAME], network.benchmarks[NAME, 1]


@pytest.mark.parametrize(("change", "code"), [(sketch_of_an_unknown_study, "STUDY_UNKNOWN"), (unsent_sketch, "UNSENT")])
def test_it_is_found(tmp_path: Path, change: Change, code: str) -> None:
    network = crossing()
    change(network)
    assert code in codes(audited(network, tmp_path))


def test_a_sketch_in_place_of_a_release_is_none(tmp_path: Path) -> None:
    """A coordinator has no sketch in the clear; were one listed, it would be no release."""
    network = crossing()
    node = network.nodes["house-b"]
    sketch = made.sketch_of(node, made.sketch_leaf(node)["seq"])
    node.sent.append(Sent(NAME, made.COUNTED_AT, sketch))
    assert "RELEASE_SIGNATURE" in codes(audited(network, tmp_path))


def test_without_its_market_what_came_later_cannot_be_told(tmp_path: Path) -> None:
    network = crossing()
    counted_for_two_rounds(network)
    del network.markets[NAME]
    report = audited(network, tmp_path)
    assert {"MARKET_MISSING", "EARLIER_NOT_COMPUTABLE"} <= codes(report)
    assert CODES["EARLIER_NOT_COMPUTABLE"].severity is Severity.DOUBT


def test_an_audit_of_one_round_has_those_of_other_months_of_the_year(tmp_path: Path) -> None:
    network = crossing()
    counted_over_other_months(network)
    network.change_benchmark(NAME, 1, lambda content: content.update(coordinator="other.example"))
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        report = audit_network(bundle, only_round=made.MONTHS)
    assert {each.subject for each in report.findings if each.code == "BENCHMARK_DIFFERS"} == {NAME}


def test_without_a_market_of_other_months_what_came_later_cannot_be_told(tmp_path: Path) -> None:
    network = crossing()
    counted_over_other_months(network)
    del network.markets[NAME]
    assert "EARLIER_NOT_COMPUTABLE" in codes(audited(network, tmp_path))


def test_a_node_alone_may_show_what_it_booked(tmp_path: Path) -> None:
    """Of the public part, ledgers alone: without its announcement the study is not known."""
    network = crossing()
    unsent_sketch(network)
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        report = audit_ledgers(bundle)
        assert codes(report) == {"STUDY_UNKNOWN"}
        assert audit_ledgers(bundle, given=[made.STUDY]).verdict is Verdict.SOUND


@pytest.mark.parametrize(
    ("counters", "named"), [("abcdefg", ["house-b"]), ("abc", ["house-b"]), ("ab", ["house-a", "house-b"])]
)
def test_who_is_alone_with_the_bits_of_a_sketch_is_named(tmp_path: Path, counters: str, named: list[str]) -> None:
    """Once, whatever the number of sketches. Of two that contradict each other both are."""
    network = crossing(silent=tuple(f"house-{letter}" for letter in "abcdefg" if letter not in counters))
    node = network.nodes["house-b"]
    count = Count.FromString(made.payload_of(made.count_sent(node).envelope))
    for each in count.peers:
        each.ones += 1
    sent, leaf = made.count_sent(node), made.count_leaf(node)
    sent.envelope = made.count_of(network, NAME, node, leaf["seq"], peers=list(count.peers))
    leaf["release_digest"] = release_digest(sent.envelope)
    node.seal()
    found = [each for each in audited(network, tmp_path).findings if each.code == "ONES_DIFFER"]
    assert [each.subject for each in found] == named


# ---- files, visits, commands


def test_markets_and_headers_are_read_back(tmp_path: Path) -> None:
    network = crossing(declined=("house-g",))
    with open_bundle(network.write(tmp_path / "bundle.tar")) as bundle:
        market = MarketRecord.model_validate_json(bundle.read(market_path(NAME)))
        assert (envelope_of(market), market.made) == network.markets[NAME]
        lines = [SketchLine.model_validate_json(line.content) for line in bundle.lines(sketches_path(NAME))]
        assert bundle.strangers == []
    sketches = network.sketches[NAME]
    assert [line.member for line in lines] == list(sketches)
    assert [envelope_of(line) for line in lines] == [each.header for each in sketches.values()]
    assert [line.declined for line in lines] == [each.declined for each in sketches.values()]
    assert rounds_in((market_path("x"), sketches_path("y"))) == ["x", "y"]
    assert not is_path(f"public/rounds/{NAME}/sketches.json")


def test_a_member_that_stands_twice_among_the_sketches(tmp_path: Path) -> None:
    network = crossing()
    files = [
        (path, content + content.splitlines(keepends=True)[0] if path == sketches_path(NAME) else content)
        for path, content in network.files()
    ]
    with open_bundle(write(files, tmp_path / "bundle").path) as bundle:
        assert codes(audit_network(bundle)) == {"SKETCH_TWICE"}


def test_another_market_than_at_the_last_visit_is_found(tmp_path: Path) -> None:
    network = crossing()
    for time in (made.MARKET_MADE, made.COUNTED_AT):
        made.make_market(network, NAME, time)
        with open_bundle(network.write(tmp_path / f"{time:%d}")) as bundle:
            visited = visit(tmp_path / "seen", bundle, audit_network(bundle))
    assert [each.code for each in visited.findings] == ["ROUND_REWRITTEN"]
    assert "The market" in visited.findings[0].sentence


def test_the_commands_count_sketches(tmp_path: Path) -> None:
    bundle = crossing().write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "network", bundle, "--report", tmp_path / "report.html")
    assert ended.out.startswith("SOUND   7 members · 14 ledger-years · 21 releases · 7 sealed sketches · 4 benchmarks")
    assert "crossing × 1, sketch × 1, small × 1" in ended.out
    assert "sealed bytes hold the sketch" in " ".join(ended.out.split())
    assert "7 sealed sketches" in (tmp_path / "report.html").read_text(encoding="utf-8")
    of_round = " ".join(audit(tmp_path / "home", "round", bundle, NAME).out.split())
    assert "7 of 7 released · 7 sketches, 7 in its market · version 1:" in of_round
    assert audit(tmp_path / "home", "network", bundle, "--json").json["sketches"] == 7


def test_a_sketch_and_a_count_are_explained(tmp_path: Path) -> None:
    network = crossing()
    node, bundle = network.nodes["house-b"], network.write(tmp_path / "bundle")

    def said(entry: int) -> str:
        ended = audit(tmp_path / "home", "explain", str(entry), "--bundle", bundle, "--member", "house-b")
        assert ended.status == 0
        return " ".join(ended.out.split())

    sketch = said(made.sketch_leaf(node)["seq"])
    assert "A sketch of the customers over 2025-01-01 to 2025-12-31, for the round cross-2025: 16 384 bits" in sketch
    assert "flipped in 27 of 100 cases" in sketch
    assert "suspects with 10 % that someone is a customer, is at 23 %" in sketch
    assert "but for a chance" not in sketch
    assert "Two chances in three" not in sketch
    count = said(made.count_leaf(node)["seq"])
    assert "Counted: the study crossing" in count
    assert "against the sketches of 6 other members, for all and for" in count
    assert "cross_use sums" in count
    assert "cross_use histogram 7 ±14" in count


# ---- leaves


def test_both_ways_of_reading_agree_on_sketches_and_counts() -> None:
    leaves = [leaf for leaf in crossing().nodes["house-b"].written() if b'"type":"spend"' in leaf]
    reader = Reader()
    for leaf in (*leaves, *leaves):
        assert reader.read(leaf) == read_slowly(leaf)
        assert reader.read(leaf).entry == parse(leaf)
        for old, new in ((b'"epsilon_u":', b'"epsilon_u":1'), (b'"flips":', b'"flips":1'), (b'"l1":1', b'"l1":2'),
                         (b'"epsilon_u":0', b'"epsilon_u":00'), (b'"flip_bits":16', b'"flip_bits":0')):  # fmt: skip
            for changed in (leaf.replace(old, new, 1), leaf.replace(old, new)):
                assert reader.read(changed) == read_slowly(changed)
                assert changed == leaf or reader.read(changed).faults


def test_an_announcement_of_other_stages_is_another_round(tmp_path: Path) -> None:
    """Sketches are bound to the announcement as it was signed: a later deadline makes them those of another round."""
    network = crossing()
    asked = network.rounds[NAME].announcement
    later = replace(asked, sketch_deadline=made.SKETCHES_UNTIL + timedelta(days=1))
    network.rounds[NAME].envelope = announce(later, COORDINATOR)
    found = codes(audited(network, tmp_path))
    assert {"SKETCH_OF_OTHER_ROUND", "MARKET_UNREADABLE"} <= found
