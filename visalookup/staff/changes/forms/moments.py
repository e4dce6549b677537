"""The part of a form for the effective date: a day, and optionally an hour by the clock of a place."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from visalookup.domain.errors import InvalidValue
from visalookup.domain.moments import is_instant_shaped, parse_day, parse_instant
from visalookup.domain.places import Place
from visalookup.staff.changes.forms.form_input import FormInput


def effective_date(form_input: FormInput, clocks: dict[str, Place]) -> str | None:
    """When it takes effect, as the data files write it: a day, month or year, or an instant with its offset."""
    on, at = form_input.text("on"), form_input.text("at")
    if at is None:
        return on
    if on is None:
        form_input.fault("on", "Give the day too; an hour alone is not enough.")
        return None
    clock = clocks.get(form_input.text("clock") or "") or next(iter(clocks.values()))
    try:
        return _instant(on, at, clock.zone)
    except InvalidValue as error:
        form_input.fault("on", str(error))
    except ValueError:
        form_input.fault("at", "This is not a time of day; write it as 15:00.")
    return on


def _instant(day: str, hour: str, zone: ZoneInfo) -> str:
    local = datetime.combine(parse_day(day), time.fromisoformat(hour), tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone) != local:
        raise InvalidValue(f"On {day} the clock there skips {hour}; give an hour that exists.")
    return local.isoformat()


def effective_fields(on: str | None, clocks: dict[str, Place]) -> dict[str, str]:
    """The form fields for such a date; an instant is shown by the first clock."""
    if not on or not is_instant_shaped(on):
        return {"on": on or ""}
    code, place = next(iter(clocks.items()))
    local = parse_instant(on).astimezone(place.zone)
    return {"on": local.date().isoformat(), "at": f"{local:%H:%M}", "clock": code}
