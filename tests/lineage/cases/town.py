"""A town in memory for the machine that checks cases: a person, her neighbours, parties, and a clock that is set.

What was done to it is noted here apart from the product, so that the product can be held against it. Judges nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.incidents import CaseIncidents
from lineage.cases.orders import Order, Outcome
from lineage.facts import facts_of
from lineage.graph import Forgotten, Graph
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Read, Recording
from lineage.register import Register, load_register
from lineage.tombstones import Memory
from lineage.watching import Watch
from tests.cases.stepping import Killed, Steps, stepped
from tests.lineage.cases.memory_journal import MemoryJournal
from tests.lineage.cases.seeing import at
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.register.small import CATEGORIES

Pair = tuple[str, str]
HOUSEHOLD: Pair = ("phone", "+358401234567")
HER: tuple[Pair, ...] = (("customer_id", "C-1"), ("email", "anna@example.fi"))
NEIGHBOURS: tuple[tuple[Pair, ...], ...] = (
    (("customer_id", "C-2"), ("email", "bertil@example.fi")),
    (("customer_id", "C-3"), ("email", "cecilia@example.fi")),
)
BEGUN = at("2026-03-01")
DAY = 86_400_000_000
KINDS: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "account": ("person", "order-system", "account", ("customer_id", "email", "name", "phone")),
    "mailed": ("order-system", "sendgrid", "newsletter", ("email",)),
    "paid": ("order-system", "klarna", "payment", ("name", "order", "payment")),
    "shipped": ("order-system", "posti", "delivery", ("address", "name")),
    "handed-on": ("posti", "dhl", "delivery", ("address", "name")),
}
"""Events by kind: from, to, purpose and categories. What is paid must be kept for six years; a newsletter never."""


class _Named(NamedTuple):
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class _Person:
    identifiers: tuple[_Named, ...]
    categories: tuple[str, ...]
    reference: None = None
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the town, as `lineage.facts.Said`. `number` tells it from any other."""

    number: int
    kind: str
    who: tuple[Pair, ...]
    occurred_at: int
    arrived: int
    type: str = "Told"
    controller: str = "multitronic"
    consent: tuple[str, bool] | None = None
    link: None = None
    evidence: Mapping[str, str | bool] = field(default_factory=dict)

    @property
    def event_id(self) -> str:
        return f"e-{self.number}"

    @property
    def identifiers(self) -> tuple[Pair, ...]:
        """What it names: the person, and what it is about."""
        more = {"account": (HOUSEHOLD,), "paid": (("order_id", f"O-{self.number}"),)}
        return (*self.who, *(each for each in more.get(self.kind, ()) if each not in self.who))

    @property
    def holder(self) -> Pair:
        """What it hangs on: the customer, or what it is about, or else whatever she is named by (contract §3)."""
        return self.identifiers[-1] if self.who[0][0] == "email" and self.kind == "paid" else self.who[0]

    @property
    def people(self) -> tuple[_Person, ...]:
        return (_Person(tuple(_Named(*each) for each in self.identifiers), KINDS[self.kind][3]),)

    @property
    def source(self) -> str:
        return KINDS[self.kind][0]

    @property
    def target(self) -> str:
        return KINDS[self.kind][1]

    @property
    def purpose(self) -> str:
        return KINDS[self.kind][2]

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(each for each in (self.source, self.target) if each != "person")


class PlainRing:
    """A key ring in a dictionary. Keys are counted and not drawn, so that a run can be run again."""

    def __init__(self) -> None:
        self._keys: dict[bytes, bytes] = {}
        self._made = 0

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        for name in sorted(set(names) - self._keys.keys()):
            self._made += 1
            self._keys[name] = self._made.to_bytes(32)
        return self.find(names)

    def find(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        return {name: self._keys[name] for name in names if name in self._keys}

    def destroy(self, names: Collection[bytes]) -> int:
        return sum(self._keys.pop(name, None) is not None for name in set(names))

    def close(self) -> None:
        """Nothing to let go."""


class GuardedGraph:
    """The plain graph; makes sure that whoever it forgets is entombed by then."""

    def __init__(self, graph: MemoryGraph, memory: Memory) -> None:
        self._graph, self._memory = graph, memory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def forget(
        self, holders: Collection[bytes], until: int, kept: Collection[tuple[bytes, int]], onto: bytes | None
    ) -> Forgotten:
        whos = {key for key, kind in self._graph.kinds(holders).items() if kind in {"customer_id", "email", "phone"}}
        assert whos <= self._memory.entombed(whos).keys(), "somebody is forgotten who may be recorded again"
        return self._graph.forget(holders, until, kept, onto)


def shipped_register() -> Register:
    return load_register(None, CATEGORIES)


class Town:
    """Everything of one run. `told` are the orders that parties saw, with when; `answered` what parties and staff said."""

    def __init__(self, register: Register) -> None:
        self.now = BEGUN
        self.events: list[Event] = []
        self.told: list[tuple[Order, int]] = []
        self.answered: set[tuple[str, str, str]] = set()
        self.plain, self.journal, self.ring, self.memory = MemoryGraph(), MemoryJournal(), PlainRing(), PlainMemory()
        self.pseudonyms, graph = Pseudonyms(bytes(32)), GuardedGraph(self.plain, self.memory)
        # The wrapped graph has all of the port; it finds most of it by name.
        self._whole = Casework(
            self.journal, _as_graph(graph), self.ring, self.memory, register, self.pseudonyms, self.clock
        )
        self.register = register
        self.steps = Steps()
        self.work = stepped(self._whole, self.steps)

    def clock(self) -> int:
        """Each look at the clock takes a microsecond, so that no two things happen at once."""
        self.now += 1
        return self.now

    def crash_soon(self, steps: int, *, done: bool) -> None:
        """Have the process end at a step to come."""
        self.steps.kill_at(len(self.steps.names) + steps, done=done)

    def revive(self) -> None:
        """Start the process again: what is kept is there, and nothing else."""
        self.steps = Steps()
        self.work = stepped(self._whole, self.steps)

    def key(self, pair: Pair) -> bytes:
        return self.pseudonyms.identifier(*pair)

    def happens(self, kind: str, who: tuple[Pair, ...], at_: int) -> None:
        """Something happens to somebody, and is told now."""
        event = Event(
            len(self.events), kind, who, at_, self.clock(), consent=("newsletter", True) if kind == "mailed" else None
        )
        self.events.append(event)
        self.deliver(event)

    def deliver(self, event: Event) -> None:
        """Tell of an event, until it is taken: at least once, as a bus does."""
        try:
            self._deliver(event)
        except Killed:
            self.revive()
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        work = self.work
        recording = Recording(
            work.graph, work.keyring, work.pseudonyms, Watch(work.memory, work.graph, CaseIncidents(work))
        )
        content = f"{event.number}".encode()
        facts = facts_of(event, content, work.pseudonyms, self.clock(), self.register.is_party)
        left, held = recording.sift([Read(facts, event.event_id, content, event.arrived)])
        recording.write(recording.seal(left), (), self.clock(), held)

    def cases(self) -> list[Case]:
        return [self._whole.case(row.case) for row in self.journal.cases()]

    def says(self, task: str, outcome: Outcome) -> Outcome:
        """Note that this is what somebody really said."""
        self.answered.add((task, outcome.state, outcome.how))
        return outcome

    def hers(self) -> Sequence[Event]:
        return [each for each in self.events if each.who and each.who[0] in HER]


def _as_graph(guarded: GuardedGraph) -> Graph:
    found: Any = guarded
    return found  # type: ignore[no-any-return]  # `__getattr__` has the rest of the port
