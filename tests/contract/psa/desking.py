"""The desk's own tickets and what stands on companies: once each, silently, found again by a mark."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from connector.errors import NotFound, Rejected, Unavailable
from connector.model import CompanyFlag
from connector.psa.desk import Desk, Draft
from connector.psa.port import Psa, PsaFacts
from connector.simulator.marking import company_field
from connector.simulator.records import Ticket
from tests.contract.psa.captions import CAPTIONS, COMPANY
from tests.contract.psa.stage import START, Stage
from tests.contract.psa.traits import trait

TEXT = "PX is 85 % (n 20), promised 95 %.\nClose this ticket when the review has been held."
MARK = "px-0123456789ab"


def draft(stage: Stage, **changes: Any) -> Draft:
    """A review for Acme Dental."""
    company = str(stage.world.company_by_name("Acme Dental").id)
    usual = {"mark": MARK, "company_id": company, "summary": "Service review: Acme Dental", "text": TEXT}
    return Draft(**(usual | changes))


async def desk(stage: Stage, **keys: Any) -> Psa:
    """A started adapter that may open tickets."""
    psa = await stage.started(**({"cases": dict(stage.tongue.cases)} | keys))
    assert isinstance(psa, Desk)
    return psa


async def opened(stage: Stage, psa: Psa, **changes: Any) -> Ticket:
    assert isinstance(psa, Desk)
    return stage.world.ticket(int(await psa.open_ticket(draft(stage, **changes))))


def new(stage: Stage, before: set[int]) -> list[Ticket]:
    return [ticket for ticket in stage.world.tickets.by_id.values() if ticket.id not in before]


@trait()
async def opens_once(stage: Stage) -> None:
    """What carries the same mark is opened once, by whichever process; another mark is another ticket."""
    before = set(stage.world.tickets.by_id)
    first, second = await desk(stage), await desk(stage)
    one = await opened(stage, first)
    assert (await opened(stage, first)).id == (await opened(stage, second)).id == one.id
    other = await opened(stage, second, mark="px-ba9876543210")
    assert [ticket.id for ticket in new(stage, before)] == [one.id, other.id]
    texts = [post.text for post in stage.world.posts(one.id)]
    assert sum(TEXT in text for text in texts) == 1


@trait()
async def opens_after_lost_answer(stage: Stage) -> None:
    """Cut off after any request of opening one: asked again, there is one, with its text."""
    before = set(stage.world.tickets.by_id)
    for step in range(1, 7):
        psa, mark = await desk(stage), f"px-00000000000{step}"
        stage.faults.hang_up_after = step
        with contextlib.suppress(Unavailable):
            await opened(stage, psa, mark=mark)
        stage.faults.hang_up_after = 0
        again = await desk(stage)
        one = await opened(stage, again, mark=mark)
        assert sum(TEXT in post.text for post in stage.world.posts(one.id)) == 1
    made = new(stage, before)
    assert len(made) == len({ticket.summary for ticket in made}) == 6


@trait()
async def opens_silently(stage: Stage) -> None:
    """No contact, so that no mail leaves; the text for the team alone; where the settings say."""
    psa, world = await desk(stage), stage.world
    due = START + timedelta(days=90)
    ticket = await opened(stage, psa, owner="Susan Clarke", due_at=due, summary="x" * 300)
    assert ticket.contact is None
    assert (ticket.due, world.members[ticket.owner or 0].identifier) == (due, "sclarke")
    assert MARK in ticket.summary
    assert world.boards[ticket.board].name == "Alerts"
    assert world.statuses[ticket.status].name == "Assigned"
    assert world.priorities[ticket.priority].name == "P4 Low"
    posts = world.posts(ticket.id)
    assert [post.visible for post in posts if TEXT in post.text] == [False]
    assert not any("PX" in post.text for post in posts if post.visible)
    assert not any(post.contact for post in posts)


@trait()
async def opens_below(stage: Stage) -> None:
    """A task knows its plan, by its fields or its words; an owner nobody knows is told, and left out."""
    psa = await desk(stage)
    plan = await opened(stage, psa)
    task = await opened(stage, psa, mark="px-aaaaaaaaaaaa", parent=str(plan.id), owner="Nobody Known")
    (words,) = [post.text for post in stage.world.posts(task.id) if TEXT in post.text]
    assert task.parent == plan.id or f".{plan.id:04d}" in words
    assert str(plan.id) in words
    assert "Nobody Known" in words
    assert task.owner is None


@trait()
async def opens_nowhere(stage: Stage) -> None:
    """Without a place nothing is opened; a name the PSA does not have is said once, with those it has."""
    before = set(stage.world.tickets.by_id)
    unsaid = await stage.started()
    wrong = stage.adapter(cases={**stage.tongue.cases, stage.tongue.place: "Nirvana"})
    facts = await wrong.start(CAPTIONS)
    assert sum("Nirvana" in note for note in facts.notes) == 1
    for psa in (unsaid, wrong):
        assert isinstance(psa, Desk)
        assert not psa.opens_tickets
        with pytest.raises(Rejected, match="cases"):
            await psa.open_ticket(draft(stage))
    psa = await desk(stage)
    assert isinstance(psa, Desk)
    assert psa.opens_tickets
    with pytest.raises(Rejected):
        await psa.open_ticket(draft(stage, company_id=""))
    assert new(stage, before) == []


@trait()
async def knows_its_tickets(stage: Stage) -> None:
    """A ticket of ours is read as ours: opened by a machine, last changed by us."""
    psa = await desk(stage)
    ticket = str((await opened(stage, psa)).id)
    batch = await psa.observe([ticket])
    (snapshot,) = batch.snapshots
    assert "self" in snapshot.editor.marks
    assert snapshot.ticket.client == "Acme Dental"
    assert MARK in snapshot.ticket.summary
    assert all(event.actor.kind == "automation" for _, event in batch.events)


@trait()
async def notes_once(stage: Stage) -> None:
    """A note with a mark is written once, for the team alone; a ticket that is gone is told."""
    psa, again = await desk(stage), await desk(stage)
    assert isinstance(psa, Desk)
    assert isinstance(again, Desk)
    ticket = stage.ticket()
    before = len(stage.world.posts(ticket))
    for _ in range(2):
        await psa.add_note(str(ticket), "px-111111111111", "Day 30: PX of the plan so far 91 % (n 11).")
        await again.add_note(str(ticket), "px-222222222222", "Day 37: PX of the plan so far 92 % (n 13).")
    posts = stage.world.posts(ticket)[before:]
    assert [("Day 30" in post.text, post.visible) for post in posts] == [(True, False), (False, False)]
    stage.world.delete_ticket(ticket, "jreed")
    for nobody in (str(ticket), "999999", ""):
        with pytest.raises(NotFound):
            await psa.add_note(nobody, "px-333333333333", "Too late.")


async def marking(stage: Stage) -> tuple[Desk, PsaFacts]:
    psa = stage.adapter()
    assert isinstance(psa, Desk)
    psa.mark_companies(COMPANY)
    return psa, await psa.start(CAPTIONS)


@trait()
async def marks_companies(stage: Stage) -> None:
    """What is written on a company reads back as foretold, is changed, is emptied; other fields stay."""
    (psa, _), world = await marking(stage), stage.world
    company = world.company_by_name("Acme Dental")
    target = next(f.id for f in world.fields.values() if f.caption == "PX Target")
    company.values[target] = 95
    number = str(company.id)
    flags: dict[CompanyFlag, str] = {"px": "93 % (n 14)", "review": "open since 2026-11-20", "release": ""}
    assert set((await psa.read_company(number)).values()) == {""}
    await psa.write_company(number, flags)
    assert await psa.read_company(number) == psa.shown_company(flags) == flags
    assert company_field(world, "Acme Dental", "Client PX") == "93 % (n 14)"
    await psa.write_company(number, {"review": ""})
    assert await psa.read_company(number) == {**flags, "review": ""}
    assert company.values[target] == 95
    assert {write.company for write in world.company_writes} == {company.id}
    for nobody in ("999999", "", "x"):
        with pytest.raises(NotFound):
            await psa.read_company(nobody)
    assert len(world.companies) == 3


@trait()
async def company_fields(stage: Stage) -> None:
    """A field that companies do not have is noted, and is no reason not to write the others."""
    stage.faults.missing_field = "Release Right"
    psa, facts = await marking(stage)
    assert sum("Release Right" in note for note in facts.notes) == 1
    assert "release" not in psa.shown_company({"release": "active"})
    number = str(stage.world.company_by_name("Globex").id)
    await psa.write_company(number, {"px": "100 % (n 3)"})
    assert await psa.read_company(number) == {"px": "100 % (n 3)", "review": ""}
    with pytest.raises(Rejected):
        await psa.write_company(number, {"release": "active"})
