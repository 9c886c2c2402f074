"""A small institution for the tests of this folder: a study, a policy, a ledger, a key and cells."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.release.book import Vectors, release
from node.release.make import Ready
from node.release.prepare import Exact
from privacy.bounds.tiers import TierFacts
from privacy.bounds.windows import Window, twelve_months_to
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.policy import Allowance, Policy
from privacy.budget.policy_file import DEFAULT_TEXT, parse
from privacy.catalogue.dimensions import FLOW
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import Needs
from privacy.ledger import outbox
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import KeyAdopted
from privacy.ledger.store import Ledger
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import create_signing_key, load_signing_key
from privacy.studies.price import price
from privacy.studies.study import Study
from privacy.studies.study import parse as parse_study

ORIGIN = "standalone/ledger/fjordteatret-1a2b3c4d"
OPENED = datetime(2026, 1, 5, 9, 30, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 10, 12, 0, 0, tzinfo=UTC)
WINDOW = twelve_months_to(date(2025, 12, 31))
EARLIER = twelve_months_to(date(2025, 9, 30))

STUDY = parse_study(
    """
name = "small"
version = 1
title = "A small study"
window = "year"
rho = "0.03"
cohorts = ["network"]
bounds = { max_orders = 8, max_lines = 20, max_tickets = 20, max_revenue_kr = 10000 }
disclosure = { min_members = 5, dominance_percent = 60, unreliable_percent = 25 }
tables = [
  { name = "month", shares = { customers = 1, revenue = 3 } },
  { name = "totals", shares = { customers = 1, orders = 2, tickets = 2, revenue = 3 } },
]
""",
    "small.toml",
)
TIERED = parse_study(
    """
