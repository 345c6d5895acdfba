"""How the pretend MSP is set up, as Halo shows it: people, clients, SLAs, statuses, custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.simulator import people
from connector.simulator.halo import tables
from connector.simulator.halo.values import Json, guid, hours
from connector.simulator.records import Company, Contact, Field, Member
from connector.simulator.slasetup import CALENDAR, Promised, SlaSetup
from connector.simulator.world import World

_TYPES = {"Text": 0, "Number": 0, "Checkbox": 6, "Other": 5}
"""FieldInfo's numbers; one that takes no flag is a time here."""
_ANYTHING, _NUMBER = 0, 2
_NO_TARGET = 9999.0
_ROUND_THE_CLOCK = 4
"""The workday that never ends."""


def agents(world: World) -> list[Json]:
    """Nobody comes first; who leads two teams is listed twice, once without an id."""
    rows = [{"id": tables.UNASSIGNED, "name": "Unassigned", "isdisabled": False}]
    rows += [agent(member) for member in world.members.values() if member.kind != "system"]
    again = agent(world.members_by_login["psingh"])
    return [*rows, {**again, "id": None, "team": "Service Desk"}]


def agent(member: Member) -> Json:
    return {
        "id": member.id,
        "name": member.name,
        "firstname": member.first,
        "surname": member.last,
        "email": f"{member.identifier}@{people.MSP}.example",
        "team": member.team,
        "isdisabled": False,
        "isapiagent": member.kind == "api",
    }


def teams() -> list[Json]:
    return [{"id": number, "name": name} for name, number in tables.TEAMS.items()]


def client(company: Company) -> Json:
    return {
        "id": company.id,
        "name": company.name,
        "inactive": False,
        "main_site_id": tables.site_id(company.id),
        "main_site_name": "Main",
    }


def site(company: Company, agreed: Mapping[int, int]) -> Json:
    """`agreed`: SLAs of companies that do not have the default one."""
    return {
        **({"sla_id": agreed[company.id]} if company.id in agreed else {}),
        "id": tables.site_id(company.id),
        "name": "Main",
        "client_id": float(company.id),
        "client_name": company.name,
        "clientsite_name": f"{company.name}/Main",
        "timezone": "GMT Standard Time",
    }


def user(world: World, contact: Contact) -> Json:
    return {
        "id": contact.id,
        "name": contact.name,
        "firstname": contact.first,
        "surname": contact.last,
        "emailaddress": contact.email,
        "client_id": contact.company,
        "client_name": world.companies[contact.company].name,
        "site_id": float(tables.site_id(contact.company)),
        "site_name": "Main",
        "inactive": False,
    }


def statuses(habits: SlaSetup) -> list[Json]:
    """Tickets' statuses are of type 0; those of leads stand among them whatever type is asked for."""
    rows = [_status(number, name, 0, said in habits.closes) for number, name, said in tables.STATUSES]
    return [*rows, _status(101, "New", 1), _status(102, "Contacted", 1)]


def _status(number: int, name: str, kind: int, closes: bool = False) -> Json:
    later: Json = {"statuschangeto": tables.CLOSED, "statuschangetofreq": 72.0} if closes else {}
    return {
        **later,
        "id": number,
        "guid": guid("status", number),
        "name": name,
        "shortname": name,
        "type": kind,
        "sequence": number,
        "colour": "#fcc400",
        "slaaction": "",
    }


def outcomes() -> list[Json]:
    return [
        {
            "id": one.id,
            "guid": guid("outcome", one.id),
            "buttonname": one.name,
            "outcome": one.name,
            "systemid": one.system,
            "hidefromuser": one.hidden,
        }
        for one in tables.OUTCOMES.values()
    ]


def ticket_types(habits: SlaSetup) -> list[Json]:
    """Each with the SLA its tickets get, and what happens to them by itself."""
    return [
        {
            "id": number,
            "name": name,
            "use": "ticket",
            "itilrequesttype": tables.ITIL[number],
            "default_sla": habits.default.id if habits.default else 0,
            "reopenedstatus": tables.STATUS_IDS[habits.reopened],
            "auto_respond_logged_manually": int(habits.contacted),
        }
        for number, name in tables.TYPES.items()
    ]


