"""The JSON Schema of our YAML files, for editors: made from the models, kept fresh by a test.

A file lies on top of its defaults, so in the schema only what no default can give is required.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connector.clients.models import ClientFile

_REQUIRED = {"ClientFile": ["client"], "CountPart": ["id"], "AnswerTest": ["text", "counts"]}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def client_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a client's file, as written."""
    return schema_of(ClientFile, "A client's rules", required=_REQUIRED)


def schema_of(model: type[BaseModel], title: str, required: dict[str, list[str]]) -> dict[str, Any]:
    """The schema of a model as written; `required` are the keys each part must have, by model name."""
    schema = model.model_json_schema(mode="validation")
    for name, part in [(model.__name__, schema), *schema.get("$defs", {}).items()]:
        part.pop("title", None)
        part.pop("required", None)
        if name in required:
            part["required"] = required[name]
        for described in part.get("properties", {}).values():
            described.pop("title", None)
    return {"$schema": DIALECT, "title": title, **schema}


def write_schema(schema: dict[str, Any], path: Path) -> None:
    """Write it where editors find it, always in the same form."""
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
