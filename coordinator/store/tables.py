"""The tables. Moments are whole seconds since 1970 (UTC), days are YYYY-MM-DD, digests and keys lower-case hexadecimal.

Nothing is ever deleted from `rounds`, `roster`, `submissions`, `sketches`, `sketch_chunks`, `markets`, `benchmarks`,
`ledger_leaves`, `ledger_checkpoints` and `events`: an auditor reads them, or a member gets its own back. What was
signed is kept as the bytes that were signed.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

SCHEMA_VERSION = 4
"""2 added `ledger_leaves` and `ledger_checkpoints` to what 1 had, 3 `sketches`, `sketch_chunks`, `markets` and the
rounds' `sketch_deadline`; 4 `insights`, `insight_readers`, `assessments` and `distributions`, gave `supersedes` the
room that PostgreSQL wants of it, and text there the order of its bytes. How an older store is brought to date:
`coordinator.store.migrations`.
"""

metadata = MetaData()


def _words(length: int) -> TypeEngine[Any]:
    """Text that is sorted by its bytes everywhere: PostgreSQL would sort by the language that it was set up for."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


meta = Table(
    "meta",
    metadata,
    Column("name", _words(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""`schema`: the version of these tables."""

members = Table(
    "members",
    metadata,
    Column("id", _words(64), primary_key=True),
    Column("name", _words(120), nullable=False),
    Column("industry", _words(64), nullable=False),
    Column("county", _words(2), nullable=False),
    Column("size_class", _words(16)),
    Column("state", _words(16), nullable=False),
    Column("ledger", _words(200), unique=True),
    Column("signing_key", _words(64)),
    Column("sealing_key", _words(64)),
    Column("invited", BigInteger, nullable=False),
    Column("enrolled", BigInteger),
)
"""`ledger` and the keys are null until the member has enrolled; `ledger` never changes afterwards."""

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", _words(64), primary_key=True),
    Column("role", _words(16), nullable=False),
    Column("holder", _words(64), nullable=False),
    Column("name", _words(120), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("used", BigInteger),
    Column("csr_digest", _words(64)),
    Column("fingerprint", _words(64)),
    Index("invitations_of", "role", "holder"),
)
"""`token_hash` is the SHA-256 of the token: whoever reads the store cannot join with what is in it."""

certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", _words(64), primary_key=True),
    Column("role", _words(16), nullable=False),
    Column("holder", _words(64), nullable=False),
    Column("name", _words(120), nullable=False),
    Column("state", _words(16), nullable=False),
    Column("csr_digest", _words(64), nullable=False),
    Column("signing_key", _words(64), nullable=False),
    Column("sealing_key", _words(64)),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Index("certificates_of", "role", "holder", "state"),
)
"""`state`: current, superseded (a newer one took its place) or revoked."""

studies = Table(
    "studies",
    metadata,
    Column("digest", _words(71), primary_key=True),
    Column("name", _words(64), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("added", BigInteger, nullable=False),
)
"""The studies that rounds were opened with."""

rounds = Table(
    "rounds",
    metadata,
    Column("id", _words(64), primary_key=True),
    Column("state", _words(16), nullable=False),
    Column("study", ForeignKey("studies.digest"), nullable=False),
    Column("window_first", _words(10), nullable=False),
    Column("window_last", _words(10), nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("quorum", Integer, nullable=False),
    Column("announcement", LargeBinary, nullable=False),
    Column("ended", BigInteger),
    Column("reason", Text),
    Column("sketch_deadline", BigInteger),
)
"""`announcement` is the signed envelope; `ended` when it was closed or aborted; `reason` why it was aborted. A round of
cross-use has a `sketch_deadline`, and no other has one.
"""

roster = Table(
    "roster",
    metadata,
    Column("round", ForeignKey("rounds.id"), nullable=False),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("signing_key", _words(64), nullable=False),
    Column("ledger", _words(200), nullable=False),
    PrimaryKeyConstraint("round", "member"),
    Index("roster_of", "member"),
)
"""Whom a round asks, with what its release is checked against; the rest of the roster is in the announcement."""

submissions = Table(
    "submissions",
    metadata,
    Column("round", _words(64), nullable=False),
    Column("member", _words(64), nullable=False),
    Column("digest", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "member"),
    ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
)
"""The releases as they came; `digest` is the SHA-256 of the envelope."""

declines = Table(
    "declines",
    metadata,
    Column("round", _words(64), nullable=False),
    Column("member", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    PrimaryKeyConstraint("round", "member"),
    ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
)
"""Who takes no part. A sketch that is sent afterwards takes the line away; `events` has both."""

sketches = Table(
    "sketches",
    metadata,
    Column("round", _words(64), nullable=False),
    Column("member", _words(64), nullable=False),
    Column("digest", _words(64), nullable=False),
    Column("epoch", _words(4), nullable=False),
    Column("sketch_digest", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "member"),
    ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
    Index("sketches_of", "member", "epoch"),
)
"""The headers of the sealed sketches as they came; `digest` is the SHA-256 of the envelope, `sketch_digest` that of the
sketch inside, as the header says it.
"""

sketch_chunks = Table(
    "sketch_chunks",
    metadata,
    Column("round", _words(64), nullable=False),
    Column("member", _words(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("chunk", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "member", "number"),
    ForeignKeyConstraint(["round", "member"], ["sketches.round", "sketches.member"]),
)
"""The sealed sketches, piece by piece from 0 on: nobody here can open them. None without its header, none missing."""

markets = Table(
    "markets",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("made", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
"""Which sketches a round of cross-use counts against, as the coordinator has signed it, once."""

benchmarks = Table(
    "benchmarks",
    metadata,
    Column("round", ForeignKey("rounds.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", _words(64), nullable=False, unique=True),
    Column("supersedes", _words(71)),
    Column("published", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "version"),
    Index("benchmarks_by_time", "published"),
)
"""What was published, version by version; nothing of it changes. `digest` is the SHA-256 of the envelope,
`supersedes` that of the version before, after `sha256:`.
"""

ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    PrimaryKeyConstraint("member", "seq"),
)
"""The members' ledgers as their witness has them, leaf by leaf, byte for byte: nothing that is not cosigned."""

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
    PrimaryKeyConstraint("member", "size"),
)
"""The cosigned checkpoints, as the member got them; `time` is that of the cosignature."""

commitments = Table(
    "commitments",
    metadata,
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("commitment", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
"""The newest signed commitment of each member to the network identity key."""

offers = Table(
    "offers",
    metadata,
    Column("recipient", ForeignKey("members.id"), nullable=False),
    Column("sponsor", ForeignKey("members.id"), nullable=False),
    Column("commitment", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("recipient", "sponsor"),
)
"""The network identity key, sealed by a sponsor for a recipient; at most one of each sponsor."""

insights = Table(
    "insights",
    metadata,
    Column("digest", _words(64), primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("round", ForeignKey("rounds.id"), nullable=False),
    Column("cohort", _words(128), nullable=False),
    Column("signing_key", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("hidden", BigInteger),
    Column("reason", Text),
    Column("envelope", LargeBinary, nullable=False),
    Index("insights_of", "member", "received"),
    Index("insights_by_time", "received"),
)
"""What members say of benchmarks; `digest` is the SHA-256 of the envelope, which is emptied when it is withdrawn.
`hidden` since when the operator has it served to nobody, and `reason` why.
"""

insight_readers = Table(
    "insight_readers",
    metadata,
    Column("insight", ForeignKey("insights.digest"), nullable=False),
    Column("member", ForeignKey("members.id"), nullable=False),
    PrimaryKeyConstraint("insight", "member"),
    Index("insight_readers_of", "member"),
)
"""The members of the cohort that an insight is for, as they were in its benchmark."""

assessments = Table(
    "assessments",
    metadata,
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("digest", _words(64), nullable=False),
    Column("signing_key", _words(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
"""The self-assessment of each member that shares its own; withdrawn, the line is gone."""

distributions = Table(
    "distributions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("made", BigInteger, nullable=False),
    Column("sets", Text, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
"""What was published of the self-assessments; `sets` has by cohort and member the digests of what was counted,
as JSON: whatever is published later is held against them.
"""

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("what", _words(64), nullable=False),
    Column("subject", _words(160), nullable=False),
    Column("detail", Text),
)
"""What has happened, in order: one line in the transaction of each change."""
