"""What the commands over files share: the file, a client's rules, and a sign of life while a person waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import err, fail
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.rules.policy import Policy

LogFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON lines, .gz allowed.")
]
PolicyFile = Annotated[
    Path, typer.Option("--policy", exists=True, dir_okay=False, help="A client's YAML file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document a line on stdout, nothing else.")]


def rules_of(path: Path | None) -> Policy:
    """The rules of a client's file, or the defaults; a file that is wrong ends the command."""
    from connector.clients import default_policy, load_policy

    try:
        return default_policy() if path is None else load_policy(path, standalone=True)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def progress(items: Iterator[Any], path: Path, *, hidden: bool) -> Iterator[Any]:
    """The items, counted on stderr while a person waits."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=hidden) as progress:
        task = progress.add_task(path.name, total=None)
        for done, item in enumerate(items, 1):
            if done % 200 == 0:
                progress.update(task, completed=done)
            yield item
