"""Crowds: identifiers that many share, such as a device in a shop's hall. Whoever joins one changes nothing for the others.

That is so where nothing says whose it is and nobody consented by it: then all that the others have of it is that it is no one
person's, and that it stays while two customers own it of whom nothing says that they are one. So of a crowd whose sharers
were once all judged, they are not judged again for each batch that names it, nor even read. Keeps nothing beyond a process.
"""

from collections.abc import Collection, Iterable, Mapping

from lineage.graph import NOW, Near
from lineage.identifiers import WHO

MANY = 50
"""Owners of one identifier from which on it is looked at as a crowd."""
_SOME = 8
"""Owners of each that are remembered."""
_MOST = 10_000
"""Crowds that are remembered."""

Owners = Mapping[bytes, frozenset[bytes]]


class Crowds:
    """Crowds whose sharers were all judged by this process, as long as nobody else has judged or forgotten since."""

    def __init__(self, many: int = MANY) -> None:
        """Of an identifier with more owners than so many it is looked whether it is one."""
        self._many, self._turn = many, -1
        self._known: dict[bytes, frozenset[bytes]] = {}
        self._met: dict[bytes, frozenset[bytes]] = {}
        self._holds: dict[bytes, frozenset[bytes]] = {}

    def begin(self, turn: int) -> None:
        """Begin a turn. What was known before is void where there was another turn between: somebody judged, or forgot."""
        if turn != self._turn + 1 or len(self._known) > _MOST:
            self._known.clear()
        self._met.clear()
        self._holds.clear()

    def settled(self, turn: int) -> None:
        """Keep that all whom this turn met are judged."""
        self._known |= self._met
        self._turn = turn

    def among(self, graph: Near, keys: Collection[bytes]) -> Owners:
        """Return which of these are crowds still, with some customers who own each. Raises: as the graph."""
        asked = {key: self._known[key] for key in keys if key in self._known and key not in self._holds}
        if asked:
            plain = _plain(graph, frozenset[bytes]().union(*asked.values()))
            linked = {end for link in graph.links(asked, NOW) for end in (link.one, link.other)}
            for key, owners in asked.items():
                if key not in linked and len(owners & plain) > 1 and not _consented(graph, key):
                    self._holds[key] = owners & plain
        return {key: self._holds[key] for key in keys if key in self._holds}

    def meet(self, graph: Near, edges: Iterable[tuple[bytes, bytes]]) -> None:
        """Take in who owns what, of identifiers all whose sharers are judged in this turn. Raises: as the graph."""
        owners: dict[bytes, set[bytes]] = {}
        for owner, owned in edges:
            owners.setdefault(owned, set()).add(owner)
        for key, several in owners.items():
            if len(several) > self._many:
                kinds = graph.kinds(several)
                customers = sorted(each for each in several if kinds.get(each) == WHO[0])
                # Few of them are linked or owned: of some more than are needed most are neither.
                self._met[key] = frozenset(sorted(_plain(graph, customers[: 2 * _SOME]))[:_SOME])

    @property
    def holding(self) -> Owners:
        """The crowds of this turn that were asked about, and are some."""
        return self._holds


def _plain(graph: Near, keys: Collection[bytes]) -> frozenset[bytes]:
    """Return which of these nobody owns and nothing was ever linked with: each is a person of her own."""
    led = {owned for _, owned in graph.owners(keys, NOW)} if keys else set()
    led |= {end for link in graph.links(keys, NOW) for end in (link.one, link.other)} if keys else set()
    return frozenset(keys) - led


def _consented(graph: Near, key: bytes) -> bool:
    """Tell whether anybody ever consented by an identifier, or by what it owns."""
    reached, new = set[bytes](), {key}
    while new:
        reached |= new
        owned = {end for _, end in graph.owned(new, NOW)}
        new = (owned | {end for link in graph.links(owned, NOW) for end in (link.one, link.other)}) - reached
    return bool(graph.consents(reached, NOW))
