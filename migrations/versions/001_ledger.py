"""The append-only ledger: revisions, records, and the versions of each record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "place",
    "place_group",
    "regime",
    "revision",
    "place_group_version",
    "place_version",
    "regime_version",
    "source",
    "source_version",
    "terms",
    "timeline_entry_version",
    "rule_version",
)
"""Every table of the ledger: rows are added to them, never changed or removed."""

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' is refused';
END
$$
"""


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
        "place",
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place")),
    )
    op.create_table(
        "place_group",
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place_group")),
    )
    op.create_table(
        "regime", sa.Column("id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_regime"))
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("file", "staff", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_revision_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
        sa.UniqueConstraint("recorded_at", name=op.f("uq_revision_recorded_at")),
    )
    op.create_table(
        "place_group_version",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_place_group_version_first_supersedes_nothing")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_place_group_version_version_positive")),
        sa.ForeignKeyConstraint(["code"], ["place_group.code"], name=op.f("fk_place_group_version_code")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_place_group_version_revision")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["place_group_version.id"], name=op.f("fk_place_group_version_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_group_version")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_place_group_version_code_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_place_group_version_supersedes_id")),
    )
    op.create_index(op.f("ix_place_group_version_revision"), "place_group_version", ["revision"], unique=False)
    op.create_table(
        "place_version",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "state",
                "territory",
                "document",
                name="place_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alpha2", sa.Text(), nullable=True),
        sa.Column("icao", sa.Text(), nullable=True),
        sa.Column("citizens_of", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("authority_name", sa.Text(), nullable=True),
        sa.Column("authority_url", sa.Text(), nullable=True),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_place_version_first_supersedes_nothing")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_place_version_version_positive")),
        sa.ForeignKeyConstraint(["citizens_of"], ["place.code"], name=op.f("fk_place_version_citizens_of")),
        sa.ForeignKeyConstraint(["code"], ["place.code"], name=op.f("fk_place_version_code")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_place_version_revision")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["place_version.id"], name=op.f("fk_place_version_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_version")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_place_version_code_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_place_version_supersedes_id")),
    )
    op.create_index(op.f("ix_place_version_revision"), "place_version", ["revision"], unique=False)
    op.create_table(
        "regime_version",
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bilateral_agreement",
                "multilateral_agreement",
                "unilateral_decision",
                "domestic_law",
                name="regime_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("policy_of", sa.Text(), nullable=True),
        sa.Column("authority_name", sa.Text(), nullable=True),
        sa.Column("authority_url", sa.Text(), nullable=True),
        sa.Column(
            "verification_level",
            sa.Enum(
                "official",
                "secondary",
                "unverified",
                name="verification_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_regime_version_first_supersedes_nothing")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_regime_version_version_positive")),
        sa.ForeignKeyConstraint(["regime_id"], ["regime.id"], name=op.f("fk_regime_version_regime_id")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_regime_version_revision")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["regime_version.id"], name=op.f("fk_regime_version_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regime_version")),
        sa.UniqueConstraint("regime_id", "version", name=op.f("uq_regime_version_regime_id_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_regime_version_supersedes_id")),
    )
    op.create_index(op.f("ix_regime_version_revision"), "regime_version", ["revision"], unique=False)
    op.create_table(
        "source",
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["regime_id"], ["regime.id"], name=op.f("fk_source_regime_id")),
        sa.PrimaryKeyConstraint("regime_id", "key", name=op.f("pk_source")),
    )
    op.create_table(
        "source_version",
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "official",
                "secondary",
                "press",
                name="source_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Text(), nullable=True),
        sa.Column("accessed_on", sa.Date(), nullable=True),
        sa.Column("state_on", sa.Text(), nullable=True),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("url LIKE 'http%'", name=op.f("ck_source_version_url_is_http")),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_source_version_first_supersedes_nothing")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_source_version_version_positive")),
        sa.ForeignKeyConstraint(
            ["regime_id", "key"], ["source.regime_id", "source.key"], name=op.f("fk_source_version_regime_id_key")
        ),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_source_version_revision")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["source_version.id"], name=op.f("fk_source_version_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_version")),
        sa.UniqueConstraint("regime_id", "key", "version", name=op.f("uq_source_version_regime_id_key_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_source_version_supersedes_id")),
    )
    op.create_index(op.f("ix_source_version_revision"), "source_version", ["revision"], unique=False)
    op.create_table(
        "terms",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column(
            "requirement",
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
        sa.Column("stay_days", sa.Integer(), nullable=True),
        sa.Column("stay_within_days", sa.Integer(), nullable=True),
        sa.Column("stay_months", sa.Integer(), nullable=True),
        sa.Column("stay_unlimited", sa.Boolean(), nullable=False),
        sa.Column("stay_total_days", sa.Integer(), nullable=True),
        sa.Column("stay_total_within_days", sa.Integer(), nullable=True),
        sa.Column("stay_total_calendar_year", sa.Boolean(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("overriding", sa.Boolean(), nullable=False),
        sa.Column(
            "verification_level",
            sa.Enum(
                "official",
                "secondary",
                "unverified",
                name="verification_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(verified_on IS NULL) = (verification_level = 'unverified')", name=op.f("ck_terms_verified_when_read")
        ),
        sa.CheckConstraint("stay_days IS NULL OR stay_days > 0", name=op.f("ck_terms_stay_days_positive")),
        sa.CheckConstraint("stay_months IS NULL OR stay_months > 0", name=op.f("ck_terms_stay_months_positive")),
        sa.CheckConstraint(
            "stay_within_days IS NULL OR stay_within_days >= stay_days", name=op.f("ck_terms_stay_fits_its_period")
        ),
        sa.ForeignKeyConstraint(
            ["regime_id", "source_key"],
            ["source.regime_id", "source.key"],
            name=op.f("fk_terms_regime_id_source_key"),
        ),
        sa.ForeignKeyConstraint(["regime_id"], ["regime.id"], name=op.f("fk_terms_regime_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_terms")),
    )
    op.create_table(
        "timeline_entry_version",
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "status_event",
                "milestone",
                name="entry_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "memorandum_of_intent",
                "signed",
                "provisionally_applied",
                "in_force",
                "suspended",
                "terminated",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("milestone", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "precision",
            sa.Enum(
                "instant",
                "day",
                "month",
                "year",
                name="precision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attested", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("transition_until", sa.Date(), nullable=True),
        sa.Column("transition_text", sa.Text(), nullable=True),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'milestone') = (milestone IS NOT NULL)",
            name=op.f("ck_timeline_entry_version_name_of_a_milestone"),
        ),
        sa.CheckConstraint(
            "(kind = 'status_event') = (status IS NOT NULL)",
            name=op.f("ck_timeline_entry_version_status_of_an_event"),
        ),
        sa.CheckConstraint(
            "precision IN ('instant', 'day') OR status IS NULL"
            " OR status IN ('memorandum_of_intent', 'signed', 'withdrawn')",
            name=op.f("ck_timeline_entry_version_exact_where_answers_change"),
        ),
        sa.CheckConstraint(
            "(effective_on IS NULL) <> (effective_at IS NULL)",
            name=op.f("ck_timeline_entry_version_day_or_instant"),
        ),
        sa.CheckConstraint(
            "(transition_until IS NULL) = (transition_text IS NULL)",
            name=op.f("ck_timeline_entry_version_transition_is_whole"),
        ),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)",
            name=op.f("ck_timeline_entry_version_first_supersedes_nothing"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_timeline_entry_version_version_positive")),
        sa.ForeignKeyConstraint(
            ["regime_id", "source_key"],
            ["source.regime_id", "source.key"],
            name=op.f("fk_timeline_entry_version_regime_id_source_key"),
        ),
        sa.ForeignKeyConstraint(["regime_id"], ["regime.id"], name=op.f("fk_timeline_entry_version_regime_id")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_timeline_entry_version_revision")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["timeline_entry_version.id"], name=op.f("fk_timeline_entry_version_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry_version")),
        sa.UniqueConstraint(
            "regime_id", "key", "version", name=op.f("uq_timeline_entry_version_regime_id_key_version")
        ),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_timeline_entry_version_supersedes_id")),
    )
    op.create_index(op.f("ix_timeline_entry_version_revision"), "timeline_entry_version", ["revision"], unique=False)
    op.create_table(
        "rule_version",
        sa.Column("regime_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("passport", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("passport_group", sa.Text(), nullable=True),
        sa.Column("destination_group", sa.Text(), nullable=True),
        sa.Column("terms_digest", sa.Text(), nullable=False),
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", ROW_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_rule_version_first_supersedes_nothing")
        ),
        sa.CheckConstraint("passport <> destination", name=op.f("ck_rule_version_not_at_home")),
        sa.CheckConstraint("version > 0", name=op.f("ck_rule_version_version_positive")),
        sa.ForeignKeyConstraint(["destination"], ["place.code"], name=op.f("fk_rule_version_destination")),
        sa.ForeignKeyConstraint(
            ["destination_group"], ["place_group.code"], name=op.f("fk_rule_version_destination_group")
        ),
        sa.ForeignKeyConstraint(["passport"], ["place.code"], name=op.f("fk_rule_version_passport")),
        sa.ForeignKeyConstraint(["passport_group"], ["place_group.code"], name=op.f("fk_rule_version_passport_group")),
        sa.ForeignKeyConstraint(["regime_id"], ["regime.id"], name=op.f("fk_rule_version_regime_id")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_rule_version_revision")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["rule_version.id"], name=op.f("fk_rule_version_supersedes_id")),
        sa.ForeignKeyConstraint(["terms_digest"], ["terms.digest"], name=op.f("fk_rule_version_terms_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("regime_id", "key", "version", name=op.f("uq_rule_version_regime_id_key_version")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_rule_version_supersedes_id")),
    )
    op.create_index(op.f("ix_rule_version_revision"), "rule_version", ["revision"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        op.execute(REFUSE)
    for table in TABLES:
        _guard(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
