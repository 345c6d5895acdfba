"""The words of many languages that unwrapping and phrases look for, in one place to extend.

Languages: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian,
Finnish, Polish, Czech, Hungarian, Romanian, Russian, Ukrainian, Turkish, Greek, Japanese, Chinese, Korean.
They are written as people write them and folded here; what they are compared with is folded too.
"""

from __future__ import annotations

from unicodedata import normalize

_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "\xa0": " ", "\u202f": " ", "\u200b": ""})


def fold(text: str) -> str:
    """Text as it is compared: casefolded, accents composed, apostrophes straight, hard spaces soft."""
    return text.casefold() if text.isascii() else normalize("NFC", text).translate(_STRAIGHT).casefold()


def _list(*phrases: str) -> tuple[str, ...]:
    return tuple(map(fold, phrases))


def _set(*phrases: str) -> frozenset[str]:
    return frozenset(map(fold, phrases))


# ── quotes ────────────────────────────────────────────────────────────────────────────────────

WROTE = _list(
    "wrote", "writes", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "skrev",
    "kirjoitti", "napisał", "napsal", "írta", "a scris", "написал", "пишет", "написав", "yazdı", "έγραψε",
    "のメール", "が書きました", "写道", "寫道", "写到", "님이 작성",
)  # fmt: skip

FROM = _set(
    "from", "von", "de", "da", "van", "fra", "från", "od", "lähettäjä", "feladó", "de la", "от",
    "от кого",
    "від", "kimden", "από", "差出人", "发件人", "寄件者", "보낸 사람", "expéditeur", "mittente",
)  # fmt: skip

HEADER = _set(
    "sent", "date", "to", "cc", "subject", "gesendet", "datum", "an", "betreff", "envoyé", "à", "objet",
    "enviado", "enviado el", "fecha", "para", "asunto", "inviato", "data", "a", "oggetto", "assunto",
    "verzonden", "aan", "onderwerp", "skickat", "till", "ämne", "sendt", "til", "emne", "lähetetty",
    "vastaanottaja", "aihe", "wysłano", "do", "temat", "odesláno", "komu", "předmět", "elküldve",
    "címzett",
    "tárgy", "trimis", "către", "subiect", "отправлено", "дата", "кому", "тема", "надіслано",
    "gönderilen",
    "kime", "konu", "στάλθηκε", "προς", "θέμα", "送信日時", "宛先", "件名", "发送时间", "收件人", "主题",
    "寄件日期", "收件者", "主旨", "보낸 날짜", "받는 사람", "제목",
)  # fmt: skip

ORIGINAL = _list(
    "original message", "ursprüngliche nachricht", "message d'origine", "message original",
    "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht",
    "originalmeddelande", "ursprungligt meddelande", "oprindelig meddelelse", "opprinnelig melding",
    "alkuperäinen viesti", "wiadomość oryginalna", "původní zpráva", "eredeti üzenet", "mesaj original",
    "исходное сообщение", "пересылаемое сообщение", "özgün ileti", "αρχικό μήνυμα", "original nachricht",
    "原始邮件", "原始郵件", "元のメッセージ", "원본 메시지",
)  # fmt: skip

FORWARDED = _list(
    "forwarded message", "begin forwarded message", "weitergeleitete nachricht", "message transféré",
    "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht",
    "vidarebefordrat meddelande", "videresendt meddelelse", "wiadomość przekazana", "přeposlaná zpráva",
)  # fmt: skip

# ── endings ───────────────────────────────────────────────────────────────────────────────────

CLOSINGS = _set(
    "best", "best regards", "kind regards", "warm regards", "regards", "with kind regards",
    "many regards",
    "sincerely", "yours sincerely", "yours faithfully", "all the best", "best wishes", "br", "rgds", "kr",
    "mit freundlichen grüßen", "mit freundlichem gruß", "freundliche grüße", "viele grüße", "beste grüße",
    "liebe grüße", "schöne grüße", "mfg", "lg", "vg", "gruß", "grüße",
    "cordialement", "bien cordialement", "salutations", "bien à vous", "saludos", "un saludo",
    "atentamente",
    "saludos cordiales", "cordiali saluti", "distinti saluti", "saluti", "atenciosamente", "cumprimentos",
    "com os melhores cumprimentos", "abraço", "abraços", "met vriendelijke groet",
    "met vriendelijke groeten",
    "groeten", "groet", "mvg", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh",
    "med venlig hilsen", "venlig hilsen", "vennlig hilsen", "hilsen", "ystävällisin terveisin",
    "terveisin",
    "pozdrawiam", "z poważaniem", "s pozdravem", "üdvözlettel", "cu stimă", "с уважением", "з повагою",
    "saygılarımla", "iyi çalışmalar", "με εκτίμηση", "よろしくお願いします", "よろしくお願いいたします",
    "此致", "敬礼", "감사합니다 드림",
)  # fmt: skip

