"""The page of privacy: what was spent and what left, in numbers of entries made by hand."""

from fractions import Fraction

import pytest

from node.dashboard.language import CODES, Language
from node.dashboard.model import Block, Page
from node.dashboard.pages.index import PAGES
from node.dashboard.spending import Spending
from node.release.accounts import Accounts
from node.release.listing import Listed
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.policy import Policy
from privacy.budget.twelve_months import Lifetime
from privacy.ledger.contents import StoredRelease
from tests.node.dashboard.test_pages import own, view
from tests.privacy.ledger.examples import spent

DELTA = Fraction(1, 10**6)
CAP = Spend(Epsilon(1_000_000), Rho(300_000))
POLICY = Policy(CAP, DELTA, CAP, Epsilon(0), named_pairs=False, approval_required=True, allowed=())


def listed(state: str) -> Listed:
    entry = spent(2)
    return Listed(entry, StoredRelease(entry.study_digest, entry.window, entry.seq, b""), state)


def page(*states: str, cost: Spend | None = None, entries: int = 3, code: str = "en") -> Page:
    cost = cost or Spend.nothing()
    account = Accounts(POLICY, cost, Lifetime(cost, 1, DELTA))
    spending = Spending(account, tuple(listed(state) for state in states), entries)
    language = Language("nb" if code == "nb" else "en")
    return PAGES["privacy"].make(view(None, own(), language=language, spending=spending))


def block(of: Page, key: str) -> Block:
    found = of.block(key)
    assert found is not None
    return found


def test_where_nothing_was_spent_nobody_knows_more() -> None:
    assert "nobody knows more" in block(page(), "meaning").said
    said = block(page(cost=Spend(Epsilon(0), Rho(10_000))), "meaning").said
    assert "nobody knows more" not in said
    assert "in twelve months" in said


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("booked",), "Nothing has left this machine."),
        (("booked", "witnessed"), "left this machine once"),
        (("witnessed", "lost", "booked"), "left this machine 2 times"),
    ],
)
def test_what_was_booked_and_not_sent_has_not_left(states: tuple[str, ...], said: str) -> None:
    assert said in page(*states).lead


def test_a_cost_in_one_currency_is_none_in_the_other() -> None:
    table = block(page("witnessed"), "left").table
    assert table is not None
    epsilon, rho = (table.rows[0][table.heads.index(each)] for each in "ερ")
    assert (epsilon.text, epsilon.number) == ("–", None)
    assert rho.number


@pytest.mark.parametrize("code", CODES)
def test_one_entry_is_not_counted_as_many(code: str) -> None:
    one, more = ({"nb": "én post,", "en": "one entry,"}, {"nb": "2 poster,", "en": "2 entries,"})
    assert one[code] in block(page(entries=1, code=code), "ledger").said
    assert more[code] in block(page(entries=2, code=code), "ledger").said
