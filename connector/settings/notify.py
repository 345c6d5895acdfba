"""Settings of notifications: the channels people are told on, and what the operators themselves are told.

An address of Teams or Slack is a password: whoever has it may post. So it is named like a secret, never
written, and no error repeats more of it than its host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from connector.clients.forms import Count, YesNo
from connector.clients.notify import OperatorsPart
from connector.clients.parts import Slug, Strict
from connector.errors import ConfigError
from connector.settings.address import base_url
from connector.settings.asking import mail_address
from connector.settings.secret import Secret

SECRET_CHARS = 16
MOST_RECIPIENTS = 20
MOST_URL = 2048


def _beginning(url: str) -> tuple[str, str]:
    """Scheme and host with its port. Raises ValueError."""
    try:
        scheme, host, *_ = urlsplit(url)
    except ValueError:
        scheme = host = ""
    if scheme not in ("https", "http") or not url.isprintable() or " " in url:
        raise ValueError("no address: expected one like https://example.com/hook")
    return scheme, host


class ChannelPart(Strict):
    """One place where people are told."""

    kind: Literal["webhook", "teams", "slack", "mail"] = Field(
        description="webhook: signed JSON; teams: a card for a Workflows webhook; slack: for an incoming "
        "webhook; mail: through `mail`"
    )
    url: Secret | None = Field(None, description="Where to send it; needed but for mail")
    secret: Secret | None = Field(
        None, description="What a webhook is signed with: 16 characters or more; needed there"
    )
    to: list[Annotated[str, AfterValidator(mail_address)]] = Field(
        [],
        max_length=MOST_RECIPIENTS,
        description="Who gets the mail: people of the desk, never customers",
        examples=[["dispatch@our-msp.example"]],
    )
    per_hour: Count | None = Field(
        20,
        ge=1,
        le=10_000,
        description="Told at once so often an hour at most; the rest waits for one digest; null: any number",
    )
    allow_private: YesNo = Field(False, description="The address may be a loopback or private one")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "mail":
            if not self.to:
                raise ValueError("to: a mail channel needs whom to write to")
            if self.url or self.secret:
                raise ValueError("a mail channel has no url and no secret: it goes through `mail`")
            return self
        if self.url is None:
            raise ValueError(f"url: a {self.kind} channel needs where its address stands, like {{env: NAME}}")
        if self.to:
            raise ValueError("to: only a mail channel has recipients")
        if (self.secret is not None) != (self.kind == "webhook"):
            raise ValueError("secret: a webhook is signed and needs one, teams and slack have none")
        return self

    def address(self) -> str:
        """Where to send it, read now. ConfigError, without the address, if it cannot be read or used."""
        assert self.url is not None
        text = self.url.reveal().get_secret_value()
        try:
            if len(text) > MOST_URL:
                raise ValueError(f"longer than {MOST_URL} characters")
            scheme, host = _beginning(text)
            base_url(f"{scheme}://{host}", allow_private=self.allow_private)
        except ValueError as error:
            raise self.url.refused(f"cannot be used: {error}") from None
        return text

    def key(self) -> bytes:
        """The secret of a webhook, read now. ConfigError if it cannot be read or is too short."""
        assert self.secret is not None
        return self.secret.reveal(SECRET_CHARS).get_secret_value().encode()

    def problems(self) -> list[ConfigError]:
        """What would keep it from being used now."""
        found: list[ConfigError] = []
        for read in (self.address if self.url else None, self.key if self.secret else None):
            try:
                if read is not None:
                    read()
            except ConfigError as error:
                found.append(error)
        return found


class NotifySettings(Strict):
    """Where people are told of things outside of the PSA; which clients' are told is in their files."""

    channels: dict[Slug, ChannelPart] = Field({}, description="The channels, by a name of your choice")
    operators: OperatorsPart = Field(OperatorsPart(), description="What those who run the connector are told")

    @model_validator(mode="after")
    def _known(self) -> Self:
        named = [*self.operators.at_once.values(), *self.operators.digest.values()]
        for channel in (name for names in named for name in names):
            if channel not in self.channels:
                raise ValueError(f"operators: no channel {channel!r} under channels")
        return self

    def caps(self) -> Mapping[str, int | None]:
        """Every channel and how often an hour it may be told at once; None for any number."""
        return {name: channel.per_hour for name, channel in self.channels.items()}

    def needs_mail(self) -> bool:
        return any(channel.kind == "mail" for channel in self.channels.values())
