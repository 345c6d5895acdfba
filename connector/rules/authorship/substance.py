"""Does a sentence say something of this very case? Then no stock phrase beside it makes it boilerplate.

Words alone cannot list what desks do, but grammar can: a thing with a number or a name of capitals, a time
of day, work reported in the perfect tense, a result, a question that wants a fact. Verbs of handling
tickets (received, assigned, closed) report nothing. English, German, French, Spanish, Italian, Portuguese,
Dutch, Swedish, Danish, Norwegian and Russian. Each pattern begins at a fixed word or a short token.
"""

from __future__ import annotations

import re

from connector.rules.authorship.away import DAYS
from connector.rules.authorship.words import fold

_THING = re.compile(r"(?<![\w#.@/-])(?=[\w-]{0,20}\d)(?=[\w-]{0,20}[^\W\d_])[\w-]{3,24}(?![\w@/])")
_NO_THING = re.compile(
    r"\d{1,4}(?:st|nd|rd|th|h|hr|hrs|min|m|am|pm|x7|er|re|e)$|\d+-[a-z]+$|[a-z]+-\d$"
    r"|(?:inc|req|ritm|sctask|sr|tkt|cs|chg|case|ticket|no|nr|id)-?\d|t\d{8}|p[1-5]$",
    re.I,
)
_CAPITALS = re.compile(r"(?<![\w.'’-])[A-Z]{2,6}s?(?![\w'’])")
_NO_NAMES = frozenset((
    "IT", "FYI", "ASAP", "SLA", "OK", "OKAY", "AM", "PM", "UTC", "GMT", "CET", "CEST", "EST", "EDT",
    "PST", "PDT",
    "BST", "US", "UK", "EU", "FAQ", "ETA", "HR", "ID", "NB", "PS", "RE", "FW", "FWD", "TBC", "TBD", "OOO",
    "PTO",
    "EOD", "COB", "BTW", "CC", "MSP", "PSA", "DD", "MM", "YYYY", "NAME", "EMAIL", "PHONE", "DATE",
))  # fmt: skip
_TIME = re.compile(
    r"(?<![\d-])\b\d{1,2}:\d\d\b(?! ?(?:-|–|to|bis|à)\b)|\b(?:at|um|a las|alle|kl\.?) \d{1,2}\b"
    r"|\b(?:is|by|on|until|before|due) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
_HOURS = re.compile(r"hours|öffnungszeit|horaires|horario|orari|openingstijden|mon|between")

_HANDLED = "|".join((
    "received", "logged", "opened", "created", "registered", "raised", "assigned", "escalated", "forwarded",
    "passed", "queued", "recorded", "noted", "notified", "picked", "tried", "attempted", "called",
    "contacted",
    "reached", "closed", "resolved", "updated", "marked", "reviewed", "informed", "asked", "followed",
    "noticed",
    "wanted", "submitted", "requested", "acknowledged", "reported", "archived", "converted", "merged", "need",
    "feed", "speed", "emailed", "mailed", "routed", "transferred", "moved", "started", "identified",
    "assessed",
    "prioriti[sz]ed",
))  # fmt: skip
_DONE = re.compile(
    rf"\b(?:i|we)(?:'ve| have|'d| had)? (?:just |already |also |now )?(?!(?:{_HANDLED})\b)"
    r"(?:[a-z]{2,15}ed|reset|sent|found|put|set|did(?! not|n't)|made|ran|gave|took|saw|got (?!your)"
    r"|rebuilt|spoke"
    r"|swapped)\b"
    r"|\b(?:is|are|was|were|has been|have been|now)(?: now| already| all| fully)? (?:restored|fixed|back"
    r"|up and"
    r"|working(?! on)|works|replaced|reset|changed|installed|repaired|renewed|ordered|shipped|on (?:its|the"
    r"|their) way"
    r"|down|done|ready|enabled|disabled|unlocked|removed|added|rebooted|restarted|online|offline"
    r"|delivered|due"
    r"|expired|blocked|full|caused|corrupt|failing|scheduled for|booked)\b"
    r"|\b(?:crashed|crashes|failed|fails|froze|freezes|stopped|broke|broken|disappeared|happened again)\b"
)
_ASKS = re.compile(
    r"^(?:has|have|did|does|do|is|are|was|were) (?:the|your|you|those|these) "
    r"(?!issue|problem|ticket|request|matter|error|case|had\b|been\b)"
    r"|^(?:and |so |also |hi,? |hello,? )?(?:what|which|where|who(?! (?:will|can|is|has|should|may))"
    r"|how (?:many|often|long|much)|did|is (?:the|your)|are (?:the|your)|was|were)\b"
    r"|\b(?:tell me|let me know|know|confirm|and|when|asks?) (?:what|which|where|who|how (?:many|often"
    r"|long))\b"
    r"|\b(?:can|could|would) you (?:please |also )?(?:try|show|restart|reboot|print|open|click|log|sign"
    r"|check|test"
    r"|run|press|plug|unplug|turn|switch|type|install|tell me|tell us|send (?:me|us|over) (?:a|the))\b"
    r"|\bplease (?:try|restart|reboot|test|press|plug|unplug|turn|switch|run|log (?:out|off|in|back)"
    r"|sign (?:out|in)|click)\b"
)
_STOCK_QUESTION = re.compile(
    r"\b(?:anything|something) else\b|\bstill\b|\bpersists?\b|\b(?:did|has) (?:this|that|it) (?:help"
    r"|resolve|fix)"
    r"|\bhow did we do\b|\bare you satisfied\b|\bchance\b"
    r"|\b(?:issue|problem|ticket) (?:been |now )?(?:resolved|fixed)\b"
)
_LATIN = "|".join(
    stem + ending for stem in ("ad", "id", "at", "it", "ut") for ending in ("o", "a", "os", "as", "i", "e")
)
_PERFECT = re.compile(
    r"\b(?:habe|hab|haben|wurde|wurden|ist|sind|heb|hebben|is|zijn|werd"
    r"|werden) (?:[^\s.,;]{1,20} ){0,8}?(?P<de>ge[^\W\d_]{3,14}"
    r"(?:t|en|d)|[^\W\d_]{2,10}ge[^\W\d_]{2,12}(?:t|en)|[^\W\d_]{3,15}iert|(?:be|er|ver|zer|ent|her)"
    r"[^\W\d_]{3,12}(?:t|en|d|ld))\b"
    r"|(?:\bj'ai|\bavons|\ba été|\best) (?:[^\s.,;]{1,12} ){0,2}?(?P<fr>[^\W\d_]{3,14}(?:é|i|u|is|it)(?:e"
    r"|s|es)?)\b"
    rf"|\b(?:he|hemos|ha|han|ho|abbiamo|está|están|è stato|è stata|foi|foram) (?:[^\s.,;]{{1,12}} ){{0,2}}?"
    rf"(?P<es>[^\W\d_]{{2,14}}(?:{_LATIN}))\b"
    r"|\b(?:har|er|är) (?:[^\s.,;]{1,12} )?(?P<sv>[^\W\d_]{3,14}(?:at|et|ats|ett|rt|lt))\b"
    r"|\b(?:został[aoy]?|zostały|był[aoy]?|byl[aoiy]?) (?:[^\s.,;]{1,12} )?(?P<pl>[^\W\d_]{4,16}(?:n"
    r"|t)[aeoyi]?)\b"
)
_HANDLED_ABROAD = re.compile("|".join((
    "erhalten", "eingegangen", "empfangen", "weitergeleitet", "zugewiesen", "zugeteilt", "erfasst", "registr",
    "erstellt", "angelegt", "eröffnet", "geschlossen", "bearbeite", "aufgenommen", "vermerkt", "verstanden",
    "versucht", "erreicht", "gehört", "bekommen", "wichtig", "gelöst", "beantwort", "besteht", "behoben",
    "reçu", "enregistr", "transmi", "attribu", "clôtur", "ferm", "trait", "tent", "contact", "essay",
    "rapid", "suivi",
    "assign", "regist", "recib", "cerrad", "derivad", "cread", "asignad", "revisad", "intentad", "resuelt",
    "ricevut", "assegnat", "inoltrat", "apert", "avut", "ottenut", "provat", "stat",
    "recebid", "encaminhad", "encerrad", "fechad", "criad", "obtid", "resolvid",
    "ontvangen", "gekregen", "vernomen", "geregistreerd", "doorgestuurd", "toegewezen", "gesloten", "gehoord",
    "mottat", "modtag", "opprettet", "oprettet", "skapat", "vidare", "videre", "lukket", "hørt", "avslut",
    "ärendet",
    "przekazan", "zarejestrowan", "przyjęt", "zamknięt", "przypisan", "utworzon", "otrzyman", "zaktualizowan",
    "přijat", "zaevid", "zaregistr", "předán", "uzavřen", "přiřazen", "vytvořen", "eskal", "escal", "mottag",
    "tilldelat", "tildelt", "svaret", "ticket", "projet", "urgen",
)))  # fmt: skip
_SLAVIC = re.compile(
    r"\b(?P<verb>[^\W\d_]{3,16}(?:łem|łam|liśmy|łyśmy)|[^\W\d_]{3,16}(?:или|али|ели|ули|ил|ал|ила|ала))\b"
    r"|\bjs(?:em|me) (?P<cs>[^\W\d_]{3,14}l[aiy]?)\b"
)
_HANDLED_SLAVIC = re.compile(
    r"^(?:otrzyma|przyję|przyjmo|przekaza|zarejestrowa|obdrže|přija|zaevid|předa|получ|приня|зарегистр"
    r"|переда|назнач|понима)"
)


def said(raw: str) -> bool:
    """Whether a sentence, as written, says something of the case. Linear in it."""
    if any(not _NO_THING.match(thing[0]) for thing in _THING.finditer(raw)):
        return True
    capitals = [name[0] for name in _CAPITALS.finditer(raw)]
    if any(name not in _NO_NAMES for name in capitals) and not raw.isupper():
        return True
    low = fold(raw)
    if _TIME.search(low) and not _HOURS.search(low):
        return True
    if _DONE.search(low) or (_ASKS.search(low) and not _STOCK_QUESTION.search(low)):
        return True
    if low.isascii() and " the " in low:
        return False
    if not DAYS.isdisjoint(low.split()) and not _HOURS.search(low):
        return True
    spoken = (done[done.lastgroup or 0] for done in _SLAVIC.finditer(low))
    if not low.isascii() and any(not _HANDLED_SLAVIC.search(verb) for verb in spoken):
        return True
    return any(not _HANDLED_ABROAD.search(done[done.lastgroup or 0]) for done in _PERFECT.finditer(low))
