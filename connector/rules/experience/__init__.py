"""What customers say, as figures: PX, NPS, lost time, who answered, and what chance leaves of each.

Every function takes what it counts and nothing else: a window ends at an instant the caller names, so
any past figure can be worked out again.
"""

from connector.rules.experience.chance import answers_needed, at_least, at_most, below_target, decided, wilson
from connector.rules.experience.groups import (
    ResponseRate,
    SelectionBias,
    by_group,
    response_rate,
    selection_bias,
)
from connector.rules.experience.losttime import LostTime, lost_time
from connector.rules.experience.px import (
    SENTIMENTS,
    Sentiment,
    Standing,
    formula,
    in_window,
    px,
    px_text,
    readable,
    sentiment,
    standing,
    whole,
)
from connector.rules.experience.scores import Score, nps

__all__ = [
    "SENTIMENTS",
    "LostTime",
    "ResponseRate",
    "Score",
    "SelectionBias",
    "Sentiment",
    "Standing",
    "answers_needed",
    "at_least",
    "at_most",
    "below_target",
    "by_group",
    "decided",
    "formula",
    "in_window",
    "lost_time",
    "nps",
    "px",
    "px_text",
    "readable",
    "response_rate",
    "selection_bias",
    "sentiment",
    "standing",
    "whole",
    "wilson",
]
