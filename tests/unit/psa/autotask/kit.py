"""An Autotask API with a scripted server behind it: no port, no waiting."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import httpx

from connector.psa.autotask.api import Api
from connector.psa.autotask.config import AutotaskConfig
from connector.psa.autotask.mapping import Reader
from connector.psa.autotask.people import People, Resource
from connector.psa.autotask.picklists import Choice, Picklists

ZONE = "https://webservices2.autotask.net/ATServicesRest/"
CONFIG = AutotaskConfig(user="px@desk.example", secret="s3cr3t-word", integration_code="CODE4711")
PEOPLE = (
    Resource("29682899", "Jonas Reed", "jreed", "j@desk.example", "Level 1"),
    Resource("29682900", "RMM", "rmm", api=True),
    Resource("29682950", "PX Connector", "px@desk.example", api=True),
)
LABELS = Picklists(
    {
        "status": tuple(
            Choice(v, s) for v, s in (("1", "New"), ("5", "Complete"), ("7", "Waiting Customer"))
        ),
        "priority": (Choice("4", "P1", 1), Choice("1", "P2", 2)),
        "queueid": (Choice("8", "Help Desk"), Choice("9", "Send to Shop")),
        "tickettype": (Choice("2", "Incident"), Choice("5", "Alert")),
        "source": (Choice("4", "Email"), Choice("2", "Phone"), Choice("8", "Monitoring Alert")),
    }
)


def reader(machines=("Rewst",), **change):
    people = People(PEOPLE, machines=machines)
    people.recognise(CONFIG.user)
    known = {"labels": LABELS, "companies": {"174": "Acme"}, "web": "https://ww2.autotask.net/"}
    return Reader(people, **(known | change))


class Server:
    """Answers each request by the first route whose end its path has; keeps what it was asked."""

    def __init__(self, **routes):
        self.asked = []
        self.routes = {"zoneInformation": [{"url": ZONE, "webUrl": "https://ww2.autotask.net/"}]} | routes

    def __call__(self, request):
        path = request.url.path
        self.asked.append((request.method, path, json.loads(request.content) if request.content else None))
        name = next(name for name in self.routes if path.rstrip("/").endswith(name.replace("__", "/")))
        answers = self.routes[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def paths(self, end=""):
        return [path for _, path, _ in self.asked if path.endswith(end)]


@asynccontextmanager
async def api(server, config=CONFIG):
    async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as client:
        yield Api(config, client)
