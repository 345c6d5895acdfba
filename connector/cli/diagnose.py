"""The command `diagnose`: one file for whoever helps, without secrets, names, or a word of a customer."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zipfile import ZIP_DEFLATED, ZipFile

import typer

from connector.cli.console import err, fail, out, print_json, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigError, ConfigErrors

if TYPE_CHECKING:
    from connector.settings import Settings

_READ_ME = """What `px-connector diagnose` found, for whoever helps. Open it and look before you send it.

In it: versions; the settings' numbers and switches; what is wrong in the files, without names; how many rows
the store has, by connection and state; what the daemon says of its health; log lines of ours.
Not in it: secrets, addresses, names of clients or people, ticket texts, mails, ratings, the PSA's own words.
Connections and channels go by the names that connector.yaml gives them; tickets in the log by their number.
"""


def register(app: typer.Typer) -> None:
    app.command()(diagnose)


def diagnose(
    file: Annotated[Path, typer.Option("--out", dir_okay=False, help="The new file, a zip.")],
    config: ConfigDir = Path("config"),
    log: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, readable=True, help="Our log, as JSON lines.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pack what whoever helps needs: versions, settings, checks, counts, health, log. Nothing private.

    It asks the daemon that runs with this configuration, if one answers, and no PSA. It shows what it packed.

    Examples:

      px-connector diagnose --config /etc/px-connector --out px.zip

      journalctl -u px-connector -o cat -n 20000 > px.log; px-connector diagnose --out px.zip --log px.log
    """
    if file.exists():
        fail(f"{file} is there already: name a new file")
    found = asyncio.run(_gather(config, log))
    try:
        ours = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(ours, "w+b") as stream, ZipFile(stream, "w", ZIP_DEFLATED) as bundle:
            for name, body in found.items():
                bundle.writestr(name, body)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    if as_json:
        print_json({"file": str(file), "contents": {name: len(body) for name, body in found.items()}})
        return
    for name, body in found.items():
        out.print(f"{len(body):>10,}  {name}", highlight=False)
    out.print(f"packed into {safe(str(file))}; look into it before you send it", soft_wrap=True)


async def _gather(config: Path, log: Path | None) -> dict[str, str]:
    from connector.history.bundle import contents, mask
    from connector.settings import load_settings

    settings, wrong = None, list[ConfigError]()
    try:
        settings = load_settings(config)
    except ConfigErrors as errors:
        wrong = list(errors.errors)
    found: dict[str, Any] = {
        "versions.json": contents.versions(),
        "files.json": contents.checks(config, settings, wrong),
    }
    if settings is not None:
        found["settings.json"] = mask.settings(settings) | {"connections": _named(settings)}
        found["store.json"] = await contents.store(settings.store)
        found |= await _asked(settings)
    texts = {name: body if isinstance(body, str) else _pretty(body) for name, body in found.items()}
    if log is not None:
        kept, left = await asyncio.to_thread(contents.log, log)
        texts["log.jsonl"] = "".join(json.dumps(row) + "\n" for row in kept)
        err.print(f"log: {len(kept)} lines of ours kept, {left} others left out")
    return {"README.txt": _READ_ME, **texts}


def _named(settings: Settings) -> dict[str, Any]:
    from connector.history.bundle import mask

    return {name: mask.settings(one) for name, one in settings.connections.items()}


async def _asked(settings: Settings) -> dict[str, Any]:
    """What the daemon of these settings says of itself, if there is one."""
    import httpx

    host = settings.web.host
    at = host if host.strip(":.0") else "localhost"  # it listens everywhere
    address = f"http://[{at}]" if ":" in at else f"http://{at}"
    try:
        token = settings.web.view_token_text() or settings.web.token_text()
    except ConfigError:
        token = None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    said: dict[str, Any] = {}
    base = f"{address}:{settings.web.port}"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30, trust_env=False) as client:
        try:
            for path in ("healthz", "readyz"):
                answer = await client.get(path)
                said[path] = {"status": answer.status_code, **answer.json()}
            numbers = await client.get("metrics")
        except (httpx.HTTPError, ValueError) as error:
            return {"daemon.json": {**said, "trouble": type(error).__name__}}
    if numbers.status_code != 200:
        return {"daemon.json": {**said, "metrics": numbers.status_code}}
    return {"daemon.json": said, "metrics.txt": numbers.text}


def _pretty(body: Any) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
