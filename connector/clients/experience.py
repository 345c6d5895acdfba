"""The parts of a client's file about asking for ratings and what follows from them: plan, reward."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connector.clients.forms import Count, Name, Percent, Promise, YesNo
from connector.clients.parts import Names, Strict, needed


def _rising(days: list[int]) -> list[int]:
    if sorted(set(days)) != days:
        raise ValueError("expected days in rising order, each once, like [30, 60, 90]")
    return days


def _few(names: list[str]) -> list[str]:
    if len(names) > 12:
        raise ValueError("expected 12 at most: nobody reads more on a phone")
    return names


class TaskPart(Strict):
    title: Name = Field(description="What is to be done", examples=["Agree with the client what went wrong"])
    day: Count = Field(ge=0, le=730, description="Due so many days after the plan opened")
    owner: Name | None = Field(None, description="Member of the PSA; null: the plan's owner")


class ImprovementPlanPart(Strict):
    days: Count = Field(ge=7, le=730, description="How long a plan runs until its verdict")
    checkpoints: Annotated[list[Count], AfterValidator(_rising)] = Field(
        description="PX is looked at formally after so many days", examples=[[30, 60, 90]]
    )
    exit: Literal["strict", "guarded"] = Field(
        description="Verdict: strict needs PX of the plan's days at the target, "
        "guarded only that chance could explain what is missing"
    )
    owner: Name | None = Field(description="Member of the PSA who owns reviews and plans; null: nobody yet")
    tasks: Annotated[list[TaskPart], AfterValidator(needed)] = Field(
        description="What every plan begins with; each becomes a ticket of the PSA"
    )

    @model_validator(mode="after")
    def _within(self) -> Self:
        late = [day for day in (*self.checkpoints, *(task.day for task in self.tasks)) if day > self.days]
        if late:
            raise ValueError(f"day {late[0]} lies behind the plan's {self.days} days")
        return self


class LoopPart(Strict):
    deadline: Promise | None = Field(
        description="Working time until a person has answered; null: no deadline", examples=["4h"]
    )
    owner: Name | None = Field(description="Who answers; null: the owner of the ticket")
    manager: Name | None = Field(description="Who is named once it is late; null: nobody")


Points = Annotated[Percent, Field(ge=0, le=100)]


class PointsPart(Strict):
    rated: Points = Field(description="A negative rating")
    thermometer: Points = Field(description="An unhappy face on Autotask's Service Thermometer")
    chased: Points = Field(description="Each time the customer wrote again without an answer in between")
    reopened: Points = Field(description="Each time the ticket was reopened")
    hops: Points = Field(description="Each hand-over beyond the second")
    wrote: Points = Field(description="Any of the words")
    raised: Points = Field(description="Each time the customer raised the priority")


class WatermelonPart(Strict):
    from_: Points = Field(alias="from", description="From so many points on an unhappy ticket is flagged")
    points: PointsPart = Field(description="What each sign of an unhappy customer weighs; 0: not looked at")
    words: Names = Field(
        description="Words of a customer who is losing patience", examples=[["unacceptable"]]
    )


class RewardPart(Strict):
    above: Percent | None = Field(
        gt=0, le=100, description="A reward is due when PX is at or above this; null: no rewards"
    )


class QuestionsPart(Strict):
    comment: YesNo = Field(description="What went well, what did not, in the customer's own words")
    lost_time: YesNo = Field(description="How much working time was lost, in minutes")
    factors: Annotated[Names, AfterValidator(_few)] = Field(
        description="What it was about, to tick", examples=[["Speed", "Friendliness", "It was solved"]]
    )


class SurveyPart(Strict):
    """Our own survey: a link that the desk's closing mail carries in a field of the ticket."""

    ask: YesNo = Field(description="Whether this client's contacts are asked; needs survey in connector.yaml")
    statuses: Annotated[Names, AfterValidator(needed)] = Field(
        description="A ticket in one of these is about to be closed: now its contact is asked",
        examples=[["Resolved", "Completed"]],
    )
    scale: Count = Field(ge=3, le=10, description="Points of the scale; the most is the happiest answer")
    valid_days: Count = Field(ge=1, le=365, description="How long a link can be answered")
    per_contact_days: Count = Field(ge=0, le=730, description="A contact is asked once in so many days")
    per_day: Count | None = Field(
        ge=1, le=10_000, description="Contacts asked on one day at most; null: any number"
    )
    sample: Percent = Field(gt=0, le=100, description="Of the tickets, in per cent; the same ones every time")
    questions: QuestionsPart = Field(description="What may be said beside the score; all of it is optional")
    again: YesNo = Field(description="Ask once more when an unhappy customer was answered by a person")
