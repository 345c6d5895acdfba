"""The keys of a connection whose PSA can show the ticket card in its own page."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from connector.settings.address import base_url
from connector.settings.connection import Connection
from connector.settings.secret import Secret

SECRET_CHARS = 24


def _origin(text: str) -> str:
    """Where a page comes from, as a browser writes it: scheme, host and port."""
    return base_url(text, allow_private=True).lower()


class Carded(Connection):
    """One whose PSA frames pages of others beside a ticket. See docs/in-the-psa.md."""

    card_secret: Secret | None = Field(
        None,
        description="What the PSA proves itself with when it shows the ticket card: 24 random characters or "
        "more; null: no card is shown there",
    )
    card_origins: list[Annotated[str, AfterValidator(_origin)]] = Field(
        [],
        description="Pages that may show the card; []: those of `site` alone",
        examples=[["https://na.myconnectwise.net"]],
    )

    def card_key(self) -> bytes:
        """The secret, read now; b"" if there is none. ConfigError if it cannot be read or is too short."""
        secret = self.card_secret
        return secret.reveal(SECRET_CHARS).get_secret_value().encode() if secret else b""

    def lengths(self) -> dict[Secret, int]:
        return {self.card_secret: SECRET_CHARS} if self.card_secret else {}

    def origins(self, site: str) -> tuple[str, ...]:
        """Who may frame the card; `site`: the PSA's own pages."""
        return tuple(dict.fromkeys(self.card_origins)) or (_origin(site),)
