"""Writes facts to the embedded graph's tables, inside a transaction that its caller holds. Remembers row numbers it has seen."""

import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence

from lineage.facts import Facts
from lineage.graph import Letter
from lineage.stores.listing import ask_listed
from lineage.stores.routes import Routes
from lineage.stores.schema import WAITS

_REMEMBERED = 40_000
# One row says it all as long as no other is earlier in both times; so `at` and `known_at` can be asked together.
_OWNS = """INSERT INTO owns SELECT ?1, ?2, ?3, ?4
WHERE NOT EXISTS (SELECT 1 FROM owns WHERE owned = ?1 AND owner = ?2 AND at <= ?3 AND recorded <= ?4)
ON CONFLICT DO UPDATE SET recorded = min(recorded, excluded.recorded)"""


class Writing:
    """The writing half of a graph file. Not to be used by two threads at once."""

    def __init__(self, file: sqlite3.Connection, routes: Routes) -> None:
        self._file, self._routes = file, routes
        self._numbers: OrderedDict[bytes, int] = OrderedDict()
        self._forgetting = 0

    def write(self, facts: Iterable[Facts], letters: Sequence[Letter]) -> Collection[bytes]:
        """Add facts and dead letters; an event that is there already adds nothing, and is returned."""
        self._still_true()
        new, there = self._new(facts)
        number = self._number({key: kind for each in new for key, kind in each.identifiers.items()})
        route = self._routes.number
        owns = [(number[owned], number[owner], each.at, each.recorded) for each in new for owner, owned in each.owns]
        disclosures = [
            (event, part, number[holder], route(way), at, recorded, as_sent)
            for each in new
            for event, part, holder, way, at, recorded, as_sent in each.disclosures
        ]
        consents = [
            (event, number[holder], purpose, granted, at, recorded, as_sent)
            for each in new
            for event, holder, purpose, granted, at, recorded, as_sent in each.consents
        ]
        links = [
            (event, number[one], number[other], joined, at, recorded, as_sent)
            for each in new
            for event, one, other, joined, at, recorded, as_sent in each.links
        ]
        self._file.executemany(_OWNS, owns)
        self._file.executemany("INSERT INTO disclosure VALUES (?, ?, ?, ?, ?, ?, ?)", disclosures)
        self._file.executemany("INSERT INTO bought VALUES (?, ?, ?, ?, ?)", [
            (model, number[holder], event, part, each.at) for each in new for event, part, holder, model in each.bought
        ])  # fmt: skip
        self._file.executemany("INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?, ?)", consents)
        self._file.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", links)
        self._file.executemany("INSERT OR IGNORE INTO letter VALUES (?, ?, ?, ?)", letters)
        if number:
            self._file.execute(WAITS, (b"".join(sorted(number)),))
        return there

    def forget(self) -> None:
        """Forget all row numbers: a transaction they came from was taken back."""
        self._numbers.clear()
        self._routes.forget()

    def _still_true(self) -> None:
        """Forget row numbers where identifiers were deleted since, here or by another process: a number may be another's."""
        (times,) = self._file.execute("SELECT times FROM forgetting").fetchone()
        if times != self._forgetting:
            self._numbers.clear()
            self._forgetting = times

    def _new(self, facts: Iterable[Facts]) -> tuple[list[Facts], Collection[bytes]]:
        """Add the events that are not there. Returns their facts, and those that are."""
        by_event = {each.event: each for each in facts}
        there = {key for (key,) in ask_listed(self._file, "SELECT key FROM event WHERE key IN ({})", by_event)}
        new = [each for event, each in by_event.items() if event not in there]
        self._file.executemany("INSERT INTO event VALUES (?, ?)", sorted((each.event, each.content) for each in new))
        return new, there

    def _number(self, kinds: Mapping[bytes, str]) -> dict[bytes, int]:
        """Return the row number of each identifier, added where it was not there."""
        numbers: dict[bytes, int] = {}
        for key in kinds:
            if (number := self._numbers.get(key)) is not None:
                numbers[key] = number
                self._numbers.move_to_end(key)
        asked = [key for key in kinds if key not in numbers]
        numbers |= dict(ask_listed(self._file, "SELECT key, pk FROM identifier WHERE key IN ({})", asked))
        (last,) = self._file.execute("SELECT coalesce(max(pk), 0) FROM identifier").fetchone()
        rows = [
            (number, key, kinds[key]) for number, key in enumerate((k for k in asked if k not in numbers), last + 1)
        ]
        self._file.executemany("INSERT INTO identifier VALUES (?, ?, ?)", rows)
        numbers |= {key: number for number, key, _ in rows}
        self._numbers.update((key, numbers[key]) for key in asked)
        while len(self._numbers) > _REMEMBERED:
            self._numbers.popitem(last=False)
        return numbers
