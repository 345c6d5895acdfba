"""What a channel is handed: hostile text is shown as it is, mentions nobody, forges no header, is bounded."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy as mail_policy
from email.parser import BytesParser
from typing import Any

import pytest

from connector.daemon.notices import hook, slack, teams
from connector.daemon.notices.letter import letter
from connector.daemon.notices.sending import TEAMS_BYTES, _body
from connector.daemon.notices.told import MOST, head, plain, tell
from connector.rules.authorship.ownnotice import FIRST
from connector.rules.notices import WORST_FIRST, EventName
from connector.settings.notify import ChannelPart
from connector.store.notices import Notice, Sending
from tests.unit.desk import OPENED, STRANGER, judged, mail, reply, status, ticket

AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
HOSTILE = (
    "<!here> <!channel> <@U123> @everyone <at>Ann</at> *b* [x](https://evil.example) "
    "{{DATE(2026-01-05T00:00:00Z)}} <script>alert(1)</script> & "
    "\r\nBcc: x@evil.example \x1b[31m \u202egnp.exe \ud83d"
)
ONE = Sending(id="s1", channel="chat", kind="notice", since=AT, not_before=AT)
MANY = replace(ONE, id="d1", kind="digest")


def notice(event: EventName = "missed", **more: Any) -> Notice:
    said = {
        "line": "no answer counted yet; was due 5 Jan 10:00",
        "summary": HOSTILE,
        "priority": "P1",
        "owner": "Ana",
        "url": "https://psa.example/t/48213",
        "bucket": "response",
        "due_at": AT.isoformat(),
    }
    plain = {"id": "n1", "conn": "main", "client": "Acme", "subject": "48213", "ticket_id": "48213"}
    return Notice(
        **({**plain, "event": event, "channel": "chat", "at": AT, "state": "put", "said": said} | more)
    )


def texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a message with the key it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str):
        yield key, value


def elements(value: object, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == kind:
            yield value
        for inner in value.values():
            yield from elements(inner, kind)
    elif isinstance(value, list):
        for inner in value:
            yield from elements(inner, kind)


def test_text_from_outside_becomes_one_honest_line() -> None:
    line = plain(HOSTILE, 400)
    assert "\n" not in line
    assert line.isprintable()
    assert "\u202e" not in line
    assert plain("x" * 500, 10) == "xxxxxxxxx…"
    assert plain(" a\u200bb\tc ", 10) == "a b c"


def test_slack_shows_hostile_text_in_elements_that_know_no_markup() -> None:
    message = slack.payload(tell(ONE, [notice()]))
    hostile = [key for key, text in texts(message["blocks"]) if "<!here>" in text]
    assert hostile == ["text"]
    kinds = {block["type"] for block in message["blocks"]}
    assert kinds == {"rich_text"}
    assert not any("mrkdwn" in text for _, text in texts(message["blocks"]))
    (link,) = elements(message["blocks"], "link")
    assert link["url"] == "https://psa.example/t/48213"


def test_slacks_fallback_text_mentions_nobody() -> None:
    message = slack.payload(tell(ONE, [notice(client="<!here> & <@U1>")]))
    assert message["text"] == "&lt;!here&gt; &amp; &lt;@U1&gt;: response missed"


def test_teams_shows_hostile_text_in_runs_that_know_no_markdown() -> None:
    message = teams.payload(tell(ONE, [notice()]))
    (attachment,) = message["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for run in elements(card, "TextRun") if "<at>Ann</at>" in run["text"]]
    assert [run["selectAction"]["url"] for run in runs] == ["https://psa.example/t/48213"]
    assert "entities" not in card["msteams"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/" + "y" * 500, "https://x\u202e.example/"]
)
def test_only_a_web_address_becomes_a_link(url: str) -> None:
    told = tell(ONE, [notice(said={"summary": "s", "url": url, "bucket": "response"})])
    assert told.groups[0][1][0].url == ""


def test_a_mail_has_the_headers_we_gave_it_and_no_others() -> None:
    told = tell(ONE, [notice(client=HOSTILE)])
    made = letter(told, "Desk <desk@our-msp.example>", ["dispatch@our-msp.example"])
    read = BytesParser(policy=mail_policy.default).parsebytes(made.as_bytes())
    assert read["Bcc"] is None
    assert read["To"] == "dispatch@our-msp.example"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"] == "<s1@px-connector.invalid>"
    assert "48213" not in str(read["Subject"]), (
        "a PSA that reads this mailbox must not file it under the ticket"
    )
    assert len(str(read["Subject"])) <= 150
    assert read.get_content_type() == "text/plain"
    assert (
        made.as_bytes()
        == letter(told, "Desk <desk@our-msp.example>", ["dispatch@our-msp.example"]).as_bytes()
    )


@pytest.mark.parametrize("event", WORST_FIRST)
@pytest.mark.parametrize("headers", [True, False])
@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_notice_that_comes_back_as_a_message_of_the_ticket_stops_no_clock(
    event: EventName, headers: bool, direction: str
) -> None:
    """The dispatcher's mailbox may be one that the PSA reads, and its parser may know the sender as staff."""
    said = {**notice().said, "summary": "Printer down. I have replaced the fuser, please try again."}
    made = letter(tell(ONE, [notice(event, said=said)]), "Desk <desk@our-msp.example>", ["d@our-msp.example"])
    trace = mail(
        OPENED + timedelta(minutes=5),
        direction=direction,
        subject=str(made["Subject"]),
        text=made.get_content(),
        headers={name.lower(): str(value) for name, value in made.items()} if headers else {},
    )
    answer = judged(reply(OPENED), trace, now=OPENED + timedelta(minutes=10))
    assert answer.messages[1].cause == "automated"
    assert not answer.messages[1].counts
    for bucket in ("response", "resplan", "resolution"):
        assert answer.buckets[bucket].state == "running", bucket  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("{}", True),
        ("From: desk@our-msp.example\nSubject: [px] Acme: response missed\n\n{}", True),
        ("I have called them, the fuser is on its way.\n\n{}", False),
        ("Ana, can you look?\n\nOn 5 Jan 2026, Desk wrote:\n> {}", False),
        ("\n" * 900 + " - :\n" * 500 + "x: {}", False),
    ],
)
def test_only_what_begins_as_a_notice_is_one(text: str, ours: bool) -> None:
    trace = mail(OPENED + timedelta(minutes=5), text=text.format(FIRST))
    answer = judged(reply(OPENED), trace, now=OPENED + timedelta(minutes=10))
    assert (answer.messages[1].cause == "automated") is ours


