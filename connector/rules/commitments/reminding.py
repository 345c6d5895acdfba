"""Says on the ticket that a promise made to the customer is about to be broken, where the client's rules ask.

In shadow mode, which is the default, nothing here happens: promises are shown and flag nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connector.model import Commitment, FlagName
from connector.rules.commitments.keeping import TOLERANCE
from connector.rules.flags import shortened
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy


def remind(
    flags: dict[FlagName, str], found: Sequence[Commitment], policy: Policy, hot: bool, now: datetime
) -> datetime | None:
    """Put the ticket at risk for the most urgent promise nobody has kept, and say when that may change.

    A promise counts from `zones.orange_when_left` before its time on. Where a clock is `hot` its words
    stay: what is measured comes before what was said. The words stay the same until facts change.
    """
    if policy.commitments.mode != "on":
        return None
    warn = timedelta(minutes=policy.zones.orange_when_left)
    owed = [one for one in found if one.state != "withdrawn" and one.done_at is None]
    urgent = next((one for one in owed if one.due_at - warn <= now), None)
    if urgent is not None:
        if "at_risk" in flags:
            flags["at_risk"] = "Yes"
        if "why" in flags and not hot:
            flags["why"] = shortened(_told(urgent, policy, now))
    changes = (at for one in owed for at in (one.due_at - warn, one.due_at + TOLERANCE) if at > now)
    return min(changes, default=None)


def _told(one: Commitment, policy: Policy, now: datetime) -> str:
    due = moment(one.due_at, zone_named(policy.calendar.timezone))
    late = now > one.due_at + TOLERANCE
    return f"promised for {due}{', nothing seen yet' if late else ''}: “{one.quote}”"
