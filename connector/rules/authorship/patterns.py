"""Phrase patterns: the wording of acknowledgement, holding, chasing, closing, robots.

Every pattern is searched in one folded sentence. Repetitions are bounded and start at a fixed word, so a
search is linear in the sentence. Each has anchors: a text without any of them is not searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.rules.authorship import abroad, awayenglish
from connector.rules.authorship.words import GREETINGS, fold


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


ASKING = _any(
    r"\b(?:i|we) (?:get|got|keep|received?|see|(?:am|are) getting|can't|cannot|tr(?:y|ied)|removed|added"
    r"|fixed)\b",
    r"\b(?:can|could|would) (?:you|someone|anyone)\b|\bplease (?:help|check|look|fix|advise|see)\b",
    r"\b(?:my|our) (?:(?:e-?)?mails?|messages?|mailbox|domain|server|users?|customers?|clients?)\b",
    r"\b(?:können|könnten) sie\b|\bbitte (?:prüfen|helfen|um)\b|\bmeine? (?:e-?mails?|mails?|nachrichten)\b",
    r"\bpouvez-vous\b|\bmes (?:e-?mails?|messages?)\b|\bpodéis\b|\bmis correos\b",
    r"\bpotete\b|\bkunt u\b|\bkunnen jullie\b|\bmijn (?:e-?mails?|mails?)\b",
)
"""A person tells of their own mail, or asks for help with it."""

# ── boilerplate ───────────────────────────────────────────────────────────────────────────────

_WE = "(?:we|i|someone|somebody|(?:a|one|our|an|the) (?:[a-z']{1,15} ){0,4}?(?:" + "|".join((
    "team", "members?", "technicians?", "engineers?", "agents?", "colleagues?", "representatives?", "staff",
)) + "))"  # fmt: skip
_ON_IT = "|".join((
    "look(?:ing)? (?:in ?to|at)", "investigat(?:e|ing)", "review(?:ing)?", "follow(?:ing)? up",
    "get(?:ting)? back", "com(?:e|ing) back", "be in touch", "in touch", "triage", "update you", "respond",
    "reply", "contact you", "reach out", "working on (?:it|this)", "update (?:this|the|your) ticket",
))  # fmt: skip
_RECEIVED = (
    "received|logged|created|registered|opened|assigned|queued|escalated|raised|forwarded|passed|recorded"
)
_THANKED = "|".join((
    "contacting", "reaching", "getting in touch", "letting us know", "filing", "submitting", "bringing",
    "writing", "the report",
    "your (?:e-?mail|message|report|request|query|enquiry|inquiry|ticket|contribution|patience|call)",
))  # fmt: skip
_CLOSED = "(?:clos(?:e|ed|ing)|resolv(?:e|ed|ing)|archiv(?:e|ed|ing))"
_CASE = "(?:ticket|problem|chat|case|issue|request|report|call)"

_SUBJECT = (
    "(?:ticket|case|request|issue|incident|report|message|e-?mail|enquiry|inquiry|query|call|question|problem"
    "|matter|concern|submission|feedback|this|it|that)"
)
ACK = _any(
    rf"\b{_SUBJECT}\b[^.,;]{{0,40}}? (?:ha(?:s|ve) been|was|is) (?:successfully |now )?(?:{_RECEIVED})\b",
    r"\b(?:we|i)(?:'ve| have) (?:now )?(?:received|logged|got|opened|created|noted) "
    r"(?:your|it|this|a ticket|the)\b",
    rf"\bthank(?:s| you)(?: so much| very much| a lot)? for (?:{_THANKED})\b",
    r"\bwe (?:do not|don't) have enough information\b",
    r"\bwe(?:'re| are) (?:now )?tracking this\b",
    rf"\b{_CASE} is (?:very )?important to us\b",
    rf"\b(?:i|we)(?:'ve| have)? picked up (?:this|your|the) {_CASE}\b",
    rf"\b(?:assigning|passing|escalating|forwarding|routing) (?:this|it|your {_CASE})\b",
)
HOLDING = _any(
    rf"\band will (?:[a-z]{{1,15}} ){{0,3}}?(?:{_ON_IT})\b",
    rf"(?<!can )(?<!could )(?<!would )(?<!should )\b{_WE}(?:'ll| will| are|'re| am|'m| is|'s|'ve been"
    rf"| have been)(?: be)? (?:[a-z]{{1,15}} ){{0,3}}?(?:{_ON_IT})\b",
    r"^(?:(?:just|now|currently|i am|i'm) )?looking into (?:it|this|that)\b",
    r"^(?:i'm |i am |we're |we are )?on (?:it|this)$",
)
A_LOOK = re.compile(
    r"\b(?:i|we)(?:'ll| will) (?:[a-z]{1,10} )?(?:take|have|get [a-z]{1,12} to) (?:a )?look\b"
)
SOON = re.compile(
    r"\b(?:will|'ll|shall|going to|being) (?:[a-z']{1,15} ){0,10}?(?:shortly|soon|asap|in due course"
    r"|momentarily|promptly|as soon as (?:possible|(?:we|i|they) can)|at (?:the|our|their) earliest)\b"
)
CHASER = _any(
    r"\b(?:have not|haven't|has not|hasn't|not) heard (?:back )?from you\b",
    r"\b(?:wanted to |want to |just )?(?:check(?:ing)? in\b|follow(?:ing)? up (?:on|with|to see)"
    r"|touch(?:ing)? base)",
    r"\bany updates? on this\b",
    r"\b(?:gentle|friendly|quick) reminder\b|\b(?:just|only) checking (?:whether|if|that|how)\b",
    r"\bare you still\b|\bif you(?: are|'re)? still (?:here|there|experiencing|having|need|require)",
    r"\b(?:if|unless) (?:we|i) (?:(?:do not|don't) )?hear\b",
    r"\b(?:not|no) (?:had |received? |got )?(?:a |any )?(?:response|reply|answer) from you\b",
    r"\bstill (?:a problem|an issue|happening|occurring|needed|required|relevant|outstanding)\b",
    r"\bwaiting (?:for|on) your (?:reply|response)\b",
    r"\b(?:tried|trying|attempted) to (?:reach|call|contact|phone|get hold of) you\b|\bunable to (?:reach"
    r"|get through)\b",
    rf"\b(?:whether|if|that) (?:the|this|your) {_CASE} (?:has been |is |was )?(?:now )?(?:resolved|fixed"
    rf"|solved)\b",
    r"\banything else (?:we|i) can\b|\bcall us back\b",
)
AUTO_CLOSE = _any(
    rf"\b{_CLOSED}\b(?: [a-z']{{1,15}}){{0,8}}? (?:due to|because of|for|after) (?:lack of|no|inactivity)\b",
    rf"\b{_CLOSED} (?:this|your|the) {_CASE}\b",
    r"\b(?:being|been|marked|now|automatically) (?:as |automatically )?"
    r"(?:closed|resolved|stale|archived)\b",
    r"^closing$",
    rf"\b{_CASE} will (?:now |then )?be closed\b|\bcannot be reproduced\b",
    r"\b(?:feel free to|please) re-?open\b",
    rf"\bmark(?:ing|ed)? (?:this|it|your {_CASE}|the {_CASE}) as (?:resolved|closed|solved|complete)",
    r"\b(?:no|hasn't been much|not been any) (?:recent )?activity\b",
)
COURTEOUS = _any(
    r"\bapologi[sz]e\b|\bsorry for (?:the|any) (?:inconvenience|delay)|\b(?:thank|thanks"
    r"|appreciate)[^.]{0,20}\byour (?:[a-z]{1,12} )?(?:patience|understanding)\b",
    r"\bihr(?:e)? (?:geduld|verständnis)\b|\bvotre (?:patience|compréhension)\b|\bsu (?:paciencia"
    r"|comprensión)\b"
    r"|\bla pazienza\b|\b(?:sua|pela) (?:paciência|compreensão)\b|\bu?w? (?:geduld|begrip)\b|\bditt tålamod\b"
    r"|\bdin tålmodighed\b|\btålmodigheten\b|\bcierpliwość\b|\bтерпение\b",
)
"""Polite and about nothing: boilerplate where nothing else is said."""
ROBOT = _any(
    r"\bi(?:'m| am) (?:a|just a|only a) (?:ro)?bot\b",
    r"\b(?:generated|created|sent|performed|posted) by a (?:ro)?bot\b",
    r"\b(?:e-?mail|message|notification|reply|response|action|comment) (?:was|is|has been) "
    r"(?:generated|created|sent|performed|posted) automatically\b",
    r"^automat(?:ed|ic) (?:e-?mail|message|response|reply|notification)s?(?:$|[:,])",
    r"\b(?:is|was|sent|receiving) (?:as )?(?:an? )?(?:automat(?:ed|ic)|auto-) ?"
    r"(?:e-?mail|message|response|reply|notification|action|test|report)\b",
    r"\bauto(?:matically)?[- ]generated\b",
    r"\bautomatically generated\b",
    r"\bdo not (?:reply|respond) to this\b",
    r"\btest robot\b|\bthis is (?:an? )?automat",
    r"\b(?:not|un-?)monitored\b|\bunsubscribe from these\b",
    r"\bautomatisch (?:generiert|erstellt|erzeugt|gegenereerd|verzonden)|\bnicht auf diese\b",
    r"\bgénéré automatiquement|\bne pas répondre|\b(?:message|courriel) automatique",
    r"\bgenerado automáticamente|\bno responda\b|\bmensaje automático",
    r"\bgerad[oa] automaticamente|\bnão responda\b|\bmensagem automática",
    r"\bmessaggio automatico|\bnon rispondere\b|\bgenerato automaticamente",
    r"\bwygenerowan\w{1,4} automatycznie|\bnie odpowiada",
    "создано автоматически|не отвечайте",
    "自動送信|自動的に|自动发送|请勿回复|請勿回覆|자동으로",
)
COURTESY = _any(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|thanks?|thank you|many thanks"
    r"|cheers|sehr geehrte\w{0,3}|guten (?:tag|morgen|abend)|(?:bom|buenos|boa|buenas) \w{3,8}"
    rf"|{'|'.join(sorted(GREETINGS))})\b(?:[ ,]{{1,2}}[^\s]{{1,20}}){{0,3}}$",
    r"\b(?:let (?:us|me) know if|(?:do not|don't) hesitate|feel free to|happy to help|here to help)\b",
    r"\bhope (?:you|this|all|that)\b",
    r"\bhave a (?:nice|great|good|pleasant|lovely|wonderful)\b",
    r"\bapologi[sz]e|\bsorry (?:for|about|to hear)\b|\bfor your (?:patience|understanding|reference)\b",
    r"\b(?:appreciate|value) (?:your|you)\b",
    r"\b(?:if|should) you (?:have|need|require)\b|\bany (?:further |other )?questions\b",
    r"\b(?:ticket|case|reference|request) ?(?:#|number|id\b|no\b)",
    r"\b(?:kind|best) regards\b|\breply to this (?:e-?mail|message)\b",
    abroad.pattern(abroad.COURTESIES),
)
GREETING = re.compile(
    rf"(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|{'|'.join(sorted(GREETINGS))})"
    r"(?: (?i:all|team|there|everyone|both|sir|madam|mr|mrs|ms|herr|frau)\b\.?"
    r"| [A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]{0,30}){0,3}[\s,.!:]*$"
)
"""Nothing but a greeting: words for whom, or names."""
RESIDUE = _any(
    r"\{\{ ?[a-z_.]{0,30}(?:name|ticket|customer|contact|agent|company|user)[a-z_.]{0,20} ?\}\}",
    r"%(?:ticket|name|customer|contact|first_?name)[a-z_]{0,15}%",
    r"\[(?:first |last |your |customer |client |agent |company )name\]",
    r"\$\{[a-z_.]{2,40}\}|<%= ?[a-z@_.]{2,40}",
)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A kind of phrase: the name of its rule and the pattern that finds it in a sentence."""

    rule: str
    pattern: re.Pattern[str]


