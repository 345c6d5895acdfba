"""What the PSA would say, worked out from statuses by the vendor's semantics."""

from __future__ import annotations

import pytest

from connector.model import PsaVerdict
from connector.rules.psa_says import stages
from tests.unit.desk import OPENED, POLICY, at, closed, judged, mail, policy, reopened, status, target, ticket

STAGE_OF = {
    "new": "NotResponded",
    "assigned": "Responded",
    "in progress": "ResolutionPlan",
    "waiting customer": "NoEscalation",
    "resolved": "Resolved",
    "strange": "Some/Other",
}


EVENING = at("16:00")


def says(*events, of=None, now=EVENING, by=POLICY):
    return stages(events, of or ticket(status="New"), STAGE_OF, by, now)


def test_a_status_is_all_it_takes_to_have_responded():
    verdict = says(status(at("09:04"), "New", "Assigned"))
    assert (verdict.response_at, verdict.resplan_at, verdict.resolved_at) == (at("09:04"), None, None)
    assert verdict.text == "worked out from statuses"


def test_a_later_stage_fulfils_the_earlier_ones():
    verdict = says(status(at("09:04"), "New", "Resolved"))
    assert (verdict.response_at, verdict.resplan_at, verdict.resolved_at) == (at("09:04"),) * 3


def test_stages_only_advance():
    verdict = says(
        status(at("09:10"), "New", "In Progress"),
        status(at("09:20"), "In Progress", "New"),
        status(at("09:30"), "New", "Assigned"),
        status(at("09:40"), "Assigned", "In Progress"),
    )
    assert (verdict.response_at, verdict.resplan_at) == (at("09:10"), at("09:10"))


def test_leaving_resolved_takes_the_resolution_back_and_waiting_does_not():
    done = status(at("11:00"), "New", "Resolved")
    waiting = status(at("11:30"), "Resolved", "Waiting Customer")
    assert says(done, waiting).resolved_at == at("11:00")
    again = status(at("11:45"), "Waiting Customer", "Resolved")
    assert says(done, waiting, again).resolved_at == at("11:00")
    back = status(at("12:00"), "Waiting Customer", "In Progress")
    assert says(done, waiting, back).resolved_at is None
    assert says(done, back, status(at("15:00"), "In Progress", "Resolved")).resolved_at == at("15:00")


def test_a_close_without_a_stage_is_resolved_and_a_reopening_goes_by_its_status():
    assert says(closed(at("11:00"))).resolved_at == at("11:00")
    assert says(closed(at("11:00")), reopened(at("12:00"))).resolved_at is None


def test_a_status_without_a_stage_changes_nothing():
    verdict = says(status(at("09:10"), "New", "Strange"), status(at("09:20"), "Strange", "Unheard of"))
    assert verdict.response_at is None
    unknown = stages((), ticket(status="Unheard of"), STAGE_OF, POLICY, at("16:00"))
    assert unknown == PsaVerdict()


def test_the_status_at_the_opening_counts():
    assert says(of=ticket(status="In Progress")).resplan_at == OPENED
    first = status(at("10:00"), "Assigned", "In Progress")
    assert says(first, of=ticket(status="In Progress")).response_at == OPENED


def test_facts_older_than_the_opening_count_at_the_opening():
    assert says(status(at("08:00"), "New", "Assigned")).response_at == OPENED


@pytest.mark.parametrize(
    ("clock", "met"), [("09:59", True), ("10:00", True), ("10:00:01", False), ("16:00", False)]
)
def test_the_promise_of_a_response_is_kept_up_to_its_last_second(clock, met):
    only = policy(targets={"*": target(response=60)})
    assert says(status(at(clock), "New", "Assigned"), by=only).sla_met is met
    assert says(now=at(clock), by=only).sla_met is met


def test_every_promise_is_counted_from_the_opening_in_working_time_without_waiting():
    by = policy(targets={"*": target(resplan=60, resolution=180)})
    events = [
        status(at("09:20"), "New", "Waiting Customer"),
        status(at("11:20"), "Waiting Customer", "Assigned"),
        status(at("13:00"), "Assigned", "In Progress"),
    ]
    assert says(*events, now=at("13:00"), by=by).sla_met is True  # 20 + 40 min, and lunch
    late = status(at("13:01"), "Assigned", "In Progress")
    assert says(*events[:2], late, now=at("14:00"), by=by).sla_met is False
    done = status(at("15:00"), "In Progress", "Resolved")
    assert says(*events, done, now=at("17:00"), by=by).sla_met is True  # 20 + 40 + 120 min
    assert says(*events, now=at("15:01"), by=by).sla_met is False
    again = status(at("16:00"), "Resolved", "In Progress")
    assert says(*events, done, again, now=at("16:00"), by=by).sla_met is True
    assert says(*events, done, again, now=at("16:01"), by=by).sla_met is False


def test_nothing_promised_is_nothing_kept():
    assert says(status(at("09:10"), "New", "Assigned"), by=policy(targets={})).sla_met is None
    only_update = policy(targets={"*": target(update=60)})
    assert says(status(at("09:10"), "New", "Assigned"), by=only_update).sla_met is None


def test_ten_thousand_changes_are_no_trouble():
    events = []
    for number in range(5000):
        minute = f"{9 + number // 2500}:{number % 50:02d}"
        events += [
            status(at(minute), "Assigned", "Waiting Customer"),
            status(at(minute), "Waiting Customer", "Assigned"),
        ]
    assert says(*events).response_at is not None


def test_an_assessment_says_it_only_where_the_psa_says_nothing():
    events = [status(at("09:04"), "New", "Assigned"), mail(at("09:42"))]
    result = judged(*events, now=at("12:00"), stage_of=STAGE_OF)
    assert (result.psa.response_at, result.buckets["response"].done_at) == (at("09:04"), at("09:42"))
    own = PsaVerdict(text="Respond by noon")
    assert judged(*events, of=ticket(psa=own), now=at("12:00"), stage_of=STAGE_OF).psa == own
    assert judged(*events, now=at("12:00")).psa == PsaVerdict()
