"""A release whose entry was cosigned days after it was booked: the next one waits until the witness's year is over too.

Otherwise an auditor, who goes by the witness's clock, could not tell whether the cap was held.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from node.release.accounts import accounts
from node.release.book import adopt_witness, release
from privacy.budget.policy import BudgetExhausted
from privacy.ledger.checkpoint import cosign
from privacy.ledger.counting import APART
from privacy.ledger.store import Ledger
from tests.node.release.house import COST, EARLIER, NOW, STUDY, WINDOW, House, build, exact_of, vectors, with_cap
from tests.privacy.ledger.witnessed import WITNESS, WITNESS_KEY, WITNESS_NAME, keep, signed

LATE = timedelta(days=7)
POLICY = with_cap(COST.rho)
YEAR_LATER = NOW.replace(year=NOW.year + 1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """One release was booked, which fills the cap, and cosigned a week later."""
    house = build(tmp_path)
    with Ledger.open(house.ledger) as ledger:
        adopt_witness(ledger, WITNESS, lambda: NOW)
        release(STUDY, EARLIER, exact_of(vectors()), POLICY, ledger, house.key, lambda: NOW)
        note = cosign(signed(ledger.contents(), key=house.key), WITNESS_NAME, WITNESS_KEY, NOW + LATE)
        keep(ledger, note)
    return house


def booked(house: House, now: datetime) -> bool:
    with Ledger.open(house.ledger) as ledger:
        return not release(STUDY, WINDOW, exact_of(vectors()), POLICY, ledger, house.key, lambda: now).already


def test_it_waits_as_long_as_the_cosignature_is_young_and_is_told_until_when(house: House) -> None:
    for moment in (YEAR_LATER, YEAR_LATER + LATE, YEAR_LATER + LATE + APART - timedelta(seconds=1)):
        with pytest.raises(BudgetExhausted) as refused:
            booked(house, moment)
        assert f"{YEAR_LATER + LATE + APART:%Y-%m-%d}" in str(refused.value)
    assert booked(house, YEAR_LATER + LATE + APART)


def test_the_accounts_say_the_same(house: House) -> None:
    assert accounts(house.contents(), POLICY).spent == COST
