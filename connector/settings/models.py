"""The daemon's settings: what is asked in connector.yaml, with the defaults and bounds of each answer."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connector.clients.forms import Count
from connector.clients.parts import Strict
from connector.errors import ConfigError
from connector.settings.address import is_loopback, outside_url
from connector.settings.asking import KEY_CHARS, MailPart, SurveyPart
from connector.settings.connection import Connection, secrets_in
from connector.settings.notify import NotifySettings
from connector.settings.retention import RetentionPart
from connector.settings.secret import Secret
from connector.settings.signin import ProxyPart


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

    token: Secret | None = Field(
        None, description="Lets people look and act; this or proxy is needed when host is not loopback"
    )
    view_token: Secret | None = Field(None, description="A second token, that lets people only look")
    proxy: ProxyPart | None = Field(None, description="A proxy that signs people in; null: none is believed")
    host: str = Field("127.0.0.1", description="Address to listen on")
    ratings_secret: Secret | None = Field(
        None, description="What ratings sent to us are signed with; null: only connections with one take any"
    )
    ratings_header: str = Field(
        "X-PX-Signature", pattern=r"^[A-Za-z0-9-]{1,64}$", description="Header with the signature of ratings"
    )
    port: Count = Field(8765, ge=0, le=65535, description="Port to listen on; 0: any free one")
    public_url: Annotated[str, AfterValidator(outside_url)] | None = Field(
        None, description="How the PSA reaches us; null: no callbacks", examples=["https://px.example.com"]
    )

    @field_validator("host")
    @classmethod
    def _guarded(cls, value: str, info: ValidationInfo) -> str:
        guards = [info.data.get(key, True) for key in ("token", "proxy")]  # a wrong one has its own error
        if not is_loopback(value) and guards == [None, None]:
            raise ValueError(
                "the board would be open to the network: set web.token or web.proxy, or listen on 127.0.0.1"
            )
        return value

    def token_text(self) -> str | None:
        """The token of who may act, read now; None if there is none. ConfigError if it cannot be read."""
        return self.token.reveal().get_secret_value() if self.token else None

    def view_token_text(self) -> str | None:
        """The token of who may look, read now; None if there is none. ConfigError if it cannot be read."""
        return self.view_token.reveal().get_secret_value() if self.view_token else None


class LogPart(Strict):
    """How the daemon writes its log."""

    format: Literal["json", "console"] = Field("json", description="console: for people at a terminal")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="From which level on")


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
    survey: SurveyPart | None = Field(None, description="Our own survey; null: nobody is asked")
    mail: MailPart | None = Field(None, description="Mail server; null: no mail is ever sent")
    notify: NotifySettings = Field(
        NotifySettings(), description="Where people are told of things outside of the PSA"
    )
    retention: RetentionPart = RetentionPart()
    connections: dict[Annotated[str, AfterValidator(_slug)], Connection] = Field(
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
        if self.web.public_url is None or not self.connections[connection].takes_callbacks():
            return ""
        return f"{self.web.public_url}/hooks/{connection}"

    def rating_secrets(self) -> dict[str, bytes]:
        """What ratings are signed with, by connection. ConfigError if a secret cannot be read."""
        found = {}
        for name, connection in self.connections.items():
            secret = connection.ratings_secret or self.web.ratings_secret
            if secret is not None:
                found[name] = secret.reveal().get_secret_value().encode()
        return found

    def missing_secrets(self) -> list[ConfigError]:
        """Every secret that is named and cannot be read now."""
        long = {self.survey.key: KEY_CHARS} if self.survey else {}
        for one in self.connections.values():
            long |= one.lengths()
        errors = [error for secret in self._secrets() if (error := secret.problem(long.get(secret, 1)))]
        return errors + [error for one in self.notify.channels.values() for error in one.problems()]

    def exposed_secrets(self) -> list[ConfigError]:
        """Every secret's file that any user of the machine can read: warnings."""
        told = [secret for one in self.notify.channels.values() for secret in secrets_in(one).values()]
        return [error for secret in (*self._secrets(), *told) if (error := secret.warning())]

    def _secrets(self) -> list[Secret]:
        parts = [part for part in (self.web, self.survey, self.mail) if part is not None]
        own = [secret for part in parts for secret in secrets_in(part).values()]
        return own + [secret for one in self.connections.values() for secret in one.secrets()]
