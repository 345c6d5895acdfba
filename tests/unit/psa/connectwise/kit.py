"""A ConnectWise that answers what a test tells it, at a public address that is never really asked."""

from __future__ import annotations

import httpx

from connector.psa.connectwise.config import ConnectWiseConfig

HOST = "https://8.8.8.8"
BASE = f"{HOST}/v4_6_release/apis/3.0/"


def config(**change):
    known = {"site": HOST, "company": "acme", "public_key": "pub", "private_key": "priv", "client_id": "cid"}
    return ConnectWiseConfig(**(known | change))


def company_info(router, codebase="v4_6_release/"):
    return router.get(f"{HOST}/login/companyinfo/acme").respond(
        200, json={"Codebase": codebase, "IsCloud": False}
    )


def link(position):
    return {"link": f'<https://elsewhere.example/x?pageId={position}>; rel="next"'}


def rows(*ids):
    return [{"id": i} for i in ids]


def answer(*ids, after=None):
    """A forward-only page: at its end the Link header is there and empty."""
    return httpx.Response(200, json=rows(*ids), headers=link(after) if after else {"link": ""})
