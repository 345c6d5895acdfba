"""Which of several: of pauses, missed promises and instants ahead, a clock tells the one that is its own."""

from __future__ import annotations

from tests.unit.desk import at, judged, mail, policy, status, target

UPDATE = policy(targets={"*": target(update=60)})


def test_an_open_update_clock_tells_the_pauses_since_the_last_news_only():
    events = [
        mail(at("09:10")),
        status(at("09:20"), "New", "On Hold"),
        status(at("09:40"), "On Hold", "In Progress"),
        mail(at("10:00")),
        status(at("10:10"), "In Progress", "On Hold"),
        status(at("10:30"), "On Hold", "In Progress"),
    ]
    clock = judged(*events, now=at("10:40"), by=UPDATE).buckets["update"]
    assert clock.pauses == ((at("10:10"), at("10:30")),)
    assert clock.elapsed_min == 20


def test_an_ended_update_clock_tells_the_pauses_since_the_last_news_only():
    events = [
        mail(at("09:10")),
        status(at("09:20"), "New", "On Hold"),
        status(at("09:40"), "On Hold", "In Progress"),
        mail(at("10:00")),
        status(at("10:30"), "In Progress", "Resolved"),
    ]
    clock = judged(*events, now=at("10:40"), by=UPDATE).buckets["update"]
    assert (clock.state, clock.pauses, clock.elapsed_min) == ("met", (), 30)


def test_an_update_promise_missed_several_times_tells_the_last_miss():
    events = [mail(at("09:10")), mail(at("10:20")), mail(at("11:40"))]
    ended = [*events, status(at("11:50"), "New", "Resolved")]
    clock = judged(*ended, now=at("12:00"), by=UPDATE).buckets["update"]
    assert (clock.missed_times, clock.missed_at) == (2, at("11:20"))


def test_the_next_change_is_that_of_the_clock_which_changes_first():
    response_first = policy(targets={"*": target(response=60, resplan=120, resolution=480)})
    assert judged(now=at("09:10"), by=response_first).next_at == at("09:30")
    resplan_first = policy(targets={"*": target(response=60, resplan=40, resolution=480)})
    assert judged(now=at("09:10"), by=resplan_first).next_at == at("09:20")
    resolution_first = policy(targets={"*": target(response=60, resplan=40, resolution=30)})
    assert judged(now=at("09:10"), by=resolution_first).next_at == at("09:15")
