"""A backtest's report as tables a person reads: promises, noise, what changed, what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from connector.cli.console import out, printable, safe
from connector.rules.lines import span

Report = dict[str, Any]
Row = tuple[str, Any, Any]

_NAMES = {
    "response": "response",
    "resplan": "resplan",
    "update": "update",
    "resolution": "resolution",
    "followup": "follow-up",
}

_STOPS = {
    "pause_unanswered": "paused while the customer waited for us",
    "pause_before_due": "paused just before a promise was due",
    "due_pushed": "promise made longer when nearly broken",
    "reopened_soon": "resolved and reopened within a day",
    "response_unreceived": "responses nobody received",
    "ping_pong": "three pauses or more within a day",
}


def show(report: Report) -> None:
    """All of it on stdout. One policy has one column of numbers, two have three."""
    _head(report)
    _table(report, "Promises missed", _promises(report))
    _table(report, "What the customer felt, and what the desk would have noticed", _noise(report))
    rows = [*_words(report)]
    if rows:
        _table(report, "Promised in words, and where clocks stopped (docs/stop-clock.md)", iter(rows))
    if report["changed"] is not None:
        _changed(report["changed"])
    _gaps(report)


def _head(report: Report) -> None:
    since = (report["since"] or "–")[:10]
    out.print(
        printable(
            f"{report['client']}: {report['tickets']} tickets, {since} to {report['until'][:10]}"
            + (f"; {report['policy']['excluded']} apart" if report["policy"]["excluded"] else "")
            + (f"; {report['opened_later']} opened later" if report["opened_later"] else "")
            + (f"; {report['unreadable']} could not be read" if report["unreadable"] else "")
        ),
        markup=False,
        soft_wrap=True,
    )


def _table(report: Report, title: str, rows: Iterator[Row]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    against = report["against"]
    if against:
        table.add_column(safe(f"against: {against['file']}"), justify="right")
    table.add_column(safe(report["policy"]["file"]), justify="right")
    if against:
        table.add_column("difference", justify="right")
    for name, before, after in rows:
        if against:
            table.add_row(name, _text(before), _text(after), _difference(before, after))
        else:
            table.add_row(name, _text(after))
    out.print(table)


def _promises(report: Report) -> Iterator[Row]:
    before, after = _sides(report)
    for bucket, name in _NAMES.items():
        old, new = before["buckets"][bucket], after["buckets"][bucket]
        if not any((*_decided(old), *_decided(new))):
            continue
        yield name, old["missed"], new["missed"]
        yield "  of decided", sum(_decided(old)), sum(_decided(new))
        yield "  per cent", old["missed_percent"], new["missed_percent"]


def _decided(bucket: dict[str, Any]) -> tuple[int, int]:
    return bucket["missed"], bucket["met"]


def _noise(report: Report) -> Iterator[Row]:
    before, after = _sides(report)
    for key, part, name in (
        ("felt", "n", "answered tickets"),
        ("felt", "median_min", "felt response, half of them within"),
        ("felt", "p90_min", "felt response, nine of ten within"),
        ("alerts", "total", "alerts"),
        ("alerts", "unassigned", "  of them to nobody yet"),
        ("alerts", "engineers", "engineers"),
        ("alerts", "mean", "alerts per engineer per day"),
        ("alerts", "p90", "  nine of ten days up to"),
        ("alerts", "most", "  the worst day of anybody"),
        ("writes", "total", "API writes"),
        ("writes", "mean", "API writes per hour"),
        ("writes", "most", "  the busiest hour"),
    ):
        old, new = before[key][part], after[key][part]
        yield (name, _Minutes.of(old), _Minutes.of(new)) if part.endswith("_min") else (name, old, new)


def _words(report: Report) -> Iterator[Row]:
    """Only what was found: most desks have a few of these, and nobody reads a column of noughts."""
    before, after = _sides(report)
    for state in after["words"]:
        old, new = before["words"][state], after["words"][state]
        if old or new:
            yield f"promises in words: {state}", old, new
    for rule, found in after["stops"].items():
        old = before["stops"][rule]
        if old["findings"] or found["findings"]:
            name = _STOPS[rule]
            yield name, old["findings"], found["findings"]
            yield "  working time at stake", _Minutes.of(old["minutes"]), _Minutes.of(found["minutes"])


class _Minutes(float):
    """Working minutes, told as hours and minutes."""

    @classmethod
    def of(cls, value: float | None) -> _Minutes | None:
        return None if value is None else cls(value)


def _sides(report: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    return report["against"] or report["policy"], report["policy"]


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, _Minutes):
        return span(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _difference(before: Any, after: Any) -> str:
    if before is None or after is None:
        return "–"
    less = after - before
    if not less:
        return "="
    size = _Minutes(abs(less)) if isinstance(after, _Minutes) else abs(less)
    return f"{'+' if less > 0 else '−'}{_text(round(size, 2) if type(size) is float else size)}"


def _changed(changed: dict[str, Any]) -> None:
    if not changed["tickets"]:
        out.print("No ticket has another verdict.\n")
        return
    moves = ", ".join(
        f"{one['bucket']} {one['against']} → {one['policy']}: {one['tickets']:,}" for one in changed["moves"]
    )
    out.print(f"{changed['tickets']:,} tickets have another verdict. {safe(moves)}.", soft_wrap=True)
    table = Table(
        title=f"The {len(changed['first'])} that changed most", title_justify="left", show_lines=True
    )
    for column in ("ticket", "bucket", "verdict", "why then, why now"):
        table.add_column(column, no_wrap=column == "ticket")
    for one in changed["first"]:
        for number, verdict in enumerate(one["verdicts"]):
            then, now = verdict["against"], verdict["policy"]
            table.add_row(
                "" if number else safe(one["id"]),
                verdict["bucket"],
                f"{then['state']} → {now['state']}",
                safe(f"{then['why']}\n{now['why']}"),
            )
    out.print(table)


def _gaps(report: Report) -> None:
    table = Table(title="What history could not give", title_justify="left")
    for column in ("share", "number", "of what, and what follows"):
        table.add_column(column, justify="left" if "what" in column else "right")
    for gap in report["gaps"]:
        if gap["n"]:
            table.add_row(f"{gap['percent']:.1f} %", f"{gap['n']:,} of {gap['of']:,}", safe(gap["says"]))
    if table.row_count:
        out.print(table)
    for line in report["not_replayed"]:
        out.print(f"Not replayed: {safe(line)}.", soft_wrap=True)
