"""A value of a YAML file that knows where it stands, so that whatever is found later can be shown there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from connector.errors import ConfigError

Scalar: TypeAlias = str | int | float | bool | None
Loc: TypeAlias = Sequence[str | int]
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""

NOWHERE: Place = (0, 0)
"""The place of what stands in no file."""


@dataclass(slots=True, eq=False)
class Node:
    """One value of a file and where it stands. `keys` are the places of a mapping's keys."""

    value: Scalar | list[Node] | dict[str, Node]
    file: Path | str | None = None  # text: another source, like an environment variable
    place: Place = NOWHERE
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1  # values in it, aliases followed
    height: int = 1

    def plain(self) -> Any:
        """The value as dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, loc: Loc) -> Node | None:
        """The node at this path, None if there is none."""
        node: Node | None = self
        for step in loc:
            node = node._child(step) if node else None
        return node

    def error(self, message: str, loc: Loc = (), *, key: bool = False, own: bool = False) -> ConfigError:
        """An error at this path: at the value, or at its key.

        Where the path does not go on, it is at the key of the innermost mapping that was reached. `own`
        stops where the values come from another file than this node's.
        """
        file, place, node = self.file, self.place, self
        for index, step in enumerate(loc):
            child = node._child(step)
            if child is None or (own and child.file != self.file):
                continue
            further = node.find(loc[index : index + 2])
            last = further is None or (own and further.file != self.file)
            at_key = key if index == len(loc) - 1 else last
            file, place = child.file, node.keys.get(str(step), child.place) if at_key else child.place
            node = child
        return ConfigError(message, file=file, line=place[0], column=place[1])

    def _child(self, step: str | int) -> Node | None:
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None
