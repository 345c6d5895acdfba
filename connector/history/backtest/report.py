"""What a backtest found as one document, and whether it is within the client's noise budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connector.history.backtest.crew import Sum
from connector.history.backtest.gaps import NOT_REPLAYED
from connector.rules.policy import NoiseRule, Policy
from connector.ticketlog import iso

_HOUR = timedelta(hours=1)


def report(total: Sum, until: datetime, policy: Policy, against: Policy | None) -> dict[str, Any]:
    """One client's report. Shares are in per cent, durations in working minutes, instants in UTC.

    `against` and `changed` are null where there is one policy only. `over_budget` is about `policy`.
    """
    hours = (until - total.since) / _HOUR if total.since else 0.0
    figures = total.policy.to_json(hours)
    return {
        "client": policy.client,
        "since": iso(total.since),
        "until": iso(until),
        "timezone": policy.calendar.timezone,
        "tickets": total.policy.tickets,
        "opened_later": total.ahead,
        "unreadable": len(total.broken),
        "policy": _side(policy) | figures,
        "against": _side(against) | total.against.to_json(hours) if against else None,
        "changed": total.changes.to_json() if against else None,
        "gaps": total.gaps.to_json(),
        "not_replayed": list(NOT_REPLAYED),
        "noise": {
            "alerts_per_engineer_day": policy.noise.alerts_per_engineer_day,
            "writes_per_hour": policy.noise.writes_per_hour,
        },
        "over_budget": over_budget(figures, policy.noise),
    }


def _side(policy: Policy) -> dict[str, Any]:
    return {"file": policy.source, "digest": policy.digest}


def over_budget(figures: dict[str, Any], noise: NoiseRule) -> list[dict[str, Any]]:
    """What was exceeded: alerts on nine of ten days of an engineer, writes of the busiest hour."""
    alerts, writes = figures["alerts"]["p90"] or 0, figures["writes"]["most"]
    pairs = (
        (
            "alerts_per_engineer_day",
            noise.alerts_per_engineer_day,
            alerts,
            f"more than one in ten engineer days has over {noise.alerts_per_engineer_day or 0:g} alerts; "
            f"nine of ten have up to {alerts:g}",
        ),
        (
            "writes_per_hour",
            noise.writes_per_hour,
            writes,
            f"the busiest hour, {figures['writes']['most_at']}, has {writes} writes, "
            f"over {noise.writes_per_hour or 0:g}",
        ),
    )
    return [
        {"budget": name, "allowed": allowed, "found": found, "says": f"noise.{name}: {says}"}
        for name, allowed, found, says in pairs
        if allowed is not None and found > allowed
    ]
