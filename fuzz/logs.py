"""Ticket logs, messages and files of ratings, as another program or a person has made them.

The commands `assess`, `classify` and `ratings import` name the lines they cannot use and go on; nothing else
comes out of them, whatever the file is: half a gzip, one line of brackets, or text made to be slow to search.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typer

from connector.cli import console, logs, messages
from connector.errors import ConnectorError
from connector.history.ratingfiles import LAYOUTS, Reading, read_ratings
from connector.rules.sentratings import sent
from fuzz._dice import Dice, mangled
from fuzz._watch import Finding, Watch, in_memory

LATER = (
    "connector.assessmentlog",
    "connector.clients",
    "connector.history.logratings",
    "connector.rules.assess",
    "connector.rules.authorship",
    "connector.rules.experience",
    "connector.ticketlog",
)
"""What the commands import when they run: only what is imported before can be watched by atheris."""
NOW = "2026-11-20T12:00:00Z"
KINDS = ("tickets", "messages", "ratings", "rating")
POLICY = """
client: Acme
calendar: {timezone: Europe/London, week: {mon-fri: ["08:00-18:00"]}, holidays: {country: GB}}
targets: {"*": {response: 1h, resplan: 4h, update: 8h, resolution: 16h}}
px: {notes: ["Customer rated {score}/{scale}: {comment}"]}
"""
TICKET: Any = {
    "id": "T1",
    "client": "Acme",
    "opened_at": "2026-11-19T08:00:00Z",
    "summary": "Printer",
    "priority": "P1",
    "status": "In Progress",
    "contact": "c1",
    "psa": {"response_at": "2026-11-19T08:05:00Z", "sla_met": True, "text": "Met"},
    "events": [
        {
            "at": "2026-11-19T08:00:00Z",
            "type": "message",
            "key": "m1",
            "direction": "in",
            "actor": {"kind": "contact", "id": "c1"},
            "subject": "Printer",
            "text": "It is still not working, call me by 4 pm.\n> old\n",
            "headers": {"Auto-Submitted": "no"},
        },
        {
            "at": "2026-11-19T09:00:00Z",
            "type": "message",
            "key": "m2",
            "direction": "out",
            "channel": "email",
            "minutes": 10,
            "actor": {"kind": "staff", "id": "ann", "marks": ["api"]},
            "text": "We will call you tomorrow by 3 pm.",
            "chars": 99999,
        },
        {"at": "2026-11-19T09:30:00Z", "type": "status", "key": "s1", "from": "New", "to": "On Hold"},
        {"at": "2026-11-19T10:00:00Z", "type": "priority", "key": "p1", "from": "P2", "to": "P1"},
        {"at": "2026-11-19T10:30:00Z", "type": "client", "key": "c1", "from": "Globex", "to": "Acme"},
        {
            "at": "2026-11-19T11:00:00Z",
            "type": "assign",
            "key": "a1",
            "field": "group",
            "from": "1st",
            "to": "2nd",
        },
        {
            "at": "2026-11-19T11:30:00Z",
            "type": "appointment",
            "key": "b1",
            "starts_at": "2026-11-20T09:00:00Z",
            "ends_at": "",
            "who": "ann",
        },
        {"at": "2026-11-19T12:00:00Z", "type": "close", "key": "x1", "to": "Resolved"},
        {"at": "2026-11-19T13:00:00Z", "type": "reopen", "key": "x2"},
    ],
    "ratings": [
        {"at": "2026-11-19T14:00:00Z", "score": 2, "scale": 5, "comment": "slow", "factors": ["Speed"]}
    ],
}
MESSAGE: Any = {
    "id": 1,
    "ticket": "T1",
    "at": "2026-11-19T09:00:00Z",
    "direction": "out",
    "actor": {"kind": "staff", "id": "ann"},
    "subject": "Re: Printer",
    "headers": {"Auto-Submitted": "no"},
    "text": "Hello,\n\nI am out of the office until Monday.\n\nOn Mon, Ann wrote:\n> It is broken\n-- \nBest",
}
HEADS = b"Ticket Number,Rating,Rated On,Comment,Company,Contact Email,ID\r\n"
ROW = b'1001,Positive,2026-11-19T10:00:00Z,"fine, thanks",Acme,a@b.example,r1\r\n'
RATING: Any = {
    "id": "r1",
    "ticket": "1",
    "client": "",
    "score": "4/5",
    "scale": 5,
    "best": "high",
    "at": NOW,
    "comment": "x",
    "contact": "9",
    "source": "tool",
    "lost_minutes": 5,
    "factors": ["Speed"],
    "kind": "ticket",
}
_PIECES = (
    " |\t|a|-|_|>|*|.|=|\n|\r\n|> |Re: |@|a@|<|&nbsp;|ab |on |will |until |back |please |https://a.|--|1|1:"
)
SLOW = (*_PIECES.split("|"), "ä", "\u00a0", "\u200b", "le ", "je suis ", "ich bin ", "(", "[", "|")
"""What a text is made of that is to be slow to search."""


class _Desk:
    def __init__(self) -> None:
        self.watch = Watch()
        self._folder = tempfile.TemporaryDirectory(prefix="px-fuzz-", dir=in_memory())
        self.path = Path(self._folder.name)
        self.policy = self.path / "acme.yaml"
        self.policy.write_text(POLICY, encoding="utf-8")

    def close(self) -> None:
        self._folder.cleanup()


@cache
def desk() -> _Desk:
    return _Desk()


def close() -> None:
    if desk.cache_info().currsize:
        desk().close()
    desk.cache_clear()


def one(data: bytes) -> None:
    """One file as these bytes decide it, through its command."""
    made, dice = desk(), Dice(data)
    kind, how, packed = dice.pick(KINDS), dice.below(4), dice.below(4)
    body = _lines(kind, how, dice)
    file = made.path / ("log.jsonl.gz" if packed == 1 else "log.jsonl")
    file.write_bytes(gzip.compress(body, 1)[: -dice.below(20) or None] if packed == 1 else body)
    with made.watch.over(), _quiet():
        if kind == "tickets":
            _run(lambda: logs.assess(file, made.policy, NOW, as_json=True))
        elif kind == "messages":
            _run(lambda: messages.classify(file, made.policy, as_json=True))
        elif kind == "ratings":
            _read(file, dice)
        else:
            _tell(body)


def _lines(kind: str, how: int, dice: Dice) -> bytes:
    """Raw bytes, a good line made strange or with a text that is slow to search, or good and raw ones."""
    if kind == "ratings":
        return HEADS + ROW * dice.below(3) + dice.rest() if how else dice.rest()
    good = {"tickets": TICKET, "messages": MESSAGE, "rating": RATING}[kind]
    if how == 0:
        return dice.rest()
    value = json.loads(json.dumps(good))
    if how == 1:
        place = value["events"][dice.below(2)] if kind == "tickets" else value
        place["text" if kind != "rating" else "comment"] = _slow(dice)
    elif how == 2:
        value = mangled(value, dice)
    raw = json.dumps(value).encode("utf-8", "surrogatepass")
    return raw + b"\n" + (dice.rest() if how == 3 else b"") + (b"\n" + raw if kind != "rating" else b"")


def _slow(dice: Dice) -> str:
    """Up to some 60,000 characters of a few pieces over and over."""
    found = []
    for _ in range(1 + dice.below(6)):
        pieces = "".join(dice.pick(SLOW) for _ in range(1 + dice.below(4)))
        found.append(pieces * (1 + dice.byte() * dice.below(40)))
    return "".join(found)[:60_000] + dice.text()


@contextlib.contextmanager
def _quiet() -> Any:
    said, before = io.StringIO(), console.err._file
    console.err.file = said
    try:
        with contextlib.redirect_stdout(said):
            yield
    finally:
        console.err._file = before
    text = said.getvalue()
    if "Traceback" in text:
        raise Finding(text[:500])


def _run(command: Any) -> None:
    with contextlib.suppress(typer.Exit):
        command()


def _read(file: Path, dice: Dice) -> None:
    source = dice.pick(tuple(LAYOUTS))
    reading = Reading(
        layout=LAYOUTS[source],
        marks=LAYOUTS[source].marks,
        zone=UTC,
        dates=dice.pick(("", "%d/%m/%Y", "%c %z")),
    )
    with contextlib.suppress(ConnectorError):
        _, rows = read_ratings(file, reading, datetime.fromisoformat(NOW))
        for _ in rows:
            pass


def _tell(body: bytes) -> None:
    try:
        value = json.loads(body.split(b"\n")[0])
    except (ValueError, RecursionError):
        return
    for whole in (True, False):
        with contextlib.suppress(ValueError):
            if isinstance(value, dict):
                sent(value, now=datetime.fromisoformat(NOW), whole=whole)


def seeds() -> list[bytes]:
    """Good files, and each way of making them strange."""
    lines = {
        0: json.dumps(TICKET).encode(),
        1: json.dumps(MESSAGE).encode(),
        2: HEADS + ROW,
        3: json.dumps(RATING).encode(),
    }
    raw = [bytes([k, 0, 0]) + line for k, line in lines.items()]
    odd = [
        b"[" * 5000,
        b"\xff\xfe",
        b'{"id":' * 2000,
        b'"' + b"a" * 5000,
        b"\n" * 100,
        b'{"id":1e999}',
        b"\x1f\x8b\x08\x00",
    ]
    raw += [bytes([k, 0, p]) + line for k in range(4) for p in (0, 1) for line in odd]
    slow = [
        bytes([k, 1, 0, n % 3, n % 3, n, n + 3, n + 9, 200, 30, n * 2, n, 1, 150, 20])
        for k in (0, 1)
        for n in range(0, 40, 2)
    ]
    bent = [bytes([k, 2, 0, 2, n, n * 2, 7, n, 5, 1, n]) for k in (0, 1, 3) for n in range(0, 120, 7)]
    return [*raw, *slow, *bent]
