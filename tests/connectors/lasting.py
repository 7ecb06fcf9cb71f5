"""A party that is told otherwise than by a vendor's calls as a stage of the contract suite: what goes wrong lasts for a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.descriptor import Descriptor
from connectors.protocol import Connector
from lineage.cases.orders import Order
from lineage.cases.words import Action
from tests.contracts.connector import ANYTHING, SECRETS, Call, Fault

SHORT, LONG = 1.0, 8.0
"""Seconds that are waited for an answer: short where none will come."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """One party. `connect` takes the seconds that are waited for an answer; `words` are the faults there can be.

    `sets` takes such a word, or None. Without `is_done` it is done when the party was told something since the order was made.
    """

    connect: Callable[[float], Connector]
    order: Callable[[Action], Order]
    words: Mapping[Fault, str]
    sets: Callable[[str | None], None]
    told: Callable[[], Sequence[str] | None]
    held: Callable[[], object]
    others: Callable[[], object] = lambda: None
    is_done: Callable[[Action], bool] | None = None
    secrets: Sequence[str] = SECRETS


class LastingStage:
    """Satisfies `tests.contracts.connector.Stage`."""

    keys: Sequence[str] = ()
    waits = 7.0
    descriptor: Descriptor | None = None

    def __init__(self, of: Lasting) -> None:
        self._of, self._seconds, self._before = of, LONG, 0
        self.secrets = of.secrets

    def connector(self) -> Connector:
        return self._of.connect(self._seconds)

    def order(self, action: Action) -> Order:
        self._before = len(self.told() or ())
        return self._of.order(action)

    def can(self, fault: Fault, call: Call) -> bool:  # noqa: ARG002 - there is one operation
        return fault in self._of.words

    def fail(self, fault: Fault | None, calls: Sequence[Call] = ()) -> None:  # noqa: ARG002 - as above
        self._seconds = SHORT if fault in (Fault.LOST, Fault.LOST_AFTER) else LONG
        self._of.sets(None if fault is None else self._of.words[fault])

    def called(self) -> Sequence[Call]:
        return [ANYTHING]

    def passes(self, seconds: float) -> None:  # noqa: ARG002 - its time is the true one
        self.fail(None)

    def told(self) -> Sequence[str] | None:
        return self._of.told()

    def is_done(self, action: Action) -> bool:
        return len(self.told() or ()) > self._before if self._of.is_done is None else self._of.is_done(action)

    def held(self) -> object:
        return self._of.held()

    def others(self) -> object:
        return self._of.others()

    def addresses(self) -> Sequence[str]:
        return ()