THANKS_CLOSINGS = _set(
    "thanks", "thank you", "many thanks", "thanks again", "thank you very much", "cheers", "thx", "tia",
    "danke", "vielen dank", "merci", "gracias", "muchas gracias", "grazie", "obrigado", "obrigada",
    "bedankt",
    "tack", "tak", "takk", "kiitos", "dziękuję", "děkuji", "köszönöm", "mulțumesc", "спасибо", "дякую",
    "teşekkürler", "ευχαριστώ",
)  # fmt: skip

GREETINGS = _set(
    "hi", "hello", "hey", "dear", "greetings", "hallo", "moin", "servus", "grüezi", "liebe", "lieber",
    "bonjour", "bonsoir", "salut", "cher", "chère", "hola", "estimado", "estimada", "ciao", "buongiorno",
    "buonasera", "gentile", "olá", "prezado", "prezada", "geachte", "goedemorgen", "goedemiddag", "hej",
    "hei", "hallå", "kära", "kære", "kjære", "cześć", "witam", "szanowny", "szanowna", "ahoj", "vážený",
    "vážená", "kedves", "tisztelt", "bună", "stimate", "stimată", "здравствуйте", "уважаемый", "уважаемая",
    "привет", "вітаю", "шановний", "шановна", "merhaba", "sayın", "γεια", "αγαπητέ", "αγαπητή",
)  # fmt: skip
MAYBE_GREETINGS = _set(
    "good", "guten", "sehr", "buenos", "buenas", "bom", "boa", "caro", "cara", "beste", "dag", "moi", "hyvä",
    "dobrý", "добрый",
)  # fmt: skip
"""Words that open a greeting, and other sentences, too."""

MOBILE = _list(
    "sent from my", "sent from mail for", "sent from outlook", "sent via", "get outlook for",
    "von meinem iphone gesendet", "gesendet von", "envoyé de mon", "envoyé depuis", "enviado desde",
    "enviado do meu", "inviato da", "verstuurd vanaf", "verzonden vanaf", "skickat från", "sendt fra",
    "lähetetty", "wysłane z", "odesláno z", "отправлено с", "отправлено из", "iphone'umdan gönderildi",
)  # fmt: skip

DISCLAIMER_STARTS = _list(
    "this e-mail", "this email", "this message", "this communication", "this transmission",
    "the information", "the contents of this", "confidential", "important notice", "disclaimer", "notice:",
    "diese e-mail", "diese nachricht", "der inhalt dieser", "ce message", "ce courriel", "cet e-mail",
    "este mensaje", "este correo", "la información", "este e-mail", "esta mensagem", "questo messaggio",
    "il presente", "le informazioni", "dit bericht", "deze e-mail", "de informatie", "detta meddelande",
    "denne e-mail", "denne e-posten", "tämä viesti", "ta wiadomość", "niniejsza wiadomość", "tento e-mail",
    "это сообщение", "данное сообщение", "bu e-posta", "このメール", "本邮件",
)  # fmt: skip

DISCLAIMER = _list(
    "confidential", "intended recipient", "intended solely", "privileged", "vertraulich", "confidentiel",
    "confidencial", "riservat", "vertrouwelijk", "konfidentiell", "fortrolig", "luottamuksell", "poufn",
    "důvěrn", "конфиденциальн", "gizli", "機密", "保密",
)  # fmt: skip

