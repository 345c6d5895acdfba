"""Everything under "Operations": what is looked at with GET, and what an operator does with POST."""

from __future__ import annotations

from starlette.routing import Route

from connector.web.deps import WebDeps
from connector.web.door import FORM_LIMIT
from connector.web.hooks import Hooks
from connector.web.letters import Letters
from connector.web.notices import Notices
from connector.web.ops import Operations
from connector.web.rulings_page import RulingsPage


def operations(deps: WebDeps, hooks: Hooks) -> list[Route]:
    """The routes, to stand behind the door. `hooks` counts the deliveries."""
    letters, said = Letters(deps), RulingsPage(deps)
    acts = {
        "/outbox": letters.settle,
        "/quarantine": letters.look_again,
        "/rulings": said.rule,
        "/undo": said.undo,
    }
    return [
        Route("/operations", Operations(deps, hooks).show),
        Route("/rulings", said.show),
        Route("/outbox", letters.dead),
        Route("/quarantine", letters.quarantined),
        Route("/notices", Notices(deps).show),
        *(Route(path, act, methods=["POST"], max_body_size=FORM_LIMIT) for path, act in acts.items()),
    ]
