"""Agencies, their keys, and what was asked with each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("per_minute > 0 AND per_day > 0", name=op.f("ck_agency_may_ask")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("name", name=op.f("uq_agency_name")),
    )
    op.create_table(
        "agency_key",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("agency_id", ROW_ID, nullable=False),
        sa.Column("beginning", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_key_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_agency_key_digest")),
    )
    op.create_index(op.f("ix_agency_key_agency_id"), "agency_key", ["agency_id"])
    op.create_table(
        "agency_usage",
        sa.Column("key_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["agency_key.id"], name=op.f("fk_agency_usage_key_id")),
        sa.PrimaryKeyConstraint("key_id", "day", name=op.f("pk_agency_usage")),
    )


def downgrade() -> None:
    for table in ("agency_usage", "agency_key", "agency"):
        op.drop_table(table)
