"""What a message is found to be, as plain data for those who judge and those who count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.model import Cause, Content, Evidence
from connector.rules.authorship.rulings import Ruling
from connector.rules.authorship.templates import NO_LINES, Lines


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a message is. `evidence` is in the order it was weighed: what decided the cause comes first.

    `template` is the name of the client's template that describes it, '' for none. `own`: the writer's own
    words, cut free of quotes and signatures; '' where there is no text.
    """

    cause: Cause
    content: Content
    evidence: tuple[Evidence, ...]
    template: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a desk's own history and its people add to the rules: the sentences that were used before, and
    the rulings in force. Plain data: whoever keeps it hands over what concerns the messages at hand."""

    lines: Lines = field(default_factory=lambda: NO_LINES)
    rulings: Sequence[Ruling] = ()


NOTHING_LEARNT = Learnt()
