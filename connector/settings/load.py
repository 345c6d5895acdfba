"""connector.yaml and the environment, read together: `PX_WEB__PORT=9000` lies over `web: {port: …}`.

The environment becomes nodes like those of the file, so it is typed, merged and blamed the same way.
No error repeats a value: it may be a secret in the wrong place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from connector.clients.layers import laid_over
from connector.clients.nodes import NOWHERE, Node
from connector.clients.problems import in_reading_order, problems
from connector.clients.yaml12 import read, scalar
from connector.errors import ConfigError, ConfigErrors
from connector.settings.connection import secrets_in
from connector.settings.connections import connections
from connector.settings.models import Settings

FILE = "connector.yaml"


def load_settings(config_dir: Path) -> Settings:
    """The settings of a config folder. Raises ConfigErrors with everything that is wrong.

    Secrets are not read here; see `Settings.missing_secrets`.
    """
    config_dir = Path(config_dir)
    try:
        tree = laid_over(read(config_dir / FILE), _environment())
    except ConfigError as error:
        raise ConfigErrors([error]) from None
    settings, errors = _validated(tree)
    if settings is not None and settings.notify.needs_mail() and settings.mail is None:
        errors.append(tree.error("a channel of kind mail needs the mail server under `mail`", ["notify"]))
    if (misplaced := _password_in_file(tree)) is not None:
        errors.append(misplaced)
    if settings is None or errors:
        raise ConfigErrors(errors)
    _place_secrets(settings, tree)
    return settings.model_copy(update={"store": _beside(config_dir, settings.store)})


def _validated(tree: Node) -> tuple[Settings | None, list[ConfigError]]:
    values: dict[str, Any] = tree.plain()
    private = [key for key in values if key.startswith("_")]  # would be options of pydantic-settings
    errors = [tree.error(f"unknown key {key!r}", [key], key=True) for key in private]
    values = {key: value for key, value in values.items() if key not in private}
    values["connections"], wrong = connections(tree, values.get("connections"))
    if values["connections"] is None:
        del values["connections"]
    try:
        return Settings(**values), errors + wrong
    except ValidationError as error:
        return None, errors + in_reading_order([*problems(error, tree, Settings, echo=False), *wrong])


def _environment() -> Node:
    try:
        found = EnvSettingsSource(Settings)()
    except SettingsError:
        message = (
            "a PX_ variable that stands for several keys holds no JSON: "
            "set single ones, like PX_WEB__PORT or PX_WEB__TOKEN__ENV"
        )
        raise ConfigError(message, file="environment") from None
    return _as_node(found, ())


def _as_node(value: Any, loc: tuple[str, ...]) -> Node:
    source = f"environment variable PX_{'__'.join(loc).upper()}"
    if isinstance(value, dict):
        inner = {key: _as_node(one, (*loc, key)) for key, one in value.items()}
        return Node(inner, source, keys=dict.fromkeys(inner, NOWHERE))
    if isinstance(value, list):
        return Node([_as_node(one, loc) for one in value], source)
    return Node(scalar(value) if isinstance(value, str) else value, source)


def _password_in_file(tree: Node) -> ConfigError | None:
    node = tree.find(["store"])
    if node is None or not isinstance(node.value, str) or not isinstance(node.file, Path):
        return None
    try:
        if urlsplit(node.value).password is None:
            return None
    except ValueError:
        return None
    return node.error("a password is not written here: set the whole address as PX_STORE in the environment")


def _place_secrets(settings: Settings, tree: Node) -> None:
    parts = {"web": settings.web, "survey": settings.survey, "mail": settings.mail}
    for part, model in parts.items():
        for key, secret in secrets_in(model).items() if model else ():
            secret.standing_at(tree.error("", [part, key], key=True))
    for name, channel in settings.notify.channels.items():
        for key, secret in secrets_in(channel).items():
            secret.standing_at(tree.error("", ["notify", "channels", name, key], key=True))
    for name, connection in settings.connections.items():
        for key, secret in secrets_in(connection).items():
            secret.standing_at(tree.error("", ["connections", name, key], key=True))


def _beside(config_dir: Path, store: str) -> str:
    """An SQLite file named by a relative path lies below the config folder, wherever we were started."""
    scheme, slashes, path = store.partition(":///")
    if not slashes or not scheme.startswith("sqlite") or path.startswith(("/", ":")) or not path:
        return store
    return f"{scheme}:///{(config_dir.resolve() / path).as_posix()}"
