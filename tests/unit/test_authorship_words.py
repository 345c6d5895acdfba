"""What words may say: absence in many languages, boilerplate, thanks. Never who sent them."""

from __future__ import annotations

import pytest

from connector.rules.authorship import is_thanks, judge
from connector.rules.authorship.envelope import subject_kind
from connector.rules.authorship.words import fold
from tests.unit.authorship_kit import RULE, message_of

ABSENCES = {
    "de": "Ich bin vom 3. bis zum 17. März nicht im Büro. In dringenden Fällen wenden Sie sich an das Team.",
    "de 2": "Vielen Dank für Ihre Nachricht. Ich bin derzeit im Urlaub und ab dem 12.08. wieder erreichbar.",
    "de 3": "Derzeit befinde ich mich im Urlaub. Ihre E-Mail wird nicht weitergeleitet.",
    "fr": "Bonjour, je suis absente du bureau jusqu'au 15 août. En cas d’urgence, veuillez contacter Marie.",
    "fr 2": "Je suis actuellement en congés et serai de retour le 3 septembre.",
    "es": "Estoy fuera de la oficina hasta el 5 de mayo. Para asuntos urgentes contacte con Ana.",
    "it": "Grazie per il messaggio. Sono fuori ufficio, rientrerò il 3 maggio.",
    "pt": "Estou de férias até 30 de agosto. Em caso de urgência, contactar o João.",
    "nl": "Ik ben op vakantie tot en met 12 augustus. Neem contact op met mijn collega bij spoed.",
    "sv": "Jag är på semester till den 12 augusti. Vid brådskande ärenden kontakta supporten.",
    "da": "Jeg er på ferie til og med 12. august.",
    "fi": "Olen lomalla 12.8. asti. Kiireellisissä asioissa ota yhteyttä tukeen.",
    "pl": "Jestem na urlopie do dnia 12 sierpnia. W pilnych sprawach proszę o kontakt z biurem.",
    "cs": "Jsem na dovolené do 12. 8. V urgentních případech kontaktujte kolegu. Odpovím po návratu.",
    "hu": "Szabadságon vagyok augusztus 12-ig. Sürgős esetben hívja az irodát.",
    "ro": "Sunt în concediu până pe 12 august.",
    "ru": "Я в отпуске до 12 августа. По срочным вопросам обращайтесь к коллегам.",
    "tr": "12 Ağustos tarihine kadar izindeyim. Acil durumlarda ekibimle iletişime geçin.",
    "ja": "8月12日まで休暇をいただいております。休暇中のため、お急ぎの方は下記までご連絡ください。",
    "zh": "我正在休假，8月15日返回。如有急事请联系同事。",
    "ko": "8월 12일까지 휴가입니다. 급한 용무는 동료에게 연락 바랍니다.",
    "en": "I'm currently traveling with limited access to email.",
    "en 2": "Thanks for reaching out! I'm OOO this week, back on Monday.",
    "en 3": "I am on parental leave and will be back in September. Please reach out to Jo.",
    "en 4": "Our office is closed for the holidays until January 2.",
    "en 5": "I no longer work at Acme. Please contact desk@example.com.",
    "en 6": "Thank you for your email.\nI am currently out of the\noffice and back Monday.\n\nRegards\nJo",
    "en 7": "On maternity leave until March.",
}
PRESENT = [
    "I'm out of the office until Monday; I restarted the spooler, please test again.",
    "Could you set my out of office message to: I am out of the office until Monday?",
    "Bob is on leave until Monday, so I will take over his ticket.",
    "Ich kümmere mich darum, da Herr Müller bis Montag im Urlaub ist.",
    "Our users get no out of office replies since the migration. Automatic reply is not sent.",
    "I was out of the office until yesterday, sorry. The VPN works again.",
    "Out of office is not working for shared mailboxes until we license them.",
    "I'm on leave next week; who covers the migration?",
    "Wir sind bis Montag nicht im Haus und brauchen den Zugang.",
    "I will be back at 3, can you call me then?",
    "I'll be back on Monday to replace the disk.",
    "I'm on leave from tomorrow, send this again in March.",
    "I'm out of toner until the delivery arrives.",
    "The user is on leave until May, please disable her account.",
    "Hi Team,\n\nAs mentioned, I'll be on vacation until Monday. Jo takes over.",
    "I am on leave until Monday. "
    + "The second switch in the rack lost its uplink and traffic now takes the long way. " * 4,
]


@pytest.mark.parametrize("text", ABSENCES.values(), ids=ABSENCES.keys())
def test_absence_is_understood(text: str) -> None:
    verdict = judge(message_of(text, channel="email"), RULE)
    assert (verdict.cause, verdict.content) == ("unknown", "absence")
    assert verdict.evidence[-1].rule == "phrase.absence"
    assert judge(message_of(text, actor="contact", channel="email"), RULE).cause == "human"


