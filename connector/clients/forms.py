"""The written forms of our YAML files: durations, times of day, weekdays, dates, shares, names.

Each form is a pydantic type: what a person writes goes in, what the rules need comes out, and the same
type tells editors (JSON Schema) which writings are fine. The errors say how to write it instead.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Strict, WithJsonSchema

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(?P<h>\d{1,5})h)?(?:(?P<m>\d{1,5})m)?(?:(?P<s>\d{1,5})s)?", re.ASCII)
_MINUTES_PATTERN = r"^(\d{1,5}h)?(\d{1,5}m)?$"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_INTERVAL_PATTERN = rf"^{_CLOCK}-({_CLOCK}|24:00)$"
_SHARE = re.compile(r"(\d{1,3})/(\d{1,3})", re.ASCII)

Interval: TypeAlias = tuple[str, str]


def duration(value: Any, units: str = "hm") -> timedelta:
    """Text like "1h30m" as a length; `units` are the letters allowed. Raises ValueError."""
    example = "30s, 15m, 1h or 1h30m" if "s" in units else "15m, 1h or 1h30m"
    if isinstance(value, str):
        if re.fullmatch(r"\d+\s*(d|days?|w|weeks?)", value.strip(), re.IGNORECASE | re.ASCII):
            raise ValueError(f"'{value.strip()}': say hours, like 8h: working days differ")
        match = _DURATION.fullmatch(value)
        if match and match[0] and all(match[unit] is None or unit in units for unit in _UNITS):
            return timedelta(seconds=sum(int(match[unit] or 0) * _UNITS[unit] for unit in _UNITS))
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"expected a duration with its unit, like {value}m or {value}h")
    raise ValueError(f"expected a duration: {example}")


def _minutes(value: Any) -> float:
    return duration(value).total_seconds() / 60


def _promise(value: Any) -> float:
    if (minutes := _minutes(value)) <= 0:
        raise ValueError("a promise must be longer than zero; write null for no promise")
    return minutes


def interval(value: Any) -> Interval:
    """ "09:00-17:30" as ("09:00", "17:30"). Raises ValueError."""
    if isinstance(value, str) and re.fullmatch(_INTERVAL_PATTERN, value, re.ASCII):
        start, _, end = value.partition("-")
        return start, end
    raise ValueError('expected "HH:MM-HH:MM", like "09:00-17:30" or "22:00-24:00"')


def weekdays(key: str) -> tuple[str, ...]:
    """ "mon-thu" or "mon,wed" or "sat-mon" as its days, in order. Raises ValueError."""
    days: list[str] = []
    for part in key.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(
                f"{key!r}: expected days as mon, mon-thu or mon,wed (mon tue wed thu fri sat sun)"
            )
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 + 1 if dash else 1
        days += [DAYS[(start + step) % 7] for step in range(length)]
    return tuple(days)


def _weekday_key(key: str) -> str:
    weekdays(key)
    return key


def _date(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"'{value}' is not in the calendar: expected YYYY-MM-DD") from None
    raise ValueError("expected a date as YYYY-MM-DD, like 2026-12-24")


def _share(value: Any) -> float:
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if not match or not 0 < int(match[1]) <= int(match[2]):
        raise ValueError('expected points of the scale, like 4/5 ("4 or 5 of 5 is positive")')
    return int(match[1]) / int(match[2])


def _raise_at(value: Any) -> float | None:
    if value == "off":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 100:
        return float(value)
    raise ValueError("expected per cent, above 0 and below 100, like 80; or off")


def _name(value: Any) -> Any:
    """A whole number where a name stands is a name or id written without quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("expected text, but it is empty")
    return value.strip()


def _text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


Name = Annotated[
    str,
    AfterValidator(_not_blank),
    BeforeValidator(_name),
    WithJsonSchema({"type": ["string", "integer"], "minLength": 1}),
]
"""A name or an id: text, or a whole number written without quotes."""

Minutes = Annotated[float, BeforeValidator(_minutes), _text_schema(_MINUTES_PATTERN, "0m", "15m")]
Promise = Annotated[float, BeforeValidator(_promise), _text_schema(_MINUTES_PATTERN, "15m", "1h", "1h30m")]
"""Working minutes, more than none; written with h and m."""

IntervalText = Annotated[Interval, BeforeValidator(interval), _text_schema(_INTERVAL_PATTERN, "09:00-17:30")]
Day = Annotated[date, BeforeValidator(_date), _text_schema(r"^\d{4}-\d\d-\d\d$", "2026-12-24")]
Share = Annotated[float, BeforeValidator(_share), _text_schema(r"^\d{1,3}/\d{1,3}$", "4/5")]
Seconds = Annotated[
    timedelta,
    BeforeValidator(lambda value: duration(value, "hms")),
    _text_schema(r"^(\d{1,5}h)?(\d{1,5}m)?(\d{1,5}s)?$", "30s", "5m", "1h"),
]
"""A length of real time, written with h, m and s."""

WeekdayKey = Annotated[str, AfterValidator(_weekday_key)]
RaiseAt = Annotated[
    float | None,
    BeforeValidator(_raise_at),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100}, {"const": "off"}]}
    ),
]
"""A chance in per cent; `off` is never (None)."""

YesNo = Annotated[bool, Strict()]
Count = Annotated[int, Strict()]
Percent = Annotated[float, Strict()]
