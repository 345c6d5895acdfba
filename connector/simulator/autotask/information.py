"""`entityInformation`: what an entity can do, its fields with their picklists, its user-defined fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.simulator.autotask.entity import REFERENCE, Entity, Field, Json, Pick, Udf
from connector.simulator.autotask.errors import no_such_path
from connector.simulator.web import Reply

HOOKED = ("Tickets", "TicketNotes")


def information(entity: Entity) -> Reply:
    can = entity.can
    info: Json = {
        "name": entity.singular,
        "canCreate": "create" in can,
        "canDelete": "delete" in can,
        "canQuery": True,
        "canUpdate": "update" in can,
        "userAccessForCreate": "All" if "create" in can else "None",
        "userAccessForDelete": "All" if "delete" in can else "None",
        "userAccessForQuery": "All",
        "userAccessForUpdate": "All" if "update" in can else "None",
        "hasUserDefinedFields": bool(entity.udfs()),
        "supportsWebhookCallouts": entity.name in HOOKED,
    }
    return Reply.of({"info": info})


def field_list(entity: Entity) -> Reply:
    return Reply.of({"fields": [_field(field) for field in entity.fields.values()]})


def udf_list(entity: Entity) -> Reply:
    """404 for an entity that can have none."""
    if not entity.udfs():
        raise no_such_path(f"{entity.name}/entityInformation/userDefinedFields")
    return Reply.of({"fields": [_udf(udf) for udf in entity.udfs()]})


def _field(field: Field) -> Json:
    picks = field.picks()
    return {
        "name": field.name,
        "dataType": field.kind,
        "length": field.length,
        "isRequired": field.required,
        "isReadOnly": field.read_only,
        "isQueryable": field.queryable,
        "isReference": bool(field.refers),
        "referenceEntityType": field.refers,
        "isPickList": bool(picks),
        "picklistValues": _picks(picks) if picks else None,
        "picklistParentValueField": "",
        "isSupportedWebhookField": field.webhook,
    }


def _picks(picks: Sequence[Pick]) -> list[Json]:
    """Values are texts here, whatever they are in the records."""
    return [
        {
            "value": str(pick.value),
            "label": pick.label,
            "isDefaultValue": False,
            "sortOrder": place,
            "parentValue": "",
            "isActive": pick.active,
            "isSystem": pick.system,
        }
        for place, pick in enumerate(picks, start=1)
    ]


def _udf(udf: Udf) -> Json:
    picks = [Pick(option, option) for option in udf.options]
    refers = udf.kind == REFERENCE
    shown: dict[str, Any] = {
        "name": udf.name,
        "label": udf.name,
        "type": "integer" if refers else udf.kind,
        "length": 8000 if udf.kind == "string" else 0,
        "description": "",
        "isRequired": False,
        "isReadOnly": False,
        "isQueryable": True,
        "isReference": refers,
        "referenceEntityType": "Contact" if refers else "",
        "isPickList": bool(picks),
        "picklistValues": _picks(picks) if picks else None,
        "picklistParentValueField": "",
        "defaultValue": "",
        "isSupportedWebhookField": not picks,
    }
    return shown
