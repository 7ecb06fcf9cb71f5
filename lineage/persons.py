"""Who is one person (contract §3), worked out from ownership and links when it is asked; nothing is ever merged.

Linked identifiers are one class, with the owners of all of them. Of a class's owners only those of the highest rank
count. Following them upwards ends at roots: one root, and the identifier belongs to that root's person; several, and it is
shared.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lineage.graph import Near, Until
from lineage.identifiers import REFERENCE, rank


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of whoever an identifier stands for.

    `members` are all identifiers of the person; `shared` those that belong to several persons and hang below this one, or,
    where the identifier asked about is itself shared, it and the shared ones below it. `candidates` is the number of
    persons it may be: 0 unknown, 1 one person, more where it is shared. `above` are the identifiers over the shared ones.
    `root` is the pseudonym of the one person, as `find_roots` has it.
    """

    members: Mapping[bytes, str]
    shared: frozenset[bytes]
    above: frozenset[bytes]
    candidates: int
    root: bytes | None = None


_DEEP = 8
"""Owners over owners over owners: more of them are rare, and cost too much to go through in this way."""
_NO_CROWDS: Mapping[bytes, Collection[bytes]] = MappingProxyType({})
_NO_OWNERS: set[bytes] = set()
_NOBODY = Person({}, frozenset(), frozenset(), 0)


def find_person(graph: Near, key: bytes, until: Until) -> Person:
    """Return the person an identifier stands for, by facts until then."""
    return find_persons(graph, (key,), until)[key]


def find_persons(
    graph: Near, keys: Collection[bytes], until: Until, crowds: Mapping[bytes, Collection[bytes]] = _NO_CROWDS
) -> dict[bytes, Person]:
    """Return the person that each of some identifiers stands for. It costs as many questions as one of them alone.

    `crowds` are identifiers that many share, each with some of the customers who own it: at least two, of whom nothing says
    that they are one, or that it is one of theirs. Its other owners are not read: of one person all `members` are told and
    what she shares is not, and of what is shared `candidates` and `above` are too few.
    """
    around = _Around(graph, until, crowds)
    around.look_up(set(keys))
    roots = around.settle().roots
    tops = {top for key in keys for top in (roots[key] if len(roots[key]) == 1 else (around.classes[key],))}
    around.look_down({each for each, stands in around.classes.items() if stands in tops})
    web = around.settle()
    members: dict[frozenset[bytes], dict[bytes, str]] = {}
    common: dict[bytes, set[bytes]] = {}
    for each, above in web.roots.items():
        members.setdefault(above, {})[each] = around.kinds[each]
        for root in above if len(above) > 1 else ():
            common.setdefault(root, set()).add(each)
    over = cache(web.above)  # of what thousands share it is the same for all of them
    found: dict[bytes, Person] = {}
    for key in keys:
        stands = web.roots[key]
        if len(stands) > 1:
            shared = frozenset(each for each in web.below(key) if len(web.roots[each]) > 1)
            found[key] = Person({}, shared, over(shared), len(stands))
        else:
            root = min(stands)
            shared = frozenset(common.get(root, ()))
            found[key] = Person(members[stands], shared, over(shared), 1, root)
    return found | dict.fromkeys(_unknown(graph, around, found, until), _NOBODY)


def _unknown(graph: Near, around: "_Around", found: Mapping[bytes, Person], until: Until) -> set[bytes]:
    """Return those that nothing is said of: nobody owns them or was linked with them, and nothing hangs on them."""
    lonely = found.keys() - around.touched()
    if not lonely:
        return set()
    unknown = lonely - {each.holder for each in graph.disclosures(lonely, until)}
    return unknown - {each.holder for each in graph.consents(unknown, until)} if unknown else unknown


def find_roots(graph: Near, keys: Collection[bytes], until: Until) -> dict[bytes, frozenset[bytes]]:
    """Return the roots of many identifiers, by facts until then: those of one person have the same one.

    Several roots: it is shared. It costs a few questions for all of them, and tells nothing of what lies below.
    """
    led = {owned for _, owned in graph.owners(keys, until)}
    led |= {end for link in graph.links(keys, until) for end in (link.one, link.other)}
    roots = {key: frozenset((key,)) for key in keys if key not in led}
    if rest := set(keys) - roots.keys():
        around = _Around(graph, until)
        around.look_up(rest)
        web = around.settle()
        roots |= {key: web.roots[key] for key in rest}
    return roots


def pseudonym_of(key: bytes, roots: Collection[bytes]) -> bytes:
    """Return under which pseudonym a person is told of whom an identifier leads to; one that several share is its own."""
    return min(roots) if len(roots) == 1 else key


