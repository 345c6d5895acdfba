"""A small month of a pretend client as a ticket log, and the statement of it."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.clients import policy_of
from connector.clients.layers import packaged_defaults
from connector.history.logratings import read_ahead
from connector.history.statement.collect import month_of
from connector.history.statement.facts import Facts
from connector.history.statement.logged import from_log
from connector.ticketlog import read_log

RULES = """\
client: Acme Dental
calendar: {timezone: Europe/London, week: {mon-fri: ["08:00-18:00"]}}
targets: {"*": {response: 1h, resolution: 8h}}
px: {target: 90, min_answers: 2}
reward: {above: 98}
"""
END = datetime(2026, 11, 22, 9, tzinfo=UTC)


def at(text: str) -> str:
    """An instant of October 2026, "05 09:30" in London's summer time."""
    return f"2026-10-{text.replace(' ', 'T')}:00+01:00"


def line(number: int, opened: str, answered: str = "", solved: str = "", **more: Any) -> dict[str, Any]:
    """A ticket opened by a mail, answered by a call, resolved by a status."""
    events: list[dict[str, Any]] = [
        {
            "at": at(opened),
            "type": "message",
            "actor": {"kind": "contact", "id": "carol"},
            "direction": "in",
            "channel": "email",
            "text": "My printer does not print at all.",
        }
    ]
    if answered:
        said = {
            "direction": "out",
            "channel": "phone",
            "minutes": 4,
            "text": f"Called about printer {number}.",
        }
        events.append(
            {"at": at(answered), "type": "message", "actor": {"kind": "staff", "id": "dana"}, **said}
        )
    if solved:
        events.append(
            {
                "at": at(solved),
                "type": "status",
                "from": "New",
                "to": "Resolved",
                "actor": {"kind": "staff", "id": "dana"},
            }
        )
    return {
        "id": str(number),
        "client": "Acme Dental",
        "opened_at": at(opened),
        "group": "Desk",
        "owner": "dana",
        "contact": "carol",
        "events": events,
        **({"resolved_at": at(solved), "closed_at": at(solved)} if solved else {}),
        **more,
    }


def rating(when: str, score: float, **more: Any) -> dict[str, Any]:
    return {"at": at(when), "score": score, **more}


def facts_of(*lines: dict[str, Any], rules: str = RULES, until: datetime = END, **more: Any) -> Facts:
    """The facts of October 2026, straight from these lines."""
    files = [("defaults.yaml", packaged_defaults().read_text(encoding="utf-8")), ("acme.yaml", rules)]
    policy = policy_of(files, standalone=True)
    month = month_of("2026-10", policy.calendar.timezone, until)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.jsonl"
        log.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
        ahead = read_ahead(log, policy, month.until)
        return from_log(read_log(log), ahead, policy, files, month, **more)


def usual() -> list[dict[str, Any]]:
    """Kept and rated well; answered late and rated badly with everything green on paper; never answered."""
    said = {"response_at": at("05 09:02"), "resolved_at": at("05 11:00"), "sla_met": True}
    return [
        line(
            1001,
            "05 09:00",
            "05 09:30",
            "05 11:00",
            ratings=[rating("05 12:00", 5, lost_minutes=10, source="SmileBack")],
            psa=said,
        ),
        line(
            1002,
            "06 09:00",
            "06 11:00",
            "06 12:00",
            ratings=[rating("06 13:00", 1, lost_minutes=90, comment="</script><b>too slow & rude</b>")],
            psa={"response_at": at("06 09:05"), "resolved_at": at("06 12:00"), "sla_met": True},
            url="https://psa.example/1002",
        ),
        line(1003, "29 09:00"),
        line(1004, "07 09:00", "07 09:10", "07 09:40", type="Alert"),
    ]
