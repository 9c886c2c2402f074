"""What was spent counts for twelve months from the later of its date and its cosignature."""

from datetime import timedelta
from pathlib import Path

import pytest

from privacy.budget.twelve_months import spent_between
from privacy.ledger.checkpoint import cosign
from privacy.ledger.contents import Contents
from privacy.ledger.counting import APART, counted
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ENVELOPE, START, policy, spent
from tests.privacy.ledger.witnessed import (
    WITNESS_KEY,
    WITNESS_NAME,
    create,
    create_unwitnessed,
    keep,
    signed,
    witness,
    write,
)

YEAR = timedelta(days=365)
"""After START there is no 29 February for so long."""


def cosigned_after(ledger: Ledger, wait: timedelta) -> Contents:
    """The witness cosigns all of a ledger so long after its newest entry."""
    contents = ledger.contents()
    keep(ledger, cosign(signed(contents), WITNESS_NAME, WITNESS_KEY, contents.last.time + wait))
    return ledger.contents()


@pytest.mark.parametrize("wait", [timedelta(), timedelta(days=3), timedelta(days=200)])
def test_what_is_cosigned_later_counts_later(tmp_path: Path, wait: timedelta) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        contents = cosigned_after(ledger, wait)
    [cost] = [entry.cost for entry in contents.entries if entry.cost.rho.micro]
    end = contents.last.time + wait + APART + YEAR
    assert spent_between(counted(contents, end), end - timedelta(seconds=1)) == cost
    assert spent_between(counted(contents, end), end).rho.micro == 0


def test_what_nobody_has_cosigned_yet_counts_from_now(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        contents = ledger.contents()
    long_after = contents.last.time + 3 * YEAR
    assert spent_between(contents.entries, long_after).rho.micro == 0
    assert spent_between(counted(contents, long_after), long_after).rho.micro > 0


def test_each_counts_from_the_first_checkpoint_that_covers_it_and_none_before_what_stands_above(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        cosigned_after(ledger, timedelta(days=9))
        write(ledger, policy(2), spent(3), ENVELOPE)
        contents = cosigned_after(ledger, timedelta(days=2))
    times = [each.time for each in counted(contents, contents.last.time)]
    assert times[1:] == [START + timedelta(days=9) + APART] * 3
    assert times[0] == START


def test_what_was_booked_before_there_was_a_witness_counts_from_its_own_date(tmp_path: Path) -> None:
    with create_unwitnessed(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, policy(1), spent(2), ENVELOPE)
        before = ledger.contents()
        assert [each.time for each in counted(before, START + YEAR)] == [each.time for each in before.entries]
        write(ledger, witness(3, before.last.time))
        contents = cosigned_after(ledger, timedelta(days=5))
    assert [each.time for each in counted(contents, START + YEAR)][:3] == [each.time for each in before.entries]
