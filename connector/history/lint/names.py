"""What the name of a status says: has somebody spoken with the customer, or only pressed a button?

A PSA believes that whoever sets a status has answered. Names tell where that is hollow; where the store
knows what really happened, it has the last word (see `statuses`).
"""

from __future__ import annotations

import re
from typing import Literal

Tells = Literal["customer wrote", "a button", "contact", "nothing"]
"""What being in a status shows: that the customer wrote, that somebody took the ticket, that the customer was
spoken with or waited for, or nothing we know of."""

_CUSTOMER_WROTE = re.compile(
    r"\b(customer|client|user|contact|end.?user|requester|kunden?|anwender)\b.{0,12}"
    r"\b(respon\w+|repl\w+|updat\w+|answer\w+|wrote|written|feedback|antwort\w*|geantwortet|rückmeldung)\b"
    r"|\b(updated|replied|response) (by|from) (the )?(customer|client|user|contact)\b"
    r"|\bre-?open\w*\b|\bwieder ?(er)?öffnet\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(contacted|respon\w+|repl(y|ied)|answered|called|voice ?mail|schedul\w+|appointment|booked|on.?site|"
    r"visit\w*|wait\w*|await\w*|pending|hold|resolv\w+|complet\w+|closed?|solved?|done|cancel\w+|"
    r"termin\w*|wartet?|warten|warte\w*|gelöst|erledigt|geschlossen|beantwortet|eingeplant)\b",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"\b(new|assign\w*|in.?progress|progress|working|open(ed)?|active|acknowledg\w+|accept\w*|triage\w*|"
    r"dispatch\w*|escalat\w*|queued?|review\w*|received|read|viewed|seen|started|investigat\w+|monitor\w*|"
    r"neu|zugewiesen|zugeteilt|in bearbeitung|angenommen|offen|gelesen|begonnen|weitergeleitet)\b",
    re.IGNORECASE,
)


def tells(status: str) -> Tells:
    """What a status shows by its name.

    >>> [tells(name) for name in ("Customer Responded", "In Progress", "Customer Contacted", "Blue")]
    ['customer wrote', 'a button', 'contact', 'nothing']
    """
    if _CUSTOMER_WROTE.search(status):
        return "customer wrote"
    if _CONTACT.search(status):
        return "contact"
    return "a button" if _BUTTON.search(status) else "nothing"
