"""Version 4: what members tell each other, room for `supersedes`, and text that PostgreSQL sorts by its bytes.

A digest with `sha256:` before it has 71 characters, and the column was for 64: SQLite does not mind, and PostgreSQL
refused every second version of a benchmark.
"""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision: str | None = "3"


def upgrade() -> None:
    """Adds texts and self-assessments, and changes columns; no row changes."""
    _sharing()
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("benchmarks", copy_from=_benchmarks()) as batch:
            batch.alter_column("supersedes", type_=sa.String(71))
        return
    seen = sa.inspect(op.get_bind())
    for table in seen.get_table_names():
        for column in seen.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.String) and kind.length is not None and table != "alembic_version":
                length = 71 if (table, column["name"]) == ("benchmarks", "supersedes") else kind.length
                op.alter_column(table, column["name"], type_=sa.String(length, collation="C"))


def _sharing() -> None:
    op.create_table(
        "insights",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("cohort", sa.String(length=128), nullable=False),
        sa.Column("signing_key", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger()),
        sa.Column("hidden", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"]),
        sa.ForeignKeyConstraint(["round"], ["rounds.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("insights_of", "insights", ["member", "received"])
    op.create_index("insights_by_time", "insights", ["received"])
    op.create_table(
        "insight_readers",
        sa.Column("insight", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["insight"], ["insights.digest"]),
        sa.ForeignKeyConstraint(["member"], ["members.id"]),
        sa.PrimaryKeyConstraint("insight", "member"),
    )
    op.create_index("insight_readers_of", "insight_readers", ["member"])
    op.create_table(
        "assessments",
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signing_key", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"]),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_table(
        "distributions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("sets", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )


def _benchmarks() -> sa.Table:
    """The table as versions 1 to 3 have it, which SQLite makes anew."""
    return sa.Table(
        "benchmarks",
        sa.MetaData(),
        sa.Column("round", sa.String(64), sa.ForeignKey("rounds.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("supersedes", sa.String(64)),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("round", "version"),
        sa.Index("benchmarks_by_time", "published"),
    )
