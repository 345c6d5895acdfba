"""The contract: what opens by itself when PX falls, what closes it, and what follows if it stays low."""

from connector.rules.contract.advance import Answers, advance, next_look
from connector.rules.contract.state import (
    Confirmation,
    Contract,
    Happening,
    HappeningKind,
    Plan,
    Review,
    Terms,
    close_review,
    confirm_plan,
    end_release,
    terms_of,
)

__all__ = [
    "Answers",
    "Confirmation",
    "Contract",
    "Happening",
    "HappeningKind",
    "Plan",
    "Review",
    "Terms",
    "advance",
    "close_review",
    "confirm_plan",
    "end_release",
    "next_look",
    "terms_of",
]
