"""Facts read from a store in few questions, to be asked thousands of times: a server takes milliseconds for each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from lineage.facts import Consent, Disclosure, Link
from lineage.graph import NOW, Graph, Until

T = TypeVar("T")


class Snapshot:
    """What a store says now of these identifiers. Offers what `where` asks of a graph; only now can be asked about."""

    def __init__(self, graph: Graph, keys: Collection[bytes]) -> None:
        owners, links = graph.owners(keys, NOW), graph.links(keys, NOW)
        self._owners = _by((owned, (owner, owned)) for owner, owned in owners)
        self._owned = _by((owner, (owner, owned)) for owner, owned in graph.owned(keys, NOW))
        self._links = _by(chain.from_iterable(((each.one, each), (each.other, each)) for each in links))
        self._kinds = graph.kinds(keys)
        self._disclosures = _by((each.holder, each) for each in graph.disclosures(keys, NOW))
        self._consents = _by((each.holder, each) for each in graph.consents(keys, NOW))

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        return _of(self._owners, keys, until)

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        return _of(self._owned, keys, until)

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        return list(dict.fromkeys(_of(self._links, keys, until)))

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        return {key: self._kinds[key] for key in keys if key in self._kinds}

    def disclosures(self, keys: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        return _of(self._disclosures, keys, until)

    def consents(self, keys: Collection[bytes], until: Until) -> Sequence[Consent]:
        return _of(self._consents, keys, until)


def _by(pairs: Iterable[tuple[bytes, T]]) -> dict[bytes, list[T]]:
    found: dict[bytes, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _of(kept: Mapping[bytes, list[T]], keys: Collection[bytes], until: Until) -> list[T]:
    assert until == NOW
    return [value for key in keys for value in kept.get(key, ())]
