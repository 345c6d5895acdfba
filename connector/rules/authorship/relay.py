"""Relay frames: a machine's envelope around words a person typed.

A tracker's notification is sent by a robot, yet most of them carry a comment somebody wrote. Calling
those automated takes a person's answer away, so the frame is found before the envelope is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from connector.rules.authorship.words import REPLY_ABOVE, WROTE

Who = Literal["person", "machine", "unsure"]

_VERB = (
    r"(?:commented|replied|responded|answered|wrote a comment|(?:has )?(?:added|left|posted|made|submitted)"
    r" (?:a|an|the following|new) (?:public |internal )?(?:comment|reply|note|message|response|answer|update)"
    r"|hat kommentiert|hat geantwortet|kommentierte|a commenté|a répondu|ha comentado|comentó|respondió"
    r"|ha commentato|ha risposto|comentou|respondeu|reageerde|heeft gereageerd|kommenterade|kommenterede"
    r"|svarade|svarede|svarte|antwortete|vastasi|odpowiedziała?|odpověděla?|válaszolt|yanıtladı|ответила?"
    r"|hat (?:eine?n? )?(?:neue?n? )?(?:antwort|kommentar|nachricht|notiz) (?:hinzugefügt|geschrieben"
    r"|hinterlassen)"
    r"|a ajouté (?:un|une)|ha añadido|añadió|ha aggiunto|adicionou|heeft (?:een )?(?:opmerking|reactie"
    r"|antwoord)"
    r"|lade till|har lagt til|tilføjede|har tilføjet|dodała?|přidala?|добавила?|yorum ekledi"
    r"|skrev en kommentar|skomentował|прокомментировал|ответил)"
)
_FRAMES = (
    re.compile(
        r"-{2,12} {0,3}(?:additional )?comments? {0,3}(?:#\d{1,7} )? {0,3}from (?P<who>[^\n]{1,160})", re.I
    ),
    re.compile(r"comment ?# ?\d{1,7} on bug \d{1,9} from (?P<who>[^\n]{1,160})", re.I),
    re.compile(r"comment \(by (?P<who>[^\n()]{1,80})\):?$", re.I),
    re.compile(rf"(?P<who>@?[^\s:|>,;][^\n:|>;]{{0,80}}?) {_VERB}(?P<rest>[^\n]{{0,300}})$", re.I),
    re.compile(r"(?:new |latest )?(?:comment|reply|note|message) (?:by|from) (?P<who>[^\n:]{1,80}):", re.I),
    re.compile(r"issue #?\d{1,9} has been updated by (?P<who>[^\n]{1,80})\.$", re.I),
    re.compile(
        r"(?:[\d: /.-]{8,25}- )?(?P<who>[^\n:]{1,80}?) \((?:additional comments|customer visible|public)\)",
        re.I,
    ),
)
_NAMED = re.compile(
    r"(?P<who>[A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]{1,30}(?: [A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]{0,30}){0,3})(?: \([^()\n]{1,60}\))?$"
)
_STAMP = re.compile(
    r"[^\n]{0,30}(?:\b\d{1,2}:\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b)[^\n]{0,20}$"
)
_SPOKE = re.compile(
    rf"(?P<who>[^\W\d][^\n:,<>@]{{1,60}}?) (?:{'|'.join(map(re.escape, WROTE))})\b[^\n:@<>]{{0,60}}"
    r"(?:\d\d:\d\d[^\n:]{0,20})?:$",
    re.I,
)
_FORM_SENDER = re.compile(
    r"(?:your )?(?:e-?mail|mail|phone|telefon|tel|correo|téléphone)(?: ?address| ?adresse)?\s{0,3}:", re.I
)
_FORM_WORDS = re.compile(
    r"(?:your )?(?:message|comments?|details|description|question|enquiry|inquiry|transcript(?:ion)?"
    r"|nachricht|anfrage|mensaje|messaggio|bericht|mensagem|meddelande|besked|wiadomość|zpráva|сообщение)"
    r"\s{0,3}:\s{0,3}(?P<rest>[^\n]*)",
    re.I,
)
_KEYS = (
    "omment",
    "repl",
    "respon",
    "answer",
    "note",
    "message from",
    "updated by",
    "antwort",
    "svara",
    "svare",
    "svarte",
    "kommentar",
    "nachricht",
    "vastasi",
    "aggiunto",
    "adicionou",
    "opmerking",
    "reactie",
    "lade till",
    "lagt til",
    "répond",
    "risp",
)
_KEYS_MORE = (
    "reage",
    "ajouté",
    "añad",
    "tilføj",
    "doda",
    "přid",
    "добав",
    "yanıt",
    "odpov",
    "yorum",
    "válasz",
    "коммент",
    "ответ",
    "skrev",
    "customer visible",
)
_FOOTER = re.compile(
    r"^(?:reply to this e-?mail directly|you(?:'re| are) receiving this (?:e-?mail )?because you (?!are the)"
    r"|to view this discussion|view (?:it|this comment) on )",
    re.I,
)
_EVENT = re.compile(
    r"^(?:@?\S{1,60} )?(?:closed|merged|reopened|approved|assigned|unassigned|pushed|labell?ed|requested"
    r"|branch:|commit:|dismissed|marked|changed|removed|resolved|moved|renamed)\b",
    re.I,
)
_MACHINE = re.compile(
    r"(?:^|[\W_])(?:bot|robot|daemon|automation|automated|automatic|workflow|system|no-?reply"
    r"|do-?not-?reply|mailer|"
    r"jenkins|github-actions|dependabot|renovate|notifier|webhook|api|integration|ci|scheduler|cron)(?:$"
    r"|[\W_])",
    re.I,
)
_BOT_LIKE = re.compile(r"^@?[a-z0-9_.+-]{2,40}bot\b")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame found: its own words, who spoke in it, and the line its content begins on."""

    line: str
    who: Who
    start: int


