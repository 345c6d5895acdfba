"""How authorship reads what it has never seen: turns of speech, grammar, structure; one test a mechanism."""

from __future__ import annotations

import time

import pytest

from connector.rules.authorship import judge, substance
from connector.rules.authorship.relay import find
from connector.rules.authorship.unwrap import unwrap
from tests.unit.authorship_kit import RULE, message_of

ANSWERED = {"auto-submitted": "auto-replied"}
GENERATED = {"auto-submitted": "auto-generated", "from": "noreply@x"}


def content(text: str, **fields: object) -> str:
    return judge(message_of(text, channel="email", **fields), RULE).content


# ── absence ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "I'm on a secondment abroad until June.",
        "Off until Tuesday, Kim has my phone.",
        "Out today, back tomorrow.",
        "I am taking the week off. Back on the 9th.",
        "Mr Field has left the practice and no longer works for us. Write to desk@example.com.",
        "Resturlaub bis 30.12., danach wieder da.",  # a compound, no verb
        "Ich bin heute auf Fortbildung.",
        "Unser Büro ist zwischen den Feiertagen geschlossen.",  # the office and closed, in any order
        "Frau Field ist nicht mehr bei uns. Schreiben Sie an info@example.com.",
        "Je suis en formation ce jeudi.",
        "Notre cabinet sera fermé jusqu'au 3 janvier.",
        "Estoy de viaje hasta el martes.",
        "Sono in malattia fino a lunedì.",
        "Ik ben ziek vandaag.",
        "Estou em formação até sexta.",
        "Jag är sjukskriven till fredag.",
        "Jeg har sommerferie til mandag.",
        "Olen kesälomalla 3.7. asti.",
        "Jestem na szkoleniu do środy.",
        "Jsem na dovolené do pátku.",
        "Bugün raporluyum.",
        "Szabadságon vagyok péntekig, keresse a kollégát.",
        "Сейчас в отпуске до 5 мая.",
        "本日より3月5日まで出張しております。",
        "我在休假，3月5日回来。",
    ],
)
def test_an_absence_is_a_turn_of_speech(text: str) -> None:
    verdict = judge(message_of(text, channel="email"), RULE)
    assert (verdict.cause, verdict.content) == ("unknown", "absence")


@pytest.mark.parametrize(
    "text",
    [
        "I'll be on holiday next week so please come before Friday.",  # announces, and asks
        "I'm out of the office until Monday, you can remote onto the PC any time.",
        "I'm available until Monday.",
        "I'm waiting until Monday for the part.",
        "While I'm away until Monday nobody will use the room.",
        "Kim has left the company. Please contact HR and disable her account.",  # asks to offboard
        "Frau Field ist nicht mehr bei uns, bitte Konto sperren. Kontaktieren Sie mich.",
        "Ich bin ab Montag im Urlaub.",  # counted from today
        "Ich bin bis Freitag im Urlaub, bitte vorher den Drucker einrichten.",
        "Ich war bis gestern krank.",
        "Ich bin seit Montag aus dem Urlaub zurück.",
        "我休假回来了，今天可以来。",
        "Wenn ich im Urlaub bin, bis zum 5.5., wer vertritt mich dann",
        "Bin bis Freitag auf Dienstreise, das VPN funktioniert nicht.",  # has a problem
        "Mette er på ferie til mandag, så ring til mig.",  # of another
        "Wir haben das Ticket gestern geschlossen.",
        "Vi har stängt ärendet idag.",  # the case is closed, not the office
        "来週から休暇です。",
        "我在出差，今天连不上。",
        "Ich bin bis Montag im Urlaub. " + "Der zweite Switch im Schrank hat seinen Uplink verloren. " * 3,
        "Ich bin im Urlaub? Nein, wer hat das denn im Kalender so eingetragen?",
    ],
)
def test_who_announces_asks_or_has_trouble_is_there(text: str) -> None:
    assert content(text) == "specific"


