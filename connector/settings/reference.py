"""`python -m connector.settings.reference PATH` writes docs/yaml-reference.md: every key of both files.

It is made from the models, as the JSON Schemas are, and kept fresh by a test.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from connector.clients.layers import packaged_defaults
from connector.clients.reference import Layout, Reference
from connector.clients.schema import client_schema
from connector.clients.yaml12 import read
from connector.settings.connection import Connection
from connector.settings.schema import settings_schema

_HEAD = """# Every key

Written by `make schema` from the models that check the files: change it there, not here. What is difficult
about a client's file has words of its own in [client-yaml.md](client-yaml.md). Whole examples: `config/`.

- [The client's file](#the-clients-file), `clients/*.yaml`
- [The daemon's settings](#the-daemons-settings), `connector.yaml`
- [Secrets](#secrets) · [Keys from the environment](#keys-from-the-environment)

*name* is text, or a number written without quotes; *duration* `15m`, `1h30m`, in `connector.yaml` `30s`, too;
*hours* `"09:00-17:30"`; *date* `2026-12-24`; *points* `4/5`; *short name* small letters, digits and hyphens;
*list* `[one, two]`; *NAME:* a mapping by names of your own; *keys* a mapping with the keys of another table.
A key that is not known is an error, told with its line by `px-connector check`.

"""
_CLIENT = """## The client's file

One file for each client in `clients/`. *As shipped* is what `defaults.yaml` says: it holds where neither your
own `defaults.yaml` nor the client's file says otherwise.
"""
_DAEMON = """## The daemon's settings

`connector.yaml`, one for each daemon. A relative path begins at the folder of the file.
"""
_SECRETS = """## Secrets

Never written into a file of ours: a secret is a mapping with one key that says where it stands.
"""
_ENVIRONMENT = """## Keys from the environment

Every key of `connector.yaml` can come from the environment and then lies over the file: `PX_`, the path in
capitals, two underscores for each dot. `PX_WEB__PORT=9000`, `PX_CONNECTIONS__MAIN__WRITE_BACK=true`,
`PX_STORE=postgresql://user:password@db/px`: an address with a password is only taken from there.
"""
_OF_CLIENTS = Layout(
    places={
        "targets": "PRIORITY",
        "calendar.from": "DATE",
        "calendar.closures": "DATE",
        "calendar.week": "DAYS",
        "notify.hours": "DAYS",
        "px.fields": "CAPTION",
        "px.fields.CAPTION.words": "WORD",
        "px.notes[].words": "WORD",
    },
    told={"CalendarHours": "calendar.keys"},
    more={
        "calendar": "[Working time](worktime.md).",
        "response": "[What counts as a person having answered](response.md).",
        "templates.NAME": "[Rules of one's own](response.md#a-clients-own-rules).",
        "resplan": "[The clocks](clocks.md).",
        "targets.PRIORITY": "[The clocks](clocks.md).",
        "update": "[The clocks](clocks.md).",
        "pause": "[The clocks](clocks.md).",
        "resolution": "[The clocks](clocks.md).",
        "risk": "[Risk](risk.md).",
        "commitments": "[Promises in words](commitments.md).",
        "px": "[Ratings](ratings.md), [the contract](contract.md).",
        "improvement_plan": "[The contract](contract.md).",
        "survey": "[Our own survey](survey.md).",
        "noise": "[Backtest](backtest.md#a-noise-budget).",
        "notify": "[Notifications](notifications.md).",
        "company_flags": "[The contract](contract.md).",
    },
    unsaid={"targets.PRIORITY": 'as in `"*"`', "notify.at_once": "nobody"},
)
_OF_DAEMON = Layout(
    prefix="connector.",
    places={f"{vendor}.fields": "CAPTION" for vendor in ("connectwise", "autotask", "halo")}
    | {"autotask.sla_events": "STATUS"},
    told={"Secret": "secrets"},
    more={
        "web": "[Operations and sign-in](operations.md#sign-in).",
        "survey": "[Our own survey](survey.md).",
        "notify": "[Notifications](notifications.md).",
    },
    unsaid={"notify.operators.at_once": "nobody"},
)
_VENDORS = {
    "ConnectWise": "[Connecting ConnectWise PSA](connect-connectwise.md).",
    "Autotask": "[Connecting Autotask](connect-autotask.md).",
    "Halo": "[Connecting HaloPSA](connect-halo.md).",
}


def reference() -> str:
    """The page, in Markdown."""
    client, daemon = client_schema(), settings_schema()
    of_clients = Reference(client, _OF_CLIENTS, read(packaged_defaults()).plain())
    of_daemon = Reference(daemon, _OF_DAEMON)
    secret = daemon["$defs"]["Secret"]
    return "\n".join(
        [
            *(_HEAD + _CLIENT, *of_clients.tables(client)),
            *(_DAEMON, *of_daemon.tables(daemon), *_connections(of_daemon, daemon["$defs"])),
            *(_SECRETS, *of_daemon.tables(secret, "secret"), _ENVIRONMENT),
        ]
    )


def _connections(told: Reference, parts: dict[str, dict[str, object]]) -> Iterator[str]:
    """What every connection is asked, and then what each vendor's is beside that."""
    shared = Connection.model_fields
    any_vendor = parts["ConnectWise"]
    yield told.heading("connections.NAME", "Keys of every connection; those of its vendor follow.")
    yield from told.tables(any_vendor, "connections.NAME", [key for key in shared if key != "vendor"])
    for name, more in _VENDORS.items():
        own = parts[name]["properties"]
        assert isinstance(own, dict)
        vendor = name.lower()
        yield told.heading(vendor, f"A connection with `vendor: {vendor}`. {more}")
        yield from told.tables(parts[name], vendor, [key for key in own if key not in shared])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m connector.settings.reference PATH")
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
