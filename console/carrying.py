"""The command `case carry`: carries all cases on, embedded, whenever something is due; for where decisions come by the console.

It holds the folder only while it works: others write to it in between.
"""

import signal
from collections.abc import Callable
from threading import Event

import typer

from console.case_evidence import case_commands
from console.case_logs import opened_for_cases
from console.case_opening import Casebook, carried_out, opened_for_looking, there
from console.settings import Settings
from console.terminal import Data, settings_of, tell
from lineage.cases.journal import is_party
from lineage.errors import Misconfigured, Refused, Retryable
from lineage.times import now

__all__ = ["case_commands"]

LOOK_SECONDS = 1.0
PATIENCE = 30.0
"""Seconds for which another process that writes is waited for at one time."""


@case_commands.command("carry")
def carry_command(context: typer.Context, data: Data = None) -> None:
    """Carry all cases on, whenever something is due, until Ctrl-C. With Kafka workers do it."""
    settings = there(settings_of(context, data))
    if settings.kafka is not None:
        raise Misconfigured("with Kafka workers carry cases on: `jalki worker`")
    stop = Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    tell("carrying cases on")
    carry(settings, stop, carried_out)


def carry(settings: Settings, stop: Event, act: Callable[[Casebook], object]) -> None:
    """Do what is due by `act`, until told to stop. What is away or busy is waited for. Raises: Misconfigured."""
    while not stop.is_set():
        try:
            if is_due(settings):
                with opened_for_cases(settings, patience=PATIENCE) as book:
                    act(book)
        except (Refused, Retryable) as fault:
            tell(f"jalki: {fault}")
        stop.wait(LOOK_SECONDS)


def is_due(settings: Settings) -> bool:
    """Tell whether anything waits to be done now. Raises: as `opened_for_looking`."""
    with opened_for_looking(settings) as book:
        journal, moment = book.work.journal, now()
        return bool(journal.due_cases(moment, 1)) or any(map(is_party, journal.parties_due(moment)))
