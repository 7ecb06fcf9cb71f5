"""What the public pages need to know of a task, and where answers of parties go. Protocols; holds no store and no HTTP."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from lineage.cases.orders import Outcome
from lineage.cases.words import Action, Form, TaskState


@dataclass(frozen=True, slots=True)
class Asked:
    """A task as far as its party may see it. No identifier, and nothing about any other party.

    `key` is the `Order.key`, `reference` what the letter named the case by.
    """

    key: str
    party: str
    action: Action
    form: Form
    reference: str
    state: TaskState


class Answers(Protocol):
    """Takes what parties answer, apart from any attempt of ours. Raises: Retryable: the store is away; nothing was kept."""

    async def asked(self, key: str) -> Asked | None:
        """Return the task of an `Order.key`, None where there is none."""
        ...

    async def used(self, key: str, once: str) -> bool:
        """Tell whether an answer to the task of an `Order.key` was kept under this name before."""
        ...

    async def received(self, key: str, once: str, outcome: Outcome) -> bool:
        """Keep an outcome durably, in one transaction with the name `once`, and move its task on.

        False: the name was used before; nothing was changed. Of two at the same moment, one gets False.
        """
        ...


def once_of(kind: str, content: bytes) -> str:
    """Return the name an answer is kept under, so that it counts once: of a link, or of the bytes a party signed."""
    return f"{kind}:{sha256(content).hexdigest()}"
