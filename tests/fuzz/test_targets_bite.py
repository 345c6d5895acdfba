"""A planted bug of each kind is a finding: a target that notices nothing would be silent, too."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from types import ModuleType

import pytest

from connector.psa import transport
from connector.psa.halo import webhook
from connector.web import hooks
from fuzz import files, logs, tokens, vendors, webhooks
from fuzz._corpus import kept
from fuzz._watch import SECRET, Finding

pytestmark = pytest.mark.xdist_group("fuzz")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    for target in (files, logs, tokens, vendors, webhooks):
        target.close()


def sent(target: ModuleType, inputs: Sequence[bytes] = ()) -> None:
    for seed in inputs or target.seeds():
        target.one(seed)


def test_a_delivery_taken_in_without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "genuine", lambda *_given: True)
    with pytest.raises(Finding, match=r"halo: a delivery with .* proof was taken in"):
        sent(webhooks)


def test_a_secret_in_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hooks.RESULTS, "rejected", (401, f"it should be {SECRET}hook"))
    with pytest.raises(Finding, match="a secret is in an answer"):
        sent(webhooks)


def test_a_secret_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_short", lambda error: f"{error}, not {SECRET}hook")
    with pytest.raises(Finding, match="a secret is in the log"):
        sent(webhooks)


def test_a_proof_that_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens.house()
    monkeypatch.setattr(hmac, "compare_digest", lambda *_given: True)
    with pytest.raises(Finding):
        sent(tokens)


def test_an_answer_that_nobody_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.Reply, "json", lambda self: json.loads(self.body))
    with pytest.raises((ValueError, RecursionError)):
        sent(vendors, kept("vendors"))


def test_a_log_that_stops_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.messages, "_message", lambda body: json.loads(body))
    with pytest.raises(TypeError):
        sent(logs)


def test_an_input_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz._watch.CPU_SECONDS", 1e-9)
    with pytest.raises(Finding, match="took"):
        sent(files)
