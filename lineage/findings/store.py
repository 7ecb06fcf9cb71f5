"""The `Findings` port: what was told of drift and what must be judged anew, in the same store as the graph.

Every store passes `tests/contracts/findings.py`. It decides nothing. Whoever records or forgets facts says in the same
transaction whom that may concern; whoever judges takes that, and keeps what came of it and what is to be told in one
transaction. Only what is told is numbered, so that each that is told (a lane) has a position of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from lineage.errors import Retryable
from lineage.findings.model import Change, Fact, Mark

TOPIC = "topic"
"""The lane of the topic `drift`."""


class Overtaken(Retryable):
    """Another one judges, or something was forgotten since: nothing was kept; judge again."""


class Taken(NamedTuple):
    """What is to be judged anew. `rows` are the store's own names of what it has taken.

    `keys`: identifiers of whom something came. `gone`: disclosures with findings that were forgotten. `holders`: some of
    all that disclosures hang on, where everything is judged anew. `position` is how far that is then; None: not under way.
    """

    turn: int
    rows: Sequence[object] = ()
    keys: frozenset[bytes] = frozenset()
    gone: frozenset[Fact] = frozenset()
    holders: Sequence[bytes] = ()
    position: bytes | None = None
    whole: bool = False
    """Whether a pass through everything is under way; its `position` None then: it is over with this."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to judge."""
        return not (self.rows or self.gone or self.whole)


class Told(NamedTuple):
    """A change that is told, by its number."""

    number: int
    record: str


class Standing(NamedTuple):
    """How much waits: batches to be judged anew; whether everything is; the last number; where each lane is."""

    unjudged: int
    whole: bool
    last: int
    lanes: Mapping[str, int]


class Findings(Protocol):
    """What was told. Raises: Retryable, Refused, Misconfigured, as `lineage.graph.Graph`."""

    def take(self, register: str, rows: int, holders: int) -> Taken:
        """Begin a turn: from now on nothing of the turn before is kept. `register` is the version it is judged by.

        At most so many batches of what was recorded are in it. With another version than the last time everything is judged
        anew, so many holders at a time, and with that all that waited.
        """
        ...

    def marks(self, events: Collection[bytes]) -> Sequence[Mark]:
        """Return what was told of the findings of these events."""
        ...

    def keep(self, turn: int, changes: Sequence[Change]) -> None:
        """Keep what is told anew, durably. Raises: Overtaken."""
        ...

    def settle(self, taken: Taken, changes: Sequence[Change]) -> None:
        """Keep the last of what is told anew, and that all that was taken is judged, in one transaction. Raises: Overtaken."""
        ...

    def after(self, lane: str, limit: int) -> Sequence[Told]:
        """Return what a lane has not told yet, in order. One that is new has told nothing, and gets the last of each finding."""
        ...

    def reached(self, lane: str, number: int) -> None:
        """Keep that a lane has told all up to this number; it never goes back."""
        ...

    def is_whole(self) -> bool:
        """Tell whether it is known that nothing of what was told is missing here: `restore` was called."""
        ...

    def restore(self, changes: Sequence[Change], *, over: bool) -> None:
        """Keep what the topic has and is missing here, as told to it; with `over` all of it was given."""
        ...

    def standing(self) -> Standing:
        """Return how much waits."""
        ...

    def close(self) -> None:
        """Let the store go."""
        ...
