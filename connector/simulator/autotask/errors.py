"""What Autotask says when it refuses: mostly 500 with a list of texts, whatever the reason was.

So a client has to tell a wrong request from a broken server by reading. Texts with a known wording are
as clients have recorded them; where only the status is known, the wording is ours.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than 200. `body` None: an empty one."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers or {}


def refused(*texts: str) -> ApiError:
    """Validation, missing rights, unknown names: all of them are a 500."""
    return ApiError(500, {"errors": list(texts)})


def unable_to_find(field: str, entity: str) -> ApiError:
    return refused(f"Unable to find {field} in the {entity} Entity.")


def no_right(what: str) -> ApiError:
    text = f"The logged in Resource does not have the adequate permissions to {what} this entity type."
    return refused(text)


def bad_pick(value: Any, field: str) -> ApiError:
    return refused(f"Picklist value [{value}] does not exist for {field}. ; on record number [1].")


def too_long(field: str) -> ApiError:
    return refused(f"String value exceeds maximum length (field:{field}).  ; on record number [1].")


def missing(field: str) -> ApiError:
    return refused(f"Missing Required Field: {field}. ; on record number [1].")


def unauthorized() -> ApiError:
    return ApiError(401, None)


def no_such_path(url: str) -> ApiError:
    return ApiError(404, {"Message": f"No HTTP resource was found that matches the request URI '{url}'."})


def wrong_verb(verb: str) -> ApiError:
    return ApiError(405, {"Message": f"The requested resource does not support http method '{verb}'."})


def too_many_threads() -> ApiError:
    text = "Itgenatr005: The Autotask API thread threshold of 3 threads has been exceeded."
    return ApiError(429, {"errors": [text]})


def over_threshold(limit: int) -> ApiError:
    text = f"The Autotask API request threshold of {limit} requests per 60 minutes has been exceeded."
    return ApiError(429, {"errors": [text]})
