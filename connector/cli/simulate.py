"""`simulate`: the pretend MSP as a server of its own, for trying things out and for tests."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from connector.cli.console import out


def register(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    vendor: Annotated[str, typer.Argument(help="Whose dialect it speaks: connectwise, autotask or halo.")],
    port: Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)] = 8099,
    tickets: Annotated[int, typer.Option(help="Tickets that are already there.", min=0)] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same MSP.")] = 7,
    fault: Annotated[
        list[str] | None, typer.Option(help="name=value, may be repeated: latency=200, drop-callbacks=0.3 …")
    ] = None,
    planted: Annotated[
        list[str] | None,
        typer.Option("--plant", help="A fault of its SLA's set-up by name, or honest. May be repeated."),
    ] = None,
    activity: Annotated[float, typer.Option(help="New things happening an hour, in real time.", min=0)] = 0.0,
) -> None:
    """Serve a pretend MSP over HTTP on loopback, in a PSA's own dialect, with faults on demand.

    Examples:

      px-connector simulate connectwise --port 8099 --tickets 500

      px-connector simulate connectwise --fault latency=200 --fault throttle=0.1

      px-connector simulate halo --plant honest --plant every-hour
    """
    from connector.simulator import Faults, Simulator, serve

    try:
        faults = Faults.parse(fault or [])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None

    def ready(sim: Simulator) -> None:
        out.print(f"A pretend MSP with {tickets} tickets answers on {sim.url}", markup=False)
        keys = dataclasses.asdict(sim.credentials)
        words = "   ".join(f"{name.replace('_', ' ')} {value}" for name, value in keys.items())
        out.print(f"  {words}   (made up; good for this server only)", soft_wrap=True, markup=False)
        out.print("Ctrl-C ends it.")

    work = serve(
        vendor,
        port=port,
        tickets=tickets,
        seed=seed,
        faults=faults,
        activity_per_hour=activity,
        on_ready=ready,
        plants=planted or (),
    )
    try:
        asyncio.run(_until_told(work))
    except KeyboardInterrupt:
        return
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Serve until SIGTERM, which is how a service manager says goodbye."""
    task = asyncio.create_task(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
