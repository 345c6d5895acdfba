"""How the pretend MSP's PSA is set up, as ConnectWise's JSON: members, boards, SLA, fields, survey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.simulator import people
from connector.simulator.connectwise.shapes import STAGES, Json, Shapes, field_type, iso
from connector.simulator.records import Board, Calendar, DaysOff, Hook, Member
from connector.simulator.slasetup import SlaSetup

INFO = {"lastUpdated": "2025-01-15T10:00:00Z", "updatedBy": "zAdmin"}
_CALENDAR = {"id": 1, "name": "Standard Calendar"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COLORS = ("Red", "Orange", "Yellow", "Green")


def info() -> Json:
    return {
        "version": "v2025.1.117424",
        "isCloud": True,
        "serverTimeZone": "GMT Standard Time",
        "licenseBits": [{"name": "customFields", "activeFlag": True}],
        "cloudRegion": "EU",
    }


def company_info(site: str, codebase: str) -> Json:
    return {
        "CompanyName": people.MSP_NAME,
        "Codebase": codebase,
        "VersionCode": codebase.rstrip("/").replace("_", "."),
        "VersionNumber": "v4.6.117424",
        "CompanyID": people.MSP,
        "IsCloud": True,
        "SiteUrl": site,
        "AllowedOrigins": ["*.myconnectwise.net"],
    }


def member(record: Member) -> Json:
    licence = {"person": "F", "api": "A", "system": "F"}[record.kind]
    return {
        "id": record.id,
        "identifier": record.identifier,
        "licenseClass": licence,
        "inactiveFlag": False,
        "firstName": record.first,
        "lastName": record.last,
        "title": record.team,
        "hireDate": "2019-01-07T00:00:00Z",
        "officeEmail": f"{record.identifier}@bright-desk.example".casefold(),
        "defaultEmail": "Office",
        "defaultPhone": "Office",
        "securityRole": {"id": 63, "name": "API" if record.kind == "api" else record.team},
        "adminFlag": record.kind == "system",
        "_info": INFO,
    }


def api_member(record: Member) -> Json:
    return {
        "id": record.id,
        "identifier": record.identifier,
        "name": record.name,
        "emailAddress": f"{record.identifier}@bright-desk.example".casefold(),
        "inactiveFlag": False,
        "securityRole": {"id": 63, "name": "API"},
        "_info": INFO,
    }


def board(record: Board, habits: SlaSetup) -> Json:
    reopened = next(one for one in record.statuses if one.name == habits.reopened)
    return {
        "id": record.id,
        "name": record.name,
        "location": {"id": 2, "name": "Head Office"},
        "department": {"id": 10, "identifier": "Services", "name": "Professional Services"},
        "inactiveFlag": False,
        "projectFlag": False,
        "emailConnectorAllowReopenClosedFlag": habits.reopens,
        "emailConnectorReopenStatus": {"id": reopened.id, "name": reopened.name},
        "autoAssignNewTicketsFlag": False,
        "_info": INFO,
    }


def statuses(record: Board) -> list[Json]:
    return [
        {
            "id": status.id,
            "name": status.name,
            "board": {"id": record.id, "name": record.name},
            "sortOrder": place,
            "displayOnBoard": not status.closed,
            "inactive": False,
            "closedStatus": status.closed,
            "timeEntryNotAllowed": False,
            "defaultFlag": place == 0,
            "escalationStatus": STAGES[status.stage],
            "_info": INFO,
        }
        for place, status in enumerate(record.statuses)
    ]


def types(record: Board) -> list[Json]:
    return [
        {
            "id": type_id,
            "name": name,
            "category": "Reactive",
            "inactiveFlag": False,
            "defaultFlag": type_id == 1,
            "board": {"id": record.id, "name": record.name},
        }
        for type_id, name in people.TYPES.items()
    ]


def priorities() -> list[Json]:
    return [
        {
            "id": p.id,
            "name": p.name,
            "color": _COLORS[p.id - 1],
            "sortOrder": p.id,
            "defaultFlag": p.id == 3,
            "level": p.level,
            "_info": INFO,
        }
        for p in people.PRIORITIES
    ]


def calendar(record: Calendar, lists: Mapping[int, DaysOff]) -> Json:
    """One interval a day; a day off is left out."""
    hours: Json = {}
    for number, (opens, closes) in record.hours.items():
        hours[f"{_DAYS[number]}StartTime"], hours[f"{_DAYS[number]}EndTime"] = f"{opens}:00", f"{closes}:00"
    days_off = {"holidayList": reference(lists[record.days_off])} if record.days_off else {}
    return {**reference(record), **days_off, **hours, "_info": INFO}


def holiday_list(record: DaysOff) -> Json:
    return {**reference(record), "_info": INFO}


def holidays(record: DaysOff) -> list[Json]:
    return [
        {
            "id": one.id,
            "name": one.name,
            "allDayFlag": one.hours is None,
            "date": one.day,
            **({"timeStart": f"{one.hours[0]}:00", "timeEnd": f"{one.hours[1]}:00"} if one.hours else {}),
            "holidayList": reference(record),
        }
        for one in record.days
    ]


def reference(record: Calendar | DaysOff) -> Json:
    return {"id": record.id, "name": record.name}


def companies(shapes: Shapes) -> list[Json]:
    return [
        {
            "id": c.id,
            "identifier": c.identifier,
            "name": c.name,
            "status": {"id": 1, "name": "Active"},
            "timeZoneSetup": {"id": 1, "name": "GMT/UK"},
            "calendar": _CALENDAR,
            "deletedFlag": False,
            "customFields": shapes.custom_fields(c.values, "company"),
            "_info": INFO,
        }
        for c in shapes.world.companies.values()
    ]


def contacts(shapes: Shapes) -> list[Json]:
    return [
        {
            "id": c.id,
            "firstName": c.first,
            "lastName": c.last,
            "company": shapes.companies[c.company],
            "inactiveFlag": False,
            "communicationItems": [
                {
                    "id": c.id * 2,
                    "type": {"id": 1, "name": "Email"},
                    "value": c.email,
                    "defaultFlag": True,
                    "domain": "@" + c.email.partition("@")[2],
                    "communicationType": "Email",
                },
                {
                    "id": c.id * 2 + 1,
                    "type": {"id": 2, "name": "Direct"},
                    "value": c.phone,
                    "defaultFlag": True,
                    "communicationType": "Phone",
                },
            ],
            "types": [],
            "customFields": [],
            "_info": INFO,
        }
        for c in shapes.world.contacts.values()
    ]


def user_defined_fields(shapes: Shapes) -> list[Json]:
    out = []
    for place, field in enumerate(shapes.world.fields.values(), start=1):
        if field.caption == shapes.hidden_field:
            continue
        on_ticket = field.on == "ticket"
        record: dict[str, Any] = {
            "id": field.id,
            "podId": 1 if on_ticket else 14,
            "podDescription": "Service Ticket" if on_ticket else "Company Overview",
            "caption": field.caption,
            "sequenceNumber": place,
            "screenId": "sr100" if on_ticket else "co300",
            "screenDescription": "Service Ticket" if on_ticket else "Company",
            "fieldTypeIdentifier": field_type(field),
            "numberDecimals": 0,
            "entryTypeIdentifier": "List" if field.options else "EntryField",
            "requiredFlag": False,
            "displayOnScreenFlag": True,
            "readOnlyFlag": field.id != people.FOREIGN_FIELD,
            "listViewFlag": True,
            "businessUnitIds": [],
            "locationIds": [],
            "dateCreated": "2025-01-15T10:00:00Z",
            "_info": {},
        }
        if field.options:
            record["options"] = [
                {"id": n, "optionValue": text, "defaultFlag": False, "inactiveFlag": False, "sortOrder": n}
                for n, text in enumerate(field.options)
            ]
        out.append(record)
    return out


def surveys() -> list[Json]:
    return [{"id": 1, "name": people.SURVEY, "inactiveFlag": False, "_info": INFO}]


def questions() -> list[Json]:
    options = [
        {"includeFlag": True, "caption": text, "points": n} for n, text in enumerate(people.SCORES, start=1)
    ]
    first = {"type": "Selection", "question": "How happy are you with our help?", "options": options}
    second = {"type": "OpenEnded", "question": "What should we know?"}
    common = {"includeFlag": True, "surveyId": 1, "noAnswerPoints": 0, "_info": INFO}
    return [
        {"id": 1, "sequenceNumber": 1, "requiredFlag": True, **first, **common},
        {"id": 2, "sequenceNumber": 2, "requiredFlag": False, **second, **common},
    ]


def callback(hook: Hook) -> Json:
    out: Json = {
        "id": hook.id,
        "description": hook.description,
        "url": hook.url,
        "objectId": hook.object,
        "type": hook.type,
        "level": hook.scope,
        "memberId": hook.owner,
        "payloadVersion": "3.0.0",
        "inactiveFlag": hook.inactive,
        "isSoapCallbackFlag": False,
        "isSelfSuppressedFlag": hook.self_suppressed,
        "connectWiseID": hook.guid,
    }
    if hook.updated_at is not None:
        out["_info"] = {"lastUpdated": iso(hook.updated_at), "updatedBy": hook.updated_by}
    return out
