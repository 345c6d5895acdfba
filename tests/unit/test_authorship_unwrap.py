"""Cutting a message free of quotes, signatures, footers, frames and tags."""

from __future__ import annotations

import pytest

from connector.rules.authorship.relay import who_is
from connector.rules.authorship.unwrap import LIMIT, unwrap

OWN = "The new driver works."
QUOTED = {
    "marked": f"{OWN}\n> This is an automated message\n> please do not reply",
    "attribution": f"{OWN}\n\nOn Mon, 5 Jan 2026 at 10:00, Bot <b@x> wrote:\n> automated",
    "attribution in two lines": f"{OWN}\n\nOn 5 Jan 2026 at 10:00, Long Name\n<b@x> wrote:\n> automated",
    "attribution without marks": f"{OWN}\n\nOn Mon, 5 Jan 2026 Bot <b@x> wrote:\nThis is automated",
    "below the quote": f"On Mon, 5 Jan 2026 Bot <b@x> wrote:\n> automated\n\n{OWN}",
    "inside the quote": f"> automated\n{OWN}\n> more of it",
    "german": f"{OWN}\n\nAm 05.01.2026 um 10:00 schrieb Bot <b@x>:\n> automatisch",
    "french": f"{OWN}\n\nLe 5 janv. 2026 à 10:00, Bot <b@x> a écrit :\n> automatique",
    "spanish": f"{OWN}\n\nEl 5 ene 2026, Bot <b@x> escribió:\n> automático",
    "chinese": f"{OWN}\n\nBot <b@x> 於 2026/1/5 上午10:01 寫道:\n> 自動",
    "outlook": f"{OWN}\n\nFrom: Bot <b@x>\nSent: Monday\nTo: Dana\nSubject: x\n\nThis is automated",
    "outlook german": f"{OWN}\n\nVon: Bot\nGesendet: Montag\nAn: Dana\nBetreff: x\n\nautomatisch",
    "outlook bold": f"{OWN}\n\n*From:* Bot <b@x>\n*Sent:* Monday\n\nThis is automated",
    "outlook line": f"{OWN}\n\n________________________________\nFrom: Bot\nSent: Monday\n\nautomated",
    "original": f"{OWN}\n\n-----Original Message-----\nThis is automated",
    "original german": f"{OWN}\n\n-----Ursprüngliche Nachricht-----\nautomatisch",
    "forwarded below": f"{OWN}\n\n---------- Forwarded message ---------\nThis is automated",
    "signature": f"{OWN}\n-- \nDana\nAcme, this is automated",
    "closing": f"{OWN}\n\nBest regards,\nDana Field\nAcme Dental\n+44 20 1234",
    "closing, then a quote": f"{OWN}\n\nViele Grüße\nDana\n\nAm 5.1.2026 schrieb Bot:\n> auto",
    "phone": f"{OWN}\n\nSent from my iPhone",
    "list": f"{OWN}\n_______________________________________________\nUsers mailing list\nu@x",
    "legal": f"{OWN}\n\nThis e-mail and any attachments are confidential and\nintended for you alone.",
    "legal on one line": f"{OWN}\n\nThis e-mail is confidential." + " Please delete it." * 20,
    "html cells": "<table><tr><td>The new</td><td>driver works.</td></tr></table>",
    "html comment only": "<!-- <p> -->The new driver works.",
    "headers on top": f"From: Dana\nSent: Monday\nTo: Desk\nSubject: x\n\n{OWN}",
    "nul": "The new\0 driver works.",
    "html": f"<html><body><p>{OWN}</p><blockquote><p>automated</p></blockquote></body></html>",
    "html entities": "<div>The new&#32;driver works.</div><!-- automated -->",
    "html style": f"<html><head><style>p {{}}</style></head><body>{OWN}<br></body></html>",
    "html answer": f"<p>{OWN}</p><p>Am 5.1. schrieb Bot &lt;b@x&gt;:</p><blockquote>auto</blockquote>",
    "html nested": f"<p>{OWN}</p><blockquote>a<blockquote>b</blockquote>c</blockquote>",
    "html unclosed comment": f"<p>{OWN}</p><!-- automated",
}  # fmt: skip


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED.keys())
def test_only_the_writers_own_words_are_left(text: str) -> None:
    assert unwrap(text).own == OWN


@pytest.mark.parametrize(
    "text",
    [
        "The driver:\nversion 6.8",
        "From: the second floor\nwe heard a noise",
        "On Monday I wrote to them.\nNo answer yet.",
        "This is what somebody wrote:\nthe tray is empty",
        "---\nnote\n---",
        "Please send the confidential file by mail.\nIt is this message I meant.",
        "A line\n----------\nanother line",
        "if a < b and b > c",
        "--\nit begins with a mark",
    ],
)
def test_what_only_looks_like_wrapping_stays(text: str) -> None:
    assert unwrap(text).own == text


