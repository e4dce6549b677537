"""What a destination asks of every visitor, beside its policy; nothing is known of what was recorded before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "010"
down_revision = "009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("regime_version", sa.Column("entry", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("regime_version", "entry")
