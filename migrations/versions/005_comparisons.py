"""Comparisons with outside tables, and their differences for review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "comparison",
    "flagged_difference",
    "difference_review",
)
APPEND_ONLY = (
    "comparison",
    "flagged_difference",
    "difference_review",
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
        "comparison",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("compared_by", sa.Text(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_table(
        "flagged_difference",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("comparison_id", ROW_ID, nullable=False),
        sa.Column("passport", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column(
            "theirs",
            sa.Enum(
                "freedom_of_movement",
                "visa_free",
                "eta",
                "visa_on_arrival",
                "e_visa",
                "visa_required",
                "no_admission",
                name="requirement",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparison.id"], name=op.f("fk_flagged_difference_comparison_id")),
        sa.ForeignKeyConstraint(["destination"], ["place.code"], name=op.f("fk_flagged_difference_destination")),
        sa.ForeignKeyConstraint(["passport"], ["place.code"], name=op.f("fk_flagged_difference_passport")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flagged_difference")),
        sa.UniqueConstraint(
            "comparison_id",
            "passport",
            "destination",
            name=op.f("uq_flagged_difference_comparison_id_passport_destination"),
        ),
    )
    op.create_table(
        "difference_review",
        sa.Column(
            "difference_id",
            ROW_ID,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["flagged_difference.id"], name=op.f("fk_difference_review_difference_id")
        ),
        sa.PrimaryKeyConstraint("difference_id", name=op.f("pk_difference_review")),
    )
    for table in APPEND_ONLY:
        _guard(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
