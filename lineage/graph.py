"""The `Graph` port: what a store of facts must offer. Every store passes `tests/contracts/graph.py`.

A store decides nothing: it keeps facts, once each, and gives them back. One writer at a time, many readers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lineage.facts import Bought, Consent, Disclosure, Facts, Link, Route


@dataclass(frozen=True, slots=True)
class Until:
    """A point in two times (microseconds, UTC): facts that occurred by `at` and were known by `known_at`. None: now."""

    at: int | None = None
    known_at: int | None = None

    def covers(self, at: int, recorded: int) -> bool:
        """Tell whether what occurred and was recorded at these times counts."""
        return (self.at is None or at <= self.at) and (self.known_at is None or recorded <= self.known_at)


NOW = Until()


class Letter(NamedTuple):
    """A dead letter: a record that could not be recorded. `sealed` holds the record and its position."""

    key: bytes
    reason: str
    recorded: int
    sealed: bytes


class Volume(NamedTuple):
    """How many disclosures went one route within one interval of time, and when the first and last occurred."""

    route: Route
    disclosures: int
    first: int
    last: int


class Got(NamedTuple):
    """What a party got by one route of whoever an identifier stands for: how often, first and last (microseconds UTC)."""

    holder: bytes
    kind: str
    route: Route
    disclosures: int
    first: int
    last: int


class Tally(NamedTuple):
    """How much a party got by one route, of how many identifiers, first and last (microseconds UTC)."""

    route: Route
    identifiers: int
    disclosures: int
    first: int
    last: int


class Purchases(NamedTuple):
    """How often a model was bought, under how many identifiers, first and last (microseconds UTC; None: never)."""

    identifiers: int
    purchases: int
    first: int | None
    last: int | None


class Look(NamedTuple):
    """A look at clear identifiers: when, and sealed: who looked, at what and why."""

    at: int
    sealed: bytes


class Forgotten(NamedTuple):
    """How much was forgotten. `ownerships` counts pairs of identifiers; `kept` are disclosures that hang elsewhere now."""

    disclosures: int
    consents: int
    links: int
    ownerships: int
    identifiers: int
    kept: int


class Near(Protocol):
    """What can be asked around a person. Raises: as `Graph`."""

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for every owner of the given identifiers."""
        ...

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for everything the given identifiers own."""
        ...

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        """Return every decision about the given identifiers, taken back ones too."""
        ...

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        """Return the kinds of the given identifiers."""
        ...

    def disclosures(self, holders: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        """Return what hangs on the given identifiers."""
        ...

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        """Return the consents given or withdrawn under the given identifiers."""
        ...


class Graph(Near, Protocol):
    """Facts about persons, by pseudonym. Raises: Retryable (away, busy, full), Misconfigured (not this version's)."""

    def contents(self, events: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return, of those events that are recorded, the fingerprint of their content."""
        ...

    def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        """Keep facts and dead letters durably, in one transaction; what is there already stays as it is.

        Returns the events that were there already, of which nothing was added.
        """
        ...

    def forget(
        self, holders: Collection[bytes], until: int, kept: Collection[tuple[bytes, int]], onto: bytes | None
    ) -> Forgotten:
        """Delete, durably and in one transaction, what occurred by `until` of these identifiers (GDPR Art. 17).

        Disclosures, consents and links go, and ownership that was first known by an event of then: whatever later
        event tells it anew brings it back, an event that told it again and is recorded already does not. Disclosures
        listed in `kept` (event, part) stay as they are but for what they hang on, which is `onto` from now on: an
        identifier of kind `case`, made if it is not there, None where nothing is kept. Of these identifiers those go on
        which nothing hangs any more. That their events are recorded stays known, so that none is recorded again.

        Of what these identifiers bought by `until` only the models are left, with one buyer more counted for each: no
        purchase is anybody's any more, whether its disclosure is kept or not.

        What is gone already is passed over: doing it again does no harm.
        """
        ...

    def touch(self, keys: Collection[bytes]) -> None:
        """Have whoever these identifiers are of judged anew, durably: what was decided of them is not in the graph.

        Whatever is recorded or forgotten has that done by itself, in the same transaction.
        """
        ...

    def near(self, key: bytes) -> Near:
        """Return what gives the same answers as this store, cheaper if they are about whoever `key` stands for."""
        ...

    def anew(self) -> None:
        """Answer what is asked next as things stand then. A reader may else answer for ever as of its first question."""
        ...

    def volumes(
        self, boundaries: Sequence[int], until: Until = NOW, sources: Collection[str] | None = None
    ) -> Sequence[Volume]:
        """Count all disclosures until then by route, within each interval of event time between `boundaries`.

        With `sources` only what these parties gave.
        """
        ...

    def every_disclosure(self, since: int | None) -> Iterator[Disclosure]:
        """Iterate over all disclosures that occurred since then, in no order, without what was sent."""
        ...

    def got(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Iterator[Got]:
        """Iterate over what a party got from `since` to `until`, both included, in no order; only what was known by then.

        It is added up by identifier and route where the store can do so at no cost: of one pair there may be several.
        """
        ...

    def tallies(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Sequence[Tally]:
        """Count by route what a party got, as `got` gives it; also what is kept of whom nobody knows."""
        ...

    def bought(self, model: bytes) -> Iterator[Bought]:
        """Iterate over the purchases of a model, in no order."""
        ...

    def purchases(self, model: bytes, until: Until) -> Purchases:
        """Count the purchases of a model until then."""
        ...

    def forgotten_buyers(self, model: bytes) -> int:
        """Return how many buyers of a model were forgotten: all that is left of them."""
        ...

    def letters(self) -> Sequence[Letter]:
        """Return the dead letters, oldest first."""
        ...

    def reword_letters(self, reasons: Mapping[bytes, str]) -> None:
        """Give dead letters another reason, durably and in one transaction; one that is not there is passed over."""
        ...

    def take_off_letters(self, keys: Collection[bytes]) -> None:
        """Delete dead letters by their keys, durably and in one transaction; one that is not there is passed over."""
        ...

    def look(self, look: Look) -> None:
        """Keep an entry of the access log durably."""
        ...

    def looks(self) -> Sequence[Look]:
        """Return the access log, oldest first."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many events, identifiers, disclosures and dead letters there are."""
        ...

    def close(self) -> None:
        """Let the store go."""
        ...
