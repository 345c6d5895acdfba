"""The stop-clock audit: where a clock stopped or moved although the customer was waiting.

Each of these happens for good reasons, too. So the audit counts and quotes and never judges: a finding says
what was seen and what it cost, and a person who knows the ticket says what it was.

audit   the findings of one ticket     pauses   those about standing still
moves   those about promises and ends  totals   many tickets added up
"""

from connector.rules.stopclock.audit import audit, worth_a_look
from connector.rules.stopclock.totals import Stops, Total, totals

WHY = {
    "pause_unanswered": "the clock stood while the customer waited for us, not we for the customer",
    "pause_before_due": "a pause minutes before a promise falls due looks the same as a promise kept",
    "due_pushed": "a promise made longer when it was nearly broken hides what the customer was told first",
    "reopened_soon": "it was reported as resolved while the customer still had the problem",
    "response_unreceived": "the report says answered, and the customer has not received anything",
    "ping_pong": "many short pauses add up to time nobody sees in the report",
}
"""Why each finding matters, in plain words."""

__all__ = ["WHY", "Stops", "Total", "audit", "totals", "worth_a_look"]
