"""What a node does when its coordinator lies about rounds, benchmarks, receipts and certificates: it keeps what it has,
sends nothing, spends nothing, and says so."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from coordinator.authority import ca
from coordinator.rounds.rounds import announcement
from node.membership.errors import NoConnection
from node.membership.settings import Files
from node.membership.tls import held, sealing_key
from node.wire.federation import connected
from privacy.bounds.windows import Window, twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.rounds.announcement import Announcement, Seat, announce, read
from privacy.signing.keyfile import load_signing_key
from tests.coordinator.house import Keys
from tests.federation.ageing import aged, requested_key
from tests.federation.house import Federation, agree_by_itself, good, now, spent, submitted
from tests.federation.liar import Stage, lying

WHO = "fjord"


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    """A federation whose member answers by itself, and a round that asks it."""
    federation = joined.copied(tmp_path / "federation")
    agree_by_itself(federation.home(WHO))
    with lying(federation) as found:
        found.open_round("round")
        yield found


def _announced(
    stage: Stage, change: Callable[[Announcement], Announcement], key: Ed25519PrivateKey | None = None
) -> None:
    """Has the round announced with a change, signed by the coordinator or by another key."""
    office = stage.office
    honest = read(announcement(office.store, "round"), office.signing_key.public_key())
    envelope = announce(change(honest), key or office.signing_key)

    def lie(answer: Any) -> Any:
        answer.rounds[0].announcement = envelope
        return answer

    stage.lies["ListRounds"] = lie


def _seats(change: Callable[[Seat], Seat]) -> Callable[[Announcement], Announcement]:
    return lambda said: replace(said, roster=tuple(change(seat) for seat in said.roster))


def _other_commitment(seat: Seat) -> Seat:
    return seat.model_copy(update={"identity_commitment": "ab" * 32}) if seat.member == "aker" else seat


def _all_other_commitments(seat: Seat) -> Seat:
    return seat.model_copy(update={"identity_commitment": "ab" * 32})


def _others(**change: object) -> Callable[[Announcement], Announcement]:
    """Another key for all others, and none for this node, which is told of no difference."""
    none = {"identity_commitment": None, "identity_epoch": None}
    return _seats(lambda seat: seat.model_copy(update=none if seat.member == WHO else change))


def _mine(**change: object) -> Callable[[Announcement], Announcement]:
    return _seats(lambda seat: seat.model_copy(update=change) if seat.member == WHO else seat)


def _without_me(said: Announcement) -> Announcement:
    return replace(said, roster=tuple(seat for seat in said.roster if seat.member != WHO))


_LIES: dict[str, tuple[Callable[[Announcement], Announcement], str]] = {
    "commitments that differ": (_seats(_other_commitment), "ROSTER_REFUSED"),
    "another key for everybody": (_seats(_all_other_commitments), "ROSTER_REFUSED"),
    "another key for all but me": (_others(identity_commitment="ab" * 32), "ROSTER_REFUSED"),
    "another key of an epoch to come for all but me": (
        _others(identity_commitment="ab" * 32, identity_epoch=9),
        "ROSTER_REFUSED",
    ),
    "another key of no epoch for all but me": (
        _others(identity_commitment="ab" * 32, identity_epoch=None),
        "ROSTER_REFUSED",
    ),
    "an epoch to come": (_mine(identity_epoch=7), "ROSTER_REFUSED"),
    "another signing key of mine": (_mine(signing_key="cd" * 32), "ROSTER_REFUSED"),
    "another sealing key of mine": (_mine(sealing_key="cd" * 32), "ROSTER_REFUSED"),
    "without me": (_without_me, "ROSTER_REFUSED"),
    "another network": (lambda said: replace(said, coordinator="other.example"), "COORDINATOR_CONTRADICTS"),
}


def _nothing_left(stage: Stage, reason: str) -> None:
    """Asserts that a turn names the fault, and that nothing was sent, spent or kept of the round."""
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == [reason]
    assert str(done.faults[0]).endswith((".", "status"))
    assert "Submit" not in stage.heard
    assert spent(stage.federation.home(WHO)) == []
    assert submitted(stage.federation.coordinator, "round") == {}


@pytest.mark.parametrize("what", list(_LIES))
def test_an_announcement_that_cannot_be_is_refused(stage: Stage, what: str) -> None:
    change, reason = _LIES[what]
    _announced(stage, change)
    _nothing_left(stage, reason)
    assert not (stage.federation.folder / WHO / "rounds").exists()


_WINDOWS: dict[str, tuple[Window, str]] = {
    "one month": (Window(date(2025, 12, 1), date(2025, 12, 31)), "ROSTER_REFUSED"),
    "thirteen months": (Window(date(2024, 12, 1), date(2025, 12, 31)), "ROSTER_REFUSED"),
    "from the middle of a month": (Window(date(2025, 1, 2), date(2025, 12, 31)), "ROSTER_REFUSED"),
    "to the middle of a month": (Window(date(2024, 12, 16), date(2025, 12, 15)), "USAGE"),
    "not over yet": (twelve_months_to(date(2099, 12, 31)), "USAGE"),
}


@pytest.mark.parametrize("what", list(_WINDOWS))
def test_a_window_that_is_not_twelve_whole_months_that_are_over_costs_nothing(stage: Stage, what: str) -> None:
    """Signed by the coordinator itself: months that overlap, or that go on, would cost again what they have cost."""
    window, reason = _WINDOWS[what]
    _announced(stage, lambda said: replace(said, window=window))
    _nothing_left(stage, reason)
    ended = stage.federation.node(WHO)("approve", "round", "--yes", "--json")
    assert ended.json["error"]["reason"] == reason
    _nothing_left(stage, reason)


def test_an_announcement_that_another_key_signed_is_refused(stage: Stage) -> None:
    _announced(stage, lambda said: said, Ed25519PrivateKey.generate())
    _nothing_left(stage, "BAD_ANNOUNCEMENT")


def test_an_announcement_with_a_flipped_byte_is_refused(stage: Stage) -> None:
    def lie(answer: Any) -> Any:
        said = bytearray(answer.rounds[0].announcement)
        said[len(said) // 2] ^= 1
        answer.rounds[0].announcement = bytes(said)
        return answer

    stage.lies["ListRounds"] = lie
    _nothing_left(stage, "BAD_ANNOUNCEMENT")


def test_an_honest_announcement_is_answered(stage: Stage) -> None:
    """The other half of the tests above: they fail for the lie and for nothing else."""
    assert stage.turn(WHO).did == ["round round: the release was sent"]
    assert list(submitted(stage.federation.coordinator, "round")) == [WHO]


def test_another_key_for_all_but_this_node_is_refused_though_its_own_commitment_is_hidden_from_it(stage: Stage) -> None:
    """It has noted what it committed to; a coordinator that shows it as a newcomer changes nothing of that."""
    stage.lies["ListRounds"] = lambda answer: type(answer)()
    assert stage.turn(WHO).faults == []

    def lie(answer: Any) -> Any:
        for each in answer.members:
            if each.id == WHO:
                each.commitment = b""
        return answer

    stage.lies["ListMembers"] = lie
    _announced(stage, _others(identity_commitment="ab" * 32))
    _nothing_left(stage, "ROSTER_REFUSED")


def test_a_roster_that_seats_this_node_without_its_key_and_the_others_with_the_same_is_answered(stage: Stage) -> None:
    """As it is where the round was opened before this node took the key in, or the next epoch of it."""
    _announced(stage, _mine(identity_commitment=None, identity_epoch=None))
    assert stage.turn(WHO).did == ["round round: the release was sent"]


def test_one_member_that_commits_to_another_key_stops_nobodys_round(joined: Federation, tmp_path: Path) -> None:
    federation = joined.copied(tmp_path / "with-a-liar")
    agree_by_itself(federation.home(WHO))
    with lying(federation) as found:
        liar = federation.home("aker")
        sealing = sealing_key(Files(liar).sealing_key).public_key()
        false = make_commitment(
            KeyChain.generate().extended(), "aker", load_signing_key(liar.signing_key_file), sealing
        )
        with connected(liar) as calls:
            calls.publish_commitment(false)
        found.open_round("round")
        assert found.turn(WHO).did == ["round round: the release was sent"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_round_that_is_announced_anew_with_other_contents_is_refused(stage: Stage, when: str) -> None:
    """Before and after the release was sent; the node keeps to the first."""
    if when == "before":
        stage.lies["Submit"] = _gone
        assert stage.turn(WHO).faults
        del stage.lies["Submit"]
        stage.heard.clear()
    else:
        assert not stage.turn(WHO).faults
    kept = (stage.federation.folder / WHO / "rounds" / "round" / "announcement").read_bytes()
    _announced(stage, lambda said: replace(said, deadline=said.deadline + timedelta(days=30)))
    stage.heard.clear()
    assert [fault.reason for fault in stage.turn(WHO).faults] == ["COORDINATOR_CONTRADICTS"]
    assert "Submit" not in stage.heard
    assert (stage.federation.folder / WHO / "rounds" / "round" / "announcement").read_bytes() == kept


def _gone(answer: Any) -> Any:
    answer.release_digest = "00" * 32
    return answer


def test_a_receipt_for_other_bytes_is_not_believed_and_the_release_is_sent_again_for_free(stage: Stage) -> None:
    stage.lies["Submit"] = _gone
    assert [fault.reason for fault in stage.turn(WHO).faults] == ["COORDINATOR_CONTRADICTS"]
    assert not (stage.federation.folder / WHO / "rounds" / "round" / "sent").exists()
    del stage.lies["Submit"]
    assert stage.turn(WHO).did == ["round round: the release was sent"]
    paid = spent(stage.federation.home(WHO))
    assert len(paid) == 1
    assert submitted(stage.federation.coordinator, "round") == {WHO: paid[0].envelope}


@pytest.mark.parametrize(("asked", "taken"), [(-5, 1), (0, 1), (2**31 - 1, 24 * 3600)])
def test_a_pause_without_sense_is_bounded(stage: Stage, asked: int, taken: int) -> None:
    def lie(answer: Any) -> Any:
        answer.retry_after_s = asked
        return answer

    stage.lies["ListRounds"] = lie
    assert stage.turn(WHO).retry_after_s == taken


def test_one_bad_round_does_not_keep_the_node_from_another(stage: Stage) -> None:
    stage.open_round("second", "2025-11-30")

    def lie(answer: Any) -> Any:
        for each in answer.rounds:
            if b"second" not in each.announcement:
                each.announcement = b"no envelope"
        return answer

    stage.lies["ListRounds"] = lie
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == ["BAD_ANNOUNCEMENT"]
    assert done.did == ["round second: the release was sent"]


def test_a_clock_that_is_wrong_is_told(stage: Stage) -> None:
    def lie(answer: Any) -> Any:
        answer.time_s += 3600
        return answer

    stage.lies["Hello"] = lie
    assert any("60 minutes apart" in line for line in stage.turn(WHO).waiting)


@pytest.mark.parametrize("what", ["another authority", "another key", "another name", "garbage"])
def test_a_renewal_that_brings_no_certificate_of_ones_own_leaves_the_old_one(stage: Stage, what: str) -> None:
    home = stage.federation.home(WHO)
    file = home.path / "keys" / "tls.pem"
    aged(stage.office, home, 61)
    before = file.read_bytes()
    name = f"spiffe://npu.example/member/{'aker' if what == 'another name' else WHO}"

    def lie(answer: Any) -> Any:
        issuer = ca.make("npu.example", now()) if what == "another authority" else stage.office.authority
        key = Keys().tls if what == "another key" else requested_key(home.path / "keys" / "tls.request.pem")
        certificate = ca.issue_client(issuer, key.public_key(), name, now())
        answer.certificate = b"none" if what == "garbage" else certificate.public_bytes(Encoding.DER)
        return answer

    stage.lies["Renew"] = lie
    done = stage.turn(WHO)
    assert [fault.reason for fault in done.faults] == ["BAD_CERTIFICATE"]
    assert done.did == ["round round: the release was sent"]
    assert file.read_bytes() == before
    del stage.lies["Renew"]
    assert "the certificate was renewed" in stage.turn(WHO).did
    assert held(file).ends > now() + timedelta(days=80)


# Benchmarks: the federation after its two rounds, and a member that has fetched nothing.


@pytest.fixture
def afterwards(past: Federation, tmp_path: Path) -> Iterator[Stage]:
    federation = past.copied(tmp_path / "federation")
    with lying(federation) as found:
        yield found


def _folder(stage: Stage) -> Path:
    return stage.federation.folder / WHO / "benchmarks"


def _forget(stage: Stage) -> None:
    for file in _folder(stage).iterdir():
        file.unlink()


def test_a_benchmark_that_was_changed_after_its_publication_is_refused_and_the_first_one_kept(
    afterwards: Stage,
) -> None:
    before = {file.name: file.read_bytes() for file in _folder(afterwards).iterdir()}
    assert len(before) == 2

    def lie(answer: Any) -> Any:
        for each in answer.benchmarks:
            each.digest = hashlib.sha256(b"another").hexdigest()
        return answer

    afterwards.lies["ListBenchmarks"] = lie
    assert [fault.reason for fault in afterwards.turn(WHO).faults] == ["COORDINATOR_CONTRADICTS"] * 2
    assert {file.name: file.read_bytes() for file in _folder(afterwards).iterdir()} == before


@pytest.mark.parametrize("at", [0, 1, 200, -1], ids=["first byte", "second byte", "in the middle", "last byte"])
def test_a_benchmark_with_a_flipped_byte_is_not_kept(afterwards: Stage, at: int) -> None:
    _forget(afterwards)

    def lie(answer: Any) -> Any:
        piece = bytearray(answer[0].piece)
        piece[at] ^= 1
        answer[0].piece = bytes(piece)
        return answer

    afterwards.lies["GetBenchmark"] = lie
    told = [(fault.reason, str(fault.round).partition("-")[0]) for fault in afterwards.turn(WHO).faults]
    assert sorted(told) == [("BAD_BENCHMARK", "first"), ("BAD_BENCHMARK", "second")]
    assert list(_folder(afterwards).iterdir()) == []
    del afterwards.lies["GetBenchmark"]
    afterwards.turn(WHO)
    assert len(list(_folder(afterwards).iterdir())) == 2


def test_a_benchmark_without_end_is_not_listened_to(afterwards: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(afterwards)
    pieces = 0

    def lie(answer: Any) -> Iterator[Any]:
        nonlocal pieces
        for _ in range(300):
            pieces += 1
            yield answer[0]

    monkeypatch.setattr("node.wire.federation.LARGEST_BENCHMARK", 100_000)
    afterwards.lies["GetBenchmark"] = lie
    home = afterwards.federation.home(WHO)
    with connected(home) as coordinator, pytest.raises(NoConnection, match="without end"):
        coordinator.benchmark("second")
    with pytest.raises(NoConnection, match="without end"):
        afterwards.turn(WHO)
    assert list(_folder(afterwards).iterdir()) == []


def test_the_benchmark_of_another_round_under_a_rounds_name_is_not_kept(afterwards: Stage) -> None:
    one, other = [file.read_bytes() for file in _folder(afterwards).iterdir()]
    _forget(afterwards)

    def lie(answer: Any) -> Any:
        answer[0].piece = other if b"".join(each.piece for each in answer) == one else one
        return answer[:1]

    afterwards.lies["GetBenchmark"] = lie
    assert [fault.reason for fault in afterwards.turn(WHO).faults] == ["COORDINATOR_CONTRADICTS"] * 2
    assert list(_folder(afterwards).iterdir()) == []


def test_a_benchmark_that_is_listed_by_a_path_is_not_written_there(afterwards: Stage) -> None:
    _forget(afterwards)

    def lie(answer: Any) -> Any:
        for each in answer.benchmarks:
            each.round = "../../outside"
        return answer

    afterwards.lies["ListBenchmarks"] = lie
    assert [(fault.reason, fault.round) for fault in afterwards.turn(WHO).faults] == [("COORDINATOR_CONTRADICTS", None)]
    assert list(afterwards.federation.folder.glob("**/outside*")) == []


def test_a_kept_benchmark_that_was_changed_on_the_disk_is_not_shown(afterwards: Stage) -> None:
    node = afterwards.federation.node(WHO)
    good(node("benchmark", "second", "--json"))
    file = _folder(afterwards) / "second.1.kudos"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    ended = node("benchmark", "second", "--json")
    assert ended.status == 1
    assert ended.json["error"]["reason"] == "BAD_BENCHMARK"


def test_a_roster_that_was_shown_as_that_of_a_closed_round_is_looked_at_before_a_person_approves(stage: Stage) -> None:
    """A round that is over asks for nothing, and its roster is let pass; so it has to be looked at again."""
    _announced(stage, _seats(_other_commitment))
    announced = stage.lies["ListRounds"]

    def closed(answer: Any) -> Any:
        answer.rounds[0].state = "closed"
        return announced(answer)

    stage.lies["ListRounds"] = closed
    assert stage.turn(WHO).faults == []
    stage.lies["ListRounds"] = announced
    ended = stage.federation.node(WHO)("approve", "round", "--yes", "--json")
    assert ended.status == 3
    assert ended.json["error"]["reason"] == "ROSTER_REFUSED"
    assert spent(stage.federation.home(WHO)) == []