class _Around:
    """What lies around an identifier, read step by step: all owners upwards, all owned downwards, all links."""

    def __init__(self, graph: Near, until: Until, crowds: Mapping[bytes, Collection[bytes]] = _NO_CROWDS) -> None:
        self._graph, self._until, self._crowds = graph, until, crowds
        self._looked_up: set[bytes] = set()
        self._looked_down: set[bytes] = set()
        self._owners: set[tuple[bytes, bytes]] = set()
        self._latest: dict[tuple[bytes, bytes], tuple[int, bool]] = {}
        self._pairs_of: dict[bytes, set[tuple[bytes, bytes]]] = {}
        self.kinds: dict[bytes, str] = {}
        self.classes: dict[bytes, bytes] = {}

    def touched(self) -> set[bytes]:
        """Return what is an end of anything that was read: ownership, or a decision."""
        return {end for edge in self._owners for end in edge} | self._pairs_of.keys()

    def look_up(self, keys: set[bytes]) -> None:
        """Read all owners of `keys`, their owners and so on, with all they are linked with."""
        new = keys - self._looked_up
        while new:
            self._looked_up |= new
            crowds = [key for key in new if key in self._crowds] if self._crowds else []
            edges = [
                *self._graph.owners(new.difference(crowds), self._until),
                *((owner, key) for key in crowds for owner in self._crowds[key]),
            ]
            self._owners.update(edges)
            new = ({owner for owner, _ in edges} | self._linked(new)) - self._looked_up

    def look_down(self, keys: set[bytes]) -> None:
        """Read all that `keys` own, directly or further down, with all other owners of it."""
        new = keys - self._looked_down
        while new:
            self._looked_down |= new
            owned = {owned for _, owned in self._graph.owned(new, self._until)}
            self.look_up(owned)
            new = self._partners(owned) - self._looked_down

    def settle(self) -> "_Web":
        """Return the web of classes as far as it has been read."""
        missing = self._looked_up - self.kinds.keys()
        kinds = self._graph.kinds(missing)
        self.kinds.update({each: kinds.get(each, "") for each in missing})
        self.classes = _classes(self.kinds, (pair for pair, (_, joined) in self._latest.items() if joined))
        return _Web(self.kinds, self.classes, self._owners)

    def _linked(self, keys: set[bytes]) -> set[bytes]:
        ends: set[bytes] = set()
        for link in self._graph.links(keys, self._until):
            ends |= {link.one, link.other}
            # Of two decisions of one moment the one that joins nobody holds.
            decision = (link.at, not link.joined)
            pair = (link.one, link.other)
            for end in pair:
                self._pairs_of.setdefault(end, set()).add(pair)
            if pair not in self._latest or decision > (self._latest[pair][0], not self._latest[pair][1]):
                self._latest[pair] = (link.at, link.joined)
        return ends

    def _partners(self, keys: set[bytes]) -> set[bytes]:
        """Return `keys` and all that they are linked with, however far."""
        met: set[bytes] = set()
        new = keys
        while new:
            met |= new
            pairs = {pair for each in new for pair in self._pairs_of.get(each, ())}
            new = {end for pair in pairs if self._latest[pair][1] for end in pair} - met
        return met


