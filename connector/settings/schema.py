"""The JSON Schema of connector.yaml, for editors: each vendor's connection with the keys that are its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from connector.clients.schema import schema_of
from connector.settings.autotask import Autotask
from connector.settings.connectwise import ConnectWise
from connector.settings.halo import Halo
from connector.settings.models import Settings

_CONNECTIONS = Settings.model_fields["connections"]
_REQUIRED = {
    "Settings": ["connections"],
    "ConnectWise": ["vendor", "site", "company", "public_key", "private_key", "client_id"],
    "Autotask": ["vendor", "user", "secret", "integration_code"],
    "ChannelPart": ["kind"],
    "Halo": ["vendor", "site", "client_id", "client_secret"],
}


def settings_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of connector.yaml, as written."""
    union = Annotated[Autotask | ConnectWise | Halo, Field(discriminator="vendor")]
    written = create_model("Settings", __base__=Settings, connections=(dict[str, union], _CONNECTIONS))
    return schema_of(written, "The daemon's settings", required=_REQUIRED)