def test_a_notice_ends_no_pause() -> None:
    waiting = status(OPENED + timedelta(minutes=3), "New", "Waiting Customer")
    trace = reply(OPENED + timedelta(minutes=5), text=f"{FIRST}\n\nAcme: response missed", actor=STRANGER)
    facts = (reply(OPENED), mail(OPENED + timedelta(minutes=2)), waiting, trace)
    now = OPENED + timedelta(minutes=10)
    assert (
        judged(*facts, now=now, of=ticket(status="Waiting Customer")).buckets["resolution"].state == "paused"
    )


def test_a_webhook_is_signed_over_its_very_bytes() -> None:
    body = hook.encoded(hook.payload(tell(ONE, [notice()]), ONE, [notice()]))
    headers = hook.headers(b"a secret of sixteen", "s1", body, AT)
    signed = b"s1." + headers["webhook-timestamp"].encode() + b"." + body
    mac = base64.b64encode(hmac.new(b"a secret of sixteen", signed, hashlib.sha256).digest()).decode()
    assert headers == {
        "webhook-id": "s1",
        "webhook-timestamp": str(int(AT.timestamp())),
        "webhook-signature": f"v1,{mac}",
    }
    read = json.loads(body)
    assert read["notices"][0]["event"] == "missed"
    assert (read["id"], read["type"], read["more"]) == ("s1", "notice", 0)


def test_a_secret_as_standard_webhooks_write_it_is_decoded() -> None:
    """The example of the Standard Webhooks specification's own test suite."""
    at = datetime.fromtimestamp(1614265330, UTC)
    found = hook.headers(
        b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def many(count: int) -> list[Notice]:
    events = WORST_FIRST[::-1]
    return [
        notice(events[n % len(events)], id=f"n{n}", client=f"Client {n % 7}", ticket_id=str(n))
        for n in range(count)
    ]


def test_a_digest_has_counts_first_the_worst_first_and_a_bound() -> None:
    told = tell(MANY, many(100))
    assert told.title.startswith("100 notices: 8 connections stopped, 8 rights to leave, ")
    assert sum(len(items) for _, items in told.groups) == MOST
    assert told.more == 100 - MOST
    heads = [item.head for item in told.groups[0][1]]
    ranks = [next(n for n, e in enumerate(WORST_FIRST) if head(notice(e)) == text) for text in heads]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("kind", ["teams", "slack", "webhook"])
def test_the_largest_message_fits(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL_OF_TEST", "https://chat.example/hook")
    monkeypatch.setenv("KEY_OF_TEST", "0123456789abcdef")
    keys = {"secret": {"env": "KEY_OF_TEST"}} if kind == "webhook" else {}
    channel = ChannelPart.model_validate({"kind": kind, "url": {"env": "URL_OF_TEST"}, **keys})
    wide = {
        "line": "漢" * 5000,
        "summary": "🔥" * 5000,
        "priority": "P" * 500,
        "url": "https://x.example/" + "y" * 300,
    }
    notices = [replace(one, client=f"Client {n}", said=wide) for n, one in enumerate(many(1000))]
    body = _body(channel, MANY, notices)
    assert json.loads(body)
    assert len(body) <= (TEAMS_BYTES if kind != "webhook" else 500_000)
    if kind == "slack":
        assert len(json.loads(body)["blocks"]) <= 50
