"""The checks of `lint` on set-ups made by hand: what must be said, and what must not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.clients import load_policy
from connector.history import lint
from connector.history.doctor import Finding
from connector.history.lint import byitself, hours, pauses, statuses, terms
from connector.history.lint.names import tells
from connector.history.lint.past import Past, Share
from connector.history.lint.report import Looked, tickets_of
from connector.psa.port import VendorCalendar
from connector.psa.slasetup import ByItself, SlaSetup, SlaTarget, SlaTerms, StatusSetup
from connector.rules.policy import Policy
from connector.rules.writtenhours import written_hours
from connector.settings.connection import StatusMeaning
from tests.kit import client_file
from tests.shared import ROOT

TODAY = date(2026, 11, 20)
OFFICE = {day: [("08:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = VendorCalendar(id="1", name="Office", hours=written_hours("Europe/London", OFFICE))


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return read(tmp_path)


def read(folder: Path, **rules: Any) -> Policy:
    path = folder / "acme.yaml"
    path.write_text(yaml.safe_dump(client_file("Acme Dental", **rules)), encoding="utf-8")
    return load_policy(path)


def looked(policy: Policy, *, past: Past | None = None, **setup: Any) -> Looked:
    return Looked(
        vendor="connectwise",
        policies=[policy],
        today=TODAY,
        setup=SlaSetup(**setup),
        calendars=[CALENDAR],
        companies={"250": "Acme Dental"},
        past=past,
    )


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in findings]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Assigned", "a button"),
        ("In Progress", "a button"),
        ("Acknowledged", "a button"),
        ("Escalated to L2", "a button"),
        ("In Bearbeitung", "a button"),
        ("Customer Responded", "customer wrote"),
        ("Updated by Client", "customer wrote"),
        ("Re-opened", "customer wrote"),
        ("Kunde hat geantwortet", "customer wrote"),
        ("Customer Contacted", "contact"),
        ("Responded", "contact"),
        ("Waiting on Customer", "contact"),
        ("Scheduled", "contact"),
        (">Closed", "contact"),
        ("Blue", "nothing"),
        ("", "nothing"),
    ],
)
def test_what_a_name_shows(name: str, what: str) -> None:
    assert tells(name) == what


def share(all_: int, hollow: int) -> Share:
    return Share(all_, [str(n) for n in range(hollow)])


@pytest.mark.parametrize(
    ("name", "happened", "told"),
    [
        ("In Progress", None, [("status-is-response", "warning")]),
        ("In Progress", share(19, 0), [("status-is-response", "warning")]),
        ("In Progress", share(20, 0), [("status-is-response", "note")]),
        ("In Progress", share(20, 1), [("status-is-response", "warning")]),
        ("Customer Contacted", None, []),
        ("Customer Contacted", share(20, 4), []),
        ("Customer Contacted", share(20, 5), [("status-is-response", "warning")]),
        ("Customer Contacted", share(100, 19), []),
        ("Blue", None, [("status-is-response", "note")]),
        ("Blue", share(3, 1), [("status-is-response", "warning")]),
        ("Client Replied", share(50, 0), [("reply-is-response", "warning")]),
    ],
)
def test_what_happened_has_the_last_word_on_a_status(
    policy: Policy, name: str, happened: Share | None, told: list[tuple[str, str]]
) -> None:
    past = Past(tickets=100, by_status={name: happened} if happened else {})
    seen = looked(policy, past=past, statuses=(StatusSetup(name=name, stage="Responded"),))
    assert codes(statuses.responses(seen)) == told


def test_a_status_of_which_the_set_up_says_nothing_is_told_by_what_happened(policy: Policy) -> None:
    past = Past(tickets=50, by_status={"Assigned": share(10, 6), "Scheduled": share(10, 0)})
    seen = looked(policy, past=past, statuses=(StatusSetup(name="Assigned"), StatusSetup(name="Scheduled")))
    (one,) = statuses.responses(seen)
    assert one.evidence[0].startswith("6 of 10 responses")
    assert one.evidence[1] == "tickets 0, 1, 2, 3, 4, 5"


def test_boards_and_those_that_assign_by_themselves_are_named(policy: Policy) -> None:
    rows = [StatusSetup(name="Assigned", stage="Responded", where=board) for board in ("Help", "Field")]
    (one,) = statuses.responses(looked(policy, statuses=tuple(rows), auto_assigns=("Field",)))
    assert "on Help, Field" in one.found
    assert one.evidence == ("new tickets of Field are assigned by themselves",)


@pytest.mark.parametrize(
    ("written", "words"), [(True, "connector.yaml says so"), (False, "as the vendor ships it")]
)
def test_whose_word_it_is_what_a_status_means(policy: Policy, written: bool, words: str) -> None:
    seen = looked(policy, statuses=(StatusSetup(name="Assigned", stage="Responded"),))
    seen.meanings = [StatusMeaning("New", "none", True), StatusMeaning("*", "first_response", written)]
    (one,) = statuses.responses(seen)
    assert words in one.evidence[0]


def test_excluded_and_closed_statuses_may_stand_still(tmp_path: Path) -> None:
    policy = read(tmp_path, exclude={"statuses": ["Parked"]})
    rows = (
        StatusSetup(name="Waiting Customer", stage="NoEscalation"),
        StatusSetup(name="Parked", stage="NoEscalation"),
        StatusSetup(name="Merged", stage="NoEscalation", closed=True),
    )
    assert pauses.pauses(looked(policy, statuses=rows)) == []


def test_a_pause_in_a_status_that_is_not_there(tmp_path: Path) -> None:
    policy = read(tmp_path, pause={"statuses": ["Wating Customer", "On Hold"]})
    rows = (StatusSetup(name="Waiting Customer", stage="NoEscalation"),)
    unknown, _standing = pauses.pauses(looked(policy, statuses=rows))
    assert unknown.code == "pause-unknown", "On Hold, which the defaults name, may lack"
    assert "did you mean 'Waiting Customer'?" in unknown.found
    (one,) = pauses.pauses(looked(policy, statuses=rows, untold={"statuses": "a word"}))
    assert one == unknown


def test_who_pauses_nowhere_needs_no_waiting(tmp_path: Path) -> None:
    policy = read(tmp_path, pause={"statuses": []})
    assert pauses.pauses(looked(policy, statuses=(StatusSetup(name="New", stage="NotResponded"),))) == []


def test_a_psa_that_does_not_tell_its_statuses_is_not_accused(policy: Policy) -> None:
    seen = looked(policy, statuses=(StatusSetup(name="Waiting Customer"),), untold={"statuses": "a word"})
    assert pauses.pauses(seen) == []


def sla(**keys: Any) -> SlaTerms:
    usual: dict[str, Any] = {"id": "1", "name": "Std", "hours": "calendar", "calendar": "1", "default": True}
    return SlaTerms(**{**usual, **keys})


def target(priority: str = "P1", **minutes: float) -> SlaTarget:
    return SlaTarget(priority=priority, minutes=minutes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (target(response=60, resplan=240, resolution=960), ()),
        (target(response=60.4, resplan=240, resolution=960), ()),
        (target(response=60, resolution=960), ()),  # this PSA knows no plan
        (target(response=90, resolution=960), ("P1 response: 1.5 h there, 1 h here",)),
        (target(resolution=960), ()),  # nor a response
    ],
)
def test_promises_are_compared_as_far_as_the_psa_has_them(
    policy: Policy, there: SlaTarget, told: tuple[str, ...]
) -> None:
    found = terms.targets(looked(policy, slas=(sla(targets=(there,)),)))
    assert tuple(line for one in found for line in one.evidence) == told


def test_a_promise_that_one_priority_lacks_and_others_have(policy: Policy) -> None:
    rows = (target("P1", response=60, resolution=960), target("P2", response=60))
    (one,) = terms.targets(looked(policy, slas=(sla(targets=rows),)))
    assert one.evidence == ("P2 resolution: nothing there, 16 h here",)


def test_an_sla_nobody_has_is_not_compared(policy: Policy) -> None:
    other = sla(id="2", default=False, hours="always", targets=(target(response=5),))
    seen = looked(policy, slas=(sla(), other), agreed={"999": ("2",)})
    assert [*terms.targets(seen), *hours.hours(seen), *terms.empty(seen)] == []


def test_the_sla_agreed_for_a_company_stands_for_the_default(policy: Policy) -> None:
    gold = sla(id="2", name="Gold", default=False, targets=(target(response=5),))
    wrong = sla(targets=(target(response=7),))
    (one,) = terms.targets(looked(policy, slas=(wrong, gold), agreed={"250": ("2",)}))
    assert (one.code, one.evidence) == ("agreed-sla-differs", ("P1 response: 5 min there, 1 h here",))


def test_the_companys_own_calendar_is_meant_where_the_sla_says_so(policy: Policy) -> None:
    night = written_hours("Europe/London", {"mon": [("20:00", "24:00")]})
    seen = looked(policy, slas=(sla(hours="company", calendar=""),), calendar_of={"250": "2"})
    assert hours.hours(seen) == [], "a calendar that cannot be read says nothing"
    seen.calendars = [CALENDAR, VendorCalendar(id="2", name="Night", hours=night)]
    (one,) = hours.hours(seen)
    assert one.evidence == ("there: mon 20:00-24:00", "here: mon-fri 08:00-18:00")


def test_the_same_hours_in_another_zone_are_other_hours(policy: Policy) -> None:
    berlin = VendorCalendar(id="1", name="Berlin", hours=written_hours("Europe/Berlin", OFFICE))
    seen = looked(policy, slas=(sla(),))
    seen.calendars = [berlin]
    (one,) = hours.hours(seen)
    assert (one.code, one.evidence[0]) == ("hours-differ", "there: mon-fri 07:00-17:00")


def test_round_the_clock_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    policy = read(tmp_path, targets={"*": {"response": "1h", "calendar": "24x7"}})
    late = {day: [("00:00", "23:59")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    seen = looked(policy, slas=(sla(targets=(target(response=60),)),))
    seen.calendars = [VendorCalendar(id="1", name="All", hours=written_hours("UTC", late))]
    assert hours.hours(seen) == []
    seen.setup = SlaSetup(slas=(sla(hours="always", targets=(target(response=60),)),))
    assert hours.hours(seen) == []


def test_a_priority_with_hours_of_its_own_is_told_apart(tmp_path: Path) -> None:
    rows = {"P1": {"response": "1h", "calendar": "24x7"}, "*": {"response": "1h"}}
    policy = read(tmp_path, targets=rows)
    both = (target("P1", response=60), target("P2", response=60))
    (one,) = hours.hours(looked(policy, slas=(sla(targets=both),)))
    assert (one.code, one.evidence[1]) == ("hours-24x7", "here: 24x7")
    assert "in 'Office', in other hours than the client's promises, for P1 (" in one.found
    night = SlaTarget(priority="P1", minutes={"response": 60}, calendar="9")
    seen = looked(policy, slas=(sla(targets=(night, both[1])),))
    week = {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    seen.calendars = [CALENDAR, VendorCalendar(id="9", name="All", hours=written_hours("UTC", week))]
    assert hours.hours(seen) == [], "the priority's own calendar stands above the SLA's"


def test_a_priority_that_neither_promises_is_fine(tmp_path: Path) -> None:
    policy = read(tmp_path, targets={"P1": {"response": "1h"}})
    rows = (target("P1", response=60), target("Planned"))
    assert terms.empty(looked(policy, slas=(sla(targets=rows),))) == []


@pytest.mark.parametrize(("bare", "severity"), [(4, "note"), (5, "warning")])
def test_a_few_tickets_without_an_sla_are_a_note(policy: Policy, bare: int, severity: str) -> None:
    seen = looked(policy, slas=(sla(),), bare=(bare, 100, ("7",)))
    assert codes(terms.slas(seen)) == [("tickets-without-sla", severity)]


def test_what_closes_by_itself_is_fine_where_silence_is_a_solution(tmp_path: Path, policy: Policy) -> None:
    closing = (ByItself(effect="resolution", where="status 'Resolved'", found="closed after a while"),)
    assert [one.code for one in byitself.by_itself(looked(policy, by_itself=closing))] == ["closes-by-itself"]
    easy = read(tmp_path, resolution={"auto_close": "resolution"})
    assert byitself.by_itself(looked(easy, by_itself=closing)) == []


def test_one_habit_of_many_boards_is_one_finding(policy: Policy) -> None:
    boards = [ByItself(effect="stays_closed", where=f"board '{n}'", found="no reopening") for n in "AB"]
    (one,) = byitself.by_itself(looked(policy, by_itself=tuple(boards)))
    assert one.evidence == ("set up so on: board 'A', board 'B'",)


def test_the_guide_names_every_fault_and_no_other() -> None:
    guide = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", guide))
    sources = [path.read_text(encoding="utf-8") for path in Path(lint.__file__).parent.glob("*.py")]
    said = {code for source in sources for code in re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', source)}
    assert told == said


def test_of_many_tickets_a_few_are_shown() -> None:
    assert tickets_of([str(n) for n in range(10)]) == "tickets 0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
