"""How absence is said in other languages than English: the grammar of a few fixed turns, not sentences.

An auto-reply states (I am + away, the office + closed, they + left) and frames that (until when, who else
to ask). Each turn is listed by its smallest fixed words, folded as what it is sought in. Scripts without
spaces are apart: there no word can gate the search.
"""

from __future__ import annotations

import re

from connector.rules.authorship.words import fold


def _list(*phrases: str) -> tuple[str, ...]:
    return tuple(map(fold, phrases))


def _set(words: str) -> frozenset[str]:
    return frozenset(fold(words).split())


AWAY = _list(
    # de
    "nicht im büro", "nicht im haus", "außer haus", "im urlaub", "urlaub", "abwesend", "nicht erreichbar",
    "elternzeit", "mutterschutz", "dienstreise", "geschäftsreise", "nicht am arbeitsplatz",
    "nicht am platz", "krank", "erkrankt", "krankgeschrieben", "in kur", "nicht verfügbar",
    "auf fortbildung", "auf schulung", "auf einer schulung",
    # fr
    "absent", "absente", "en congé", "en congés", "en vacances", "hors du bureau", "en déplacement",
    "congé maternité", "congé de maternité", "congé parental", "arrêt maladie", "arrêt de travail",
    "malade", "en formation", "pas au bureau", "indisponible", "injoignable", "pas joignable",
    # es
    "fuera de la oficina", "fuera de oficina", "de vacaciones", "vacaciones", "ausente", "de baja",
    "de viaje", "de permiso", "baja por maternidad", "baja médica", "enfermo", "enferma", "no disponible",
    "me encuentro fuera", "estaré fuera",
    # it
    "fuori ufficio", "fuori sede", "in ferie", "assente", "in vacanza", "in congedo", "in maternità",
    "in malattia", "in trasferta", "malato", "malata", "non sono in ufficio", "fuori dall'ufficio",
    "non disponibile",
    # pt
    "fora do escritório", "de férias", "em férias", "ausente do escritório", "licença maternidade",
    "licença de maternidade", "licença paternidade", "licença parental", "licença médica", "de licença",
    "em viagem", "doente", "de baixa", "fora da empresa", "indisponível", "encontro-me fora", "auf kur",
    "hastayım", "no estoy disponible", "niet beschikbaar", "estarei fora", "estou fora", "estaré fuera",
    "estoy fuera", "sarò fuori", "sono fuori", "betriebsferien", "betriebsurlaub",
    # nl
    "niet op kantoor", "afwezig", "met vakantie", "op vakantie", "met verlof", "niet aanwezig", "ziek",
    "niet bereikbaar", "zwangerschapsverlof", "ouderschapsverlof", "op zakenreis", "niet beschikbaar",
    # sv
    "inte på kontoret", "på semester", "inte på plats", "föräldraledig", "mammaledig", "pappaledig",
    "tjänstledig", "ledig", "sjuk", "sjukskriven", "på tjänsteresa", "på resande fot", "inte anträffbar",
    # da, no
    "ikke på kontoret", "på ferie", "holder ferie", "har ferie", "fraværende", "ikke til stede",
    "permisjon", "ute av kontoret", "ude af kontoret", "på barsel", "barselsorlov", "barselorlov", "orlov",
    "syg", "syk", "sykemeldt", "sygemeldt", "har fri", "holder fri", "bortreist", "bortrejst", "på reise",
    "på rejse", "ikke tilgjengelig", "avspaserer",
    # fi
    "en ole toimistolla", "lomalla", "poissa", "vapaalla", "äitiyslomalla", "vanhempainvapaalla",
    "sairaana", "sairauslomalla", "virkamatkalla", "työmatkalla", "en ole tavoitettavissa",
    "en ole paikalla",
    # pl
    "poza biurem", "na urlopie", "nieobecny", "nieobecna", "na zwolnieniu", "urlopie macierzyńskim",
    "w delegacji", "chory", "chora", "niedostępny", "niedostępna",
    # cs
    "mimo kancelář", "na dovolené", "nejsem v kanceláři", "čerpám dovolenou", "nepřítomen", "nepřítomna",
    "dovolenou", "nemocný", "nemocná", "na mateřské", "na nemocenské", "na služební cestě", "k zastižení",
    # hu
    "házon kívül", "szabadságon", "irodán kívül", "az irodában", "betegszabadságon", "szülési szabadságon",
    "úton", "távol", "beteg", "nem vagyok elérhető",
    # ro
    "în concediu", "in concediu", "în afara biroului", "nu sunt la birou",
    # ru, uk
    "в отпуске", "нет в офисе", "не в офисе", "вне офиса", "отсутствую", "отсутствовать", "в командировке",
    "на больничном", "в декрете", "в декретном отпуске", "недоступен", "недоступна", "у відпустці",
    "поза офісом", "відсутній", "відсутня", "на лікарняному",
    # tr
    "ofis dışında", "ofis dışındayım", "izindeyim", "izinli", "izinliyim", "izninde", "doğum izninde",
    "doğum iznindeyim", "ofiste değilim", "tatildeyim", "raporluyum", "seyahatteyim", "yurt dışındayım",
    # el
    "εκτός γραφείου", "σε άδεια", "απουσιάζω",
)  # fmt: skip
"""What somebody is while away. It takes a first person beside it, unless the word has one in it."""

