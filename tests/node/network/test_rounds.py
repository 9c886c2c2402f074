"""What a node takes in of a coordinator that may be lying."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.founding import Institution, found
from node.home import Home
from node.membership.errors import CoordinatorContradicts, NoSuchRound, RosterRefused, RoundNotBegun
from node.membership.settings import Files, Membership, write
from node.membership.tls import sealing_key
from node.network import own_key, rounds, taking_part
from privacy.bounds.windows import twelve_months_to
from privacy.ledger.note import Algorithm, Verifier
from privacy.rounds.announcement import Announcement, BadAnnouncement, Seat, announce
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key
from privacy.studies.study import parse

COORDINATOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NETWORK = Membership(
    trust_domain="npu.example",
    address="localhost:8443",
    role="member",
    id="fjordteatret",
    coordinator_key=COORDINATOR.public_key().public_bytes_raw().hex(),
    witness_key=str(Verifier.of("npu.example/witness", Algorithm.COSIGNATURE_V1, COORDINATOR)),
)
TEXT = files("privacy.studies").joinpath("benchmark.toml").read_text("utf-8")
OPENED = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "node")
    institution = Institution(
        "Fjordteatret", "performing-arts", "46", member="fjordteatret", ledger="npu.example/ledger/fjordteatret"
    )
    found(home, institution, own_identity_key=True)
    return home


def seat(home: Home, **changes: Any) -> Seat:
    """The node's own seat."""
    chain = home.identity_chain()
    facts: dict[str, Any] = {
        "member": "fjordteatret",
        "name": "Fjordteatret",
        "industry": "performing-arts",
        "county": "46",
        "size_class": None,
        "signing_key": public_key_text(load_signing_key(home.signing_key_file).public_key()),
        "sealing_key": sealing_key(Files(home).sealing_key).public_key().public_bytes_raw().hex(),
        "identity_commitment": chain.commitment().hex(),
        "identity_epoch": chain.epoch,
    }
    return Seat.model_validate(facts | changes)


def announcement(home: Home, *others: Seat, **changes: Any) -> Announcement:
    made = Announcement(
        coordinator="npu.example",
        round="benchmark-2025-12",
        study=parse(TEXT, "benchmark"),
        study_text=TEXT,
        window=twelve_months_to(date(2025, 12, 31)),
        opened=OPENED,
        deadline=OPENED + timedelta(days=20),
        roster=tuple(sorted((seat(home), *others), key=lambda each: each.member)),
    )
    return replace(made, **changes)


def taken(home: Home, said: Announcement, key: Ed25519PrivateKey = COORDINATOR) -> rounds.Round:
    return rounds.take_in(home, NETWORK, announce(said, key))


def test_a_round_is_taken_in_once_and_its_status_follows_what_is_done(home: Home) -> None:
    said = announcement(home)
    assert taken(home, said).announcement == said
    assert [each.name for each in rounds.listed(home, NETWORK)] == ["benchmark-2025-12"]

    def status(now: datetime = OPENED) -> str:
        return rounds.find(home, NETWORK, "benchmark-2025-12").status(now)

    assert status() == "waiting"
    assert status(OPENED + timedelta(days=21)) == "missed"
    rounds.decide(home, said.round, rounds.APPROVED)
    assert status() == "approved"
    rounds.decide(home, said.round, rounds.DECLINED)
    assert status() == status(OPENED + timedelta(days=21)) == "declined"
    rounds.mark_sent(home, said.round, "ab" * 32)
    assert status() == "sent"
    assert taken(home, said).sent == "ab" * 32


def test_a_round_that_changes_under_its_name_is_refused_and_the_first_stays(home: Home) -> None:
    said = announcement(home)
    taken(home, said)
    with pytest.raises(CoordinatorContradicts, match="anew with other contents"):
        taken(home, replace(said, deadline=said.deadline + timedelta(days=1)))
    assert rounds.find(home, NETWORK, said.round).announcement == said


def test_another_signer_and_another_network_are_refused(home: Home) -> None:
    with pytest.raises(BadAnnouncement):
        taken(home, announcement(home), Ed25519PrivateKey.generate())
    with pytest.raises(CoordinatorContradicts, match=r"one of other\.example"):
        taken(home, announcement(home, coordinator="other.example"))
    assert rounds.listed(home, NETWORK) == []


