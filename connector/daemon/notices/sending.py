"""Sending: one message to one channel, in the channel's shape. It is handed over once or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connector.daemon.mail import Mailer
from connector.daemon.notices import hook, slack, teams
from connector.daemon.notices.letter import letter
from connector.daemon.notices.told import MOST, tell
from connector.errors import ConfigError
from connector.psa.outbound import Outbound
from connector.settings.asking import MailPart
from connector.settings.notify import ChannelPart
from connector.store.notices import Notice, Sending

TEAMS_BYTES = 26_000
"""Of a card; Teams takes 28 KB with what it adds."""


class Channels:
    """The channels of connector.yaml. Addresses and secrets are read when they are used."""

    def __init__(self, channels: Mapping[str, ChannelPart], mail: MailPart | None) -> None:
        self._channels, self._mail, self._outbound = channels, mail, Outbound()

    @property
    def caps(self) -> Mapping[str, int | None]:
        return {name: channel.per_hour for name, channel in self._channels.items()}

    async def send(self, sending: Sending, notices: Sequence[Notice], now: datetime) -> None:
        """Hand it over. ConfigError, AuthFailed, Rejected, Throttled or Unavailable if it is not taken."""
        channel = self._channels.get(sending.channel)
        if channel is None:
            raise ConfigError(f"no channel {sending.channel!r} in connector.yaml")
        if channel.kind == "mail":
            if self._mail is None:
                raise ConfigError("mail: no mail server is named")
            async with Mailer(self._mail) as mailer:
                await mailer.send(letter(tell(sending, notices), self._mail.sender, channel.to))
            return
        address = channel.address()
        body = _body(channel, sending, notices)
        signed = hook.headers(channel.key(), sending.id, body, now) if channel.kind == "webhook" else {}
        await self._outbound.post(address, body, signed, allow_private=channel.allow_private)


def _body(channel: ChannelPart, sending: Sending, notices: Sequence[Notice]) -> bytes:
    if channel.kind == "webhook":
        return hook.encoded(hook.payload(tell(sending, notices), sending, notices))
    shape: Callable[..., dict[str, object]] = teams.payload if channel.kind == "teams" else slack.payload
    most = MOST
    while True:
        body = hook.encoded(shape(tell(sending, notices, most)))
        if len(body) <= TEAMS_BYTES or most == 1:
            return body
        most //= 2


def trial(channel: str, now: datetime) -> tuple[Sending, list[Notice]]:
    """A message that says it is a test; nothing of it is kept."""
    said = {
        "line": "This is a test: px-connector notify --test. Nothing is late.",
        "summary": "A test <!here> *not bold* [not a link](https://example.com)",
        "bucket": "response",
    }
    notice = Notice(
        id="ntest",
        conn="test",
        client="Test",
        subject="test",
        ticket_id="0",
        event="missed",
        channel=channel,
        at=now,
        over_at=now,
        state="put",
        said=said,
    )
    id = f"test{int(now.timestamp())}"
    return Sending(id=id, channel=channel, kind="notice", since=now, not_before=now), [notice]
