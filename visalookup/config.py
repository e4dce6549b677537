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
    usual = Settings()
    return Settings(
        database_url=environment.get("DATABASE_URL") or usual.database_url,
        data_folder=Path(environment.get("DATA_FOLDER") or usual.data_folder),
        log_level=(environment.get("LOG_LEVEL") or usual.log_level).upper(),
        log_format=environment.get("LOG_FORMAT") or usual.log_format,
        secret_key=environment.get("SECRET_KEY") or None,
        trusted_proxies=_number(environment, "TRUSTED_PROXIES", usual.trusted_proxies),
        receipt_key_file=_path(environment, "RECEIPT_KEY_FILE"),
        rate_limit_anonymous=_count(environment, "RATE_LIMIT_ANONYMOUS", usual.rate_limit_anonymous),
        rate_limit_agency=_count(environment, "RATE_LIMIT_AGENCY", usual.rate_limit_agency),
        quota_agency=_count(environment, "QUOTA_AGENCY", usual.quota_agency),
        rate_limit_storage=_storage(environment, usual.rate_limit_storage),
        staff=_staff_settings(environment),
        webhooks_to_loopback=_switch(environment, "WEBHOOKS_TO_LOOPBACK", usual.webhooks_to_loopback),
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name)
    return Path(text) if text else None


def _staff_settings(environment: Mapping[str, str]) -> StaffSettings:
    usual = StaffSettings()
    return StaffSettings(
        review=_switch(environment, "STAFF_REVIEW", usual.review),
        idle=timedelta(minutes=_number(environment, "STAFF_IDLE_MINUTES", usual.idle // timedelta(minutes=1))),
        longest_session=timedelta(
            hours=_number(environment, "STAFF_SESSION_HOURS", usual.longest_session // timedelta(hours=1))
        ),
        secure_cookies=_switch(environment, "SECURE_COOKIES", usual.secure_cookies),
        limits_of_age={
            level: timedelta(days=_number(environment, f"VERIFICATION_DAYS_{level.upper()}", limit.days))
            for level, limit in usual.limits_of_age.items()
        },
        upcoming=timedelta(days=_number(environment, "STAFF_UPCOMING_DAYS", usual.upcoming.days)),
        stuck=timedelta(days=_number(environment, "STAFF_STUCK_DAYS", usual.stuck.days)),
        single_sign_on=_single_sign_on(environment),
    )


def _single_sign_on(environment: Mapping[str, str]) -> SingleSignOn | None:
    issuer = environment.get("OIDC_ISSUER")
    if not issuer:
        return None
    missing = [name for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES") if not environment.get(name)]
    if missing:
        raise InvalidValue(f"OIDC_ISSUER is set, so {' and '.join(missing)} must be set too.")
    return SingleSignOn(
        issuer=issuer.rstrip("/"),
        client_id=environment["OIDC_CLIENT_ID"],
        client_secret=environment["OIDC_CLIENT_SECRET"],
        role_claim=environment.get("OIDC_ROLE_CLAIM") or "roles",
        roles=dict(_role_of_value(each) for each in environment["OIDC_ROLES"].split(",")),
    )


def _role_of_value(text: str) -> tuple[str, Role]:
    value, _, role = text.strip().partition("=")
    if not value or role not in list(Role):
        raise InvalidValue(f"OIDC_ROLES has {quoted(text)}; write value=role, the role being {', '.join(Role)}.")
    return value, Role(role)


def _switch(environment: Mapping[str, str], name: str, usual: bool) -> bool:
    text = environment.get(name) or ("on" if usual else "off")
    if text not in ("on", "off"):
        raise InvalidValue(f"{name} is {quoted(text)}; write on or off.")
    return text == "on"


def _storage(environment: Mapping[str, str], usual: str) -> str:
    text = environment.get("RATE_LIMIT_STORAGE") or usual
    if text != MEMORY and not text.startswith(("redis://", "rediss://", "redis+unix://")):
        raise InvalidValue("RATE_LIMIT_STORAGE names no storage; write memory:// or redis://host:6379/0.")
    return text


def _count(environment: Mapping[str, str], name: str, usual: int) -> int:
    number = _number(environment, name, usual)
    if not 1 <= number <= MOST_QUESTIONS:
        raise InvalidValue(f"{name} is {number}; write 1 to {MOST_QUESTIONS}.")
    return number


def _number(environment: Mapping[str, str], name: str, usual: int) -> int:
    text = environment.get(name) or str(usual)
    if not text.isascii() or not text.isdigit():
        raise InvalidValue(f"{name} is {quoted(text)}; write a whole number.")
    return int(text)