BANNER_STARTS = _list(
    "[external", "[ext]", "[extern", "you don't often get email from",
    "some people who received this message", "this email originated", "this e-mail originated",
    "this message originated", "this email is from outside", "this email was sent from outside",
    "this message was sent from outside", "this email came from outside", "this is an external e",
    "external email:", "external sender:", "external e-mail:", "diese e-mail stammt von",
    "diese nachricht stammt von", "externe e-mail:", "externer absender", "caution", "warning", "attention",
    "external", "be careful", "achtung", "vorsicht", "warnung", "atención", "precaución", "attenzione",
    "atenção", "let op", "varning", "uwaga",
)  # fmt: skip
BANNER = _list(
    "[ext", "external email", "external e-mail", "external sender", "external source", "outside of",
    "outside your", "outside the", "from outside", "do not click", "don't click", "don't often get",
    "learn why", "don't often", "von außerhalb", "externe e-mail", "externer absender", "stammt von",
    "extérieur", "expéditeur externe", "mittente esterno", "remitente externo", "fuera de la organización",
    "fora da organização", "externe afzender", "utanför organisationen", "spoza organizacji",
)  # fmt: skip
"""What mail gateways print above a mail from outside: how it begins, and what it then speaks of."""

REPLY_ABOVE = _list(
    "above this line", "above the line", "über dieser zeile", "oberhalb dieser zeile",
    "au-dessus de cette ligne", "por encima de esta línea", "encima de esta línea", "sopra questa riga",
    "acima desta linha", "boven deze regel", "boven deze lijn", "ovanför denna rad", "over denne linje",
    "powyżej tej linii",
)  # fmt: skip
"""The mark a help desk prints above what it sent, for the answer to stand over."""

# ── subjects ──────────────────────────────────────────────────────────────────────────────────

AUTO_REPLY_SUBJECTS = _list(
    "automatic reply", "automatic response", "automated reply", "automated response", "auto reply",
    "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "autorespons",
    "autoresponder", "auto respond", "out of office autoreply", "out of office auto-reply",
    "out of office reply", "out of office response", "out-of-office reply", "vacation reply",
    "automatische antwort", "automatische antwort bei abwesenheit", "autom. antwort", "abwesenheitsnotiz",
    "abwesenheitsmeldung", "automatische abwesenheitsnotiz", "réponse automatique", "réponse auto",
    "message d'absence", "absence du bureau", "respuesta automática", "respuesta de ausencia",
    "contestación automática", "resposta automática", "resposta automàtica", "resposta de ausência",
    "risposta automatica", "messaggio automatico", "automatisch antwoord", "automatische reactie",
    "automatisch bericht", "afwezigheidsbericht", "autosvar", "automatiskt svar", "automatisk svar",
    "automatisk svar ved fravær", "frånvaromeddelande", "fraværsmelding", "fraværsbesked",
    "automaattinen vastaus", "poissaoloviesti", "automatyczna odpowiedź", "autoodpowiedź",
    "automatická odpověď", "automatická odpoveď", "automatikus válasz", "răspuns automat",
    "raspuns automat", "автоматический ответ", "автоответ", "автоматична відповідь", "автовідповідь",
    "автоматичен отговор", "otomatik yanıt", "otomatik cevap", "αυτόματη απάντηση", "automatski odgovor",
    "samodejni odgovor", "automaatvastus", "automātiskā atbilde", "automatinis atsakymas", "自動応答",
    "自動返信", "自动答复", "自动回复", "自動回覆", "自動回复", "자동 회신", "자동 응답", "자동회신",
    "trả lời tự động", "balasan otomatis", "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي",
    "ตอบกลับอัตโนมัติ",
)  # fmt: skip

ABSENCE_SUBJECTS = _list(
    "out of office", "out of the office", "out-of-office", "ooo", "vacation", "on vacation", "on leave",
    "on annual leave", "annual leave", "on holiday", "away from my mail", "away from the office",
    "i am out of the office", "i'm out of the office", "i am away", "away until", "away from office",
    "abwesenheit", "abwesend", "nicht im büro", "urlaub", "bin im urlaub", "absent", "absence",
    "absent du bureau", "hors du bureau", "fuera de la oficina", "fuera de oficina", "ausencia", "ausente",
    "fuori ufficio", "fuori sede", "assente", "assenza", "fora do escritório", "ausência", "afwezig",
    "afwezigheid", "niet aanwezig", "frånvaro", "inte på kontoret", "fravær", "ikke til stede",
    "ikke på kontoret", "poissa", "poissa toimistosta", "poza biurem", "nieobecność", "nieobecny",
    "mimo kancelář", "nepřítomnost", "házon kívül", "în afara biroului", "нет на месте", "вне офиса",
    "отсутствие", "в отпуске", "ofis dışında", "ofis dışı", "εκτός γραφείου", "不在", "不在通知", "外出中",
    "休假", "不在办公室", "외출 중", "부재중",
)  # fmt: skip

