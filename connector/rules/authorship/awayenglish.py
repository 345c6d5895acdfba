"""How absence is said in English, and what a person says who is there.

Every pattern is searched in one folded sentence. Repetitions are bounded and start at a fixed word, so a
search is linear in the sentence. Other languages are in `away`.
"""

from __future__ import annotations

import re


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_OFFICE = r"out[- ]of[- ](?:the[- ]|my[- ])?office"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|satur|sun)(?:day)?s?"
_AWAY = "|".join((
    _OFFICE, r"ooo\b", r"on (?:[a-z-]{1,15} ){0,2}(?:leave|vacation|holidays?|pto|sabbatical)\b", r"away\b",
    r"out (?:sick|ill|today|tomorrow|this week|until|till|through|from)\b",
    r"out of (?:the )?(?:country|town)\b", r"(?:sick|ill|unwell)\b",
    r"not available\b", r"(?:taking|having) (?:[a-z]{1,10} ){0,2}(?:time|days?|leave) off\b", r"attending\b",
    r"(?:taking|having) (?:a|some|my) (?:[a-z]{1,10} )?(?:break|weekend|holiday|vacation|pto|leave)\b",
    r"on (?:[a-z]{1,12} ){0,2}(?:duty|secondment|course)\b", r"at an? (?:[a-z]{1,12} ){0,2}(?:show|event"
    r"|fair|summit|off-?site|conference)\b",
    r"on (?:a |my )?(?:business trip|break|trip|honeymoon|flight|plane"
    r"|train)\b", r"at a conference\b", r"in training\b",
    rf"off (?:work|sick|today|tomorrow|this week|until|till|through|from|on leave|{_DAY}\b)",
    r"off (?:[a-z]{1,15} ){0,2}(?:until|till|through)\b",
    r"not (?:in|at) (?:the|my) office", r"absent\b", r"unavailable\b",
    r"not working (?:today|this week|on)\b",
    r"travell?ing\b", r"in (?:back[- ]to[- ]back )?(?:a )?(?:meetings?|training|workshops?)\b",
))  # fmt: skip
_NOT_THEN = r"(?<!while )(?<!when )(?<!if )(?<!once )(?<!whenever )(?<!before )"
_UNTIL = (
    r"(?:until|till|til|through) (?:the |about |at least |early |mid[- ]?|late )?(?:\d|mon|tue|wed|thu"
    r"|fri|sat|sun|jan|feb"
    r"|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|next|further|after|tomorrow|week)"
)
_THERE = (
    r"(?!(?:[a-z'-]{1,15} ){0,5}?(?:available|here|in the office|at my desk|waiting|free|around|stuck"
    r"|blocked|without"
    r"|able|unable|using|trying|responsible|covering|on call|happy|working (?:on|from))\b)"
)
STATEMENT = _any(
    rf"{_NOT_THEN}\bi(?:'m| am| will be|'ll be) {_THERE}(?:[a-z'-]{{1,15}} ){{0,6}}?{_UNTIL}",
    r"\bi(?:'m| am) taking (?:[a-z]{1,10} ){0,2}off\b",
    r"\bi (?:have|will have|'ll have) (?:only )?(?:limited|no|little|intermittent|restricted) (?:e-?mail"
    r"|access|internet)",
    r"^not in (?:today|tomorrow|this|until|till|the office)\b",
    rf"{_NOT_THEN}\bi(?:'m| am| will be|'ll be) (?:[a-z]{{1,15}} ){{0,2}}?(?:{_AWAY})",
    rf"^(?:(?:hi|hello),? )?(?:currently |presently )?(?:{_OFFICE}|ooo\b|pto\b(?! (?:request|form|balance)))",
    r"^(?:currently |presently )?on (?:[a-z-]{1,15} )?(?:leave|vacation|holidays?|pto)\b",
    r"^(?:away|off|out) (?:until|till|til|today|sick|this week|from|w/c|\d)",
    r"\bi (?:won't|will not) be (?:in the office|available|checking)\b",
    rf"\bi (?:do not|don't) work (?:on )?{_DAY}\b",
    rf"\bi (?:only )?work (?:on )?{_DAY} (?:to|through|and|-) {_DAY}\b",
    r"\b(?:our|the) offices? (?:is|are|will be|will remain) (?:currently |now )?(?:closed|shut)\b",
    r"^we(?:'re| are| will be| remain) (?:currently |now )?(?:closed|shut)\b",
    r"\bi (?:have (?:left|retired|moved on)|no longer work)\b",
    r"\b(?:i'm|i am|we're|we are|team is|office is) (?:currently )?(?:observing|celebrating)\b",
    r"\bi(?:'m| am) (?:currently )?(?:working|on) (?:reduced|part[- ]time|limited) hours\b",
    r"\b(?:mailbox|inbox|address|account)(?: [a-z@.]{1,40})? is no longer (?:in use|monitored|active|valid)",
    r"\bi am no longer (?:with|at|employed)",
)
LEFT = _any(
    r"\b(?:has left|is no longer (?:with|at|part of)|no longer works? (?:at|for|with)) (?:the |our )?"
    r"[a-z]",
    r"\b(?:is|are) no longer (?:an employee|employed)\b",
    r"\bno longer works? here\b|\b(?:has )?retired\b",
)
AWAY_AT_ALL = _any(
    rf"\b(?:{_AWAY})",
    r"\b(?:pto|vacation|holidays?|leave|closed|reopen|away|returning|back (?:on|in|from))\b",
)
MARKER = _any(
    r"\b(?:until|till|til|through)\b", r"\b(?:limited|no|intermittent|restricted|sporadic) access\b",
    r"\blimited (?:e-?mail|availability)", r"\b(?:up)?on (?:my )?return\b",
    r"\bwhen i(?: return| get back| am back|'m back)", r"\breturning\b", r"\breturn (?:on|to|in)\b",
    r"\bback (?:on|in|at|by|mon|tue|wed|thu|fri|next|tom|tmrw|from|the|\d)",
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.? \d",
    r"\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
    r"\brepl(?:y|ies) (?:will|may|might) take longer\b|\ballow [a-z0-9]{1,6} (?:business |working )?days\b",
    r"\b(?:my )?(?:repl(?:y|ies)|responses?) (?:will|may|might) be (?:slow|delayed|late|limited)",
    r"\bhas my (?:phone|inbox|mailbox)\b|\bhandling my\b|\blooking after my\b",
    r"\b(?:today|this (?:week|morning|afternoon)|all (?:day|week|month))\b", r"\bcover(?:s"
    r"|ing)? for me\b", r"\breopen",
    r"\b(?:write|direct|send|forward|address) (?:[a-z]{1,12} ){0,4}?to\b", r"\bexpect delays?\b",
    r"\b(?:will|i'll) (?:respond|reply|answer|get back|be back)\b", r"\burgent",
    r"\bimmediate (?:assistance|attention|help)", r"\bin my absence\b", r"\bwhile i(?:'m| am) away\b",
    r"\bauto(?:matic|mated)?[- ]?repl(?:y|ies)", r"\bautomat(?:ic|ed) (?:response|reply)",
    r"\bthank(?:s| you) for your (?:e-?mail|message)", r"\bno longer\b",
    r"\bplease (?:contact|call|e-?mail|reach)\b", r"\bnot be checking\b", r"\baccess to (?:my )?e-?mails?\b",
    r"\d{1,2}(?:st|nd|rd|th)? ?(?:-|–|to|until|till|and) ?\d", r"\d{1,2}[./-]\d{1,2}",
)  # fmt: skip
REDIRECT = _any(
    r"\b(?:please|kindly|you (?:can|may|should)) (?:contact|write|direct|address|e-?mail|call|reach out)\b",
    r"\bsend (?:your|any|all) (?:e-?mail|message|enquir|quer|request|question)",
    r"\byour (?:e-?mail|message|enquiry)\b",
    r"\bnot (?:being )?(?:monitored|forwarded)\b",
)
ABOUT = _any(
    r"\b(?:hi|hello|dear|good morning) (?:all|team|everyone|everybody|colleagues)\b",
    r"\bas (?:mentioned|discussed)\b",
    r"\bout[- ]of[- ]office (?:message|reply|notification|assistant|auto|setting|is not|isn't|does|not\b)",
    r"\b(?:set|setting|turn|turned|enable|enabled|disable|configure|switch) (?:up |on |off )?"
    r"(?:(?:my|the|an|his|her|your) )?(?:out[- ]of[- ]office|ooo\b|auto)",
    r"\bso (?:please|can|could|would|let|the|you)\b|\bfrom tomorrow\b",
    r"\b(?:away|leave|holidays?|vacation|pto|off|office) (?:next week|from tomorrow|from next)\b",
    r"\bplease [^.]{0,60}\bbefore (?!then\b)",
)
WORKING = _any(
    r"\bi(?:'ve| have| just)? (?!limited|planned|scheduled|received|missed|retired"
    r"|moved (?:to|into|on)\b|changed (?:roles|teams|jobs))"
    r"(?:[a-z]{2,15}ed|did|sent|made|ran|found|gave)\b",
    r"\bplease (?:test|try|check|restart|confirm|review|approve|advise|send (?:me|over|it)|have a look)\b",
    r"\b(?:could|can|would) you\b|\byou can (?:remote|connect|access|use|take over|log)\b",
)
