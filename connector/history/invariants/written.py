"""What must hold of a ticket's history: every change explained, following from the one before, made once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.history.invariants.words import Broken, cut, moment, quoted
from connector.model import FLAGS
from connector.store.history import Change
from connector.store.strangers import Strange


def badly_written(
    ticket_id: str, changes: Sequence[Change], strange: Sequence[Strange], since: datetime
) -> list[Broken]:
    """Breaches in a ticket's history from `since` on. `changes` in the order they were recorded.

    `strange`: values found in our fields that we had not recorded writing. They explain why a change does
    not begin where the last one ended.
    """
    found: list[Broken] = []
    last: dict[str, Change] = {}
    for row in changes:
        before = last.get(row.flag)
        last[row.flag] = row
        if row.at < since:
            continue
        if row.flag not in FLAGS or not row.reason.strip():
            found.append(_unexplained(ticket_id, row))
        if row.old == row.new:
            found.append(_twice(ticket_id, row))
        elif before and before.at >= since and row.old != before.new and not _known(row, before, strange):
            again = row.new == before.new
            found.append(_twice(ticket_id, row) if again else _gap(ticket_id, before, row))
    return found


def _known(row: Change, before: Change, strange: Sequence[Strange]) -> bool:
    """Whether the value the change began with was found between the two."""
    return any(
        one.flag == row.flag and one.new == row.old and before.at <= one.at <= row.at for one in strange
    )


def _unexplained(ticket_id: str, row: Change) -> Broken:
    flaw = "no reason is kept" if row.flag in FLAGS else "no rule knows this flag"
    text = f"flag {cut(row.flag)} was changed at {moment(row.at)}, and {flaw}: report it with the ticket"
    return Broken("history", ticket_id, text)


def _twice(ticket_id: str, row: Change) -> Broken:
    value = quoted(row.new, row.flag)
    text = (
        f"flag {cut(row.flag)} was written as {value} at {moment(row.at)} though it was so already. Look "
        "whether a second px-connector runs on this store; if not, report it with the ticket's history"
    )
    return Broken("double_write", ticket_id, text)


def _gap(ticket_id: str, before: Change, row: Change) -> Broken:
    text = (
        f"flag {cut(row.flag)} went from {quoted(row.old, row.flag)} at {moment(row.at)}, but was left as "
        f"{quoted(before.new, row.flag)} at {moment(before.at)}: a change is missing from the history; "
        "report it with the ticket's history and the log of that time"
    )
    return Broken("history", ticket_id, text)
