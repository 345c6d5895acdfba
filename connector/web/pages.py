"""Templates into answers: one environment, everything escaped, nothing undefined forgiven."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from connector.history.weblinks import web_address
from connector.model import CLOCKS, ZONES
from connector.web import words


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("connector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # an upgrade under a running daemon must not mix its code with new templates
        finalize=words.upright,
    )
    env.filters.update(
        bucket=words.bucket,
        iso=words.iso,
        short=words.short,
        ago=words.ago,
        cut=words.cut,
        until=words.until,
        minutes=words.minutes,
        web_address=web_address,
    )
    env.globals.update(
        card=words.card,
        client_page=words.client_page,
        marks=words.MARKS,
        bucket_names=CLOCKS,
        zone_names=ZONES,
    )
    return env


_ENV = _environment()
NO_STORE = {"Cache-Control": "no-store"}


def rendered(template: str, **values: Any) -> str:
    """The template as text."""
    return _ENV.get_template(template).render(values)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """The template as an answer that no cache keeps."""
    return HTMLResponse(rendered(template, **values), status_code=status, headers=NO_STORE)