STEMS = _list(
    # leave and holidays
    "urlaub", "betriebsferien", "betriebsurlaub", "elternzeit", "mutterschutz", "freizeitausgleich",
    "vacances", "congé", "vacaciones", "ferie", "férias", "vakantie", "verlof", "semester", "föräldraledig",
    "barsel", "orlov", "permisjon", "foreldrepermisjon", "avspaser", "omsorgsdag", "loma", "loman",
    "lomalla", "vuosilom", "kesälom", "talvilom", "äitiyslom", "urlop", "dovolen", "szabads", "iznim",
    "iznind", "izindey", "izinli", "отпуск", "weiterbildung", "viagg", "заболел", "болею", "отгул",
    "відпуст", "concediu", "vabbar", "táppénz",
    # illness
    "krank", "erkrankt", "arztbesuch", "malade", "maladie", "enferm", "malat", "doente", "ziek", "sjuk",
    "syk", "syg", "sairas", "sairaus", "zwolnieni", "chory", "chora", "nemoc", "beteg", "больничн", "rapor",
    "vabb",
    # on the road, in training
    "dienstreise", "geschäftsreise", "außendienst", "schulung", "fortbildung", "déplacement", "formation",
    "formaç", "formazione", "formación", "trasferta", "viaje", "viagem", "zakenreis", "cursus", "opleiding",
    "tjänsteresa", "utbildning", "kursus", "kurs", "virkamatk", "työmatk", "koulutuks", "delegacji",
    "szkoleni", "služební", "školení", "kiküld", "külföld", "tréning", "командировк", "обучени",
    "відрядженн", "seyahat", "toplantı", "eğitim",
)  # fmt: skip
"""How the words begin that name a person's leave, illness or journey, in whatever form."""

STEM_ENDS = _list(
    "urlaub", "ferien", "ferie", "semester", "permisjon", "vakantie", "verlof", "lomalla", "sloma", "orlov",
)  # fmt: skip
"""How their compounds end: Sommerurlaub, pappapermisjon."""

NOW = _set(
    """derzeit momentan aktuell gerade heute actuellement aujourd'hui actualmente hoy attualmente oggi
    atualmente hoje momenteel vandaag nuvarande idag obecnie dzisiaj nyní momentálně jelenleg сейчас
    сегодня"""
)
"""Before a statement without a verb: `Сейчас в отпуске`."""

