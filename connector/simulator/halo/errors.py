"""Halo's refusals. Their bodies have no fixed shape: a text, an object with one key, an exception's dump.

Shapes as shipped clients parse them (payloads error_bodies): HaloAPI, django-psa, CIPP.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: its status and its body, any JSON."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


def refused(text: str) -> ApiError:
    """A validation error: a plain JSON text, one at a time."""
    return ApiError(400, text)


def exception(text: str) -> ApiError:
    """An exception of the server that reached the client."""
    return ApiError(400, {"ClassName": "System.Exception", "Message": text})


def not_found(what: str, record: object) -> ApiError:
    return ApiError(404, {"error": f"{what} {record} not found"})


def no_endpoint(path: str) -> ApiError:
    return ApiError(404, {"Message": f"No HTTP resource was found that matches the request URI '{path}'."})


def wrong_verb(method: str) -> ApiError:
    message = f"The requested resource does not support http method '{method}'."
    return ApiError(405, {"Message": message})


def unauthorized() -> ApiError:
    """Without a token that is good, and, just the same, without the right to a module or record."""
    return ApiError(401, {"error": "Authorization has been denied for this request."})


def no_scope(scope: str) -> ApiError:
    return ApiError(403, {"error": {"error_description": f"The scope {scope} is required."}})


def oauth(error: str) -> ApiError:
    """The auth server's refusals."""
    return ApiError(400, {"error": error})
