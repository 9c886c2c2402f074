"""The invented world has the shares that it claims, is made again exactly, and invents nobody who might exist.

Shares are of one seeded world, so nothing here depends on luck; tolerances leave room for a change of the generator.
"""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from deploy.demo.institution import Institution
from deploy.demo.names import FEMALE, LAST, MALE
from deploy.demo.playbill import HALLS, TYPES, halls
from deploy.demo.population import MOST_PERSONS, Market, draw, persons
from deploy.demo.profiles import DESK_EMAIL
from deploy.demo.sales import ANONYMOUS, BOX_OFFICE, DESK
from deploy.demo.world import invent, truth
from node.ingest.places import county_of
from node.ingest.words import category_of
from privacy.catalogue.institutions import COUNTIES
from privacy.identity.normalise import normalise_email, normalise_phone
from privacy.identity.placeholder import is_placeholder
from tests.deploy.worlds import SMALL, world

LARGE = world(12_000)


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2025, 10, 31)])
def test_orders_per_customer_fall_into_the_bands_of_a_theatre(last: date) -> None:
    found = truth(LARGE, last)
    shares = [found.frequency_bands[band] / found.customers for band in ("1", "2-4", "5-7", "8+")]
    assert shares == pytest.approx([0.68, 0.26, 0.04, 0.02], abs=0.025)


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2025, 10, 31), date(2024, 10, 31)])
def test_retention_is_that_of_an_audience(last: date) -> None:
    flows = truth(LARGE, last).flows
    assert 0.35 <= flows["continuing"] / (flows["continuing"] + flows["lost"]) <= 0.45


def test_everybody_is_a_customer_and_some_come_back_after_a_pause() -> None:
    buyers = np.unique(LARGE.orders.person[(LARGE.orders.person >= 0) & ~LARGE.orders.reserved])
    assert len(buyers) == 12_000
    assert truth(LARGE).flows["recovered"] > 100


def test_shares_of_sales() -> None:
    orders, lines = LARGE.orders, LARGE.lines
    assert (orders.person == ANONYMOUS).mean() == pytest.approx(0.12, abs=0.01)
    assert (orders.person == DESK).mean() == pytest.approx(0.015, abs=0.003)
    assert lines.returned.sum() / lines.quantity.sum() == pytest.approx(0.03, abs=0.01)
    assert ((orders.channel == BOX_OFFICE) | (orders.person != ANONYMOUS)).all()
    free = (lines.price_ore == 0) & ~orders.reserved[lines.order]
    assert 0.01 <= lines.quantity[free].sum() / lines.quantity.sum() <= 0.1
    assert set(lines.ticket_type.tolist()) == set(range(len(TYPES)))


def test_returns_come_at_once_later_and_in_another_month() -> None:
    lines, orders = LARGE.lines, LARGE.orders
    back = np.flatnonzero(lines.returned)
    when, bought = lines.return_time[back], orders.time[lines.order[back]]
    assert (when > bought).all()
    assert (when < np.datetime64("2026-11-01")).all()
    same_day = when.astype("datetime64[D]") == bought.astype("datetime64[D]")
    same_month = when.astype("datetime64[M]") == bought.astype("datetime64[M]")
    for kind in (same_day, same_month & ~same_day, ~same_month):
        assert kind.mean() > 0.15
    assert (lines.returned <= lines.quantity).all()
    assert not orders.reserved[lines.order[back]].any()