@pytest.mark.parametrize(
    "text", ["Gone sailing, see you Monday!", "Fermeture annuelle jusqu'au 5 mai.", "Lomalla.", "On leave."]
)
def test_a_machines_short_answer_that_gives_a_time_is_an_absence(text: str) -> None:
    assert content(text, headers=ANSWERED) == "absence"


@pytest.mark.parametrize(
    "text",
    [
        "We reply today or tomorrow.",
        "Read it today.\n" + "It works. " * 50,
        "Hello.",
        "Could you call me today?",
    ],
)
def test_a_desks_answer_is_none(text: str) -> None:
    assert content(text, headers=ANSWERED) != "absence"


def test_notes_writes_auto_before_the_subject() -> None:
    mail = {"headers": GENERATED, "channel": "email"}
    away = judge(message_of("Antwort folgt.", subject="AUTO: Jo ist abwesend (Rückkehr 5.5.)", **mail), RULE)
    assert (away.cause, away.content) == ("automated", "absence")
    other = judge(message_of("I got it.", subject="AUTO: your order", **mail), RULE)
    assert (other.cause, other.content) == ("automated", "specific")


def test_an_absence_in_a_machines_envelope_is_the_machines() -> None:
    verdict = judge(message_of("Ich bin bis 5.5. im Urlaub.", headers=GENERATED, channel="email"), RULE)
    assert (verdict.cause, verdict.content) == ("automated", "absence")


# ── bounces ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "cause", "found"),
    [
        ({"x-ms-exchange-message-is-ndr": ""}, "automated", "bounce"),
        ({"content-type": "multipart/report; report-type=feedback-report"}, "automated", "specific"),
        ({"from": "dana@x", "in-reply-to": "<1@x>"}, "human", "bounce"),
    ],
)
def test_reports_by_their_kind(kind: dict[str, str], cause: str, found: str) -> None:
    text = "jo@example.com: 550 5.1.1 unknown"
    subject = "Undeliverable: x" if found == "bounce" else "x"
    verdict = judge(message_of(text, headers=kind, subject=subject, channel="email"), RULE)
    assert (verdict.cause, verdict.content) == (cause, found)


@pytest.mark.parametrize(
    "text",
    ["Delivery has failed, that is what we get for jo@x. See the picture.", "My mails bounce: user unknown"],
)
def test_who_tells_of_a_bounce_is_no_mail_system(text: str) -> None:
    verdict = judge(
        message_of(text, headers={"from": "d@x"}, subject="Delivery failure", channel="email"), RULE
    )
    assert (verdict.cause, verdict.content) == ("unknown", "specific")


# ── boilerplate ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "An engineer will be assigned soon.",  # a promise of haste, of nothing
        "We apologise for the inconvenience.",
        "Your request was passed to a colleague, who will respond in due course.",
        "Ihre Meldung wurde an die Technik weitergeleitet.",  # the case, and what desks do with it
        "Votre incident a été transmis.",
        "La sua segnalazione è stata inoltrata.",
        "Ditt ärende är registrerat.",
        "Państwa wiadomość została przekazana.",
        "Ваше обращение зарегистрировано.",
        "お問い合わせありがとうございます。確認いたします。",
    ],
)
def test_nothing_of_the_case_is_boilerplate(text: str) -> None:
    assert content(text, actor="staff") == "boilerplate"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for your request. I swapped the dock.",
        "We have received your request, SRV-02 is back.",
        "Your request has been received. The disk fails since 03:12.",
        "Thanks for your call. DNS did it.",
        "Your ticket was assigned to me. Which floor are you on?",
        "We'll get back to you once it is here, by Tuesday.",
        "Danke für Ihre Meldung, das Kennwort ist zurückgesetzt.",
        "Merci pour votre message, j'ai rétabli l'accès.",
        "Gracias por su mensaje, he reiniciado el router.",
        "Bedankt voor uw bericht, de schijf is vervangen.",
        "Dziękujemy za zgłoszenie, wymieniłem kabel.",
        "Obdrželi jsme zprávu, vyměnil jsem kabel, jsem vyměnil.",
        "Мы получили ваше письмо, картридж заменили.",
        "Nous avons bien reçu votre demande, livraison jeudi.",
    ],
)
def test_substance_beside_a_stock_phrase_is_an_answer(text: str) -> None:
    assert content(text, actor="staff") == "specific"


