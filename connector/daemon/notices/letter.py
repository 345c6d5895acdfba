"""A notice as a mail: plain text, said to be automatic in every way there is.

It may end in a mailbox that a PSA reads. So neither subject nor headers hold a ticket's number by which a PSA
would file it, it says of itself that a machine wrote it, and what it repeats of a ticket comes after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime

from connector.daemon.notices.told import LINE, Told, plain
from connector.rules.authorship.ownnotice import FIRST

SUBJECT = 150
_FIRST = f"{FIRST} It is not on the ticket, and nobody has answered the customer by it."


def letter(told: Told, sender: str, to: Sequence[str]) -> EmailMessage:
    """The mail; its id is the same at every attempt."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Subject"] = plain(f"[px] {told.title}", SUBJECT)
    mail["Date"] = format_datetime(told.at)
    mail["Message-ID"] = f"<{told.id}@px-connector.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Precedence"] = "bulk"
    mail.set_content("\n".join(_lines(told)) + "\n")
    return mail


def _lines(told: Told) -> list[str]:
    lines = [_FIRST, "", plain(told.title, LINE)]
    for client, items in told.groups:
        lines += ["", client]
        for item in items:
            lines.append(f"- {item.head}" + (f": {item.about}" if item.about else ""))
            lines.append(f"  {item.line}" + (f" ({item.meta})" if item.meta else ""))
            lines += [f"  {item.url}"] if item.url else []
    return [*lines, *(["", f"and {told.more} more"] if told.more else [])]