_FAMILIES: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("phrase.absence", (
        "i'm sick", "i am sick", "i'm ill", "am ill", "unwell", "i'm off", "i am off", "off until",
        "off till", "off today", "i have limited", "have limited", "have no", "have little",
        "have intermittent", "have restricted", "am on", "i'm on", "i'm taking", "i am taking", "not in",
        "am until",
        "i am in", "i'm in", "longer works", "observing", "celebrating", "reduced hours", "part-time hours",
        "limited hours", "a trade show", "trade fair",
        "have retired", "moved on", "summit", "offsite", "off-site", "an event", "away w/c", "off w/c",
        "a flight", "a plane", "a train", "we're closed",
        "are closed", "be closed", "are shut", "be shut",
        "don't work", "not work", "not working", "only work", "i work",
        "workshop", "workshops", "long weekend", "a break", "an employee", "no longer employed",
        "office", "offices", "ooo", "leave", "vacation", "holiday", "holidays", "away", "pto",
        "travelling",
        "traveling", "absent", "sabbatical", "in a meeting", "in meetings", "unavailable", "no longer",
        "not available", "be available", "out of the country",
        "out of country", "out of town", "attending", "in training", "business trip", "a trip",
        "a break", "my break",
        "honeymoon", "conference", "have left", "has left", "out today", "out tomorrow", "out until",
        "out till", "out through", "out from", "out sick", "out ill", "out this week", "time off",
        "days off",
        "day off", "off work", "off sick",
    ), awayenglish.STATEMENT),
    ("phrase.ack", (
        *(f"{form} {verb}" for form in ("was", "been", "is", "now") for verb in _RECEIVED.split("|")),
        "been successfully", "been created", "was created", "received your", "received it", "received this",
        "received the", "logged a ticket", "opened a ticket", "created a ticket", "logged your",
        "logged this",
        "got your", "got it", "got this", "noted your", "noted this", "noted the", "thanks for",
        "thank you for",
        "thank you so much for", "thank you very much for", "thanks a lot for", "enough information",
        "tracking this", "important to us", "picked up", "assigning", "passing", "escalating", "forwarding",
        "routing",
    ), ACK),
    ("phrase.holding", (
        "look into", "looking into", "look in to", "looking in to", "look at", "looking at",
        "investigate",
        "investigating", "review", "reviewing", "follow up", "following up", "get back", "getting back",
        "come back", "coming back", "in touch", "triage", "update you", "update this", "update your",
        "update the", "respond", "reply", "contact you",
        "reach out", "working on",
    ), HOLDING),
    ("phrase.holding", ("take a look", "have a look", "to look"), A_LOOK),
    ("phrase.holding", (
        "shortly", "soon", "asap", "due course", "momentarily", "promptly", "earliest",
    ), SOON),
    ("phrase.chaser", (
        "heard from you", "heard back", "check in", "checking in", "follow up", "following up",
        "touch base",
        "touching base", "update on this", "updates on this", "reminder", "checking whether",
        "checking if", "checking that", "you still", "you are still",
        "you're still", "not hear", "don't hear", "your reply", "your response", "reach you", "call you",
        "contact you", "phone you", "hold of you", "get through", "to reach", "resolved", "fixed",
        "solved", "unless we", "unless i", "response from you", "reply from you", "answer from you",
        "still a", "still an", "still happening", "still occurring", "still needed", "still required",
        "still relevant",
        "anything else", "us back",
    ), CHASER),
    ("phrase.auto_close", (
        "close", "closed", "closing", "resolve", "resolved", "resolving", "archive", "archived",
        "archiving",
        "stale", "be reproduced", "reopen", "re-open", "activity", "marking", "mark this", "mark it",
        "marked", "solved",
    ), AUTO_CLOSE),
    ("phrase.courtesy", (
        "apologise", "apologize", "inconvenience", "delay", "patience", "understanding", "geduld",
        "verständnis",
        "compréhension", "paciencia", "comprensión", "pazienza", "paciência", "compreensão", "begrip",
        "tålamod",
        "tålmodighed", "tålmodigheten", "cierpliwość", "терпение",
    ), COURTEOUS),
    ("phrase.robot", (
        "a bot", "a robot", "test robot", "by a robot", "automatically", "automated", "automatic",
        "auto-generated",
        "auto generated", "reply to this", "respond to this", "monitored", "unsubscribe from",
        "automatisch", "auf diese", "automatiquement", "pas répondre", "automatique", "automáticamente",
        "no responda", "automático", "automaticamente", "não responda", "automática", "automatico",
        "non rispondere", "automatycznie", "odpowiadać", "odpowiadaj", "автоматически", "отвечайте",
        "自動", "自动", "请勿回复",
        "請勿", "자동",
    ), ROBOT),
)  # fmt: skip


