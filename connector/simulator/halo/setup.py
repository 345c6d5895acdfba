"""How the pretend MSP is set up, as Halo shows it: people, clients, SLAs, statuses, custom fields."""

from __future__ import annotations

from typing import Any

from connector.simulator import people
from connector.simulator.halo import tables
from connector.simulator.halo.values import Json, guid, hours
from connector.simulator.records import Company, Contact, Field, Member
from connector.simulator.world import World

_TYPES = {"Text": 0, "Number": 0, "Checkbox": 6, "Other": 5}
"""FieldInfo's numbers; one that takes no flag is a time here."""
_ANYTHING, _NUMBER = 0, 2
_NO_TARGET = 9999.0


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


def site(company: Company) -> Json:
    return {
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


def statuses() -> list[Json]:
    """Tickets' statuses are of type 0; those of leads stand among them whatever type is asked for."""
    rows = [_status(number, name, 0) for number, name, _ in tables.STATUSES]
    return [*rows, _status(101, "New", 1), _status(102, "Contacted", 1)]


def _status(number: int, name: str, kind: int) -> Json:
    return {
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


def ticket_types() -> list[Json]:
    return [
        {"id": number, "name": name, "use": "ticket", "itilrequesttype": tables.ITIL[number]}
        for number, name in tables.TYPES.items()
    ]


def priorities(slaid: int | None = None) -> list[Json]:
    """The priorities of all SLAs in one list: `priorityid` alone says little."""
    rows = []
    for sla in tables.SLAS:
        for one in people.PRIORITIES:
            number = tables.priority_id(sla, one.id)
            rows.append(_priority(sla, number, one.name, _span(one.respond), _span(one.resolve), False))
        rows.append(_priority(sla, 5, "Planned", (8.0, "H"), (_NO_TARGET, "D"), True))
    return [row for row in rows if slaid is None or row["slaid"] == slaid]


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


def slas(with_priorities: bool) -> list[Json]:
    rows: list[Json] = []
    for number, name in tables.SLAS.items():
        row: Json = {
            "id": number,
            "guid": guid("sla", number),
            "name": name,
            "workday_id": 1,
            "trackslaresponsetime": True,
            "trackslafixbytime": True,
            "responsereset": False,
        }
        rows.append({**row, "priorities": priorities(number)} if with_priorities else row)
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
