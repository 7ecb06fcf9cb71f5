"""`jalki demo`: the main job from nothing, on a small simulated shop. What is shown is in `console.demo_showing`."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from console.outward import Outward
from console.servers import Servers
from console.settings import Settings, read_settings
from console.terminal import Data, say

PERSONS = 400


def demo_command(
    context: typer.Context,
    data: Data = None,
    persons: Annotated[
        int, typer.Option("--persons", min=20, max=100_000, help="How many persons the shop has.")
    ] = PERSONS,
    console: Annotated[
        bool, typer.Option("--console", help="Then serve the console over it, with running cases, until Ctrl-C.")
    ] = False,
) -> None:
    """Show the main job: a small shop's events through the agents into the graph, and where one customer's data went.

    Works in a folder of its own that is removed afterwards, unless --data names one to keep.
    """
    keep = data or context.obj
    if keep:
        _shown(_embedded(keep), persons, console=console)
        say(f"\nAll of it is in {keep}: jalki --data {keep} where …")
        return
    with tempfile.TemporaryDirectory(prefix="jalki-demo-") as folder:
        _shown(_embedded(Path(folder) / "data"), persons, console=console)
    say("\nTo look around in it: jalki --data shop demo, then jalki --data shop where customer_id:…")


def _shown(settings: Settings, persons: int, *, console: bool) -> None:
    # Only this command needs these, and they would be loaded for all others too.
    from console.demo_showing import show

    customers = show(settings, persons)
    if console:
        from console.demo_console import show_console

        show_console(settings, customers)


def _embedded(folder: Path) -> Settings:
    """Return settings without any server: a made-up shop must never reach the real ones."""
    return replace(read_settings(data=folder), servers=Servers(), outward=Outward())