def test_spending_has_a_heavy_tail() -> None:
    orders, lines = LARGE.orders, LARGE.lines
    buyer = orders.person[lines.order]
    known = buyer >= 0
    spent = np.sort(np.bincount(buyer[known], weights=(lines.price_ore * lines.quantity)[known]))
    top = spent[-len(spent) // 20 :].sum() / spent.sum()
    assert 0.2 <= top <= 0.5


def test_the_year_has_seasons() -> None:
    month = LARGE.orders.time.astype("datetime64[M]").astype(int) % 12
    share = np.bincount(month, minlength=12) / len(month)
    assert share.argmax() == 10
    assert share.argmin() == 6
    assert share[6] < 0.03


def test_tickets_are_for_what_is_still_to_come_and_no_house_is_oversold() -> None:
    program, lines = LARGE.playbill, LARGE.lines
    assert (program.start[lines.event] > LARGE.orders.time[lines.order]).all()
    assert (np.diff(program.start) >= np.timedelta64(0, "s")).all()
    sold = np.bincount(lines.event, weights=lines.quantity, minlength=len(program.start)).astype(np.int64)
    seats = np.array([capacity for _, capacity in HALLS])[halls(program, sold)]
    assert (sold <= seats).all()


def test_ticket_types_are_what_their_names_say() -> None:
    assert {name: category_of(name) for name, _, _ in TYPES} == {name: category for name, category, _ in TYPES}


def test_people_live_near_the_institution_and_in_their_county() -> None:
    people = LARGE.people
    codes = list(COUNTIES)
    home = np.bincount(people.county, minlength=len(codes) + 1) / len(people.ids)
    assert home[codes.index("46")] > 0.6
    found = [county_of(*pair) for pair in zip(people.postcode, people.country, strict=True)]
    assert found == [[*codes, "abroad"][index] for index in people.county.tolist()]


def test_nobody_who_might_exist_has_an_address_here() -> None:
    for email in (*LARGE.people.email, *LARGE.profiles.email):
        if not email:
            continue
        normal = normalise_email(email)
        assert normal is not None
        local, _, domain = normal.partition("@")
        assert domain in ("example.no", "example.com") or (domain == "gmail.com" and len(local) > 30)
        assert is_placeholder(normal, frozenset()) == (email == DESK_EMAIL)


def test_identities_are_one_persons_each() -> None:
    assert len({normalise_email(email) for email in LARGE.people.email}) == len(LARGE.people.ids)
    phones = {normalise_phone(phone) for phone in LARGE.people.phone}
    assert None not in phones
    assert len(phones) == len(LARGE.people.ids)


def test_second_profiles_are_the_same_address_spelled_otherwise() -> None:
    known = LARGE.profiles
    assert len(known.second_of) > 200
    spelled = [(known.email[person], known.email[second]) for person, second in known.second_of.items()]
    assert all(first != second for first, second in spelled)
    assert all(normalise_email(first) == normalise_email(second) for first, second in spelled)
    assert any(first.lower() != second.lower() for first, second in spelled)
    assert len(set(known.key.tolist())) == len(known.key)
    used = set(LARGE.orders.profile.tolist())
    assert sum(second in used for second in known.second_of.values()) > 100


def test_some_give_no_address_and_a_few_give_nothing() -> None:
    known = LARGE.profiles
    pairs = list(zip(known.email, known.phone, strict=True))[:12_000]
    assert 0.01 < sum(not email and bool(phone) for email, phone in pairs) / 12_000 < 0.04
    assert 0.002 < sum(not email and not phone for email, phone in pairs) / 12_000 < 0.02
    for phone in filter(None, known.phone):
        assert normalise_phone(phone) in {f"+47{number}" for number in (re.sub(r"\D", "", phone)[-8:],)}


def test_the_same_institution_is_made_again_exactly_and_another_seed_makes_another() -> None:
    small = Institution(customers=300, market=SMALL)
    one, again = invent(small), invent(small)
    other = invent(replace(small, seed=2))
    assert truth(one) == truth(again)
    assert one.people.email == again.people.email
    for name, column in vars(one.lines).items():
        np.testing.assert_array_equal(column, getattr(again.lines, name))
    assert truth(one) != truth(other)


def test_institutions_share_people_more_in_their_own_county() -> None:
    """So that later a dozen of them have audiences that overlap."""
    market = Market(seed=3, persons=200_000)
    home, same = draw(market, 4_000, "46", 1), draw(market, 4_000, "46", 2)
    far = draw(market, 4_000, "03", 3)
    near_share = len(np.intersect1d(home, same)) / 4_000
    far_share = len(np.intersect1d(home, far)) / 4_000
    assert 0.15 < near_share < 0.6
    assert 0.0 < far_share < near_share / 2
    both = np.intersect1d(home, same)
    first, second = persons(market, home), persons(market, same)
    assert [first.email[at] for at in np.searchsorted(home, both)] == [
        second.email[at] for at in np.searchsorted(same, both)
    ]


def test_a_market_of_its_limits() -> None:
    with pytest.raises(ValueError, match="persons"):
        Market(persons=MOST_PERSONS + 1)
    with pytest.raises(ValueError, match="customers"):
        draw(Market(persons=10), 11, "46", 1)


def test_names_are_norwegian_and_different() -> None:
    for names in (FEMALE, MALE, LAST):
        assert len(set(names)) == len(names)
    assert set("æøå") <= set("".join((*FEMALE, *MALE, *LAST)).casefold())
