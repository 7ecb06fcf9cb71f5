"""The answers of the command `lookups`, as shapes: of one person, of one of staff, of all. Prints nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from console.opening import LOOKS, Folder
from console.shapes import Shape
from lineage.lookups import Counts, LookUp, OfStaff, Span, at_person, everywhere, revealed
from lineage.persons import find_person
from lineage.revealing import Looked, looked_at, opened_looks
from lineage.times import rfc3339


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose look-ups are asked for: of one of staff, by one party; and whether the staff is named (`who`).

    `alone`: only those at what is hers alone, and nobody's who shares something with her.
    """

    staff: str | None
    viewer: str | None
    who: bool
    alone: bool = False

    def of(self, found: Iterable[LookUp]) -> Iterator[LookUp]:
        """Yield those of them that are asked for."""
        for each in found:
            # What belongs to an authority's inquiry is for oversight alone, as who it was is.
            hidden = (each.inquiry and not self.who) or (each.shared and self.alone)
            if not hidden and self.staff in {None, each.staff} and self.viewer in {None, each.viewer}:
                yield each

    def shown(self, looks: Iterable[Looked]) -> list[Looked]:
        """Return those looks in clear that are asked for."""
        return [each for each in looks if self.staff in {None, each.actor}]


def times(span: Span) -> Shape:
    """Return the times as they were asked for."""
    times = {"at": span.until.at, "known_at": span.until.known_at, "since": span.since, "until": span.by}
    return {name: None if time is None else rfc3339(time) for name, time in times.items()}


def of_person(folder: Folder, named: tuple[str, str], span: Span, wanted: Wanted) -> Shape:
    """Return the look-ups at the person behind an identifier, and counts of them."""
    key = folder.pseudonyms.identifier(*named)
    person = find_person(folder.graph.near(key), key, span.until)
    found = list(wanted.of(at_person(folder.graph, folder.keyring, folder.register, person, span)))
    hers = {key, *person.members, *person.shared}
    if wanted.alone:
        hers = {*person.members} | ({key} if person.candidates < 2 else set())
    looks = [each for each in revealed(_log(folder), span) if _is_at(folder, each, hers)]
    counts = Counts()
    for each in found:
        counts.count(each)
    return {
        "candidates": person.candidates,
        "erased": bool(folder.memory.entombed({key, *person.members})),
        "look_ups": [_look_up(each, who=wanted.who) for each in found],
        **_counts(counts, who=wanted.who),
        **_revealed(wanted.shown(looks), who=wanted.who),
    }


def _is_at(folder: Folder, look: Looked, hers: set[bytes]) -> bool:
    """Whether a look in clear was asked for by an identifier of hers, or by a case that was opened for one."""
    at = looked_at(look, folder.pseudonyms)
    if isinstance(at, str):
        return bool(folder.journal.entries(at)) and not hers.isdisjoint(folder.casework.case(at).subjects)
    return at in hers


def of_all(folder: Folder, span: Span, wanted: Wanted, seen: Callable[[int], None]) -> Shape:
    """Return counts of all look-ups in an interval; of one of staff the look-ups too.

    `seen` is told how many disclosures more were looked at.
    """
    counts, listed = Counts(), list[LookUp]()
    for each in wanted.of(everywhere(folder.graph, folder.keyring, folder.register, span, wanted.viewer, seen)):
        counts.count(each)
        if wanted.staff is not None:
            listed.append(each)
    listed.sort(key=lambda each: (each.at, each.whose))
    return {
        "candidates": None,
        "erased": None,
        "look_ups": None if wanted.staff is None else [_look_up(each, who=True) for each in listed],
        **_counts(counts, who=wanted.who),
        **_revealed(wanted.shown(revealed(_log(folder), span)), who=wanted.who),
    }


def _log(folder: Folder) -> Iterator[Looked]:
    return opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS])


def _look_up(each: LookUp, *, who: bool) -> Shape:
    shape: Shape = {
        "at": rfc3339(each.at),
        "known": rfc3339(each.recorded),
        "purpose": each.purpose,
        "company": each.company,
        "viewer": each.viewer,
        "role": each.role,
        "categories": list(each.categories),
        "shared": each.shared,
    }
    return {**shape, "person": each.whose.hex(), "staff": each.staff, "inquiry": each.inquiry} if who else shape


def _counts(counts: Counts, *, who: bool) -> Shape:
    shape: Shape = {
        "looks": counts.looks,
        "persons": len(counts.persons),
        "nobody_knows_who": counts.nobody_knows_who,
        "viewers": dict(sorted(counts.viewers.items())),
        "companies": dict(sorted(counts.companies.items())),
        "purposes": dict(sorted(counts.purposes.items())),
    }
    if who:
        most = sorted(counts.by_staff.items(), key=lambda each: (-each[1].looks, each[0]))
        shape["by_staff"] = [_of_staff(name, each) for name, each in most]
    return shape


def _of_staff(name: str, each: OfStaff) -> Shape:
    return {
        "staff": name,
        "looks": each.looks,
        "persons": len(each.persons),
        "most_at_one": each.most_at_one,
        "purposes": dict(sorted(each.purposes.items())),
        "first": None if each.first is None else rfc3339(each.first),
        "last": None if each.last is None else rfc3339(each.last),
    }


def _revealed(looks: list[Looked], *, who: bool) -> Shape:
    shape: Shape = {"revealed": len(looks)}
    if who:
        shape["shown_in_clear"] = [
            {"at": rfc3339(each.at), "staff": each.actor, "what": each.asked, "reason": each.reason} for each in looks
        ]
    return shape
