"""Absence notes by their slots, in every language: who is away, until when, what instead; and who is not."""

import time

import pytest

from connector.rules.authorship import judge, slots
from tests.unit.authorship_kit import RULE, message_of


def content(text: str) -> str:
    return judge(message_of(text), RULE).content


@pytest.mark.parametrize(
    "text",
    [
        # somebody else, by title, by whom to ask instead, and gone for good
        "Mrs Quill is on jury duty. Please contact the front desk.",
        "Prof. Dr. Amsel ist bis Ende Mai im Sabbatjahr.",
        "Lena Ahorn hat unsere Firma verlassen. Nachfolgerin ist Ute Birke.",
        "M. Tilleul a changé de poste. Merci de contacter Mme Frêne.",
        "Tom Ashby is on parental leave; Kim Roe is looking after his customers.",
        # the writer, for rare reasons
        "There is a death in the family and I will not be at work before the 9th. Kim is covering for me.",
        "Wegen eines Trauerfalls bin ich diese Woche nicht erreichbar, dringende Fragen bitte an Ute Birke.",
        "Je suis en formation jusqu'à mercredi et répondrai jeudi.",
        "Estoy en un congreso hasta el jueves con acceso limitado al correo.",
        "Il giovedì non lavoro, rispondo venerdì.",
        "Ik werk niet op donderdag, vrijdag reageer ik.",
        "Estou de licença parental até junho, contacte por favor a Rita.",
        "Sunt în concediu până vineri.",
        "Opiekuję się chorym dzieckiem, odpiszę w czwartek.",
        "Jsem na školení, odpovím ve čtvrtek.",
        "Som na materskej dovolenke, obráťte sa na Evu.",
        "Jag är föräldraledig, kontakta Per.",
        "Jeg er på kursus til torsdag.",
        "Jeg er sykmeldt ut uken, ta kontakt med Kari.",
        "Olen koulutuksessa torstaihin asti.",
        "Csütörtökig képzésen vagyok.",
        "Perşembeye kadar eğitimdeyim.",
        "Είμαι σε άδεια έως την Πέμπτη.",
        "Я на конференции до четверга.",
        "Я на лікарняному до четверга.",
        "研修のため木曜日まで不在にしております。",
        "我参加培训，周四回复。",
        "목요일까지 교육 중이라 메일 확인이 어렵습니다.",
        "أنا في دورة تدريبية حتى الخميس.",
        "אני בהשתלמות עד יום חמישי.",
        # offices, mailboxes, and nothing but a return
        "Our clinic is shut for a public holiday and reopens on Thursday.",
        "Vi håller stängt för inventering på torsdag.",
        "Questa casella non è più attiva, scrivete a info@tiglio.example.",
        "Recepția noastră este închisă până joi.",
        "Back on Thursday.",
        "Am Donnerstag wieder im Büro.",
        "목요일에 복귀합니다.",
        # for whatever reason: who reads mail again then, and who helps meanwhile
        "I read mail again from Thursday; I'll be back at it then. In the meantime Kim will help you.",
        "Ms Roe has limited access to her mail until Thursday.",
    ],
)
def test_the_slots_of_an_absence(text: str) -> None:
    assert content(text) == "absence"


@pytest.mark.parametrize(
    "text",
    [
        "Please disable Tom's account, he is on leave until May.",
        "Our user is out of office until Thursday, forward his calls to me.",
        "Lena hat die Firma verlassen, bitte sperren Sie das Konto.",
        "Mein Kollege ist bis Donnerstag im Urlaub, sein Rechner startet nicht.",
        "Je suis en formation mercredi, reportez la livraison du nouvel écran.",
        "Hugo está de vacaciones y nadie sabe dónde está la llave del armario.",
        "Back from leave and my badge is dead.",
        "Terug van verlof en de lift doet niks.",
        "Regreso de vacaciones.",
        "Parcel back on Thursday.",
        "I'll be back on Thursday with a replacement for the broken hinge.",
        "Vi har stängt ärendet tills vidare.",
        "Um die Urlaubszeit kümmert sich niemand, während der Inventur darf nichts ausfallen.",
        "产假回来后门禁卡刷不开。",
        "育休から復帰しましたが、ログインできません。",
        "رمز الدخول لا يعمل، وأنا في إجازة حتى الخميس.",
        "Is Tom on leave until Thursday or only until Wednesday?",
        "We come back to this ticket on Monday, please contact us meanwhile.",
    ],
)
def test_who_mentions_an_absence_is_there(text: str) -> None:
    assert content(text) == "specific"


def test_a_mixed_text_is_read_in_both_scripts() -> None:
    assert content("I am on leave until Thursday.\n木曜日まで休暇をいただいております。") == "absence"


def test_languages_that_share_the_most_words_are_all_read() -> None:
    assert len(slots.read(["på ferie"])) == 2


def test_every_turn_can_be_found() -> None:
    """A turn is looked up by a word of its own: none is listed in vain."""
    for turn in {turn for turns in slots._WHOLE.values() for turn in turns}:
        words = [word.strip("*") for word in turn.words]
        assert turn in slots._looked_up(words[turn.at])


@pytest.mark.parametrize(
    "unit", ["on leave until ", "休暇まで", "i'm out ", "and, ", "?", "a? b! ", "إجازة حتى "]
)
def test_time_grows_with_the_text(unit: str) -> None:
    def took(size: int) -> float:
        runs = []
        for _ in range(3):
            begin = time.process_time()
            slots.read([(unit * size)[:size]])
            runs.append(time.process_time() - begin)
        return min(runs)

    took(1000)
    assert took(80_000) < 40 * max(took(8_000), 0.0005)
