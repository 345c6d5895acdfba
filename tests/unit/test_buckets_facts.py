"""What the clocks read out of a story, at its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.model import Assignment, Rating
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.rulings import Ruling
from connector.rules.authorship.templates import author_of
from connector.rules.policy import ResponseRule
from tests.unit.desk import (
    CAROL,
    DANA,
    DISPATCH,
    POLICY,
    ROBOT,
    at,
    closed,
    date_made,
    judged,
    mail,
    policy,
    reopened,
    reply,
    status,
    target,
    ticket,
    why,
)


def ruling(cause):
    return Ruling(author=author_of(DANA), cause=cause, by="Rita", at=at("08:00"))


def test_assignments_and_ratings_move_no_clock():
    events = [Assignment(at=at("09:10"), to="a4"), Rating(at=at("09:20"), score=5)]
    assert judged(*events, now=at("09:30")).buckets == judged(now=at("09:30")).buckets


def test_what_comes_after_an_answer_is_not_told_as_all_there_was():
    events = [mail(at("09:10")), mail(at("09:20"), ROBOT)]
    assert judged(*events, now=at("09:30")).flags["why"].startswith("answered in 10 min")


def test_only_the_first_engagement_counts():
    events = [date_made(at("09:10")), date_made(at("09:20")), status(at("09:30"), "New", "Scheduled")]
    assert judged(*events, now=at("09:40")).buckets["resplan"].done_at == at("09:10")


def test_an_internal_note_is_no_word_to_the_customer_and_no_word_of_theirs():
    note = mail(at("09:10"), direction="internal", channel="note")
    waiting = status(at("09:05"), "New", "On Hold")
    result = judged(waiting, note, now=at("09:30"))
    assert (result.buckets["response"].done_at, result.buckets["resolution"].state) == (None, "paused")
    assert [verdict.counts for verdict in result.messages] == [False]


def test_what_staff_write_in_the_customers_name_does_not_end_a_pause():
    waiting = status(at("09:05"), "New", "On Hold")
    typed_in = reply(at("09:10"), actor=DANA)
    assert judged(waiting, typed_in, now=at("09:30")).buckets["resolution"].state == "paused"


def test_a_stock_phrase_is_told_as_one():
    stock = mail(at("09:01"), text="Thank you for contacting us. We will be looking into this shortly.")
    why = judged(stock, now=at("11:00")).flags["why"]
    assert why == "response overdue since 5 Jan 10:00 — only a stock phrase so far"


@pytest.mark.parametrize(("cause", "state"), [("automated", "paused"), ("human", "met")])
def test_a_persons_ruling_on_an_author_decides_whether_their_close_resolves(cause, state):
    learnt = Learnt(rulings=(ruling(cause),))
    clock = judged(closed(at("11:00")), now=at("12:00"), learnt=learnt).buckets["resolution"]
    assert clock.state == state


def test_a_ruling_makes_no_person_of_our_own_posts():
    ours = replace(DANA, marks=("self",))
    learnt = Learnt(rulings=(ruling("human"),))
    clock = judged(closed(at("11:00"), ours), now=at("12:00"), learnt=learnt).buckets["resolution"]
    assert clock.state == "paused"


@pytest.mark.parametrize("mark", ["api", "self", "system", "workflow"])
def test_marks_of_a_machine_make_a_close_no_resolution(mark):
    actor = replace(DANA, marks=(mark,))
    assert judged(closed(at("11:00"), actor), now=at("12:00")).buckets["resolution"].state == "paused"


def test_a_machine_may_be_named_by_its_name_too():
    by = policy(response=ResponseRule(channels=POLICY.response.channels, machines=frozenset({"dana"})))
    assert judged(closed(at("11:00")), now=at("12:00"), by=by).buckets["resolution"].state == "paused"


@pytest.mark.parametrize(
    "one", [replace(DISPATCH, team="", id="dispatch"), replace(DISPATCH, team="", name="Dispatch")]
)
def test_who_cannot_resolve_may_be_named_by_id_name_or_team(one):
    assert judged(mail(at("09:20"), one), now=at("09:30")).buckets["resplan"].done_at is None


def test_a_call_that_says_nothing_engages_nobody():
    call = mail(at("09:20"), channel="phone", text="")
    assert judged(call, now=at("09:30")).buckets["resplan"].done_at is None


def test_a_thanks_within_a_quarter_of_an_hour_is_the_cause_of_what_follows_and_not_after():
    done, said = status(at("11:00"), "New", "Resolved"), reply(at("14:00"), "Thanks")
    for when, count in ((at("14:15"), 0), (at("14:15:01"), 1)):
        clock = judged(done, said, reopened(when, ROBOT), now=at("16:00")).buckets["resolution"]
        assert clock.reopened == count


def test_the_first_message_after_a_thanks_reopens_and_a_second_thanks_does_not():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("13:00"), "Thanks"),
        reopened(at("13:01"), ROBOT),
        reply(at("13:30"), "Thanks again"),
        status(at("13:40"), "In Progress", "New", ROBOT),
    ]
    assert judged(*events, now=at("16:00")).buckets["resolution"].reopened == 0


def test_a_real_message_reopens_nothing_the_psa_has_not_opened():
    events = [status(at("11:00"), "New", "Resolved"), reply(at("14:00"))]
    assert judged(*events, now=at("16:00")).buckets["resolution"].reopened == 0


def test_closing_again_after_a_thanks_leaves_the_resolution_where_it_was():
    events = [
        status(at("11:00"), "New", "Resolved"),
        reply(at("13:00"), "Thanks"),
        reopened(at("13:01"), ROBOT),
        closed(at("13:02"), ROBOT),
        reply(at("14:00")),
    ]
    clock = judged(*events, now=at("16:00")).buckets["resolution"]
    assert (clock.done_at, clock.reopened) == (at("11:00"), 0)


def test_the_opening_status_is_the_one_the_first_change_left():
    first = status(at("10:00"), "On Hold", "New")
    assert judged(first, of=ticket(status="New"), now=at("10:30")).buckets["resolution"].elapsed_min == 30


def test_a_close_keeps_the_status_it_does_not_name():
    events = [status(at("09:30"), "New", "On Hold"), closed(at("10:00"), CAROL, to="")]
    result = judged(*events, reopened(at("11:00"), to="On Hold"), now=at("11:30"))
    assert result.buckets["resolution"].state == "paused"


def test_a_mistake_that_is_no_instant_is_not_told_as_one():
    broken = [mail(at("09:00"), key="a"), mail(at("09:00"), key=7)]
    with pytest.raises(TypeError):
        judged(*broken, now=at("10:00"))


def test_only_the_resolution_tells_of_resolutions_and_only_the_update_of_news():
    events = [mail(at("09:10")), status(at("11:00"), "New", "Resolved"), reopened(at("13:00"))]
    for extra in ([], [status(at("14:00"), "In Progress", "Resolved")]):
        clocks = judged(*events, *extra, now=at("16:00")).buckets
        resolution = clocks.pop("resolution")
        assert (resolution.first_done_at, resolution.reopened) == (at("11:00"), 1)
        assert {(c.first_done_at, c.reopened) for c in clocks.values()} == {(None, 0)}
    assert {clock.missed_times for clock in judged(now=at("16:00")).buckets.values()} == {0}
    late = judged(mail(at("12:00")), status(at("16:00", 6), "New", "Resolved"), now=at("16:30", 6)).buckets
    assert {name: clock.missed_times for name, clock in late.items() if clock.state == "missed"} == {
        "response": 0,
        "resplan": 0,
        "update": 1,
        "resolution": 0,
    }


@pytest.mark.parametrize(
    ("minutes", "state", "told"),
    [
        ({"response": 60}, "none", "no target; the customer waits for news"),
        ({"update": 1}, "waiting", "starts with the first answer that counts"),
    ],
)
def test_an_update_nobody_promised_is_not_waited_for(minutes, state, told):
    answer = judged(now=at("09:30"), by=policy(targets={"*": target(**minutes)}))
    clock = answer.buckets["update"]
    assert (clock.state, clock.target_min) == (state, minutes.get("update"))
    assert why(answer, "update") == told


def test_a_word_in_the_second_of_the_resolution_is_still_news():
    events = [mail(at("11:00")), status(at("11:00"), "New", "Resolved")]
    clock = judged(*events, now=at("12:00")).buckets["update"]
    assert (clock.state, clock.done_at, clock.elapsed_min) == ("met", at("11:00"), 0)


def test_a_pause_that_ended_as_the_clock_began_is_not_told():
    events = [
        status(at("09:10"), "New", "On Hold"),
        status(at("09:30"), "On Hold", "In Progress"),
        mail(at("09:30")),
    ]
    open_clock = judged(*events, now=at("10:00")).buckets["update"]
    done = status(at("11:00"), "In Progress", "Resolved")
    assert open_clock.pauses == judged(*events, done, now=at("12:00")).buckets["update"].pauses == ()


def test_the_end_of_a_clock_is_no_pause_of_it():
    events = [
        status(at("09:30"), "New", "On Hold"),
        status(at("10:00"), "On Hold", "In Progress"),
        status(at("11:00"), "In Progress", "Resolved"),
    ]
    clock = judged(*events, now=at("12:00")).buckets["resolution"]
    assert clock.pauses == ((at("09:30"), at("10:00")),)


def test_a_pause_set_and_lifted_in_one_second_is_none():
    events = [status(at("09:30"), "New", "On Hold"), status(at("09:30"), "On Hold", "In Progress")]
    assert judged(*events, now=at("10:00")).buckets["resolution"].pauses == ()


def test_a_fact_at_the_opening_is_not_older_than_it():
    assert judged(mail(at("09:00")), now=at("09:30")).findings == ()


@pytest.mark.parametrize(("first", "second", "done"), [(ROBOT, DANA, at("14:58")), (DANA, ROBOT, None)])
def test_a_time_of_the_ticket_belongs_to_the_nearest_ending(first, second, done):
    events = [closed(at("11:00"), first), reopened(at("12:00")), closed(at("15:00"), second)]
    clock = judged(*events, of=ticket(resolved_at=at("14:58")), now=at("16:00")).buckets["resolution"]
    assert (clock.done_at, clock.event) == (done, None if done is None else 2)


def test_a_time_of_the_ticket_belongs_to_a_status_that_ends_it_too():
    robot = status(at("11:00"), "New", "Resolved", ROBOT)
    clock = judged(robot, of=ticket(resolved_at=at("10:58")), now=at("16:00")).buckets["resolution"]
    assert (clock.state, clock.done_at) == ("paused", None)


def test_a_time_of_the_ticket_belongs_to_no_ending_that_is_still_ahead():
    of = ticket(resolved_at=at("10:58"))
    clock = judged(closed(at("11:00"), ROBOT), of=of, now=at("10:59")).buckets["resolution"]
    assert clock.done_at == at("10:58")


def test_a_time_of_the_ticket_counts_from_its_own_instant_on():
    assert judged(of=ticket(resolved_at=at("11:00")), now=at("11:00")).buckets["resolution"].state == "met"


def test_what_the_customer_says_in_the_second_of_the_ending_belongs_before_it():
    result = judged(reply(at("11:00")), of=ticket(resolved_at=at("11:00")), now=at("12:00"))
    assert result.findings == ()


def test_a_close_that_names_no_status_leaves_the_one_that_was_and_a_change_does_not():
    merged = status(at("09:30"), "New", "Merged")
    assert judged(merged, closed(at("10:00"), to=""), now=at("11:00")).excluded == "status Merged is excluded"
    assert judged(merged, status(at("10:00"), "Merged", ""), now=at("11:00")).excluded == ""


def test_several_facts_older_than_the_opening_are_counted():
    result = judged(mail(at("08:00")), mail(at("08:10")), now=at("10:00"))
    assert result.findings == ("2 facts are older than the opening; clocks start at the opening",)


def test_nothing_is_waited_for_without_any_promise():
    assert judged(now=at("09:30"), by=policy(targets={})).buckets["update"].state == "none"


@pytest.mark.parametrize(("told", "done"), [("10:45", None), ("10:44:59", at("10:44:59"))])
def test_a_time_of_the_ticket_belongs_to_an_ending_within_a_quarter_of_an_hour(told, done):
    clock = judged(closed(at("11:00"), ROBOT), of=ticket(resolved_at=at(told)), now=at("16:00"))
    assert clock.buckets["resolution"].done_at == done
