"""`POST …/query` and its relatives: the body, the page, and the link to the next page.

A page's link is good for the verb it was asked with: the one of a POST answers GET with 405, the one of
a GET may grow too long for a URL. Records come in the order of id, nothing else can be asked for.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from connector.simulator.autotask.entity import Entity, Field, Hints, Json, record_of, udfs_of
from connector.simulator.autotask.errors import no_such_path, refused, unable_to_find, wrong_verb
from connector.simulator.autotask.filters import compiled, hints
from connector.simulator.web import Ask, Reply

MAX_RECORDS = 500
MAX_URL = 2048


def model_of(ask: Ask) -> Json:
    """The query, from the body of a POST or the `search` of a GET; names of keys in lower case."""
    if ask.method == "GET":
        if len(ask.base) + len(ask.path) + len(ask.query_string) > MAX_URL:
            raise no_such_path(ask.path)
        try:
            given = json.loads(ask.query.get("search", ""))
        except ValueError:
            raise refused("The search parameter is not JSON.") from None
    else:
        given = ask.json()
    if not isinstance(given, dict):
        raise refused("The query must be an object.")
    return {str(key).casefold(): value for key, value in given.items()}


class Query:
    """One query of an entity. `unseen`: our role sees nothing of it."""

    def __init__(self, entity: Entity, ask: Ask, unseen: bool = False) -> None:
        self.entity, self.ask, self.unseen = entity, ask, unseen
        self.model = model_of(ask)
        given = self.model.get("filter")
        self.test, self.size, self.only = compiled(entity, given), self._size(), self._only()
        self.hints = hints(entity, given if isinstance(given, list) else [])

    def _size(self) -> int:
        size = self.model.get("maxrecords")
        if size is None:
            return MAX_RECORDS
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_RECORDS:
            raise refused("maxCountOfRecordsToReturn must be between 1 and 500")
        return size

    def _only(self) -> tuple[list[Field], bool] | None:
        """The fields asked for, and whether the user-defined ones are among them."""
        names = self.model.get("includefields")
        if not names:
            return None
        found, with_udfs = [], False
        udfs = {one.name.casefold() for one in self.entity.udfs()}
        for name in names:
            field = self.entity.find(str(name))
            if field is not None:
                found.append(field)
            elif str(name).casefold() in udfs | {"userdefinedfields"}:
                with_udfs = True
            else:
                raise unable_to_find(str(name), self.entity.singular)
        return found, with_udfs

    def _rows(self, after: int) -> Iterator[Any]:
        if self.unseen:
            return
        given = self.hints
        for row in self.entity.rows(Hints(max(after, given.after), given.since, given.tickets)):
            if self.test(row):
                yield row

    def count(self) -> Reply:
        return Reply.of({"queryCount": sum(1 for _ in self._rows(-1))})

    def page(self, only_first: bool = False) -> Reply:
        """A page of records; `only_first`: there is no link to another."""
        after = _cursor(self.ask.query["paging"]) if "paging" in self.ask.query else -1
        rows = self._rows(after)
        page = [row for row, _ in zip(rows, range(self.size), strict=False)]
        more = not only_first and next(rows, None) is not None
        details = {
            "count": len(page),
            "requestCount": self.size,
            "prevPageUrl": None,
            "nextPageUrl": self._next(page[-1]) if more else None,
        }
        return Reply.of({"items": self._records(page), "pageDetails": details})

    def _records(self, page: list[Any]) -> list[Any]:
        only, with_udfs = self.only or (None, True)
        records = [record_of(self.entity, row, only) for row in page]
        if with_udfs:
            add_udfs(self.entity, page, records)
        return [self.entity.finish(record) for record in records]

    def _next(self, last: Any) -> str:
        entity = self.entity
        paging = base64.urlsafe_b64encode(
            json.dumps({"pageSize": self.size, "lastId": entity.fields["id"].read(last)}).encode()
        ).decode()
        url = f"{self.ask.base}/V1.0/{entity.name}/query/next?paging={quote(paging)}"
        if self.ask.method == "GET":
            return f"{url}&search={quote(self.ask.query['search'])}"
        return url


def next_page(entity: Entity, ask: Ask, unseen: bool) -> Reply:
    """The page behind a link; a link that came from a POST must be posted, with the same body."""
    if ask.method == "GET" and "search" not in ask.query:
        raise wrong_verb("GET")
    return Query(entity, ask, unseen).page()


def _cursor(paging: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(paging))["lastId"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise refused("The paging parameter is not valid.") from None


def add_udfs(entity: Entity, rows: list[Any], records: list[Json]) -> None:
    """User-defined fields, which are absent when no record of the answer has a value in any of them."""
    if not entity.udfs():
        return
    found = [udfs_of(entity, row) for row in rows]
    if any(one["value"] is not None for udfs in found for one in udfs):
        for record, udfs in zip(records, found, strict=True):
            record["userDefinedFields"] = udfs
