"""How promises are worded in English."""

from __future__ import annotations

import re

from connector.rules.commitments import englishtimes as times
from connector.rules.commitments.language import Language, Wording

_WILL = r"(?:['’]ll|\s+will|\s+shall)"
_GOING = r"(?:\s+am|['’]m|\s+are|['’]re)\s+going\s+to"
_ROLE = (
    r"(?:engineer|technician|tech|colleague|team|consultant|specialist|dispatcher|manager|helpdesk|desk)s?"
    r"(?:(?-i:\s+[A-Z][a-z]+)){0,2}"
)
_WHAT_ROLE = (
    r"(?:(?:own|senior|expert|project|field|network|on-?site|support|service|help|IT|second|level|line|\d)"
    r"\s+){0,3}"
)
_ADVERB = (
    r"(?:\s+(?:also|then|now|personally|certainly|definitely|gladly|just|still|next|both|be\s+sure\s+to|"
    r"be\s+able\s+to|make\s+sure\s+(?:to|(?:that\s+)?(?:I|we))))*\s+"
)
_STARTS = (
    rf"(?:(?<![\w'’])I(?:{_WILL}|{_GOING})|(?:^|(?<=\band\s)|(?<=\bso\s))will(?=\s)|"
    rf"(?P<desk>(?<![\w'’])we(?:{_WILL}|{_GOING})|"
    rf"\b(?:(?:our|my|one\s+of\s+(?:our|my)|an?|another)\s+{_WHAT_ROLE}{_ROLE}|someone|somebody)"
    rf"(?:\s+from\s+(?:our|my|the)\s+(?:[\w-]+\s+)?(?:team|office|desk|side))?{_WILL})){_ADVERB}"
)

_SOON = r"(?=\s+(?:again\s+)?(?:at|by|in|within|on|before|around|tomorrow|today|this|first)\b)"
_NOUN = r"(?:\w+\s+){0,2}?"
_NEWS = r"(?:update|answer|reply|response|quote|quotation|news|feedback|eta|information|summary|report)"
_FIXED = (
    r"(?:fixed|resolved|repaired|replaced|restored|sorted|solved|done|ready|working|running|completed?|"
    r"finished|installed|set\s+up|up\s+and\s+running|back\s+(?:up|online|to\s+normal)|online|live)"
)
_THEM = r"(?:it|this|that|them|these|you|everything|(?:the|your)\s+(?:[\w-]+\s+){0,2}?[\w-]+)"
_CALL = (
    r"(?:have|get)\s+(?:someone|somebody|an?\s+(?:engineer|technician|tech|colleague))\s+(?:to\s+)?"
    r"(?:call|ring|phone)\s+you\b|"
    r"(?:call|ring|phone)\s+(?:you|back)\b|give\s+you\s+a\s+(?:quick\s+)?(?:call|ring|buzz|bell)\b|"
    rf"(?:speak|talk)\s+(?:to|with)\s+you\b|(?:call|ring|phone){_SOON}"
)
_VISIT = (
    r"be\s+(?:with\s+you|there|over|round|on[\s-]?site|at\s+your|in\s+your\s+office)\b|visit\b|attend\b|"
    r"come\s+(?:by|over|out|in|round|along|to\s+(?:you|your|the\s+office|site))\b|"
    r"(?:stop|drop|swing|pop|pass)\s+(?:by|over|in|round)\b|"
    r"(?:send|have|get)\s+(?:someone|somebody|an?\s+(?:engineer|technician|tech|colleague))\b"
)
_FIX = (
    r"(?:fix|resolve|repair|replace|restore|sort|solve|correct|complete|finish|install|deploy|patch)\b|"
    rf"(?:have|get)\s+{_THEM}\s+(?:all\s+|back\s+)?{_FIXED}\b"
)
_UPDATE = (
    r"(?:update|e-?mail|message|text|inform|notify|contact|answer|brief)\s+you\b|write\s+(?:to\s+)?you\b|"
    r"(?:get|come|revert|report|write|circle)\s+back\b|follow\s+up\b|be\s+(?:back\s+)?in\s+(?:touch|contact)\b|"
    r"(?:let|keep)\s+you\s+(?:know|informed|posted|updated)\b|get\s+in\s+(?:touch|contact)\b|"
    r"reach\s+(?:back\s+)?out\b|touch\s+base\b|check\s+(?:back\s+)?in\s+with\s+you\b|(?:reply|respond|confirm)\b|"
    r"(?:send|give|provide|get|have|post)\s+(?:you\s+)?(?:with\s+)?(?:an?|the|another|some|more|further)\s+"
    rf"{_NOUN}{_NEWS}\b|have\s+(?:news|more|feedback)\b|send\s+(?:you|it|this|that|them|over|the|an?)\b(?!\s+(?:courier|driver|van|parcel))|"
    r"update\s+(?:the|this|your)\s+(?:ticket|case|issue|thread)\b"
)
_TASK = (
    r"(?:look|check|take\s+(?:an?|another|care|it|this)|have\s+(?:an?|another)\s+(?:\w+\s+)?look|investigate|test|start|begin|work|do|pick|continue|remote|connect|run|apply|"
    r"prepare|arrange|schedule|order|submit|push|merge|review|move|change|set|make|add|create|reset|escalate|"
    r"chase|raise|discuss|call|ring|phone|update|e-?mail|speak|talk|post|share|publish|open|ask|handle|fit|mount|"
    r"address|process|migrate|configure|reboot|restart|swap|bring|collect|implement|write|dig|debug|"
    r"analy[sz]e|tackle|resend|upload|get|give|send)\b"
)

