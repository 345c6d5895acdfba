"""The part of a client's file about dated promises in messages: the promise keeper."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.clients.forms import Promise
from connector.clients.parts import Strict


class CommitmentsPart(Strict):
    mode: Literal["shadow", "on", "off"] = Field(
        description="shadow: shown on the card and in explain, never flagged; on: a promise about to be "
        "broken puts its ticket at risk; off: messages are not read for promises"
    )
    grace: Promise = Field(
        description="Working time after the time told from which a promise nobody kept is forgotten",
        examples=["4h"],
    )
