"""The board's filters, and the links that change them: the address line is their only memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from connector.store.board import NOBODY, BoardFilter

LENGTH = 200  # characters of one value; nothing real is longer
PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """'' does not restrict. `sort` as the store takes it; `page` counts from 1, '' is the first."""

    connection: str = ""
    client: str = ""
    group: str = ""
    owner: str = ""
    bucket: str = ""
    zone: str = ""
    sort: str = ""
    page: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """From a query; whatever else it holds is ignored."""
        return cls(**{name: query.get(name, "")[:LENGTH] for name in cls.__slots__})

    def only(self) -> BoardFilter:
        return BoardFilter(**{name: value for name, value, _ in self.active})

    def without_zone(self) -> Filters:
        """For the matrix, which shows every bucket and zone."""
        return replace(self, bucket="", zone="")

    def worst_first(self) -> Filters:
        """The same tickets from the first, by danger."""
        return replace(self, sort="", page="")

    def link(self, **changes: str) -> str:
        """Address of the board under these filters with `changes`; its first page, unless they say."""
        query = replace(self, **{"page": ""} | changes).query
        return "?" + query if query else "."  # '' would keep the query

    def sorted_by(self, name: str) -> str:
        """Where the heading of a column leads: sorted by it, or the other way round where it already is."""
        return self.link(sort="-" + name if self.sort == name else name)

    def direction(self, name: str) -> str:
        """A column's `aria-sort`, '' where the board is not sorted by it."""
        return {name: "ascending", "-" + name: "descending"}.get(self.sort, "")

    @property
    def query(self) -> str:
        """For an address, without its question mark."""
        return urlencode([(name, value) for name in self.__slots__ if (value := getattr(self, name))])

    @property
    def number(self) -> int:
        """The page asked for; what is no number is the first."""
        plain = self.page.isascii() and self.page.isdigit()
        return min(max(int(self.page), 1), PAGES) if plain else 1

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """What restricts: key, value, and the value as people say it."""
        keys = ("connection", "client", "group", "owner", "bucket", "zone")
        pairs = [(key, value) for key in keys if (value := getattr(self, key))]
        return [
            (key, value, "nobody" if (key, value) == ("owner", NOBODY) else value) for key, value in pairs
        ]

    @property
    def narrowed(self) -> str:
        """The filters that the matrix obeys, in words."""
        return ", ".join(said for _, _, said in self.without_zone().active)
