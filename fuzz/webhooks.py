"""Bodies and headers of the three vendors' webhooks, at the real door, genuine and not.

Nothing unsigned is ever taken in, no address of a delivery is followed but the page of signing keys, and our
own credentials go to our own host alone.
"""

from __future__ import annotations

import asyncio
import base64
import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from connector.clients import ClientBook
from connector.daemon.health import Health
from connector.psa.autotask import webhook as autotask
from connector.psa.autotask.adapter import Autotask
from connector.psa.autotask.config import AutotaskConfig
from connector.psa.connectwise import webhook as connectwise
from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.psa.halo import webhook as halo
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import HaloConfig
from connector.store.store import Store
from connector.web.app import create_app
from connector.web.deps import WebDeps
from fuzz._asgi import ask, clean, parts
from fuzz._dice import Dice, mangled
from fuzz._watch import SECRET, Finding, Watch, in_memory

HOST = "8.8.8.8"
KEY = SECRET + "signing"
KEY_URL = f"https://{HOST}/v4_6_release/services{connectwise.KEY_PAGE}?companyName=acme"
ZONE = "webservices2.autotask.net"
OURS = {HOST, ZONE, "webservices.autotask.net"}
VENDORS = ("connectwise", "autotask", "halo")
PROOFS = ("good", "good", "bad", "none", "flipped", "secret itself", "basic", "bearer")
BODIES: dict[str, Any] = {
    "connectwise": {
        "MessageId": "m-1",
        "FromUrl": HOST,
        "CompanyId": "acme",
        "MemberId": "jreed",
        "Action": "updated",
        "Type": "ticket",
        "ID": 1001,
        "ProductInstanceId": None,
        "Entity": '{"id":1001,"recordType":"ServiceTicket","summary":"x"}',
        "Metadata": {"key_url": KEY_URL},
        "CallbackObjectRecId": 5,
    },
    "autotask": {
        "Action": "Update",
        "Guid": "f0c7a1de-0000-4000-8000-000000000001",
        "EntityType": "TicketNote",
        "Id": 1001,
        "Fields": {"Status": "Complete", "TicketID": 77},
        "EventTime": "2026-11-20T10:00:00Z",
        "SequenceNumber": 3,
        "PersonId": 29682885,
    },
    "halo": [
        {
            "id": "w1",
            "event": "ticket updated",
            "ticket": {"id": 1001, "last_update": "2026-11-20T10:00:00", "deleted": False},
            "action": {"ticket_id": 1001, "datetime": "2026-11-20T10:00:01"},
        },
        {"ticket_id": "1002"},
    ],
}


def _answer(request: httpx.Request) -> httpx.Response:
    host, path = request.url.host, request.url.path
    told = str(request.headers) + str(request.url)
    if host not in OURS and not (path.endswith(connectwise.KEY_PAGE) and "myconnectwise.net" in host):
        raise Finding(f"{request.url} was asked because a delivery named it")
    if host not in OURS and SECRET in told:
        raise Finding(f"credentials for {request.url}")
    if path.endswith(connectwise.KEY_PAGE):
        return httpx.Response(200, json={"signing_key": KEY})
    if "companyinfo" in path:
        return httpx.Response(200, json={"Codebase": "v4_6_release/", "IsCloud": False})
    if "zoneInformation" in path:
        return httpx.Response(200, json={"url": f"https://{ZONE}/ATServicesRest/"})
    return httpx.Response(200, json={"items": [{"id": 1001, "ticketID": 77}], "pageDetails": {}})


