"""What a channel is: one protocol that parties are told by, with the shape of its settings and the making of its connectors.

The channels there are stand in `connectors.channels`. Knows none of them.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.budget import Counts, KeptBudget, Uncounted
from connectors.calling import Call, Caller
from connectors.descriptor import Descriptor, Meaning, Meant
from connectors.letters import Sender
from connectors.links import Links
from connectors.mail import Mail
from connectors.protocol import Budget, Connector, Limits, Rate
from connectors.secretfile import Secret
from connectors.statements import Statement
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Right

LARGEST = 1 << 20
"""Bytes of a vendor's answer, where its connector says no more."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What connectors need besides a descriptor. `mail` and `links` are None where no mail server is set."""

    clock: Callable[[], int]
    senders: Mapping[str, Sender]
    counts: Counts
    mail: Mail | None = None
    links: Links | None = None
    callback_url: str | None = None
    purposes: Collection[str] = ()
    """The purposes of the register: the words that a mapping of tables may use."""
    dry: Callable[[Call | Statement], None] | None = None
    """Hears of calls and statements in a dry run, in which none is made."""

    def caller(self, descriptor: Descriptor, *, ca_file: Path | None = None, largest: int = LARGEST) -> Caller:
        """Return what calls a party, within the bounds of its descriptor. Raises: Misconfigured: a CA file of no use."""
        return Caller(
            descriptor.party,
            self.clock,
            ca_file=ca_file,
            seconds=descriptor.limits.timeout,
            largest=largest,
            dry=self.dry,
        )

    def budget(self, descriptor: Descriptor) -> Budget:
        """Return what counts the calls of a party; in a dry run there are none to count."""
        if self.dry is not None:
            return Uncounted()
        return KeptBudget(descriptor.party, descriptor.limits.rates, self.counts, self.clock)


class SecretSettings(BaseModel):
    """Where a secret is: `file`, relative to the descriptor's folder, or `variable` of the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    file: Annotated[str, Field(min_length=1)] | None = None
    variable: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.variable is None):
            raise ValueError("name a file or a variable, one of them")
        return self

    def secret(self, descriptor: Descriptor) -> Secret:
        """Return it as a connector reads it."""
        file = descriptor.folder / self.file if self.file else None
        return Secret(f"the secret for {descriptor.party}", file, self.variable)


class NoSettings(BaseModel):
    """The settings of a channel that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Connect = Callable[[Descriptor, str, Ways], Connector | None]
"""Makes the connector of a party, called so in the register; None for what is not told by a program at all."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell parties. `settings` is the shape of that section of their descriptors.

    `rates` are the limits of its calls where a descriptor sets no others, by name; `together` how many orders go in one call.
    `reached_by` says what `address` is: nothing at all is needed where it is `none`.
    """

    connect: Connect
    settings: type[BaseModel] = NoSettings
    rates: Mapping[str, Rate] = field(default_factory=dict)
    together: int = 1
    reached_by: str = "url"
    """`url`, `mailbox`, `none`."""
    means: Mapping[Meant, Meaning] = field(default_factory=dict)
    """What each right comes to by this channel, where a descriptor does not say otherwise."""
    dry: bool = False
    """Whether a dry run of its connectors does nothing to a party: by `Ways.caller`, or because they heed `Ways.dry`."""
    gives: Callable[[Descriptor], Collection[Right]] = lambda _: ()
    """The rights for which its parties can be asked for a copy of what they hold, which goes into the answer."""
    own_rates: bool = False
    """Whether descriptors may name rates of their own."""


class ByHand:
    """The connector of a party that no program can tell as things stand: each task goes to the data protection officer."""

    def __init__(self, limits: Limits, why: str) -> None:
        self._limits, self._why = limits, why

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """A person must tell the party."""
        return Outcome("manual", how=self._why, handle=order.handle)

    async def ask(self, order: Order) -> Outcome:
        """A person must ask the party."""
        return Outcome("manual", how=self._why, handle=order.handle)

    async def close(self) -> None:
        """Nothing is kept open."""
