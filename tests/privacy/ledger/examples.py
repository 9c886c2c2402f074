"""Small ledgers for the tests of this folder."""

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

from privacy.bounds.windows import twelve_months_to
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import KeyAdopted, PolicyAdopted, Spent, SpentPart
from privacy.ledger.store import Ledger
from privacy.mechanisms.calibration import DiscreteGaussian

ORIGIN = "standalone/ledger/fjordteatret-1a2b3c4d"
KEY = "ab" * 32
OTHER_KEY = "cd" * 32
DIGEST = "sha256:" + "12" * 32
START = datetime(2026, 1, 5, 9, 30, 0, tzinfo=UTC)
WINDOW = twelve_months_to(date(2025, 12, 31))
ENVELOPE = b"the bytes of a release"


def create(path: Path) -> Ledger:
    return Ledger.create(path, origin=ORIGIN, public_key=KEY, version="0.1.0", now=START)


def policy(seq: int, time: datetime = START) -> PolicyAdopted:
    return PolicyAdopted(
        seq=seq,
        time=time,
        digest=DIGEST,
        cap_epsilon_u=1_100_000,
        cap_rho_u=80_000,
        delta=Fraction(1, 10**6),
        largest_epsilon_u=1_000_000,
        largest_rho_u=40_000,
    )


def key(seq: int, time: datetime = START) -> KeyAdopted:
    return KeyAdopted(seq=seq, time=time, public_key=OTHER_KEY)


def part(table: str = "totals", measure: str = "revenue", l2_squared: int = 10**12, scale: int = 2**22) -> SpentPart:
    return SpentPart(
        table=table,
        measure=measure,
        cells=1,
        l2_squared=l2_squared,
        scale=Fraction(scale),
        rho_u=DiscreteGaussian(Fraction(scale)).cost(l2_squared).micro,
    )


def spent(seq: int, time: datetime = START, envelope: bytes = ENVELOPE, study_digest: str = DIGEST) -> Spent:
    parts = (part(), part("gender", "customers", 1, 9))
    return Spent(
        seq=seq,
        time=time,
        study="benchmark",
        study_digest=study_digest,
        round=None,
        window=WINDOW,
        parts=parts,
        epsilon_u=0,
        rho_u=sum(each.rho_u for each in parts),
        release_digest=release_digest(envelope),
    )


def filled(path: Path) -> None:
    """A ledger with an entry of every type."""
    with create(path) as ledger, ledger.transaction() as transaction:
        transaction.append(policy(1))
        transaction.append(spent(2))
        transaction.store(ENVELOPE)
        transaction.append(key(3))
