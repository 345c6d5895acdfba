"""The yearly questionnaire: everybody at a client is asked once a year, whoever has tickets or none.

Those who never call are the ones the tickets do not tell of. A link belongs to one contact and one year: made
once, however often the list is brought, and renewed where it ran out without an answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConfigError
from connector.history.ratingfiles import csv_rows
from connector.model import Actor, Rating
from connector.rules.policy import Policy
from connector.rules.ratings import refusal
from connector.rules.surveylinks import ID_BYTES
from connector.store import erased, people, surveys
from connector.store.surveys import Survey

MOST = 100_000
_HEADS = ("email", "e-mail", "mail", "email address", "contact email")
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+'-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_SUBJECT = "How happy are you with your IT support?"
_TEXT = """\
Hello,

once a year we ask everybody at {client} how our support feels to them. It takes one minute.

{scores}

The links are yours alone and can be answered until {until}. Nothing is recorded before you confirm.

Thank you.
"""


@dataclass(frozen=True, slots=True)
class Contacts:
    """`addresses`: each once, in small letters, in the file's order. `wrong`: (row, what is wrong)."""

    addresses: list[str]
    wrong: list[tuple[int, str]]


def read_contacts(path: Path) -> Contacts:
    """The mail addresses of a CSV file with a column `email`. ConfigError if the file cannot be used."""
    rows = csv_rows(path)
    heads = [head.strip().casefold() for head in next(rows, [])]
    place = next((heads.index(one) for one in _HEADS if one in heads), None)
    if place is None:
        has = ", ".join(heads[:20]) or "nothing"
        raise ConfigError(f"has no column 'email'; it has: {has}", file=path, line=1)
    found: dict[str, None] = {}
    wrong: list[tuple[int, str]] = []
    for number, row in enumerate(rows, 2):
        if number > MOST:
            raise ConfigError(f"has more than {MOST} rows: part it", file=path, line=number)
        written = row[place].strip().casefold() if place < len(row) else ""
        if _ADDRESS.fullmatch(written):
            found[written] = None
        elif any(row):
            wrong.append((number, f"{written[:60]!r} is no mail address" if written else "no mail address"))
    return Contacts(list(found), wrong)


async def invite(
    tx: AsyncConnection, conn: str, policy: Policy, addresses: Iterable[str], now: datetime, *, year: int
) -> list[Survey]:
    """The surveys of these contacts for this year, in their order; made where there are none yet.

    Who had their data erased is not asked.
    """
    eraser = await erased.known(tx, conn)
    asked = [address for address in addresses if eraser is None or not eraser.knows(address)]
    wanted = {_about(policy.client, year, address): address for address in asked}
    known = await surveys.about(tx, conn, wanted)
    own = {*policy.px.own, *await people.get(tx, conn)}
    until = now.replace(microsecond=0) + timedelta(days=policy.survey.valid_days)
    new: list[Survey] = []
    for about, address in wanted.items():
        before = known.get(about)
        if before is None or before.state == "skipped":
            who = Rating(at=now, actor=Actor("contact", address), score=1.0)
            why = refusal(who, own) and "of the desk"
            made = Survey(
                conn=conn,
                about=about,
                kind="annual",
                client=policy.client,
                contact=address,
                at=now,
                state="skipped" if why else "asked",
                why=why,
                scale=policy.survey.scale,
                link="" if why else secrets.token_hex(ID_BYTES),
                expires_at=None if why else until,
            )
        elif before.state == "asked" and before.expires_at is not None and before.expires_at <= now:
            made = replace(before, at=now, expires_at=until, mailed_at=None)
        else:
            continue
        known[about] = made
        new.append(made)
    await surveys.put(tx, new)
    return [known[about] for about in wanted]


def letter(survey: Survey, link: str, sender: str, now: datetime) -> EmailMessage:
    """The mail that carries one contact's links, a score each."""
    scores = [f"{link}?score={score}" for score in range(1, survey.scale + 1)]
    said = {1: "very unhappy", survey.scale: "very happy"}
    lines = [f"{n}{f' ({said[n]})' if n in said else ''}: {at}" for n, at in enumerate(scores, 1)]
    until = survey.expires_at or now
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, survey.contact, _SUBJECT
    message["Date"] = formatdate(now.timestamp())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    text = _TEXT.format(client=survey.client, scores="\n".join(lines), until=f"{until:%d %B %Y}")
    message.set_content(text, cte="quoted-printable")
    return message


def _about(client: str, year: int, address: str) -> str:
    return f"annual:{year}:{client}:{address}"


def to_send(invited: Sequence[Survey]) -> list[Survey]:
    """Those who were neither mailed nor have answered."""
    return [one for one in invited if one.state == "asked" and one.mailed_at is None]
