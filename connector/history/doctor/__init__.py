"""Is a connection set up so that this can work? Asked gently, told in words, nothing written to a ticket.

ask       the questions to a PSA                  findings  what a finding is, and what was seen
access    login, rights, webhook, requests, clock  agree     where files and PSA must say the same
hours     time zones and days off               promised  priorities
fitting   types of fields                       trust     the canary
"""

from connector.history.doctor.ask import examine
from connector.history.doctor.findings import SEVERITIES, Finding, Report, Severity, bad, files_of

__all__ = ["SEVERITIES", "Finding", "Report", "Severity", "bad", "examine", "files_of"]
