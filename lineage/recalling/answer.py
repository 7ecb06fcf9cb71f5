"""The answer itself: purchases of a model are found by its pseudonym, and opened to see the serial numbers."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from lineage.consents import Decisions
from lineage.facts import Disclosure, read_as_sent, read_products
from lineage.graph import NOW, Graph, Near
from lineage.keyring import KeyRing
from lineage.persons import Person, find_person, find_roots, pseudonym_of
from lineage.products import Serials, comparable
from lineage.pseudonyms import Pseudonyms
from lineage.recalling.model import Buyer, Recalled
from lineage.recording import bound
from lineage.sealing import Seal
from lineage.tombstones import Memory

_BATCH = 2_000
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


def recalled(
    graph: Graph,
    keyring: KeyRing,
    memory: Memory,
    pseudonyms: Pseudonyms,
    wanted: Wanted,
    told: Callable[[Buyer], None] = lambda _: None,
) -> Recalled:
    """Return who bought a product: counts. `told` hears of each buyer, by pseudonym, in the order of these.

    Each purchase is remembered until all are found: some hundred bytes each. Raises: as the stores.
    """
    model = pseudonyms.product(comparable(wanted.model))
    answer = Recalled(erased=graph.forgotten_buyers(model))
    facts: dict[bytes, set[tuple[bytes, int]]] = {}
    for event, part, holder, _ in graph.bought(model):
        facts.setdefault(holder, set()).add((event, part))
    for whose, holders in sorted(_by_person(graph, facts.keys()).items()):
        bought = set().union(*(facts[holder] for holder in holders))
        if (found := _buyer(graph, keyring, memory, wanted, whose, bought)) is not None:
            answer.count(found)
            told(found)
    return answer


def _by_person(graph: Graph, holders: Collection[bytes]) -> dict[bytes, list[bytes]]:
    """Return the identifiers that purchases hang on, by whose they are; one that several share is its own."""
    found: dict[bytes, list[bytes]] = {}
    listed = sorted(holders)
    for start in range(0, len(listed), _BATCH):
        for holder, roots in find_roots(graph, listed[start : start + _BATCH], NOW).items():
            found.setdefault(pseudonym_of(holder, roots), []).append(holder)
    return found


def _buyer(
    graph: Graph, keyring: KeyRing, memory: Memory, wanted: Wanted, whose: bytes, bought: Collection[tuple[bytes, int]]
) -> Buyer | None:
    """Return a buyer, None where each product of hers is known to be another one than is recalled."""
    near = graph.near(whose)
    person = find_person(near, whose, NOW)
    opened = list(_opened(near, keyring, person.members.keys() or person.shared))
    purchases = [each for each in opened if (each.disclosure.event, each.disclosure.part) in bought]
    verdicts = [verdict for each in purchases for verdict in _verdicts(each, opened, wanted)]
    if all(verdict is False for verdict in verdicts):
        return None
    decided = memory.suppressed({whose, *person.members, *person.shared})
    return Buyer(
        key=whose,
        candidates=person.candidates,
        certain=any(verdict is True for verdict in verdicts),
        products=sum(verdict is not False for verdict in verdicts),
        first=min(each.disclosure.at for each in purchases),
        last=max(each.disclosure.at for each in purchases),
        ways=_ways(opened),
        opted_out=any(each.ground != _RESTRICTION for each in decided) or _withdrew(near, person),
        restricted=any(each.ground == _RESTRICTION for each in decided),
    )


def _opened(near: Near, keyring: KeyRing, holders: Collection[bytes]) -> Iterator[_Told]:
    disclosures = near.disclosures(holders, NOW)
    keys = keyring.find({each.holder for each in disclosures})
    for each in disclosures:
        plain = Seal(keys[each.holder]).open(each.as_sent, bound(each)) if each.holder in keys else None
        if plain is None:
            yield _Told(each, (), (), readable=False)
        else:
            yield _Told(each, read_as_sent(plain)[0], read_products(plain), readable=True)


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


def _withdrew(near: Near, person: Person) -> bool:
    """Whether the last she decided about any consent was to withdraw it."""
    consents = near.consents(person.members.keys(), NOW) if person.members else ()
    lines = Decisions(consents)
    return any(lines.held(purpose, _EVER) is False for purpose in {each.purpose for each in consents})
