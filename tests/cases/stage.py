"""A shop with its record and its cases, on the embedded stores, with a clock that is set and parties that are stood in for.

Events go in as the agents record them; parties answer what a test says they do, and note what they saw.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from connectors.protocol import Limits
from console.case_opening import opened_for_casework
from console.settings import read_settings
from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework
from lineage.cases.deciding import approve, preview
from lineage.cases.intake import Message, receive
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Right
from lineage.errors import JalkiError, Retryable
from lineage.graph import NOW
from lineage.sharing_allowed import may_share
from lineage.where import where
from schemas.records import JsonRecords, microseconds
from streams.dispatch import Directory, Dispatch
from streams.recorder import Ready, Recorder
from streams.records import Record

Answer = Callable[[Order], Outcome]
VERIFIED = Outcome("verified", how="signed-answer")
ACCEPTED = Outcome("accepted", how="http-202", handle="job-1", ask_again_in=3_600)


GENEROUS = Limits(calls=10_000, seconds=1.0, first_wait=60.0, timeout=5.0)


@dataclass(slots=True)
class Party:
    """Stands in for a party: answers as told, and notes every order by what it was."""

    answer: Answer = lambda _order: VERIFIED
    asked: Answer | None = None
    limits: Limits = GENEROUS
    seen: list[Order] = field(default_factory=list)
    effects: set[str] = field(default_factory=set)

    async def send(self, order: Order) -> Outcome:
        self.seen.append(order)
        outcome = self.answer(order)
        self.effects.add(order.key)
        return outcome

    async def ask(self, order: Order) -> Outcome:
        return (self.asked or self.answer)(order)

    async def close(self) -> None:
        """Nothing to let go."""


@dataclass(slots=True)
class Together:
    """Stands in for a party that is told of many at once, never of one alone; notes how many each time."""

    answers: Callable[[Sequence[Order]], Sequence[Outcome | JalkiError]]
    limits: Limits = field(default_factory=lambda: replace(GENEROUS, together=100))
    groups: list[int] = field(default_factory=list)

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        self.groups.append(len(orders))
        return self.answers(orders)

    ask_together = send_together

    async def send(self, order: Order) -> Outcome:
        raise AssertionError(order.task)

    ask = send

    async def close(self) -> None:
        """Nothing to let go."""


@dataclass(slots=True)
class Parties:
    """All of them; one that no test spoke of does what it is told at once."""

    by_id: dict[str, Party] = field(default_factory=dict)

    def connector(self, party: str) -> Party:
        return self.by_id.setdefault(party, Party())


def away(_order: Order) -> Outcome:
    raise Retryable("the party is away")


@dataclass(slots=True)
class Stage:
    """One shop, and the time it believes it is."""

    work: Casework
    recorder: Recorder
    records: JsonRecords
    believed: list[int]
    parties: Parties = field(default_factory=Parties)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def now(self) -> int:
        """Microseconds UTC."""
        return self.believed[0]

    def at(self, text: str) -> None:
        """Set the clock."""
        self.believed[0] = microseconds(text)

    def record(self, *events: Mapping[str, Any], arrived: int | None = None) -> Any:
        """Record events as the agents do; return what became of them."""
        return self.recorder.write([self.sealed(*events, arrived=arrived)])

    def sealed(self, *events: Mapping[str, Any], arrived: int | None = None) -> Ready:
        """Take events as far as the agents do before they write."""
        records = [
            Record("topic", 0, next(self.numbers), (arrived or self.now) // 1_000, None, self._encoded(each), ())
            for each in events
        ]
        return self.recorder.seal(self.recorder.prepare(records))

    def _encoded(self, event: Mapping[str, Any]) -> bytes:
        told = {
            "event_id": f"e-{next(self.numbers)}",
            "controller": "multitronic",
            "occurred_at": iso(self.now),
            **event,
        }
        return self.records.encode(json.dumps(told).encode()).record

    def open(self, right: Right = "erasure", *named: tuple[str, str], **more: Any) -> Case:
        (case,) = self.open_all([right], *named, **more)
        return case

    def open_all(self, rights: Sequence[Right], *named: tuple[str, str], **more: Any) -> list[Case]:
        message = Message(rights, named, more.pop("received", self.now), more.pop("channel", "account"), "multitronic")
        return receive(self.work, replace(message, **more))

    def preview(self, case: Case) -> Case:
        return preview(self.work, case.id)

    def approve(self, case: Case) -> Case:
        """Approve a case, and do all that is due now."""
        approve(self.work, case.id)
        return self.run(case)

    def run(self, case: Case) -> Case:
        """Do all that is due now."""
        asyncio.run(Dispatch(self.work, self.parties).run_until_idle())
        return self.work.case(case.id)

    def told(self, party: str) -> list[Order]:
        """What a party has seen, in order."""
        return self.parties.connector(party).seen

    def key(self, kind: str, value: str) -> bytes:
        return self.work.pseudonyms.identifier(kind, value)

    def holders(self, kind: str, value: str) -> set[str]:
        """Who has something of whoever an identifier stands for, by what is recorded now."""
        answer = where(self.work.graph, self.work.register, self.key(kind, value), NOW, self.now)
        return {each.party.id for each in (*answer.holdings, *answer.shared)}

    def may(self, party: str, purpose: str, *named: tuple[str, str]) -> tuple[str, ...]:
        """Why the shop may not send a person's data to a party now; nothing where it may."""
        work, (identifier,) = self.work, named or (("email", "anna@example.fi"),)
        asked = (work.graph, work.memory, work.register, work.pseudonyms, identifier, party, purpose, self.now)
        return may_share(*asked).why


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()


def task_of(case: Case, party: str, *, held: bool = False) -> Task:
    """The task of a party; of several the one that goes now, or the first that is held."""
    found = [each for each in case.tasks.values() if each.party == party and (each.until is not None) == held]
    assert found, f"{party} has no task; those that have: {sorted({each.party for each in case.tasks.values()})}"
    return found[0]


@contextmanager
def staged(
    folder: Path,
    now: str = "2026-03-01T09:00:00+02:00",
    parties: Parties | None = None,
    numbers: Iterator[int] | None = None,
) -> Iterator[Stage]:
    """Open a shop's folder. The parties may have been there before, and the numbers of events go on."""
    settings = read_settings({"JALKI_DATA": str(folder / "data")})
    believed = [microseconds(now)]
    with opened_for_casework(settings, lambda: believed[0]) as opened:
        assert opened.recorder
        catalogue = JsonRecords(opened.folder.catalogue)
        parties, numbers = parties or Parties(), numbers or count(1)
        yield Stage(opened.work, opened.recorder, catalogue, believed, parties, numbers)


def run_all(work: Casework, directory: Directory) -> None:
    """Do all that is due now."""
    asyncio.run(Dispatch(work, directory).run_until_idle())
