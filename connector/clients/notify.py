"""The part of a client's file about notifications: what is told, to which channel, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from connector.clients.forms import IntervalText, Name, WeekdayKey, weekdays
from connector.clients.named import CHANNELS, EVENTS, OPERATOR_EVENTS, keys_of
from connector.clients.parts import Strict, needed
from connector.rules.notices import ClientEvent, NotifyRule, OperatorEvent, TicketEvent
from connector.rules.worktime import WorkCalendar

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _once(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError("expected every channel once")
    return names


def _digest_at(value: Any) -> int | None:
    if value == "hourly":
        return None
    if isinstance(value, str) and (found := _TIME.fullmatch(value)):
        return int(found[1]) * 60 + int(found[2])
    raise ValueError('expected a time of day, like "08:00", or hourly')


ChannelNames: TypeAlias = Annotated[
    list[Name],
    AfterValidator(needed),
    AfterValidator(_once),
    BeforeValidator(_listed, json_schema_input_type=str | list[Name]),
]
DigestAt = Annotated[
    int | None,
    BeforeValidator(_digest_at),
    WithJsonSchema({"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|hourly)$"}),
]
"""Minute of the day, None for hourly."""
Hours: TypeAlias = Literal["always", "working_hours"] | dict[WeekdayKey, list[IntervalText]]


Told: TypeAlias = Mapping[Any, list[str]]  # channels by event; the key of a Mapping is not covariant


def apart(at_once: Told, digest: Told) -> None:
    """ValueError where a channel is told of the same event in both ways."""
    for event, channels in at_once.items():
        for channel in channels:
            if channel in digest.get(event, ()):
                raise ValueError(f"{channel} is told of {event} at once and in the digest: keep one")


class NotifyPart(Strict):
    at_once: dict[TicketEvent | ClientEvent, ChannelNames] = Field(
        description="Event -> channels of connector.yaml that are told at once, once an episode",
        examples=[{"missed": ["dispatch"], "release": ["manager"]}],
        json_schema_extra=keys_of(EVENTS, CHANNELS),
    )
    digest: dict[TicketEvent | ClientEvent, ChannelNames] = Field(
        description="Event -> channels that are told in a digest",
        examples=[{"at_risk": ["manager"]}],
        json_schema_extra=keys_of(EVENTS, CHANNELS),
    )
    digest_at: DigestAt = Field(
        description="Local time of day of the digest, or hourly", examples=["08:00", "hourly"]
    )
    hours: Hours = Field(
        description="When anything is sent; the rest goes in one digest at their beginning. "
        "working_hours: of the ticket's own promise",
        examples=["working_hours", {"mon-fri": ["07:00-19:00"]}],
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        apart(self.at_once, self.digest)
        if isinstance(self.hours, dict):
            _week(self.hours, "UTC")
        return self

    def rule(self, timezone: str) -> NotifyRule:
        """The rule, its hours and its digest in this time zone."""
        hours = _week(self.hours, timezone) if isinstance(self.hours, dict) else self.hours
        return rule_of(self.at_once, self.digest, self.digest_at, hours)


class OperatorsPart(Strict):
    """What those who run the connector are told; it concerns no client."""

    at_once: dict[OperatorEvent, ChannelNames] = Field(
        {},
        description="Event -> channels that are told at once",
        examples=[{"connection_stopped": ["ops"]}],
        json_schema_extra=keys_of(OPERATOR_EVENTS, CHANNELS),
    )
    digest: dict[OperatorEvent, ChannelNames] = Field(
        {},
        description="Event -> channels that are told in a digest",
        examples=[{"quarantined": ["ops"]}],
        json_schema_extra=keys_of(OPERATOR_EVENTS, CHANNELS),
    )
    digest_at: DigestAt = Field(
        "08:00", validate_default=True, description="UTC time of day of the digest, or hourly"
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        apart(self.at_once, self.digest)
        return self

    def rule(self) -> NotifyRule:
        return rule_of(self.at_once, self.digest, self.digest_at, "always")


def rule_of(
    at_once: Told,
    digest: Told,
    digest_minute: int | None,
    hours: Literal["always", "working_hours"] | WorkCalendar,
) -> NotifyRule:
    return NotifyRule(
        at_once={event: tuple(names) for event, names in at_once.items()},
        digest={event: tuple(names) for event, names in digest.items()},
        digest_minute=digest_minute,
        hours=hours,
    )


def _week(hours: dict[str, list[tuple[str, str]]], timezone: str) -> WorkCalendar:
    days: dict[str, list[tuple[str, str]]] = {}
    for key, spans in hours.items():
        for day in weekdays(key):
            if day in days:
                raise ValueError(f"hours: {day} is named twice: name every day once")
            days[day] = spans
    return WorkCalendar(timezone, days)
