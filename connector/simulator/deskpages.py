"""What an engineer of the pretend MSP sees: a list of tickets, and a ticket with our card in it.

Only so much of a PSA's pages that a card can be framed, looked at and pictured: no login, nothing can be
changed. A ticket stands at the address that the vendor's own pages have. See docs/in-the-psa.md.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from connector.simulator.records import Field, Ticket, Value
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World

LIST = "/desk"
_TICKET: dict[str, tuple[str, str]] = {
    "connectwise": ("/v4_6_release/services/system_io/service/fv_sr100_request.rails", "service_recid"),
    "autotask": ("/autotask/autotaskextend/executecommand.aspx", "ticketid"),
    "halo": ("/ticket", "id"),
}
_NAMES = {"connectwise": "ConnectWise PSA", "autotask": "Autotask", "halo": "HaloPSA"}
_STYLE = (Path(__file__).parent / "deskpages.css").read_text(encoding="utf-8")


@dataclass(slots=True)
class Inside:
    """What an administrator entered for our card: its `address` with the PSA's variables, the `secret` of a
    tab that is signed, and in Autotask the address that the LiveLink `link` leads to. '' is not set up."""

    address: str = ""
    secret: str = field(default="", repr=False)
    link: str = ""


class DeskPages:
    def __init__(self, world: World, vendor: str) -> None:
        self._world, self._vendor = world, vendor
        self.inside = Inside()

    def address(self, ticket: int) -> str:
        """Where a ticket's page stands, below the simulator's own address."""
        path, name = _TICKET[self._vendor]
        return f"{path}?{urlencode({name: ticket})}"

    def answer(self, ask: Ask) -> Reply | None:
        """A page, or None where the request is for something else."""
        path = ask.path.casefold().rstrip("/")
        if ask.method != "GET":
            return None
        if path == LIST:
            return _html(f"{_NAMES[self._vendor]}: tickets", self._list(ask))
        where, name = _TICKET[self._vendor]
        given = ask.query.get(name, "")
        if path != where or not given.isdecimal():
            return None
        ticket = self._world.tickets.by_id.get(int(given))
        if ticket is None:
            return _html("No such ticket", self._bar("There is no such ticket."), 404)
        return _html(f"Ticket {ticket.id}", self._ticket(ticket))

    # ── a ticket ──────────────────────────────────────────────────────────────────────────────

    def _ticket(self, ticket: Ticket) -> str:
        world = self._world
        owner = world.members[ticket.owner].name if ticket.owner else "Unassigned"
        facts = {
            "Company": world.companies[ticket.company].name,
            "Contact": world.contacts[ticket.contact].name if ticket.contact else "–",
            "Status": world.statuses[ticket.status].name,
            "Priority": world.priorities[ticket.priority].name,
            "Board": world.boards[ticket.board].name,
            "Owner": owner,
        }
        notes = "".join(
            f"<div class=note><div class=by>{escape(post.created_by)}, {post.at:%d %b %H:%M} UTC</div>"
            f"{escape(post.text[:400])}</div>"
            for post in world.posts(ticket.id)[-6:]
        )
        main = (
            f"<div class=box><h2>Ticket {ticket.id}</h2>"
            f"<div><h1>{escape(ticket.summary)}</h1>{_facts(facts)}</div>"
            f"<h2>Discussion</h2><div>{notes or 'Nothing yet.'}</div></div>"
        )
        return f"{self._bar('Ticket')}<div class=page>{main}{self._beside(ticket)}</div>"

    def _beside(self, ticket: Ticket) -> str:
        """Our card in its frame; in Autotask, which frames nothing, the fields and a LiveLink."""
        if self.inside.address:
            frame = f'<iframe title="px-connector" src="{escape(self._filled(self.inside.address, ticket))}">'
            return f"<div class=box><h2>px-connector</h2>{frame}</iframe></div>"
        link = escape(self._filled(self.inside.link, ticket))
        live = (
            f'<p><a href="{link}" target="_blank" rel="noopener">px-connector (LiveLink)</a></p>'
            if link
            else ""
        )
        shown = {one.caption: _words(self._value(ticket, one)) for one in self._fields()}
        return f"<div class=box><h2>Fields of px-connector</h2><div>{_facts(shown)}{live}</div></div>"

    def _filled(self, address: str, ticket: Ticket) -> str:
        """The address as the vendor fills it in, which encodes nothing."""
        agent = str(next(one.id for one in self._world.members.values() if one.kind == "person"))
        digest = hmac.digest(self.inside.secret.encode(), agent.encode(), "sha256")
        variables: Mapping[str, str] = {
            "[cw_id]": str(ticket.id),
            "[cw_screen]": "ticket",
            "$FAULTID": str(ticket.id),
            "$LOGGEDINAGENTID": agent,
            "$HMAC": base64.b64encode(digest).decode(),
            "{Ticket ID}": str(ticket.id),
        }
        for variable, value in variables.items():
            address = address.replace(variable, value)
        return address

    # ── the list ──────────────────────────────────────────────────────────────────────────────

    def _list(self, ask: Ask) -> str:
        """Open tickets; `?sort=` names a column, any other parameter is a column and what it must show."""
        given = dict(parse_qsl(ask.query_string))
        columns: dict[str, Callable[[Ticket], Value]] = {
            "Ticket": lambda ticket: ticket.id,
            "Company": lambda ticket: self._world.companies[ticket.company].name,
            "Summary": lambda ticket: ticket.summary,
            **{one.caption: self._reader(one) for one in self._fields()},
        }
        sort = columns.get(given.pop("sort", "SLA Due"), columns["Ticket"])
        rows = [ticket for ticket in self._world.tickets.by_id.values() if ticket.closed_at is None]
        for name, value in given.items():
            if name in columns:
                rows = [ticket for ticket in rows if _words(columns[name](ticket)) == value]
        rows.sort(key=lambda ticket: _order(sort(ticket)))
        head = "".join(
            f'<th><a href="?{urlencode({"sort": name})}">{escape(name)}</a></th>' for name in columns
        )
        body = "".join(self._row(ticket, columns) for ticket in rows[:40])
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"{self._bar('Open tickets')}<div class=list>{table}</div>"

    def _row(self, ticket: Ticket, columns: Mapping[str, Callable[[Ticket], Value]]) -> str:
        cells = [escape(_words(read(ticket))) for read in columns.values()]
        cells[0] = f'<a href="{escape(self.address(ticket.id))}">{cells[0]}</a>'
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    # ── common ────────────────────────────────────────────────────────────────────────────────

    def _fields(self) -> list[Field]:
        wanted = ("PX At Risk", "SLA Zone", "SLA Due", "Felt Response (min)", "Client PX", "PX Why")
        return [one for one in self._world.fields.values() if one.on == "ticket" and one.caption in wanted]

    def _value(self, ticket: Ticket, one: Field) -> Value:
        return (ticket.values or {}).get(one.id)

    def _reader(self, one: Field) -> Callable[[Ticket], Value]:
        return lambda ticket: self._value(ticket, one)

    def _bar(self, where: str) -> str:
        name = escape(_NAMES[self._vendor])
        return f'<div class=bar><b>{name}</b><a href="{LIST}">Tickets</a> › {escape(where)} (simulated)</div>'


def _facts(facts: Mapping[str, str]) -> str:
    return (
        "<dl>"
        + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v) or '–'}</dd>" for k, v in facts.items())
        + "</dl>"
    )


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "" if value is None else str(value)


def _order(value: Value) -> tuple[bool, bool, float, str]:
    """As a list of a PSA sorts a column: numbers by their size, text letter by letter, nothing last."""
    number = value if isinstance(value, int | float) else 0.0
    return value in (None, ""), isinstance(value, str), float(number), _words(value)


def _html(title: str, body: str, status: int = 200) -> Reply:
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )
    return Reply(status, page.encode(), {"content-type": "text/html; charset=utf-8"})