name = "tiered"
version = 1
title = "Quantiles, tiers and the totals"
window = "year"
rho = "0.03"
cohorts = ["network"]
bounds = { max_orders = 8, max_lines = 20, max_tickets = 20, max_revenue_kr = 10000 }
disclosure = { min_members = 5, dominance_percent = 60, unreliable_percent = 25 }
quantiles = [
  { measure = "revenue", at = ["0.95", "0.8", "0.3"], share = 1 },
  { measure = "orders", at = ["0.999", "0.5"], share = 1 },
]
[[tables]]
name = "totals"
shares = { customers = 1, revenue = 3 }
[[tables]]
name = "value_tier"
shares = { customers = 1, revenue = 3 }
[tables.cell_bounds]
super = { max_orders = 50, max_lines = 100, max_tickets = 100, max_revenue_kr = 60000 }
top = { max_orders = 12, max_lines = 30, max_tickets = 30, max_revenue_kr = 8000 }
middle = { max_orders = 6, max_lines = 12, max_tickets = 12, max_revenue_kr = 2000 }
bottom = { max_orders = 3, max_lines = 6, max_tickets = 6, max_revenue_kr = 500 }
[[tables]]
name = "migration"
shares = { customers = 1, revenue = 1 }
""",
    "tiered.toml",
)
"""Every kind of part: quantiles of two measures, tables, noise by cell, and both tables of the value tiers."""

BOUNDED_TEXT = """
name = "bounds"
version = 1
title = "Quantiles alone"
window = "year"
rho = "0.01"
cohorts = ["network"]
bounds = { max_orders = 8, max_lines = 20, max_tickets = 20, max_revenue_kr = 10000 }
disclosure = { min_members = 5, dominance_percent = 60, unreliable_percent = 25 }
quantiles = [
  { measure = "tickets", at = ["0.5"], share = 1 },
  { measure = "revenue", at = ["0.95", "0.8", "0.3"], share = 1 },
]
tables = []
"""
BOUNDED = parse_study(BOUNDED_TEXT, "bounds.toml")
"""Quantiles and no tables."""

COST = price(STUDY).spend
POLICY = replace(parse(DEFAULT_TEXT, "policy.toml"), allowed=(Allowance(STUDY.name, STUDY.digest, None),))


BOOKING = (
    "before_begin",
    "begun",
    "checked",
    "chosen",
    "drawn",
    "signed",
    "leaf_inserted",
    "release_inserted",
    "committed",
)
"""The points of `node.release.book.release`."""


def with_cap(rho: Rho) -> Policy:
    return replace(POLICY, cap=Spend(Epsilon(0), rho))


TIERED_POLICY = replace(POLICY, allowed=(*POLICY.allowed, Allowance(TIERED.name, TIERED.digest, None)))


def adopt_key(ledger: Ledger, key: Ed25519PrivateKey, now: datetime) -> None:
    """Has a ledger name another key, as the one that signs from now on."""
    with ledger.transaction() as transaction:
        public_key = public_key_text(key.public_key())
        transaction.append(KeyAdopted(seq=transaction.next_seq, time=now, public_key=public_key))


def vectors(value: int = 0, study: Study = STUDY) -> Vectors:
    return {(part.table.name, part.measure): np.full(part.table.cells, value, dtype=np.int64) for part in study.parts}


def exact_of(cells: Vectors) -> Exact:
    """What a study of these tables alone is made of."""
    return Exact(dict(cells), None, {})


def tiered_exact(customers: int = 1000, study: Study = TIERED) -> Exact:
    """A house with so many customers of each flow in every bin of revenue; who has most had least the year before.

    Of orders, tickets and revenue each counts as many as the number of the bin.
    """
    bins = len(CANDIDATES[Measure.REVENUE]) + 1
    now = np.tile(np.arange(bins, dtype=np.int64), len(FLOW.categories))
    flow = np.repeat(np.arange(len(FLOW.categories), dtype=np.int64), bins)
    each = np.full(now.size, customers, dtype=np.int64)
    wanted = [table for table in study.bounded_tables if Needs.TIERS in table.table.needs]
    sums = {
        bounds: {measure: each if measure is Measure.CUSTOMERS else each * now for measure in Measure}
        for table in wanted
        for bounds in table.bounds
    }
    other = {
        (part.table.name, part.measure): np.full(part.table.cells, customers, dtype=np.int64)
        for part in study.parts
        if Needs.TIERS not in part.table.needs
    }
    counts = {
        part.measure: np.full(len(CANDIDATES[part.measure]) + 1, customers, dtype=np.int64) for part in study.quantiles
    }
    return Exact(other, TierFacts(flow, now, now[::-1].copy(), sums), counts)


@dataclass(frozen=True)
class House:
    """A folder with a ledger and a signing key."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def key(self) -> Ed25519PrivateKey:
        return load_signing_key(self.folder / "signing.pem")

    def contents(self) -> Contents:
        with Ledger.open(self.ledger) as ledger:
            return ledger.contents()

    def release(
        self,
        study: Study = STUDY,
        window: Window = WINDOW,
        cells: Vectors | Exact | None = None,
        policy: Policy = POLICY,
        now: datetime = NOW,
    ) -> Ready:
        """Books a release, or finds it, and gives its bytes."""
        exact = cells if isinstance(cells, Exact) else exact_of(vectors(study=study) if cells is None else cells)
        with Ledger.open(self.ledger) as ledger:
            booked = release(study, window, exact, policy, ledger, self.key, lambda: now)
            return Ready(booked.seq, envelope_of(ledger.contents(), booked.seq), booked.already)


def envelope_of(contents: Contents, seq: int) -> bytes:
    """The bytes that entry `seq` booked, as they leave."""
    (stored,) = (each for each in contents.releases if each.seq == seq)
    return outbox.ready(contents, stored)


def build(folder: Path) -> House:
    key = create_signing_key(folder / "signing.pem")
    house = House(folder)
    Ledger.create(
        house.ledger, origin=ORIGIN, public_key=public_key_text(key.public_key()), version="0.1.0", now=OPENED
    ).close()
    return house