BOUNCE_SUBJECTS = _list(
    "undeliverable", "undelivered mail", "undelivered", "undeliverable mail", "undeliverable message",
    "delivery status notification", "delivery failure", "delivery failed", "delivery has failed",
    "delivery notification", "delivery report", "delivery delayed", "delayed mail", "failure notice",
    "failure delivery", "failed delivery", "failed mail", "mail delivery failed", "mail delivery failure",
    "mail delivery problem", "mail delivery system", "mail delivery subsystem",
    "mail could not be delivered", "mail not delivered", "mail system error", "mail failure",
    "message delivery has failed", "message not delivered", "message undeliverable", "non-delivery", "ndn:",
    "ndr:", "nondeliverable", "permanent delivery failure", "postmaster notify", "returned mail",
    "returned to sender", "your message could not be delivered",
    "sorry, your message could not be delivered", "warning: could not send", "warning: message",
    "could not send message", "unzustellbar", "unzustellbare", "nicht zustellbar",
    "zustellung fehlgeschlagen", "mail nicht zustellbar", "non remis", "non distribuable",
    "échec de la remise", "échec de remise", "avis de non-remise", "no se puede entregar",
    "no se pudo entregar", "imposible de entregar", "correo no entregado", "no entregado",
    "impossibile recapitare", "non recapitabile", "mancato recapito", "mancata consegna",
    "não foi possível entregar", "não é possível entregar", "falha na entrega", "onbestelbaar",
    "niet bezorgd", "kan niet worden bezorgd", "går ej att leverera", "kan inte levereras", "ikke leveret",
    "kan ikke leveres", "kunne ikke leveres", "ei voida toimittaa", "niedostarczalne",
    "nie można dostarczyć", "nedoručitelné", "nedoručeno", "nedoručiteľné", "kézbesíthetetlen",
    "nelivrabil", "недоставлен", "не доставлено", "ваше сообщение не доставлено", "сообщение не доставлено",
    "teslim edilemedi", "αδύνατη η παράδοση", "配信できません", "配信不能", "メッセージを配信できません",
    "メールエラー", "无法传递", "无法送达", "無法傳遞", "退信", "系统退信", "배달되지 않음", "배달 실패",
    "전송 실패",
)  # fmt: skip

BOUNCE_TEXT = _list(
    "domain name not found", "host not found", "zustellung an folgende", "remise a échoué",
    "not yet been delivered", "still being retried", "delivery incomplete", "delivery is delayed",
    "does not exist at the organization", "doručení se nezdařilo", "nepodařilo doručit",
    "leverans misslyckades", "levering mislykkedes", "levering mislyktes", "toimitus epäonnistui",
    "teslim edilemiyor", "iletilemedi", "could not be delivered", "couldn't be delivered",
    "cannot be delivered", "can't be delivered", "was not delivered", "wasn't delivered",
    "not been delivered", "has been returned because", "unable to deliver", "not able to deliver",
    "wasn't able to deliver", "was undeliverable", "delivery has failed", "delivery failed",
    "delivery to the following", "delivery errors", "error delivering your", "fatal errors",
    "failed permanently", "did not reach the following", "undeliverable address",
    "recipient address rejected", "failed recipients", "failed to deliver", "transcript of session",
    "did not receive this message", "message could not be sent", "not delivered to", "user unknown",
    "mailbox unavailable", "delivery status notification", "attempting to deliver",
    "nicht zugestellt werden", "unzustellbar", "n'a pas pu être remis", "n'a pas été remis",
    "n'a pas pu être distribué", "pas pu être délivré", "no se pudo entregar", "no se ha podido entregar",
    "no se puede entregar", "no pudo ser entregado", "non è stato possibile recapitare",
    "non è stato recapitato", "impossibile recapitare", "non può essere recapitato",
    "non è stato consegnato", "não pôde ser entregue", "não foi possível entregar", "não foi entregue",
    "niet worden bezorgd", "niet worden afgeleverd", "niet bezorgd", "kunde inte levereras",
    "kan inte levereras", "kunne ikke leveres", "kan ikke leveres", "ei voitu toimittaa",
    "nie można dostarczyć", "nie mogła zostać dostarczona", "nie została dostarczona", "nelze doručit",
    "nebylo možné doručit", "nem kézbesíthető", "nem sikerült kézbesíteni", "nu a putut fi livrat",
    "не может быть доставлено", "не удалось доставить", "невозможно доставить", "не доставлено",
    "не может быть отправлено", "не може бути доставлен", "teslim edilemedi", "配信できません",
    "送信できませんでした", "配達できません", "配信に失敗", "无法发送到", "无法送达", "无法传递",
    "無法傳遞", "无法投递", "전달되지 않았", "배달할 수 없",
)  # fmt: skip