_ABROAD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("phrase.ack", abroad.ACK),
    ("phrase.holding", abroad.HOLDING + abroad.SOON),
    ("phrase.chaser", abroad.CHASER),
    ("phrase.auto_close", abroad.AUTO_CLOSE),
)


def _both(nouns: tuple[str, ...], verbs: tuple[str, ...]) -> re.Pattern[str]:
    """One of each in a clause, in either order, a few words apart."""
    noun, verb = (rf"\b(?:{'|'.join(map(re.escape, map(fold, some)))})\b" for some in (nouns, verbs))
    between = r"(?: [^\s.,;]{1,20}){0,6}? "
    return re.compile(f"{noun}{between}{verb}|{verb}{between}{noun}")


def _anchors() -> dict[str, tuple[tuple[str, Family], ...]]:
    """By a word of it, every anchor and the family it may lead to."""
    found: dict[str, list[tuple[str, Family]]] = {}
    for rule, anchors, pattern in _FAMILIES:
        family = Family(rule, pattern)
        for anchor in anchors:
            found.setdefault(max(re.findall(r"\w+", anchor), key=len), []).append((anchor, family))
    handled = Family("phrase.ack", _both(abroad.CASES, abroad.HANDLED))
    for word in abroad.HANDLED:
        found.setdefault(fold(word), []).append((fold(word), handled))
    for rule, said in _ABROAD:
        family = Family(rule, _any(abroad.pattern(said)))
        for word, anchor in abroad.anchors(said):
            found.setdefault(word, []).append((anchor, family))
    return {word: tuple(pairs) for word, pairs in found.items()}


