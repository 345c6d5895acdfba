"""Halo's survey answers as ratings; pure.

Halo has four faces: 1 Awesome, 2 Good, 3 Okay, 4 Bad, and its own reports give them +2, +1, -1, -2. They are
told here on five steps with those two bad and two good, because "of 4" would make Okay look neutral. A
desk with its own scale says which end is best. A score may be clicked first and the words come later under
the same id. Source: facts §9.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.model import Actor, Rating
from connector.psa.halo.values import first_date, ident, key
from connector.psa.values import Json, Unreadable, number, text

SCALE = 5.0
FACES = {1: 5.0, 2: 4.0, 3: 2.0, 4: 1.0}


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of the survey's scale; `best` below `worst` means that less is better."""

    best: float = 1.0
    worst: float = 4.0

    @property
    def faces(self) -> bool:
        """Whether it is Halo's own scale."""
        return (self.best, self.worst) == (1.0, 4.0)


def rating(row: Json, scale: Scale) -> tuple[str, Rating]:
    """Ticket id and rating of one row. Unreadable without ticket, date or a score on the scale.

    `ticket_id` is the ticket rated; where only `feedback_faultid` is given, that is taken for it.
    """
    ticket_id = ident(row, "ticket_id") or key(row, "feedback_faultid")
    machine = ident(row, "automation_id")
    return str(ticket_id), Rating(
        at=first_date(row, "date"),
        key=f"feedback:{key(row)}",
        actor=Actor("contact"),
        score=_score(row, scale),
        scale=SCALE,
        comment=text(row, "comment") or text(row, "user_message"),
        source=f"feedback asked for by automation {machine}" if machine else "feedback",
    )


def _score(row: Json, scale: Scale) -> float:
    """1 to 5, more is better: by Halo's own band or face, or on the desk's own scale."""
    score = number(row, "score")
    if scale.faces:
        face = FACES.get(ident(row, "score_band")) or FACES.get(int(score))
        if face is not None:
            return face
    low, high = sorted((scale.best, scale.worst))
    if scale.faces or not low <= score <= high:
        raise Unreadable(f"score: {row.get('score')!r:.20} is not on the scale of {low:g} to {high:g}")
    share = (score - scale.worst) / (scale.best - scale.worst)
    return round(1 + share * (SCALE - 1), 2)
