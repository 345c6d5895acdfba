"""Is the PSA's own SLA honest? Its set-up judged, and what it counted beside what happened; nothing written.

ask       the questions to PSA and store      report     what was seen, and where a person finds it
statuses  answers nobody gave, pauses         names      what a status shows by its name
terms     promises     agreed  which hold     hours      the times they are counted in
byitself  what happens without anybody        past, behaviour  what happened on real tickets
"""

from connector.history.lint.ask import lint
from connector.history.lint.report import LintReport

__all__ = ["LintReport", "lint"]
