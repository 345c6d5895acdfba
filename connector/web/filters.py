"""The board's filters, and the links that change them: the address line is their only memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from connector.store.board import BoardFilter

LENGTH = 200  # characters of one value; nothing real is longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """'' does not restrict."""

    connection: str = ""
    client: str = ""
    owner: str = ""
    bucket: str = ""
    zone: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """From a query; whatever else it holds is ignored."""
        return cls(**{name: query.get(name, "")[:LENGTH] for name in cls.__slots__})

    def only(self) -> BoardFilter:
        return BoardFilter(**dict(self.active))

    def without_zone(self) -> Filters:
        """For the matrix, which shows every bucket and zone."""
        return replace(self, bucket="", zone="")

    def link(self, **changes: str) -> str:
        """Address of the board under these filters with `changes`."""
        chosen = replace(self, **changes).active
        return "?" + urlencode(chosen) if chosen else "."

    @property
    def active(self) -> list[tuple[str, str]]:
        return [(name, value) for name in self.__slots__ if (value := getattr(self, name))]

    @property
    def narrowed(self) -> str:
        """The filters that the matrix obeys, in words."""
        return ", ".join(value for _, value in self.without_zone().active)
