"""What each adapter makes of a PSA's set-up as it may come: units, leavers, halves of rows, and nonsense."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import NotFound
from connector.psa.autotask import slasetup as autotask
from connector.psa.autotask.config import SLA_EVENTS
from connector.psa.autotask.picklists import Picklists
from connector.psa.connectwise import slasetup as connectwise
from connector.psa.halo import slasetup as halo
from connector.psa.slasetup import SlaSetup, host_of
from connector.psa.transport import Forbidden

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Lists:
    """The lists of an API by path; one that is not there is not found, an error is raised."""

    def __init__(self, lists: dict[str, Any]) -> None:
        self.lists = lists

    async def rows(self, path: str, *_named: Any, **_options: Any) -> list[Any]:
        found = self.lists.get(path, NotFound(path))
        if isinstance(found, Exception):
            raise found
        return list(found)

    whole = rows

    async def page(self, path: str, *_named: Any, **_options: Any) -> Any:
        return SimpleNamespace(rows=await self.rows(path))


async def of_connectwise(**lists: Any) -> SlaSetup:
    named = {path.replace("__", "/"): rows for path, rows in lists.items()}
    return await connectwise.read_sla_setup(SimpleNamespace(api=Lists(named)))  # type: ignore[arg-type]


async def of_halo(**lists: Any) -> SlaSetup:
    config = SimpleNamespace(closed_statuses=frozenset({9}))
    return await halo.read_sla_setup(SimpleNamespace(api=Lists(lists), config=config))  # type: ignore[arg-type]


async def of_autotask(**lists: Any) -> SlaSetup:
    config = SimpleNamespace(sla_events=SLA_EVENTS)
    session = SimpleNamespace(api=Lists(lists), config=config, labels=Picklists(), now=NOW)
    return await autotask.read_sla_setup(session)  # type: ignore[arg-type]


async def test_a_priority_without_a_row_has_the_hours_of_its_sla() -> None:
    found = await of_connectwise(
        service__priorities=[{"name": "P1"}, {"name": "P2"}],
        service__SLAs=[{"id": 3, "name": "Std", "basedOn": "AllHours", "respondHours": 5, "planWithin": 0}],
        service__SLAs__3__priorities=[{"priority": {"name": "P1"}, "respondHours": 0.25}],
    )
    (sla,) = found.slas
    assert {one.priority: one.minutes for one in sla.targets} == {
        "P1": {"response": 15},
        "P2": {"response": 300},
    }
    assert (sla.hours, sla.default) == ("always", False)


async def test_boards_that_are_not_used_and_projects_are_left_out() -> None:
    status = {"name": "Assigned", "escalationStatus": "Responded"}
    found = await of_connectwise(
        service__boards=[
            {"id": 1, "name": "Help"},
            {"id": 2, "name": "Old", "inactiveFlag": True},
            {"id": 3, "name": "Projects", "projectFlag": True},
        ],
        service__boards__1__statuses=[status, {**status, "name": "Gone", "inactive": True}],
        service__boards__2__statuses=[status],
        service__boards__3__statuses=[status],
    )
    assert [(one.where, one.name) for one in found.statuses] == [("Help", "Assigned")]


async def test_an_agreement_that_is_over_agrees_on_nothing() -> None:
    def agreed(company: int, sla: int, **more: Any) -> dict[str, Any]:
        return {"company": {"id": company}, "sla": {"id": sla}, **more}

    rows = [
        agreed(1, 7, agreementStatus="Active"),
        agreed(1, 7),
        agreed(2, 7, agreementStatus="Expired"),
        agreed(3, 7, agreementStatus="Active", cancelledFlag=True),
        {"company": {"id": 4}},
    ]
    assert (await of_connectwise(finance__agreements=rows)).agreed == {"1": ("7",)}


async def test_a_board_that_does_not_say_what_a_reply_does_is_not_accused() -> None:
    found = await of_connectwise(service__boards=[{"id": 1, "name": "Help"}], service__boards__1__statuses=[])
    assert found.by_itself == ()


async def test_what_may_not_be_read_is_told_and_the_rest_is_there() -> None:
    found = await of_connectwise(service__SLAs=Forbidden("403: no"), service__priorities=[{"name": "P1"}])
    assert found.untold["SLA"] == "403: no"
    assert found.priorities == ("P1",)


@pytest.mark.parametrize(
    ("row", "minutes"),
    [
        (
            {"responsetime": 30, "responseunits": "M", "fixtime": 8, "fixunits": "H"},
            {"response": 30, "resolution": 480},
        ),
        ({"responsetime": 30, "responseunits": "m", "fixtime": 9999, "fixunits": "D"}, {"response": 30}),
        ({"responsetime": 0, "responseunits": "H", "fixtime": 2, "fixunits": "D"}, {}),
        ({"responsetime": 1, "responseunits": "?", "fixtime": "x"}, {}),
    ],
)
async def test_halos_times_in_minutes(row: dict[str, Any], minutes: dict[str, float]) -> None:
    found = await of_halo(SLA=[{"id": 1, "name": "Std"}], Priority=[{"slaid": 1, "name": "P1", **row}])
    ((target,),) = (one.targets for one in found.slas)
    assert target.minutes == minutes
    assert ("targets" in found.untold) == (row.get("fixtime") == 2), "whose days have no length"


async def test_what_an_sla_of_halo_does_not_track_it_does_not_promise() -> None:
    row = {"slaid": 1, "name": "P1", "responsetime": 1, "responseunits": "H", "fixtime": 8, "fixunits": "H"}
    sla = {"id": 1, "name": "Std", "trackslafixbytime": False}
    hidden = {**row, "name": "Planned", "ishidden": True}
    ((target,),) = (one.targets for one in (await of_halo(SLA=[sla], Priority=[row, hidden])).slas)
    assert target.minutes == {"response": 60}


async def test_a_word_of_halo_with_hold_in_it_stops_the_clock() -> None:
    rows = [
        {"id": 1, "name": "New", "type": 0},
        {"id": 4, "name": "Waiting", "type": 0, "slaaction": "Put on hold"},
        {"id": 9, "name": "Closed", "type": 0},
        {"id": 70, "name": "Lead", "type": 1, "slaaction": "Put on hold"},
    ]
    types = [
        {"id": 1, "name": "Incident", "reopenedstatus": 4},
        {"id": 2, "name": "Request", "reopenedstatus": 9},
    ]
    found = await of_halo(Status=rows, TicketType=types)
    assert [(one.name, one.stage, one.closed) for one in found.statuses] == [
        ("New", "", False),
        ("Waiting", "NoEscalation", False),
        ("Closed", "", True),
    ]
    assert [(one.effect, one.where) for one in found.by_itself] == [
        ("stands_still", "ticket type 'Incident'"),
        ("stays_closed", "ticket type 'Request'"),
    ]
    assert "statuses" not in found.untold


async def test_a_webhook_of_autotask_without_fields_calls_nobody() -> None:
    rows = [
        {"id": 1, "name": "a", "webhookUrl": "https://a.example/x", "isActive": True, "isReady": True},
        {"id": 2, "name": "b", "webhookUrl": "https://b.example/x", "isActive": True, "isReady": False},
        {"id": 3, "webhookUrl": "nonsense", "isActive": False, "isReady": False},
    ]
    found = await of_autotask(TicketWebhooks=rows, TicketNoteWebhooks=[], Tickets=[])
    assert [(one.name, one.to, one.broken.partition(":")[0]) for one in found.hooks] == [
        ("a", "a.example", ""),
        ("b", "b.example", "not ready"),
        ("TicketWebhook 3", "", "switched off, as Autotask does after 25 lost events"),
    ]
    assert found.bare is None, "no ticket was looked at"


NAMES = [
    "id",
    "name",
    "sla",
    "company",
    "basedOn",
    "respondHours",
    "priority",
    "escalationStatus",
    "slaid",
    "responsetime",
    "responseunits",
    "fixtime",
    "fixunits",
    "type",
    "slaaction",
    "statuschangeto",
    "client_id",
    "sla_id",
    "default_sla",
    "reopenedstatus",
    "isActive",
    "webhookUrl",
    "url",
]
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just({"id": 1})
ROW = st.dictionaries(st.sampled_from(NAMES), VALUES)
ANYTHING = st.lists(ROW | st.none() | st.integers() | st.text(max_size=3), max_size=4)


@given(ANYTHING)
async def test_nonsense_is_never_an_error(rows: list[Any]) -> None:
    paths = ("service/boards", "service/SLAs", "service/priorities", "finance/agreements", "system/callbacks")
    await connectwise.read_sla_setup(SimpleNamespace(api=Lists(dict.fromkeys(paths, rows))))  # type: ignore[arg-type]
    await of_halo(**dict.fromkeys(("Status", "SLA", "Priority", "TicketType", "Site", "Webhook"), rows))
    await of_autotask(**dict.fromkeys(("Tickets", "TicketWebhooks", "TicketNoteWebhooks"), rows))


@given(st.text())
def test_an_address_of_any_shape_has_a_host_or_none(url: str) -> None:
    assert isinstance(host_of(url), str)
