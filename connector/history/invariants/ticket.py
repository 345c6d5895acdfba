"""What must hold of one ticket: its verdict, its flags in the PSA, and that customers see nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.assessmentlog import assessment_to_json
from connector.history.invariants.words import Broken, cut, differs, few, moment
from connector.model import Assessment, Event, FlagName, Message
from connector.rules.authorship.templates import LEARNT


def judged_otherwise(
    kept: Mapping[str, Any], anew: Assessment, leave_out: Iterable[FlagName] = ()
) -> Broken | None:
    """Whether the flags or clocks kept as JSON are others than `anew`, judged at the same instant.

    `leave_out`: flags that do not follow from the ticket alone.
    """
    body, beside = assessment_to_json(anew), set(leave_out)
    found = [
        differs(f"flag {name}", kept["flags"].get(name), body["flags"].get(name), name)
        for name in dict.fromkeys((*kept["flags"], *body["flags"]))
        if name not in beside and kept["flags"].get(name) != body["flags"].get(name)
    ]
    for name in dict.fromkeys((*kept["buckets"], *body["buckets"])):
        old, new = kept["buckets"].get(name, {}), body["buckets"].get(name, {})
        found += [
            differs(f"{name} {field}", old.get(field), new.get(field))
            for field in dict.fromkeys((*old, *new))
            if old.get(field) != new.get(field)
        ]
    if not found:
        return None
    ticket = anew.ticket_id
    return Broken(
        "assessment",
        ticket,
        f"judged otherwise than kept: {few(found)}. It is judged again; if this stays, compare with "
        f"`px-connector explain {cut(ticket)}` and report it",
    )


def learnt_since(kept: Mapping[str, Any], anew: Assessment) -> bool:
    """Whether messages are read otherwise because sentences of the desk were learnt or forgotten since."""
    old = {one["event"]: one for one in kept["messages"]}
    return any(
        one != old.get(one["event"], one)
        and any(e["rule"] == LEARNT for e in (*one["evidence"], *old[one["event"]]["evidence"]))
        for one in assessment_to_json(anew)["messages"]
    )


def shown_otherwise(wanted: Mapping[FlagName, str], shown: Mapping[FlagName, str]) -> dict[FlagName, str]:
    """The wanted values that the PSA does not show."""
    return {flag: value for flag, value in wanted.items() if shown.get(flag, "") != value}


def wrong_for_long(
    ticket_id: str,
    wrong: Mapping[FlagName, str],
    shown: Mapping[FlagName, str],
    before: Mapping[str, str],
    since: datetime,
    now: datetime,
    patience: timedelta,
) -> Broken | None:
    """A breach if a flag is wrong now, was wrong the same way at `since` (`before`), and that is long ago.

    What has just changed is no breach: it may be written in the very moment it is looked at.
    """
    same = {flag: value for flag, value in wrong.items() if before.get(flag) == value}
    if not same or now - since <= patience:
        return None
    told = [differs(f"flag {flag}", shown.get(flag, ""), value, flag) for flag, value in same.items()]
    return Broken(
        "flags",
        ticket_id,
        f"the PSA shows other flags than it should, though nothing is owed: {few(told)}. Look whether "
        "somebody else writes these fields; `px-connector explain` tells why they should be so",
    )


def seen_by_customers(ticket_id: str, events: Iterable[Event], since: datetime) -> Broken | None:
    """A message under our own login, from `since` on, that went to the customer or that they can read."""
    for event in events:
        if not isinstance(event, Message) or "self" not in event.actor.marks:
            continue
        if event.direction == "out" and event.at >= since:
            text = (
                f"{cut(event.key) or 'a message'} of {moment(event.at)} under our own login can be read by "
                "the customer. Hide it in the PSA; give px-connector a login nobody else uses, and report it "
                "if nobody does"
            )
            return Broken("visible", ticket_id, text)
    return None
