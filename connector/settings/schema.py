"""The JSON Schema of connector.yaml, for editors."""

from __future__ import annotations

from typing import Any

from connector.clients.schema import schema_of
from connector.settings.models import Settings


def settings_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of connector.yaml, as written."""
    connection = ["vendor", "site", "company", "public_key", "private_key", "client_id"]
    return schema_of(
        Settings, "The daemon's settings", required={"Settings": ["connections"], "ConnectWise": connection}
    )
