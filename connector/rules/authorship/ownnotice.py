"""A notice of ours that comes back as a message of the ticket: a machine wrote it, whoever the PSA says did.

The mailbox a notice goes to may be one that the PSA reads, and its parser may take the sender for one of the
desk. That a ticket is about to be late must not count as its first response: so every mail of ours begins
with this sentence, and what begins with it is ours. A person who quotes one, or writes above it, is a person.
"""

from __future__ import annotations

import re

FIRST = "This is an automated message of px-connector to the service desk."

_NAME = "px-connector"
_LOOKED_AT = 4000  # characters
_SENTENCE = re.compile(re.escape(FIRST).replace(r"\ ", r"\s+"))
_HEAD = re.compile(
    r"\s*(?:from|to|cc|bcc|sent|date|subject|reply-to|von|an|gesendet|datum|betreff|de|à|objet):|[\W_]*$",
    re.I,
)
"""A line of a mail's head, or one without a word."""


def is_own_notice(own: str) -> bool:
    """Whether the writer's own words begin as a notice of ours; lines of a mail's head may stand before.

    >>> is_own_notice("Subject: [px] Acme: response missed\\n\\n" + FIRST + " Nobody has answered.")
    True
    >>> is_own_notice("I am on it.\\n\\n" + FIRST)
    False
    """
    if _NAME not in own:
        return False
    found = _SENTENCE.search(own, 0, _LOOKED_AT)
    return found is not None and all(_HEAD.match(line) for line in own[: found.start()].split("\n"))
