"""ConnectWise's error bodies, in the shapes its clients have recorded.

`{"code","message","errors":[{"code","message","resource","field"}]}`; a 429 has another shape of its own.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than success: HTTP status and body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("message", ""))
        self.status, self.body = status, body


def bad_condition(message: str) -> ApiError:
    return ApiError(400, {"code": "ApiFindCondition", "message": message, "errors": None})


def invalid(resource: str, *problems: tuple[str, str, str]) -> ApiError:
    """Problems of an object as (code, message, field)."""
    errors = [
        {"code": code, "message": message, "resource": resource, "field": field}
        for code, message, field in problems
    ]
    return ApiError(
        400, {"code": "InvalidObject", "message": f"{resource} object is invalid", "errors": errors}
    )


def expected(what: str) -> ApiError:
    return ApiError(400, {"code": "InvalidObject", "message": f"A JSON {what} is expected", "errors": None})


def not_found(what: str, record_id: int) -> ApiError:
    return ApiError(404, {"code": "NotFound", "message": f"{what} {record_id} not found"})


def no_endpoint() -> ApiError:
    return ApiError(404, {"code": "ConnectWiseApi", "message": "The endpoint does not exist."})


def wrong_verb(method: str) -> ApiError:
    message = f"The requested resource does not support http method '{method}'."
    return ApiError(405, {"code": "ConnectWiseApi", "message": message})


def unauthorized(message: str) -> ApiError:
    return ApiError(401, {"code": "Unauthorized", "message": message, "errors": None})


def forbidden(member: str) -> ApiError:
    """A right is missing; the real text varies with the endpoint, the status does not."""
    message = f"The security role of {member} does not allow this."
    return ApiError(403, {"code": "Forbidden", "message": message, "errors": None})


def too_many(seconds: int) -> dict[str, Any]:
    return {
        "error": "ConnectWiseAPI",
        "message": f"Too many requests. Please try again in {seconds} seconds.",
    }
