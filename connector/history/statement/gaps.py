"""What a statement does not know, said in words: a figure that is missing must not read as a good one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.history.statement.facts import Facts
from connector.store.ratings import Entry


def heard(facts: Facts) -> bool:
    """Whether the source tells messages at all: without any, nobody can say who was answered when."""
    return any(one.messages for one in facts.tickets)


def gaps(facts: Facts, window: Sequence[Entry], month: Sequence[Entry]) -> Iterator[str]:
    """One sentence for each."""
    if facts.head.until < facts.head.month_ends:
        yield "The month is not over: this is how it stood until then."
    if not facts.tickets:
        yield "No ticket was open or finished in the month, so nothing is known of promises."
    yield from _of_ratings(facts, window, month)
    yield from _of_tickets(facts)
    if facts.head.source == "log":
        yield "A ticket log knows nothing of reviews, improvement plans and surveys."
    if facts.head.unreadable:
        yield f"{facts.head.unreadable} tickets could not be read or judged and are in no figure."
    if facts.head.gone:
        yield f"{facts.head.gone} tickets were deleted in the PSA and are not judged; their ratings count."


def _of_ratings(facts: Facts, window: Sequence[Entry], month: Sequence[Entry]) -> Iterator[str]:
    days = facts.rules.terms.px.window_days
    if not window:
        yield f"Nobody rated in the {days} days up to the end of the statement: PX is not known."
    elif not month:
        yield "Nobody rated in the month itself."
    if not any(one.rating.scale == 10 for one in window):
        yield "No answer was given on a scale to 10: there is no NPS."
    if not any(one.rating.lost_minutes is not None for one in month):
        yield "Nobody told how much working time was lost."
    if not any(one.state != "skipped" and one.kind == "ticket" for one in facts.surveys):
        yield "No survey of ours was sent in the month: how many of those asked have answered is not known."


def _of_tickets(facts: Facts) -> Iterator[str]:
    tickets = facts.tickets
    messages, texts = sum(one.messages for one in tickets), sum(one.texts for one in tickets)
    if tickets and not heard(facts):
        yield (
            "No ticket has any message: who answered whom, and when, is not known. Response, resplan and "
            "news cannot be judged; only the resolution can."
        )
    elif texts < messages:
        yield (
            f"Of {messages - texts} of {messages} messages the text is not known: whether they said anything "
            "cannot be judged."
        )
    if tickets and not any(one.psa_minutes for one in tickets):
        yield "The PSA tells no times of its own: its clocks are not known."
    if tickets and all(one.psa.sla_met is None for one in tickets):
        yield "The PSA gives no verdict on its SLA."
    if tickets and not any(facts.rules.targets.values()):
        yield "The rules promise nothing: no promise can be kept or missed."
