"""The embedded graph: one SQLite file. Satisfies `lineage.graph.Graph`. Its SQL is here and in the modules beside it.

Identifiers get small row numbers, so that what belongs to one person lies together and the file grows at its end. What
disclosures have in common is kept once, as a route.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lineage.facts import Bought, Consent, Disclosure, Facts, Link
from lineage.graph import NOW, Forgotten, Got, Letter, Look, Purchases, Tally, Until, Volume
from lineage.stores import counting, forgetting
from lineage.stores.counting import EVER
from lineage.stores.files import anew, cut_log, open_file, transaction, translated
from lineage.stores.listing import ask_listed
from lineage.stores.routes import Routes
from lineage.stores.schema import FACTS, LATER, PRODUCTS_SINCE, VERSION, WAITS
from lineage.stores.writing import Writing


class SqliteGraph:
    """The graph in one file: one writer, and readers beside it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, or make it. Raises: Misconfigured, Refused (see `open_file`)."""
        self._name, self._read_only = path.name, read_only
        self._file = open_file(path, version=VERSION, schema=FACTS, later=LATER, cache_mib=48, read_only=read_only)
        self._routes = Routes(self._file)
        self._writing = Writing(self._file, self._routes)

    def contents(self, events: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return, of those events that are recorded, the fingerprint of their content."""
        with translated(self._name):
            return dict(ask_listed(self._file, "SELECT key, content FROM event WHERE key IN ({})", events))

    def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        """Keep facts and dead letters durably, in one transaction; return the events that were there already."""
        try:
            with transaction(self._file, self._name):
                return self._writing.write(facts, letters)
        except BaseException:
            self._writing.forget()  # what it remembers of this transaction is not in the file
            raise

    def forget(
        self, holders: Collection[bytes], until: int, kept: Collection[tuple[bytes, int]], onto: bytes | None
    ) -> Forgotten:
        """Delete what occurred by then of these identifiers, in one transaction (see the port)."""
        with transaction(self._file, self._name):
            forgotten = forgetting.forget(self._file, holders, until, kept, onto)
        cut_log(self._file, self._name)
        return forgotten

    def touch(self, keys: Collection[bytes]) -> None:
        """Have whoever these identifiers are of judged anew."""
        if keys:
            with transaction(self._file, self._name):
                self._file.execute(WAITS, (b"".join(sorted({*keys})),))

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for every owner of the given identifiers."""
        return self._edges("w.owned", "o.key, i.key", "w.owner", keys, until)

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for everything the given identifiers own."""
        return self._edges("w.owner", "i.key, o.key", "w.owned", keys, until)

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        """Return every decision about the given identifiers, taken back ones too."""
        rows: set[tuple[object, ...]] = set()
        for end in ("one", "other"):
            rows.update(self._ask(
                "SELECT f.event, a.key, b.key, f.joined, f.at, f.recorded, f.as_sent FROM identifier i "
                f"JOIN link f ON f.{end} = i.pk JOIN identifier a ON a.pk = f.one JOIN identifier b ON b.pk = f.other "
                "WHERE i.key IN ({}) AND f.at <= ? AND f.recorded <= ?", keys, until,
            ))  # fmt: skip
        return [Link(*row)._replace(joined=bool(row[3])) for row in rows]  # type: ignore[arg-type]  # SQLite's types

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        """Return the kinds of the given identifiers."""
        return dict(self._ask("SELECT key, kind FROM identifier i WHERE i.key IN ({})", keys, None))

    def disclosures(self, holders: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        """Return what hangs on the given identifiers."""
        return [
            Disclosure(event, part, holder, self._routes.route(route), at, recorded, as_sent)
            for event, part, holder, route, at, recorded, as_sent in self._ask(
                "SELECT f.event, f.part, i.key, f.route, f.at, f.recorded, f.as_sent FROM identifier i "
                "JOIN disclosure f ON f.holder = i.pk WHERE i.key IN ({}) AND f.at <= ? AND f.recorded <= ?",
                holders, until,
            )
        ]  # fmt: skip

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        """Return the consents given or withdrawn under the given identifiers."""
        return [
            Consent(event, holder, purpose, bool(granted), at, recorded, as_sent)
            for event, holder, purpose, granted, at, recorded, as_sent in self._ask(
                "SELECT f.event, i.key, f.purpose, f.granted, f.at, f.recorded, f.as_sent FROM identifier i "
                "JOIN consent f ON f.holder = i.pk WHERE i.key IN ({}) AND f.at <= ? AND f.recorded <= ?",
                holders, until,
            )
        ]  # fmt: skip

    def near(self, key: bytes) -> "SqliteGraph":  # noqa: ARG002 - the port's
        """Return this: a question costs no way to a server."""
        return self

    def anew(self) -> None:
        """Let the moment go that a reader looks at, and with it what holds up whoever cuts the log of writes."""
        if self._read_only:
            anew(self._file, self._name)

    def volumes(
        self, boundaries: Sequence[int], until: Until = NOW, sources: Collection[str] | None = None
    ) -> Sequence[Volume]:
        """Count disclosures until then by route, within each interval of event time between `boundaries`."""
        with translated(self._name):
            return list(counting.volumes(self._file, self._routes, boundaries, until, sources))

    def every_disclosure(self, since: int | None) -> Iterator[Disclosure]:
        """Iterate over all disclosures that occurred since then, in no order, without what was sent."""
        ask = (
            "SELECT f.event, f.part, i.key, f.route, f.at, f.recorded FROM disclosure f "
            "JOIN identifier i ON i.pk = f.holder WHERE f.at >= ? ORDER BY f.holder"
        )
        with translated(self._name):
            for event, part, holder, route, at, recorded in self._file.execute(
                ask, (-EVER if since is None else since,)
            ):
                yield Disclosure(event, part, holder, self._routes.route(route), at, recorded, b"")

    def got(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Iterator[Got]:
        """Iterate over what a party got from `since` to `until`, known by then, added up by identifier and route."""
        with translated(self._name):
            yield from counting.got(self._file, self._routes, party, since, until, known_at)

    def tallies(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Sequence[Tally]:
        """Count by route what a party got from `since` to `until`, known by then."""
        with translated(self._name):
            return list(counting.tallies(self._file, self._routes, party, since, until, known_at))

    def bought(self, model: bytes) -> Iterator[Bought]:
        """Iterate over the purchases of a model, in no order."""
        ask = "SELECT f.event, f.part, i.key, f.model FROM bought f JOIN identifier i ON i.pk = f.holder WHERE f.model = ?"
        with translated(self._name):
            yield from map(Bought._make, self._file.execute(ask, (model,)) if self._has_products() else ())

    def purchases(self, model: bytes, until: Until) -> Purchases:
        """Count the purchases of a model until then."""
        with translated(self._name):
            if not self._has_products():
                return Purchases(0, 0, None, None)
            return counting.purchases(self._file, model, until)

    def forgotten_buyers(self, model: bytes) -> int:
        """Return how many buyers of a model were forgotten."""
        with translated(self._name):
            ask = "SELECT buyers FROM forgotten_buyers WHERE model = ?"
            row = self._file.execute(ask, (model,)).fetchone() if self._has_products() else None
            return row[0] if row else 0

    def _has_products(self) -> bool:
        """Whether the file knows of products: one of an older version that is only read does not."""
        (found,) = self._file.execute("PRAGMA user_version").fetchone()
        return bool(found >= PRODUCTS_SINCE)

    def letters(self) -> Sequence[Letter]:
        """Return the dead letters, oldest first."""
        with translated(self._name):
            rows = self._file.execute("SELECT key, reason, recorded, sealed FROM letter ORDER BY recorded, key")
            return [Letter(*row) for row in rows]

    def reword_letters(self, reasons: Mapping[bytes, str]) -> None:
        """Give dead letters another reason, in one transaction."""
        with transaction(self._file, self._name):
            rows = [(reason, key) for key, reason in reasons.items()]
            self._file.executemany("UPDATE letter SET reason = ? WHERE key = ?", rows)

    def take_off_letters(self, keys: Collection[bytes]) -> None:
        """Delete dead letters, in one transaction."""
        with transaction(self._file, self._name):
            self._file.executemany("DELETE FROM letter WHERE key = ?", [(each,) for each in keys])

    def look(self, look: Look) -> None:
        """Keep an entry of the access log durably."""
        with transaction(self._file, self._name):
            self._file.execute("INSERT INTO look VALUES (?, ?)", look)

    def looks(self) -> Sequence[Look]:
        """Return the access log, oldest first."""
        with translated(self._name):
            return [Look(*row) for row in self._file.execute("SELECT at, sealed FROM look ORDER BY at, rowid")]

    def counts(self) -> Mapping[str, int]:
        """Return how many events, identifiers, disclosures and dead letters there are."""
        tables = {"events": "event", "identifiers": "identifier", "disclosures": "disclosure", "dead_letters": "letter"}
        with translated(self._name):
            return {
                name: self._file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for name, table in tables.items()
            }

    def close(self) -> None:
        """Let the file go."""
        with translated(self._name):
            self._file.close()

    def _edges(
        self, end: str, pair: str, other: str, keys: Collection[bytes], until: Until
    ) -> list[tuple[bytes, bytes]]:
        return self._ask(
            f"SELECT DISTINCT {pair} FROM identifier i JOIN owns w ON {end} = i.pk "
            f"JOIN identifier o ON o.pk = {other} WHERE i.key IN ({{}}) AND w.at <= ? AND w.recorded <= ?", keys, until,
        )  # fmt: skip

    def _ask(self, ask: str, keys: Collection[bytes], until: Until | None) -> list[tuple[Any, ...]]:
        """Ask about many identifiers; `{}` in the question stands for them."""
        times = () if until is None else _times(until)
        with translated(self._name):
            return ask_listed(self._file, ask, keys, *times)


def _times(until: Until) -> tuple[int, int]:
    return (EVER if until.at is None else until.at, EVER if until.known_at is None else until.known_at)
