"""The simulated shop as a stream: the lives laid out in time, merged in order of arrival, with repeats and late comers.

Holds only what is still to arrive, packed; knows nothing of what the events mean.
"""

import heapq
import marshal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import cast

from lineage.errors import Misconfigured
from streams.shop.calendar import DAY, FIRST_DAY, LAST_START, MINUTE, SECOND
from streams.shop.diary import Diary, Event, Fault, Line
from streams.shop.faults import EVERY, faulty
from streams.shop.lives import LIVES, guest, regular

_WHEEL = tuple(life for life in LIVES for _ in range(life[2]))


@dataclass(frozen=True, slots=True)
class Disorder:
    """How untidily the events arrive. Shares are of 1; what is said, and so the truth, stays the same.

    `repeated`: how many arrive again, the same to the byte; `again`: how many of those once more, and so on;
    `late`: how many come days after they happened, up to `late_days`;
    `shuffled`: all in one random order, which holds the whole stream in memory.
    """

    repeated: float = 0.03
    again: float = 0.25
    late: float = 0.01
    late_days: int = 8
    shuffled: bool = False

    def __post_init__(self) -> None:
        if not all(0 <= share < 1 for share in (self.repeated, self.again, self.late)) or self.late_days < 1:
            raise Misconfigured("a share of disorder must be from 0 to below 1, and late_days at least 1")


@dataclass(slots=True)
class Simulation:
    """One shop: `persons` customers from one seed. Iterate it, or call `events`, again and again: always the same."""

    persons: int
    seed: int
    disorder: Disorder = field(default_factory=Disorder)
    _planted: tuple[Fault, ...] | None = None

    def __iter__(self) -> Iterator[Event]:
        return self.events()

    def events(self) -> Iterator[Event]:
        """The events as they arrive, each a new dict with the contract's names."""
        unpack = marshal.loads  # safe: only what _arrivals packed a moment ago, in this process
        if not self.disorder.shuffled:
            for _, _, packed in self._arrivals():
                yield cast("Event", unpack(packed))
            return
        everything = [packed for _, _, packed in self._arrivals()]
        self._chance("shuffle").shuffle(everything)
        for packed in everything:
            yield cast("Event", unpack(packed))

    def planted(self) -> tuple[Fault, ...]:
        """The faults in this stream, in no order of time; works the stream through if that was not done yet."""
        if self._planted is None:
            for _ in self._lives():
                pass
        return self._planted or ()

    def _chance(self, use: str) -> Random:
        return Random(f"{self.seed}/{self.persons}/{use}")  # noqa: S311 - repeatable on purpose, nothing secret

    def _arrivals(self) -> Iterator[tuple[int, int, bytes]]:
        """Merge the lives: whatever arrives before the next life begins can be given away."""
        chance, pack = self._chance("arrival").random, marshal.dumps
        waiting: list[tuple[int, int, bytes]] = []
        number = 0
        for starts, lines in self._lives():
            while waiting and waiting[0][0] < starts:
                yield heapq.heappop(waiting)
            for line in lines:
                packed = pack(line.event)
                for arrival in self._times(line, chance):
                    number += 1
                    heapq.heappush(waiting, (arrival, number, packed))
        while waiting:
            yield heapq.heappop(waiting)

    def _times(self, line: Line, chance: Callable[[], float]) -> list[int]:
        """When one event arrives: once, a little or days after it happened, and sometimes again."""
        arrival = line.at + line.delay + int(chance() * 90 * SECOND)
        if chance() < self.disorder.late:
            arrival += DAY + int(chance() * (self.disorder.late_days - 1) * DAY)
        times = [arrival]
        share = self.disorder.repeated
        while chance() < share:
            times.append(times[-1] + int(chance() * chance() * chance() * 10 * DAY))
            share = self.disorder.again
        return times

    def _lives(self) -> Iterator[tuple[int, list[Line]]]:
        """Each life with the time before which none of its lines, or of later lives' lines, arrives."""
        diary = Diary(self._chance("content"), _tag(self.seed, self.persons))
        step = (LAST_START - FIRST_DAY) / max(1, self.persons)
        begun = number = 0
        while begun < self.persons:
            starts = FIRST_DAY + int(begun * step)
            begun += _live(
                diary, starts + 5 * DAY + int(diary.rng.random() * 30 * MINUTE), number, self.persons - begun
            )
            number += 1
            lines, diary.lines = diary.lines, []
            yield starts, lines
        self._planted = tuple(diary.faults)


def simulate(persons: int, seed: int, disorder: Disorder | None = None) -> Simulation:
    """A believable shop of so many customers (who only receives gifts is not counted), equal for equal arguments.

    Raises:
        Misconfigured: `persons` is negative.
    """
    if persons < 0:
        raise Misconfigured("the number of persons must not be negative")
    return Simulation(persons, seed, disorder or Disorder())


def _live(diary: Diary, at: int, number: int, places: int) -> int:
    """Write the next life and say how many persons it held."""
    if number % EVERY == EVERY // 2:
        faulty(diary, at, number // EVERY)
        return 1
    life, size, _ = diary.pick(_WHEEL)
    if size > places:
        life, size = diary.pick((regular, guest)), 1
    life(diary, at)
    return size


def _tag(seed: int, persons: int) -> str:
    """Six letters that keep different shops' event ids apart; no digits, lest they pass for a card number."""
    digest = sha256(f"{seed}/{persons}".encode()).digest()
    return "".join(chr(97 + byte % 26) for byte in digest[:6])