TROUBLE = _list(
    "kann nicht", "komme nicht", "komme aber nicht", "geht nicht", "funktioniert nicht", "klappt nicht",
    "fehler", "ne marche", "ne fonctionne", "erreur", "panne", "no puedo", "no funciona", "no va", "error",
    "fallo", "non va", "non funziona", "non riesco", "errore", "kan niet", "werkt niet", "lukt niet",
    "não consigo", "não funciona", "erro", "kan inte", "fungerar inte", "kan ikke", "virker ikke",
    "fungerer ikke", "ei toimi", "en pääse", "nie działa", "nie mogę", "nie łączy", "nefunguje", "nemohu",
    "nejde", "nem működik", "nem tudok", "çalışmıyor", "giremiyorum", "не работает", "не могу",
    "не получается",
)  # fmt: skip
TROUBLE_UNSPACED = _list(
    "できません",
    "できない",
    "連不上",
    "连不上",
    "无法登录",
    "不能",
    "안 됩니다",
    "안돼",
)
"""Somebody has a problem and is there to say so."""

OUT_OF = ("aus dem", "vom", "aus der", "seit dem", "nach dem")
"""Before the word: somebody is back from it."""

WHEN = _set(
    """seit depuis sinds sedan siden wenn als sobald quand lorsque dès cuando quando appena wanneer zodra
    när når da kun gdy kiedy až když когда"""
)
"""Of what is still to come, or of any time: no statement."""

WAS = _set(
    """war waren warst étais était étions estuve estaba estuvo ero era eravamo stato stata estive estava
    was byłem byłam był była olin olimme byl byla был была были voltam volt idim var hadde havde haft
    hatte hatten rentré rentrée revenu revenue tornato tornata rientrato rientrata vuelto regresado
    voltei wróciłem wróciłam вернулся вернулась palasin döndüm"""
)
"""Of what is over: somebody is back."""

BY_ITSELF = _list(
    "hastayım", "no estoy disponible", "izindeyim", "izinliyim", "ofiste değilim", "ofis dışındayım",
    "tatildeyim", "raporluyum", "seyahatteyim", "yurt dışındayım", "iznindeyim", "απουσιάζω", "отсутствую",
    "en ole toimistolla", "en ole tavoitettavissa", "en ole paikalla", "čerpám dovolenou",
    "nejsem v kanceláři", "non sono in ufficio", "nu sunt la birou", "nem vagyok elérhető",
    "меня нет в офисе",
)  # fmt: skip
"""Those whose verb says who: they need no other first person."""

UNSPACED = _list(
    "不在にして", "不在にいたし", "休暇", "休業", "外出して", "不在です", "不在とな", "出張",
    "お休みをいただ", "休みを取", "産休", "育休", "育児休業", "席を外して", "退職", "不在办公室",
    "不在辦公室", "休假", "外出期间", "出差", "年假", "请假", "請假", "产假", "病假", "放假", "已离职",
    "已離職", "부재중", "휴가", "자리를 비", "출장", "휴무", "퇴사",
)  # fmt: skip

ME = _set(
    """ando disfruto gozo wir estamos siamo sommes jesteśmy olemme vagyunk мы ich je j'ai yo io eu ik j jag
    jeg olen jestem mam będę jsem mám budu vagyok leszek я мне буду bin ben töltöm töltök kullanıyorum
    olacağım olduğum bulunuyorum izindeyim"""
)
I_AM = _set(
    """bin befinde habe mache werde suis serai j'ai estoy estaré encuentro encontraré sono sarò trovo estou
    estarei encontro ben jag jeg olen jestem będę przebywam jsem budu nejsem mám čerpám vagyok leszek
    sunt voi я нахожусь буду меня мене перебуваю izindeyim olacağım olduğum dışındayım tatildeyim
    bulunuyorum είμαι"""
)
_I = re.compile(r"[^\W_]+(?:'ai)?")

