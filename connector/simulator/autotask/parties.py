"""Entities that are somebody or something with a name: companies, contacts, resources, roles, hours.

Resources call their address `email` and contacts `emailAddress`; `isActive` is a number for contacts and
a truth for the others: the vendor's own inconsistencies, which clients trip over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connector.simulator import people, sla
from connector.simulator.autotask import names
from connector.simulator.autotask.entity import Entity, Field, Pick, blank, table
from connector.simulator.autotask.tickets import Desk
from connector.simulator.records import Company, Contact, Member

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parties(desk: Desk) -> list[Entity]:
    return [
        companies(desk),
        _contacts(desk),
        _resources(desk),
        _roles(desk),
        _departments(desk),
        _categories(),
        *_hours(desk),
    ]


def companies(desk: Desk) -> Entity:
    world = desk.world
    since = world.start
    every = [
        Field("id", "long", lambda c: c.id),
        Field("companyName", "string", lambda c: c.name, required=True, length=100),
        Field("companyNumber", "string", lambda c: c.identifier, length=50),
        Field("companyType", read=lambda _c: 1),
        Field("isActive", "boolean", lambda _c: True),
        Field("phone", "string", lambda _c: "020 7946 0000", required=True, length=25),
        Field("ownerResourceID", read=lambda _c: names.SYSTEM, refers="Resource"),
        Field("createDate", "datetime", lambda _c: since),
        Field("lastActivityDate", "datetime", lambda _c: since),
        Field("lastTrackedModifiedDateTime", "datetime", lambda _c: since),
        *blank("boolean", "isClientPortalActive isTaskFireActive isTaxExempt isSample", False),
        *blank("integer", "classification parentCompanyID territoryID marketSegmentID currencyID"),
        *blank("string", "address1 address2 city state postalCode webAddress taxID", ""),
        *blank("double", "surveyCompanyRating assetValue"),
    ]
    plain = table("Companies", "Company", every, lambda: list(world.companies.values()))

    def value(company: Company, udf: Any) -> str | None:
        return names.udf_text(company.values.get(desk.names.field(udf).id))

    return Entity(
        plain.name,
        plain.singular,
        plain.fields,
        plain.rows,
        plain.get,
        udfs=lambda: desk.names.udfs("company", desk.faults.missing_field),
        udf_value=value,
        can=frozenset({"update"}),
    )


def _contacts(desk: Desk) -> Entity:
    since = desk.world.start

    def first(contact: Contact) -> bool:
        return contact is desk.world.contacts_of(contact.company)[0]

    every = [
        Field("id", "long", lambda c: c.id),
        Field("companyID", read=lambda c: c.company, refers="Company"),
        Field("firstName", "string", lambda c: c.first, required=True, length=50),
        Field("lastName", "string", lambda c: c.last, required=True, length=50),
        Field("emailAddress", "string", lambda c: c.email, length=254),
        Field("phone", "string", lambda c: c.phone, length=25),
        Field("isActive", "integer", lambda _c: 1),
        Field("primaryContact", "boolean", first),
        Field("createDate", "datetime", lambda _c: since),
        Field("lastActivityDate", "datetime", lambda _c: since),
        Field("lastModifiedDate", "datetime", lambda _c: since),
        *blank("string", "emailAddress2 emailAddress3 mobilePhone title note", ""),
        *blank("boolean", "surveyOptOut solicitationOptOut isOptedOutFromBulkEmail", False),
    ]
    return table("Contacts", "Contact", every, lambda: list(desk.world.contacts.values()))


def _resources(desk: Desk) -> Entity:
    n = desk.names

    def first(member: Member) -> str:
        return "Autotask" if member.kind == "system" else member.first

    def last(member: Member) -> str:
        return "Administrator" if member.kind == "system" else member.last

    def licensed(member: Member) -> int:
        return names.API_USER if member.kind == "api" else 1

    every = [
        Field("id", "long", lambda m: n.resource(m.id)),
        Field("firstName", "string", first, required=True, length=50),
        Field("lastName", "string", last, required=True, length=50),
        Field("userName", "string", login, required=True, length=32),
        Field("email", "string", address, length=50),
        Field("isActive", "boolean", lambda _m: True),
        Field("licenseType", read=licensed, picks=lambda: names.LICENSES),
        Field("defaultServiceDeskRoleID", "long", lambda m: n.role(m.id), refers="Role"),
        Field("resourceType", "string", lambda _m: "Employee", length=15),
        Field("title", "string", lambda m: m.team, length=50),
        Field("userType", read=lambda _m: 10),
        *blank("string", "email2 email3 initials middleName mobilePhone officePhone", ""),
        *blank("double", "surveyResourceRating internalCost"),
    ]
    return table("Resources", "Resource", every, lambda: list(desk.world.members.values()))


def login(member: Member) -> str:
    """What somebody logs in with; API users have a mail address for it."""
    return address(member) if member.kind == "api" else member.identifier


def address(member: Member) -> str:
    """A mail address."""
    return f"{member.identifier}@{people.MSP}.example".casefold()


def _roles(desk: Desk) -> Entity:
    every = [
        Field("id", "long", lambda role: role[1]),
        Field("name", "string", lambda role: role[0], required=True, length=200),
        Field("description", "string", lambda _role: "", length=200),
        Field("isActive", "boolean", lambda _role: True),
        Field("isSystemRole", "boolean", lambda role: role[0] == "System"),
        Field("hourlyFactor", "double", lambda _role: 1.0),
        Field("hourlyRate", "double", lambda _role: 100.0),
        Field("roleType", read=lambda _role: 0),
    ]
    return table("Roles", "Role", every, lambda: list(desk.names.roles.items()))


def _departments(desk: Desk) -> Entity:
    every = [
        Field("id", "long", lambda role: role[1]),
        Field("name", "string", lambda role: role[0], required=True, length=100),
        *blank("string", "description number", ""),
        *blank("integer", "primaryLocationID"),
    ]
    return table("Departments", "Department", every, lambda: list(desk.names.roles.items()))


def _categories() -> Entity:
    every = [
        Field("id", "long", lambda _row: 3),
        Field("name", "string", lambda _row: "Standard", required=True, length=30),
        Field("nickname", "string", lambda _row: "", length=3),
        Field("isActive", "boolean", lambda _row: True),
        Field("isApiOnly", "boolean", lambda _row: False),
        Field("isGlobalDefault", "boolean", lambda _row: True),
        *blank("integer", "displayColorRGB"),
    ]
    return table("TicketCategories", "TicketCategory", every, lambda: ["standard"])


# ── working hours and holidays ────────────────────────────────────────────────────────────────────


def _hours(desk: Desk) -> list[Entity]:
    """The calendars of the world as internal locations. Times are on a day that means nothing, in UTC."""
    world = desk.world
    sets = [
        Field("id", "long", lambda one: one.id),
        Field("holidaySetName", "string", lambda one: one.name, required=True, length=100),
        Field("holidaySetDescription", "string", lambda _one: "", length=200),
    ]
    days = [
        Field("id", "long", lambda row: row[1].id),
        Field("holidayName", "string", lambda row: row[1].name, required=True, length=64),
        Field("holidayDate", "datetime", lambda row: datetime.fromisoformat(row[1].day).replace(tzinfo=UTC)),
        Field("holidaySetID", read=lambda row: row[0], refers="HolidaySet"),
    ]
    locations = [
        Field("id", "long", lambda one: one.id),
        Field("name", "string", lambda one: one.name, required=True, length=100),
        Field("isDefault", "boolean", lambda one: one.id == 1),
        Field("holidaySetID", read=lambda one: one.days_off, refers="HolidaySet"),
        Field("noHoursOnHolidays", "boolean", lambda _one: True),
        Field("firstDayOfWeek", read=lambda _one: 1),
        Field("timeZoneID", read=lambda _one: 27, picks=lambda: (Pick(27, f"(GMT) {sla.ZONE.key}"),)),
        *(_edge(day, place, end) for place, day in enumerate(_DAYS) for end in (0, 1)),
    ]
    return [
        table("HolidaySets", "HolidaySet", sets, lambda: list(world.days_off.values())),
        table(
            "Holidays",
            "Holiday",
            days,
            lambda: [(one.id, day) for one in world.days_off.values() for day in one.days],
        ),
        table(
            "InternalLocationWithBusinessHours",
            "InternalLocationWithBusinessHours",
            locations,
            lambda: list(world.calendars.values()),
        ),
    ]


def _edge(day: str, place: int, end: int) -> Field:
    def read(calendar: Any) -> datetime | None:
        hours = calendar.hours.get(place)
        return datetime.fromisoformat(f"1900-01-01T{hours[end]}:00+00:00") if hours else None

    return Field(f"{day}BusinessHours{('Start', 'End')[end]}Time", "datetime", read)
