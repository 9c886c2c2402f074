"""Whom a roster has, and with which identity key: that of most, so that nobody's own keeps the others from a round."""

from coordinator.members import identity, members
from coordinator.office import Office
from coordinator.rounds import rounds
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.rounds.announcement import read
from tests.coordinator.house import NOW, Joined, a_round, joined


def commits(office: Office, member: Joined, chain: KeyChain) -> None:
    """Publishes a member's commitment to a key, as its node does."""
    envelope = make_commitment(chain, member.id, member.keys.signing, member.keys.sealing.public_key())
    identity.publish_commitment(office.store, member.caller, envelope, NOW)


def seated(office: Office) -> dict[str, tuple[str | None, int | None] | None]:
    """The members that a round opened now would ask, with the commitment and epoch that each is shown with."""
    said = read(rounds.announcement(office.store, a_round(office).id), office.signing_key.public_key())
    found = {seat.member: (seat.identity_commitment, seat.identity_epoch) for seat in said.roster}
    return {member: None if key == (None, None) else key for member, key in found.items()}


def shown(chain: KeyChain) -> tuple[str, int]:
    return chain.commitment().hex(), chain.epoch


def test_one_that_strays_from_the_others_is_seated_without_a_key(office: Office) -> None:
    network, stray = KeyChain.generate(), KeyChain.generate().extended()
    for name, chain in (("aker", stray), ("bryggen", network), ("fjord", network)):
        commits(office, joined(office, name), chain)
    assert seated(office) == {"aker": None, "bryggen": shown(network), "fjord": shown(network)}


def test_one_of_the_same_network_that_has_moved_on_alone_is_seated_without_a_key(office: Office) -> None:
    network = KeyChain.generate()
    for name, chain in (("aker", network), ("bryggen", network), ("fjord", network.extended())):
        commits(office, joined(office, name), chain)
    assert seated(office) == {"aker": shown(network), "bryggen": shown(network), "fjord": None}


def test_of_as_many_the_earlier_epoch_is_shown(office: Office) -> None:
    """Whoever has moved on still knows the earlier key; who has not yet does not know the later."""
    network = KeyChain.generate()
    later = network.extended()
    for name, chain in (("aker", later), ("bryggen", network), ("fjord", later), ("havn", network)):
        commits(office, joined(office, name), chain)
    assert seated(office) == {"aker": None, "bryggen": shown(network), "fjord": None, "havn": shown(network)}


def test_most_count_more_than_an_early_epoch(office: Office) -> None:
    network = KeyChain.generate()
    later = network.extended()
    for name, chain in (("aker", network), ("bryggen", later), ("fjord", later)):
        commits(office, joined(office, name), chain)
    assert seated(office) == {"aker": None, "bryggen": shown(later), "fjord": shown(later)}


def test_of_as_many_of_one_epoch_one_is_shown_always_the_same(office: Office) -> None:
    """Two keys of one epoch are let in where the first one's holder is suspended meanwhile."""
    one, other = sorted((KeyChain.generate(), KeyChain.generate()), key=lambda chain: chain.commitment().hex())
    commits(office, joined(office, "aker"), other)
    members.suspend(office.store, "aker", NOW)
    commits(office, joined(office, "bryggen"), one)
    members.resume(office.store, "aker", NOW)
    assert seated(office) == {"aker": None, "bryggen": shown(one)}


def test_where_nobody_has_a_key_nobody_is_shown_with_one(office: Office) -> None:
    for name in ("bryggen", "aker"):
        joined(office, name)
    assert seated(office) == {"aker": None, "bryggen": None}