OFFICE = _set(
    """wir wij nous vi estamos siamo мы mamy locaux magasin boutique tienda negozio winkel butiken butikken
    sklep laden büro büros kanzlei praxis geschäftsstelle betrieb unternehmen bureau bureaux cabinet
    agence société entreprise oficina oficinas empresa despacho ufficio uffici studio azienda sede
    kantoor kantoren bedrijf escritório escritórios biuro kontoret kontor kontoren toimisto toimistomme
    kancelář kanceláře firma ofis ofisimiz ofisi офис офисы iroda irodánk"""
)
CLOSED = _set(
    """nieczynna cerrados fermeture chiusura geschlossen fermé fermés fermée fermées cerrada cerradas
    cerrado chiuso chiusi chiusa gesloten dicht fechado fechados fechada encerrado encerrados nieczynne
    zamknięte stängt stängda lukket stengt suljettu kiinni zavřená zavřeno zavřeny uzavřena kapalı
    kapalıdır закрыт закрыты zárva betriebsferien betriebsurlaub"""
)
LEFT = _list(
    "nicht mehr für", "nicht mehr bei", "nicht mehr im unternehmen", "ausgeschieden", "ne fait plus partie",
    "ne travaille plus", "a quitté", "ai quitté", "ya no trabaja", "ya no trabajo", "ya no forma parte",
    "non lavora più", "non fa più parte", "non lavoro più", "niet meer werkzaam", "werkt niet meer",
    "não trabalha mais", "já não trabalha", "não faz mais parte", "já não faz parte", "nie pracuje już",
    "już nie pracuje", "arbetar inte längre", "har slutat", "arbejder ikke længere", "ikke længere ansat",
    "jobber ikke lenger", "ikke lenger ansatt", "ei työskentele enää", "již nepracuje", "už nepracuje",
    "artık çalışmamaktadır", "artık çalışmıyor", "больше не работает", "больше не работаю",
    "már nem dolgozik",
)  # fmt: skip
"""Somebody has left. A robot says so to redirect the writer; a person says so to have an account closed."""

