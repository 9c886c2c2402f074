"""What is damaged on this machine: it is laid to nobody else, concerns one round alone, and heals."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.errors import FileDamaged, FileNotWritten
from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts, NoSuchRound
from node.network import rounds
from privacy.rounds.announcement import announce
from tests.node.network.test_rounds import COORDINATOR, NETWORK, OPENED, announcement, home, taken

__all__ = ["home"]  # a fixture

NAME = "benchmark-2025-12"


def _flipped(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(bytes(content))


def _folder(home: Home, name: str = NAME) -> Path:
    return home.path / "rounds" / name


@pytest.mark.parametrize("how", ["a bit", "empty", "cut"])
def test_a_damaged_announcement_is_set_aside_and_taken_again(home: Home, how: str) -> None:
    said = announcement(home)
    taken(home, said)
    rounds.decide(home, NAME, rounds.DECLINED)
    file = _folder(home) / "announcement"
    whole = file.read_bytes()
    if how == "a bit":
        _flipped(file, len(whole) // 2)
    else:
        file.write_bytes(b"" if how == "empty" else whole[:-1])
    broken = file.read_bytes()
    with pytest.raises(FileDamaged, match=r"damaged on this machine.*run --once"):
        rounds.find(home, NETWORK, NAME)
    heard: list[str] = []
    found = rounds.take_in(home, NETWORK, whole, say=heard.append)
    assert (found.announcement, found.decision) == (said, rounds.DECLINED)
    assert file.read_bytes() == whole
    assert file.with_name("announcement.damaged").read_bytes() == broken
    assert len(heard) == 1
    assert "was damaged on this machine" in heard[0]
    rounds.take_in(home, NETWORK, whole, say=heard.append)
    assert len(heard) == 1


def test_a_whole_announcement_is_never_given_up_for_another(home: Home) -> None:
    said = announcement(home)
    taken(home, said)
    heard: list[str] = []
    other = announce(replace(said, deadline=said.deadline + timedelta(days=1)), COORDINATOR)
    with pytest.raises(CoordinatorContradicts):
        rounds.take_in(home, NETWORK, other, say=heard.append)
    assert heard == []
    assert rounds.find(home, NETWORK, NAME).announcement == said


def test_one_damaged_round_hides_no_other(home: Home) -> None:
    taken(home, announcement(home))
    for name, file, content in (
        ("no-announcement", "announcement", b""),
        ("bad-decision", "decision", b'{"word": "declineD"}'),
        ("bad-digest", "sent", b"{}"),
    ):
        taken(home, announcement(home, round=name))
        (_folder(home, name) / file).write_bytes(content)
    (_folder(home, "copied by hand")).mkdir()
    (_folder(home, "copied by hand") / "announcement").write_bytes((_folder(home) / "announcement").read_bytes())
    (_folder(home, "copied")).mkdir()
    (_folder(home, "copied") / "announcement").write_bytes((_folder(home) / "announcement").read_bytes())
    looked = rounds.look(home, NETWORK)
    assert [each.name for each in looked.rounds] == [NAME]
    assert len(looked.faults) == 5
    assert all(isinstance(each, FileDamaged | NoSuchRound) for each in looked.faults)
    assert rounds.announced(home, NETWORK, "bad-decision").round == "bad-decision"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_decision_with_a_flipped_bit_is_never_another_decision(home: Home, data: st.DataObject) -> None:
    """It is refused, or it still says what it said: nothing is sent for a round that was declined."""
    if not _folder(home).exists():
        taken(home, announcement(home))
    rounds.decide(home, NAME, rounds.DECLINED)
    file = _folder(home) / "decision"
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    file.write_bytes(bytes(content))
    found = rounds.look(home, NETWORK)
    assert [each.decision for each in found.rounds] in ([], [rounds.DECLINED])
    assert len(found.rounds) + len(found.faults) == 1
    assert all("Nothing is sent meanwhile" in str(each) for each in found.faults)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"word": 5}',
        b'{"word": null}',
        b'{"word": "nonsense"}',
        b'{"word": "DECLINED"}',
        b'{"word": "approved "}',
        b'{"word": "' + b"A" * 64 + b'"}',
        b"\xff\xfe",
        b"[" * 200_000,
    ],
    ids=lambda content: ascii(content[:20]),
)
def test_words_that_were_never_written_here(home: Home, content: bytes) -> None:
    known = taken(home, announcement(home))
    for name in ("decision", "sent"):
        file = _folder(home) / name
        file.write_bytes(content)
        with pytest.raises(FileDamaged, match=f"{name} is damaged"):
            rounds.find(home, NETWORK, NAME)
        with pytest.raises(FileDamaged):
            taken(home, announcement(home))
        file.unlink()
    (_folder(home) / "told").write_bytes(content)
    assert rounds.find(home, NETWORK, NAME) == known
    (_folder(home) / "decision").write_bytes(content)
    assert rounds.find(home, NETWORK, NAME, to_decide=True).decision is None
    rounds.decide(home, NAME, rounds.DECLINED)
    assert rounds.find(home, NETWORK, NAME).status(OPENED) == "declined"


def test_a_file_that_cannot_be_written_is_named_with_what_to_do(home: Home) -> None:
    said = announcement(home)
    (home.path / "rounds").write_bytes(b"no folder")
    with pytest.raises(FileNotWritten, match=r"announcement cannot be written: .*\. See what lies there") as bad:
        taken(home, said)
    assert bad.value.reason == "NOT_WRITTEN"
    assert bad.value.why in str(bad.value)
    with pytest.raises(FileNotWritten):
        write_private(home.path / "rounds" / "x", b"")
