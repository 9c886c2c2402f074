"""What members do most, they do in one transaction with others who come at the same time: checkpoints and releases."""

from collections.abc import Callable

from coordinator.ledgers import replica
from coordinator.office import Office
from coordinator.rounds.submissions import Receipt, submit
from tests.coordinator.house import NOW, a_message, a_round, joined, signed
from tests.coordinator.ledger import a_ledger, booked
from tests.coordinator.store.at_once import at_once

NAMES = [f"house-{number}" for number in range(6)]


def test_checkpoints_that_come_at_once_are_cosigned_in_one_transaction(office: Office) -> None:
    houses = [joined(office, name) for name in NAMES]
    requests = [(a_ledger(office, each).request(0), each.caller) for each in houses]

    def asking(number: int) -> Callable[[], bytes]:
        request, caller = requests[number]
        return lambda: request.send(office, caller)

    notes, transactions = at_once(office, [asking(number) for number in range(len(houses))])
    heads = [replica.newest(office.store, name) for name in NAMES]
    assert [head.note for head in heads if head is not None] == notes
    assert transactions == 1


def test_releases_that_come_at_once_are_taken_in_one_transaction(office: Office) -> None:
    houses = [joined(office, name) for name in NAMES]
    a_round(office, "one")
    envelopes = [signed(each, a_message(each)) for each in houses]
    for each, envelope in zip(houses, envelopes, strict=True):
        booked(office, each.caller, each.enrolled.ledger, each.keys.signing, envelope)

    def sending(number: int) -> Callable[[], Receipt]:
        return lambda: submit(office.store, houses[number].caller, "one", envelopes[number], NOW)

    receipts, transactions = at_once(office, [sending(number) for number in range(len(houses))])
    assert len({each.release_digest for each in receipts}) == len(houses)
    assert transactions == 1