class World:
    """The door with three connections behind it; made once, on a store in a folder of its own."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(prefix="px-fuzz-", dir=in_memory())
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        self.store = await Store.open(f"sqlite:///{Path(self.folder.name) / 'px.db'}")
        client = httpx.AsyncClient(transport=httpx.MockTransport(_answer))
        cw = ConnectWiseConfig(
            site=f"https://{HOST}",
            company="acme",
            public_key=SECRET + "public",
            private_key=SECRET + "private",
            client_id="cid",
            requests_per_minute=10_000_000,
            allow_private=True,  # else the names of ConnectWise's cloud would be looked up
        )
        at = AutotaskConfig(
            user="px@desk.example", secret=SECRET + "at", integration_code=SECRET + "code", quota_share=100
        )
        ha = HaloConfig(
            site="https://desk.example",
            client_id="hid",
            client_secret=SECRET + "halo",
            hook_secret=SECRET + "hook",
        )
        self.woken: list[str] = []
        self.psas: dict[str, Any] = {
            "connectwise": ConnectWise("connectwise", cw, client),
            "autotask": Autotask("autotask", at, client),
            "halo": Halo("halo", ha, client),
        }
        self.secrets = {"connectwise": KEY, "autotask": at.hook_secret, "halo": ha.hook_secret}
        health = Health()
        for name in self.psas:
            health.add(name, name, datetime.now(UTC))
        self.app = create_app(
            WebDeps(
                store=self.store,
                connections=self.psas,
                health=health,
                clients=ClientBook,
                wake=self.woken.append,
                now=lambda: datetime.now(UTC),
                token=SECRET + "token",
            )
        )

    async def clear(self) -> None:
        async with self.store.begin() as tx:
            await tx.exec_driver_sql("DELETE FROM inbox")

    def close(self) -> None:
        self.loop.run_until_complete(self.store.close())
        self.loop.close()
        self.folder.cleanup()


@cache
def world() -> World:
    return World()


def close() -> None:
    if world.cache_info().currsize:
        world().close()
    world.cache_clear()


def one(data: bytes) -> None:
    """A delivery as these bytes decide it."""
    made = world()
    with made.watch.over():
        made.loop.run_until_complete(_deliver(made, Dice(data)))


async def _deliver(made: World, dice: Dice) -> None:
    vendor, proof, shape = dice.pick(VENDORS), dice.pick(PROOFS), dice.below(4)
    query = clean(dice.take()) if shape & 1 else b""
    strange = clean(dice.take()) if shape & 2 else b""
    chunked = dice.byte()
    body = dice.rest()
    if chunked & 1:  # a delivery as it should be, and something in it made strange
        body = _written(mangled(json.loads(json.dumps(BODIES[vendor])), Dice(body)))
    headers = [("content-type", b"application/json"), ("host", b"px.example.com")]
    headers += _proof(vendor, proof, made.secrets[vendor], body, strange)
    made.woken.clear()
    chunks = parts(body, Dice(bytes([chunked >> 1, chunked >> 2, 7, 1, 99])))
    answer = await ask(made.app, "POST", f"/hooks/{vendor}", query=query, headers=headers, chunks=chunks)
    if answer.status not in (204, 400, 401, 408, 413, 503):
        raise Finding(f"{vendor}: {answer.status}")
    if made.woken and proof in ("bad", "none", "flipped"):
        raise Finding(f"{vendor}: a delivery with {proof} proof was taken in")
    if made.woken:  # else the next one like it would be known
        await made.clear()


def _written(value: Any) -> bytes:
    """As JSON, with half characters and numbers that are none, as Python's reader takes them."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _proof(vendor: str, proof: str, secret: str, body: bytes, strange: bytes) -> list[tuple[str, bytes]]:
    sign = {"connectwise": connectwise.signature, "autotask": autotask.signature, "halo": halo.signature}[
        vendor
    ]
    name = {"connectwise": "x-content-signature", "autotask": "x-hook-signature", "halo": "token"}[vendor]
    right = sign(secret, body).encode()
    if proof == "none":
        return [("x-something", strange)] if strange else []
    if proof == "bad":
        return [(name, strange)]
    if proof == "flipped":
        return [(name, right[:-2] + bytes([right[-2] ^ 1]) + right[-1:])]
    if proof == "secret itself" and vendor == "halo":
        return [(name, secret.encode())]
    if proof == "basic" and vendor == "halo":
        return [("authorization", b"Basic " + base64.b64encode(strange + b":" + secret.encode()))]
    if proof == "bearer" and vendor == "halo":
        return [("authorization", b"Bearer " + secret.encode())]
    return [(name, right), *([("x-other", strange)] if strange else [])]


def seeds() -> list[bytes]:
    """Each vendor's own delivery with each proof, as it is and to be made strange."""
    plain = [
        bytes([v, p, 0, 0]) + _written(BODIES[vendor])
        for v, vendor in enumerate(VENDORS)
        for p in range(1, len(PROOFS))
    ]
    bent = [
        bytes([v, 0, 0, 1]) + bytes([n, n * 3, 3, n * 4, n]) * 3 for v in range(3) for n in range(0, 60, 7)
    ]
    return [
        *plain,
        *bent,
        bytes([1, 3, 1, 11]) + b"deactivated" + bytes([0]),
        bytes([0, 0, 0, 0]) + b"[" * 3000,
    ]
