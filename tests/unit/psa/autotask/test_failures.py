"""One status for everything: what a 500 means is told by its words."""

import json

import pytest

from connector.errors import Rejected, Throttled
from connector.psa.autotask.failures import classify, explain
from connector.psa.transport import Forbidden
from tests.shared import shared


def body(*errors):
    return json.dumps({"errors": errors}).encode()


@pytest.mark.parametrize(
    ("status", "words", "error"),
    [
        (500, "Picklist value [99] does not exist for priority. ; on record number [1].", Rejected),
        (
            500,
            "The logged in Resource does not have the adequate permissions to query this entity type.",
            Forbidden,
        ),
        (500, "Itgenatr005 The Autotask API thread threshold of 3 threads has been exceeded.", Throttled),
        (429, "The Autotask API thread threshold of 3 threads has been exceeded.", Throttled),
        (500, "You have exceeded the external requests threshold of 10000.", Throttled),
        (500, "Execution Timeout Expired", None),
        (502, "Bad gateway", None),
        (404, "whatever", None),
    ],
)
def test_words_say_what_it_is(status, words, error):
    assert classify(status, "POST", explain(body(words))) is error


def test_what_the_framework_says_is_no_judgement_of_what_was_asked():
    said = explain(b'{"Message":"An error has occurred."}')
    assert "An error has occurred." in said
    assert classify(500, "POST", said) is None


@pytest.mark.parametrize(
    "odd", [b"", b"<html>", b"[1]", b'{"errors":"x"}', b"[" * 5000, b'{"errors":[null]}']
)
def test_a_body_of_any_other_kind_says_nothing(odd):
    assert explain(odd) == ""
    assert classify(500, "POST", "") is None


if shared("payloads", "autotask", "error_bodies_observed.json"):

    def test_bodies_seen_on_live_tenants_are_read():
        for row in json.loads(shared("payloads", "autotask", "error_bodies_observed.json")[0].read_text()):
            if row["http"] != 500 or row["when"].startswith("zone"):
                continue
            said = explain(json.dumps(row["body"]).encode())
            wanted = Forbidden if "permission" in row["when"] else Rejected
            assert classify(500, "POST", said) is wanted, row["when"]
