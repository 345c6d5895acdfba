"""What customers say through Autotask: survey results and the Service Thermometer, as ratings. Pure.

A survey result has no words and no single answers, only means of questions rated 1 to 5 (facts §12). The
thermometer is one click in a mail: good, ok or bad. The ticket shows the last click, the one before and
their sum, but not when: it counts from the completion, or from the opening while the ticket is open.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.model import Actor, Rating
from connector.psa.autotask.mapping import Reader
from connector.psa.port import Snapshot
from connector.psa.values import Json, Unreadable, first_instant, key, text

SURVEY_SCALE = 5.0
_MEANS = ("surveyRating", "resourceRating", "contactRating", "companyRating")
CLICKS: Mapping[str, float] = {"1": 3.0, "0": 2.0, "-1": 1.0, "good": 3.0, "ok": 2.0, "okay": 2.0, "bad": 1.0}
"""A click, as a number or as a label, on a scale of three."""


def survey_result(row: Json, surveys: Mapping[str, str]) -> tuple[str, Rating] | None:
    """Ticket id and rating of an answered survey; None for one without an answered rating question.

    `surveys`: names by id. Unreadable without ticket or date.
    """
    ticket_id = row.get("ticketID")
    if type(ticket_id) is not int or ticket_id <= 0:
        raise Unreadable(f"ticketID: a ticket id was expected, not {ticket_id!r:.40}")
    means = [row[name] for name in _MEANS if type(row.get(name)) in (int, float)]
    if not means:
        return None
    survey = text(row, "surveyID")
    return str(ticket_id), Rating(
        at=first_instant((row, "completeDate")),
        key=f"survey:{key(row)}",
        actor=Actor("contact", text(row, "contactID")),
        score=float(means[0]),
        scale=SURVEY_SCALE,
        source=f"survey {surveys.get(survey, survey)}",
    )


def thermometer(row: Json, shown: Snapshot, reader: Reader) -> Rating | None:
    """The last click on the thermometer, None without one. Another click is another rating.

    Clicks have no time of their own: of one instant's keys the first click's, with none before, sorts first.
    """
    clicked = reader.labels.label(row, "currentServiceThermometerRating").strip().casefold()
    score = CLICKS.get(clicked)
    if score is None:
        return None
    before = text(row, "previousServiceThermometerRating")
    marks = ("again" if before else "", clicked, text(row, "serviceThermometerTemperature"), before)
    ticket = shown.ticket
    return Rating(
        at=ticket.closed_at or ticket.opened_at,
        key=":".join(("thermometer", *marks)),
        actor=Actor("contact", ticket.contact),
        score=score,
        scale=3.0,
        source="service thermometer",
    )
