"""Where a client's file says how survey tools write their ratings: patterns of notes, fields, and scales."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from connector.clients.forms import Name, Percent
from connector.clients.parts import Strict
from connector.rules.marks import MOST, Marks
from connector.rules.ratedfields import FieldRule
from connector.rules.ratednotes import NoteRule, pattern


def _pattern(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('expected a text, like "Customer rated {score}/5: {comment}"')
    return pattern(value)


def _plain(value: Any) -> Any:
    return {"match": value} if isinstance(value, str) else value


def _folded(words: dict[str, float]) -> dict[str, float]:
    return {word.casefold(): points for word, points in words.items()}


class ScalePart(Strict):
    """How a source writes its scores."""

    scale: Percent = Field(5.0, gt=0, le=MOST, description="Points of the scale")
    best: Literal["high", "low"] = Field("high", description="low: 1 is the happiest answer")
    words: Annotated[dict[Name, Percent], AfterValidator(_folded)] = Field(
        {},
        description="Answers in words, or in numbers of no scale, as points of the scale: more is better",
        examples=[{"Positive": 5, "Neutral": 3, "Negative": 1}],
    )

    @model_validator(mode="after")
    def _on_the_scale(self) -> ScalePart:
        for word, points in self.words.items():
            if not 0 <= points <= self.scale:
                raise ValueError(f"words: {word!r} is {points:g} points of a scale of {self.scale:g}")
        return self

    def marks(self) -> Marks:
        return Marks(scale=self.scale, best=self.best, words=dict(self.words))


class RatedNotePart(ScalePart):
    """Notes of the ticket that are ratings; the pattern alone may stand for it."""

    match: Annotated[
        tuple[str, ...], BeforeValidator(_pattern), WithJsonSchema({"type": "string", "minLength": 8})
    ] = Field(
        description="The note's words, with {score} and perhaps {scale}, {comment}, {contact} and * in them",
        examples=["Customer rated {score}/{scale}: {comment}"],
    )
    source: Name = Field("note", description="Whose ratings they are, as shown", examples=["SmileBack"])

    def rule(self) -> NoteRule:
        return NoteRule(pieces=self.match, source=self.source, marks=self.marks())


RatedNote = Annotated[RatedNotePart, BeforeValidator(_plain, json_schema_input_type=str | RatedNotePart)]


class RatedField(ScalePart):
    """A custom field of the ticket that shows a rating."""

    comment: Name | None = Field(None, description="Caption of the field with the customer's words")
    source: Name | None = Field(None, description="Whose ratings they are, as shown")

    def rule(self, caption: str) -> FieldRule:
        return FieldRule(
            caption=caption, comment=self.comment or "", source=self.source or "", marks=self.marks()
        )
