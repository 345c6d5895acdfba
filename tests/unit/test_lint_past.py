"""What of a ticket's story counts against the PSA, and what does not: nobody is accused on a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.history.lint.behaviour import behaviour
from connector.history.lint.past import Past, Share
from connector.history.lint.report import Looked
from connector.model import Actor, Assignment, Close, Event, Message, PsaVerdict, StatusChange, Ticket
from connector.psa.slasetup import SlaSetup
from connector.rules.assess import assess
from connector.rules.policy import Policy
from tests.unit.test_lint_checks import TODAY, read

OPENED = datetime(2026, 11, 16, 9, tzinfo=UTC)
CUSTOMER, BOT = Actor("contact", "c1"), Actor("automation", "29")
PERSON = Actor("staff", "a4", "Mara")


def at(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def asked(minutes: float = 0, text: str = "The printer on floor two is broken, can you help?") -> Message:
    return Message(at=at(minutes), key=f"note:{minutes}", actor=CUSTOMER, direction="in", text=text)


def answered(minutes: float) -> Message:
    text = "I have replaced the drum of the printer on floor two; please print a page and tell me."
    return Message(at=at(minutes), key=f"note:{minutes}", actor=PERSON, direction="out", text=text)


def moved(minutes: float, to: str, actor: Actor = PERSON, from_: str = "New") -> StatusChange:
    return StatusChange(at=at(minutes), key=f"status:{minutes}", actor=actor, from_=from_, to=to)


def past_of(policy: Policy, *events: Event, **ticket: Any) -> Past:
    """One ticket's. `responded`, `resolved`: minutes after which the PSA says so."""
    responded, resolved = ticket.pop("responded", None), ticket.pop("resolved", None)
    says = PsaVerdict(
        response_at=None if responded is None else at(responded),
        resolved_at=None if resolved is None else at(resolved),
        text=ticket.pop("text", ""),
    )
    one = Ticket(id="7", client="Acme Dental", opened_at=OPENED, psa=says, **{"status": "New", **ticket})
    past = Past()
    past.add(one, assess(one, events, policy, at(60 * 24 * 3)), policy)
    return past


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return read(tmp_path)


SEEN_NEW = moved(0, "New", from_="")


def test_a_response_while_nothing_was_done_that_is_seen(policy: Policy) -> None:
    assign = Assignment(at=at(30), key="a", actor=PERSON, to="a4")
    past = past_of(policy, SEEN_NEW, asked(), assign, responded=30)
    assert (past.unseen.all, past.unseen.hollow) == (1, ["7"])


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([SEEN_NEW, asked(), answered(20)], "somebody had written"),
        ([SEEN_NEW, asked(), answered(30.5)], "somebody wrote in the same minute"),
        ([SEEN_NEW, asked(), moved(30, "Assigned")], "a status was set, which is told of the status"),
        ([asked()], "a status may have been set before we looked"),
        ([asked(), moved(500, "Resolved", from_="Assigned")], "as before"),
    ],
)
def test_a_response_that_nobody_need_be_accused_of(policy: Policy, events: list[Event], why: str) -> None:
    assert past_of(policy, *events, responded=30).unseen.hollow == [], why


def test_a_ticket_logged_by_an_agent_may_count_as_answered_at_once(policy: Policy) -> None:
    note = Message(at=OPENED, key="n", actor=PERSON, direction="internal", text="Anna calls: no toner")
    assert past_of(policy, note, responded=0).responses.all == 0
    assert past_of(policy, asked(), responded=0).at_once.hollow == ["7"]


def test_what_was_before_our_time_is_told_as_that(policy: Policy) -> None:
    past = past_of(policy, asked(), moved(500, "Resolved", from_="Assigned"), responded=30)
    assert (past.untold.hollow, past.unseen.all, past.by_status) == (["7"], 0, {})
    assert past_of(policy, asked(), answered(20), responded=30).untold.hollow == []
    many = Past(tickets=9, untold=Share(9, ["7"] * 5))
    (one,) = behaviour(Looked(vendor="halo", policies=[policy], today=TODAY, past=many))
    assert one.code == "response-before-message"


