"""A ticket replayed: each alert and write at its instant, for the engineer whose ticket it was then."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from connector.clients.layers import packaged_defaults
from connector.errors import Unavailable
from connector.history.backtest.changes import LISTED, Changes
from connector.history.backtest.crew import Part, Rules, Task, run
from connector.history.backtest.figures import Figures
from connector.history.backtest.gaps import Gaps
from connector.history.backtest.replay import Replay, replay
from connector.history.backtest.report import over_budget
from connector.model import Actor, Assignment, Event, FlagName, Message, Ticket
from connector.rules.policy import NoiseRule, Policy, ResponseRule
from tests.statement_kit import RULES
from tests.unit.desk import (
    BERLIN,
    DANA,
    POLICY,
    at,
    mail,
    policy,
    priority,
    reopened,
    reply,
    status,
    target,
    ticket,
)

HOUR_ONLY = policy(targets={"*": target(response=60)})
END = at("17:00", 9)


def assigned(when: datetime, from_: str, to: str) -> Assignment:
    return Assignment(at=when, from_=from_, to=to)


def played(*events: Event, by: Policy = HOUR_ONLY, of: Ticket | None = None, until: datetime = END) -> Replay:
    return replay(of or ticket(), events, by, until)


def alerts(found: Replay) -> list[tuple[str, str]]:
    return [(clock(one.at), one.engineer) for one in found.instants if one.alert]


def writes(found: Replay) -> list[str]:
    return [clock(one.at) for one in found.instants if one.write]


def clock(when: datetime) -> str:
    return when.astimezone(BERLIN).strftime("%H:%M")


def figures(*found: Replay) -> dict[str, Any]:
    total = Figures()
    for one in found:
        total.add(one)
    return total.to_json(24)


def test_a_promise_nobody_keeps_alerts_at_orange_and_at_red() -> None:
    found = played(assigned(at("09:20"), "", "dana"))
    assert alerts(found) == [("09:45", "dana"), ("10:00", "dana")]
    assert writes(found) == ["09:00", "09:30", "09:45", "10:00"]


def test_an_answer_in_time_is_no_alert_and_one_write_for_all_flags() -> None:
    found = played(mail(at("09:10")), status(at("09:20"), "New", "Resolved"))
    assert alerts(found) == []
    assert writes(found) == ["09:00", "09:10", "09:20"]
    assert found.final.flags["felt_response"] == "10"


def test_what_ends_late_turns_red_for_good_and_calls_nobody_again() -> None:
    found = played(mail(at("10:10")), status(at("10:30"), "New", "Resolved"))
    assert found.final.flags["zone"] == "red"
    assert alerts(found) == [("09:45", ""), ("10:00", "")]


def test_a_zone_that_falls_is_no_alert_but_rising_again_is() -> None:
    by = policy(targets={"*": target(response=60), "p1": target(response=20)})
    found = played(
        priority(at("09:10"), "P3", "P1"), priority(at("09:15"), "P1", "P3"), by=by, of=ticket(priority="P3")
    )
    assert alerts(found) == [("09:10", ""), ("09:45", ""), ("10:00", "")]
    assert "09:15" in writes(found)


def test_a_flag_that_is_not_written_alerts_nobody() -> None:
    captions: dict[FlagName, str] = {"felt_response": "Felt"}
    found = played(mail(at("10:10")), by=policy(targets=HOUR_ONLY.targets, flags=captions))
    assert (alerts(found), writes(found)) == ([], ["10:10"])


def test_tickets_of_before_the_rules_are_judged_and_never_flagged() -> None:
    found = played(by=policy(targets=HOUR_ONLY.targets, enforce_from=date(2026, 2, 1)))
    assert (alerts(found), writes(found)) == ([], [])
    assert figures(found)["buckets"]["response"]["missed"] == 1


def test_an_alert_belongs_to_whoever_had_the_ticket_then() -> None:
    moved = (assigned(at("09:50"), "dirk", "dana"),)
    assert alerts(played(*moved)) == [("09:45", "dirk"), ("10:00", "dana")]
    assert alerts(played(of=ticket(owner="dana"))) == [("09:45", "dana"), ("10:00", "dana")]


def test_nothing_after_the_end_is_looked_at() -> None:
    found = played(mail(at("09:50")), until=at("09:45"))
    assert alerts(found) == [("09:45", "")]
    assert found.final.at == at("09:45")
    assert found.final.buckets["response"].state == "running"


def test_the_figures_of_a_day() -> None:
    late = played(
        assigned(at("09:05"), "", "dana"), mail(at("10:10")), status(at("10:30"), "New", "Resolved")
    )
    kept = played(
        assigned(at("09:05"), "", "dirk"), mail(at("09:10")), status(at("09:20"), "New", "Resolved")
    )
    said = figures(late, kept, played(of=ticket(type="Alert")))
    assert (said["tickets"], said["excluded"]) == (3, 1)
    assert said["buckets"]["response"] == {"missed": 1, "met": 1, "undecided": 0, "missed_percent": 50.0}
    assert said["felt"] == {"n": 2, "median_min": 10.0, "p90_min": 70.0}
    assert said["alerts"] == {
        "total": 2,
        "unassigned": 0,
        "engineers": 2,
        "engineer_days": 2,
        "mean": 1.0,
        "p90": 2,
        "most": 2,
        "most_at": {"engineer": "dana", "day": "2026-01-05"},
    }
    # 9 o'clock: late at 9:00, 9:30, 9:45; kept at 9:00, 9:10, 9:20. 10 o'clock: 10:00, 10:10, 10:30
    assert said["writes"] == {"total": 9, "mean": 0.38, "most": 6, "most_at": "2026-01-05T08:00:00Z"}


def test_nothing_at_all_has_figures_too() -> None:
    said = Figures().to_json(0)
    assert said["felt"] == {"n": 0, "median_min": None, "p90_min": None}
    assert (said["alerts"]["p90"], said["writes"]["mean"], said["writes"]["most_at"]) == (None, None, None)


def test_a_ticket_with_another_verdict_is_told_with_both_reasons() -> None:
    found = Changes()
    strict = policy(targets={"*": target(response=15)})
    events = (mail(at("09:20")), status(at("09:30"), "New", "Resolved"))
    found.add(ticket(), played(*events), played(*events, by=strict))
    said = found.to_json()
    assert (said["tickets"], said["moves"]) == (
        1,
        [{"bucket": "response", "against": "met", "policy": "missed", "tickets": 1}],
    )
    told = said["first"][0]
    assert told["alerts"] == {"against": 0, "policy": 2}
    assert told["verdicts"][0]["against"]["why"].startswith(
        "answered 5 Jan 09:20 by Dana (email) after 20 min"
    )
    assert told["verdicts"][0]["policy"]["why"].endswith("was due 5 Jan 09:15")


def test_a_ticket_that_only_one_policy_sets_apart_has_another_verdict() -> None:
    found, none = Changes(), Changes()
    lenient = policy(targets=HOUR_ONLY.targets, exclude_types=frozenset())
    one = ticket(type="Alert")
    found.add(one, played(of=one), played(of=one, by=lenient))
    assert found.to_json()["moves"] == [
        {"bucket": "response", "against": "apart", "policy": "missed", "tickets": 1}
    ]
    none.add(one, played(of=one), played(of=one))
    assert none.to_json() == {"tickets": 0, "moves": [], "first": []}


def test_of_many_the_ones_with_most_breaches_changed_are_told() -> None:
    strict = policy(targets={"*": target(response=15, resolution=15)})
    loose = policy(targets={"*": target(response=60, resolution=400)})
    found = Changes()
    for number in range(LISTED + 10):
        of = ticket(id=f"{number:03}")
        events: tuple[Event, ...] = (mail(at("09:20")), status(at("09:20"), "New", "Resolved"))
        if number % 3:
            events = (mail(at("09:10")), status(at("09:20"), "New", "Resolved"))
        found.add(of, played(*events, by=loose, of=of), played(*events, by=strict, of=of))
    told = [one.id for one in found.first]
    assert (found.tickets, len(told)) == (LISTED + 10, LISTED)
    assert told[:10] == [f"{number:03}" for number in range(0, LISTED + 10, 3)]


def test_facts_that_were_never_written_down_are_counted() -> None:
    found = Gaps()
    stranger = Actor("unknown", "x")
    bare = Message(at=at("09:05"), direction="out", actor=stranger, text=None)
    found.add(ticket(priority=""), ())
    found.add(ticket(owner="dana"), (bare, reply(at("09:10")), status(at("09:20"), "New", "Resolved")))
    shares = {one["gap"]: (one["n"], one["of"]) for one in found.to_json()}
    assert shares == {
        "no_messages": (1, 2),
        "no_status_changes": (1, 2),
        "no_priority": (1, 2),
        "no_owner": (1, 2),
        "no_texts": (1, 2),
        "unknown_actors": (1, 3),
    }


@pytest.mark.parametrize(
    ("noise", "exceeded"),
    [
        (NoiseRule(), []),
        (NoiseRule(alerts_per_engineer_day=2, writes_per_hour=3), []),
        (NoiseRule(alerts_per_engineer_day=1.5), ["alerts_per_engineer_day"]),
        (NoiseRule(writes_per_hour=2), ["writes_per_hour"]),
    ],
)
def test_a_budget_is_exceeded_by_more_than_it_allows(noise: NoiseRule, exceeded: list[str]) -> None:
    said = figures(played(of=ticket(owner="dana")))
    assert said["alerts"]["p90"] == 2
    found = over_budget(said | {"writes": {"most": 3, "most_at": "2026-01-05T08:00:00Z"}}, noise)
    assert [one["budget"] for one in found] == exceeded


def test_a_reopened_ticket_can_alert_again() -> None:
    by = policy(targets={"*": target(resolution=60)})
    events = (
        mail(at("09:05")),
        status(at("09:40"), "New", "Resolved"),
        reopened(at("10:40")),
        status(at("10:50"), "In Progress", "Resolved"),
    )
    assert alerts(played(*events, by=by)) == [("10:45", "")]


def test_what_does_not_count_leaves_the_alerts_where_they_were() -> None:
    canned = mail(at("09:10"), DANA, "We have received your request and will be looking into it shortly.")
    counted = ResponseRule(channels=POLICY.response.channels, boilerplate="counted")
    loose = policy(targets=HOUR_ONLY.targets, response=counted)
    assert alerts(played(canned)) == [("09:45", ""), ("10:00", "")]
    assert alerts(played(canned, by=loose)) == []
    assert datetime(2026, 1, 5, 8, tzinfo=UTC) == at("09:00")


class Deadly:
    """What ends the process that unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_process_that_is_ended_from_outside_is_told() -> None:
    rules = Rules((("defaults.yaml", packaged_defaults().read_text("utf-8")), ("acme.yaml", RULES)))
    parts = [Part((), stage_of={"x": cast(str, Deadly())}), Part(())]
    with pytest.raises(Unavailable, match="--processes 1"):
        run(parts, Task(rules, None, END), 2)


def test_a_ticket_that_cannot_be_judged_is_named_and_in_no_figure() -> None:
    rules = Rules((("defaults.yaml", packaged_defaults().read_text("utf-8")), ("acme.yaml", RULES)))
    far = '{"id":"7","opened_at":"1990-01-01T00:00:00Z"}', '{"id":"8","opened_at":"2090-01-01T00:00:00Z"}'
    lines: tuple[tuple[int, str | ValueError], ...] = ((1, far[0]), (2, far[1]), (3, "[" * 99_999), (4, "{}"))
    found = run([Part(lines)], Task(rules, None, END), 2)
    assert (found.done, found.ahead, found.policy.tickets) == (4, 1, 1)
    assert [number for number, _ in found.broken] == [3, 4]
