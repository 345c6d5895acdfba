"""What changes around the clocks: rules, clients, other tickets, hours; one test for each line of docs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.assessmentlog import assessment_to_json, clocks_from_json
from connector.model import ClientChange
from connector.rules.policy import ResolutionRule, ResponseRule
from connector.rules.worktime import WorkCalendar
from connector.ticketlog import ticket_from_json, ticket_to_json
from tests.unit.desk import (
    ALWAYS,
    CAROL,
    DESK,
    POLICY,
    ROBOT,
    at,
    judged,
    mail,
    policy,
    priority,
    reopened,
    reply,
    status,
    target,
    ticket,
)

# ── the client changes ────────────────────────────────────────────────────────────────────────

GLOBEX = policy(
    client="Globex", targets={"*": target(ALWAYS, response=30, resolution=240)}, digest="sha256:globex"
)


def moved(when, from_="Globex", to="Acme"):
    return ClientChange(at=when, from_=from_, to=to)


def test_a_change_of_client_counts_from_the_opening_by_default_and_is_told():
    result = judged(moved(at("11:00")), now=at("11:30"))
    assert (result.buckets["resolution"].target_min, result.buckets["resolution"].elapsed_min) == (480, 150)
    told = "client changed from Globex to Acme: judged by the promises to Acme from the opening on"
    assert told in result.findings


def test_a_change_of_client_can_count_from_the_change_with_the_share_kept():
    by = policy(on_priority_change="from_change")
    result = judged(moved(at("11:00")), now=at("11:00"), by=by, former={"globex": GLOBEX})
    clock = result.buckets["resolution"]
    assert (clock.target_min, clock.elapsed_min) == (480, 240)  # 120 of 240 min is a half; a half of 480
    assert result.buckets["response"].missed_at == at("09:30")  # broken while Globex was promised 30 min
    told = "client changed from Globex to Acme: judged by the promises to Acme from the change on"
    assert told in result.findings


def test_where_the_rules_before_are_unknown_the_promises_of_now_hold_from_the_opening():
    by = policy(on_priority_change="from_change")
    result = judged(moved(at("11:00"), from_=""), now=at("11:30"), by=by)
    assert result.buckets["resolution"].elapsed_min == 150
    told = "client changed from another client to Acme: judged by the promises to Acme from the opening on"
    assert told in result.findings


def test_client_and_priority_changes_follow_one_another():
    initech = policy(client="Initech", targets={"*": target(resolution=120), "p1": target(resolution=60)})
    by = policy(on_priority_change="from_change", targets={"*": target(resolution=480)})
    events = [
        moved(at("09:30"), "Globex", "Initech"),
        priority(at("10:00"), "P3", "P1"),
        moved(at("10:15"), "Initech", "Acme"),
    ]
    known = {"globex": GLOBEX, "initech": initech}
    of = ticket(priority="P1")
    clock = judged(*events, of=of, now=at("10:15"), by=by, former=known).buckets["resolution"]
    share = 30 / 240 + 30 / 120 + 15 / 60
    assert clock.elapsed_min == pytest.approx(share * 480)


def test_pauses_are_kept_over_a_change_of_client():
    held = status(at("09:30"), "New", "On Hold")
    back = status(at("11:30"), "On Hold", "In Progress")
    clock = judged(held, moved(at("10:00")), back, now=at("12:00")).buckets["resolution"]
    assert (clock.elapsed_min, clock.pauses) == (60, ((at("09:30"), at("11:30")),))


def test_a_change_of_client_still_ahead_is_not_told_yet():
    assert not any("client changed" in told for told in judged(moved(at("15:00")), now=at("11:00")).findings)


def test_each_of_several_priorities_holds_for_its_time():
    rows = {"*": target(resolution=480), "p1": target(resolution=60), "p2": target(resolution=120)}
    by = policy(targets=rows, on_priority_change="from_change")
    changes = [priority(at("10:00"), "P3", "P1"), priority(at("10:15"), "P1", "P2")]
    clock = judged(*changes, of=ticket(priority="P2"), now=at("10:15"), by=by).buckets["resolution"]
    assert clock.elapsed_min == pytest.approx((60 / 480 + 15 / 60) * 120)


def test_what_ended_before_a_change_that_counts_from_the_change_keeps_its_promise():
    rows = {"*": target(response=60, update=120), "p1": target(response=15, update=30)}
    by = policy(targets=rows, on_priority_change="from_change")
    change = priority(at("11:00"), "P3", "P1")
    result = judged(mail(at("09:30")), change, of=ticket(priority="P1"), now=at("11:10"), by=by)
    assert (result.buckets["response"].target_min, result.buckets["response"].state) == (60, "met")
    assert result.findings == ()  # nothing was overdue at once: the change looks ahead only


def test_a_promise_broken_long_before_is_not_blamed_on_a_change_that_looks_ahead():
    rows = {"*": target(response=480), "p1": target(response=15)}
    by = policy(targets=rows, on_priority_change="from_change")
    changes = [priority(at("10:00"), "P1", "P3"), priority(at("10:30"), "P3", "P2")]
    result = judged(*changes, of=ticket(priority="P2"), now=at("11:00"), by=by)
    assert (result.buckets["response"].missed_at, result.findings) == (at("09:15"), ())


def test_what_ended_between_two_changes_keeps_the_promise_of_that_time():
    rows = {"*": target(response=480), "p1": target(response=240), "p2": target(response=120)}
    by = policy(targets=rows, on_priority_change="from_change")
    changes = [priority(at("10:00"), "P3", "P1"), priority(at("11:30"), "P1", "P2")]
    result = judged(*changes, mail(at("11:00")), of=ticket(priority="P2"), now=at("12:00"), by=by)
    assert (result.buckets["response"].target_min, result.buckets["response"].elapsed_min) == (240, 90)


def test_an_update_promised_after_the_change_is_the_new_promise_alone():
    rows = {"*": target(update=120), "p1": target(ALWAYS, update=30)}
    by = policy(targets=rows, on_priority_change="from_change")
    events = [mail(at("09:30")), priority(at("10:00"), "P3", "P1"), mail(at("10:05"))]
    clock = judged(*events, of=ticket(priority="P1"), now=at("10:15"), by=by).buckets["update"]
    assert (clock.elapsed_min, clock.target_min, clock.due_at) == (10, 30, at("10:35"))
    assert clock.missed_times == 0  # the one before: a quarter used by 10:00, then 5 of the 22.5 min left


def test_an_answer_before_the_change_that_breaks_its_promise_is_told():
    rows = {"*": target(response=60, update=120), "p1": target(response=15, update=15)}
    change = priority(at("10:50"), "P3", "P1")
    result = judged(
        mail(at("09:30")), change, of=ticket(priority="P1"), now=at("11:30"), by=policy(targets=rows)
    )
    assert (result.buckets["response"].missed_at, result.buckets["update"].missed_at) == (
        at("09:15"),
        at("09:45"),
    )
    assert result.findings == ("response was overdue at once when the priority became P1",)


# ── the hours change ──────────────────────────────────────────────────────────────────────────


def test_a_calendar_that_changes_at_a_date_counts_each_day_by_its_own_hours():
    short = WorkCalendar("Europe/Berlin", {day: [("09:00", "10:00")] for day in ("mon", "tue", "wed")})
    changing = WorkCalendar.changing([(None, DESK), (date(2026, 1, 6), short)])
    by = policy(targets={"*": target(changing, resolution=480)})
    clock = judged(now=at("12:00", 6), by=by).buckets["resolution"]
    assert clock.elapsed_min == 7 * 60 + 60  # Monday by the old hours, Tuesday by the new
    assert clock.missed_at == at("10:00", 6)


# ── the rules change ──────────────────────────────────────────────────────────────────────────

STRICT = policy(
    targets={"*": target(response=30, resplan=30, update=30, resolution=60)}, digest="sha256:strict"
)
DONE = [mail(at("09:42")), status(at("11:00"), "New", "Resolved")]


def earlier(*events, now, by=POLICY, of=None):
    """The clocks as the store keeps them: through JSON."""
    return clocks_from_json(assessment_to_json(judged(*events, now=now, by=by, of=of)))


def test_a_final_verdict_stays_with_the_rules_that_made_it():
    before = earlier(*DONE, now=at("12:00"))
    again = judged(*DONE, now=at("14:00"), by=STRICT, before=before)
    fresh = judged(*DONE, now=at("14:00"), by=STRICT)
    assert {clock.state for clock in fresh.buckets.values()} == {"missed"}
    assert {clock.state for clock in again.buckets.values()} == {"met"}
    assert {clock.policy for clock in again.buckets.values()} == {"sha256:test"}
    assert (again.policy, again.flags["zone"]) == ("sha256:strict", "green")
    told = (
        "response, resplan, update, resolution ended under other rules and kept their verdict (sha256:test)"
    )
    assert told in again.findings


def test_a_promise_missed_and_done_stays_missed_under_gentler_rules():
    events = [mail(at("10:30")), status(at("11:30", 6), "New", "Resolved")]
    gentle = policy(targets={"*": target(response=600, resolution=6000)}, digest="sha256:gentle")
    again = judged(*events, now=at("14:00", 6), by=gentle, before=earlier(*events, now=at("12:00", 6)))
    response, resolution = again.buckets["response"], again.buckets["resolution"]
    assert (response.state, response.missed_at, response.policy) == ("missed", at("10:00"), "sha256:test")
    assert (resolution.state, resolution.policy) == ("missed", "sha256:test")


def test_the_rules_of_a_verdict_are_kept_through_the_next_edit_too():
    first = earlier(*DONE, now=at("12:00"))
    second = judged(*DONE, now=at("13:00"), by=STRICT, before=first)
    third = replace(STRICT, digest="sha256:third")
    last = judged(*DONE, now=at("14:00"), by=third, before=clocks_from_json(assessment_to_json(second)))
    assert {clock.policy for clock in last.buckets.values()} == {"sha256:test"}


def test_a_running_clock_follows_the_rules_in_force():
    events = [mail(at("09:42"))]
    again = judged(*events, now=at("10:30"), by=STRICT, before=earlier(*events, now=at("10:00")))
    response, resolution = again.buckets["response"], again.buckets["resolution"]
    assert (response.state, response.target_min, response.policy) == ("met", 60, "sha256:test")
    assert (resolution.state, resolution.target_min, resolution.policy) == ("missed", 60, "")


def test_what_is_missed_and_not_done_is_not_final():
    before = earlier(now=at("10:30"))
    lenient = policy(targets={"*": target(response=240)}, digest="sha256:lenient")
    clock = judged(now=at("10:40"), by=lenient, before=before).buckets["response"]
    assert (clock.state, clock.policy) == ("running", "")


def test_a_rule_that_would_count_another_answer_does_not_rewrite_the_verdict():
    other = policy(response=ResponseRule(channels=frozenset({"phone"})), digest="sha256:phone")
    call = mail(at("10:50"), channel="phone")
    again = judged(DONE[0], call, now=at("11:00"), by=other, before=earlier(DONE[0], now=at("10:00")))
    assert (again.buckets["response"].done_at, again.buckets["response"].state) == (at("09:42"), "met")


def test_under_the_same_rules_a_verdict_follows_the_facts():
    before = earlier(*DONE, now=at("12:00"))
    late = mail(at("09:10"), text="On my way.")
    clock = judged(late, *DONE, now=at("14:00"), before=before).buckets["response"]
    assert (clock.done_at, clock.policy) == (at("09:10"), "")


def test_under_the_same_rules_nothing_is_told_of_other_rules():
    again = judged(*DONE, now=at("14:00"), before=earlier(*DONE, now=at("12:00")))
    assert again.findings == judged(*DONE, now=at("14:00")).findings
    assert {clock.policy for clock in again.buckets.values()} == {""}


def test_what_ended_without_a_promise_is_no_verdict_and_follows_the_rules_in_force():
    without = policy(targets={"*": target(resolution=480)}, digest="sha256:without")
    again = judged(*DONE, now=at("14:00"), by=STRICT, before=earlier(*DONE, now=at("12:00"), by=without))
    response, resolution = again.buckets["response"], again.buckets["resolution"]
    assert (response.state, response.target_min, response.policy) == ("missed", 30, "")
    assert (resolution.state, resolution.policy) == ("met", "sha256:without")


def test_other_rules_are_named_by_the_first_twelve_digits_of_their_digest():
    long = policy(digest="sha256:0123456789abcdef")
    again = judged(*DONE, now=at("14:00"), by=STRICT, before=earlier(*DONE, now=at("12:00"), by=long))
    assert any(line.endswith("kept their verdict (sha256:0123456789ab)") for line in again.findings)


def test_a_note_after_the_verdict_leaves_it_alone():
    late = reply(at("13:00"), "Thanks!")
    again = judged(*DONE, late, now=at("14:00"), by=STRICT, before=earlier(*DONE, now=at("12:00")))
    assert {clock.policy for clock in again.buckets.values()} == {"sha256:test"}


def test_a_fact_that_came_late_and_belongs_before_the_verdict_has_it_judged_again():
    late = mail(at("09:10"), text="On my way.")
    again = judged(late, *DONE, now=at("14:00"), by=STRICT, before=earlier(*DONE, now=at("12:00")))
    clock = again.buckets["response"]
    assert (clock.done_at, clock.target_min, clock.policy) == (at("09:10"), 30, "")
    assert "response had ended, but a fact that came late changed its story: judged again" in again.findings


def test_a_fact_that_has_gone_has_the_verdict_judged_again():
    again = judged(now=at("14:00"), by=STRICT, before=earlier(DONE[0], now=at("12:00")))
    assert (again.buckets["response"].state, again.buckets["response"].done_at) == ("missed", None)


def test_reopening_unsettles_resolution_and_update_but_not_the_response():
    back = reopened(at("13:30"))
    again = judged(*DONE, back, now=at("13:40"), by=STRICT, before=earlier(*DONE, now=at("12:00")))
    clocks = again.buckets
    assert (clocks["response"].policy, clocks["resplan"].policy) == ("sha256:test", "sha256:test")
    assert (clocks["resolution"].target_min, clocks["resolution"].policy) == (60, "")
    assert (clocks["update"].target_min, clocks["update"].policy) == (30, "")


def test_a_verdict_told_by_the_tickets_own_time_stays_as_long_as_the_time_does():
    of = ticket(resolved_at=at("11:00"), closed=True)
    before = earlier(mail(at("09:42")), now=at("12:00"), of=of)
    again = judged(mail(at("09:42")), of=of, now=at("14:00"), by=STRICT, before=before)
    assert again.buckets["resolution"].policy == "sha256:test"
    moved_on = ticket(resolved_at=at("11:30"), closed=True)
    again = judged(mail(at("09:42")), of=moved_on, now=at("14:00"), by=STRICT, before=before)
    assert again.buckets["resolution"].policy == ""


def test_a_verdict_told_by_a_time_near_its_event_stays_too():
    of = ticket(resolved_at=at("10:58"))
    again = judged(*DONE, of=of, now=at("14:00"), by=STRICT, before=earlier(*DONE, now=at("12:00"), of=of))
    assert again.buckets["update"].policy == again.buckets["resolution"].policy == "sha256:test"
    assert again.buckets["resolution"].done_at == at("10:58")


def test_clocks_survive_the_way_through_json():
    events = [status(at("09:30"), "New", "On Hold"), reply(at("10:00")), mail(at("11:00")), *DONE[1:]]
    events += [reopened(at("14:00"), CAROL)]
    clocks = judged(*events, now=at("16:00")).buckets
    back = earlier(*events, now=at("16:00"))
    assert {name: replace(clock, policy="") for name, clock in back.items()} == clocks


def test_an_engagement_by_status_is_matched_to_the_second():
    steps = [status(at("09:30"), "New", "In Progress"), status(at("09:40"), "In Progress", "Scheduled")]
    before = earlier(*steps, now=at("10:00"))
    late = reply(at("09:20"))
    again = judged(late, *steps, now=at("14:00"), by=STRICT, before=before)
    assert "resplan had ended, but a fact that came late changed its story: judged again" in again.findings


# ── other tickets ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"merged_into": "77"}, "merged into 77"), ({"parent": "78"}, "bundled under 78")],
)
def test_a_merged_or_bundled_ticket_stops_escalating_and_is_reported_apart(fields, why):
    result = judged(of=ticket(**fields), now=at("16:00"))
    assert (result.excluded, set(result.flags.values()), result.risk) == (why, {""}, {})
    assert result.buckets["response"].state == "missed"  # still to be seen


def test_a_bundle_that_is_taken_apart_again_is_judged_from_its_opening():
    assert judged(of=ticket(parent="78"), now=at("09:30")).excluded
    result = judged(of=ticket(), now=at("09:40"))
    assert (result.excluded, result.buckets["response"].elapsed_min) == ("", 40)


def test_a_ticket_split_off_starts_at_its_own_opening_with_what_was_said_before():
    copied = mail(at("09:10"))
    result = judged(copied, of=ticket(opened_at=at("11:00")), now=at("11:30"))
    assert (result.buckets["response"].done_at, result.buckets["resolution"].elapsed_min) == (at("11:00"), 30)
    assert "1 fact is older than the opening; clocks start at the opening" in result.findings


def test_parent_and_merged_into_survive_the_ticket_log():
    of = ticket(parent="78", merged_into="77")
    assert ticket_from_json(ticket_to_json(of)) == (of, ())


# ── entered late ──────────────────────────────────────────────────────────────────────────────


def test_a_ticket_entered_late_counts_from_the_opening_it_is_given():
    seen = status(at("14:00"), "", "New", ROBOT)  # the first time anybody saw it
    result = judged(seen, now=at("14:00"))
    assert (result.buckets["response"].missed_at, result.buckets["resolution"].elapsed_min) == (
        at("10:00"),
        240,
    )


def test_what_was_said_before_a_late_entry_counts_when_it_was_said():
    result = judged(mail(at("09:42")), status(at("14:00"), "", "New", ROBOT), now=at("14:00"))
    assert (result.buckets["response"].state, result.buckets["response"].elapsed_min) == ("met", 42)


# ── the end of a promise ──────────────────────────────────────────────────────────────────────


def test_a_promise_kept_tells_when_it_was_due():
    clocks = judged(*DONE, now=at("16:00")).buckets
    assert {name: clock.due_at for name, clock in clocks.items()} == {
        "response": at("10:00"),
        "resplan": at("11:00"),
        "update": at("11:42"),
        "resolution": at("10:00", 6),
    }


def test_the_due_time_of_a_promise_kept_considers_the_pauses_before_its_end():
    events = [
        status(at("09:30"), "New", "On Hold"),
        status(at("10:30"), "On Hold", "In Progress"),
        status(at("11:00"), "In Progress", "Resolved"),
        reopened(at("16:00")),
        status(at("16:30"), "In Progress", "Resolved"),
    ]
    assert judged(*events[:3], now=at("12:00")).buckets["resolution"].due_at == at("11:00", 6)
    reopened_due = judged(*events, now=at("17:00")).buckets["resolution"].due_at
    assert reopened_due == at("16:00", 6)  # 90 min were used, 390 are left from Monday 16:30 on


def test_the_due_time_of_an_answer_given_during_a_pause_goes_on_from_the_answer():
    by = policy(pause=replace(POLICY.pause, buckets=frozenset({"response"})))
    events = [status(at("09:30"), "New", "On Hold"), mail(at("10:30"))]
    assert judged(*events, now=at("12:00"), by=by).buckets["response"].due_at == at("11:00")


def test_a_promise_missed_was_due_when_it_was_missed():
    clock = judged(mail(at("11:00")), now=at("12:00")).buckets["response"]
    assert (clock.state, clock.due_at, clock.missed_at) == ("missed", at("10:00"), at("10:00"))
    events = [mail(at("09:00")), mail(at("11:30")), status(at("14:00"), "In Progress", "Resolved")]
    clock = judged(*events, now=at("16:00")).buckets["update"]
    assert (clock.missed_at, clock.due_at) == (at("11:00"), at("14:30"))  # the one missed, the last one kept


def test_a_promise_that_ran_out_at_closing_time_is_missed_by_an_answer_in_the_evening():
    by = policy(targets={"*": target(response=420)})
    open_then = judged(now=at("17:00"), by=by).buckets["response"]
    answered = judged(mail(at("18:00")), now=at("19:00"), by=by).buckets["response"]
    assert (open_then.state, answered.state, answered.missed_at) == ("missed", "missed", at("17:00"))
    assert judged(mail(at("17:00")), now=at("19:00"), by=by).buckets["response"].state == "met"


def test_a_promise_used_up_exactly_at_a_change_is_missed_at_the_change():
    by = policy(
        targets={"*": target(resolution=60), "p1": target(ALWAYS, resolution=240)},
        on_priority_change="from_change",
    )
    change = priority(at("10:00"), "P3", "P1")
    clock = judged(change, of=ticket(priority="P1"), now=at("10:30"), by=by).buckets["resolution"]
    assert (clock.state, clock.missed_at) == ("missed", at("10:00"))


@pytest.mark.parametrize("minutes", [0, -30, 0.0])
def test_a_target_of_nothing_is_no_target(minutes):
    by = policy(targets={"*": target(response=minutes, resplan=minutes, update=minutes, resolution=minutes)})
    result = judged(*DONE, now=at("16:00"), by=by)
    assert {clock.state for clock in result.buckets.values()} == {"none"}
    assert {clock.target_min for clock in judged(now=at("16:00"), by=by).buckets.values()} == {None}


def test_a_pause_that_never_ends_costs_nothing_and_misses_nothing():
    held = status(at("09:30"), "New", "On Hold")
    result = judged(held, now=at("09:00") + timedelta(days=365 * 40))
    clock = result.buckets["resolution"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("paused", 30, None)


@pytest.mark.parametrize("part", ["opened_at", "resolved_at", "closed_at", "now", "event", "all events"])
def test_an_instant_without_an_offset_is_refused_in_plain_words(part):
    naive = at("10:00").replace(tzinfo=None)
    fields = {part: naive} if part.endswith("_at") else {}
    events = [mail(naive)] if "event" in part else []
    events += [mail(at("10:00"))] if part == "event" else []
    now = naive if part == "now" else at("12:00")
    with pytest.raises(ValueError, match="2026-01-05T09:00:00 has no time zone; give an aware datetime"):
        judged(*events, of=ticket(**fields), now=now)


def test_auto_close_rules_of_today_do_not_rewrite_an_ending_of_yesterday():
    by = policy(
        resolution=ResolutionRule(statuses=POLICY.resolution.statuses, auto_close="resolution"),
        digest="sha256:auto",
    )
    events = [mail(at("09:42")), status(at("11:00"), "New", "Resolved", ROBOT)]
    before = earlier(*events, now=at("12:00"), by=by)
    clock = judged(*events, now=at("14:00"), before=before).buckets["resolution"]
    assert (clock.state, clock.policy) == ("met", "sha256:auto")
