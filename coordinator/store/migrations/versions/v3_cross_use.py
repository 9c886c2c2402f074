"""Version 3: cross-use."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision: str | None = "2"


def upgrade() -> None:
    """Adds sketches, markets, and the rounds' deadline of sketches."""
    op.create_table(
        "markets",
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round"], ["rounds.id"]),
        sa.PrimaryKeyConstraint("round"),
    )
    op.create_table(
        "sketches",
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.String(length=4), nullable=False),
        sa.Column("sketch_digest", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round", "member"], ["roster.round", "roster.member"]),
        sa.PrimaryKeyConstraint("round", "member"),
    )
    op.create_index("sketches_of", "sketches", ["member", "epoch"])
    op.create_table(
        "sketch_chunks",
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round", "member"], ["sketches.round", "sketches.member"]),
        sa.PrimaryKeyConstraint("round", "member", "number"),
    )
    op.add_column("rounds", sa.Column("sketch_deadline", sa.BigInteger()))
