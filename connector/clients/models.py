"""The shape of a client's file: every key, what it means, what may be written there.

These models check the file *after* `defaults.yaml` has been laid under it, so every key is required
here; the JSON Schema for editors is made from them with that requirement taken off (schema.py).
Whatever needs more than one key at once to judge, like overlapping hours, is judged in resolve.py.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connector.clients.commitments import CommitmentsPart
from connector.clients.days_off import check_country, check_subdivision
from connector.clients.experience import ImprovementPlanPart, LoopPart, RewardPart, SurveyPart, WatermelonPart
from connector.clients.forms import (
    Count,
    Day,
    IntervalText,
    Minutes,
    Name,
    Percent,
    Promise,
    RaiseAt,
    Share,
    WeekdayKey,
    YesNo,
)
from connector.clients.named import CAPTION, COMPANY_FLAGS, FLAGS, keys_of
from connector.clients.notify import NotifyPart
from connector.clients.parts import AnswerTest, CountPart, Names, Slug, Strict, TemplatePart, needed
from connector.clients.problems import suggestion
from connector.clients.ratings import RatedField, RatedNote
from connector.model import Channel, CompanyFlag, FlagName, PromiseName


def _always_open(value: Any) -> Any:
    return {"mon-sun": ["00:00-24:00"]} if value == "24x7" else value


_zones = cache(available_timezones)


def _zone(value: str) -> str:
    if value not in _zones():
        hint = suggestion(value, _zones()) or "; write a name like Europe/London"
        raise ValueError(f"unknown time zone {value!r}{hint}")
    return value


TimeZone = Annotated[str, AfterValidator(_zone)]
Intervals: TypeAlias = list[IntervalText]
Week = Annotated[
    dict[WeekdayKey, Intervals],
    BeforeValidator(_always_open, json_schema_input_type=Literal["24x7"] | dict[str, Intervals]),
]


class MatchPart(Strict):
    connection: Name = Field(description="Name of a connection in connector.yaml", examples=["main"])
    companies: Annotated[Names, AfterValidator(needed)] = Field(
        description="Companies of the PSA, by name or id", examples=[["Acme Dental", 1042]]
    )


class HolidaysPart(Strict):
    country: str | None = Field(description="ISO 3166 code; null for none", examples=["GB", "DE", "US"])
    subdivision: str | None = Field(
        description="State, province or land of that country; null for the whole", examples=["ENG", "BY"]
    )
    add: list[Day] = Field(description="More days off, whole days", examples=[["2026-12-24"]])
    remove: list[Day] = Field(description="Public holidays on which the desk works")

    _known_country = field_validator("country")(check_country)

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "country" in info.data:
            check_subdivision(info.data["country"], value)
        return value


class CalendarHours(Strict):
    timezone: TimeZone = Field(description="The desk's time zone", examples=["Europe/London"])
    week: Week = Field(
        description='Working hours by day: "mon", "mon-thu" or "mon,wed"; a day not named is closed. '
        'An end at or before its start runs past midnight. "24x7" is always. Replaces the default week',
        examples=[{"mon-thu": ["08:30-12:30", "13:30-18:00"], "fri": ["08:30-17:00"]}, "24x7"],
    )
    holidays: HolidaysPart = Field(description="Days off")
    closures: dict[Day, Intervals] = Field(
        description="Part-day closures by date", examples=[{"2026-12-24": ["12:00-24:00"]}]
    )


class CalendarPart(CalendarHours):
    from_: dict[Day, CalendarHours] = Field(
        alias="from",
        description="What is new from a date on; what is not named stays as it was",
        examples=[{"2026-07-01": {"week": {"mon-fri": ["08:00-18:00"]}}}],
    )


def _mapping(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError(f"expected '24x7', or a calendar of its own, not {value!r}")
    return value


RowCalendar = Annotated[
    CalendarPart | None,
    BeforeValidator(_mapping, json_schema_input_type=Literal["24x7"] | CalendarPart | None),
]


class PhrasesPart(Strict):
    not_a_response: Names = Field(description="A message with such words does not count as an answer")
    response: Names = Field(description="A message with such words counts, also where it is boilerplate")


class ResponsePart(Strict):
    channels: Annotated[list[Channel], AfterValidator(needed)] = Field(description="Where an answer counts")
    unknown: Literal["counted", "not_counted", "review"] = Field(
        description="When nothing shows whether a person or a machine wrote it"
    )
    boilerplate: Literal["counted", "not_counted"] = Field(
        description='A person\'s "we will be looking into this shortly"'
    )
    stock_texts: Literal["counted", "not_counted"] = Field(
        description="A text its author has sent on other tickets, until a person rules that it is boilerplate"
    )
    machines: Names = Field(description="Actors, by id or name, that are machines whatever they look like")
    phrases: PhrasesPart = Field(description="Words that decide, looked for in the writer's own words")
    count: list[CountPart] = Field(
        description="Messages that count where they would not; of machines, absences or bounces only if named"
    )
    never: list[CountPart] = Field(description="Messages that never count; stands above count")
    tests: list[AnswerTest] = Field(description="Messages to try these rules on before they are used")


class ResplanPart(Strict):
    channels: list[Channel] = Field(description="Where talking to each other engages customer and resolver")
    appointment: YesNo = Field(description="An appointment engages them")
    message_by_resolver: YesNo = Field(description="A message of somebody who can resolve engages them")
    statuses: Names = Field(description="Statuses that say so", examples=[["Scheduled"]])
    not_by: Names = Field(description="People or teams who cannot resolve", examples=[["Dispatch"]])


class TargetRow(Strict):
    """Working time; h and m only. A bucket not named is as in the "*" row, null is no promise."""

    response: Promise | None = Field(None, description="A person has answered")
    resplan: Promise | None = Field(None, description="Customer and somebody who can resolve are engaged")
    update: Promise | None = Field(None, description="The customer is kept informed this often")
    resolution: Promise | None = Field(None, description="It is resolved")
    calendar: RowCalendar = Field(
        None, description="24x7: count every hour, holidays too; or what differs from the client's calendar"
    )


class UpdatePart(Strict):
    runs: Literal["while_ball_is_ours", "always"] = Field(
        description="always: every so often, whoever is waited for"
    )


class PausePart(Strict):
    statuses: Names = Field(description="Statuses in which we wait for somebody else")
    buckets: list[PromiseName] = Field(description="Clocks that stop then")
    resume_on_reply: YesNo = Field(description="The customer's reply ends the pause, whatever the status")


class ResolutionPart(Strict):
    statuses: Annotated[Names, AfterValidator(needed)] = Field(description="Statuses that mean resolved")
    auto_close: Literal["not_a_resolution", "resolution"] = Field(description="A close by a machine")
    reopened: Literal["adds_time", "stays_met"] = Field(description="What reopening does to the clock")
    thanks: Literal["ignored", "reopens"] = Field(description='A "thanks" after the resolution')


class ZonesPart(Strict):
    yellow: Percent = Field(gt=0, lt=100, description="From this per cent of the target used")
    orange: Percent = Field(gt=0, le=100, description="From this per cent of the target used")
    orange_when_left: Minutes = Field(description="Orange, too, when less is left; 0m for never")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.orange <= self.yellow:
            raise ValueError(f"orange ({self.orange:g}) must come after yellow ({self.yellow:g})")
        return self


class RiskPart(Strict):
    raise_at: RaiseAt = Field(
        description="At risk before orange, too, from this learnt chance of a miss in per cent; off for never"
    )


class ExcludePart(Strict):
    types: Names = Field(description="Ticket types that are reported apart")
    statuses: Names = Field(description="Statuses whose tickets are reported apart")


class PxPart(Strict):
    target: Percent = Field(gt=0, le=100, description="Positive ratings, in per cent of the ratings")
    window_days: Count = Field(ge=1, le=730, description="Over this many days")
    positive: Share = Field(description="Positive from these points of the scale")
    negative: Share = Field(description="Negative up to these points of the scale")
    neutral: Literal["counted", "excluded"] = Field(description="Ratings between positive and negative")
    review: Literal["strict", "guarded"] = Field(
        description="Service review below target: strict at once, guarded only when chance cannot explain it"
    )
    plan: Literal["strict", "guarded"] = Field(description="The same for the 90-day improvement plan")
    min_answers: Count = Field(ge=1, le=1000, description="With fewer ratings there is no review and no plan")
    annual_weight: Percent = Field(
        ge=0, le=100, description="What an answer of the yearly questionnaire weighs; 0: it is shown apart"
    )
    notes: list[RatedNote] = Field(description="Ratings that survey tools write into notes of the ticket")
    fields: dict[Name, RatedField] = Field(
        description="Ratings that survey tools write into custom fields of the ticket, by caption",
        examples=[{"CSAT Rating": {"scale": 5, "comment": "CSAT Comment"}}],
    )
    own: Names = Field(
        description="Whose ratings never count: mail domains, addresses or ids of the desk",
        examples=[["our-msp.example"]],
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.negative >= self.positive:
            raise ValueError("negative must end below where positive begins")
        return self


class NoisePart(Strict):
    alerts_per_engineer_day: Percent | None = Field(
        gt=0, le=10_000, description="Alerts an engineer gets on nine of ten days at most; null: any number"
    )
    writes_per_hour: Percent | None = Field(
        gt=0, le=1_000_000, description="Writes to the PSA in the busiest hour at most; null: any number"
    )


class ClientFile(Strict):
    """One client of the MSP: a file in config/clients/. What is not written is as in defaults.yaml."""

    client: Name = Field(description="The client's name, as people say it", examples=["Acme Dental"])
    enforce_from: Day | None = Field(description="Tickets opened earlier are shown, never flagged")
    match: MatchPart | None = Field(description="Which tickets are this client's")
    calendar: CalendarPart = Field(description="When the clocks run")
    response: ResponsePart = Field(description="What counts as a person having answered")
    templates: dict[Slug, TemplatePart] = Field(
        description="Texts you know, by a name of your own",
        examples=[{"left-voicemail": {"match": ["left a * voicemail"]}}],
    )
    resplan: ResplanPart = Field(description="What counts as customer and resolver being engaged")
    targets: Annotated[dict[Name, TargetRow], AfterValidator(needed)] = Field(
        description='Promises by priority of the PSA; "*" is every other priority',
        examples=[{"*": {"response": "1h", "resolution": "24h"}, "P1": {"response": "15m"}}],
    )
    update: UpdatePart = Field(description="When the update clock runs")
    pause: PausePart = Field(description="When clocks stand still")
    resolution: ResolutionPart = Field(description="What counts as resolved")
    on_priority_change: Literal["retroactive", "from_change"] = Field(
        description="New targets hold from the opening, or from the change on"
    )
    zones: ZonesPart = Field(description="When a ticket turns yellow and orange; red is the target missed")
    commitments: CommitmentsPart = Field(description="Dated promises in messages: “I'll call you by 3 pm”")
    risk: RiskPart = Field(description="When a ticket is at risk before its zone says so")
    exclude: ExcludePart = Field(description="Tickets that are reported apart, never diluting")
    px: PxPart = Field(description="What the client feels: the ratings")
    watermelon: WatermelonPart = Field(
        description="When a ticket is a watermelon: every promise kept on paper, the customer unhappy"
    )
    loop: LoopPart = Field(description="What a negative rating asks of the desk")
    improvement_plan: ImprovementPlanPart = Field(description="What a review below target may lead to")
    survey: SurveyPart = Field(description="Our own survey, asked before a ticket is closed")
    reward: RewardPart = Field(description="The mirror of a review: what more than was promised earns")
    noise: NoisePart = Field(description="What backtest may find at most; above it, it fails")
    notify: NotifyPart = Field(description="Who is told of what, outside of the PSA; never a customer")
    flags: dict[FlagName, Name | None] = Field(
        description="Caption of the PSA field each flag is written to; null: not written",
        json_schema_extra=keys_of(FLAGS, CAPTION),
    )
    company_flags: dict[CompanyFlag, Name | None] = Field(
        description="Caption of the field of the PSA's companies each is written to; null: not written",
        json_schema_extra=keys_of(COMPANY_FLAGS, CAPTION),
    )