def test_thanks_as_a_closing_stays_and_the_name_goes() -> None:
    assert unwrap("It prints.\n\nThanks\nDana Field\nAcme").own == "It prints.\n\nThanks"


def test_a_postscript_after_the_closing_is_the_writers() -> None:
    text = "It prints.\n\nRegards\nDana\n\nPS: The scanner still does not work at all."
    assert unwrap(text).own.endswith("PS: The scanner still does not work at all.")


def test_a_message_passed_on_is_the_message() -> None:
    found = unwrap(
        "---------- Forwarded message ---------\nFrom: Jo\nDate: Monday\nSubject: x\n\nIt is broken."
    )
    assert found.own == "It is broken."
    assert found.forwarded
    begun = unwrap("Begin forwarded message:\n\nIt is broken.")
    assert (begun.own, begun.forwarded) == ("It is broken.", True)


def test_nothing_but_quotes_is_nothing() -> None:
    assert unwrap("> a\n> b").own == ""
    assert unwrap("> a") == unwrap("> b")
    assert unwrap("> a").quoted


def test_a_text_of_megabytes_is_looked_at_in_part() -> None:
    found = unwrap("first\n" + "x" * 3_000_000 + "\nlast")
    assert len(found.own) <= LIMIT + 1
    assert found.own.startswith("first")
    assert found.own.endswith("last")


FRAMES = {
    "bugzilla": "--- Comment #20 from NAME (EMAIL) ---\nIt works.",
    "bugzilla with changes": "Jo changed:\n\n What |Old |New\n\n--- Comment #3 from Jo ---\nIt works.",
    "bugzilla old": "------- Additional Comments From jo@x 2004-01-01 10:00 -------\nIt works.",
    "jira": "    [ https://x/browse/A-1 ]\n\nJo Field commented on A-1:\n--------\n\nIt works.",
    "gitlab": "Jo Field commented on a discussion: https://x\n\nIt works.",
    "github": "@jo commented on this pull request.\n\nIt works.",
    "trac": "Comment (by jo):\n\n It works.",
    "redmine": "Issue #12 has been updated by Jo Field.\n\nIt works.",
    "portal": "Jo Field has added a comment to your request\n\nIt works.",
    "german": "Jo Field hat kommentiert:\n\nIt works.",
    "servicenow": "2026-01-05 10:00:00 - Jo Field (Additional comments)\nIt works.",
}


@pytest.mark.parametrize("text", FRAMES.values(), ids=FRAMES.keys())
def test_a_relay_frame_is_found_and_opened(text: str) -> None:
    found = unwrap(text, relayed=True)
    assert found.frame is not None
    assert found.frame.who == "person"
    assert found.own == "It works."
    assert unwrap(text).frame is None


def test_a_footer_can_be_the_only_frame() -> None:
    footer = "\n\n-- \nReply to this email directly or view it on GitHub:\nhttps://x\n"
    found = unwrap("It works on 6.8, thanks." + footer, relayed=True)
    assert found.frame is not None
    assert found.own == "It works on 6.8, thanks."
    assert unwrap("Merged #12 into main." + footer, relayed=True).frame is None
    assert unwrap(footer, relayed=True).frame is None


@pytest.mark.parametrize(
    "text",
    [
        "--- Comment #20 from Jo ---",
        "NAME changed:\n\n Status |NEW |RESOLVED\n\n--\nYou are receiving this because you are the owner",
        "> --- Comment #20 from Jo ---\n> It works.",
        "Branch: main\nCommit: 1a2b",
    ],
)
def test_no_frame(text: str) -> None:
    assert unwrap(text, relayed=True).frame is None


def test_a_person_in_a_digest_outweighs_a_machine_before_them() -> None:
    digest = "--- Comment #1 from ci-bot ---\nBuild 7.\n\n--- Comment #2 from Jo ---\nIt works."
    found = unwrap(digest, relayed=True)
    assert found.frame is not None
    assert found.frame.line == "--- Comment #2 from Jo ---"


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("Dana Field", "person"),
        ("Talbot", "person"),
        ("github-actions[bot]", "machine"),
        ("Automation for Jira", "machine"),
        ("ci-bot", "machine"),
        ("System", "machine"),
        ("codebot", "unsure"),
        ("Cielo", "person"),
    ],
)
def test_who_stands_in_a_frame(name: str, who: str) -> None:
    assert who_is(name) == who
