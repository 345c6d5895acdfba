"""How a day and an hour are told in English."""

from __future__ import annotations

import re

from connector.rules.commitments.language import pieces

_LONG = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_SHORT = r"(?-i:Mon|Tues?|Wed|Thu(?:rs?)?|Fri)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_COUNT = (
    r"(?:\d{1,3}|half\s+an|an?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|"
    r"forty-five|forty|sixty|ninety)"
)
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?)"
_HALF = r"(?:[ap]\.?m\b\.?)"
_ZONE = r"(?:\s*\(?(?-i:UTC|GMT|BST|CEST|CET|E[SD]?T|C[SD]?T|M[SD]T|P[SD]?T|IST|AE[SD]T)\b\)?)?"
_HOUR = r"\d{1,2}(?:[:.]\d\d)?"
_ABOUT = (
    r"(?:(?:next|coming|about|around|approximately|roughly|under|less\s+than|no\s+more\s+than|another|"
    r"a\s+maximum\s+of|max\.?)\s+)*"
)
_DAY_END = (
    r"end\s+of\s+(?:the\s+|my\s+|our\s+|this\s+)?(?:business\s+|working\s+|work\s+)?day|close\s+of\s+(?:business|play)|"
    r"(?-i:EOD|EOB|COB|COP)"
)

TIMES = pieces(
    (
        "span",
        rf"\b(?:in|within)\s+(?:the\s+)?{_ABOUT}(?:{_COUNT}\s*(?:-|–|to|or)\s*)?(?:{_COUNT}\s*)?"
        rf"(?:more\s+)?(?:(?:business|working|work)[\s-]+)?{_UNIT}(?:\s+or\s+(?:two|so))?\b(?!\s+of\b)|"
        rf"\b{_COUNT}\s+{_UNIT}\s+from\s+now\b",
    ),
    ("dayafter", r"\b(?:the\s+)?day\s+after\s+tomorrow\b"),
    ("tomorrow", r"\b(?:tomorrow|tmrw)\b(?!['’]s)"),
    ("tonight", r"\btonight\b(?!['’]s)"),
    ("today", r"\b(?:later\s+)?today\b(?!['’]s)"),
    ("thispart", r"\b(?:later\s+)?this\s+(?:morning|afternoon|evening)\b(?!['’]s)"),
    ("nextday", r"\b(?:the\s+)?next\s+(?:business|working)\s+day\b"),
    ("endday", rf"\b(?:the\s+)?(?:{_DAY_END})\b"),
    (
        "endnextweek",
        rf"\b(?:(?:the\s+)?(?:end|beginning|start|middle)\s+of\s+|early\s+|late\s+)?(?:next|the\s+following|the\s+upcoming)\s+week\b(?!['’]s|\s+(?:on\s+)?{_LONG})",
    ),
    (
        "endweek",
        r"\b(?:(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?week|(?:later\s+)?this\s+week|(?-i:EOW))\b(?!['’]s)",
    ),
    ("endmonth", r"\b(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?month\b"),
    (
        "date",
        rf"\b(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b\.?(?:,?\s+20\d\d)?|"
        rf"\b{_MONTH}\.?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?!:|\s*[ap]\.?m\b)(?:,?\s+20\d\d\b)?",
    ),
    ("iso", r"\b20\d\d-\d\d-\d\d\b"),
    (
        "vague",
        r"\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b|\bnext\s+month\b|\bweekend\b|\b(?:few|couple|several|some)\b",
    ),
    (
        "weekday",
        rf"\b(?:(?:this|next|coming)\s+(?:coming\s+)?)?(?:{_LONG}|{_SHORT})\b\.?(?!['’]s)(?:\s+next\s+week\b)?",
    ),
    ("nth", r"\bthe\s+\d{1,2}(?:st|nd|rd|th)\b(?!\s+\w)"),
    ("first", r"\bfirst\s+thing\b(?:\s+in\s+the\s+morning\b)?"),
    (
        "clock",
        rf"\b(?:(?:between|from)\s+)?{_HOUR}\s*{_HALF}?\s*(?:and|to|or|-|–)\s*{_HOUR}\s*{_HALF}{_ZONE}|"
        rf"\bbetween\s+{_HOUR}\s+and\s+{_HOUR}\b|"
        rf"\b{_HOUR}\s*(?:{_HALF}|o['’]?clock\b){_ZONE}|\b\d{{1,2}}:\d\d\b(?!:){_ZONE}|"
        r"(?:(?<=\bat\s)|(?<=\bby\s)|(?<=\bbefore\s))\d{1,2}\b(?=\s*(?:$|[,.;)]|today|tomorrow|sharp|on\s|and\s))",
    ),
    ("noon", r"\b(?:noon|midday|lunch(?:\s?time)?)\b"),
    ("midnight", r"\bmidnight\b"),
    ("part", r"\b(?:in\s+the\s+)?(?:morning|afternoon|evening)\b"),
)
NEAR = re.compile(
    r"\d|\b(?:to(?:day|morrow|night)|tmrw|minute|hour|day|week|month|noon|midday|lunch|midnight|first\s+thing|"
    rf"morning|afternoon|evening|close\s+of|{_LONG})|\b(?-i:EOD|EOB|COB|COP|EOW|Mon|Tue|Wed|Thu|Fri)\b",
    re.IGNORECASE,
)
STRANGERS = re.compile(
    r"\b(?:until|till|til|for|from|since|as\s+of|starting|starts?|beginning|every|each|last|past|previous|of|"
    r"(?<!no\s)(?<!not\s)later\s+than|sooner\s+than|earlier\s+than|during|with|about|regarding|or)\s+"
    r"(?:the\s+|our\s+|your\s+)?$",
    re.IGNORECASE,
)
AFTER = re.compile(r"\b(?:after|from|past|not\s+before)\s+(?:around\s+)?$", re.IGNORECASE)
LEAD = re.compile(
    r"\s*(?:(?:ok(?:ay)?|so|then|and|thanks|thank\s+you|hi|yes|sure|right|well|great|by|on|at|before|around|"
    r"no\s+later\s+than)[\s,:!-]+)*",
    re.IGNORECASE,
)
GLUE = re.compile(
    r"[\s,(]*(?:(?:at|by|around|about|approx\.?|on|in\s+the|in|the|before|of|no\s+later\s+than|latest|late|early|"
    r"and\s+at|sometime|some\s+time|after|from|past|this|next|coming|any\s*time|during)[\s,]*)*",
    re.IGNORECASE,
)
EITHER = re.compile(
    r"[\s,]+(?:or|alternatively|or\s+on|or\s+by)(?:\s+(?:at|on|by|the|in\s+the))*\s+", re.IGNORECASE
)
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
UNITS = {"mi": 1, "h": 60, "ho": 60, "hr": 60, "da": 1440, "we": 10080}
HALF = re.compile(r"\bhalf\s+an?\b", re.IGNORECASE)
WORKING = re.compile(r"\b(?:business|working|work)\b", re.IGNORECASE)
WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
FOLLOWING = re.compile(r"\bnext\b", re.IGNORECASE)
MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip
PARTS = {"morning": "morning", "afternoon": "afternoon", "evening": "evening"}
