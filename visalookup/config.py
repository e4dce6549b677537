"""Settings, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from visalookup.domain.accounts.roles import Role
from visalookup.domain.agencies.agency import MOST_QUESTIONS
from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.sources import LIMIT_OF_AGE, VerificationLevel

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_DATABASE_URL = f"sqlite:///{ROOT / 'instance' / 'visalookup.sqlite'}"
MEMORY = "memory://"
"""The storage of limits in which each process counts by itself."""
LARGEST_BODY = 5 * 1024 * 1024
"""The largest request body, in bytes: room for ten thousand questions and to spare."""


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The identity provider (OpenID Connect), and which value of which claim stands for which role."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    role_claim: str = "roles"
    roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """How the console works here."""

    review: bool = True
    """Whether another person must publish what one has proposed."""
    idle: timedelta = timedelta(minutes=30)
    """After so long without a request a session ends,"""
    longest_session: timedelta = timedelta(hours=10)
    """and after so long in any case."""
    secure_cookies: bool = True
    """Whether cookies are sent over TLS only."""
    limits_of_age: Mapping[VerificationLevel, timedelta] = field(default_factory=lambda: LIMIT_OF_AGE)
    """How old a check may grow, by its level, before it is listed as work."""
    upcoming: timedelta = timedelta(days=60)
    """How far ahead a step is listed as about to take effect."""
    stuck: timedelta = timedelta(days=365)
    """How long a regime may wait in one status before it is listed as stuck."""
    single_sign_on: SingleSignOn | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs."""

    database_url: str = DEFAULT_DATABASE_URL
    data_folder: Path = ROOT / "data"
    log_level: str = "INFO"
    log_format: str = "text"
    secret_key: str | None = None
    """Signs the cookies of the console; None takes the one kept in the instance folder."""
    trusted_proxies: int = 0
    """How many proxies of ours stand in front, each of which adds the address it was asked from."""
    receipt_key_file: Path | None = None
    """The private key that signs receipts; None takes the one kept in the instance folder."""
    rate_limit_anonymous: int = 1_200
    """Questions a minute from one address without a key,"""
    rate_limit_agency: int = 120_000
    """and of one agency, unless it was given another number."""
    quota_agency: int = 1_000_000
    """Questions a day (of UTC) of one agency, unless it was given another number."""
    rate_limit_storage: str = MEMORY
    """Where they are counted: each process by itself, or in Redis for all of them, as redis://host:6379/0."""
    staff: StaffSettings = field(default_factory=StaffSettings)
    webhooks_to_loopback: bool = False
    """Whether webhooks may lead to this machine itself, without TLS too: for trying them out."""


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; each may be left out. Raise InvalidValue for one that cannot be used."""
    given, usual = Environment(environment), Settings()
    folder, key_file = given.text("DATA_FOLDER"), given.text("RECEIPT_KEY_FILE")
    return Settings(
        database_url=given.text("DATABASE_URL") or usual.database_url,
        data_folder=Path(folder) if folder else usual.data_folder,
        log_level=(given.text("LOG_LEVEL") or usual.log_level).upper(),
        log_format=given.text("LOG_FORMAT") or usual.log_format,
        secret_key=given.text("SECRET_KEY"),
        trusted_proxies=given.number("TRUSTED_PROXIES", usual.trusted_proxies),
        receipt_key_file=Path(key_file) if key_file else None,
        rate_limit_anonymous=given.count("RATE_LIMIT_ANONYMOUS", usual.rate_limit_anonymous),
        rate_limit_agency=given.count("RATE_LIMIT_AGENCY", usual.rate_limit_agency),
        quota_agency=given.count("QUOTA_AGENCY", usual.quota_agency),
        rate_limit_storage=_storage(given.text("RATE_LIMIT_STORAGE") or usual.rate_limit_storage),
        staff=_staff_settings(given),
        webhooks_to_loopback=given.switch("WEBHOOKS_TO_LOOPBACK", usual.webhooks_to_loopback),
    )


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables that settings are read from; one that is empty counts as left out."""

    variables: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """A text; None where it is left out."""
        return self.variables.get(name) or None

    def number(self, name: str, usual: int) -> int:
        """A whole number, not below zero."""
        text = self.text(name) or str(usual)
        if not text.isascii() or not text.isdigit():
            raise InvalidValue(f"{name} is {quoted(text)}; write a whole number.")
        return int(text)

    def count(self, name: str, usual: int) -> int:
        """A number of questions."""
        number = self.number(name, usual)
        if not 1 <= number <= MOST_QUESTIONS:
            raise InvalidValue(f"{name} is {number}; write 1 to {MOST_QUESTIONS}.")
        return number

    def duration(self, name: str, unit: timedelta, usual: timedelta) -> timedelta:
        """So many times a unit of time."""
        return self.number(name, usual // unit) * unit

    def switch(self, name: str, usual: bool) -> bool:
        """On or off."""
        text = self.text(name) or ("on" if usual else "off")
        if text not in ("on", "off"):
            raise InvalidValue(f"{name} is {quoted(text)}; write on or off.")
        return text == "on"


def _storage(address: str) -> str:
    if address != MEMORY and not address.startswith(("redis://", "rediss://", "redis+unix://")):
        raise InvalidValue("RATE_LIMIT_STORAGE names no storage; write memory:// or redis://host:6379/0.")
    return address


def _staff_settings(given: Environment) -> StaffSettings:
    usual, day = StaffSettings(), timedelta(days=1)
    return StaffSettings(
        review=given.switch("STAFF_REVIEW", usual.review),
        idle=given.duration("STAFF_IDLE_MINUTES", timedelta(minutes=1), usual.idle),
        longest_session=given.duration("STAFF_SESSION_HOURS", timedelta(hours=1), usual.longest_session),
        secure_cookies=given.switch("SECURE_COOKIES", usual.secure_cookies),
        limits_of_age={
            level: given.duration(f"VERIFICATION_DAYS_{level.upper()}", day, limit)
            for level, limit in usual.limits_of_age.items()
        },
        upcoming=given.duration("STAFF_UPCOMING_DAYS", day, usual.upcoming),
        stuck=given.duration("STAFF_STUCK_DAYS", day, usual.stuck),
        single_sign_on=_single_sign_on(given),
    )


def _single_sign_on(given: Environment) -> SingleSignOn | None:
    issuer = given.text("OIDC_ISSUER")
    if issuer is None:
        return None
    names = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES")
    client_id, client_secret, roles = (given.text(name) or "" for name in names)
    missing = [name for name in names if given.text(name) is None]
    if missing:
        raise InvalidValue(f"OIDC_ISSUER is set, so {' and '.join(missing)} must be set too.")
    return SingleSignOn(
        issuer=issuer.rstrip("/"),
        client_id=client_id,
        client_secret=client_secret,
        role_claim=given.text("OIDC_ROLE_CLAIM") or "roles",
        roles=dict(_role_of_value(role) for role in roles.split(",")),
    )


def _role_of_value(text: str) -> tuple[str, Role]:
    value, _, role = text.strip().partition("=")
    if not value or role not in list(Role):
        raise InvalidValue(f"OIDC_ROLES has {quoted(text)}; write value=role, the role being {', '.join(Role)}.")
    return value, Role(role)
