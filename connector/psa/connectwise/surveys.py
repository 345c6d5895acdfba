"""Native survey results as ratings. There is no list of all results: they are read survey by survey.

The scale of a survey is the most points its questions can give; `answer` of a Selection is the index of
the option (facts §9.1). A survey that gives no points rates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.model import Actor, Rating
from connector.psa.values import Json, Unreadable, first_instant, key, number, part, text, whole


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey, its points per question and option, and which questions are answered in words."""

    id: int
    name: str = ""
    points: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    open_ended: frozenset[int] = frozenset()

    @property
    def scale(self) -> float:
        """The most points an answer can reach; 0 if the survey gives none."""
        return sum(max(points, default=0.0) for points in self.points.values())


def survey(row: Json, questions: list[Any]) -> Survey:
    """A row of `service/surveys` with the rows of its questions."""
    points: dict[int, tuple[float, ...]] = {}
    open_ended: set[int] = set()
    for question in questions:
        if not isinstance(question, Mapping) or question.get("includeFlag") is False:
            continue
        if text(question, "type") == "OpenEnded":
            open_ended.add(key(question))
            continue
        options = question.get("options")
        listed = options if isinstance(options, list) else []
        points[key(question)] = tuple(number(o, "points") if isinstance(o, Mapping) else 0.0 for o in listed)
    return Survey(key(row), text(row, "name"), points, frozenset(open_ended))


def rating(row: Json, of: Survey) -> tuple[str, Rating]:
    """Ticket id and rating of one result. Unreadable without ticket or date."""
    ticket_id = row.get("ticketId")
    if type(ticket_id) is not int or ticket_id <= 0:
        raise Unreadable(f"ticketId: a ticket id was expected, not {ticket_id!r:.40}")
    info = part(row, "_info")
    contact = part(row, "contact")
    listed = row.get("results")
    answers = [a for a in listed if isinstance(a, Mapping)] if isinstance(listed, list) else []
    words = [text(a, "answer") for a in answers if whole(a, "questionId") in of.open_ended]
    words.append(text(row, "footerResponse"))
    total = row.get("totalPoints")
    return str(ticket_id), Rating(
        at=first_instant((info, "dateEntered"), (info, "lastUpdated")),
        key=f"survey:{of.id}:{key(row)}",
        actor=Actor("contact", id=text(contact, "id"), name=text(contact, "name")),
        score=number(row, "totalPoints") if total is not None else sum(_points(a, of) for a in answers),
        scale=of.scale,
        comment="\n".join(word for word in words if word),
        source=f"survey {of.name or of.id}",
    )


def _points(answer: Json, of: Survey) -> float:
    question = whole(answer, "questionId")
    points = of.points.get(question, ()) if question is not None else ()
    try:
        index = int(text(answer, "answer"))
    except ValueError:
        return 0.0
    return points[index] if 0 <= index < len(points) else 0.0