ANCHORS = _anchors()
ABSENCE = next(family for _, family in ANCHORS["vacation"])
ANCHOR_WORDS = frozenset(ANCHORS)
UNSPACED_ANCHORS = frozenset(word for word in ANCHORS if word > "\u2e80")
"""Those of scripts without spaces, where no word can be looked up."""

STATUS_CODE = re.compile(r"(?<![\d.])(?:[45]\d\d[ -]{1,2}#?)?[45]\.[0-7]\.\d{1,3}(?![\d.])")
"""An enhanced mail system status code (RFC 3463), as in `550 5.1.1`."""
BOUNCE_WORDS = frozenset((
    "retried", "exist", "domain", "zustellung", "remise", "doručení", "nepodařilo", "leverans",
    "levering", "toimitus", "iletilemedi",
    "edilemiyor", "550", "551", "552", "553", "554",
    "delivered", "deliver", "delivery", "undeliverable", "recipient", "recipients", "transcript",
    "delivering",
    "unavailable", "returned", "unknown", "fatal", "permanently", "zugestellt", "unzustellbar", "remis",
    "distribué", "délivré", "entregar", "entregado", "entregue", "recapitare", "recapitato", "consegnato",
    "bezorgd", "afgeleverd", "levereras", "leveres", "toimittaa", "dostarczyć", "dostarczona", "doručit",
    "kézbesíthető", "kézbesíteni", "livrat", "доставлено", "доставить", "отправлено", "доставлен",
    "edilemedi",
))  # fmt: skip
