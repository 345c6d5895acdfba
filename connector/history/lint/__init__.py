"""Is the PSA's own SLA honest? Its set-up judged, and what it counted beside what happened; nothing written.

ask       the questions to PSA and store       report  what was seen, and where a person finds it
statuses  answers nobody gave                  names   what a status shows by its name
pauses    clocks that stand, or do not         terms   promises, and `agreed`: which hold for whom
hours     the times they are counted in        years   two calendars laid over each other
byitself  what happens without anybody         past    what happened on real tickets, and `behaviour`
"""

from connector.history.lint.ask import lint
from connector.history.lint.report import LintReport

__all__ = ["LintReport", "lint"]
