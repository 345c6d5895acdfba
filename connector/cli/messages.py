"""The command `classify`: who caused each message of a file, what it says, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import complain, out, print_json, printable
from connector.cli.files import AsJson, LogFile, progress, rules_of

if TYPE_CHECKING:
    from connector.model import Evidence, Message
    from connector.rules.authorship.judgement import Judgement, Learnt

_UNDATED = "2000-01-01T00:00:00Z"


def register(app: typer.Typer) -> None:
    app.command()(classify)


def classify(
    messages: LogFile,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A client's YAML file; default: the defaults."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every message who caused it, what it says, and whether it counts as a response.

    A line is {"id", "direction", "actor": {"kind", "id"}, "subject",
    "headers": {}, "text"}; all but id and text may be missing. A missing
    direction means "out", and what is "unknown" never counts. Stock texts are
    learnt from lines that also have "ticket", "at" and an actor's id.

    Lines that cannot be understood are named on stderr, the others go on, and
    the exit code is 1.

    Examples:

      px-connector classify messages.jsonl --json

      px-connector classify messages.jsonl --policy config/clients/acme.yaml
    """
    from connector import ticketlog
    from connector.rules.authorship import decide, judge

    rule = rules_of(policy).response
    learnt = _learnt(messages)
    broken = 0
    for number, body in progress(ticketlog.read_json(messages), messages, hidden=as_json or out.is_terminal):
        try:
            message_id, ticket, message = _message(body)
        except ValueError as error:
            complain(f"{messages}:{number}: {error}")
            broken += 1
            continue
        verdict = judge(message, rule, ticket=ticket, learnt=learnt)
        counted, reason = decide(message, verdict, rule)
        _tell(
            message_id, verdict, counted, (*verdict.evidence, reason) if reason else verdict.evidence, as_json
        )
    if broken:
        complain(f"{broken} of the lines could not be classified")
        raise typer.Exit(1)


def _message(body: Any) -> tuple[str, str, Message]:
    """The id of a line, its ticket ('' if it names none) and the message. ValueError says what is wrong."""
    from connector import ticketlog
    from connector.model import Message

    if isinstance(body, ValueError):
        raise body
    if not isinstance(body, dict):
        raise ValueError("expected an object with id and text")
    ids = [body.get(key) for key in ("id", "ticket")]
    if not isinstance(ids[0], (str, int)):
        raise ValueError("id: a message needs one")
    if not isinstance(body.get("text"), str):
        raise ValueError("text: expected text")
    given = {key: value for key, value in body.items() if value is not None}
    if given.get("direction") == "unknown":
        given["direction"] = "in"  # nobody can say that the customer got it
    event = ticketlog.event_from_json({"at": _UNDATED, "direction": "out", **given, "type": "message"})
    assert isinstance(event, Message)
    ticket = ids[1] if isinstance(ids[1], (str, int)) and "at" in given and event.actor.id else ""
    return str(ids[0]), str(ticket), event


def _learnt(path: Path) -> Learnt:
    """What the file itself teaches of stock texts. Without ticket, instant and author a repetition may be
    one answer sent twice, or two people's idiom, so such lines teach nothing; nor does a pipe, read once.
    """
    import json

    from connector import ticketlog
    from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
    from connector.rules.authorship.templates import Sighting, gathered, sightings

    if not path.is_file():
        return NOTHING_LEARNT

    def seen() -> Iterator[Sighting]:
        for _, line in ticketlog.read_lines(path):
            if not isinstance(line, str) or '"ticket"' not in line:
                continue
            try:
                _, ticket, message = _message(json.loads(line))
            except (ValueError, RecursionError):
                continue
            if ticket:
                yield from sightings(ticket, [message])

    return Learnt(gathered(seen()))


def _tell(
    message_id: str, verdict: Judgement, counted: bool, evidence: tuple[Evidence, ...], as_json: bool
) -> None:
    from connector.history.plainly import plainly

    if as_json:
        reasons = [{"rule": e.rule, "field": e.field, "text": e.text} for e in evidence]
        print_json(
            {
                "id": message_id,
                "cause": verdict.cause,
                "content": verdict.content,
                "counts": counted,
                "evidence": reasons,
            }
        )
        return
    why = "; ".join(plainly(one) for one in evidence[:2])
    found = f"{verdict.cause:<10} {verdict.content:<12} {'counts' if counted else '–':<7}"
    out.print(printable(f"{message_id:<24} {found} {why}"), markup=False, soft_wrap=True)
