"""The keys of a HaloPSA or HaloITSM connection.

What differs from tenant to tenant is asked and never guessed: on which end of the scale a happy customer
stands, which statuses end a ticket, and what a webhook proves itself with (facts §3, §9, §10).
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from connector.clients.forms import Count, Name
from connector.clients.parts import Strict
from connector.settings.address import base_url
from connector.settings.carded import Carded
from connector.settings.secret import Secret


class ScoresPart(Strict):
    """The two ends of the survey's scale, which tell its direction too."""

    best: Count = Field(1, ge=0, le=100, description="What a happy customer gives; Halo's own: 1")
    worst: Count = Field(4, ge=0, le=100, description="What an unhappy one gives; Halo's own: 4")

    @model_validator(mode="after")
    def _a_scale(self) -> Self:
        if self.best == self.worst:
            raise ValueError("best and worst are the same score: expected the two ends of the scale")
        return self


class CasesPart(Strict):
    """Where tickets for the team go: reviews, improvement plans and their tasks."""

    ticket_type: Name = Field(description="Ticket type, one that no portal shows", examples=["Review"])
    team: Name | None = Field(None, description="Team they go to; null: the type's default")
    status: Name | None = Field(None, description="Status they begin in; null: the type's default")
    sla: Name | None = Field(None, description="SLA the priority is one of; null: the type's default")
    priority: Name | None = Field(
        None, description="Of that SLA, or one that has the same number in all of them; null: the default"
    )


class Halo(Carded):
    """One HaloPSA or HaloITSM."""

    canary_keys: ClassVar[tuple[str, ...]] = ("site", "tenant", "client_id", "fields")

    vendor: Literal["halo"]
    site: str = Field(description="Host of Halo; its API is below /api", examples=["acme.halopsa.com"])
    auth_url: str | None = Field(
        None,
        description="Where tokens are given; null: where the site says",
        examples=["https://acme.halopsa.com/auth"],
    )
    tenant: Name | None = Field(
        None, description="Name of the tenant, where Halo hosts it; null: as the site says"
    )
    client_id: Secret = Field(description="Client id of the API application")
    client_secret: Secret = Field(description="Client secret of the API application")
    scope: Name = Field("all", description="What the token may do; never more than the application may")
    requests_per_5_minutes: Count = Field(
        250, ge=1, le=100_000, description="Our share; hosted Halo refuses from 300 or 500 on"
    )
    scores: ScoresPart = ScoresPart()
    card_proof: Literal["hmac", "key"] = Field(
        "hmac", description="hmac: Halo signs the agent's id; key: the card's address carries the secret"
    )
    webhook_secret: Secret | None = Field(
        None, description="Signs webhooks, or is sent along with them; null: no callbacks"
    )
    webhook_header: Name = Field(
        "Token", pattern=r"^[A-Za-z0-9-]{1,64}$", description="In which header the signature or secret comes"
    )
    closed_statuses: list[Count] = Field(
        [9], description="Ids of the statuses that end a ticket; Halo's own: 9"
    )
    people_applications: list[Name] = Field(
        [], description="API applications through which people write; all others are machines"
    )
    fields: dict[str, Count] = Field(
        {}, description="Pins a caption of a custom field to its id", examples=[{"PX At Risk": 152}]
    )
    cases: CasesPart | None = Field(None, description="Where tickets for the team go; null: none are opened")

    @field_validator("site", "auth_url")
    @classmethod
    def _reachable(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        private = info.data.get("allow_private", True)
        return base_url(value, allow_private=private, path=info.field_name == "auth_url")

    def takes_callbacks(self) -> bool:
        return super().takes_callbacks() and self.webhook_secret is not None
