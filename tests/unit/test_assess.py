"""assess: flags, their words, findings, and what is reported apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.model import PsaVerdict, PxFigure
from connector.rules.policy import ResponseRule
from tests.unit.desk import (
    DISPATCH,
    MINUTES,
    POLICY,
    ROBOT,
    STRANGER,
    at,
    closed,
    judged,
    mail,
    policy,
    reply,
    status,
    target,
    ticket,
)

RESPONSE = policy(targets={"*": target(response=60)})
RESOLUTION = policy(targets={"*": target(resolution=480)})


# ── flags ─────────────────────────────────────────────────────────────────────────────────────


def test_at_risk_from_orange_on_while_it_runs():
    assert judged(now=at("09:44"), by=RESPONSE).flags["at_risk"] == "No"
    assert judged(now=at("09:45"), by=RESPONSE).flags["at_risk"] == "Yes"
    assert judged(now=at("11:00"), by=RESPONSE).flags["at_risk"] == "Yes"
    assert judged(mail(at("10:30")), now=at("11:00"), by=RESPONSE).flags["at_risk"] == "No"


def test_a_paused_clock_is_not_at_risk():
    waiting = status(at("16:00"), "New", "On Hold")
    result = judged(waiting, now=at("17:00"), by=RESOLUTION)
    assert (result.buckets["resolution"].zone, result.flags["zone"], result.flags["at_risk"]) == (
        "orange",
        "orange",
        "No",
    )


def test_a_finished_ticket_is_never_at_risk_and_never_due():
    flags = judged(status(at("11:00"), "New", "Resolved"), now=at("12:00"), by=RESPONSE).flags
    assert (flags["at_risk"], flags["due"], flags["zone"]) == ("No", "", "red")


def test_zone_is_the_worst_of_the_live_clocks():
    flags = judged(now=at("09:35")).flags
    assert flags["zone"] == "yellow"


def test_zone_of_a_ticket_finished_in_time_is_green():
    events = [mail(at("09:30")), status(at("10:00"), "New", "Resolved")]
    assert judged(*events, now=at("12:00")).flags["zone"] == "green"


def test_due_is_the_earliest_due_time_in_utc():
    assert judged(now=at("09:30")).flags["due"] == "2026-01-05T09:00:00Z"
    assert judged(mail(at("09:30")), now=at("09:40")).flags["due"] == "2026-01-05T10:30:00Z"


def test_felt_response_is_whole_working_minutes_and_empty_until_then():
    assert judged(now=at("09:30")).flags["felt_response"] == ""
    assert judged(mail(at("09:42:59")), now=at("10:00")).flags["felt_response"] == "42"
    untold = policy(targets={})
    assert judged(mail(at("09:42")), now=at("10:00"), by=untold).flags["felt_response"] == "42"


def test_px_is_told_with_its_n():
    figure = PxFigure(percent=93.0, positive=13, neutral=0, negative=1, n=14)
    assert judged(now=at("09:30"), px=figure).flags["px"].endswith("(n 14)")
    assert judged(now=at("09:30")).flags["px"] == ""


def test_px_can_be_had_as_a_number_that_sorts_cut_and_never_rounded():
    figure = PxFigure(percent=94.9, positive=18, neutral=0, negative=1, n=19)
    by = policy(flags={"px_percent": "Client PX %"})
    assert judged(now=at("09:30"), by=by, px=figure).flags == {"px_percent": "94"}
    nobody = PxFigure(percent=None, positive=0, neutral=0, negative=0, n=0)
    assert judged(now=at("09:30"), by=by, px=nobody).flags == {"px_percent": ""}


def test_only_the_flags_the_policy_names_are_desired():
    by = policy(flags={"at_risk": "PX At Risk"})
    assert judged(now=at("09:30"), by=by).flags == {"at_risk": "No"}


# ── the one short reason ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "only"),
    [
        (mail(at("09:01"), ROBOT), " — only an automatic mail so far"),
        (mail(at("09:01"), ROBOT, channel="note"), " — only an automatic message so far"),
        (mail(at("09:01"), STRANGER), " — only a mail by an unknown author so far"),
        (mail(at("09:01"), text=""), " — only an empty mail so far"),
    ],
)
def test_why_says_what_the_customer_got_instead_of_an_answer(answer, only):
    assert judged(answer, now=at("11:00")).flags["why"] == "response overdue since 5 Jan 10:00" + only


def test_why_names_a_message_the_policy_does_not_take():
    by = policy(response=ResponseRule(channels=frozenset({"phone"})), targets=RESPONSE.targets)
    flags = judged(mail(at("09:01")), now=at("11:00"), by=by).flags
    assert flags["why"] == "response overdue since 5 Jan 10:00 — only a mail that does not count so far"


def test_why_of_an_overdue_plan_says_nobody_is_engaged():
    flags = judged(mail(at("09:30"), DISPATCH), now=at("11:10")).flags
    assert flags["why"] == "resplan overdue since 5 Jan 11:00 — nobody who can resolve is engaged"


def test_why_of_an_orange_clock_tells_share_and_due():
    assert judged(now=at("16:00"), by=RESOLUTION).flags["why"] == "resolution 75 % used, due 6 Jan 10:00"


def test_why_of_a_clock_orange_by_the_floor_tells_the_floor():
    by = policy(targets={"*": target(response=40)})
    flags = judged(now=at("09:25"), by=by).flags
    assert flags["why"] == "response has less than 15 min left, due 5 Jan 09:40"


@pytest.mark.parametrize(
    ("minutes", "told"), [(59, "has less than 15 min left"), (60, "75 % used"), (61, "75 % used")]
)
def test_the_floor_is_told_only_where_it_comes_before_the_share(minutes, told):
    flags = judged(now=at("09:50"), by=policy(targets={"*": target(response=minutes)})).flags
    assert flags["why"].startswith(f"response {told}, due")


def test_why_of_a_calm_ticket_tells_what_is_next():
    assert judged(now=at("09:05")).flags["why"] == "not answered yet; response due 5 Jan 10:00"
    flags = judged(mail(at("09:42")), now=at("09:50")).flags
    assert flags["why"] == "answered in 42 min; update due 5 Jan 11:42"


def test_why_of_a_waiting_ticket_tells_the_status():
    events = [mail(at("09:42")), status(at("10:00"), "New", "Waiting Customer")]
    assert (
        judged(*events, now=at("15:00")).flags["why"]
        == "answered in 42 min; paused by status Waiting Customer"
    )


def test_why_of_a_late_answer_says_late():
    by = policy(targets=RESPONSE.targets)
    assert judged(mail(at("11:12")), now=at("12:00"), by=by).flags["why"] == "answered late, in 2 h 12 min"


def test_why_of_a_finished_ticket_tells_the_broken_promise_or_that_all_were_kept():
    done = status(at("11:00"), "New", "Resolved")
    assert judged(mail(at("09:30")), mail(at("10:30")), done, now=at("12:00")).flags["why"] == (
        "resolved in 2 h, every promise kept"
    )
    late = judged(mail(at("10:30")), done, now=at("12:00")).flags["why"]
    assert late == "response missed: took 1 h 30 min, promised 1 h"
    never = judged(done, now=at("12:00")).flags["why"]
    assert never == "response missed: never came, promised 1 h"


def test_why_of_a_finished_ticket_tells_late_news():
    by = policy(targets={"*": target(update=60)})
    events = [mail(at("09:00")), mail(at("10:30")), status(at("14:00"), "New", "Resolved")]
    assert judged(*events, now=at("15:00"), by=by).flags["why"] == "update missed 2 times"


def test_why_of_a_ticket_closed_without_an_answer_or_by_a_machine():
    assert judged(status(at("09:30"), "New", "Resolved"), now=at("12:00")).flags["why"] == (
        "closed without a word to the customer"
    )
    assert judged(closed(at("09:30"), ROBOT), now=at("12:00")).flags["why"] == (
        "closed automatically; not a resolution"
    )


def test_why_does_not_change_while_nothing_changes():
    moments = [at("10:00") + timedelta(minutes=7 * step) for step in range(200)]
    assert len({judged(mail(at("09:01"), ROBOT), now=now).flags["why"] for now in moments}) == 1


def test_why_never_exceeds_a_hundred_characters():
    events = [status(at("09:10"), "New", "W" * 300), mail(at("09:05"))]
    by = policy(pause=replace(POLICY.pause, statuses=frozenset({"w" * 300})))
    why = judged(*events, now=at("09:30"), by=by).flags["why"]
    assert len(why) == 100
    assert why.endswith("W…")


# ── reported apart ────────────────────────────────────────────────────────────────────────────


def test_an_excluded_type_is_reported_apart_and_never_flagged():
    result = judged(of=ticket(type="Alert"), now=at("16:00"))
    assert result.excluded == "type Alert is excluded"
    assert set(result.flags.values()) == {""}
    assert result.buckets["response"].state == "missed"


def test_a_merged_ticket_stops_being_flagged():
    result = judged(status(at("09:30"), "New", "Merged"), now=at("16:00"))
    assert result.excluded == "status Merged is excluded"
    assert set(result.flags.values()) == {""}


def test_a_policy_that_excludes_nothing_flags_what_others_exclude():
    by = policy(exclude_types=frozenset(), exclude_statuses=frozenset())
    result = judged(status(at("09:30"), "New", "Merged"), now=at("16:00"), of=ticket(type="Alert"), by=by)
    assert (result.excluded, result.flags["at_risk"]) == ("", "Yes")


def test_a_ticket_opened_before_the_rules_held_is_shown_but_never_flagged():
    by = policy(enforce_from=date(2026, 1, 6))
    result = judged(now=at("16:00"), by=by)
    assert set(result.flags.values()) == {""}
    assert result.findings == ("opened before 2026-01-06, from when the promises are enforced: not flagged",)


def test_enforcement_goes_by_the_local_date_of_the_calendar():
    by = policy(enforce_from=date(2026, 1, 6))
    of = ticket(opened_at=datetime(2026, 1, 5, 23, 30, tzinfo=UTC))  # already the 6th in Berlin
    assert judged(of=of, now=at("09:30", 6), by=by).flags["at_risk"] == "No"


# ── the rest of an assessment ─────────────────────────────────────────────────────────────────


def test_every_message_gets_a_verdict_with_evidence():
    result = judged(mail(at("09:01"), ROBOT), reply(at("09:05")), mail(at("09:10")), now=at("10:00"))
    assert [(v.event, v.cause, v.counts) for v in result.messages] == [
        (0, "automated", False),
        (1, "human", False),
        (2, "human", True),
    ]
    assert all(verdict.evidence for verdict in result.messages)


def test_what_the_psa_says_is_passed_on_untouched():
    says = PsaVerdict(response_at=at("09:01"), sla_met=True, text="Responded")
    assert judged(of=ticket(psa=says), now=at("10:00")).psa == says


def test_risk_is_told_for_live_clocks_only():
    result = judged(mail(at("09:30")), now=at("11:00"))
    assert set(result.risk) == {"update", "resolution"}
    assert result.risk["resolution"] == pytest.approx(0.25)
    assert judged(closed(at("10:00")), now=at("11:00")).risk == {}


def test_a_customer_writing_after_the_resolution_is_a_finding_but_a_thanks_is_not():
    done = status(at("09:30"), "New", "Resolved")
    finding = "customer wrote after it was resolved or closed"
    assert finding in judged(done, reply(at("10:00")), now=at("11:00")).findings
    assert finding not in judged(done, reply(at("10:00"), "Thanks!"), now=at("11:00")).findings


def test_an_assessment_carries_the_policy_and_the_instant():
    result = judged(now=at("11:00"))
    assert (result.ticket_id, result.client, result.policy, result.at) == (
        "1",
        "Acme",
        "sha256:test",
        at("11:00"),
    )


def test_an_impossible_date_is_refused_in_plain_words():
    with pytest.raises(ValueError, match="1970 to 2100"):
        judged(of=ticket(opened_at=datetime(9999, 1, 1, tzinfo=UTC)), now=at("11:00"))


def test_buckets_are_independent_of_one_another():
    alone = {name: policy(targets={"*": target(**{name: minutes})}) for name, minutes in MINUTES.items()}
    events = [mail(at("09:30"), DISPATCH), reply(at("10:00")), status(at("15:00"), "New", "Resolved")]
    together = judged(*events, now=at("16:00")).buckets
    for name, by in alone.items():
        assert judged(*events, now=at("16:00"), by=by).buckets[name] == together[name]