def priorities(habits: SlaSetup, slaid: int | None = None) -> list[Json]:
    """The priorities of all SLAs in one list: `priorityid` alone says little."""
    rows = []
    names = {one.id: one.name for one in people.PRIORITIES}
    for sla, promises in _promises(habits):
        for priority, (respond, _, resolve) in promises.items():
            number = tables.priority_id(sla, priority)
            rows.append(_priority(sla, number, names[priority], _span(respond), _span(resolve), False))
        for priority in names.keys() - promises.keys():
            none = (_NO_TARGET, "D")
            rows.append(_priority(sla, tables.priority_id(sla, priority), names[priority], none, none, False))
        rows.append(_priority(sla, 5, "Planned", (8.0, "H"), (_NO_TARGET, "D"), True))
    return [row for row in rows if slaid is None or row["slaid"] == slaid]


def _promises(habits: SlaSetup) -> list[tuple[int, Mapping[int, Promised]]]:
    """By SLA; the one for alerts is Halo's own and promises as the first does."""
    return [*((one.id, one.promises) for one in habits.slas), (tables.ALERTS, habits.slas[0].promises)]


def _span(minutes: int) -> tuple[float, str]:
    return (float(minutes), "M") if minutes % 60 else (hours(minutes), "H")


def _priority(
    sla: int, number: int, name: str, respond: tuple[float, str], fix: tuple[float, str], hidden: bool
) -> Json:
    return {
        "id": guid("priority", sla * 100 + number),
        "slaid": sla,
        "priorityid": number,
        "name": name,
        "responsetime": respond[0],
        "responseunits": respond[1],
        "fixtime": fix[0],
        "fixunits": fix[1],
        "ishidden": hidden,
        "workdaysoverride": 0,
        "colour": "#f44e3b",
    }


def slas(habits: SlaSetup, with_priorities: bool) -> list[Json]:
    rows: list[Json] = []
    calendars = {one.id: one.calendar for one in habits.slas}
    names = {one.id: one.name for one in habits.slas} | {tables.ALERTS: tables.SLAS[tables.ALERTS]}
    for number, name in names.items():
        row: Json = {
            "id": number,
            "guid": guid("sla", number),
            "name": name,
            "workday_id": calendars.get(number, CALENDAR) or _ROUND_THE_CLOCK,
            "trackslaresponsetime": True,
            "trackslafixbytime": True,
            "responsereset": False,
        }
        rows.append({**row, "priorities": priorities(habits, number)} if with_priorities else row)
    return rows


def field_name(field: Field) -> str:
    return "CF" + "".join(letter for letter in field.caption if letter.isalnum())


def field_info(field: Field) -> Json:
    """A definition. Numbers are texts whose input is restricted."""
    return {
        "id": tables.field_id(field.id),
        "guid": guid("field", field.id),
        "name": field_name(field),
        "label": field.caption,
        "type": _TYPES[field.type],
        "inputtype": _NUMBER if field.type == "Number" else _ANYTHING,
        "usage": 1 if field.on == "ticket" else 2,
        "custom": 1,
    }


def custom_field(field: Field, value: Any) -> Json:
    """A value. Numbers are said as text; what is not set is null."""
    said = value if value is None or isinstance(value, bool) else str(value)
    return {
        "id": tables.field_id(field.id),
        "name": field_name(field),
        "label": field.caption,
        "type": _TYPES[field.type],
        "value": said,
        "display": "" if said is None else str(said),
        "usage": 1,
        **_FLAGS,
    }


_FLAGS: Json = {
    "characterlimit": 0,
    "characterlimittype": 0,
    "copytochild": False,
    "copytoparent": False,
    "searchable": False,
    "ordervalues": False,
    "ordervaluesby": 0,
    "copytochildonupdate": False,
    "copytoparentonupdate": False,
    "copytorelated": False,
}
