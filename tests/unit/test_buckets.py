"""The four clocks: one test for each rule of docs/clocks.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.model import PriorityChange
from connector.rules.policy import PauseRule, ResolutionRule, ResponseRule
from tests.unit.desk import (
    ALWAYS,
    CAROL,
    DANA,
    DISPATCH,
    MINUTES,
    POLICY,
    ROBOT,
    STRANGER,
    at,
    closed,
    date_made,
    judged,
    mail,
    policy,
    priority,
    reopened,
    reply,
    status,
    target,
    ticket,
    why,
)

# ── response ──────────────────────────────────────────────────────────────────────────────────


def test_response_starts_at_the_opening_and_ends_at_the_first_message_that_counts():
    robot = mail(at("09:01"), ROBOT)
    answer = judged(robot, mail(at("09:42")), mail(at("09:50")), now=at("11:00"))
    clock = answer.buckets["response"]
    assert (clock.state, clock.zone, clock.elapsed_min) == ("met", "green", 42)
    assert (clock.done_at, clock.event, clock.due_at, clock.missed_at) == (at("09:42"), 1, at("10:00"), None)
    assert why(answer, "response") == "answered 5 Jan 09:42 by Dana (email) after 42 min of working time"


def test_response_exactly_at_the_target_is_met():
    clock = judged(mail(at("10:00")), now=at("10:00")).buckets["response"]
    assert (clock.state, clock.elapsed_min) == ("met", 60)


def test_response_a_second_after_the_target_is_missed_and_tells_both_times():
    answer = judged(mail(at("10:00:01")), now=at("11:00"))
    clock = answer.buckets["response"]
    assert (clock.state, clock.zone) == ("missed", "red")
    assert (clock.missed_at, clock.done_at) == (at("10:00"), at("10:00:01"))
    assert why(answer, "response").endswith("; was due 5 Jan 10:00")


def test_a_promise_still_open_at_its_due_time_is_missed():
    before = judged(now=at("09:59:59")).buckets["response"]
    then = judged(now=at("10:00")).buckets["response"]
    assert (before.state, before.due_at) == ("running", at("10:00"))
    assert (then.state, then.missed_at, then.due_at) == ("missed", at("10:00"), at("10:00"))


def test_response_is_not_stopped_by_a_status_unless_the_policy_says_so():
    waiting = status(at("09:30"), "New", "Waiting Customer")
    assert judged(waiting, now=at("09:45")).buckets["response"].elapsed_min == 45
    pausing = policy(pause=PauseRule(statuses=POLICY.pause.statuses, buckets=frozenset({"response"})))
    clock = judged(waiting, now=at("09:45"), by=pausing).buckets["response"]
    assert (clock.state, clock.elapsed_min) == ("paused", 30)


def test_an_answer_and_a_pause_in_one_step_still_counts_as_an_answer():
    clocks = judged(
        status(at("09:30"), "New", "Waiting Customer"), mail(at("09:30")), now=at("12:00")
    ).buckets
    assert clocks["response"].done_at == at("09:30")


def test_closing_without_a_word_stops_the_response_clock_and_says_so():
    answer = judged(status(at("09:30"), "New", "Resolved"), now=at("16:00"))
    clock = answer.buckets["response"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("paused", 30, None)
    assert why(answer, "response") == "closed without a word to the customer"


def test_a_response_missed_before_closing_stays_missed():
    clock = judged(status(at("10:30"), "New", "Resolved"), now=at("16:00")).buckets["response"]
    assert (clock.state, clock.missed_at, clock.done_at) == ("missed", at("10:00"), None)


def test_response_goes_on_after_reopening_without_the_closed_time():
    events = [status(at("09:30"), "New", "Resolved"), status(at("14:00"), "Resolved", "In Progress")]
    clock = judged(*events, now=at("14:10")).buckets["response"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("running", 40, at("14:30"))


def test_an_answer_after_closing_is_judged_by_the_time_before_closing():
    clock = judged(status(at("09:30"), "New", "Resolved"), mail(at("16:00")), now=at("17:00")).buckets[
        "response"
    ]
    assert (clock.state, clock.elapsed_min, clock.done_at) == ("met", 30, at("16:00"))


def test_unknown_authors_count_only_if_the_policy_counts_them():
    stranger = mail(at("09:10"), STRANGER)
    assert judged(stranger, now=at("09:20")).buckets["response"].done_at is None
    counting = policy(response=ResponseRule(channels=POLICY.response.channels, unknown="counted"))
    assert judged(stranger, now=at("09:20"), by=counting).buckets["response"].done_at == at("09:10")


# ── resplan ───────────────────────────────────────────────────────────────────────────────────


def test_resplan_ends_at_an_answer_by_somebody_who_can_resolve():
    clock = judged(mail(at("09:20"), DISPATCH), mail(at("09:50")), now=at("11:00")).buckets["resplan"]
    assert (clock.done_at, clock.event, clock.elapsed_min) == (at("09:50"), 1, 50)


def test_resplan_can_be_told_to_want_more_than_a_mail():
    by = policy(resplan=replace(POLICY.resplan, message_by_resolver=False))
    call = mail(at("10:30"), channel="phone")
    assert judged(mail(at("09:50")), now=at("10:00"), by=by).buckets["resplan"].state == "running"
    assert judged(mail(at("09:50")), call, now=at("11:00"), by=by).buckets["resplan"].done_at == at("10:30")


def test_a_call_engages_even_where_calls_are_no_response():
    by = policy(response=ResponseRule(channels=frozenset({"email"})))
    clocks = judged(mail(at("09:50"), channel="phone"), now=at("09:55"), by=by).buckets
    assert (clocks["response"].state, clocks["resplan"].state) == ("running", "met")


def test_resplan_ends_at_an_appointment_unless_a_machine_made_it():
    assert judged(date_made(at("09:40"), ROBOT), now=at("10:00")).buckets["resplan"].state == "running"
    assert judged(date_made(at("09:40"), DISPATCH), now=at("10:00")).buckets["resplan"].done_at == at("09:40")
    off = policy(resplan=replace(POLICY.resplan, appointment=False))
    assert judged(date_made(at("09:40")), now=at("10:00"), by=off).buckets["resplan"].state == "running"


def test_resplan_ends_at_a_status_unless_a_machine_set_it():
    assert judged(status(at("09:40"), "New", "Scheduled"), now=at("10:00")).buckets["resplan"].event == 0
    robot = status(at("09:40"), "New", "Scheduled", ROBOT)
    assert judged(robot, now=at("10:00")).buckets["resplan"].state == "running"


def test_an_actor_named_a_machine_by_the_policy_sets_no_status_that_counts():
    machines = ResponseRule(channels=POLICY.response.channels, machines=frozenset({"a4"}))
    by = policy(response=machines)
    scheduled = status(at("09:40"), "New", "Scheduled", DANA)
    assert judged(scheduled, now=at("10:00"), by=by).buckets["resplan"].state == "running"


def test_resplan_pauses_in_a_pause_status():
    answer = judged(status(at("09:30"), "New", "On Hold"), now=at("16:00"))
    clock = answer.buckets["resplan"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("paused", 30, None)
    assert clock.pauses == ((at("09:30"), None),)
    assert why(answer, "resplan") == "paused by status On Hold"


# ── update ────────────────────────────────────────────────────────────────────────────────────


def test_update_waits_for_the_first_answer():
    clock = judged(mail(at("09:01"), ROBOT), now=at("16:00")).buckets["update"]
    assert (clock.state, clock.target_min, clock.elapsed_min) == ("waiting", 120, 0)


def test_every_word_to_the_customer_starts_the_update_clock_anew():
    clock = judged(mail(at("09:30")), mail(at("10:30")), now=at("11:15")).buckets["update"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("running", 45, at("13:30"))


def test_customer_messages_do_not_restart_the_update_clock():
    clock = judged(mail(at("09:30")), reply(at("10:30")), now=at("11:00")).buckets["update"]
    assert clock.elapsed_min == 90


def test_a_late_update_is_remembered_while_the_next_promise_runs():
    clock = judged(mail(at("09:00")), mail(at("11:30")), now=at("11:40")).buckets["update"]
    assert (clock.state, clock.elapsed_min, clock.missed_times) == ("running", 10, 1)


def test_an_update_overdue_now_is_missed_and_counted():
    clock = judged(mail(at("09:00")), mail(at("11:30")), now=at("15:00")).buckets["update"]
    assert (clock.state, clock.missed_times, clock.missed_at) == ("missed", 2, at("14:30"))


def test_at_the_end_updates_are_met_only_if_none_was_missed():
    done = status(at("14:00"), "In Progress", "Resolved")
    kept = judged(mail(at("09:30")), mail(at("11:00")), done, now=at("16:00")).buckets["update"]
    assert (kept.state, kept.done_at, kept.missed_times) == ("met", at("14:00"), 0)
    answer = judged(mail(at("09:00")), mail(at("11:30")), done, now=at("16:00"))
    broken = answer.buckets["update"]
    assert (broken.state, broken.zone, broken.done_at) == ("missed", "red", at("14:00"))
    assert broken.missed_at == at("11:00")
    assert why(answer, "update").endswith("news came late once")


def test_the_last_update_promise_counts_too_when_it_is_resolved_late():
    done = status(at("14:00"), "In Progress", "Resolved")
    assert judged(mail(at("09:30")), done, now=at("16:00")).buckets["update"].missed_times == 1


def test_no_update_is_owed_if_nobody_answered_before_it_was_resolved():
    clock = judged(status(at("09:30"), "New", "Resolved"), mail(at("09:40")), now=at("16:00")).buckets[
        "update"
    ]
    assert (clock.state, clock.done_at) == ("waiting", None)


def test_update_runs_only_while_the_ball_is_ours():
    events = [mail(at("09:30")), status(at("10:00"), "In Progress", "Waiting Customer")]
    assert judged(*events, now=at("16:00")).buckets["update"].elapsed_min == 30
    clock = judged(*events, reply(at("11:00")), now=at("11:10")).buckets["update"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("running", 40, at("13:30"))


def test_update_always_runs_if_the_policy_says_always():
    events = [mail(at("09:30")), status(at("10:00"), "In Progress", "Waiting Customer")]
    clock = judged(*events, now=at("11:00"), by=policy(update_runs="always")).buckets["update"]
    assert (clock.state, clock.elapsed_min) == ("running", 90)


# ── resolution ────────────────────────────────────────────────────────────────────────────────


def test_resolution_ends_at_a_resolving_status():
    clock = judged(status(at("11:00"), "New", "resolved"), now=at("12:00")).buckets["resolution"]
    assert (clock.state, clock.done_at, clock.elapsed_min, clock.event) == ("met", at("11:00"), 120, 0)


def test_a_later_close_leaves_the_resolution_alone():
    events = [status(at("11:00"), "New", "Resolved"), closed(at("09:00", 7), ROBOT)]
    assert judged(*events, now=at("12:00", 8)).buckets["resolution"].done_at == at("11:00")
    by_status = [status(at("11:00"), "New", "Resolved"), status(at("09:00", 7), "Resolved", "Closed")]
    of = ticket(status="Closed", closed=True)
    clock = judged(*by_status, now=at("12:00", 8), of=of).buckets["resolution"]
    assert (clock.done_at, clock.reopened) == (at("11:00"), 0)


def test_a_close_by_a_person_is_a_resolution():
    assert judged(closed(at("11:00")), now=at("12:00")).buckets["resolution"].done_at == at("11:00")


def test_closing_by_a_machine_is_no_resolution_but_stops_the_clock():
    answer = judged(closed(at("11:00"), ROBOT), now=at("16:00"))
    clock = answer.buckets["resolution"]
    assert (clock.state, clock.done_at, clock.elapsed_min) == ("paused", None, 120)
    assert why(answer, "resolution") == "closed automatically; not a resolution"


def test_closing_by_a_machine_is_a_resolution_if_the_policy_says_so():
    by = policy(resolution=ResolutionRule(statuses=POLICY.resolution.statuses, auto_close="resolution"))
    assert judged(closed(at("11:00"), ROBOT), now=at("16:00"), by=by).buckets["resolution"].state == "met"


def test_a_person_resolving_after_an_automatic_close_resolves_it():
    events = [closed(at("11:00"), ROBOT), status(at("16:00"), "Closed", "Resolved")]
    clock = judged(*events, now=at("17:00")).buckets["resolution"]
    assert (clock.done_at, clock.elapsed_min) == (at("16:00"), 120)


def test_the_tickets_own_resolution_time_counts_where_no_event_tells_it():
    of = ticket(resolved_at=at("11:00"))
    clock = judged(of=of, now=at("16:00")).buckets["resolution"]
    assert (clock.done_at, clock.event, clock.elapsed_min) == (at("11:00"), None, 120)
    assert judged(of=of, now=at("10:59")).buckets["resolution"].state == "running"


def test_the_tickets_own_closing_time_counts_too():
    clock = judged(of=ticket(closed_at=at("11:00")), now=at("16:00")).buckets["resolution"]
    assert clock.done_at == at("11:00")


def test_a_resolution_time_that_only_mirrors_an_automatic_close_is_no_resolution():
    of = ticket(resolved_at=at("10:58"), closed_at=at("11:00"))
    clock = judged(closed(at("11:00"), ROBOT), of=of, now=at("16:00")).buckets["resolution"]
    assert (clock.state, clock.done_at) == ("paused", None)


def test_reopening_adds_time_but_never_the_closed_time():
    events = [
        status(at("11:00"), "New", "Resolved"),
        status(at("14:00"), "Resolved", "In Progress"),
        status(at("15:00"), "In Progress", "Resolved"),
    ]
    between = judged(*events, now=at("14:30")).buckets["resolution"]
    assert (between.state, between.elapsed_min, between.first_done_at) == ("running", 150, at("11:00"))
    clock = judged(*events, now=at("16:00")).buckets["resolution"]
    assert (clock.state, clock.elapsed_min, clock.done_at) == ("met", 180, at("15:00"))
    assert (clock.first_done_at, clock.reopened, clock.pauses) == (
        at("11:00"),
        1,
        ((at("11:00"), at("14:00")),),
    )


def test_a_reopen_event_alone_reopens():
    clock = judged(closed(at("11:00")), reopened(at("14:00")), now=at("15:00")).buckets["resolution"]
    assert (clock.state, clock.elapsed_min, clock.reopened) == ("running", 180, 1)


def test_a_reopening_told_twice_is_one_reopening():
    events = [closed(at("11:00")), status(at("14:00"), "Closed", "In Progress"), reopened(at("14:00"))]
    assert judged(*events, now=at("15:00")).buckets["resolution"].reopened == 1


def test_the_first_resolution_stands_if_the_policy_says_stays_met():
    by = policy(resolution=ResolutionRule(statuses=POLICY.resolution.statuses, reopened="stays_met"))
    events = [status(at("11:00"), "New", "Resolved"), status(at("14:00"), "Resolved", "In Progress")]
    clock = judged(*events, now=at("16:00"), by=by).buckets["resolution"]
    assert (clock.state, clock.done_at, clock.reopened) == ("met", at("11:00"), 1)


def test_a_thanks_reopens_nothing():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("14:00"), "Thank you!"),
        status(at("14:01"), "Resolved", "In Progress", ROBOT),
    ]
    result = judged(*events, now=at("16:00"))
    clock = result.buckets["resolution"]
    assert (clock.state, clock.done_at, clock.reopened) == ("met", at("11:00"), 0)
    assert "reopened by a mere thanks: not counted" in result.findings


def test_a_reply_without_text_reopens_nothing():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("14:00"), text=None, chars=0),
        reopened(at("14:01"), CAROL),
    ]
    assert judged(*events, now=at("16:00")).buckets["resolution"].reopened == 0


def test_a_thanks_reopens_if_the_policy_says_so():
    by = policy(resolution=ResolutionRule(statuses=POLICY.resolution.statuses, thanks="reopens"))
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("14:00"), "Thanks"),
        reopened(at("14:01"), ROBOT),
    ]
    assert judged(*events, now=at("16:00"), by=by).buckets["resolution"].reopened == 1


def test_a_person_of_staff_reopens_even_after_a_thanks():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("14:00"), "Thanks"),
        reopened(at("14:01"), DANA),
    ]
    assert judged(*events, now=at("16:00")).buckets["resolution"].reopened == 1


def test_a_change_long_after_the_thanks_is_not_because_of_it():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("13:00"), "Thanks"),
        reopened(at("14:00"), ROBOT),
    ]
    assert judged(*events, now=at("16:00")).buckets["resolution"].reopened == 1


def test_a_real_message_after_the_thanks_does_reopen_what_the_psa_had_opened():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("13:00"), "Thanks"),
        reopened(at("13:01"), ROBOT),
        reply(at("14:00"), "Sorry, the printer has stopped again."),
    ]
    clock = judged(*events, now=at("14:30")).buckets["resolution"]
    assert (clock.state, clock.reopened, clock.elapsed_min) == ("running", 1, 150)


def test_resolution_pauses_count_only_where_they_overlap_working_time():
    events = [
        status(at("11:30"), "New", "Waiting Customer"),
        status(at("13:30"), "Waiting Customer", "In Progress"),
    ]
    clock = judged(*events, now=at("14:00")).buckets["resolution"]
    assert clock.elapsed_min == 150 + 30  # 60 of the 120 minutes were lunch
    assert clock.due_at == at("11:00", 6)  # 7 h on Monday less 1 h paused, then 2 h on Tuesday
    assert clock.pauses == ((at("11:30"), at("13:30")),)


# ── pauses ────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_of_the_customer_ends_the_pause():
    events = [status(at("09:30"), "New", "Waiting Customer"), reply(at("10:00"))]
    result = judged(*events, now=at("10:20"))
    clock = result.buckets["resolution"]
    assert (clock.state, clock.elapsed_min) == ("running", 50)
    assert "customer answered while the clock was paused" in result.findings
    assert "the customer replied, but the status is still Waiting Customer" in result.findings


def test_a_note_that_nobody_is_there_ends_no_pause():
    for text in ("I am out of the office until Monday.", "Ich bin bis Freitag im Urlaub, Jo vertritt mich."):
        events = [status(at("09:30"), "New", "Waiting Customer"), reply(at("10:00"), text=text)]
        clock = judged(*events, now=at("10:20")).buckets["resolution"]
        assert (clock.state, clock.elapsed_min) == ("paused", 30)


def test_after_a_reply_only_a_new_change_into_a_pause_status_pauses_again():
    events = [
        status(at("09:30"), "New", "Waiting Customer"),
        reply(at("10:00")),
        status(at("10:30"), "Waiting Customer", "Waiting Customer"),
        status(at("11:00"), "Waiting Customer", "On Hold"),
    ]
    clock = judged(*events, now=at("11:30")).buckets["resolution"]
    assert (clock.state, clock.elapsed_min) == ("paused", 90)
    assert clock.pauses == ((at("09:30"), at("10:00")), (at("11:00"), None))


def test_a_reply_does_not_end_the_pause_if_the_policy_says_so():
    rule = PauseRule(statuses=POLICY.pause.statuses, buckets=POLICY.pause.buckets, resume_on_reply=False)
    events = [status(at("09:30"), "New", "Waiting Customer"), reply(at("10:00"))]
    result = judged(*events, now=at("10:20"), by=policy(pause=rule))
    assert result.buckets["resolution"].state == "paused"
    assert "customer answered while the clock was paused" in result.findings


def test_a_machines_mail_in_the_customers_name_does_not_end_the_pause():
    events = [status(at("09:30"), "New", "Waiting Customer"), reply(at("10:00"), actor=ROBOT)]
    assert judged(*events, now=at("10:20")).buckets["resolution"].state == "paused"


def test_a_paused_clock_never_misses():
    events = [status(at("09:30"), "New", "Waiting Customer")]
    clock = judged(*events, now=at("16:00", 20)).buckets["resolution"]
    assert (clock.state, clock.missed_at, clock.due_at) == ("paused", None, None)


def test_paused_with_nothing_left_is_missed_only_when_it_goes_on():
    by = policy(targets={"*": target(resolution=30)})
    events = [status(at("09:30"), "New", "On Hold"), status(at("11:00"), "On Hold", "In Progress")]
    held = judged(events[0], now=at("10:00"), by=by).buckets["resolution"]
    assert (held.state, held.zone) == ("paused", "red")
    going = judged(*events, now=at("11:00"), by=by).buckets["resolution"]
    assert (going.state, going.missed_at) == ("missed", at("11:00"))


def test_a_clock_missed_before_the_pause_stays_missed_in_it():
    by = policy(targets={"*": target(resolution=30)})
    answer = judged(status(at("09:40"), "New", "On Hold"), now=at("11:00"), by=by)
    clock = answer.buckets["resolution"]
    assert (clock.state, clock.missed_at, clock.due_at) == ("missed", at("09:30"), None)
    assert why(answer, "resolution") == "not resolved yet; was due 5 Jan 09:30; paused by status On Hold"


def test_a_ticket_created_in_a_pause_status_is_paused_at_once():
    assert judged(of=ticket(status="On Hold"), now=at("16:00")).buckets["resolution"].elapsed_min == 0
    first = status(at("10:00"), "On Hold", "New")
    assert judged(first, now=at("10:30")).buckets["resolution"].elapsed_min == 30


def test_a_ticket_created_in_a_resolved_status_is_over_at_once():
    clock = judged(of=ticket(status="Resolved"), now=at("16:00")).buckets["resolution"]
    assert (clock.state, clock.done_at, clock.elapsed_min) == ("met", at("09:00"), 0)
    first = status(at("10:00"), "Resolved", "New")
    again = judged(first, now=at("10:30")).buckets["resolution"]
    assert (again.state, again.elapsed_min, again.reopened) == ("running", 30, 1)


def test_a_ticket_closed_at_a_time_nobody_noted_ends_at_its_last_fact():
    result = judged(mail(at("11:00")), of=ticket(closed=True, status="Gone"), now=at("16:00"))
    assert result.buckets["resolution"].done_at == at("11:00")
    assert "it ended at a time nobody noted; the last known fact stands for it" in result.findings


# ── priorities ────────────────────────────────────────────────────────────────────────────────

P1 = {"response": 15.0, "resplan": 60.0, "update": 60.0, "resolution": 240.0}
ROWS = {"*": target(**MINUTES), "p1": target(ALWAYS, **P1)}


def test_a_priority_has_its_own_targets_and_calendar():
    clock = judged(of=ticket(priority="P1", opened_at=at("20:00")), now=at("21:00"), by=policy(targets=ROWS))
    assert (clock.buckets["resolution"].elapsed_min, clock.buckets["resolution"].due_at) == (
        60,
        at("00:00", 6),
    )


def test_a_priority_change_counts_from_the_start_by_default():
    of = ticket(priority="P1")
    result = judged(priority(at("11:00"), "P3", "P1"), of=of, now=at("11:30"), by=policy(targets=ROWS))
    assert (result.buckets["resolution"].target_min, result.buckets["resolution"].elapsed_min) == (240, 150)
    assert result.buckets["response"].missed_at == at("09:15")


def test_a_priority_change_that_makes_a_clock_overdue_at_once_is_told():
    change = priority(at("10:50"), "P3", "P1")
    result = judged(change, of=ticket(priority="P1"), now=at("11:30"), by=policy(targets=ROWS))
    assert result.buckets["resplan"].missed_at == at("10:00")
    assert result.findings == ("resplan was overdue at once when the priority became P1",)


def test_a_priority_change_can_count_only_from_the_change():
    by = policy(targets=ROWS, on_priority_change="from_change")
    of = ticket(priority="P1")
    clock = judged(priority(at("11:00"), "P3", "P1"), of=of, now=at("11:00"), by=by).buckets["resolution"]
    assert clock.elapsed_min == 60  # 120 of 480 min used is a quarter; a quarter of 240 is 60
    assert clock.due_at == at("14:00")  # three quarters of 240 min left, by the P1 calendar: lunch counts


def test_a_clock_missed_before_the_change_stays_missed():
    by = policy(targets=ROWS, on_priority_change="from_change")
    of = ticket(priority="Low")
    events = [priority(at("10:00"), "P1", "Low")]
    assert judged(*events, of=of, now=at("10:30"), by=by).buckets["response"].missed_at == at("09:15")


def test_pauses_are_kept_over_a_priority_change():
    events = [
        status(at("09:30"), "New", "On Hold"),
        priority(at("10:00"), "P3", "P1"),
        status(at("11:30"), "On Hold", "In Progress"),
    ]
    of = ticket(priority="P1")
    for way, used in (("retroactive", 60), ("from_change", 15 + 30)):
        by = policy(targets=ROWS, on_priority_change=way)
        assert judged(*events, of=of, now=at("12:00"), by=by).buckets["resolution"].elapsed_min == used


def test_a_change_of_priority_still_ahead_is_not_known_yet():
    of = ticket(priority="P1")
    later = priority(at("15:00"), "P3", "P1")
    for way in ("retroactive", "from_change"):
        result = judged(later, of=of, now=at("11:00"), by=policy(targets=ROWS, on_priority_change=way))
        assert result.buckets["resolution"].target_min == 480


def test_an_unknown_priority_without_a_row_for_all_has_no_target_and_a_finding():
    result = judged(mail(at("09:20")), now=at("11:00"), by=policy(targets={"p1": target(**P1)}))
    assert {clock.state for clock in result.buckets.values()} == {"none"}
    assert result.buckets["response"].elapsed_min == 20
    assert "no target for priority Medium" in result.findings


def test_a_bucket_without_target_has_no_state_and_no_due():
    clock = judged(now=at("16:00"), by=policy(targets={"*": target(response=60)})).buckets["resolution"]
    assert (clock.state, clock.target_min, clock.due_at, clock.zone) == ("none", None, None, "green")


def test_a_target_of_zero_is_no_target():
    by = policy(targets={"*": target(resolution=0)})
    assert judged(now=at("16:00"), by=by).buckets["resolution"].state == "none"


# ── zones and next change ─────────────────────────────────────────────────────────────────────


def test_zones_follow_the_share_of_working_time_used():
    by = policy(targets={"*": target(resolution=480)})
    moments = {"12:59": "green", "14:00": "yellow", "16:00": "orange", "16:59": "orange"}
    seen = {clock: judged(now=at(clock), by=by).buckets["resolution"].zone for clock in moments}
    assert seen == moments
    assert judged(now=at("10:00", 6), by=by).buckets["resolution"].zone == "red"


def test_orange_also_by_an_absolute_floor_of_minutes_left():
    by = policy(targets={"*": target(response=40)})
    assert judged(now=at("09:24"), by=by).buckets["response"].zone == "yellow"  # 60 %, 16 min left
    assert judged(now=at("09:25"), by=by).buckets["response"].zone == "orange"  # 62 %, 15 min left


def test_next_at_is_the_next_change_of_a_zone():
    by = policy(targets={"*": target(resolution=480)})
    changes = []
    now = at("09:00")
    while True:
        next_at = judged(now=now, by=by).next_at
        if next_at is None:
            break
        assert next_at > now
        changes.append(now := next_at)
    assert changes == [at("14:00"), at("16:00"), at("10:00", 6)]  # 50, 75 and 100 %


def test_nothing_changes_by_itself_while_all_is_paused_or_done():
    waiting = status(at("09:30"), "New", "Waiting Customer")
    assert judged(mail(at("09:20")), waiting, now=at("10:00")).next_at is None


def test_next_at_includes_a_fact_dated_ahead():
    assert judged(mail(at("09:10")), now=at("09:05")).next_at == at("09:10")
    assert judged(of=ticket(resolved_at=at("09:10")), now=at("09:05")).next_at == at("09:10")


# ── impossible and odd dates ──────────────────────────────────────────────────────────────────


def test_facts_older_than_the_opening_take_effect_at_the_opening():
    result = judged(mail(at("08:00")), now=at("10:00"))
    clock = result.buckets["response"]
    assert (clock.state, clock.done_at, clock.elapsed_min) == ("met", at("09:00"), 0)
    assert "1 fact is older than the opening; clocks start at the opening" in result.findings


def test_a_ticket_opened_ahead_has_used_nothing():
    clock = judged(of=ticket(opened_at=at("11:00")), now=at("10:00")).buckets["response"]
    assert (clock.state, clock.elapsed_min, clock.due_at) == ("running", 0, at("12:00"))


def test_a_due_time_exactly_at_closing_is_the_closing_time():
    by = policy(targets={"*": target(resolution=420)})
    assert judged(now=at("10:00"), by=by).buckets["resolution"].due_at == at("17:00")


def test_ten_thousand_events_cost_no_more_than_their_number():
    events = []
    for number in range(2500):
        start = at("09:00") + timedelta(hours=number)
        events += [
            status(start, "In Progress", "On Hold"),
            reply(start + timedelta(minutes=10)),
            mail(start + timedelta(minutes=20)),
            PriorityChange(at=start + timedelta(minutes=30), from_="P3", to="P1"),
        ]
    by = policy(targets=ROWS, on_priority_change="from_change")
    result = judged(*events, now=at("09:00") + timedelta(hours=2500), by=by)
    assert len(result.timeline) == 10_000
    assert len(result.buckets["resolution"].pauses) == 2500