# ── thanks ────────────────────────────────────────────────────────────────────────────────────

THANKS = _set(
    "thanks", "thank", "thankyou", "thx", "tx", "ty", "tysm", "thanx", "thnx", "cheers", "appreciated",
    "appreciate", "ta", "ok", "okay", "okey", "k", "kk", "great", "perfect", "excellent", "awesome",
    "brilliant", "wonderful", "fantastic", "super", "cool", "nice", "lovely", "good", "fine", "noted",
    "understood", "confirmed", "yes", "yep", "done", "grateful",
    "danke", "dankeschön", "dank", "dankesehr", "prima", "klasse", "alles", "passt", "erledigt", "toll",
    "merci", "parfait", "d'accord", "génial", "gracias", "perfecto", "vale", "genial", "excelente",
    "grazie",
    "perfetto", "ottimo", "obrigado", "obrigada", "perfeito", "ótimo", "valeu", "bedankt", "dankjewel",
    "dankuwel", "dankje", "prachtig", "tack", "tak", "takk", "perfekt", "fint", "toppen", "kiitos",
    "kiitti",
    "dziękuję", "dzięki", "dziekuje", "dzieki", "super", "děkuji", "díky", "dekuji", "diky", "ďakujem",
    "köszönöm", "köszi", "köszönjük", "mulțumesc", "multumesc", "mersi", "спасибо", "благодарю",
    "отлично",
    "супер", "хорошо", "ок", "дякую", "teşekkürler", "teşekkür", "sağol", "tamam", "harika", "ευχαριστώ",
    "ありがとう", "ありがとうございます", "ありがとうございました", "了解", "了解しました", "了解です",
    "承知しました", "谢谢", "謝謝", "多谢", "感谢", "好的", "收到", "감사합니다", "고맙습니다", "감사", "네",
    "hvala", "terima", "cảm", "תודה", "شكرا",
)  # fmt: skip

FILLER = _set(
    "you", "u", "so", "very", "much", "many", "a", "lot", "again", "all", "for", "your", "the", "help",
    "this",
    "that", "it", "is", "was", "will", "do", "quick", "fast", "prompt", "reply", "response", "support",
    "assistance", "update", "job", "work", "works", "working", "fixed", "solved", "resolved", "sorted",
    "now",
    "everyone", "team", "guys", "hi", "hello", "hey", "dear", "really", "i", "we", "have", "day",
    "weekend",
    "and", "to", "best", "regards", "kind", "looks", "sounds", "got", "too", "as", "well", "thing",
    "things",
    "vielen", "herzlichen", "besten", "schön", "sehr", "für", "die", "das", "ihre", "deine", "schnelle",
    "hilfe",
    "hallo", "gut", "beaucoup", "bien", "pour", "votre", "aide", "bonjour", "muchas", "mil", "por", "su",
    "tu",
    "ayuda", "hola", "mille", "molte", "per", "il", "tuo", "aiuto", "muito", "pela", "ajuda", "olá",
    "wel",
    "hartelijk", "voor", "je", "uw", "hulp", "så", "mycket", "för", "hjälpen", "mange", "hjælpen",
    "hjelpen",
    "paljon", "bardzo", "za", "pomoc", "moc", "большое", "за", "помощь", "çok", "ederim", "πολύ",
    "kasih", "ơn",
)  # fmt: skip
