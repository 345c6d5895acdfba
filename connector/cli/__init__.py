"""The command line: thin, and quick to start. Each command imports what it needs when it runs."""

from __future__ import annotations

import io
import sys

import typer

from connector import __version__
from connector.cli import (
    audit,
    backtest,
    calendar,
    daemon,
    demo,
    diagnose,
    doctor,
    fleet,
    learn,
    lint,
    logs,
    messages,
    notify,
    plan,
    ratings,
    rulings,
    simulate,
    statement,
    store,
    survey,
)
from connector.logs import configure_logging

app = typer.Typer(
    name="px-connector",
    help="Runs beside your PSA and tells the truth inside it: has a person really answered, "
    "what is about to be missed, what does the customer feel.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"px-connector {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Exit codes: 0 fine, 1 findings or failure, 2 wrong usage."""
    configure_logging("console", "warning")


demo.register(app)
audit.register(app)
daemon.register(app)
learn.register(app)
logs.register(app)
backtest.register(app)
messages.register(app)
rulings.register(app)
ratings.register(app)
plan.register(app)
survey.register(app)
notify.register(app)
statement.register(app)
calendar.register(app)
doctor.register(app)
diagnose.register(app)
lint.register(app)
fleet.register(app)
simulate.register(app)
store.register(app)


def main() -> None:
    """Entry point of the `px-connector` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # half a character is written as JSON writes it
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:  # the reader of our output went away: `… | head`
        sys.stderr.close()
        sys.exit(1)
