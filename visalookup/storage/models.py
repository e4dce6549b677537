"""Tables: an append-only ledger of versions, each written in one numbered revision.

A record (a place, a group, a regime, a source, a step on a timeline, a rule) is a chain of versions. A version
names the one it supersedes, and no version can be superseded twice, so each record has exactly one current
version. Nothing is updated or deleted; a record that no longer holds gets a last, retracted version.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import Precision
from visalookup.domain.places import PlaceKind
from visalookup.domain.regimes import RegimeKind
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import SourceKind, VerificationLevel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


RowId = BigInteger().with_variant(Integer, "sqlite")
"""Large whole numbers; SQLite counts rows only in its own INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, on SQLite too, which has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; a naive datetime is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base with named constraints, so that migrations can name them too."""

    metadata = MetaData(naming_convention=NAMING)


def enumerated(kind: type[StrEnum], name: str) -> Enum:
    """A text column limited to the values of an enumeration by a check in the database."""
    return Enum(
        kind,
        values_callable=lambda each: [str(value) for value in each],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
    )


class Origin(StrEnum):
    """Where a revision came from."""

    FILE = "file"
    STAFF = "staff"


class Revision(Base):
    """One committed change of the data: by whom, when, why."""

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("number > 0", name="number_positive"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(Instant, unique=True)
    actor: Mapped[str] = mapped_column(Text)
    origin: Mapped[Origin] = mapped_column(enumerated(Origin, "origin"))
    reason: Mapped[str] = mapped_column(Text)


class PlaceRow(Base):
    """The identity of a place."""

    __tablename__ = "place"
    code: Mapped[str] = mapped_column(Text, primary_key=True)


class GroupRow(Base):
    """The identity of a group of places."""

    __tablename__ = "place_group"
    code: Mapped[str] = mapped_column(Text, primary_key=True)


class RegimeRow(Base):
    """The identity of a regime."""

    __tablename__ = "regime"
    id: Mapped[str] = mapped_column(Text, primary_key=True)


class SourceRow(Base):
    """The identity of a source, named by its key within a regime."""

    __tablename__ = "source"
    regime_id: Mapped[str] = mapped_column(ForeignKey("regime.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)


class TermsRow(Base):
    """What a list gives, stored once under the digest of its content; immutable by construction."""

    __tablename__ = "terms"
    __table_args__ = (
        ForeignKeyConstraint(["regime_id", "source_key"], ["source.regime_id", "source.key"]),
        CheckConstraint("stay_days IS NULL OR stay_days > 0", name="stay_days_positive"),
        CheckConstraint("stay_months IS NULL OR stay_months > 0", name="stay_months_positive"),
        CheckConstraint("stay_within_days IS NULL OR stay_within_days >= stay_days", name="stay_fits_its_period"),
        CheckConstraint("(verified_on IS NULL) = (verification_level = 'unverified')", name="verified_when_read"),
    )

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    regime_id: Mapped[str] = mapped_column(ForeignKey("regime.id"))
    source_key: Mapped[str] = mapped_column(Text)
    requirement: Mapped[Requirement] = mapped_column(enumerated(Requirement, "requirement"))
    stay_days: Mapped[int | None]
    stay_within_days: Mapped[int | None]
    stay_months: Mapped[int | None]
    stay_unlimited: Mapped[bool]
    stay_total_days: Mapped[int | None]
    stay_total_within_days: Mapped[int | None]
    stay_total_calendar_year: Mapped[bool]
    documents: Mapped[list[str]] = mapped_column(JSON)
    purposes: Mapped[list[str]] = mapped_column(JSON)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    overriding: Mapped[bool]
    use_instead: Mapped[str | None] = mapped_column(Text)
    applies_from: Mapped[date | None] = mapped_column(Date)
    applies_until: Mapped[date | None] = mapped_column(Date)
    verification_level: Mapped[VerificationLevel] = mapped_column(enumerated(VerificationLevel, "verification_level"))
    verified_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)


class Version:
    """One version of a record: which it supersedes, in which revision it was written, and why."""

    id: Mapped[int] = mapped_column(RowId, Identity(), primary_key=True)
    version: Mapped[int]
    retracted: Mapped[bool] = mapped_column(server_default=false())
    reason: Mapped[str | None] = mapped_column(Text)

    @declared_attr
    def supersedes_id(cls) -> Mapped[int | None]:  # noqa: N805 - SQLAlchemy passes the class
        """The version before; unique, so that no version is superseded twice."""
        return mapped_column(RowId, ForeignKey(f"{cls.__tablename__}.id"), unique=True)  # type: ignore[attr-defined]

    @declared_attr
    def revision(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy passes the class
        """The revision it was written in."""
        return mapped_column(ForeignKey("revision.number"), index=True)


def _chained(*identity: str) -> tuple[Any, ...]:
    """Constraints that make the versions of a record one unbroken chain."""
    return (
        UniqueConstraint(*identity, "version"),
        CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="first_supersedes_nothing"),
        CheckConstraint("version > 0", name="version_positive"),
    )


class PlaceVersion(Version, Base):
    """What is known of a place."""

    __tablename__ = "place_version"
    __table_args__ = _chained("code")

    code: Mapped[str] = mapped_column(ForeignKey("place.code"))
    kind: Mapped[PlaceKind] = mapped_column(enumerated(PlaceKind, "place_kind"))
    name: Mapped[str] = mapped_column(Text)
    alpha2: Mapped[str | None] = mapped_column(Text)
    icao: Mapped[str | None] = mapped_column(Text)
    citizens_of: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    article: Mapped[str | None] = mapped_column(Text)
    aliases: Mapped[list[str]] = mapped_column(JSON)
    timezone: Mapped[str | None] = mapped_column(Text)
    authority_name: Mapped[str | None] = mapped_column(Text)
    authority_url: Mapped[str | None] = mapped_column(Text)


class GroupVersion(Version, Base):
    """What is known of a group."""

    __tablename__ = "place_group_version"
    __table_args__ = _chained("code")

    code: Mapped[str] = mapped_column(ForeignKey("place_group.code"))
    name: Mapped[str] = mapped_column(Text)
    members: Mapped[list[Any]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[dict[str, Any]] = mapped_column(JSON)


class RegimeVersion(Version, Base):
    """What is known of a regime, apart from its timeline, sources and rules."""

    __tablename__ = "regime_version"
    __table_args__ = _chained("regime_id")

    regime_id: Mapped[str] = mapped_column(ForeignKey("regime.id"))
    kind: Mapped[RegimeKind] = mapped_column(enumerated(RegimeKind, "regime_kind"))
    title: Mapped[str] = mapped_column(Text)
    parties: Mapped[list[str]] = mapped_column(JSON)
    policy_of: Mapped[str | None] = mapped_column(Text)
    authority_name: Mapped[str | None] = mapped_column(Text)
    authority_url: Mapped[str | None] = mapped_column(Text)
    verification_level: Mapped[VerificationLevel | None] = mapped_column(
        enumerated(VerificationLevel, "verification_level")
    )
    verified_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    entry: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class SourceVersion(Version, Base):
    """What is known of a source."""

    __tablename__ = "source_version"
    __table_args__ = (
        *_chained("regime_id", "key"),
        ForeignKeyConstraint(["regime_id", "key"], ["source.regime_id", "source.key"]),
        CheckConstraint("url LIKE 'http%'", name="url_is_http"),
    )

    regime_id: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[SourceKind] = mapped_column(enumerated(SourceKind, "source_kind"))
    publisher: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    published_on: Mapped[str | None] = mapped_column(Text)
    accessed_on: Mapped[date | None] = mapped_column(Date)
    state_on: Mapped[str | None] = mapped_column(Text)


class EntryKind(StrEnum):
    """What an entry of a timeline is."""

    STATUS_EVENT = "status_event"
    MILESTONE = "milestone"


class TimelineEntryVersion(Version, Base):
    """A step on a regime's timeline: a status event, or a milestone of one party."""

    __tablename__ = "timeline_entry_version"
    __table_args__ = (
        *_chained("regime_id", "key"),
        ForeignKeyConstraint(["regime_id", "source_key"], ["source.regime_id", "source.key"]),
        CheckConstraint("(effective_on IS NULL) <> (effective_at IS NULL)", name="day_or_instant"),
        CheckConstraint("(kind = 'status_event') = (status IS NOT NULL)", name="status_of_an_event"),
        CheckConstraint("(kind = 'milestone') = (milestone IS NOT NULL)", name="name_of_a_milestone"),
        CheckConstraint(
            "precision IN ('instant', 'day') OR status IS NULL"
            " OR status IN ('memorandum_of_intent', 'signed', 'withdrawn')",
            name="exact_where_answers_change",
        ),
        CheckConstraint("(transition_until IS NULL) = (transition_text IS NULL)", name="transition_is_whole"),
    )

    regime_id: Mapped[str] = mapped_column(ForeignKey("regime.id"))
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[EntryKind] = mapped_column(enumerated(EntryKind, "entry_kind"))
    status: Mapped[Status | None] = mapped_column(enumerated(Status, "status"))
    milestone: Mapped[str | None] = mapped_column(Text)
    party: Mapped[str | None] = mapped_column(Text)
    effective_on: Mapped[date | None] = mapped_column(Date)
    effective_at: Mapped[datetime | None] = mapped_column(Instant)
    precision: Mapped[Precision] = mapped_column(enumerated(Precision, "precision"))
    attested: Mapped[bool]
    source_key: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    transition_until: Mapped[date | None] = mapped_column(Date)
    transition_text: Mapped[str | None] = mapped_column(Text)


class RuleVersion(Version, Base):
    """What a regime gives one passport at one destination."""

    __tablename__ = "rule_version"
    __table_args__ = (
        *_chained("regime_id", "key"),
        CheckConstraint("passport <> destination", name="not_at_home"),
    )

    regime_id: Mapped[str] = mapped_column(ForeignKey("regime.id"))
    key: Mapped[str] = mapped_column(Text)
    passport: Mapped[str] = mapped_column(ForeignKey("place.code"))
    destination: Mapped[str] = mapped_column(ForeignKey("place.code"))
    passport_group: Mapped[str | None] = mapped_column(ForeignKey("place_group.code"))
    destination_group: Mapped[str | None] = mapped_column(ForeignKey("place_group.code"))
    terms_digest: Mapped[str] = mapped_column(ForeignKey("terms.digest"))


VERSION_TABLES: tuple[type[Version], ...] = (
    PlaceVersion,
    GroupVersion,
    RegimeVersion,
    SourceVersion,
    TimelineEntryVersion,
    RuleVersion,
)
"""Every table of versions, in an order in which their rows can be written."""