class _Web:
    """Classes of linked identifiers and the owners that count, with the roots of each."""

    def __init__(
        self, kinds: Mapping[bytes, str], classes: Mapping[bytes, bytes], owners: Iterable[tuple[bytes, bytes]]
    ) -> None:
        own = {kind: rank(kind) for kind in set(kinds.values())}
        ranks: dict[bytes, int] = {}
        for each, kind in kinds.items():
            of, this = classes[each], own[kind]
            if this <= ranks.get(of, this):
                ranks[of] = this
        owners = list(owners)
        best_of: dict[bytes, int] = {}
        for owner, owned in owners:
            this = own[kinds[owner]]
            if this < best_of.get(owned, REFERENCE):
                best_of[owned] = this
        # A link to an owner that counts is the decision whose a shared identifier is: its other owners no longer count.
        settled = {
            owned
            for owner, owned in owners
            if classes[owner] == classes[owned] and own[kinds[owner]] == best_of.get(owned, REFERENCE)
        }
        pooled: dict[bytes, set[bytes]] = {}
        for owner, owned in owners:
            if owned not in settled and classes[owner] != classes[owned]:
                pooled.setdefault(classes[owned], set()).add(classes[owner])
        self._classes = classes
        self._of_class: dict[bytes, list[bytes]] = {}
        self._counted: dict[bytes, set[bytes]] = dict.fromkeys(ranks, _NO_OWNERS)
        self._owned: dict[bytes, set[bytes]] = {}
        for each, all_owners in pooled.items():
            if len(all_owners) > 1:
                best = min(ranks[owner] for owner in all_owners)
                all_owners = {owner for owner in all_owners if ranks[owner] == best}
            self._counted[each] = all_owners
        by_class = roots_of(self._counted)
        self.roots: dict[bytes, frozenset[bytes]] = {each: by_class[classes[each]] for each in kinds}

    def below(self, key: bytes) -> frozenset[bytes]:
        """Return an identifier's class and all identifiers below it, through owners that count."""
        if not self._owned:
            for each, owners in self._counted.items():
                for owner in owners:
                    self._owned.setdefault(owner, set()).add(each)
        return self._reach({self._classes[key]}, self._owned)

    def above(self, keys: frozenset[bytes]) -> frozenset[bytes]:
        """Return identifiers' classes and all identifiers above them, through owners that count."""
        return self._reach({self._classes[key] for key in keys}, self._counted)

    def _reach(self, start: set[bytes], onward: Mapping[bytes, set[bytes]]) -> frozenset[bytes]:
        if not start:
            return frozenset()
        if not self._of_class:
            for each, of in self._classes.items():
                self._of_class.setdefault(of, []).append(each)
        reached: set[bytes] = set()
        new = start
        while new:
            reached |= new
            new = {each for one in new for each in onward.get(one, ())} - reached
        return frozenset(each for of in reached for each in self._of_class[of])


def _classes(keys: Iterable[bytes], pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return for each key the one that stands for all it is linked with."""
    stands: dict[bytes, bytes] = {key: key for key in keys}
    linked = False

    def stand(key: bytes) -> bytes:
        while stands[key] != key:
            stands[key] = stands[stands[key]]
            key = stands[key]
        return key

    for one, other in pairs:
        if one in stands and other in stands:
            low, high = sorted((stand(one), stand(other)))
            stands[high], linked = low, True
    return {key: stand(key) for key in stands} if linked else stands


def roots_of(owners: Mapping[bytes, set[bytes]]) -> dict[bytes, frozenset[bytes]]:
    """Return where every way upwards from each node ends. A circle of owners with none above it is one root.

    Tarjan's strongly connected components, without recursion: owners are finished before what they own. What hangs on
    no circle, which is nearly all, is told before that by going downwards.
    """
    roots = _without_circles(owners)
    if len(roots) == len(owners):
        return roots
    order: dict[bytes, int] = {}
    low: dict[bytes, int] = {}
    open_: list[bytes] = []
    for start in sorted(owners.keys() - roots.keys()):
        path = [] if start in order else [(start, iter(sorted(owners[start])))]
        while path:
            node, rest = path[-1]
            if node not in order:
                order[node] = low[node] = len(order)
                open_.append(node)
            onward = next((each for each in rest if each not in roots), None)
            if onward is None:
                path.pop()
                if low[node] == order[node]:
                    _close(node, open_, owners, roots)
                elif path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
            elif onward in order:
                low[node] = min(low[node], order[onward])
            else:
                path.append((onward, iter(sorted(owners[onward]))))
    return roots


def _without_circles(owners: Mapping[bytes, set[bytes]]) -> dict[bytes, frozenset[bytes]]:
    """Return the roots of each node all whose owners have theirs, and so on downwards."""
    roots = {node: frozenset((node,)) for node, above in owners.items() if not above}
    rest = [node for node in owners if node not in roots]
    for _ in range(_DEEP):
        left = []
        for node in rest:
            if owners[node] <= roots.keys():
                ends = {roots[owner] for owner in owners[node]}
                # One and the same set is kept once: ten thousand orders below one mailbox share their roots.
                roots[node] = ends.pop() if len(ends) == 1 else frozenset().union(*ends)
            else:
                left.append(node)
        rest = left
    return roots


def _close(
    node: bytes, open_: list[bytes], owners: Mapping[bytes, set[bytes]], roots: dict[bytes, frozenset[bytes]]
) -> None:
    circle: list[bytes] = []
    while not circle or circle[-1] != node:
        circle.append(open_.pop())
    above = {owner for each in circle for owner in owners[each]} - set(circle)
    ends = {roots[owner] for owner in above}
    found = ends.pop() if len(ends) == 1 else frozenset().union(*ends) if ends else frozenset((min(circle),))
    for each in circle:
        roots[each] = found
