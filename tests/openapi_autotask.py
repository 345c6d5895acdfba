"""Autotask's specification for the tap. It is Swagger 2, which the validator does not read: translated here.

Made stricter on the way, where it says nothing: a field that is not in a model is a violation. And laxer
where the wire is known to be: every field may be null, which Swagger 2 has no word for.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from connector.simulator import Exchange
from tests.openapi import Tap

# Entities that the vendor has and that the part of the specification at hand leaves out.
OUTSIDE = frozenset({"servicecalls", "servicecalltickets", "servicecallticketresources", "billingcodes"})
REFUSED = frozenset({401, 429, 500})
_KEEP = 3


class AutotaskTap(Tap):
    def __init__(self, specification: Path) -> None:
        super().__init__(specification, autotask)

    def __call__(self, exchange: Exchange) -> None:
        """A 500 says that the request was wrong, as a 400 does elsewhere."""
        entity = exchange.path.split("/")[2].casefold() if exchange.path.count("/") > 1 else ""
        if exchange.status not in REFUSED and entity not in OUTSIDE:
            super().__call__(replace(exchange, response_body=_sample(exchange.response_body)))


def _sample(body: bytes) -> bytes:
    """A long page cut to its first records."""
    value = json.loads(body) if body else None
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        return json.dumps({**value, "items": value["items"][:_KEEP]}).encode()
    return body


def autotask(document: dict[str, Any]) -> None:
    """Translate the document to OpenAPI 3, in place."""
    schemas = {_name(name): _schema(schema) for name, schema in document.pop("definitions").items()}
    schemas["Filter"]["properties"]["value"] = {"nullable": True}  # text, number, truth or an array of them
    document["components"] = {"schemas": schemas}
    document["openapi"] = document.pop("swagger").replace("2.0", "3.0.3")
    for path, item in list(document["paths"].items()):
        for operation in item.values():
            _operation(operation)
        if path.endswith("/query"):  # the pages behind a link have no path of their own
            pages = json.loads(json.dumps(item))
            for operation in pages.values():
                text = {"type": "string"}
                operation["parameters"].append({"name": "paging", "in": "query", "schema": text})
            document["paths"][f"{path}/next"] = pages
    for public in ("/V1.0/ZoneInformation", "/VersionInformation"):
        for parameter in document["paths"][public]["get"]["parameters"]:
            parameter["required"] = parameter["in"] != "header"  # asked before anybody can log in


def _name(name: str) -> str:
    return re.sub(r"\W+", "_", unquote(name)).strip("_")


def _schema(schema: Any) -> Any:
    """A schema with readable references; null may stand everywhere, and an empty object means anything."""
    if isinstance(schema, list):
        return [_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = _name(schema["$ref"].removeprefix("#/definitions/"))
        return {"$ref": f"#/components/schemas/{name}"}
    out = {key: _schema(value) for key, value in schema.items() if key not in ("properties", "readOnly")}
    if out.get("type") == "object" and not schema.get("properties"):
        return {"nullable": True}
    if "properties" in schema:
        out["properties"] = {key: _schema(value) for key, value in schema["properties"].items()}
        out["additionalProperties"] = False
    return {**out, "nullable": True}


def _operation(operation: dict[str, Any]) -> None:
    parameters = []
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "body":
            content = {"application/json": {"schema": _schema(parameter["schema"])}}
            operation["requestBody"] = {"required": True, "content": content}
        else:
            keep = {key: parameter[key] for key in ("name", "in", "required") if key in parameter}
            parameters.append({**keep, "schema": {"type": parameter.get("type", "string")}})
    operation["parameters"] = parameters
    for response in operation["responses"].values():
        if "schema" in response:
            response["content"] = {"application/json": {"schema": _schema(response.pop("schema"))}}
