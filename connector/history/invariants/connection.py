"""What must hold of a connection as a whole: nothing waits for long, and the PSA's limit is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.history.invariants.words import Broken, moment
from connector.psa.port import QuotaState


def late_timer(
    due: datetime | None, working_since: datetime, now: datetime, most: timedelta
) -> Broken | None:
    """The most overdue timer, counted only while the connection has worked."""
    if due is None or now - max(due, working_since) <= most:
        return None
    text = (
        f"a timer was due at {moment(due)} and was not looked at. Look at the connection's last turn on the "
        "operations page and for `turn failed` in the log"
    )
    return Broken("timer", "", text)


def unseen(
    ticket_id: str, seen_at: datetime, working_since: datetime, now: datetime, most: timedelta
) -> Broken | None:
    """An open ticket that was last looked at at `seen_at`, counted only while the connection has worked."""
    if now - max(seen_at, working_since) <= most:
        return None
    text = (
        f"open, and not looked at since {moment(seen_at)}. Look whether the PSA still has it and our login "
        "may see it (`px-connector doctor`)"
    )
    return Broken("unseen", ticket_id, text)


def sweep_takes(sweep_every: timedelta, poll_every: timedelta, open_tickets: int, at_once: int) -> timedelta:
    """How long until a quiet open ticket is looked at again, at worst: `at_once` of them each poll."""
    return sweep_every + poll_every * (open_tickets // at_once + 1)


def waits_too_long(
    received_at: datetime | None, working_since: datetime, now: datetime, most: timedelta
) -> Broken | None:
    """The oldest webhook that waits, counted only while the connection has worked."""
    if received_at is None or now - max(received_at, working_since) <= most:
        return None
    text = (
        f"a webhook accepted at {moment(received_at)} is not handled yet. Look at the connection's last turn "
        "on the operations page and for `turn failed` in the log"
    )
    return Broken("webhook", "", text)


def unwritten(
    ticket_id: str, tried_from: datetime, working_since: datetime, now: datetime, most: timedelta
) -> Broken | None:
    """The write that might have been tried for longest, counted only while the connection has worked."""
    if now - max(tried_from, working_since) <= most:
        return None
    text = (
        f"flags are owed and could have been written since {moment(tried_from)}. Look at the connection's "
        "last turn on the operations page and for `turn failed` in the log"
    )
    return Broken("owed", ticket_id, text)


def over_quota(now: QuotaState, limit: int, sent: int, seconds: float) -> Broken | None:
    """Whether more was sent than `limit` allows: in the last minute, or `sent` in these `seconds`.

    A limit counts any window, so that between two looks as many may be sent as in the windows they touch.
    """
    allowed = (limit + 1) * (int(seconds // now.window_s) + 1)  # a limit need not be whole
    minute = now.window_s <= 60.0 and now.used_last_minute > limit + 1
    if sent <= allowed and not minute:
        return None
    told = f"{now.used_last_minute} in the last minute" if minute else f"{sent} in {seconds:.0f} s"
    text = (
        f"{told}, and the limit is {limit} in {now.window_s:.0f} s. Lower this connection's limit in "
        "connector.yaml so that others keep their share of the PSA, and report it"
    )
    return Broken("quota", "", text)
