"""Webhooks of agencies, the outbox of changes, and the log of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

TABLES = ("announcement", "webhook", "webhook_pair", "webhook_delivery")


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("change_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["timeline_entry_version.id"], name=op.f("fk_announcement_change_id")),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_announcement")),
    )
    _index_part("ix_announcement_waiting", "announcement", "change_id", "told_at IS NULL")
    _create_webhook()
    op.create_table(
        "webhook_pair",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("webhook_id", ROW_ID, nullable=False),
        sa.Column("passport", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_pair_webhook_id")),
        sa.ForeignKeyConstraint(["passport"], ["place.code"], name=op.f("fk_webhook_pair_passport")),
        sa.ForeignKeyConstraint(["destination"], ["place.code"], name=op.f("fk_webhook_pair_destination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_pair")),
    )
    op.create_index(op.f("ix_webhook_pair_webhook_id"), "webhook_pair", ["webhook_id"])
    _create_delivery()


def _create_webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("agency_id", ROW_ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_signs_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("after_revision", sa.Integer(), nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(former_secret IS NULL) = (former_signs_until IS NULL)", name=op.f("ck_webhook_former_secret_ends")
        ),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_because IS NULL)", name=op.f("ck_webhook_disabled_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_webhook_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_agency_id"), "webhook", ["agency_id"])


def _create_delivery() -> None:
    state = sa.Enum(
        "pending", "delivered", "dead", name="delivery_state", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("webhook_id", ROW_ID, nullable=False),
        sa.Column("change_id", ROW_ID, nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("last_attempt_at", INSTANT, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_fault", sa.Text(), nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (next_attempt_at IS NOT NULL)",
            name=op.f("ck_webhook_delivery_pending_is_tried_again"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_webhook_delivery_attempts_counted")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.ForeignKeyConstraint(["change_id"], ["announcement.change_id"], name=op.f("fk_webhook_delivery_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "change_id", name=op.f("uq_webhook_delivery_webhook_id_change_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_webhook_delivery_message_id")),
    )
    _index_part("ix_webhook_delivery_due", "webhook_delivery", "next_attempt_at", "state = 'pending'")


def _index_part(name: str, table: str, column: str, which: str) -> None:
    op.create_index(name, table, [column], postgresql_where=sa.text(which), sqlite_where=sa.text(which))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
