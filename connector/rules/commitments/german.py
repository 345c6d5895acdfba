"""How promises and times are worded in German.

The verb stands second and its meaning often last ("ich rufe Sie morgen an"), so a promise is known by its
finite verb, and after `werde` by the infinitive at the end.
"""

from __future__ import annotations

import re

from connector.model import CommitmentKind
from connector.rules.commitments.language import Language, Wording, pieces

_WEEKDAY = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
_MONTH = r"(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
_COUNT = r"(?:\d{1,3}|einer\s+halben|eine[rmn]?|zwei|drei|vier|fünf|sechs|acht|zehn|fünfzehn|zwanzig|dreißig)"
_UNIT = r"(?:minuten?|min|stunden?|std|(?:werk|arbeits)?tage?n?|wochen?)"
_HOUR = r"\d{1,2}(?:[:.]\d\d)?"
_YOU = r"(?:Sie|dich|euch)"
_TO_YOU = r"(?:Ihnen|dir|euch)"

_CALL = rf"ruf(?:e|en)\s+{_YOU}\b|ruf(?:e|en)\s+(?=.{{0,60}}\b(?:an|zurück)\b)"
_UPDATE = (
    rf"meld(?:e|en)\s+(?:mich|uns)\b|geb(?:e|en)\s+{_TO_YOU}\b(?=.{{0,60}}\b(?:bescheid|rückmeldung|update|info))|"
    rf"(?:informiere|informieren)\s+{_YOU}\b|(?:schreib|schick|send|antwort)(?:e|en)\s+{_TO_YOU}\b|"
    rf"halt(?:e|en)\s+{_YOU}\b(?=.{{0,60}}laufenden)"
)
_VISIT = (
    r"komm(?:e|en|t)\b(?=.{0,60}\b(?:vorbei|vor\s+ort|zu\s+Ihnen|zu\s+dir))|"
    r"(?:bin|sind)\b(?=.{0,60}\b(?:vor\s+ort|bei\s+Ihnen|bei\s+dir))"
)
_FIX = r"(?:beheb|reparier|tausch|ersetz|erledig|installier)(?:e|en)\b"
_TASK = r"(?:schau|kümmer|prüf|test|start|seh|mach|bring)(?:e|en|n)\b"
_VERBS: tuple[tuple[CommitmentKind, str], ...] = (
    ("call", _CALL),
    ("visit", _VISIT),
    ("fix", _FIX),
    ("update", _UPDATE),
    ("unspecified", _TASK),
)
_LAST: tuple[tuple[CommitmentKind, str], ...] = (
    ("call", r"(?:an|zurück)rufen"),
    ("visit", r"(?:vorbeikommen|vorbeischauen|vor\s+ort\s+sein|bei\s+Ihnen\s+sein)"),
    ("fix", r"(?:beheben|reparieren|austauschen|ersetzen|erledigen|installieren|lösen)"),
    ("update", r"(?:melden|informieren|bescheid\s+geben|schreiben|schicken|senden|zusenden|antworten)"),
    ("unspecified", r"(?:anschauen|ansehen|prüfen|kümmern|testen|starten)"),
)
_SWAPPED: tuple[tuple[CommitmentKind, str], ...] = (
    ("call", rf"ruf(?:e|en)\s+{{who}}\s+{_YOU}"),
    ("update", r"meld(?:e|en)\s+{who}\s+(?:mich|uns)"),
    ("visit", r"komm(?:e|en)\s+{who}\b(?=.{{0,60}}\b(?:vorbei|vor\s+ort|zu\s+Ihnen))"),
    ("visit", r"(?:bin|sind)\s+{who}\b(?=.{{0,60}}\b(?:vor\s+ort|bei\s+Ihnen))"),
    ("unspecified", r"(?:schau|kümmer|prüf)(?:e|n|en)\s+{who}"),
)
"""The verb before its subject, as it stands behind a time: "morgen rufe ich Sie an"."""
_NUMBERS = {
    "eine": 1, "einer": 1, "einem": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "acht": 8, "zehn": 10, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30,
}  # fmt: skip
_MONTHS = {
    "jan": 1, "feb": 2, "mär": 3, "apr": 4, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10,
    "nov": 11, "dez": 12,
}  # fmt: skip