def test_hollow_is_told_of_the_status_that_was_set(policy: Policy) -> None:
    past = past_of(policy, asked(), moved(12, "In Progress"), answered(40), responded=12)
    assert {name: str(share) for name, share in past.by_status.items()} == {"In Progress": "1 of 1"}
    past = past_of(policy, asked(), answered(11), moved(12, "In Progress"), responded=12)
    assert {name: str(share) for name, share in past.by_status.items()} == {"In Progress": "0 of 1"}


def test_a_machines_close_is_no_solution_unless_the_rules_say_so(tmp_path: Path, policy: Policy) -> None:
    story = [asked(), answered(20), Close(at=at(600), key="c", actor=BOT, to="Closed")]
    assert past_of(policy, *story, resolved=600, closed=True, status="Closed").closed.hollow == ["7"]
    easy = read(tmp_path, resolution={"auto_close": "resolution"})
    assert past_of(easy, *story, resolved=600, closed=True, status="Closed").closed.all == 0


def test_what_a_person_resolved_a_machine_may_close(policy: Policy) -> None:
    story = [
        *(asked(), answered(20), moved(30, "Resolved")),
        Close(at=at(600), key="c", actor=BOT, from_="Resolved", to="Closed"),
    ]
    past = past_of(policy, *story, resolved=30, closed=True, status="Closed")
    assert (past.closed.all, past.closed.hollow) == (1, [])


@pytest.mark.parametrize(
    ("text", "all_"), [("It is broken again, the same noise.", 1), ("Thank you very much!", 0), ("", 0)]
)
def test_only_more_than_thanks_wants_to_be_heard(policy: Policy, text: str, all_: int) -> None:
    story = [asked(), answered(20), Close(at=at(60), key="c", actor=PERSON, to="Closed"), asked(90, text)]
    past = past_of(policy, *story, closed=True, status="Closed")
    assert (past.unheard.all, len(past.unheard.hollow)) == (all_, all_)


def test_a_reply_that_reopened_was_heard(policy: Policy) -> None:
    story = [
        *(asked(), answered(20), Close(at=at(60), key="c", actor=PERSON, to="Closed")),
        *(asked(90), moved(91, "New", from_="Closed")),
    ]
    past = past_of(policy, *story)
    assert (past.unheard.all, past.unheard.hollow) == (1, [])
    assert (past.reopened.all, past.reopened.hollow) == (1, [])
    assert past_of(policy, *story, resolved=60).reopened.hollow == ["7"], "the PSA still has it as resolved"


@pytest.mark.parametrize(
    ("said", "hollow"), [("Waiting", 0), ("respond by 9:00, on hold", 0), ("Respond by Mon 9:00", 1)]
)
def test_whether_the_psas_clock_stands_is_its_own_word(policy: Policy, said: str, hollow: int) -> None:
    past = past_of(policy, asked(), status="Waiting Customer", text=said)
    assert len(past.standing["Waiting Customer"].hollow) == hollow
    assert past_of(policy, asked(), status="Waiting Customer").standing == {}, "one that says nothing"


def test_what_is_excluded_speaks_for_nothing(tmp_path: Path) -> None:
    policy = read(tmp_path, exclude={"types": ["Alert"]})
    past = past_of(policy, asked(), responded=0, type="Alert")
    assert (past.tickets, past.responses.all) == (0, 0)


@pytest.mark.parametrize(
    ("hollow", "all_", "found"), [(4, 4, False), (5, 5, True), (5, 50, True), (5, 51, False), (12, 100, True)]
)
def test_a_slip_is_no_finding(policy: Policy, hollow: int, all_: int, found: bool) -> None:
    past = Past(tickets=all_, at_once=Share(all_, [str(n) for n in range(hollow)]))
    seen = Looked(vendor="halo", policies=[policy], today=TODAY, setup=SlaSetup(), past=past)
    assert [one.code for one in behaviour(seen)] == (["response-at-creation"] if found else [])


def test_what_was_done_out_of_sight_is_told_with_its_tickets(policy: Policy) -> None:
    past = Past(tickets=9, unseen=Share(9, [str(n) for n in range(9)]))
    (one,) = behaviour(Looked(vendor="halo", policies=[policy], today=TODAY, past=past))
    assert one.code == "response-without-message"
    assert one.evidence == ("9 of 9 responses", "tickets 0, 1, 2, 3, 4, 5, 6, 7 and 1 more")