@pytest.mark.parametrize(
    "sentence",
    [
        "Ticket INC0012345 was received",
        "OUR HOURS ARE FROM NINE",
        "Our hours are 8:00 to 17:00",
        "Is the issue still there",
    ],
)
def test_what_belongs_to_every_ticket_is_no_substance(sentence: str) -> None:
    assert not substance.said(sentence)


def test_a_long_text_has_something_to_say() -> None:
    assert content("We will get back to you shortly. " * 300, actor="staff") == "specific"


# ── wrapping ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "--\nDana Field\nHead of IT & Operations\n+44 20 1234",
        "Sent from my phone",
        "[image: logo]\n<image001.png>",
        "\u200b\ufeff\xa0",
        "CAUTION: External email. Do not click links.",
        "This e-mail is confidential and intended solely for the addressee.",
        "##- Please type your reply above this line -##",
        "Hello Sam,\n\nKind regards\nDana",
    ],
)
def test_wrapping_alone_is_empty(text: str) -> None:
    assert content(text, actor="contact") == "empty"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("[EXTERNAL]\nIt prints.", "It prints."),
        ("Warning: the external disk fails", "Warning: the external disk fails"),
        ("This message is odd.", "This message is odd."),
        ("[EXTERN] It prints.", "[EXTERN] It prints."),
        ("External email: it prints.", "External email: it prints."),
        ("<p>It prints.</p><blockquote>never closed", "It prints."),
        ("It prints.\n## reply above this line ##\nWe got it.", "It prints."),
        ("-- \nprinted twice.", "-- \nprinted twice."),
    ],
)
def test_wrapping_around_words_goes_alone(text: str, own: str) -> None:
    assert unwrap(text).own == own


# ── relays ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "Dana Field (Acme)\n\n22 Nov 2026, 09:14\n\nIt beeps.",
        "## reply above this line ##\nDana Field schrieb am 22.11.2026 09:14:\n\nIt beeps.",
        "Dana Field svarade:\n\nIt beeps.",
        "Email: d@x\nMessage: it beeps",
        "Transcript:\nit beeps",
    ],
)
def test_a_person_a_machine_writes_for_is_not_called_automated(text: str) -> None:
    verdict = judge(message_of(text, headers=GENERATED, channel="email"), RULE)
    assert verdict.cause in ("human", "unknown")


@pytest.mark.parametrize(
    "text",
    [
        "Dana wrote:\n> It beeps.",
        "Dana Field\nHost: a",
        "Backup Report",
        "Email: d@x\nMessage: x",
        "Message: a b",
    ],
)
def test_no_person_speaks_here(text: str) -> None:
    assert find(text.splitlines()) is None


# ── hostile input ─────────────────────────────────────────────────────────────────────────────

UNITS = (
    "> ", "<div ", "[cid:", "\u202eمرحبا ", "👍🏽", "I'm away until ", "urlaub ", "ich bin urlaub, ", "休暇",
    "休暇まで。", "Ihre Anfrage ", "wurde weitergeleitet ", "we will soon ", "Dana Field\n", "Aa1-", "ist ge",
    "From: a\n", "\n",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_text_and_then_no_more(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        mail = message_of(text, headers={"from": text, **GENERATED}, subject=text, channel="email")
        runs = []
        for _ in range(3):
            begin = time.process_time()
            judge(mail, RULE)
            runs.append(time.process_time() - begin)
        return min(runs)

    few, many, most = seconds(15_000), seconds(60_000), seconds(1_000_000)
    assert many < 12 * few + 0.02  # four times the text; a square law would be sixteen
    assert most < 3 * many + 0.02
