"""The three service desks of the demo: one MSP that has grown by buying others, so each desk has its own PSA.

Every story of the scripted day is told once, at one desk, to a client whose rules suit it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.psa.connectwise import embed as connectwise
from connector.psa.halo import embed as halo

if TYPE_CHECKING:
    from connector.simulator import Simulator, Step, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`name`: its connection's. `psa`: what people call the product. `stories`: the client of each."""

    name: str
    vendor: str
    psa: str
    stories: Mapping[str, str]

    @property
    def clients(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.stories.values()))


DESKS = (
    Desk(
        name="london",
        vendor="connectwise",
        psa="ConnectWise",
        stories={
            "mailbox": "Acme Dental",
            "starter": "Riverside Clinic",
            "wifi": "Acme Dental",
            "app": "Riverside Clinic",
        },
    ),
    Desk(
        name="berlin",
        vendor="autotask",
        psa="Autotask",
        stories={
            "printer": "Globex",
            "vpn": "Nordlicht Freight",
            "drive": "Globex",
            "access": "Nordlicht Freight",
        },
    ),
    Desk(
        name="leeds",
        vendor="halo",
        psa="HaloPSA",
        stories={
            "phone": "Initech",
            "slow": "Initech",
            "scanner": "Harbour Legal",
            "alert": "Initech",
            "invoice": "Harbour Legal",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A desk with its pretend PSA: what is in it, where it answers, and what will happen there today."""

    desk: Desk
    world: World
    sim: Simulator
    steps: Sequence[Step]


def open_site(desk: Desk, *, seed: int, tickets: int, start: datetime) -> Site:
    """A desk on the morning of the day, with `tickets` of its past. Its simulator does not answer yet."""
    from connector.simulator import Simulator, make_world, working_day

    world = make_world(seed=seed, tickets=tickets, start=start, clients=desk.clients)
    steps = working_day(world, desk.stories)
    return Site(desk, world, Simulator(world, vendor=desk.vendor), steps)


def write_config(folder: Path, sites: Sequence[Site], port: int) -> None:
    """connector.yaml and the clients' files, for simulators that answer; secrets go to the environment."""
    clients = folder / "clients"
    clients.mkdir()
    for file in resources.files("connector.cli.demo").joinpath("clients").iterdir():
        shutil.copyfile(str(file), clients / file.name)
    settings = {
        "store": "sqlite:///px-connector.db",
        "web": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
        "connections": {site.desk.name: _connection(site) for site in sites},
    }
    for site in sites:
        _put_inside(site, f"http://127.0.0.1:{port}")
    (folder / "connector.yaml").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def _connection(site: Site) -> dict[str, Any]:
    """One connection's keys. On loopback it may ask as often as it likes.

    Open tickets are read again seldom: in a day of seconds that would be most of the work, and no
    webhook gets lost here.
    """
    name = site.desk.name
    own, secrets = _OWN[site.desk.vendor](site.sim.credentials)
    named = {key: f"PX_DEMO_{name}_{key}".upper() for key in secrets}
    os.environ.update({named[key]: value for key, value in secrets.items()})
    return {
        "vendor": site.desk.vendor,
        "site": site.sim.url,
        **own,
        **{key: {"env": variable} for key, variable in named.items()},
        "allow_private": True,
        "write_back": True,
        "canary": {"waived": "a pretend PSA"},
        "poll_every": "60s",
        "sweep_every": "4h",
        "concurrency": 8,
    }


def _put_inside(site: Site, board: str) -> None:
    """What an administrator does once in each PSA to have the ticket card there: docs/in-the-psa.md."""
    card, secret = f"{board}/psa/{site.desk.name}/card", _card_secret(site.sim.credentials)
    inside = site.sim.pages.inside
    if site.desk.vendor == "connectwise":
        inside.address = card + connectwise.ADDRESS.replace("SECRET", secret)
    elif site.desk.vendor == "halo":
        inside.address, inside.secret = card + halo.ADDRESSES["hmac"], secret
    else:
        inside.link = f"{board}/ticket?connection={site.desk.name}&id={{Ticket ID}}"


def _card_secret(keys: Any) -> str:
    """Made from a key of the simulator's, so that the same demo has the same one."""
    key = getattr(keys, "private_key", "") or getattr(keys, "client_secret", "")
    return sha256(f"card {key}".encode()).hexdigest()


Keys = tuple[dict[str, Any], dict[str, str]]


def _connectwise(keys: Any) -> Keys:
    secrets = {
        "public_key": keys.public_key,
        "private_key": keys.private_key,
        "client_id": keys.client_id,
        "card_secret": _card_secret(keys),
    }
    return {"company": keys.company, "requests_per_minute": 100_000}, secrets


def _autotask(keys: Any) -> Keys:
    secrets = {"secret": keys.secret, "integration_code": keys.integration_code}
    return {"user": keys.user_name, "quota_share": 100}, secrets


def _halo(keys: Any) -> Keys:
    secrets = {
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "webhook_secret": f"webhook {keys.client_secret}",
        "card_secret": _card_secret(keys),
    }
    return {"requests_per_5_minutes": 100_000}, secrets


_OWN = {"connectwise": _connectwise, "autotask": _autotask, "halo": _halo}
"""By vendor: what a connection needs of a simulator's credentials, open and secret."""
