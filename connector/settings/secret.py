"""Secrets are named in the settings and stand elsewhere: a file, the environment, a systemd credential.

They are read when they are used, so a rotated key needs no restart of anything but its connection, and
a settings object can be printed without harm.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from connector.clients.parts import Strict
from connector.errors import ConfigError

MAX_BYTES = 65_536
_MOUNTED = Path("/run/secrets")  # containers mount these readable for all, in a namespace of their own
_HOW = "{file: /run/secrets/NAME}, {env: NAME} or {credential: NAME}"


def _whole_path(value: str) -> str:
    if not Path(value).is_absolute():
        raise ValueError("expected the whole path of the file, beginning at the root")
    return value


def _plain_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", value):
        raise ValueError("expected a name of letters, digits and _; is this the secret itself?")
    return value


class Secret(Strict):
    """Where a secret stands. Exactly one of `file`, `env`, `credential` (systemd's LoadCredential=)."""

    model_config = ConfigDict(
        hide_input_in_errors=True, json_schema_extra={"minProperties": 1, "maxProperties": 1}
    )

    file: Annotated[str, AfterValidator(_whole_path)] | None = Field(None, description="Whole path of a file")
    env: Annotated[str, AfterValidator(_plain_name)] | None = Field(
        None, description="Name of an environment variable"
    )
    credential: Annotated[str, AfterValidator(_plain_name)] | None = Field(
        None, description="Name of a credential that systemd hands over (LoadCredential=)"
    )

    _found_at: ConfigError = PrivateAttr(default_factory=lambda: ConfigError(""))

    @model_validator(mode="before")
    @classmethod
    def _not_literal(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"a secret is not written here: name where it stands, as {_HOW}")
        if len(value) != 1:
            raise ValueError(f"expected exactly one of {_HOW}")
        return value

    def standing_at(self, place: ConfigError) -> None:
        """Remember the line of the settings that names it, for errors found later."""
        self._found_at = place

    def reveal(self, at_least: int = 1) -> SecretStr:
        """The secret, read now. ConfigError, naming the line of the settings, if there is none, or it has
        fewer characters than `at_least`."""
        text = (self._from_env() if self.env else self._from_file(self._path())).strip()
        if not text:
            raise self.refused("is empty")
        if len(text.splitlines()) > 1:
            raise self.refused("holds more than one line: expected the secret alone")
        if len(text) < at_least:
            raise self.refused(f"is too short: expected {at_least} characters or more")
        return SecretStr(text)

    def refused(self, why: str) -> ConfigError:
        """What to raise where the secret was read and cannot be used: its place and `why`, never itself."""
        return self._error(f"{self._name()} {why}")

    def problem(self, at_least: int = 1) -> ConfigError | None:
        """What would keep `reveal` from answering, None if nothing."""
        try:
            self.reveal(at_least)
        except ConfigError as error:
            return error
        return None

    def warning(self) -> ConfigError | None:
        """A file that every user of the machine may read."""
        if os.name != "posix" or not self.file or _MOUNTED in Path(self.file).parents:
            return None
        try:
            shared = Path(self.file).stat().st_mode & stat.S_IROTH
        except OSError:
            return None
        return self._error(f"every user can read {self.file}: chmod 600 it") if shared else None

    def _name(self) -> str:
        if self.env:
            return f"environment variable {self.env}"
        return f"credential {self.credential}" if self.credential else f"{self.file}"

    def _error(self, message: str) -> ConfigError:
        at = self._found_at
        return ConfigError(message, file=at.file, line=at.line, column=at.column)

    def _from_env(self) -> str:
        value = os.environ.get(self.env or "")
        if value is None:
            raise self._error(f"{self._name()} is not set")
        return value

    def _path(self) -> Path:
        if self.file:
            return Path(self.file)
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise self._error(f"{self._name()}: not started by systemd with LoadCredential={self.credential}")
        return Path(folder, self.credential or "")

    def _from_file(self, path: Path) -> str:
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise self._error(f"{path} cannot be read: {error.strerror}") from None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._error(f"{path} is not text") from None
        if len(raw) > MAX_BYTES:
            raise self._error(f"{path} is larger than 64 KB; is it the right one?")
        return text
