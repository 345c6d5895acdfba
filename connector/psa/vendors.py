"""From a connection's settings to its adapter, whoever wrote that adapter: found by entry point.

`px_connector.psa` names a function `build(name, settings) -> Psa` by vendor. See docs/adapters.md.
"""

from __future__ import annotations

from connector.errors import ConfigError
from connector.psa.port import Psa
from connector.settings import Connection
from connector.settings.vendors import ADAPTERS, loaded


def build_psa(name: str, settings: Connection) -> Psa:
    """The adapter of one connection; its secrets are read now.

    ConfigError when a secret cannot be read, or no adapter of that vendor is installed.
    """
    psa = loaded(ADAPTERS, settings.vendor)(name, settings)
    if not isinstance(psa, Psa):
        raise ConfigError(f"the adapter of {settings.vendor} is no Psa: its package is broken")
    return psa
