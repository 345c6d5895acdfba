"""What the headers and the subject of a mail say about who sent it.

Narrower than the lists other products use to decide whether to auto-reply: `Precedence: bulk`, `List-*`,
`Feedback-ID` and `X-Auto-Response-Suppress` alone ask receivers something, they do not say who wrote.
A subject prefix only speaks when it comes first: behind `Re:` a person may be answering the robot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connector.model import Evidence
from connector.rules.authorship import away, words
from connector.rules.authorship.words import fold

_SPAN = 80
_VALUE = 512  # characters of a header value that are looked at
_ANSWERED = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply", "x-auto-reply")
_MACHINE = ("x-fc-machinegenerated", "x-amazon-mail-relay-type")
_NDR = "x-ms-exchange-message-is-ndr"  # its value is empty
_OTHER_REPORTS = ("disposition-notification", "feedback-report", "tlsrpt")
_WORD = re.compile(r"[^\W\d_]+")
_ROBOT_WORDS = frozenset(["bot", "robot", "daemon", "autoresponder", "autoreply", "automailer", "buildbot"])
_ROLE_WORDS = _ROBOT_WORDS | {
    "noreply", "donotreply", "notification", "notifications", "notify", "notifier", "alert", "alerts",
    "bounce", "bounces", "bugzilla", "jira", "gitlab", "github", "jenkins", "nagios", "zabbix", "cron",
    "root", "system", "postmaster", "mailer", "automation", "reports", "newsletter", "mailman", "listserv",
    "monitoring",
}  # fmt: skip
_SHARED_WORDS = frozenset((
    "support", "info", "help", "helpdesk", "service", "servicedesk", "sales", "admin", "office", "contact",
    "team", "hello", "enquiries", "billing", "kundenservice", "kundendienst", "tickets", "ticket", "desk",
    "customerservice", "feedback", "security", "webmaster", "hostmaster", "abuse", "marketing", "accounts",
))  # fmt: skip
_NO_REPLY = ("noreply", "donotreply", "nicht-antworten", "nepasrepondre", "norespond", "noresponder")
_PROGRAMS = (
    "mailx", "s-nail", "phpmailer", "swiftmailer", "sendgrid", "mailgun", "nodemailer", "mime-tools",
    "mime::lite", "python", "sendemail", "amazon ses", "java", "mailjet", "postmark", "symfony", "laravel",
)  # fmt: skip
_CLIENTS = (
    "thunderbird", "mutt", "outlook", "apple mail", "iphone mail", "ipad mail", "evolution", "k-9", "claws",
    "kmail", "gnus", "mozilla/5.0", "mew ", "wanderlust", "roundcube", "sylpheed", "alpine", "fairemail",
    "bluemail", "webmail", "lotus notes", "airmail", "spark", "emclient", "em client", "trojita", "geary",
)  # fmt: skip

Verdict = Literal["bounce", "absence", "replied", "generated"]
SubjectKind = Literal["auto_reply", "absence", "bounce", ""]


@dataclass(slots=True)
class Envelope:
    """What the envelope says. `verdict` is decisive or None; the rest needs company.

    `replied`: a machine answered a mail; `generated`: a machine sent it of its own accord.
    `role`: the sender's address is a machine's post; `program`: sent by a program, not by a mail client;
    `person`: an address of somebody's own that answers, or writes from a mail client.
    `subject`: what the subject opens with (see `subject_kind`).
    """

    verdict: Verdict | None = None
    evidence: list[Evidence] = field(default_factory=list)
    role: Evidence | None = None
    robot: bool = False
    daemon: bool = False
    null_path: bool = False
    suppress: Evidence | None = None
    program: Evidence | None = None
    subject: SubjectKind = ""
    person: Evidence | None = None
    name: str = ""  # the local part of the sender, up to a plus

    def decide(self, verdict: Verdict, rule: str, where: str, text: str) -> None:
        """Note decisive evidence; the first verdict stands."""
        self.verdict = self.verdict or verdict
        self.evidence.append(Evidence(rule, where, text[:_SPAN]))


def read(headers: Mapping[str, str], subject: str) -> Envelope:
    """Read the envelope of one mail. Header names are lower-case."""
    seen = Envelope()
    get = {name: value[:_VALUE].strip() for name, value in headers.items() if value or name == _NDR}
    if get:
        _sender(seen, get)
        _delivery(seen, get)
        _automatic(seen, get)
    if subject:
        _subject(seen, subject)
    if seen.null_path and seen.verdict is None:
        seen.decide("replied", "header.null_return_path", "headers.return-path", get["return-path"] or "<>")
    return seen


def _sender(seen: Envelope, get: Mapping[str, str]) -> None:
    """`from`, or `from_local` in logs that keep no addresses: the part before the @, role or `person`."""
    source = "from_local" if "from_local" in get else "from"
    full = get.get(source) or ""
    if not full:
        return
    address = full.rpartition("<")[2].rstrip("> ") if "<" in full else full
    local = address.partition("@")[0].casefold()
    seen.name = local.partition("+")[0].strip(' "')
    found = set(_WORD.findall(local))
    flat = local.replace("-", "").replace("_", "").replace(".", "")
    where = f"headers.{source}"
    seen.program = _agent(get, "header.mail_program", _PROGRAMS)
    seen.daemon = flat.startswith("mailerdaemon")
    seen.robot = not found.isdisjoint(_ROBOT_WORDS) or "[bot]" in full.casefold()
    if seen.daemon or seen.robot or not found.isdisjoint(_ROLE_WORDS) or flat.startswith(_NO_REPLY):
        seen.role = Evidence("header.role_sender", where, full[:_SPAN])
    elif found.isdisjoint(_SHARED_WORDS) and seen.name:
        seen.person = _person(get, full, where)


def _person(get: Mapping[str, str], full: str, where: str) -> Evidence | None:
    """A personal address that answers a mail, or writes from a program people write mail with."""
    client = _agent(get, "header.mail_client", _CLIENTS)
    if client:
        return client
    if get.get("in-reply-to") or get.get("references"):
        return Evidence("header.personal_reply", where, full[:_SPAN])
    return None


def _agent(get: Mapping[str, str], rule: str, words: tuple[str, ...]) -> Evidence | None:
    for name in ("user-agent", "x-mailer"):
        agent = get.get(name, "").casefold()
        if agent and any(word in agent for word in words):
            return Evidence(rule, f"headers.{name}", get[name][:_SPAN])
    return None


def _delivery(seen: Envelope, get: Mapping[str, str]) -> None:
    kind = get.get("content-type", "").casefold()
    other = next((name for name in _OTHER_REPORTS if name in kind), "")
    if other:
        rule = "header.read_receipt" if other == _OTHER_REPORTS[0] else "header.report"
        seen.decide("generated", rule, "headers.content-type", get["content-type"])
    elif kind.startswith("multipart/report"):
        seen.decide("bounce", "header.delivery_report", "headers.content-type", get["content-type"])
    if _NDR in get:
        seen.decide("bounce", "header.delivery_report", f"headers.{_NDR}", get[_NDR])
    if "x-failed-recipients" in get:
        seen.decide(
            "bounce", "header.failed_recipients", "headers.x-failed-recipients", get["x-failed-recipients"]
        )
    if seen.daemon and seen.role:
        seen.decide("bounce", "header.mailer_daemon", seen.role.field, seen.role.text)
    path = get.get("return-path", "").casefold().strip("<> ")
    seen.null_path = "return-path" in get and path in ("", "mailer-daemon")


def _automatic(seen: Envelope, get: Mapping[str, str]) -> None:
    exchange = "x-ms-exchange-inbox-rules-loop" in get
    if "x-auto-response-suppress" in get:
        name = "x-auto-response-suppress"
        if exchange:
            seen.decide("absence", "header.exchange_oof", f"headers.{name}", get[name])
        seen.suppress = Evidence("header.suppress", f"headers.{name}", get[name][:_SPAN])
    value = get.get("auto-submitted", "no").casefold()
    if not value.startswith("no"):
        away = "vacation" in value or "owner-email" in value
        verdict: Verdict = "absence" if away else "replied" if "replied" in value else "generated"
        seen.decide(verdict, "header.auto-submitted", "headers.auto-submitted", get["auto-submitted"])
    for name in _ANSWERED:
        if get.get(name, "no").casefold() != "no":
            seen.decide("replied", f"header.{name}", f"headers.{name}", get[name])
    if "autoresponder" in get.get("x-post-messageclass", "").casefold():
        seen.decide(
            "replied", "header.message_class", "headers.x-post-messageclass", get["x-post-messageclass"]
        )
    if get.get("x-autogenerated", "").casefold() == "reply":
        seen.decide("replied", "header.x-autogenerated", "headers.x-autogenerated", "Reply")
    if get.get("precedence", "").casefold().replace("-", "_") == "auto_reply":
        seen.decide("replied", "header.precedence", "headers.precedence", get["precedence"])
    if get.get("delivered-to", "").casefold().startswith("autoresponder"):
        seen.decide("replied", "header.autoresponder", "headers.delivered-to", get["delivered-to"])
    for name in _MACHINE:
        if name in get:
            seen.decide("generated", f"header.{name}", f"headers.{name}", get[name])


def _subject(seen: Envelope, subject: str) -> None:
    low = fold(subject[:_VALUE]).strip().lstrip("*[ ")
    seen.subject = kind = subject_kind(low)
    if not kind and low.startswith("auto:") and seen.verdict == "generated":
        seen.verdict = "absence" if any(away.holds(low, one) >= 0 for one in away.AWAY) else "replied"
        seen.evidence.append(Evidence("subject.auto", "subject", subject[:_SPAN]))
    elif kind == "auto_reply":
        absent = low.startswith(words.ABSENCE_SUBJECTS) or "out of the office" in low
        if seen.verdict in ("generated", "replied", None):
            seen.verdict = "absence" if absent else "replied"
        seen.evidence.append(Evidence("subject.auto_reply", "subject", subject[:_SPAN]))
    elif kind == "absence" and seen.verdict in ("replied", "generated"):
        seen.verdict = "absence"
        seen.evidence.append(Evidence("subject.absence", "subject", subject[:_SPAN]))
    elif kind == "bounce" and (seen.null_path or (seen.role and "postmaster" in seen.name)):
        seen.decide("bounce", "subject.bounce", "subject", subject)


def subject_kind(low: str) -> SubjectKind:
    """What a folded subject opens with: an auto-reply's prefix, a note of absence, a bounce, or nothing.

    A prefix is followed by a colon or the end: "Out of office not working" is a person's subject.
    """
    if low.startswith(words.AUTO_REPLY_SUBJECTS) and _closed(low, words.AUTO_REPLY_SUBJECTS):
        return "auto_reply"
    if low.endswith("is out of the office") or "out of the office (return" in low:
        return "auto_reply"
    if low.startswith(words.BOUNCE_SUBJECTS):
        return "bounce"
    if low.startswith(words.ABSENCE_SUBJECTS) and (
        _closed(low, words.ABSENCE_SUBJECTS)
        or any(mark in low for mark in (" until ", " till ", " from ", " bis "))
    ):
        return "absence"
    return ""


def _closed(low: str, prefixes: tuple[str, ...]) -> bool:
    longest = max((prefix for prefix in prefixes if low.startswith(prefix)), key=len)
    return low[len(longest) :].lstrip(" \xa0)]!.\"'")[:1] in ("", ":", "：", "-", "–", "—")