DAYS = _set(
    """montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi
    samedi dimanche lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì
    giovedì venerdì segunda terça quarta quinta sexta segunda-feira maandag dinsdag woensdag donderdag
    vrijdag måndag tisdag onsdag torsdag fredag mandag tirsdag maanantaina tiistaina keskiviikkona
    torstaina perjantaina poniedziałek wtorek środę czwartek piątek pondělí úterý středu čtvrtek pátek
    понедельник вторник среду четверг пятницу pazartesi salı çarşamba perşembe cuma hétfőn kedden
    szerdán csütörtökön pénteken"""
)
SOON = _set(
    """morgen demain mañana domani amanhã imorgon jutro zítra завтра yarın holnap huomenna mars mai juni
    juli août maj april juin juillet abril giugno luglio"""
)
"""Tomorrow, and months that stand without a number."""
FRAME = _list(
    # de: until and from when, back, urgent, instead
    "bis zum", "bis einschließlich", "bis zu", "ab dem", "zurück", "dringend", "dringenden",
    "wenden sie sich", "kontaktieren", "rückkehr", "weitergeleitet", "keinen zugriff", "eingeschränkt",
    "vertretung", "vertritt", "vertreten", "melde mich", "bis montag", "bis dienstag", "bis mittwoch",
    "bis donnerstag", "bis freitag", "bis ende", "ab montag", "wieder im büro", "wieder erreichbar",
    "wieder da", "wieder für sie", "heute", "diese woche", "derzeit", "momentan", "aktuell", "hilft",
    "übernimmt", "zwischen", "unregelmäßig", "gelegentlich", "sporadisch", "antworte", "lese", "dringendes",
    "loppuun", "hétig", "hetig", "ut", "tussen", "mellan", "mellem", "mellom", "między", "mezi", "между",
    "tra", "remplacé", "remplacée", "leo",
    # fr
    "répondrai", "fêtes", "jusqu'au", "jusqu'à", "jusqu'en", "de retour", "retour", "urgence",
    "accès limité", "contacter", "adresser", "actuellement", "aujourd'hui", "cette semaine", "qu'à partir",
    "intérim", "remplace", "du lundi", "inclus",
    # es
    "hasta", "regreso", "vuelvo", "volveré", "urgente", "urgentes", "acceso limitado", "contactar",
    "contacte", "póngase", "vuelta", "hoy", "esta semana", "actualmente", "atenderá", "dirigirse",
    "diríjase", "llamad", "responderé", "contestaré",
    # it
    "risponderò", "fino al", "fino a", "sino al", "rientro", "rientrerò", "ritorno", "accesso limitato",
    "urgenze", "contattare", "rivolgersi", "torno", "oggi", "questa settimana", "attualmente", "al momento",
    "dal", "compreso",
    # pt
    "até", "regressarei", "retornarei", "retorno", "regresso", "acesso limitado", "urgência", "urgentes",
    "em caso de", "contactar", "contatar", "voltarei", "volto", "hoje", "esta semana", "neste momento",
    "ausência", "falar com", "respondo", "responderei",
    # nl
    "antwoord", "tot en met", "terug", "terugkomst", "dringende", "spoed", "beperkt", "contact op",
    "vandaag", "deze week", "momenteel", "weer bereikbaar", "terecht bij", "tot",
    # sv
    "till och med", "åter", "tillbaka", "brådskande", "begränsad", "kontakta", "t.o.m", "till den", "idag",
    "i dag", "denna vecka", "för närvarande", "svarar", "till",
    # da, no
    "til", "til og med", "til den", "tilbage", "tilbake", "haster", "kontakt", "begrænset", "begrenset",
    "igen", "i dag", "denne uge", "denne uken", "i øjeblikket", "for tiden", "frem til", "indtil",
    "besvarer", "svarer", "åpner", "åbner",
    # fi
    "asti", "saakka", "palaan", "kiireellisissä", "takaisin", "tänään", "tällä viikolla", "yhteyttä",
    "sijaiseni", "auttaa", "sillä välin",
    # pl
    "do dnia", "do", "wracam", "wrócę", "powrocie", "pilnych", "ograniczony dostęp", "dziś", "dzisiaj",
    "w tym tygodniu", "zastępuje", "kontakt", "obecnie",
    # cs
    "vrátím", "návratu", "naléhavých", "urgentních", "omezený přístup", "dnes", "tento týden", "zastupuje",
    "kontaktujte", "momentálně", "ozvu",
    # hu
    "visszatérek", "visszatérésem", "sürgős", "korlátozott", "ma", "ezen a héten", "helyettesem", "keresse",
    "jelentkezem", "jövök", "jelenleg", "augusztus", "január", "február", "március", "április", "május",
    "június", "július", "szeptember", "október", "november", "december",
    # ro
    "până", "pana la", "revin", "urgent", "întorc",
    # ru, uk
    "до", "по", "вернусь", "возвращения", "срочным", "срочных", "ограничен", "обращайтесь", "термінових",
    "повернусь", "сегодня", "на этой неделе", "замещает", "отвечу", "сейчас",
    # tr
    "kadar", "döneceğim", "acil", "dönüş", "sınırlı", "tarihine", "bugün", "bu hafta", "şu anda",
    "iletişime", "cevap veremiyorum",
    # el
    "έως", "μέχρι", "επιστρέφω", "επείγον",
)  # fmt: skip
"""What stands around it: until when, today, back, urgent, instead of me."""

FRAME_UNSPACED = _list(
    "まで", "戻り", "曜", "周", "星期", "号", "緊急", "お急ぎ", "返信", "以降", "本日", "出社", "遅れる",
    "ご連絡", "宛", "直到", "返回", "回来", "紧急", "緊急", "急事", "回复", "回覆", "如有", "期间", "期間",
    "今天", "明天", "联系", "聯繫", "까지", "복귀", "긴급", "급한", "돌아", "연락",
)  # fmt: skip