_YOU = r"\byou(?:['’]ll|\s+will|\s+can\s+expect\s+to)\s+"
_GET = rf"(?:{_YOU}(?:have|get|receive)|(?:^|\byou\s+can\s+)expect)\s+(?:an?|your|our|my)\s+{_NOUN}"
_FROM_US = r"(?:\s+back)?(?:\s+from\s+(?:me|us|our\s+\w+|my\s+\w+))?"
_IT = (
    r"\b(?:it|this|that|everything|(?:the|your|this)\s+(?:[\w-]+\s+){0,2}?[\w-]+)(?:['’]ll|\s+will)\s+be\s+"
    rf"(?:fully\s+|all\s+|completely\s+)?{_FIXED}\b"
)


def _wording(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ENGLISH = Language(
    near=times.NEAR,
    starts=_wording(_STARTS),
    verbs=_wording(
        rf"(?P<call>{_CALL})|(?P<visit>{_VISIT})|(?P<fix>{_FIX})|(?P<update>{_UPDATE})|(?P<unspecified>{_TASK})"
    ),
    links=_wording(r"(?:\b(?:and|then)\s+|,\s*)(?:then\s+)?"),
    whole=(
        Wording(_wording(rf"{_YOU}hear\s+(?:back\s+)?from\s+(?:me|us|our\s+\w+)\b"), "update"),
        Wording(_wording(rf"{_GET}call\b{_FROM_US}"), "call"),
        Wording(_wording(rf"{_GET}{_NEWS}\b{_FROM_US}"), "update"),
        Wording(_wording(rf"{_GET}visit\b{_FROM_US}"), "visit"),
        Wording(_wording(_IT), "fix"),
        Wording(_wording(rf"(?:^(?:[\w&-]+\s+){{0,7}}?|\band\s+)will\s+be\s+{_FIXED}\b"), "fix"),
        Wording(
            _wording(r"(?:(?<!\w)I(?:['’]m|\s+am)?\s+|^)(?:calling|ringing|phoning)\s+you\b"), "call", False
        ),
        Wording(_wording(r"(?<!\w)I\s+(?:call|ring|phone)\s+you\b"), "call", False),
        Wording(
            _wording(r"(?<!\w)I(?:['’]m|\s+am)\s+coming\s+(?:by|over|out|in|round|to\s+you)\b"),
            "visit",
            False,
        ),
    ),
    hedges=_wording(
        r"\b(?:hopefully|maybe|perhaps|probably|possibly|potentially|ideally|might|(?-i:may)|can|could|would|"
        r"should|try|trying|tried|attempt|hope|hoping|aim|aiming|plan|planning|expect(?:ed|ing)?|estimate|likely|"
        r"unlikely|wish|think|guess|believe|suppose|doubt|not|never|cannot|intend|target|told|said|says?|saying|"
        r"asked|thought|wrote|heard|mentioned|promised|supposed|wants?|wanted|let['’]s|example|willing|allah|otherwise|usually|"
        r"normally|typically|always|generally)\b|n['’]t\b|[\"“”«»]|"
        r"^(?:please\s+)?(?:fill|send|submit|reply|leave|provide|complete|sign|approve|return|give|book|drop)\b"
    ),
    turns=_wording(r"\bbut\b"),
    conditions=_wording(
        r"\b(?:if|unless|once|when|whenever|as\s+soon\s+as|in\s+case|provided|assuming|depending|whether|until|"
        r"pending|as\s+long\s+as|should\s+(?:you|it|this|that|they)|hopefully|earliest|permitting|subject\s+to|"
        r"I\s+(?:hope|think|guess|believe)|probably|possibly|maybe|perhaps|e\.g)\b"
    ),
    harmless=_wording(
        r"(?:\blet\s+(?:me|us)\s+know|\bfeel\s+free\b[^,]{0,60}?|\b(?:call|ring|write|shout)(?:\s+(?:me|us))?)\s+"
        r"(?:if|when|whether|in\s+case)\b.*$|"
        r"\bif\s+(?:you\s+(?:have|need)\s+(?:any|an|more)|anything\s+(?:else|changes)|there\s+(?:is|are)\s+any).*$|"
        r"\bsooner\s+if\b.*$|\bto\s+let\s+you\s+know\s+(?:if|whether)\b.*$|\bwhen\s+(?:I|we)(?:['’]m|['’]re|\s+am|\s+are|\s+get)\s+(?:back\s+)?(?:in|at|back)\b"
    ),
    breaks=_wording(
        r"\b(?:that|which|who|whose|because|since|as|while|where|why|was|were|has|had|did|is|are|been|"
        r"(?:I|we|he|she|they)\s+\w+|you\s+(?:\w+ed|sent|gave|saw|want|need|got|wrote|said|see|can|have)|every|each|"
        r"last|already|but|will|would|from\s+(?!our\b|me\b|us\b|my\b)|by\s+(?=\S)|about\s+(?:the|your|our)|released|due|to\s+(?:call|contact|ring|visit|come|fix|replace|reply|get|send)|"
        r"scheduled|planned|meeting)\b|['’](?:ll|re|ve)\b"
    ),
    strangers=times.STRANGERS,
    after=times.AFTER,
    lead=times.LEAD,
    times=times.TIMES,
    glue=times.GLUE,
    either=times.EITHER,
    numbers=times.NUMBERS,
    units=times.UNITS,
    half=times.HALF,
    working=times.WORKING,
    weekdays=times.WEEKDAYS,
    following=times.FOLLOWING,
    months=times.MONTHS,
    parts=times.PARTS,
    full_hours=False,
)
