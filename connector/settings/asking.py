"""Settings of our own survey: the key of its links, and the mail server for the yearly questionnaire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connector.clients.forms import Count, Name
from connector.clients.parts import Strict
from connector.rules.surveylinks import LONGEST, TOKEN_CHARS, Links
from connector.settings.address import is_loopback, outside_url
from connector.settings.secret import Secret

KEY_CHARS = 16
_ROOM = LONGEST - len("/s/") - TOKEN_CHARS


def _short_enough(url: str) -> str:
    if len(url) > _ROOM:
        raise ValueError(
            f"expected at most {_ROOM} characters: a link must fit into a PSA's field of {LONGEST}"
        )
    return url


class SurveyPart(Strict):
    """The page of our own survey; which clients are asked is in their files."""

    key: Secret = Field(description="What links are signed with: 16 random characters or more, kept for good")
    url: Annotated[str, AfterValidator(outside_url), AfterValidator(_short_enough)] = Field(
        description="How customers reach us from outside", examples=["https://px.example.com"]
    )

    def links(self) -> Links:
        """What makes and reads links. ConfigError if the key cannot be read or is too short."""
        return Links(base=self.url, key=self.key.reveal(KEY_CHARS).get_secret_value().encode())


def mail_address(value: str) -> str:
    """Somebody's mail address, with or without a name. Raises ValueError."""
    name, at, domain = value.strip().rpartition("@")
    if not (name and at and "." in domain.rstrip(">")) or not value.isprintable():
        raise ValueError("expected a mail address, like Service desk <desk@example.com>")
    return value.strip()


class MailPart(Strict):
    """A mail server, used by `px-connector survey annual --send` and by `notify` channels of kind mail."""

    host: Name = Field(description="SMTP server")
    port: Count = Field(587, ge=1, le=65535, description="Its port")
    tls: Literal["starttls", "implicit", "none"] = Field(
        "starttls", description="implicit: from the first byte, usually on port 465; none: only on loopback"
    )
    user: Name | None = Field(None, description="Who logs in; null: nobody")
    password: Secret | None = Field(None, description="Needed with user")
    sender: Annotated[str, AfterValidator(mail_address)] = Field(
        alias="from", description="Who the mail is from", examples=["Service desk <desk@example.com>"]
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together")
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none sends customers' addresses unencrypted: only on loopback")
        return self
