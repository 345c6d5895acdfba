"""The keys of a ConnectWise PSA connection."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from connector.clients.forms import Count, Name
from connector.clients.parts import Strict
from connector.settings.address import base_url
from connector.settings.carded import Carded
from connector.settings.secret import Secret


class CasesPart(Strict):
    """Where tickets for the team go: reviews, improvement plans and their tasks."""

    board: Name = Field(description="Service board, one that no customer portal shows", examples=["Reviews"])
    type: Name | None = Field(None, description="Ticket type of that board; null: the board's default")
    status: Name | None = Field(None, description="Status of that board; null: the board's default")
    priority: Name | None = Field(None, description="Their priority; null: the PSA's default")


class ConnectWise(Carded):
    """One ConnectWise PSA."""

    canary_keys: ClassVar[tuple[str, ...]] = ("site", "company", "public_key", "fields")

    vendor: Literal["connectwise"]
    site: str = Field(description="Host of the PSA", examples=["na.myconnectwise.net"])
    company: Name = Field(description="Company id, as typed at login")
    public_key: Secret = Field(description="Public key of the API member")
    private_key: Secret = Field(description="Private key of the API member")
    client_id: Secret = Field(description="Client id of the integration")
    api_version: str = Field(
        "2025.16", pattern=r"^\d{4}\.\d{1,2}$", description="Version of its API to ask for, in quotes"
    )
    requests_per_minute: Count = Field(
        600, ge=1, le=100_000, description="Our share; ConnectWise begins to refuse at about 1000"
    )
    fields: dict[str, Count] = Field(
        {}, description="Pins a caption of a custom field to its id", examples=[{"PX At Risk": 17}]
    )
    cases: CasesPart | None = Field(None, description="Where tickets for the team go; null: none are opened")

    @field_validator("site")
    @classmethod
    def _reachable(cls, value: str, info: ValidationInfo) -> str:
        return base_url(value, allow_private=info.data.get("allow_private", True))