def _wording(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _whole() -> tuple[Wording, ...]:
    """The verb before its subject, the infinitive at the end, and what the customer gets from us."""
    found = []
    for who, will, desk in (("ich", "werde", False), ("wir", "werden", True)):
        for kind, last in _LAST:
            until = rf"(?=[^,;]{{0,120}}\b{last}\b)"
            pattern = rf"\b(?:{who}\s+{will}|{will}\s+{who})\b{until}(?:\s+(?:{_YOU}|{_TO_YOU}|mich|uns)\b)?"
            found.append(Wording(_wording(pattern), kind, desk))
        for kind, verb in _SWAPPED:
            found.append(Wording(_wording(rf"\b{verb.format(who=who)}\b"), kind, desk))
    found.append(Wording(_wording(r"(?:^|\bund\s+)meld(?:e\s+mich|en\s+uns)\b"), "update", desk=False))
    hear = r"\bSie\s+(?:erhalten|bekommen|hören)\b(?=.{0,60}\b(?:von\s+(?:uns|mir)|rückmeldung|bescheid))"
    return (*found, Wording(_wording(hear), "update"))


GERMAN = Language(
    near=_wording(
        rf"\d|\b(?:heute|morgen|übermorgen|{_WEEKDAY}|mittag|feierabend|stunden?|minuten|tagen?|werktage?n?|woche)"
    ),
    starts=_wording(r"(?:(?<!\w)ich\s+|(?P<desk>(?<!\w)(?:wir|unser\s+(?:techniker|kollege|team))\s+))"),
    verbs=_wording("|".join(f"(?P<{kind}>{verb})" for kind, verb in _VERBS)),
    links=_wording(r"\bund\s+"),
    whole=_whole(),
    hedges=_wording(
        r"\b(?:voraussichtlich|vielleicht|eventuell|evtl|möglicherweise|hoffentlich|hoffe|versuche|versuchen|könnte|"
        r"könnten|kann|können|würde|würden|sollte|sollten|wahrscheinlich|vermutlich|nicht|kein\w*|nie|denke|glaube|"
        r"plane|planen|sagte|sagten|gesagt|meinte|geplant|normalerweise|gerne?\s+auch|(?:füllen|senden|schicken|rufen)\s+Sie)\b|[\"“”„«»]"
    ),
    turns=_wording(r"\baber\b"),
    conditions=_wording(
        r"\b(?:wenn|falls|sobald|sofern|ob|vorausgesetzt|nachdem|solange|hoffentlich|frühestens)\b"
    ),
    harmless=_wording(
        r"\b(?:sagen|geben|melden|rufen|schreiben)\s+Sie\b.*$|\b(?:wenn|falls)\s+Sie\s+(?:noch\s+)?(?:fragen|etwas)\b.*$"
    ),
    breaks=_wording(r",|\b(?:dass|weil|nicht|kein\w*|seit|jeden|letzten|war|hat|hatte|wurde)\b"),
    strangers=_wording(
        r"\b(?:seit|ab|von|vom|für|jeden|jede|letzten|vergangenen|über|wegen)\s+(?:den\s+|dem\s+)?$"
    ),
    after=_wording(r"\b(?:nach|ab|nicht\s+vor)\s+$"),
    lead=_wording(r"\s*(?:(?:ok(?:ay)?|gut|also|danke|ja|hallo|bis|am|um|gegen|spätestens)[\s,:!-]+)*"),
    times=pieces(
        (
            "span",
            rf"\b(?:in|innerhalb(?:\s+von)?|binnen)\s+(?:(?:der|den)\s+nächsten\s+|(?:ca\.?|etwa|spätestens)\s+)*"
            rf"(?:{_COUNT}\s*(?:-|–|bis|oder)\s*)?(?:{_COUNT}\s*)?{_UNIT}\b",
        ),
        ("dayafter", r"\bübermorgen\b"),
        ("thispart", r"\bheute\s+(?:früh|vormittag|nachmittag|abend)\b"),
        ("today", r"\bheute\b"),
        ("tomorrow", r"(?<!guten\s)(?<!am\s)\bmorgen\b"),
        ("nextday", r"\bnächsten\s+(?:werktag|arbeitstag)\b"),
        ("endday", r"\b(?:feierabend|ende\s+des\s+tages|tagesende)\b"),
        (
            "endnextweek",
            r"\b(?:(?:anfang|mitte|ende)\s+)?(?:der\s+)?(?:nächste[rn]?|kommende[rn]?)\s+woche\b",
        ),
        ("endweek", r"\b(?:ende\s+(?:der|dieser)\s+woche|(?:noch\s+)?diese\s+woche)\b"),
        ("endmonth", r"\bende\s+(?:des|dieses)\s+monats\b|\bmonatsende\b"),
        ("date", rf"\b\d{{1,2}}\.\s?(?:{_MONTH}\b|\d{{1,2}}\.)(?:\s?20\d\d)?"),
        ("iso", r"\b20\d\d-\d\d-\d\d\b"),
        ("vague", r"\b(?:wochenende|paar|einigen|mehreren|wenigen)\b"),
        (
            "weekday",
            rf"\b(?:(?:nächsten|kommenden|diesen)\s+)?{_WEEKDAY}(?=\b|früh|vormittag|nachmittag|abend)",
        ),
        (
            "clock",
            rf"\b(?:zwischen\s+|von\s+)?{_HOUR}\s*(?:und|bis|-|–)\s*{_HOUR}\s*uhr\b|\b{_HOUR}\s*uhr\b|\b\d{{1,2}}:\d\d\b",
        ),
        ("noon", r"\bmittags?\b"),
        ("part", r"(?:früh|vormittag|nachmittag|abend)\b"),
    ),
    glue=_wording(r"[\s,]*(?:(?:um|gegen|bis|am|ca\.?|etwa|spätestens|zum|im|den|dem|vor|nach|ab)[\s,]*)*"),
    either=_wording(r"[\s,]+oder\s+(?:(?:am|um|bis)\s+)?"),
    numbers=_NUMBERS,
    units={"mi": 1, "st": 60, "ta": 1440, "we": 1440, "ar": 1440, "wo": 10080},
    half=_wording(r"\bhalben\b"),
    working=_wording(r"(?:werk|arbeits)tag"),
    weekdays={"mon": 0, "dien": 1, "mit": 2, "don": 3, "frei": 4, "sam": 5, "son": 6},
    following=_wording(r"\bnächste"),
    months=_MONTHS,
    parts={"früh": "morning", "vormittag": "morning", "nachmittag": "afternoon", "abend": "evening"},
    full_hours=True,
)
