"""Settings: what each variable means, and what is said of one that cannot be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from visalookup.config import Settings, settings_from
from visalookup.domain.errors import InvalidValue
from visalookup.domain.sources import VerificationLevel

EVERY_ONE = {
    "DATABASE_URL": "postgresql://db/visas",
    "DATA_FOLDER": "/srv/data",
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
    "SECRET_KEY": "a long secret",
    "TRUSTED_PROXIES": "2",
    "RECEIPT_KEY_FILE": "/srv/key.pem",
    "RATE_LIMIT_ANONYMOUS": "11",
    "RATE_LIMIT_AGENCY": "22",
    "QUOTA_AGENCY": "33",
    "RATE_LIMIT_STORAGE": "redis://cache:6379/0",
    "WEBHOOKS_TO_LOOPBACK": "on",
    "STAFF_REVIEW": "off",
    "STAFF_IDLE_MINUTES": "5",
    "STAFF_SESSION_HOURS": "6",
    "SECURE_COOKIES": "off",
    "VERIFICATION_DAYS_OFFICIAL": "7",
    "VERIFICATION_DAYS_SECONDARY": "8",
    "VERIFICATION_DAYS_UNVERIFIED": "9",
    "STAFF_UPCOMING_DAYS": "10",
    "STAFF_STUCK_DAYS": "12",
}


@pytest.mark.parametrize("environment", [{}, dict.fromkeys([*EVERY_ONE, "OIDC_ISSUER"], "")])
def test_what_is_left_out_or_empty_is_as_usual(environment: dict[str, str]) -> None:
    assert settings_from(environment) == Settings()


def test_every_variable_is_read() -> None:
    found = settings_from(EVERY_ONE)
    assert (found.database_url, found.data_folder) == ("postgresql://db/visas", Path("/srv/data"))
    assert (found.log_level, found.log_format, found.secret_key) == ("DEBUG", "json", "a long secret")
    assert (found.trusted_proxies, found.receipt_key_file) == (2, Path("/srv/key.pem"))
    assert (found.rate_limit_anonymous, found.rate_limit_agency, found.quota_agency) == (11, 22, 33)
    assert (found.rate_limit_storage, found.webhooks_to_loopback) == ("redis://cache:6379/0", True)
    staff = found.staff
    assert (staff.review, staff.secure_cookies) == (False, False)
    assert (staff.idle, staff.longest_session) == (timedelta(minutes=5), timedelta(hours=6))
    assert (staff.upcoming, staff.stuck) == (timedelta(days=10), timedelta(days=12))
    assert staff.limits_of_age == {
        level: timedelta(days=days) for level, days in zip(VerificationLevel, (7, 8, 9), strict=True)
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES is 'one'; write a whole number."),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES is '-1'; write a whole number."),
        ("STAFF_IDLE_MINUTES", "½", "STAFF_IDLE_MINUTES is '½'; write a whole number."),
        ("STAFF_IDLE_MINUTES", "٣", "STAFF_IDLE_MINUTES is '٣'; write a whole number."),
        ("QUOTA_AGENCY", "0", "QUOTA_AGENCY is 0; write 1 to 1000000000."),
        ("STAFF_REVIEW", "yes", "STAFF_REVIEW is 'yes'; write on or off."),
        (
            "RATE_LIMIT_STORAGE",
            "memcached://here",
            "RATE_LIMIT_STORAGE names no storage; write memory:// or redis://host:6379/0.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_to_write(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        settings_from({name: text})
    assert str(refused.value) == said
