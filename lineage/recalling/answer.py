"""The answer itself: purchases of a model are found by its pseudonym, and opened to see the serial numbers."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lineage.batching import in_batches
from lineage.consents import Decisions
from lineage.facts import Consent, Disclosure, read_as_sent, read_products
from lineage.graph import NOW, Graph, Until
from lineage.graph import Purchases as Counted
from lineage.keyring import KeyRing
from lineage.persons import Person, find_persons
from lineage.products import Serials, comparable
from lineage.pseudonyms import Pseudonyms
from lineage.recalling.gathering import Purchase, Purchases, gather
from lineage.recalling.model import Buyer, Recalled
from lineage.recording import bound
from lineage.sealing import Seal
from lineage.tombstones import Memory

_TOGETHER = 500
"""So many buyers are asked about at a time: what is recorded of all of them is in memory then."""
_WAYS = frozenset(["email", "phone"])
_HASHED = re.compile(r"[0-9a-fA-F]{64}")
_RESTRICTION = "restriction"
ORDER = "order_id"
_EVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Wanted:
    """The product that is recalled: a model, and if only some of it, the range of serial numbers."""

    model: str
    serials: Serials | None = None


@dataclass(frozen=True, slots=True)
class First:
    """What can be said of a recall at once: purchases of the model whatever their number, and buyers who are erased."""

    bought: Counted
    erased: int


@dataclass(frozen=True, slots=True)
class _Told:
    """An opened disclosure: who is named in it, and which products; nothing of either where its key is gone."""

    disclosure: Disclosure
    identifiers: Sequence[tuple[str, str]]
    products: Sequence[tuple[str, str]]
    readable: bool

    @property
    def orders(self) -> frozenset[str]:
        """The orders it names."""
        return frozenset(value for kind, value in self.identifiers if kind == ORDER)


def first_answer(graph: Graph, pseudonyms: Pseudonyms, wanted: Wanted, until: Until = NOW) -> First:
    """Return how often the model had been bought by then. Nobody is told from anybody else. Raises: as the store."""
    model = pseudonyms.product(comparable(wanted.model))
    return First(graph.purchases(model, until), graph.forgotten_buyers(model))


def recalled(
    graph: Graph,
    keyring: KeyRing,
    memory: Memory,
    pseudonyms: Pseudonyms,
    wanted: Wanted,
    purchases: Purchases,
    told: Callable[[Buyer], None] = lambda _: None,
    seen: Callable[[int], None] = lambda _: None,
    until: Until = NOW,
) -> Recalled:
    """Return who had bought a product by then: counts. `told` hears of each buyer, by pseudonym, in the order of these.

    `purchases` is empty, and used once; `seen` is told how many more were looked at. Raises: as the stores.
    """
    model = pseudonyms.product(comparable(wanted.model))
    answer = Recalled(erased=graph.forgotten_buyers(model))
    gather(graph, model, until, purchases, seen)
    buying = _Buying(graph, keyring, memory, wanted, until)
    for several in in_batches(purchases.by_buyer(), _TOGETHER):
        for found in buying.buyers(several):
            answer.count(found)
            told(found)
    return answer


@dataclass(frozen=True, slots=True)
class _Buying:
    graph: Graph
    keyring: KeyRing
    memory: Memory
    wanted: Wanted
    until: Until

    def buyers(self, several: Sequence[Sequence[Purchase]]) -> Iterator[Buyer]:
        """Yield the buyers; none of whom each product is known to be another one than is recalled, or was not bought yet."""
        persons = find_persons(self.graph, [purchases[0].whose for purchases in several], self.until)
        opened = self._opened({key for each in persons.values() for key in _holders(each)})
        consents = _by_holder(
            self.graph.consents({key for each in persons.values() for key in each.members}, self.until)
        )
        decided = self._decided({key for whose, each in persons.items() for key in {whose, *_all(each)}})
        for purchases in several:
            whose, bought = purchases[0].whose, {(each.event, each.part) for each in purchases}
            person = persons[whose]
            told = [each for key in _holders(person) for each in opened.get(key, ())]
            found = [each for each in told if (each.disclosure.event, each.disclosure.part) in bought]
            verdicts = [verdict for each in found for verdict in _verdicts(each, told, self.wanted)]
            if all(verdict is False for verdict in verdicts):
                continue
            grounds = {ground for key in {whose, *_all(person)} for ground in decided.get(key, ())}
            hers = [each for key in person.members for each in consents.get(key, ())]
            yield Buyer(
                key=whose,
                candidates=person.candidates,
                certain=any(verdict is True for verdict in verdicts),
                products=sum(verdict is not False for verdict in verdicts),
                first=min(each.disclosure.at for each in found),
                last=max(each.disclosure.at for each in found),
                ways=_ways(told),
                opted_out=bool(grounds - {_RESTRICTION}) or _withdrew(hers),
                restricted=_RESTRICTION in grounds,
            )

    def _opened(self, holders: Collection[bytes]) -> dict[bytes, list[_Told]]:
        seals = {holder: Seal(key) for holder, key in self.keyring.find(holders).items()}
        found: dict[bytes, list[_Told]] = {}
        for each in self.graph.disclosures(holders, self.until):
            seal = seals.get(each.holder)
            plain = None if seal is None else seal.open(each.as_sent, bound(each))
            found.setdefault(each.holder, []).append(_told(each, plain))
        return found

    def _decided(self, keys: Collection[bytes]) -> dict[bytes, set[str]]:
        """Return on which grounds something of each must not be sent any more, of what stands today and was so by then."""
        found: dict[bytes, set[str]] = {}
        for each in self.memory.suppressed(keys):
            if self.until.covers(each.at, each.at):
                found.setdefault(each.key, set()).add(each.ground)
        return found


def _holders(person: Person) -> Collection[bytes]:
    return person.members.keys() or person.shared


def _all(person: Person) -> Collection[bytes]:
    return person.members.keys() | person.shared


def _by_holder(consents: Iterable[Consent]) -> dict[bytes, list[Consent]]:
    found: dict[bytes, list[Consent]] = {}
    for each in consents:
        found.setdefault(each.holder, []).append(each)
    return found


def _told(disclosure: Disclosure, plain: bytes | None) -> _Told:
    if plain is None:
        return _Told(disclosure, (), (), readable=False)
    return _Told(disclosure, read_as_sent(plain)[0], read_products(plain), readable=True)


def _verdicts(purchase: _Told, opened: Sequence[_Told], wanted: Wanted) -> list[bool | None]:
    """Tell of each product of the model in a purchase whether it is recalled; None: its serial number is not known.

    A number that was registered or claimed for the same order may be its: where it lies in the range, it counts so.
    """
    model = comparable(wanted.model)
    serials = [serial for name, serial in purchase.products if comparable(name) == model]
    if wanted.serials is None:
        return [True] * max(len(serials), 1)
    if not purchase.readable:
        return [None]
    later = {
        serial
        for each in opened
        if each is not purchase and each.orders & purchase.orders
        for name, serial in each.products
        if serial and not name
    }
    return [_verdict(serial, later, wanted.serials) for serial in serials]


def _verdict(serial: str, later: Collection[str], wanted: Serials) -> bool | None:
    if serial:
        return wanted.holds(serial)
    return True if any(wanted.holds(each) for each in later) else None


def _ways(opened: Sequence[_Told]) -> frozenset[str]:
    """Return how she can be reached: by a value that can be opened and is no hash, or an address that was given."""
    ways = {
        kind
        for each in opened
        for kind, value in each.identifiers
        if kind in _WAYS and not _HASHED.fullmatch(value.strip())
    }
    addressed = any(each.readable and "address" in each.disclosure.route.categories for each in opened)
    return frozenset(ways | ({"address"} if addressed else set()))


def _withdrew(consents: Sequence[Consent]) -> bool:
    """Whether the last she decided about any consent was to withdraw it."""
    lines = Decisions(consents)
    return any(lines.held(purpose, _EVER) is False for purpose in {each.purpose for each in consents})
