"""How a connection to a simulated PSA is written, vendor by vendor; all else about a vendor is the adapter's.

No budget of ours limits a bench: each connection may send more than a bench asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Login:
    """`keys` of a connection in connector.yaml, and `secrets`: the environment variables that they name."""

    vendor: str
    url: str
    keys: Mapping[str, Any]
    secrets: Mapping[str, str]


def connectwise(url: str, company: str, public: str, private: str, client_id: str) -> Login:
    return _login(
        "connectwise",
        url,
        {"public_key": public, "private_key": private, "client_id": client_id},
        company=company,
        requests_per_minute=100_000,
    )


def autotask(url: str, user: str, secret: str, integration_code: str) -> Login:
    return _login(
        "autotask", url, {"secret": secret, "integration_code": integration_code}, user=user, quota_share=100
    )


def halo(url: str, client_id: str, client_secret: str) -> Login:
    secrets = {"client_id": client_id, "client_secret": client_secret, "webhook_secret": "of the bench"}
    return _login("halo", url, secrets, requests_per_5_minutes=100_000)


def _login(vendor: str, url: str, secrets: Mapping[str, str], **keys: Any) -> Login:
    named = {key: f"BENCH_{key.upper()}" for key in secrets}
    written = keys | {key: {"env": name} for key, name in named.items()}
    return Login(vendor, url, written, {name: secrets[key] for key, name in named.items()})


_OF: dict[str, Callable[[str, Any], Login]] = {
    "connectwise": lambda url, k: connectwise(url, k.company, k.public_key, k.private_key, k.client_id),
    "autotask": lambda url, k: autotask(url, k.user_name, k.secret, k.integration_code),
    "halo": lambda url, k: halo(url, k.client_id, k.client_secret),
}
VENDORS = tuple(_OF)


def login(sim: Simulator) -> Login:
    """For a simulator in this process, whichever vendor it plays."""
    return _OF[sim.vendor](sim.url, sim.credentials)
