"""A requirement for documents that are not accepted, and what to use instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "009"
down_revision = "008"
branch_labels = None
depends_on = None

BEFORE = (
    "freedom_of_movement",
    "visa_free",
    "eta",
    "visa_on_arrival",
    "e_visa",
    "visa_required",
    "no_admission",
)
AFTER = (*BEFORE[:-1], "document_not_accepted", BEFORE[-1])

COLUMNS = (("terms", "requirement"), ("flagged_difference", "theirs"))


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _limit_to(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Change which requirements the columns may hold."""
    if op.get_context().dialect.name == "postgresql":
        _limit_on_postgresql(new)
    else:
        _limit_on_sqlite(old, new)


def _limit_on_postgresql(new: tuple[str, ...]) -> None:
    """Put a wider check in the place of the narrower one; both tables are small, so reading them holds nobody up."""
    for table, column in COLUMNS:
        name = f"ck_{table}_requirement"
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({_listed(new)}))"
        )


def _limit_on_sqlite(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Rewrite the text of the check, which is how SQLite changes one without copying a table others refer to.

    The column that is added or dropped in the same transaction makes every connection read the schema again.
    """
    op.execute("PRAGMA writable_schema = ON")
    for table, _ in COLUMNS:
        was, will_be = (_listed(values).replace("'", "''") for values in (old, new))
        op.execute(
            f"UPDATE sqlite_schema SET sql = replace(sql, '{was}', '{will_be}')"  # noqa: S608 - constants of this file
            f" WHERE type = 'table' AND name = '{table}'"
        )
    op.execute("PRAGMA writable_schema = RESET")


def upgrade() -> None:
    op.add_column("terms", sa.Column("use_instead", sa.Text(), nullable=True))
    _limit_to(BEFORE, AFTER)


def downgrade() -> None:
    op.drop_column("terms", "use_instead")
    _limit_to(AFTER, BEFORE)
