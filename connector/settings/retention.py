"""How long the store keeps what is over. Nothing goes by itself unless somebody says so.

The bounds keep what others still need: a statement tells of a year, and PX may look back 730 days.
"""

from __future__ import annotations

from pydantic import Field

from connector.clients.forms import Count
from connector.clients.parts import Strict


class RetentionPart(Strict):
    """Days after which closed tickets and old ratings leave the store; null: never."""

    tickets_days: Count | None = Field(
        None,
        ge=400,
        le=36_500,
        description="So long after it was closed a ticket goes, with its timeline, assessment, history, "
        "surveys and notices; null: never",
    )
    ratings_days: Count | None = Field(
        None, ge=800, le=36_500, description="So long after it was given a rating goes; null: never"
    )
