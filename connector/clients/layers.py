"""Defaults under the house's defaults under the client's file, key by key.

The layers are laid over each other as nodes, not as values, so that an error found afterwards still
knows which of the files holds the value it is about. Mappings are merged, everything else replaces.
Four places differ, because their keys only make sense together:

* `calendar.week` replaces as a whole: who writes "tue-fri" must not inherit a Monday;
* `calendar.from` replaces as a whole, and a week of one's own drops the changes of the one below;
* a row of `targets` is found whatever its case, as priorities are;
* `calendar.holidays` with another country drops the inherited subdivision.
"""

from __future__ import annotations

from pathlib import Path

import connector
from connector.clients.nodes import NOWHERE, Node
from connector.clients.yaml12 import read
from connector.errors import ConfigError, ConfigErrors

_PACKAGE = Path(connector.__file__).resolve().parent
_NOT_SHARED = ("client", "match")
_WHOLE = (("calendar", "week"), ("calendar", "from"))


def packaged_defaults() -> Path:
    """The defaults that come with the program: in the package, in a checkout in its config folder."""
    inside = _PACKAGE / "defaults.yaml"
    return inside if inside.is_file() else _PACKAGE.parent / "config" / "defaults.yaml"


def house_defaults(config_dir: Path) -> Path | None:
    """The defaults of a config folder, None if it has none of its own."""
    path = config_dir / "defaults.yaml"
    there = path.exists() or path.is_symlink()  # a link that leads nowhere is a mistake to be told
    return path if there and path.resolve() != packaged_defaults().resolve() else None


def base(house: Path | None) -> Node:
    """What lies under a client's file. Raises ConfigErrors if a defaults file cannot be used."""
    packaged = read(packaged_defaults())
    if house is None or house.resolve() == packaged_defaults().resolve():
        return packaged
    try:
        own = read(house)
    except ConfigError as error:
        raise ConfigErrors([error]) from error
    misplaced = [key for key in _NOT_SHARED if own.find([key])]
    if misplaced:
        raise ConfigErrors(
            own.error(f"{key!r} belongs in a client's file, not in the defaults", [key], key=True)
            for key in misplaced
        )
    return laid_over(packaged, own)


def laid_over(under: Node, over: Node, loc: tuple[str, ...] = ()) -> Node:
    """`over` laid over `under`: a new node, both stay as they are.

    A mapping stands where `over` has it, unless that stands nowhere, as the environment's do.
    """
    if not isinstance(under.value, dict) or not isinstance(over.value, dict) or loc[-2:] in _WHOLE:
        return over
    values, keys = dict(under.value), dict(under.keys)
    if loc[-2:] == ("calendar", "holidays") and "country" in over.value:
        values["subdivision"] = Node(None, over.file, over.keys["country"])
    if loc[-1:] == ("calendar",) and "week" in over.value and "from" in under.value:
        values["from"] = Node({}, over.file, over.keys["week"])
    spelt = {key.casefold(): key for key in under.value} if loc == ("targets",) else {}
    for key, node in over.value.items():
        inherited = spelt.get(key.casefold(), key)
        lower = values.pop(inherited, None)
        keys.pop(inherited, None)
        values[key] = laid_over(lower, node, (*loc, key)) if lower else node
        keys[key] = over.keys[key]
    at = over if over.place != NOWHERE else under
    return Node(values, at.file, at.place, keys)
