"""Events as JSON and back: one fact of a ticket, as logs hold it and the store keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from connector.model import (
    NOBODY,
    Actor,
    ActorKind,
    Appointment,
    Assignment,
    Channel,
    ClientChange,
    Close,
    Direction,
    Event,
    Message,
    PriorityChange,
    Rating,
    Reopen,
    StatusChange,
)
from connector.ticketlog.values import (
    Json,
    instant,
    iso,
    maybe_instant,
    number_of,
    object_of,
    one_of,
    short,
    text_of,
)

_DIRECTIONS = frozenset(get_args(Direction))
_CHANNELS = frozenset(get_args(Channel))
_KINDS = frozenset(get_args(ActorKind))


def actor_from_json(value: object) -> Actor:
    """Who did it; NOBODY for null."""
    if value is None:
        return NOBODY
    body = object_of(value, "actor")
    marks = body.get("marks") or []
    if not isinstance(marks, list):
        raise ValueError(f"marks: expected a list, got {short(marks)}")
    return Actor(
        one_of(body, "kind", _KINDS, "unknown"),
        text_of(body, "id"),
        text_of(body, "name"),
        text_of(body, "team"),
        tuple(str(mark) for mark in marks),
    )


def _message(body: Mapping[str, Any]) -> Message:
    text = body.get("text")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"text: expected text, got {short(text)}")
    chars = number_of(body, "chars")
    headers = body.get("headers")
    return Message(
        at=instant(body.get("at")),
        key=text_of(body, "key"),
        actor=actor_from_json(body.get("actor")),
        direction=one_of(body, "direction", _DIRECTIONS, "in"),
        channel=one_of(body, "channel", _CHANNELS, "note"),
        subject=text_of(body, "subject"),
        text=text,
        chars=None if chars is None else int(chars),
        minutes=number_of(body, "minutes") or 0.0,
        record=text_of(body, "record"),
        headers={str(k).lower(): str(v) for k, v in object_of(headers, "headers").items()} if headers else {},
    )


def _change(kind: Callable[..., Event]) -> Callable[[Mapping[str, Any]], Event]:
    def read(body: Mapping[str, Any]) -> Event:
        return kind(
            at=instant(body.get("at")),
            key=text_of(body, "key"),
            actor=actor_from_json(body.get("actor")),
            from_=text_of(body, "from"),
            to=text_of(body, "to"),
        )

    return read


def _assignment(body: Mapping[str, Any]) -> Assignment:
    return Assignment(
        at=instant(body.get("at")),
        key=text_of(body, "key"),
        actor=actor_from_json(body.get("actor")),
        what=one_of(body, "field", frozenset({"person", "group"}), "person"),
        from_=text_of(body, "from"),
        to=text_of(body, "to"),
    )


def _appointment(body: Mapping[str, Any]) -> Appointment:
    return Appointment(
        at=instant(body.get("at")),
        key=text_of(body, "key"),
        actor=actor_from_json(body.get("actor")),
        starts_at=maybe_instant(body, "starts_at"),
        ends_at=maybe_instant(body, "ends_at"),
        who=text_of(body, "who"),
    )


def rating_from_json(body: Mapping[str, Any]) -> Rating:
    """A rating, out of 5 where no scale is given."""
    score, scale = number_of(body, "score"), number_of(body, "scale")
    if score is None:
        raise ValueError("score: a rating needs a number")
    if scale is not None and scale <= 0:
        raise ValueError(f"scale: expected a number above 0, got {scale:g}")
    return Rating(
        at=instant(body.get("at")),
        key=text_of(body, "key"),
        actor=actor_from_json(body.get("actor")),
        score=score,
        scale=5.0 if scale is None else scale,
        comment=text_of(body, "comment"),
        lost_minutes=number_of(body, "lost_minutes"),
        source=text_of(body, "source"),
        kind="annual" if body.get("kind") == "annual" else "ticket",
        factors=_words(body, "factors"),
    )


def _words(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise ValueError(f"{name}: expected a list of words, got {short(found)}")
    return tuple(found)


_READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "message": _message,
    "status": _change(StatusChange),
    "priority": _change(PriorityChange),
    "client": _change(ClientChange),
    "assign": _assignment,
    "appointment": _appointment,
    "close": _change(Close),
    "reopen": _change(Reopen),
    "rating": rating_from_json,
}
_NAMES: dict[type, str] = {
    Message: "message",
    StatusChange: "status",
    PriorityChange: "priority",
    ClientChange: "client",
    Assignment: "assign",
    Appointment: "appointment",
    Close: "close",
    Reopen: "reopen",
    Rating: "rating",
}


def event_from_json(value: object) -> Event:
    """One event of the log; ValueError when its type or a field is not understood."""
    body = object_of(value, "event")
    kind = body.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise ValueError(f"type: expected one of {', '.join(_READERS)}, got {short(kind)}")
    return reader(body)


def _actor_to_json(actor: Actor) -> Json:
    body: Json = {"kind": actor.kind, "id": actor.id, "name": actor.name, "team": actor.team}
    if actor.marks:
        body["marks"] = list(actor.marks)
    return {key: value for key, value in body.items() if value != ""}


def event_to_json(event: Event) -> Json:
    """The event as the log writes it; empty fields are left out."""
    body: Json = {"at": iso(event.at), "type": _NAMES[type(event)], "key": event.key}
    if event.actor != NOBODY:
        body["actor"] = _actor_to_json(event.actor)
    match event:
        case Message():
            body |= {"direction": event.direction, "channel": event.channel, "subject": event.subject}
            body |= {"text": event.text, "chars": event.chars, "minutes": event.minutes or None}
            body |= {"record": event.record, "headers": dict(event.headers) or None}
        case Assignment():
            body |= {"field": event.what, "from": event.from_, "to": event.to}
        case Appointment():
            body |= {"starts_at": iso(event.starts_at), "ends_at": iso(event.ends_at), "who": event.who}
        case Rating():
            body |= {"score": event.score, "scale": event.scale, "comment": event.comment}
            body |= {"lost_minutes": event.lost_minutes, "source": event.source}
            body |= {"kind": "annual" if event.kind == "annual" else None}
            body |= {"factors": list(event.factors) or None}
        case _:
            body |= {"from": event.from_, "to": event.to}
    return {key: value for key, value in body.items() if value is not None and (value != "" or key == "text")}
