"""The tables. Moments are whole seconds since 1970 (UTC), days are YYYY-MM-DD, digests and keys lower-case hexadecimal.

Nothing is ever deleted from `rounds`, `roster`, `submissions`, `sketches`, `sketch_chunks`, `markets`, `benchmarks`,
`ledger_leaves`, `ledger_checkpoints` and `events`: an auditor reads them, or a member gets its own back. What was
signed is kept as the bytes that were signed.
"""

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

SCHEMA_VERSION = 3
"""2 added `ledger_leaves` and `ledger_checkpoints` to what 1 had, 3 `sketches`, `sketch_chunks`, `markets` and the
rounds' `sketch_deadline`. How an older store is brought to date: `coordinator.store.upgrades`.
"""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""`schema`: the version of these tables."""

members = Table(
    "members",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("industry", String(64), nullable=False),
    Column("county", String(2), nullable=False),
    Column("size_class", String(16)),
    Column("state", String(16), nullable=False),
    Column("ledger", String(200), unique=True),
    Column("signing_key", String(64)),
    Column("sealing_key", String(64)),
    Column("invited", BigInteger, nullable=False),
    Column("enrolled", BigInteger),
)
"""`ledger` and the keys are null until the member has enrolled; `ledger` never changes afterwards."""

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("used", BigInteger),
    Column("csr_digest", String(64)),
    Column("fingerprint", String(64)),
    Index("invitations_of", "role", "holder"),
)
"""`token_hash` is the SHA-256 of the token: whoever reads the store cannot join with what is in it."""

certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    Column("csr_digest", String(64), nullable=False),
    Column("signing_key", String(64), nullable=False),
    Column("sealing_key", String(64)),
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
    Column("digest", String(71), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("added", BigInteger, nullable=False),
)
"""The studies that rounds were opened with."""

rounds = Table(
    "rounds",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("study", ForeignKey("studies.digest"), nullable=False),
    Column("window_first", String(10), nullable=False),
    Column("window_last", String(10), nullable=False),
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
    Column("signing_key", String(64), nullable=False),
    Column("ledger", String(200), nullable=False),
    PrimaryKeyConstraint("round", "member"),
    Index("roster_of", "member"),
)
"""Whom a round asks, with what its release is checked against; the rest of the roster is in the announcement."""

submissions = Table(
    "submissions",
    metadata,
    Column("round", String(64), nullable=False),
    Column("member", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "member"),
    ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
)
"""The releases as they came; `digest` is the SHA-256 of the envelope."""

declines = Table(
    "declines",
    metadata,
    Column("round", String(64), nullable=False),
    Column("member", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    PrimaryKeyConstraint("round", "member"),
    ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
)
"""Who takes no part. A sketch that is sent afterwards takes the line away; `events` has both."""

sketches = Table(
    "sketches",
    metadata,
    Column("round", String(64), nullable=False),
    Column("member", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("epoch", String(4), nullable=False),
    Column("sketch_digest", String(64), nullable=False),
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
    Column("round", String(64), nullable=False),
    Column("member", String(64), nullable=False),
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
    Column("digest", String(64), nullable=False, unique=True),
    Column("supersedes", String(64)),
    Column("published", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("round", "version"),
    Index("benchmarks_by_time", "published"),
)
"""What was published, version by version; nothing of it changes. `digest` is the SHA-256 of the envelope."""

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
    Column("commitment", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
"""The newest signed commitment of each member to the network identity key."""

offers = Table(
    "offers",
    metadata,
    Column("recipient", ForeignKey("members.id"), nullable=False),
    Column("sponsor", ForeignKey("members.id"), nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    PrimaryKeyConstraint("recipient", "sponsor"),
)
"""The network identity key, sealed by a sponsor for a recipient; at most one of each sponsor."""

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("what", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("detail", Text),
)
"""What has happened, in order: one line in the transaction of each change."""