def who_is(name: str) -> Who:
    """Whether a display name inside a frame is a person's; a name that only ends in `bot` is unsure."""
    name = name.strip(" -:*_")
    if _MACHINE.search(name):
        return "machine"
    return "unsure" if _BOT_LIKE.match(name) else "person"


def find(lines: list[str]) -> Frame | None:
    """The first frame with a person in it, else the first frame at all, else None."""
    best: Frame | None = None
    for number, raw in enumerate(lines):
        if len(raw) > 400 or raw[:1] == ">" or not _worth(raw):
            continue
        line = raw.strip()
        for pattern in _FRAMES:
            match = pattern.match(line)
            if match is None or not _followed(lines, number):
                continue
            frame = Frame(line, who_is(match["who"]), _body(lines, number + 1))
            if frame.who == "person":
                return frame
            best = best or frame
            break
    return best or _by_footer(lines) or _by_heading(lines) or _by_form(lines)


def _by_heading(lines: list[str]) -> Frame | None:
    """Help desks that open with who wrote and when: `Dana Field (Acme)`, `22 Nov 2026, 09:14`, the words;
    or with `Dana Field wrote:`. Only at the top: below, somebody is quoted."""
    top = [(number, line.strip()) for number, line in enumerate(lines[:12]) if line.strip(" -–—_=#")]
    if top and any(mark in top[0][1].casefold() for mark in REPLY_ABOVE):
        del top[0]
    if len(top) < 2:
        return None
    first, (second, stamp) = top[0][1], top[1]
    if spoke := _SPOKE.match(first[:200]):
        return None if stamp[0] == ">" else Frame(first, who_is(spoke["who"]), second)
    named = _NAMED.match(first[:120])
    if named and len(top) > 2 and _STAMP.match(stamp[:120]):
        return Frame(first, who_is(named["who"]), top[2][0])
    return None


def _by_form(lines: list[str]) -> Frame | None:
    """A form on a website, or a voice message written down: somebody's words among a program's fields."""
    sender = False
    for number, raw in enumerate(lines[:60]):
        line = raw.strip()[:300]
        sender = sender or _FORM_SENDER.match(line) is not None
        words = _FORM_WORDS.match(line)
        if words is None or not (sender or line[:10].casefold() == "transcript"):
            continue
        if " " in words["rest"] or _followed(lines, number):
            return Frame(line, "unsure", 0)
    return None


def _body(lines: list[str], number: int) -> int:
    """The line the frame's content begins on: a rule drawn below the frame belongs to it."""
    while number < len(lines) and not lines[number].strip(" -=_"):
        number += 1
    return number


def _worth(line: str) -> bool:
    low = line.casefold()
    return any(key in low for key in _KEYS) or (not low.isascii() and any(key in low for key in _KEYS_MORE))


def _followed(lines: list[str], number: int) -> bool:
    return any(line.strip() and line.strip()[:2] != "--" for line in lines[number + 1 : number + 8])


def _by_footer(lines: list[str]) -> Frame | None:
    """Trackers that print the bare comment and say below it how to answer."""
    for number, line in enumerate(lines):
        if len(line) < 200 and _FOOTER.match(line.strip()):
            body = [one.strip() for one in lines[:number] if one.strip(" -—_") and one[:1] != ">"]
            said = [one for one in body if not _EVENT.match(one) and " " in one]
            return Frame(line.strip(), "person", 0) if said and not _EVENT.match(body[0]) else None
    return None
