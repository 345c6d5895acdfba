"""Mappings whose keys are ours, flags and events: what each means, for editors and the YAML reference.

Pydantic knows such a mapping's keys and not what they mean; `keys_of` adds that to its JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.config import JsonDict

from connector.model import CompanyFlag, FlagName
from connector.rules.notices import ClientEvent, OperatorEvent, TicketEvent

FLAGS: Mapping[FlagName, str] = {
    "at_risk": "Yes while a promise is in danger",
    "zone": "The worst zone: green, yellow, orange, red",
    "due": "When the nearest promise is due, UTC",
    "felt_response": "Working minutes to the first human answer",
    "px": "The client's PX with n, like 93 % (n 14)",
    "px_percent": "Its per cents alone, for a field of type Number that a list can sort by",
    "why": "One short reason",
    "watermelon": "Why a customer whose promises were all kept is unhappy",
    "loop": "Who owes an unhappy customer a word, by when",
    "survey": "The link of our own survey, while one is asked for",
}
COMPANY_FLAGS: Mapping[CompanyFlag, str] = {
    "px": "PX with n",
    "review": "The service review, while one is open",
    "release": "The client's right to leave, once there is one",
}
EVENTS: Mapping[TicketEvent | ClientEvent, str] = {
    "at_risk": "A running promise is orange, or its miss is foreseen",
    "missed": "A promise was missed and is still open",
    "red": "The ticket as a whole is red: the quieter choice instead of missed",
    "followup_due": "An unhappy customer waits for an answer",
    "followup_late": "An unhappy customer waits too long",
    "review_opened": "A service review was opened",
    "plan_opened": "An improvement plan was opened",
    "release": "The client may leave",
}
OPERATOR_EVENTS: Mapping[OperatorEvent, str] = {
    "connection_stopped": "A connection needs a person: refused credentials, wrong settings",
    "audit_breach": "The auditor found that something is not as it must be",
    "dead_letter": "The PSA refused a write",
    "quarantined": "The PSA sent what nobody could read",
}

CAPTION: JsonDict = {"anyOf": [{"type": ["string", "integer"], "minLength": 1}, {"type": "null"}]}
CHANNELS: JsonDict = {
    "anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}}]
}


def keys_of(meanings: Mapping[Any, str], value: JsonDict) -> JsonDict:
    """What to add to the schema of a mapping with these keys, whose values look like `value`."""
    return {
        "properties": {key: {"description": meaning, **value} for key, meaning in meanings.items()},
        "additionalProperties": False,
    }