@pytest.mark.parametrize("text", PRESENT)
def test_people_who_speak_of_absence_are_there(text: str) -> None:
    assert judge(message_of(text, channel="email"), RULE).content == "specific"


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Automatic reply: Printer", "auto_reply"),
        ("AUTO: Dana Field is out of the office (returning 03/01/2026)", "auto_reply"),
        ("Dana Field/ACME is out of the office", "auto_reply"),
        ("Out of Office AutoReply: Printer", "auto_reply"),
        ("Abwesenheitsnotiz: Drucker", "auto_reply"),
        ("Réponse automatique : imprimante", "auto_reply"),
        ("Respuesta automática: x", "auto_reply"),
        ("Risposta automatica: x", "auto_reply"),
        ("Resposta automática: x", "auto_reply"),
        ("Automatisch antwoord: x", "auto_reply"),
        ("Autosvar: x", "auto_reply"),
        ("Automaattinen vastaus: x", "auto_reply"),
        ("Automatyczna odpowiedź: x", "auto_reply"),
        ("Автоматический ответ: x", "auto_reply"),
        ("自動応答: プリンター", "auto_reply"),
        ("자동 회신: x", "auto_reply"),
        ("Out of Office", "absence"),
        ("Away until May 5", "absence"),
        ("Abwesend", "absence"),
        ("Undeliverable: x", "bounce"),
        ("Unzustellbar: x", "bounce"),
        ("Недоставленное сообщение", "bounce"),
        ("Re: Automatic reply: Printer", ""),
        ("Automatic reply does not work", ""),
        ("Out of office not working", ""),
        ("Vacation request form is broken", ""),
        ("FW: Undeliverable: x", ""),
        ("Printer", ""),
    ],
)
def test_what_a_subject_opens_with(subject: str, kind: str) -> None:
    assert subject_kind(fold(subject)) == kind


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("We'll be looking into this shortly.", "phrase.holding"),
        ("Thanks for getting in touch. We are looking into this and will update you shortly.", "phrase.ack"),
        ("Hi Sam! A team member will follow up shortly.\n\nKind regards\nDesk", "phrase.holding"),
        ("Your request has been received and assigned to a technician.", "phrase.ack"),
        (
            "Thanks for reaching out! One of our technicians will get back to you within 4 hours.",
            "phrase.ack",
        ),
        ("As we have not heard back from you, we are closing this ticket.", "phrase.auto_close"),
        ("Just checking in, any update on this?", "phrase.chaser"),
        ("This ticket was closed due to inactivity. Feel free to reopen it.", "phrase.auto_close"),
        ("I am a bot, and this action was performed automatically.", "phrase.robot"),
        ("Hi {{contact.first_name}}, the printer works.", "phrase.residue"),
        ("Dear [First Name], the printer works.", "phrase.residue"),
    ],
)
def test_boilerplate_is_named(text: str, rule: str) -> None:
    verdict = judge(message_of(text, actor="staff"), RULE)
    assert (verdict.cause, verdict.content) == ("human", "boilerplate")
    assert rule in {item.rule for item in verdict.evidence}


@pytest.mark.parametrize(
    "text",
    [
        "Done.",
        "I had a look at the switch, port 12 was off.",
        "I looked into this: the certificate on mail01 expired last night, I renewed it at 09:12.",
        "Thanks for your message. The certificate on mail01 expired last night, which is why Outlook asks "
        "for the password again and again. I renewed it.",
        "I'm looking into this now, the switch in rack 4 lost power at 09:12 and I will replace it.",
        "Can somebody look at this definition and check the sign?",
        "Please put the file in {{minecraft/logs}} and 100 % of the prints are fine [see photo].",
    ],
)
def test_an_answer_around_a_phrase_stays_an_answer(text: str) -> None:
    assert judge(message_of(text, actor="staff"), RULE).content == "specific"


@pytest.mark.parametrize(
    "text",
    [
        None, "", " \n ", "👍", ":)", "Thanks!", "thank you so much :)", "ok", "Great, thanks Bob",
        "Thanks, Marcel!",
        "Thanks, it works now!", "Perfect, that fixed it. Thank you!", "Danke, alles gut!", "Vielen Dank!",
        "Merci beaucoup", "¡Muchas gracias!", "Grazie mille", "Obrigado", "Tak for hjælpen", "Tack så mycket",
        "Спасибо большое", "ありがとうございます。", "谢谢！", "감사합니다",
        "Thanks\n\nJo Smith\nAcme", "<p>Thank you!</p>",
        "> quoted only", "Thanks\n\nOn Mon, 5 Jan 2026 Bob <b@x.y> wrote:\n> Fixed it, is it ok?",
    ],
)  # fmt: skip
def test_only_thanks(text: str | None) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks but it still fails", "thanks?", "Is it done？", "Please call me", "Thanks, one more: printer",
        "no", "Not fixed", "It works", "thanks " * 20, "Danke, aber der Drucker geht nicht", "x" * 30_000,
        "Thanks\n\nThe printer is down again.",
    ],
)  # fmt: skip
def test_more_than_thanks(text: str) -> None:
    assert not is_thanks(text)
