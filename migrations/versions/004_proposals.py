"""Proposals, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "proposal",
    "proposal_decision",
)
APPEND_ONLY = (
    "proposal",
    "proposal_decision",
)


def _guard(table: str) -> None:
    """Let the database itself refuse to change or remove a row."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {action} is refused'); END"
        )


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "step",
                "correction",
                "regime",
                "rule",
                "verification",
                "file",
                name="proposal_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renews_id", ROW_ID, nullable=True),
        sa.CheckConstraint("based_on >= 0", name=op.f("ck_proposal_based_on_a_version")),
        sa.ForeignKeyConstraint(["renews_id"], ["proposal.id"], name=op.f("fk_proposal_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("form_key", name=op.f("uq_proposal_form_key")),
        sa.UniqueConstraint("renews_id", name=op.f("uq_proposal_renews_id")),
    )
    op.create_index("ix_proposal_regime_id", "proposal", ["regime_id"], unique=False)
    op.create_table(
        "proposal_decision",
        sa.Column(
            "proposal_id",
            ROW_ID,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "published",
                "returned",
                "taken_back",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'published') = (revision IS NOT NULL)",
            name=op.f("ck_proposal_decision_published_in_a_revision"),
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_decision_proposal_id")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_proposal_decision_revision")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_decision")),
    )
    for table in APPEND_ONLY:
        _guard(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
