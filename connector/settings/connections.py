"""The connections of connector.yaml, each read by the keys of its own vendor.

A union that all vendors share could only tell what somebody might have meant. Here `vendor` is read first,
and what is wrong is then told in that vendor's terms: which keys it needs, which it does not have.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from connector.clients.nodes import Node
from connector.clients.problems import problems, suggestion
from connector.errors import ConfigError
from connector.settings import vendors
from connector.settings.connection import Connection

KEY = "connections"


def connections(tree: Node, written: Any) -> tuple[Any, list[ConfigError]]:
    """`written` with every connection as its vendor's model, and what is wrong with them.

    What cannot be read is replaced by an empty one, so that the rest of the file is still judged; anything
    but keys and values is left as it is.
    """
    if not isinstance(written, dict):
        return written, []
    read: dict[str, Any] = {}
    errors: list[ConfigError] = []
    for name, values in written.items():
        read[name], wrong = _connection(tree, name, values) if isinstance(values, dict) else (values, [])
        errors += wrong
    return read, errors


def _connection(tree: Node, name: str, values: dict[str, Any]) -> tuple[Connection, list[ConfigError]]:
    at, unread = (KEY, name), Connection.model_construct(vendor="")
    vendor = values.get("vendor")
    if "vendor" not in values:
        return unread, [tree.error(f"'{KEY}.{name}.vendor' is missing", (*at, "vendor"), own=True)]
    if not isinstance(vendor, str) or vendor not in (known := vendors.installed()):
        meant = suggestion(vendor, known) if isinstance(vendor, str) and known else ""
        return unread, [tree.error(vendors.expected(str(vendor)) + meant, (*at, "vendor"))]
    try:
        model = vendors.keys_of(vendor)
    except ConfigError as error:
        return unread, [tree.error(error.message, (*at, "vendor"))]
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        whose = f" for vendor {vendor}"
        return unread, problems(error, tree, model, at=at, whose=whose, echo=False)
