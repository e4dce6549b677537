"""Agencies whose programs ask us: their keys, and how much each may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from visalookup.domain.errors import InvalidValue
from visalookup.domain.slugs import check_slug

LIVE_KEYS_AT_MOST = 2
"""An agency rotates its keys: it puts the new one into use while the old one is still good."""
LONGEST_TITLE = 100
MOST_QUESTIONS = 1_000_000_000
"""The most that can be allowed in a minute or a day, so that every counter can hold it."""


class KeyStatus(StrEnum):
    """Whether a key is good."""

    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Agency:
    """A client organisation; `per_minute` and `per_day` are questions, None for the default."""

    id: int
    name: str
    title: str
    created_at: datetime
    per_minute: int | None = None
    per_day: int | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgencyKey:
    """A key as staff see it: everything but the secret, of which `beginning` is enough to know it again."""

    id: int
    agency: str
    beginning: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def status(self, now: datetime) -> KeyStatus:
        """Whether it is good at this moment; it is good before `expires_at`, not at it."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        if self.expires_at is not None and now >= self.expires_at:
            return KeyStatus.EXPIRED
        return KeyStatus.USABLE


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What was asked with one key on one day, which is a day of UTC."""

    agency: str
    key_id: int
    beginning: str
    day: date
    requests: int
    questions: int


def check_agency_name(text: str) -> str:
    """The text, if it can name an agency; raise InvalidValue otherwise."""
    return check_slug(text)


def check_title(text: str) -> str:
    """How pages call an agency, with single blanks; raise InvalidValue where that is nothing or too long."""
    title = " ".join(text.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise InvalidValue(f"Write the agency's name as pages show it, in 1 to {LONGEST_TITLE} characters.")
    return title


def check_questions(number: int | None, span: str) -> int | None:
    """How many questions an agency may ask in a minute or a day, None for what is usual; raise InvalidValue."""
    if number is not None and not 1 <= number <= MOST_QUESTIONS:
        raise InvalidValue(f"Write 1 to {MOST_QUESTIONS} questions {span}, or nothing for what is usual.")
    return number


def check_may_have_another(live: int, agency: str) -> None:
    """Raise InvalidValue where an agency has two live keys already."""
    if live >= LIVE_KEYS_AT_MOST:
        raise InvalidValue(
            f"{agency} has {live} keys that are good, and may have {LIVE_KEYS_AT_MOST}; revoke one first."
        )


def next_day(now: datetime) -> datetime:
    """When the day of UTC ends, on which what was asked is counted."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
