"""Acknowledging, holding, chasing and closing as desks say it in other languages than English.

Literal wordings, folded as what they are sought in; a hyphen at the end stands for any ending. Each says
something only of content, and only where little else is said. German, French, Spanish, Italian,
Portuguese, Dutch, Swedish, Danish, Norwegian, Finnish, Polish, Czech, Russian, Turkish, Hungarian, Japanese,
Chinese and Korean.
"""

from __future__ import annotations

import re

from connector.rules.authorship.words import fold

_UNSPACED = "\u2e80"  # from here on: scripts that write no spaces
ACK = (
    # de
    "ist bei uns eingegangen", "sind bei uns eingegangen", "haben wir erhalten",
    "haben ihre anfrage erhalten",
    "haben ihre nachricht erhalten", "habe ihre anfrage erhalten", "habe ihre nachricht erhalten",
    "vielen dank für ihre", "danke für ihre", "danke für die meldung", "ticket wurde erstellt",
    "ticket wurde angelegt", "ticket wurde eröffnet", "wurde erfasst", "wurde registriert",
    "wurde an das zuständige", "wurde weitergeleitet", "habe ich weitergeleitet",
    # fr
    "avons bien reçu", "ai bien reçu", "a bien été reçu", "a bien été prise en compte",
    "a bien été enregistré-", "a été enregistré-", "merci de nous avoir contacté-", "merci pour votre",
    "merci de votre message", "a été transmis", "un ticket a été créé", "a été attribué-",
    # es
    "hemos recibido su", "hemos recibido tu", "he recibido su", "ha sido recibid-", "ha sido registrad-",
    "se ha registrado", "se ha creado", "ha sido asignad-", "gracias por contactar", "gracias por ponerse en",
    "gracias por su mensaje", "gracias por su correo", "gracias por su consulta", "ha sido derivad-",
    # it
    "abbiamo ricevuto la su-", "abbiamo ricevuto la vostra", "abbiamo ricevuto il su-",
    "ho ricevuto la sua", "è stata ricevuta", "è stata registrata", "è stato registrato",
    "è stato aperto", "è stata presa in carico", "è stato preso in carico", "grazie per averci contattato",
    "grazie per la sua", "grazie per il suo", "è stata inoltrata", "è stato assegnato",
    # pt
    "recebemos a sua", "recebemos o seu", "recebemos sua", "recebemos seu", "recebi a sua", "foi recebid",
    "foi registrad-", "foi registad-", "foi encaminhad-", "foi atribuíd-", "agradecemos o seu contat-",
    "agradecemos o seu contact-", "obrigado pelo seu contat-", "obrigado pelo contat-",
    "obrigado por entrar em contat-", "obrigado por nos contact-", "obrigada pelo seu", "chamado foi aberto",
    # nl
    "hebben wij ontvangen", "hebben we ontvangen", "hebben uw bericht ontvangen",
    "hebben uw melding ontvangen", "hebben uw aanvraag ontvangen", "hebben uw verzoek ontvangen",
    "is bij ons binnengekomen", "is geregistreerd", "is in goede orde ontvangen", "bedankt voor uw",
    "bedankt voor je", "dank voor uw", "is doorgestuurd", "is toegewezen",
    # sv
    "har tagit emot", "har mottagit", "vi har fått ditt", "vi har fått din", "ärende har skapats",
    "ärende är registrerat", "har registrerats", "tack för ditt", "tack för din", "tack för att du kontaktar",
    # da, no
    "vi har modtaget", "jeg har modtaget din", "er modtaget", "er blevet oprettet", "er registreret",
    "tak for din", "tak for jeres", "tak for henvendelsen", "vi har mottatt", "er mottatt", "er opprettet",
    "er registrert", "takk for din", "takk for at du", "takk for henvendelsen", "er videresendt",
    # fi
    "olemme vastaanottaneet", "on vastaanotettu", "on kirjattu", "kiitos yhteydenot-", "kiitos viestist-",
    # pl
    "otrzymaliśmy państwa", "otrzymaliśmy zgłoszenie", "otrzymałem państwa", "zostało przyjęte",
    "zostało zarejestrowane",
    "zgłoszenie przyjęto", "dziękujemy za kontakt", "dziękujemy za zgłoszenie", "dziękujemy za wiadomość",
    "dziękuję za zgłoszenie", "zostało przekazane", "zostało przypisane",
    # cs
    "obdrželi jsme", "přijali jsme", "byl zaregistrován", "byl přijat", "děkujeme za vaš-",
    "děkujeme za zprávu",
    # ru
    "мы получили ваш", "ваше обращение получено", "ваша заявка принята", "заявка зарегистрирована",
    "обращение зарегистрировано", "спасибо за обращение", "спасибо за ваше", "благодарим за обращение",
    # tr, hu
    "talebiniz alınmıştır", "talebiniz alındı", "talebiniz bize ulaştı", "kaydınız oluşturulmuştur",
    "bejelentését megkaptuk", "megkaptuk bejelentését", "köszönjük megkeresését",
    # ja, zh, ko
    "お問い合わせありがとう", "お問い合わせいただきありがとう", "受け付けました", "受付いたしました",
    "承りました",
    "已收到", "已受理",
    "感谢您的来信", "感谢您的咨询", "접수되었습니다", "문의해 주셔서",
)  # fmt: skip
CASES = (
    "förfrågan", "petición", "anfrage", "anliegen", "ticket", "nachricht", "meldung", "mitteilung",
    "störung", "vorgang", "demande", "message", "courriel", "incident", "solicitud", "caso", "correo",
    "mensaje", "consulta", "incidencia", "petición", "richiesta", "segnalazione", "messaggio", "pratica",
    "pedido", "chamado", "solicitação", "mensagem", "verzoek", "melding", "bericht", "aanvraag", "vraag",
    "ärende", "ärendet", "meddelande", "fråga", "felanmälan", "sag", "henvendelse", "besked", "sak",
    "saken", "pyyntö", "pyyntösi", "viesti", "viestisi", "tiketti", "ilmoitus", "zgłoszenie", "wiadomość",
    "sprawa", "požadavek", "zpráva", "zprávu", "hlášení", "заявка", "заявку", "обращение", "письмо",
    "запрос", "сообщение", "talebiniz", "kaydınız", "mesajınız", "başvurunuz", "bejelentés", "bejelentése",
    "bejelentését", "megkeresés", "megkeresését", "üzenet", "üzenetét",
)  # fmt: skip
HANDLED = (
    "weitergeleitet", "zugewiesen", "erfasst", "registriert", "aufgenommen", "eskaliert", "angelegt",
    "eingegangen", "erhalten", "entgegengenommen", "transmis", "transmise", "enregistré", "enregistrée",
    "pris", "prise", "attribué", "attribuée", "escaladé", "escaladée", "reçu", "reçue", "escalado",
    "escalada", "registrado", "registrada", "asignado", "asignada", "derivado", "derivada", "recibido",
    "recibida", "presa", "preso", "inoltrata", "inoltrato", "registrata", "registrato", "assegnata",
    "assegnato", "ricevuta", "ricevuto", "encaminhado", "encaminhada", "recebido", "recebida", "atribuído",
    "doorgestuurd", "geregistreerd", "toegewezen", "ontvangen", "behandeling", "mottaget", "mottagits",
    "mottagen", "registrerat", "registrerats", "vidarebefordrats", "registreret", "modtaget", "videresendt",
    "registrert", "mottatt", "mottatte", "vastaanotettu", "kirjattu", "välitetty", "przekazane",
    "przekazana", "zarejestrowane", "zarejestrowana", "przyjęte", "przyjęta", "otrzymaliśmy", "zaevidován",
    "zaevidovali", "přijat", "přijali", "předán", "předali", "zaregistrován", "obdrželi", "получили",
    "получено", "принята", "принято", "зарегистрирована", "зарегистрировано", "передана", "передано",
    "alınmıştır", "alındı", "iletilmiştir", "iletildi", "kaydedilmiştir", "oluşturulmuştur", "megkaptuk",
    "rögzítettük", "továbbítottuk", "gestionada", "gestionado", "gestita", "gestito", "traitée", "traité",
    "traitons", "bearbeitet", "geprüft", "registrerad", "mottagen", "передан", "принят", "зарегистрирован",
    "genomen", "behandlas", "behandles", "sendt videre",
)  # fmt: skip
"""The case, and what desks do with a case: both in one clause acknowledge, in whatever order."""
SOON = (
    "auf dem laufenden", "tiendrons informé-", "tiens informé-", "mantendremos informad-",
    "terremo informat-",
    "manteremos informad-", "op de hoogte", "uppdaterad", "opdateret", "oppdatert", "в курсе",
    "скоро ответим",
    "in kürze", "schnellstmöglich", "so schnell wie möglich", "baldmöglichst", "zeitnah", "umgehend",
    "dans les meilleurs délais", "rapidement", "dès que possible", "prochainement", "lo antes posible",
    "a la brevedad", "en breve", "al más breve plazo", "al più presto", "quanto prima", "a breve",
    "o mais breve possível", "em breve", "o mais rápido possível", "zo spoedig mogelijk", "zo snel mogelijk",
    "så snart", "snarast", "inom kort", "hurtigst muligt", "snarest", "så raskt", "mahdollisimman pian",
    "pian",
    "wkrótce", "jak najszybciej", "niezwłocznie", "brzy", "co nejdříve", "вскоре", "в ближайшее время",
    "как можно скорее", "en kısa sürede", "hamarosan", "mihamarabb",
)  # fmt: skip
"""A promise of haste. That alone is boilerplate where nothing else is said."""
HOLDING = (
    # de
    "wir kümmern uns", "kümmere mich um ihr", "kümmern uns darum", "wir melden uns", "ich melde mich",
    "melden uns in kürze", "melden uns bei ihnen", "wir prüfen das", "ich prüfe das", "wir schauen uns das",
    "ich schaue mir das", "sehe mir das an", "wir sind dran", "ich bin dran", "wird bearbeitet",
    "ist in bearbeitung", "arbeiten daran", "meldet sich bei ihnen", "wird sich bei ihnen melden",
    # fr
    "nous revenons vers vous", "vous recontactons", "je reviens vers vous", "reviendrons vers vous",
    "reviendra vers vous",
    "nous regardons", "je regarde cela", "nous nous en occupons", "je m'en occupe",
    "est en cours de traitement",
    "sera traitée", "nous vous recontacterons", "nous vous répondrons", "est en cours d'analyse",
    # es
    "lo estamos revisando", "estamos revisando", "lo reviso y", "nos pondremos en contacto",
    "me pondré en contacto", "se pondrá en contacto", "le responderemos", "le contactaremos",
    "estamos trabajando en ello", "estamos investigando", "en breve le", "está siendo atendid-",
    # it
    "la ricontatteremo", "vi ricontatteremo", "le risponderemo", "ci metteremo in contatto",
    "stiamo verificando", "sto verificando", "stiamo lavorando", "la contatteremo", "verrà contattat-",
    "ce ne stiamo occupando", "me ne occupo", "è in lavorazione",
    # pt
    "entraremos em contat-", "entraremos em contact-", "entrarei em contat-", "estamos analisando",
    "estamos a analisar", "estamos verificando", "estamos a verificar", "vou verificar e", "retornaremos",
    "responderemos em breve", "está em análise", "está a ser tratad-", "está sendo tratad-",
    # nl
    "we gaan ermee aan de slag", "wij gaan ermee aan de slag", "nemen contact met u op",
    "neem contact met u op",
    "neemt contact met u op", "nemen zo spoedig mogelijk", "nemen het in behandeling", "is in behandeling",
    "we kijken ernaar", "ik kijk ernaar", "we zoeken het uit", "ik zoek het uit", "komen hierop terug",
    "kom hierop terug", "komen bij u terug",
    # sv
    "hör av oss", "vi återkommer", "jag återkommer", "vi tittar på", "jag tittar på det", "vi undersöker",
    "är under behandling",
    "vi jobbar på det", "vi kontaktar dig",
    # da, no
    "vi vender tilbage", "jeg vender tilbage", "vi kigger på", "jeg kigger på det", "vi ser på det",
    "jeg ser på det", "vi undersøger", "vi undersøker", "vi kommer tilbake til", "jeg kommer tilbake",
    "er under behandling", "vi kontakter dig", "vi tar kontakt",
    # fi
    "palaamme asiaan", "palaan asiaan", "olemme sinuun yhteydessä", "selvitämme asiaa", "tutkimme asiaa",
    # pl
    "wrócimy z odpowiedzią", "wrócę z odpowiedzią", "skontaktujemy się", "skontaktuję się", "odezwiemy się",
    "sprawdzamy to", "sprawdzę to", "zajmujemy się", "jest w trakcie realizacji", "pracujemy nad",
    # cs
    "ozveme se", "budeme vás kontaktovat", "pracujeme na", "prověřujeme", "podíváme se na",
    # ru
    "мы свяжемся с вами", "свяжемся с вами", "мы ответим", "мы работаем над", "мы проверяем",
    "находится в работе", "мы разбираемся", "ответим вам",
    # tr, hu
    "dönüş yapacağız", "dönüş yapılacaktır", "inceliyoruz", "incelenmektedir", "jelentkezünk", "vizsgáljuk",
    # ja, zh, ko
    "ご連絡いたします", "ご連絡差し上げ", "確認いたします", "確認中です", "調査中", "尽快与您联系",
    "尽快回复", "正在处理",
    "正在调查", "확인 중", "연락드리겠습니다",
)  # fmt: skip
CHASER = (
    # de
    "noch keine rückmeldung", "keine rückmeldung von ihnen", "keine rückmeldung erhalten",
    "keine antwort von ihnen", "noch nichts von ihnen gehört", "warten auf ihre rückmeldung",
    "warten noch auf ihre", "freundliche erinnerung", "wollte nur nachfragen", "besteht das problem noch",
    # fr
    "sans réponse de votre part", "sans retour de votre part", "sans nouvelles de votre part",
    "n'avons pas eu de retour", "n'avons pas reçu de réponse", "en attente de votre retour",
    "en attente de votre réponse", "petit rappel", "je me permets de vous relancer",
    # es
    "no hemos recibido respuesta", "no hemos recibido noticias", "seguimos a la espera",
    "quedamos a la espera",
    "quedo a la espera", "a la espera de su respuesta", "un recordatorio", "sigue teniendo el problema",
    # it
    "non abbiamo ricevuto risposta", "non abbiamo ricevuto riscontro", "non abbiamo avuto riscontro",
    "in attesa di un suo riscontro", "in attesa di un vostro riscontro", "in attesa di una sua risposta",
    "un promemoria", "restiamo in attesa",
    # pt
    "não recebemos resposta", "não tivemos retorno", "não obtivemos resposta", "não obtivemos retorno",
    "aguardamos o seu retorno", "aguardamos seu retorno", "aguardamos a sua resposta", "aguardo retorno",
    "um lembrete", "ainda tem o problema",
    # nl
    "nog geen reactie", "geen reactie ontvangen", "niets van u vernomen", "niets meer van u gehoord",
    "wachten op uw reactie", "wachten nog op uw", "een herinnering", "speelt het probleem nog",
    # sv
    "inte hört något från dig", "inte fått något svar", "inte fått svar", "väntar på ditt svar",
    "väntar på svar från dig", "en påminnelse", "kvarstår problemet",
    # da, no
    "ikke hørt fra dig", "ikke hørt fra deg", "ikke modtaget svar", "ikke mottatt svar", "ikke fået svar",
    "ikke fått svar", "afventer dit svar", "afventer svar fra", "venter på svar fra", "en påmindelse",
    "en påminnelse", "har du stadig problemet",
    # fi
    "emme ole saaneet vastausta", "odotamme vastaustasi", "muistutus",
    # pl
    "nie otrzymaliśmy odpowiedzi", "nie otrzymałem odpowiedzi", "brak odpowiedzi", "czekamy na odpowiedź",
    "oczekujemy na odpowiedź", "uprzejmie przypominam", "czy problem nadal",
    # cs
    "neobdrželi jsme odpověď", "čekáme na vaši odpověď", "připomínáme",
    # ru
    "не получили ответа", "не получили от вас", "ожидаем вашего ответа", "ждем вашего ответа",
    "ждём вашего ответа", "напоминаем", "проблема ещё актуальна", "проблема еще актуальна",
)  # fmt: skip
AUTO_CLOSE = (
    # de
    "ticket wird geschlossen", "schließen das ticket", "schließe das ticket", "schließen wir das ticket",
    "schließen wir dieses ticket", "schließen diese anfrage", "ticket geschlossen",
    "ticket wurde geschlossen",
    "wird automatisch geschlossen", "mangels rückmeldung", "automatisch geschlossen", "als erledigt",
    # fr
    "nous clôturons", "je clôture", "nous fermons le ticket", "nous fermons votre", "nous fermons cette",
    "je ferme le ticket", "a été clôturé-", "a été fermé-",
    "sera clôturé-", "sera fermé-", "sera automatiquement clôturé-", "ticket clos",
    # es
    "cerramos el ticket", "cerramos este ticket", "cerramos el caso", "cierro el ticket", "ha sido cerrad-",
    "se ha cerrado", "será cerrad-", "se cerrará automáticamente", "procedemos a cerrar",
    "procedemos al cierre",
    # it
    "chiudiamo il ticket", "chiudo il ticket", "chiudiamo la richiesta", "è stato chiuso", "verrà chiuso",
    "sarà chiuso", "è stata chiusa", "procediamo alla chiusura", "procediamo con la chiusura",
    # pt
    "fechamos o chamado", "encerramos o chamado", "estamos encerrando", "vamos encerrar", "vamos fechar",
    "foi encerrad-", "foi fechad-", "será encerrad-", "será fechad-", "encerrado automaticamente",
    # nl
    "sluiten dit ticket", "sluiten het ticket", "sluit het ticket", "sluiten deze melding", "sluiten wij",
    "ticket is gesloten", "is gesloten", "wordt gesloten", "automatisch gesloten",
    # sv
    "stänger ärendet", "stänger vi ärendet", "ärendet är stängt", "ärendet stängs", "har stängts",
    # da, no
    "lukker sagen", "lukker vi sagen", "sagen er lukket", "sagen lukkes", "lukker saken", "lukker vi saken",
    "saken er lukket", "saken lukkes", "ticket lukkes",
    # fi
    "suljemme tiketin", "suljemme pyynnön", "tiketti on suljettu", "tiketti suljetaan",
    # pl
    "zamykamy zgłoszenie", "zamykam zgłoszenie", "zgłoszenie zostało zamknięte", "zostanie zamknięte",
    "zgłoszenie zamknięte",
    # cs
    "uzavíráme", "byl uzavřen", "bude uzavřen",
    # ru
    "закрываем заявку", "закрываем обращение", "закрываю заявку", "заявка закрыта", "обращение закрыто",
    "будет закрыта", "будет закрыто",
)  # fmt: skip
COURTESIES = (
    "bei fragen", "bei weiteren fragen", "bei rückfragen", "stehen wir ihnen gerne", "stehen ihnen gerne",
    "stehe ich ihnen gerne", "zögern sie nicht", "für ihre geduld", "für ihr verständnis", "schönen tag",
    "n'hésitez pas", "restons à votre disposition", "reste à votre disposition", "votre patience",
    "votre compréhension", "bonne journée", "no dude en", "no duden en", "quedamos a su disposición",
    "gracias de antemano", "su paciencia", "un cordial saludo", "que tenga un buen", "non esiti a",
    "restiamo a disposizione", "resto a disposizione", "grazie per la pazienza", "buona giornata",
    "não hesite em", "estamos à disposição", "ficamos à disposição", "pela compreensão", "um bom dia",
    "aarzel niet", "heeft u vragen", "mocht u nog vragen", "voor uw geduld", "uw begrip", "fijne dag",
    "tveka inte", "har du frågor", "tack för ditt tålamod", "ha en bra dag", "tøv ikke", "har du spørgsmål",
    "har du spørsmål", "tak for din tålmodighed", "ha en fin dag", "hav en god dag", "ystävällisin",
    "w razie pytań", "w przypadku pytań", "za cierpliwość", "miłego dnia", "v případě dotazů", "hezký den",
    "если у вас есть вопросы", "если у вас возникнут вопросы", "за терпение", "хорошего дня",
)  # fmt: skip


def pattern(phrases: tuple[str, ...]) -> str:
    """A regular expression that finds any of these as whole words."""
    return "(?:" + "|".join(map(_one, phrases)) + ")"


def anchors(phrases: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each phrase with the word a text must have for it: its longest whole one."""
    found = []
    for phrase in map(fold, phrases):
        words = re.findall(r"\w+", phrase)
        found.append((max(words[:-1] if phrase.endswith("-") else words, key=len), phrase.rstrip("-")))
    return found


def _one(phrase: str) -> str:
    end = "" if phrase.endswith("-") or phrase[0] > _UNSPACED else r"(?!\w)"
    return ("" if phrase[0] > _UNSPACED else r"(?<!\w)") + re.escape(fold(phrase).rstrip("-")) + end
