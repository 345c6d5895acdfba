"""Ratings out of a survey tool's export: which column is what, how its scores and dates are written.

The tools document their exports poorly and change them, so what we know of each is only a default: it says
which column names are looked for, and each can be named on the command line instead.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from connector.errors import ConfigError
from connector.rules.marks import Marks
from connector.rules.sentratings import Sent, sent

Source = Literal["smileback", "simplesat", "crewhu", "generic"]
COLUMNS = ("id", "ticket", "client", "score", "at", "comment", "contact", "lost_minutes")
"""What a column may be."""

_FACES = {"positive": 3.0, "neutral": 2.0, "negative": 1.0, "1": 3.0, "0": 2.0, "-1": 1.0}
_SENTIMENT = {"positive": 5.0, "neutral": 3.0, "negative": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a tool writes its export. `names`: per column the headings looked for, the likeliest first."""

    source: str
    names: Mapping[str, tuple[str, ...]]
    marks: Marks = field(default_factory=Marks)


LAYOUTS: Mapping[Source, Layout] = MappingProxyType(
    {
        "smileback": Layout(  # faces; its API calls them 1, 0 and -1
            source="SmileBack",
            names={
                "id": ("id", "review id"),
                "ticket": ("ticket number", "ticket id", "ticket"),
                "client": ("company", "company name"),
                "score": ("rating", "score"),
                "at": ("rated on", "rating date", "date"),
                "comment": ("comment", "comments"),
                "contact": ("contact email", "email", "contact"),
            },
            marks=Marks(scale=3, words=_FACES),
        ),
        "simplesat": Layout(  # columns as its answers and responses are called elsewhere
            source="SimpleSat",
            names={
                "id": ("answer id", "response id", "id"),
                "ticket": ("ticket external id", "ticket id", "ticket number", "ticket"),
                "client": ("customer company", "company"),
                "score": ("choice", "rating", "score", "sentiment"),
                "at": ("created", "date", "responded"),
                "comment": ("comment", "follow up answer"),
                "contact": ("customer email", "email"),
            },
            marks=Marks(scale=5, words=_SENTIMENT),
        ),
        "crewhu": Layout(
            source="Crewhu",
            names={
                "id": ("survey id", "id"),
                "ticket": ("ticket number", "ticket id", "ticket"),
                "client": ("company", "client"),
                "score": ("score", "rating"),
                "at": ("date", "response date", "created"),
                "comment": ("feedback", "comment", "comments"),
                "contact": ("contact email", "email", "contact"),
            },
            marks=Marks(scale=5, words=_SENTIMENT),
        ),
        "generic": Layout(source="file", names={name: (name,) for name in COLUMNS}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one file is read. `dates`: a strptime format, '' is ISO 8601; `zone`: of dates without an offset.

    `client`: whose ratings those are that name none and no ticket. `annual`: all are the questionnaire's.
    """

    layout: Layout
    columns: Mapping[str, str] = field(default_factory=dict)
    marks: Marks
    zone: tzinfo
    dates: str = ""
    client: str = ""
    annual: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row as a spreadsheet numbers it, with the rating it holds or what is wrong with it."""

    row: int
    sent: Sent | None
    error: str = ""


def read_ratings(path: Path, reading: Reading, now: datetime) -> tuple[dict[str, str], Iterator[Line]]:
    """Which heading each column was found under, and the rows. ConfigError if the file cannot be used."""
    rows = csv_rows(path)
    heads = next(rows, [])
    places = _places(heads, reading, path)
    found = {name: heads[place] for name, place in places.items()}
    return found, (_line(number, row, places, reading, now) for number, row in enumerate(rows, 2) if any(row))


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV file in UTF-8, parted by comma, semicolon or tab. ConfigError if it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            yield from csv.reader(stream, delimiter=max(",;\t", key=first.count))
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text: save it as CSV UTF-8", file=path) from None
    except csv.Error as error:
        raise ConfigError(f"is not a CSV file: {error}", file=path) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None


def _places(heads: list[str], reading: Reading, path: Path) -> dict[str, int]:
    """The place of each column. Those that are named must be there, and score and date always."""
    at = {_plain(head): place for place, head in reversed(list(enumerate(heads)))}
    places: dict[str, int] = {}
    for name in COLUMNS:
        named = reading.columns.get(name)
        if named is not None and _plain(named) not in at:
            raise ConfigError(f"has no column {named!r}; it has: {_list(heads)}", file=path, line=1)
        wanted = (named,) if named else reading.layout.names.get(name, ())
        found = next((at[_plain(one)] for one in wanted if _plain(one) in at), None)
        if found is not None:
            places[name] = found
    for name in ("score", "at"):
        if name not in places:
            tried = ", ".join(reading.layout.names[name])
            what = "scores" if name == "score" else "dates"
            message = f"no column of {what} (looked for: {tried}): name it with --column {name}=HEADING"
            raise ConfigError(f"{message}; it has: {_list(heads)}", file=path, line=1)
    return places


def _line(number: int, row: list[str], places: Mapping[str, int], reading: Reading, now: datetime) -> Line:
    body: dict[str, object] = {name: row[place].strip() for name, place in places.items() if place < len(row)}
    try:
        body["at"] = _instant(str(body.get("at", "")), reading)
        if reading.annual:
            body |= {"kind": "annual", "ticket": ""}
        if not body.get("ticket"):
            body["client"] = body.get("client") or reading.client
        if lost := body.pop("lost_minutes", ""):
            body["lost_minutes"] = _number(str(lost))
        one = sent(body, now=now, source=reading.layout.source, marks=reading.marks, whole=False)
        return Line(number, one)
    except ValueError as error:
        return Line(number, None, str(error))


def _instant(text: str, reading: Reading) -> str:
    """A date as ISO 8601 with its offset. ValueError says how dates are read."""
    try:
        if reading.dates:
            at = datetime.strptime(f"{text} +0000", f"{reading.dates} %z").replace(tzinfo=reading.zone)
        else:
            at = datetime.fromisoformat(text)
    except ValueError:
        how = f"--date-format {reading.dates!r}" if reading.dates else "ISO 8601; say --date-format otherwise"
        raise ValueError(f"at: {text[:40]!r} does not read as a date ({how})") from None
    return (at if at.tzinfo else at.replace(tzinfo=reading.zone)).isoformat()


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"lost_minutes: expected a number, got {text[:40]!r}") from None


def _plain(head: str) -> str:
    """A heading as headings are compared: "Ticket_Number" and "ticket number " are one."""
    return " ".join(head.replace("_", " ").replace("#", " number ").replace("-", " ").casefold().split())


def _list(heads: list[str]) -> str:
    return ", ".join(head.strip()[:40] for head in heads[:20]) or "nothing"
