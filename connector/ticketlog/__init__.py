"""The ticket log: tickets and their events as JSON and back, one form for files and the store.

A log is JSON lines, one ticket with its events a line (docs/ticket-log.md). Unknown keys are
ignored, times are ISO 8601 with an offset. What cannot be understood raises ValueError whose text
says which key is wrong and what was expected; callers add the line number and go on.

values   one value of a key        events   one fact
tickets  a ticket and its facts    files    lines, JSON, whole logs
"""

from connector.ticketlog.events import event_from_json, event_to_json
from connector.ticketlog.files import read_json, read_lines, read_log
from connector.ticketlog.tickets import ticket_from_json, ticket_to_json
from connector.ticketlog.values import instant, iso

__all__ = [
    "event_from_json",
    "event_to_json",
    "instant",
    "iso",
    "read_json",
    "read_lines",
    "read_log",
    "ticket_from_json",
    "ticket_to_json",
]