@pytest.mark.parametrize(
    "change", [{"signing_key": "11" * 32}, {"sealing_key": "11" * 32}, {"member": "someone-else"}], ids=str
)
def test_a_roster_without_this_node_under_its_own_keys_is_refused(home: Home, change: dict[str, str]) -> None:
    with pytest.raises(RosterRefused, match="does not seat this node"):
        taken(home, announcement(home, roster=(seat(home, **change),)))
    if "member" not in change:  # one that is over asks for nothing any more, and new keys are no fault of it
        said = announcement(home, roster=(seat(home, **change),))
        assert rounds.take_in(home, NETWORK, announce(said, COORDINATOR), live=False).announcement == said


def test_a_roster_with_two_identity_keys_is_refused(home: Home) -> None:
    other = seat(home, member="museum", identity_commitment="44" * 32)
    with pytest.raises(RosterRefused, match="different identity keys"):
        taken(home, announcement(home, other))
    silent = seat(home, member="museum", identity_commitment=None, identity_epoch=None)
    assert taken(home, announcement(home, silent)).name == "benchmark-2025-12"


def test_a_roster_that_gives_this_node_another_identity_key_is_refused(home: Home) -> None:
    with pytest.raises(RosterRefused, match="another identity key than it does"):
        taken(home, announcement(home, roster=(seat(home, identity_commitment="44" * 32),)))
    with pytest.raises(RosterRefused, match="another identity key than it does"):
        taken(home, announcement(home, roster=(seat(home, identity_epoch=3),)))


def test_what_this_node_has_committed_to_is_compared_though_its_own_seat_has_none(home: Home) -> None:
    none = {"identity_commitment": None, "identity_epoch": None}
    other = seat(home, member="museum", identity_commitment="44" * 32)
    said = announcement(home, roster=(seat(home, **none), other))
    assert taken(home, said).name == said.round  # a key of one's own, and no commitment: it waits for the network's
    write(home, NETWORK)
    own_key.note_committed(home, home.identity_chain())
    with pytest.raises(RosterRefused, match="another identity key than this node does"):
        taken(home, said)
    later = seat(home, member="museum", identity_commitment="44" * 32, identity_epoch=1)
    with pytest.raises(RosterRefused, match="has not taken in yet"):
        taken(home, announcement(home, roster=(seat(home, **none), later)))
    same = announcement(home, roster=(seat(home, **none), seat(home, member="museum")), round="another")
    assert taken(home, same).name == "another"
    write(home, NETWORK.model_copy(update={"trust_domain": "other.example"}))
    assert own_key.committed(home) is None  # what was said in another network


@pytest.mark.parametrize(
    "noted", [b"", b"[]", b"{", b'{"network": "npu.example", "member": "fjordteatret", "epoch": "0"}']
)
def test_a_note_of_what_was_committed_to_that_is_none_is_none(home: Home, noted: bytes) -> None:
    write(home, NETWORK)
    own_key.note_committed(home, home.identity_chain())
    assert own_key.committed(home) == home.identity_chain()
    (Files(home).members / "committed.json").write_bytes(noted)
    assert own_key.committed(home) is None


def test_a_round_from_before_the_key_was_replaced_goes_on(home: Home) -> None:
    said = announcement(home)
    home.identity_key_file.write_bytes(home.identity_chain().extended().private_bytes())
    assert taken(home, said).name == said.round


@pytest.mark.parametrize("name", ["../node", "", "a/b", "nothing", "Ø", "."])
def test_names_that_are_none(home: Home, name: str) -> None:
    with pytest.raises(NoSuchRound):
        rounds.find(home, NETWORK, name)
    assert rounds.asked_by_round(home, name) is None


def test_a_round_that_is_opened_in_the_future_is_not_answered_before(home: Home) -> None:
    """By a coordinator's clock that was ahead: what is booked for it now would be booked before it was opened."""
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    early = announcement(home, opened=ahead, deadline=ahead + timedelta(days=9))
    with pytest.raises(RoundNotBegun, match="Nothing was booked"):
        taking_part._check_begun(rounds.Round(early, None, None, None, None))
    taking_part._check_begun(rounds.Round(announcement(home), None, None, None, None))
