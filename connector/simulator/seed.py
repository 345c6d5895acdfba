"""A believable past for the MSP: tens of thousands of tickets in a few seconds, the same for the same seed.

Each ticket's course is drawn from the seed and its own id alone, so its notes need not be kept: they
are told again when somebody asks for them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connector.simulator import people, sla, texts
from connector.simulator.plants import plant
from connector.simulator.records import Answer, Post, Sla, Stage, Ticket, WorkLog
from connector.simulator.world import World

DAYS_BACK = 90
_FIRST_ID = 1001
_POSTS_EACH = 8
_ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")
_DISPATCH = ("dmoore", "psingh")
_SHARES = ((1, 0.05), (2, 0.2), (3, 0.55), (4, 0.2))


@dataclass(slots=True)
class Course:
    """What befalls one ticket: notes as (seconds, author, text, visible), moves as (seconds, status, by)."""

    request: tuple[str, str]
    priority: int
    contact: int
    company: int
    owner: str
    notes: list[tuple[int, str, str, bool]] = field(default_factory=list)
    calls: list[tuple[int, str, str]] = field(default_factory=list)
    moves: list[tuple[int, str, str]] = field(default_factory=list)
    score: tuple[int, int] | None = None
    approval: str = ""


def make_world(
    *,
    seed: int = 7,
    tickets: int = 200,
    start: datetime = datetime(2026, 11, 20, 8, tzinfo=UTC),
    clients: Sequence[str] = people.DEFAULT_CLIENTS,
    plants: Sequence[str] = (),
) -> World:
    """A world standing at `start` with `tickets` of the 90 days before, about 92 % of them closed.

    `plants` are how its PSA has been set up all the time (see `plants`); ValueError for one there is not.
    """
    world = World(seed=seed, start=start, clients=clients)
    for name in plants:
        plant(world, name)
    dice = random.Random(seed)
    openings = sorted(_opening(dice, world.start) for _ in range(tickets))
    made: list[Ticket] = []
    logs: list[WorkLog] = []
    answers: list[Answer] = []
    for index, opened in enumerate(openings):
        course = _course(world, index)
        ticket = _ticket(world, index, opened, course)
        made.append(ticket)
        logs += _logs(world, ticket, course, len(logs) + 1)
        if course.score and opened + timedelta(seconds=course.score[0]) < world.start:
            seconds, score = course.score
            at = opened + timedelta(seconds=seconds)
            answers.append(Answer(len(answers) + 1, ticket.id, score, texts.COMMENTS[score], at))
    for answer in answers:
        answer.id += len(logs)
    world.load(made, logs, answers, tickets * _POSTS_EACH, lambda ticket: _posts(world, ticket))
    return world


def _opening(dice: random.Random, start: datetime) -> datetime:
    """An instant in office hours of a weekday before `start`."""
    while True:
        day = start - timedelta(days=dice.randrange(DAYS_BACK + 1))
        at = day.replace(hour=8, minute=0, second=0) + timedelta(seconds=dice.randrange(10 * 3600))
        if at.weekday() < 5 and at < start:
            return at


def _course(world: World, index: int) -> Course:
    dice = random.Random(world.seed * 1_000_003 + index)
    roll = dice.random
    companies = list(world.companies)
    company = companies[int(roll() * len(companies))]
    contacts = world.contacts_of(company)
    share, priority = roll(), people.PRIORITIES[-1].id
    for candidate, part in _SHARES:
        share -= part
        if share <= 0:
            priority = candidate
            break
    course = Course(
        request=texts.REQUESTS[int(roll() * len(texts.REQUESTS))],
        priority=priority,
        contact=contacts[int(roll() * len(contacts))].id,
        company=company,
        owner=_ENGINEERS[int(roll() * len(_ENGINEERS))],
    )
    course.notes.append((0, "contact", course.request[1], True))
    _answering(course, dice)
    if roll() < 0.3:
        course.approval = f"CAB-{1000 + index}"
    return course


def _answering(course: Course, dice: random.Random) -> None:
    """Draw who answers when, and how it ends."""
    roll, pick = dice.random, dice.choice
    if roll() < 0.6:
        course.notes.append((5 + int(roll() * 15), people.WORKFLOW, texts.ACKNOWLEDGEMENTS[0], True))
    at = 120 + int(roll() * 900)
    course.moves.append((at, "Assigned", pick(_DISPATCH)))
    if roll() < 0.35:
        course.notes.append((at + 60, pick(_DISPATCH), texts.BOILERPLATE[0], True))
    at += int(dice.lognormvariate(8.0, 1.2))
    course.moves.append((at, "In Progress", course.owner))
    if roll() < 0.3:
        course.calls.append((at + 300, course.owner, pick(texts.CALLS)))
    else:
        course.notes.append((at + 200, course.owner, pick(texts.ANSWERS), True))
    if roll() < 0.4:
        at += 600 + int(roll() * 7200)
        course.notes.append((at, "contact", pick(texts.REPLIES), True))
        at += 300 + int(roll() * 7200)
        course.notes.append((at, course.owner, pick(texts.ANSWERS), True))
    if roll() < 0.25:
        course.notes.append((at + 100, course.owner, pick(texts.INTERNAL), False))
    if roll() < 0.05:
        return  # nobody ever finishes this one
    at += 900 + int(dice.lognormvariate(9.5, 1.0))
    course.notes.append((at, course.owner, pick(texts.SOLUTIONS), True))
    course.moves.append((at, "Resolved", course.owner))
    course.moves.append((at + 2 * 86400, ">Closed", people.WORKFLOW))
    if roll() < 0.15:
        course.score = (at + 3600 + int(roll() * 80_000), dice.choices((1, 2, 3, 4, 5), (3, 4, 8, 35, 50))[0])


def _ticket(world: World, index: int, opened: datetime, course: Course) -> Ticket:
    board = 1
    ticket = Ticket(
        id=_FIRST_ID + index,
        company=course.company,
        contact=course.contact,
        board=board,
        status=world.status_by_name(board, "New").id,
        priority=course.priority,
        type=1 + (index % 5 == 0),
        summary=course.request[0],
        entered_at=opened,
        entered_by="zAdmin",
        updated_at=opened,
        updated_by="zAdmin",
        sla=Sla(opened),
        values={people.FOREIGN_FIELD: course.approval} if course.approval else None,
        seeded=index,
    )
    for seconds, name, by in course.moves:
        at = opened + timedelta(seconds=seconds)
        if at >= world.start:
            break
        _move(world, ticket, name, world.login(by), at)
        if name == "In Progress":
            ticket.owner = world.member_by_login(by).id
    said = [(note[0], note[1]) for note in course.notes] + [(call[0], call[1]) for call in course.calls]
    for seconds, author in said:
        at = opened + timedelta(seconds=seconds)
        if ticket.updated_at < at < world.start:
            ticket.updated_at, ticket.updated_by = at, world.login(author)
    return ticket


def _move(world: World, ticket: Ticket, name: str, by: str, at: datetime) -> None:
    status = world.status_by_name(ticket.board, name)
    stage: Stage = status.stage
    sla.move(ticket.sla, stage, at, by)
    ticket.status, ticket.updated_at, ticket.updated_by = status.id, at, by
    if status.closed:
        ticket.closed_at, ticket.closed_by = at, by


def _logs(world: World, ticket: Ticket, course: Course, first_id: int) -> Iterator[WorkLog]:
    for offset, (seconds, login, text) in enumerate(course.calls):
        end = ticket.entered_at + timedelta(seconds=seconds)
        if end >= world.start:
            return
        member, start = world.member_by_login(login), end - timedelta(minutes=12)
        yield WorkLog(
            first_id + offset, ticket.id, member.id, start, end, text, "Phone Call", end, login, end
        )


def _posts(world: World, ticket: Ticket) -> list[Post]:
    """The notes of a generated ticket, told again from its seed."""
    course = _course(world, ticket.seeded)
    posts: list[Post] = []
    name = world.contacts[course.contact].first
    for place, (seconds, author, text, visible) in enumerate(course.notes):
        at = ticket.entered_at + timedelta(seconds=seconds)
        if at >= world.start:
            continue
        member = world.members_by_login.get(author.casefold())
        posts.append(
            Post(
                id=ticket.seeded * _POSTS_EACH + place + 1,
                ticket=ticket.id,
                at=at,
                text=text.replace("{name}", name).replace("{ticket}", str(ticket.id)),
                created_by=world.login(author),
                member=member.id if member else None,
                contact=course.contact if author == "contact" else None,
                visible=visible,
            )
        )
    return sorted(posts, key=lambda post: (post.at, post.id))
