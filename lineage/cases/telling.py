"""Messages about alarms: begun, durably, before they are sent, and kept as told afterwards. Sends nothing.

A message has a name and tells of the same alarms however often it is sent. Whoever ends between the two steps sends it again
under the same name, so that whoever gets both knows it.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.cases.case import Alarm, Case
from lineage.cases.casework import Casework, New
from lineage.cases.journal import OFFICER

AT_ONCE = 100
"""Cases that one message tells of."""
MOST = 10_000
"""Cases that are looked at: all of a message that was begun must be among them, or it would not be the same again."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told in one message: `name` tells it from any other; each case with those of its alarms."""

    name: str
    cases: tuple[tuple[Case, tuple[Alarm, ...]], ...]


def is_due(work: Casework) -> bool:
    """Tell whether there is an alarm that nobody is known to have been told of."""
    return bool(work.journal.due_tasks(OFFICER, work.clock(), 1))


def next_message(work: Casework) -> Message | None:
    """Return the next message to be sent: one that was begun and is not known to have gone, else a new one, now begun.

    None: there is nothing to be told.
    """
    cases = _alarmed(work)
    begun = min((each.message for case in cases for each in case.alarms if each.message), default=None)
    if begun is None and cases:
        begun = secrets.token_hex(16)
        cases = [work.decided(each.id, _beginning(begun)) for each in cases[:AT_ONCE]]
    found = tuple((case, told) for case in cases if (told := _in(case, begun)))
    return Message(begun, found) if begun and found else None


def keep_told(work: Casework, message: Message) -> None:
    """Keep that a message has gone."""

    def decide(case: Case) -> list[New]:
        return [New("told", "jalki", {"message": message.name})] if _in(case, message.name) else []

    for case, _ in message.cases:
        work.decided(case.id, decide)


def _alarmed(work: Casework) -> Sequence[Case]:
    rows = work.journal.due_tasks(OFFICER, work.clock(), MOST)
    return [each for each in (work.case(row.case) for row in rows) if each.alarms]


def _beginning(name: str) -> Callable[[Case], list[New]]:
    def decide(case: Case) -> list[New]:
        new = [each.number for each in case.alarms if each.message is None]
        return [New("telling", "jalki", {"message": name, "alarms": new})] if new else []

    return decide


def _in(case: Case, message: str | None) -> tuple[Alarm, ...]:
    return tuple(each for each in case.alarms if each.message == message)
