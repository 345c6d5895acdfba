"""Halo's specification made fit to hold traffic against: it names no answer's shape at all.

The shapes of records are there, so the answers are put together from those here, in the envelopes the
field has seen; and what the live servers are known to do otherwise is let through, with its reason.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

# What the records lack: the place, what it is, and how we know.
MISSING: tuple[tuple[str, Json, str], ...] = (
    ("Actions.who", {"type": "string", "nullable": True}, "in every published sample of an action"),
    ("Faults.lastupdate", {"type": "string"}, "django-psa: answers to POST call last_update so"),
    ("Uname.id", {"type": "integer", "nullable": True}, "HaloPlus: an agent listed twice, once without id"),
)

_BARE = {
    "/Status": "TStatus",
    "/Priority": "Policy",
    "/SLA": "SlaHead",
    "/Workday": "Workdays",
    "/Holiday": "Holidays",
    "/Outcome": "TOutcome",
    "/TicketType": "RequestType",
    "/Team": "SectionDetail",
    "/FieldInfo": "FieldInfo",
    "/Feedback": "Feedback",
    "/Webhook": "Webhook",
    "/Notification": "UnameNotification",
}
_PAGED = {
    "/Tickets": ("tickets", "Faults_List"),
    "/Actions": ("actions", "Actions"),
    "/Client": ("clients", "Area"),
    "/Site": ("sites", "Site"),
    "/Users": ("users", "Users_List"),
}
_ONE = {
    "/Tickets": "Faults",
    "/Actions": "Actions",
    "/Client": "Area",
    "/Site": "Site",
    "/Users": "Users",
    "/Agent": "Uname",
    **_BARE,
}
_WRITTEN = ("/Tickets", "/Actions", "/Webhook", "/Notification")


def halo(document: Json) -> None:
    """Put together what Halo's specification leaves out."""
    schemas = document["components"]["schemas"]
    for place, right, _reason in MISSING:
        name, _, prop = place.partition(".")
        schemas[name]["properties"][prop] = right
    for name, as_in in (("Faults", "Faults"), ("Faults_List", "Faults"), ("Actions", "Actions")):
        for added in schemas[as_in]["x-added-by-2026-01-25"]:  # a later version of the specification
            schemas[name]["properties"].setdefault(added, {})
    _without_zones(document)
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if verb != "parameters":
                operation["responses"] = _responses(verb, path)
    del document["security"]  # the simulator asks for the token itself, and /AuthInfo is open to all


def _without_zones(part: Any) -> None:
    """Instants have no offset, which the format date-time would ask for."""
    if isinstance(part, dict):
        if part.get("format") == "date-time":
            del part["format"]
        for value in list(part.values()):
            _without_zones(value)
    elif isinstance(part, list):
        for value in part:
            _without_zones(value)


def _responses(verb: str, path: str) -> Json:
    parent = path.removesuffix("/{id}").removesuffix("/me")
    schema: Json = {}
    if verb == "get":
        schema = _read(path, parent)
    elif verb == "post" and path in _WRITTEN:
        schema = {"oneOf": [_ref(_ONE[path]), _array(_ONE[path])]}
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    return {"200": answer, "201": answer}


def _read(path: str, parent: str) -> Json:
    if path == "/Agent":
        envelopes = [_envelope("data", "Uname"), _envelope("results", "Uname")]
        return {"oneOf": [_array("Uname"), *envelopes]}
    if path in _PAGED:
        return _envelope(*_PAGED[path])
    if path in _BARE:
        return _array(_BARE[path])
    return _ref(_ONE[parent]) if parent in _ONE and parent != path else {}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


def _envelope(key: str, name: str) -> Json:
    numbers = {part: {"type": "integer"} for part in ("record_count", "page_no", "page_size", "ticket_id")}
    return {
        "type": "object",
        "required": [key],
        "properties": {**numbers, key: _array(name)},
        "additionalProperties": False,
    }
