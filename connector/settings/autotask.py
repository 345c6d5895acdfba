"""The keys of an Autotask connection.

Which status counts as which event of the SLA stands in Autotask's administration and not in its API, so it
is a setting with the vendor's own default. Source: Autotask help, "SLA status mapping" (facts §8).
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from pydantic import Field, ValidationInfo, field_validator

from connector.clients.forms import Name, Percent
from connector.clients.parts import Strict
from connector.settings.address import base_url
from connector.settings.connection import Connection, StatusMeaning
from connector.settings.secret import Secret

SlaEvent: TypeAlias = Literal["none", "first_response", "resolution_plan", "waiting_customer", "resolved"]
VENDOR_DEFAULT: dict[str, SlaEvent] = {
    "New": "none",
    "Waiting Customer": "waiting_customer",
    "Complete": "resolved",
    "*": "first_response",
}


class CasesPart(Strict):
    """Where tickets for the team go: reviews, improvement plans and their tasks."""

    queue: Name = Field(description="Queue, one that no client portal shows", examples=["Reviews"])
    priority: Name = Field(
        description="Their priority: every ticket of Autotask's has one", examples=["Medium"]
    )
    status: Name = Field("New", description="Status they begin in")
    category: Name | None = Field(None, description="Ticket category; null: Autotask's default")
    type: Name | None = Field(None, description="Ticket type; null: the category's default")


class Autotask(Connection):
    """One Autotask PSA."""

    canary_keys: ClassVar[tuple[str, ...]] = ("site", "zone", "user", "fields")

    vendor: Literal["autotask"]
    site: str = Field(
        "webservices.autotask.net", validate_default=True, description="Where our zone is asked for"
    )
    zone: str | None = Field(
        None,
        description="Address of our zone, only where asking for it fails",
        examples=["webservices14.autotask.net"],
    )
    user: Name = Field(description="User name of the API user")
    secret: Secret = Field(description="Secret (password) of the API user")
    integration_code: Secret = Field(description="Tracking identifier of the API user")
    quota_share: Percent = Field(
        40, ge=0.01, le=100, description="Our part, in per cent, of the 10,000 requests an hour all may make"
    )
    sla_events: dict[Name, SlaEvent] = Field(
        {},
        description="Status -> event of the SLA, over the vendor's default; '*' is every other status",
        examples=[{"Scheduled": "resolution_plan", "On Hold": "waiting_customer"}],
    )
    fields: dict[str, Name] = Field(
        {},
        description="Pins a caption to the name of a user-defined field",
        examples=[{"PX At Risk": "PXAtRisk"}],
    )
    cases: CasesPart | None = Field(None, description="Where tickets for the team go; null: none are opened")

    @field_validator("site", "zone")
    @classmethod
    def _reachable(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        private = info.data.get("allow_private", True)
        return base_url(value, allow_private=private, path=info.field_name == "zone")

    def status_meanings(self) -> tuple[StatusMeaning, ...]:
        """The map in force: what is written, over the vendor's default; names are the same in any case."""
        written = {name.casefold() for name in self.sla_events}
        default = [(name, event) for name, event in VENDOR_DEFAULT.items() if name.casefold() not in written]
        return (
            *(StatusMeaning(name, event, written=False) for name, event in default),
            *(StatusMeaning(name, event, written=True) for name, event in self.sla_events.items()),
        )
