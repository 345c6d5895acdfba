"""What the parts of a client's file are made of, and the parts that say which answers count."""

from __future__ import annotations

import re
from collections.abc import Sized
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from connector.clients.forms import Count, Name, YesNo
from connector.model import ActorKind, Cause, Channel, Content, Direction
from connector.rules.authorship.wording import pieces

T = TypeVar("T", bound=Sized)
_SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt rule must not be a rule silently left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def needed(values: T) -> T:
    """At least one of something. Raises ValueError."""
    if not values:
        raise ValueError("expected at least one")
    return values


def _slug(value: str) -> str:
    if not re.fullmatch(_SLUG, value):
        raise ValueError("expected a short name of small letters, digits and hyphens, like left-voicemail")
    return value


def _wording(value: Any) -> Any:
    if not isinstance(value, str) or not pieces(value):
        raise ValueError('expected words, like "left a * voicemail"; * stands for any words between')
    return pieces(value)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names: TypeAlias = list[Name]
Slug = Annotated[str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": _SLUG})]
Wording = Annotated[
    tuple[str, ...], BeforeValidator(_wording), WithJsonSchema({"type": "string", "minLength": 1})
]
"""Words of a text, `*` between them for whatever else a sentence says there."""


class TemplateTests(Strict):
    match: list[str] = Field([], description="Texts that must be this template")
    no_match: list[str] = Field([], description="Texts that must not be")


class TemplatePart(Strict):
    """A text you know: canned replies, chasers, voicemail notes."""

    match: Annotated[
        list[Wording],
        AfterValidator(needed),
        BeforeValidator(_listed, json_schema_input_type=str | list[Wording]),
    ] = Field(
        description="Words of one sentence in their order, * for any words between; any of these will do",
        examples=[["left a * voicemail", "left vm"]],
    )
    min_words: Count = Field(1, ge=1, le=1000, description="The message has at least so many words")
    content: Literal["boilerplate", "specific"] = Field(
        "boilerplate",
        description="What such a message is. Boilerplate only if at most 10 further words are said",
    )
    counts: Literal["counted", "not_counted"] | None = Field(
        None, description="Whether it counts, written by a person; null: as its content says"
    )
    tests: TemplateTests = Field(TemplateTests(), description="Texts to try it on before it is used")


class CountPart(Strict):
    """All that is written here must hold."""

    id: Slug = Field(description="Shown as the reason", examples=["chasers"])
    authors: Names = Field([], description="By one of these: id, name or team")
    templates: list[Slug] = Field([], description="It is one of these templates")
    cause: list[Cause] = Field([], description="It was caused by one of these")
    content: list[Content] = Field([], description="Its content is one of these")
    channels: list[Channel] = Field([], description="On one of these channels")
    when: Annotated[str, Field(max_length=4000)] | None = Field(
        None,
        description="An expression in CEL over note.…; needs the extra px-connector[expressions]",
        examples=['note.kind == "staff" && note.minutes >= 5'],
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.model_fields_set - {"id"}):
            raise ValueError(
                "expected a condition beside id: authors, templates, cause, content, channels or when"
            )
        return self


class AnswerTest(Strict):
    """A message, and what must be said of it before this file is used."""

    text: str = Field(description="What is written")
    subject: str = Field("", description="Its subject")
    by: ActorKind = Field("staff", description="Who wrote it")
    author: Name | None = Field(None, description="Their id or name")
    team: Name | None = Field(None, description="Their team")
    direction: Direction = Field("out", description="To the customer, from the customer, or internal")
    channel: Channel = Field("email", description="How it was said")
    minutes: Count = Field(0, ge=0, le=100_000, description="Work logged with it")
    counts: YesNo = Field(description="Whether it must count as an answer")
    cause: Cause | None = Field(None, description="What its cause must be")
    content: Content | None = Field(None, description="What its content must be")
