"""Terms that hold from a day or until a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "011"
down_revision = "010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("terms", sa.Column("applies_from", sa.Date(), nullable=True))
    op.add_column("terms", sa.Column("applies_until", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("terms", "applies_until")
    op.drop_column("terms", "applies_from")
