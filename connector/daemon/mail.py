"""Mail: the one thing we ever send to a customer ourselves, and only when somebody asks for it by name.

The standard library's client blocks, so it works in a thread. Nothing goes unencrypted but to loopback: where
a server offers no STARTTLS the connection is given up.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from connector.errors import AuthFailed, Rejected, Unavailable
from connector.settings.asking import MailPart

SECONDS = 30.0


class Mailer:
    """A connection to the mail server: `async with Mailer(settings) as mailer`."""

    def __init__(self, settings: MailPart) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        """AuthFailed if the login is refused, Unavailable if the server cannot be used."""
        self._smtp = await asyncio.to_thread(self._connect)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            await asyncio.to_thread(self._smtp.close)

    async def send(self, message: EmailMessage) -> None:
        """Hand one mail over. Rejected if it is refused, Unavailable if the server went away."""
        assert self._smtp is not None, "enter it first"
        try:
            await asyncio.to_thread(self._smtp.send_message, message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise Rejected(f"the mail server refuses it: {_said(error)}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server went away: {_said(error)}") from None

    def _connect(self) -> smtplib.SMTP:
        at, secure = self._settings, ssl.create_default_context()
        password = at.password.reveal().get_secret_value() if at.password else ""
        where = f"mail server {at.host}:{at.port}"
        smtp: smtplib.SMTP | None = None
        try:
            if at.tls == "implicit":
                smtp = smtplib.SMTP_SSL(at.host, at.port, timeout=SECONDS, context=secure)
            else:
                smtp = smtplib.SMTP(at.host, at.port, timeout=SECONDS)
            if at.tls == "starttls":
                smtp.starttls(context=secure)
            if at.user is not None:
                smtp.login(at.user, password)
        except smtplib.SMTPAuthenticationError:
            _close(smtp)
            raise AuthFailed(f"{where} refuses the login of {at.user}") from None
        except (OSError, smtplib.SMTPException) as error:
            _close(smtp)
            raise Unavailable(f"{where} cannot be used: {_said(error)}") from None
        return smtp


def _close(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _said(error: Exception) -> str:
    return str(error)[:256]
