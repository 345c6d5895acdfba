"""Acknowledging, holding, chasing and closing in other languages; and real answers, which stay answers."""

from __future__ import annotations

import pytest

from connector.rules.authorship import abroad, judge, patterns
from connector.rules.authorship.words import fold
from tests.unit.authorship_kit import RULE, message_of

STOCK = [
    ("ack", "Vielen Dank für Ihre Anfrage. Wir melden uns in Kürze bei Ihnen."),
    ("holding", "Guten Tag Frau Müller,\n\nwir schauen uns das an und melden uns in Kürze."),
    ("chaser", "Leider haben wir noch keine Rückmeldung erhalten."),
    ("auto_close", "Da das Problem behoben ist, schließen wir das Ticket."),
    ("ack", "Bonjour,\n\nNous avons bien reçu votre demande.\n\nCordialement"),
    ("holding", "Bonjour Madame, nous revenons vers vous rapidement. N'hésitez pas à nous appeler."),
    ("chaser", "Petit rappel : nous restons sans nouvelles de votre part."),
    ("auto_close", "Le ticket sera clôturé demain."),
    ("ack", "Su solicitud ha sido registrada. Gracias por su paciencia."),
    ("holding", "Nos pondremos en contacto con usted lo antes posible."),
    ("chaser", "Quedamos a la espera de su respuesta."),
    ("auto_close", "Al no recibir noticias, el ticket será cerrado."),
    ("ack", "Abbiamo ricevuto la sua richiesta. Grazie per la pazienza."),
    ("holding", "La ricontatteremo al più presto."),
    ("chaser", "Non abbiamo ricevuto riscontro, restiamo in attesa."),
    ("auto_close", "Procediamo alla chiusura del ticket."),
    ("ack", "Olá,\n\nrecebemos o seu pedido."),
    ("holding", "Entraremos em contacto consigo em breve."),
    ("chaser", "Como não obtivemos resposta, aguardamos o seu retorno."),
    ("auto_close", "Vamos encerrar o chamado."),
    ("ack", "Bedankt voor uw bericht."),
    ("holding", "We nemen contact met u op zodra we meer weten."),
    ("chaser", "Wij hebben nog geen reactie ontvangen."),
    ("auto_close", "Wij sluiten dit ticket."),
    ("ack", "Tack för ditt meddelande, ärendet har registrerats."),
    ("holding", "Vi återkommer så snart vi kan."),
    ("chaser", "Vi har inte fått något svar än."),
    ("auto_close", "Vi stänger ärendet nu."),
    ("ack", "Tak for din henvendelse."),
    ("holding", "Vi vender tilbage hurtigst muligt."),
    ("chaser", "Vi har ikke hørt fra dig."),
    ("auto_close", "Vi lukker sagen."),
    ("ack", "Takk for at du kontakter oss."),
    ("holding", "Vi kommer tilbake til deg så snart som mulig."),
    ("chaser", "Vi har ikke mottatt svar."),
    ("auto_close", "Vi lukker saken i morgen."),
    ("ack", "Kiitos yhteydenotostasi."),
    ("holding", "Palaamme asiaan mahdollisimman pian."),
    ("ack", "Dziękujemy za zgłoszenie. Miłego dnia!"),
    ("holding", "Skontaktujemy się z Państwem wkrótce."),
    ("chaser", "Nie otrzymaliśmy odpowiedzi."),
    ("auto_close", "Zamykamy zgłoszenie."),
    ("ack", "Děkujeme za zprávu."),
    ("holding", "Ozveme se vám co nejdříve."),
    ("ack", "Здравствуйте!\n\nВаше обращение получено."),
    ("holding", "Мы свяжемся с вами в ближайшее время."),
    ("chaser", "Ожидаем вашего ответа."),
    ("auto_close", "Ваша заявка закрыта."),
]

ANSWERS = [
    "Ich habe den Treiber auf Version 6.8 zurückgesetzt, bitte drucken Sie noch einmal.",
    "Erledigt.",
    "Vielen Dank für Ihre Geduld: das Zertifikat auf mail01 war abgelaufen, ich habe es um 9:12 erneuert und "
    "den Dienst neu gestartet.",
    "J'ai redémarré le serveur d'impression, merci de réessayer.",
    "He cambiado la contraseña, pruebe otra vez.",
    "Ho riavviato il servizio, può riprovare.",
    "Reiniciei o servidor, pode tentar de novo.",
    "Ik heb de printer opnieuw ingesteld, probeer het nog eens.",
    "Jag har startat om servern, prova igen.",
    "Jeg har genstartet serveren, prøv igen.",
    "Käynnistin palvelimen uudelleen, kokeile nyt.",
    "Zrestartowałem serwer, proszę spróbować ponownie.",
    "Restartoval jsem server, zkuste to znovu.",
    "Я перезапустил сервер, попробуйте ещё раз.",
]


@pytest.mark.parametrize(("kind", "text"), STOCK)
def test_a_stock_phrase_is_boilerplate_whoever_sends_it(kind: str, text: str) -> None:
    verdict = judge(message_of(text, actor="staff", direction="out", channel="email"), RULE)
    assert (verdict.cause, verdict.content) == ("human", "boilerplate")
    assert verdict.evidence[-1].rule == f"phrase.{kind}"
    stranger = judge(message_of(text, direction="out", channel="email"), RULE)
    assert stranger.cause == "unknown"


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_one_in_any_language(text: str) -> None:
    verdict = judge(message_of(text, actor="staff", direction="out", channel="email"), RULE)
    assert (verdict.cause, verdict.content) == ("human", "specific")


@pytest.mark.parametrize("listed", [abroad.ACK, abroad.HOLDING, abroad.CHASER, abroad.AUTO_CLOSE])
def test_every_phrase_can_be_found(listed: tuple[str, ...]) -> None:
    for phrase in listed:
        text = fold(phrase.replace("-", "a") + " xyz")
        tokens = set(text.translate(dict.fromkeys(map(ord, "'.,"), " ")).split())
        word, anchor = abroad.anchors((phrase,))[0]
        assert word in tokens, phrase
        assert anchor in text, phrase
        assert word in patterns.ANCHOR_WORDS
