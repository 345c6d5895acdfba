"""Tickets assessed per second on one core, beside the cost of merely parsing the same log.

Uses the real support log where the shared material lies beside the project, a made one otherwise.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector import ticketlog
from connector.clients import load_policy
from connector.rules.assess import assess

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PX_SHARED", ROOT.parent / "shared"))
LOG = SHARED / "data/ticket-logs/vendor-support-jira.jsonl.gz"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def main() -> None:
    real = LOG.exists()
    lines = [str(line) for _, line in ticketlog.read_lines(LOG)] if real else made(20_000)
    policy = load_policy(ROOT / "config/clients/acme.yaml", standalone=True)
    began = time.perf_counter()
    tickets = [ticketlog.ticket_from_json(json.loads(line)) for line in lines]
    parsing = time.perf_counter() - began
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for ticket, timeline in tickets:
            assess(ticket, timeline, policy, NOW)
        rounds.append(time.perf_counter() - began)
    took = statistics.median(rounds)
    events = sum(len(timeline) for _, timeline in tickets)
    print(f"{'real' if real else 'made-up'} log: {len(tickets)} tickets, {events} events")
    print(f"assess: {len(tickets) / took:,.0f} tickets/s, {took / len(tickets) * 1e6:.1f} µs a ticket")
    print(f"ratio to parsing the same lines (floor): {took / parsing:.2f}")


def made(count: int) -> list[str]:
    """Tickets of a few messages each, deterministic."""
    dice = random.Random(7)
    lines = []
    for number in range(count):
        at = datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(minutes=7 * number)
        events = []
        for turn in range(dice.randrange(1, 8)):
            at += timedelta(minutes=dice.randrange(1, 600))
            ours = turn % 2 == 0
            events.append(
                {
                    "at": at.isoformat(),
                    "type": "message",
                    "actor": {"kind": "staff" if ours else "contact", "id": f"a{dice.randrange(9)}"},
                    "direction": "out" if ours else "in",
                    "text": "The switch in rack 4 has been replaced, please try again.",
                }
            )
        body = {"id": str(number), "opened_at": "2026-01-05T08:00:00Z", "priority": "P2", "events": events}
        lines.append(json.dumps(body | {"resolved_at": at.isoformat()}))
    return lines