OFFBOARDING = _set(
    """account accounts access licence license licences licenses mailbox login permissions laptop disable
    deactivate offboard remove revoke konto zugang zugänge lizenz postfach sperren deaktivieren löschen
    compte accès désactiver supprimer usuario cuenta licencia acceso utente accesso licenza disattivare
    rimuovere conta acesso utilizador usuário licença gebruiker toegang licentie uitschakelen
    verwijderen zablokować usunąć"""
)
"""What a person asks for who tells that somebody left."""

REDIRECT = _list(
    "wenden sie sich", "kontaktieren sie", "schreiben sie", "weitergeleitet", "adresser", "contactez",
    "contacter", "diríjase", "dirigirse", "póngase en contacto", "contacte con", "rivolgersi", "contattare",
    "contact op", "contactar", "contatar", "enviar", "kontakt", "kontakta", "yhteyttä", "kontaktujte",
    "iletişime", "обращайтесь", "пишите", "forduljon", "keresse",
)  # fmt: skip

THEN = _list(
    "nächste woche", "kommende woche", "nächsten", "ab morgen", "ab montag", "ab dienstag", "ab mittwoch",
    "ab donnerstag", "ab freitag", "la semaine prochaine", "à partir de demain", "à partir de lundi",
    "dès demain", "la próxima semana", "la semana que viene", "a partir de mañana", "desde mañana",
    "la settimana prossima", "settimana prossima", "da domani", "da lunedì", "dal lunedì", "volgende week",
    "vanaf morgen", "vanaf maandag", "próxima semana", "semana que vem", "a partir de amanhã",
    "a partir de segunda", "nästa vecka", "från måndag", "från och med imorgon", "næste uge", "neste uke",
    "fra mandag", "fra i morgen", "ensi viikolla", "maanantaista", "huomisesta", "w przyszłym tygodniu",
    "od poniedziałku", "od jutra", "příští týden", "od pondělí", "od zítřka", "v pondělí", "jövő héten",
    "hétfőtől", "holnaptól", "haftaya", "gelecek hafta", "yarından", "pazartesiden", "на следующей неделе",
    "с понедельника", "с завтрашнего",
)  # fmt: skip
"""Counted from the day of writing: a person announces. A text that answers by itself cannot know that day."""

FIRST = _list(
    "vorher", "davor", "zuvor noch", "avant mon départ", "avant", "antes", "prima di", "prima", "daarvoor",
    "van tevoren", "innan", "dessförinnan", "inden", "ennen", "wcześniej", "předtím", "dříve", "önce",
    "до этого", "заранее", "успеете", "előtte",
)  # fmt: skip
"""Something is to be done before: a person asks."""
NOT_BEFORE = _list("pas avant", "no antes", "non prima", "niet eerder", "nicht vor", "не раньше")
THEN_UNSPACED = _list(
    "回来了",
    "から戻",
    "来週から",
    "明日から",
    "来週",
    "下周",
    "下星期",
    "다음 주",
    "までに",
    "修好",
)


def by_word(phrases: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Phrases by their longest word, so that only those are sought whose word is in the text."""
    found: dict[str, list[str]] = {}
    for phrase in phrases:
        found.setdefault(max(re.findall(r"\w+", phrase), key=len), []).append(phrase)
    return {word: tuple(some) for word, some in found.items()}


def holds(text: str, phrase: str, start: int = 0) -> int:
    """Where a phrase stands as whole words from `start` on, -1 if nowhere."""
    at = text.find(phrase, start)
    while at >= 0:
        end = at + len(phrase)
        if not (at and text[at - 1].isalnum()) and not (end < len(text) and text[end].isalnum()):
            return at
        at = text.find(phrase, at + 1)
    return -1


def first_person(text: str) -> bool:
    """Whether somebody speaks of themselves in it, in any of these languages."""
    return not I_AM.isdisjoint(_I.findall(text))
