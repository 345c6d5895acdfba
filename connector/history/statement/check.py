"""Whether a statement is what its facts make: the chain, the rules, and every character of the page.

The strongest check is the simplest: make it again from the facts inside it, and compare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html.parser import HTMLParser
from importlib.metadata import version
from itertools import zip_longest

from connector.clients import policy_of
from connector.errors import ConfigError
from connector.history.statement.chain import Record, broken
from connector.history.statement.collect import made_by
from connector.history.statement.facts import FORM, Facts, Rules, from_records
from connector.history.statement.page import document, json_document
from connector.rules.contract import terms_of

TOLD = 10
"""Differences that are named; the rest are counted."""
_EMBEDDED = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)
_UNUSABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)


def problems(text: str) -> list[str]:
    """What differs, one line each; empty for a statement that is what its facts make."""
    try:
        records, page = _records(text)
    except _UNUSABLE as error:
        return [f"this is no statement whose facts can be read: {_short(error)}"]
    found = [f"the chain is broken at record {number}: {_name(record)}" for number, record in broken(records)]
    try:
        facts = from_records(records)
    except _UNUSABLE as error:
        return [*_few(found), f"the facts cannot be read: {_short(error)}"]
    if facts.head.form != FORM:
        made = f"form {facts.head.form} by {facts.head.made_by}; this is form {FORM} by {made_by()}"
        return [*_few(found), f"it was made in another form, {made}: check it with that version"]
    found += _rules(facts.rules)
    try:
        again = document(records) if page else json_document(records)
    except _UNUSABLE as error:
        return [*_few(found), f"the figures cannot be worked out from these facts: {_short(error)}"]
    if text != again:
        told = list(_differences(text, again) if page else _figures(text, again))
        found += _few(told) or [_place(text, again)]
    return _few(found) + (list(_older(facts)) if found else [])


def chain_head(text: str) -> str:
    """The last hash of the facts inside, '' where there are none to be read."""
    try:
        return str(_records(text)[0][-1].get("hash", ""))
    except _UNUSABLE:
        return ""


def _records(text: str) -> tuple[list[Record], bool]:
    page = not text.startswith("{")
    if page:
        inside = _EMBEDDED.findall(text)
        if len(inside) != 1:
            raise ValueError(f"{len(inside)} parts with facts instead of one")
        records = json.loads(inside[0])
    else:
        records = json.loads(text)["facts"]
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise ValueError("the facts are no list of records")
    return records, page


def _rules(rules: Rules) -> Iterator[str]:
    """The YAML gives the rules that were used."""
    for file in rules.files:
        if sha256(file.text.encode(errors="surrogatepass")).hexdigest() != file.sha256:
            yield f"{file.name}: its sha256 is not that of its text"
    try:
        policy = policy_of([(file.name, file.text) for file in rules.files], standalone=rules.standalone)
    except (ConfigError, LookupError, ValueError) as error:
        yield f"the rules cannot be read: {_short(error)}"
        return
    targets = {name: dict(target.minutes) for name, target in policy.targets.items()}
    if terms_of(policy) != rules.terms or targets != rules.targets:
        yield "the YAML inside gives other rules than those the figures were worked out by"
    elif policy.digest != rules.digest and rules.holidays == version("holidays"):
        yield f"the digest of the rules is {policy.digest}, the statement says {rules.digest}"


def _differences(text: str, again: str) -> Iterator[str]:
    """What the page shows and what the facts give, where they differ."""
    for shown, made in zip_longest(_texts(text), _texts(again), fillvalue=("the end", "")):
        if shown != made:
            yield f"{made[0]}: shows “{_cut(shown[1])}”, the facts give “{_cut(made[1])}”"


def _figures(text: str, again: str) -> Iterator[str]:
    shown, made = json.loads(text), json.loads(again)
    for name in ("chain", "figures"):
        for path, here, there in _unlike(name, shown.get(name), made[name]):
            yield f"{path}: says {_cut(json.dumps(here))}, the facts give {_cut(json.dumps(there))}"


def _unlike(path: str, here: object, there: object) -> Iterator[tuple[str, object, object]]:
    if isinstance(here, dict) and isinstance(there, dict):
        for key in {**here, **there}:
            yield from _unlike(f"{path}.{key}", here.get(key), there.get(key))
    elif here != there:
        yield path, here, there


def _place(text: str, again: str) -> str:
    """Where nothing that is read differs: markup, drawing or style."""
    lines = zip_longest(text.split("\n"), again.split("\n"), fillvalue="")
    number, (here, there) = next((n, pair) for n, pair in enumerate(lines, 1) if pair[0] != pair[1])
    at = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
    since = max(0, at - 20)
    return f"line {number}: is “{_cut(here[since:])}”, the facts make “{_cut(there[since:])}”"


def _older(facts: Facts) -> Iterator[str]:
    if facts.head.made_by != made_by():
        yield f"it was made by {facts.head.made_by}, this is {made_by()}: check it with that version, too"


def _texts(page: str) -> list[tuple[str, str]]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Every piece of text a reader sees, with the heading it stands under."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._heading, self._tag = "the top", ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._tag = tag

    def handle_data(self, data: str) -> None:
        said = " ".join(data.split())
        if not said or self._tag in ("script", "style"):
            return
        if self._tag == "h2":
            self._heading = said
        self.found.append((self._heading, said))


def _name(record: Record) -> str:
    about = record.get("id") or record.get("ticket_id") or record.get("month") or ""
    return f"{record.get('kind', 'a record')} {about}".strip() + " was changed, or one before it left out"


def _few(found: list[str]) -> list[str]:
    more = len(found) - TOLD
    return found if more <= 0 else [*found[:TOLD], f"and {more} more"]


def _cut(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def _short(error: Exception) -> str:
    return _cut(" ".join(str(error).split()) or type(error).__name__)
