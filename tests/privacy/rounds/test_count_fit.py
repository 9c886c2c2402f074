"""A count that answers a round of cross-use is taken, and nothing that is not one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.rounds.count_fit import COUNT, COUNTED, REFUSED, check_count
from privacy.rounds.fit import LARGEST_BASE, Misfit, UnfitRelease
from privacy.signing.envelope import sign
from privacy.studies.cross_use import CrossUseStudy
from protos.kudos.v1.cross_use_pb2 import Count, PeerCounted
from tests.privacy.rounds.test_market import MARKET, ROUND, SEATS

NODE = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
LEDGER = "npu.example/ledger/b"
STUDY = ROUND.study
assert isinstance(STUDY, CrossUseStudy)
ROWS = len(STUDY.groups) + 1


def count(**changes: Any) -> Count:
    fields: dict[str, Any] = {
        "ledger": LEDGER,
        "entry": 7,
        "study": STUDY.name,
        "study_version": STUDY.version,
        "study_digest": STUDY.digest,
        "window_first": ROUND.window.first.isoformat(),
        "window_last": ROUND.window.last.isoformat(),
        "sketches_digest": MARKET.sketches_digest,
        "named_pairs": True,
        "peers": [PeerCounted(member=peer, status=COUNTED, ones=2_300_000) for peer in ("a", "c")],
        "cells": list(range(-10, ROWS * 3 - 10)),
        "histogram": [5000, -3, 17],
    }
    return Count(**(fields | changes))


def checked(message: Count, key: Ed25519PrivateKey = NODE, member: str = "b") -> Count:
    assert isinstance(STUDY, CrossUseStudy)
    envelope = sign(COUNT, message.SerializeToString(deterministic=True), key)
    return check_count(envelope, NODE.public_key(), STUDY, ROUND.window, LEDGER, MARKET, member)


def misfit(message: Count, **options: Any) -> Misfit:
    with pytest.raises(UnfitRelease) as caught:
        checked(message, **options)
    return caught.value.misfit


def test_a_count_is_taken() -> None:
    assert checked(count()) == count()


def test_a_peer_whose_sketch_was_refused_is_said_with_the_reason() -> None:
    for status in REFUSED:
        peers = [PeerCounted(member="a", status=COUNTED, ones=9), PeerCounted(member="c", status=status)]
        assert checked(count(peers=peers)).peers[1].status == status


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ledger": "npu.example/ledger/a"}, Misfit.WRONG_LEDGER),
        ({"study_digest": "sha256:" + "00" * 32}, Misfit.WRONG_STUDY),
        ({"study_version": 2}, Misfit.WRONG_STUDY),
        ({"window_last": "2025-11-30"}, Misfit.WRONG_WINDOW),
        ({"sketches_digest": bytes(32)}, Misfit.WRONG_LAYOUT),
        ({"cells": [0] * (ROWS * 3 - 1)}, Misfit.WRONG_LAYOUT),
        ({"histogram": [0] * 4}, Misfit.WRONG_LAYOUT),
        ({"peers": [PeerCounted(member="a", status=COUNTED)]}, Misfit.WRONG_LAYOUT),
        ({"peers": [PeerCounted(member=each, status=COUNTED) for each in ("c", "a")]}, Misfit.WRONG_LAYOUT),
        ({"peers": [PeerCounted(member=each, status="FINE") for each in ("a", "c")]}, Misfit.BAD_RELEASE),
        ({"peers": [PeerCounted(member=each, status="WRONG_SEAL", ones=1) for each in ("a", "c")]}, Misfit.BAD_RELEASE),
        ({"peers": [PeerCounted(member=each, status=COUNTED, ones=2**23 + 1) for each in "ac"]}, Misfit.BAD_RELEASE),
        ({"cells": [2 * LARGEST_BASE] + [0] * (ROWS * 3 - 1)}, Misfit.ABSURD_VALUE),
        ({"cells": [-2 * LARGEST_BASE] + [0] * (ROWS * 3 - 1)}, Misfit.ABSURD_VALUE),
        ({"histogram": [0, 0, 2 * LARGEST_BASE]}, Misfit.ABSURD_VALUE),
        ({"entry": 2**60}, Misfit.BAD_RELEASE),
        ({"cells": [0] * 5000}, Misfit.TOO_LARGE),
    ],
)
def test_what_does_not_fit_is_refused_for_what_it_is(changes: dict[str, Any], said: Misfit) -> None:
    assert misfit(count(**changes)) is said


def test_another_key_or_another_member_is_refused() -> None:
    assert misfit(count(), key=Ed25519PrivateKey.generate()) is Misfit.BAD_RELEASE
    assert misfit(count(), member="a") is Misfit.WRONG_LAYOUT  # the peers of b are not those of a


def test_a_count_against_a_market_without_its_sender_is_refused() -> None:
    assert isinstance(STUDY, CrossUseStudy)
    without = replace(MARKET, seats=tuple(each for each in SEATS if each.member != "b"))
    envelope = sign(COUNT, count(sketches_digest=without.sketches_digest).SerializeToString(deterministic=True), NODE)
    with pytest.raises(UnfitRelease):
        check_count(envelope, NODE.public_key(), STUDY, ROUND.window, LEDGER, without, "b")


@pytest.mark.parametrize(
    "change", [lambda payload: payload + b"\x68\x01", lambda payload: payload[:-1], lambda _: b"x"]
)
def test_bytes_that_are_no_count_are_refused(change: Callable[[bytes], bytes]) -> None:
    assert isinstance(STUDY, CrossUseStudy)
    envelope = sign(COUNT, change(count().SerializeToString(deterministic=True)), NODE)
    with pytest.raises(UnfitRelease) as caught:
        check_count(envelope, NODE.public_key(), STUDY, ROUND.window, LEDGER, MARKET, "b")
    assert caught.value.misfit is Misfit.BAD_RELEASE
