"""The daemon's settings: what is asked in connector.yaml, with the defaults and bounds of each answer."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connector.clients.forms import Count, Name, Seconds, YesNo
from connector.clients.parts import Strict
from connector.errors import ConfigError
from connector.model import Channel
from connector.settings.address import base_url, is_loopback, outside_url
from connector.settings.secret import Secret

_WORDS: dict[Channel, tuple[str, ...]] = {
    "phone": ("phone", "call"),
    "visit": ("onsite", "on-site", "on site", "visit"),
    "chat": ("chat",),
}
_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", value):
        raise ValueError("expected a short name of small letters and digits, like main")
    return value


def _store_url(value: str) -> str:
    if urlsplit(value).scheme.partition("+")[0] not in ("sqlite", "postgresql"):
        raise ValueError("expected sqlite:///FILE or postgresql://HOST/DATABASE")
    return value


class WebPart(Strict):
    """The board, the probes and the callbacks' door."""

    token: Secret | None = Field(None, description="Asked for by the board; needed when host is not loopback")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: Count = Field(8765, ge=0, le=65535, description="0: any free one")
    public_url: Annotated[str, AfterValidator(outside_url)] | None = Field(
        None, description="How the PSA reaches us; null: no callbacks", examples=["https://px.example.com"]
    )

    @field_validator("host")
    @classmethod
    def _guarded(cls, value: str, info: ValidationInfo) -> str:
        if not is_loopback(value) and info.data.get("token", True) is None:
            raise ValueError("the board would be open to the network: set web.token, or listen on 127.0.0.1")
        return value

    def token_text(self) -> str | None:
        """The board's token, read now; None if it needs none. ConfigError if it cannot be read."""
        return self.token.reveal().get_secret_value() if self.token else None


class LogPart(Strict):
    format: Literal["json", "console"] = Field("json", description="console: for people at a terminal")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="From which level on")


class WorkTypesPart(Strict):
    """Which work types of time entries reached the customer, and how; null: by the words in their names."""

    phone: list[Name] | None = Field(None, description="null: those with 'phone' or 'call' in their name")
    visit: list[Name] | None = Field(None, description="null: with 'onsite', 'on-site', 'on site' or 'visit'")
    chat: list[Name] | None = Field(None, description="null: those with 'chat' in their name")

    def channel(self, work_type: str) -> Channel:
        """How work of this type reached the customer; `time_entry` when it does not say."""
        name = work_type.casefold()
        written: dict[Channel, list[Name] | None] = {
            "phone": self.phone,
            "visit": self.visit,
            "chat": self.chat,
        }
        for channel, names in written.items():
            if names is not None and name in (one.casefold() for one in names):
                return channel
        for channel, names in written.items():
            if names is None and any(word in name for word in _WORDS[channel]):
                return channel
        return "time_entry"


class ConnectWise(Strict):
    """One ConnectWise PSA."""

    vendor: Literal["connectwise"]
    allow_private: YesNo = Field(False, description="The site may be on a loopback or private address")
    site: str = Field(description="Host of the PSA", examples=["na.myconnectwise.net"])
    company: Name = Field(description="Company id, as typed at login")
    public_key: Secret = Field(description="Public key of the API member")
    private_key: Secret = Field(description="Private key of the API member")
    client_id: Secret = Field(description="Client id of the integration")
    api_version: str = Field("2025.16", pattern=r"^\d{4}\.\d{1,2}$", description="In quotes")
    poll_every: Seconds = Field(
        "60s", validate_default=True, ge=5 * _SECOND, le=24 * _HOUR, description="Ask for changes this often"
    )
    sweep_every: Seconds = Field(
        "30m",
        validate_default=True,
        ge=_MINUTE,
        le=24 * _HOUR,
        description="Open tickets are read again",
    )
    timeout: Seconds = Field(
        "30s", validate_default=True, ge=_SECOND, le=10 * _MINUTE, description="For one request"
    )
    write_back: YesNo = Field(False, description="Write flags to tickets; false: only watch")
    callbacks: YesNo = Field(True, description="Have the PSA call us; needs web.public_url")
    backfill_days: Count = Field(90, ge=0, le=3650, description="How far back the first reading goes")
    requests_per_minute: Count = Field(600, ge=1, le=100_000, description="Our share of the PSA's patience")
    concurrency: Count = Field(4, ge=1, le=64, description="Requests under way at once")
    fields: dict[str, Count] = Field(
        {}, description="Pins a caption of a custom field to its id", examples=[{"PX At Risk": 17}]
    )
    work_types: WorkTypesPart = WorkTypesPart()
    automation_members: list[Name] = Field([], description="Members that are machines")

    @field_validator("site")
    @classmethod
    def _reachable(cls, value: str, info: ValidationInfo) -> str:
        return base_url(value, allow_private=info.data.get("allow_private", True))

    def secrets(self) -> tuple[Secret, ...]:
        return self.public_key, self.private_key, self.client_id


ConnectionSettings: TypeAlias = ConnectWise
"""One PSA instance, told apart by `vendor`."""


class Settings(BaseSettings):
    """What connector.yaml and the environment say. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="PX_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    store: Annotated[str, AfterValidator(_store_url)] = Field(
        "sqlite:///var/px-connector.db",
        repr=False,
        description="Where the daemon keeps its state; a relative path begins at the config folder",
    )
    web: WebPart = WebPart()
    log: LogPart = LogPart()
    connections: dict[Annotated[str, AfterValidator(_slug)], ConnectionSettings] = Field(
        min_length=1, description="The PSAs, by a name of your choice"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands in: it has laid the environment over the file already."""
        return (init_settings,)

    def hook_url(self, connection: str) -> str:
        """Where this connection's PSA sends its callbacks; "" if it shall not."""
        if self.web.public_url is None or not self.connections[connection].callbacks:
            return ""
        return f"{self.web.public_url}/hooks/{connection}"

    def missing_secrets(self) -> list[ConfigError]:
        """Every secret that is named and cannot be read now."""
        return [error for secret in self._secrets() if (error := secret.problem())]

    def exposed_secrets(self) -> list[ConfigError]:
        """Every secret's file that any user of the machine can read: warnings."""
        return [error for secret in self._secrets() if (error := secret.warning())]

    def _secrets(self) -> list[Secret]:
        web = [self.web.token] if self.web.token else []
        return web + [secret for one in self.connections.values() for secret in one.secrets()]


def secrets_in(model: BaseModel) -> dict[str, Secret]:
    """The secrets of one part, by key."""
    found = {key: getattr(model, key) for key in type(model).model_fields}
    return {key: value for key, value in found.items() if isinstance(value, Secret)}
