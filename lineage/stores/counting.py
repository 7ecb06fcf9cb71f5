"""Counts of the embedded graph's disclosures and purchases, by route and time. Holds the SQL of these questions alone.

The index of routes has route, identifier and time, in this order: what needs no more reads nothing else, and sorts
nothing. When something was recorded stands in the table alone, which is many times as large.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence

from lineage.graph import Got, Purchases, Tally, Until, Volume
from lineage.stores.routes import Routes

EVER = (1 << 63) - 1
_AT_ONCE = 3
"""So many boundaries at most make a column for each count; with more it is cheaper to sort."""


def volumes(
    file: sqlite3.Connection,
    routes: Routes,
    boundaries: Sequence[int],
    until: Until,
    sources: Collection[str] | None,
) -> Iterator[Volume]:
    """Yield how often each route, of all or of those that begin at some parties, was gone within each interval."""
    conditions, times = _then(until)
    if sources is not None:
        numbers = ", ".join(str(number) for source in sorted(sources) for number in routes.of_source(source))
        conditions.append(f"route IN ({numbers})")
    then = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    if len(set(boundaries)) <= _AT_ONCE:
        yield from _side_by_side(file, routes, sorted(set(boundaries)), then, times)
        return
    by = "route, " + " + ".join("(at >= ?)" for _ in boundaries)
    ask = f"SELECT route, count(*), min(at), max(at) FROM disclosure {then} GROUP BY {by}"
    for route, *counted in file.execute(ask, (*times, *boundaries)):
        yield Volume(routes.route(route), *counted)


def _side_by_side(
    file: sqlite3.Connection, routes: Routes, boundaries: Sequence[int], then: str, times: Sequence[int]
) -> Iterator[Volume]:
    """Count in the order of the index, all intervals of a route in one row."""
    # Times are whole numbers of ours, and written out: each stands in six places.
    ends = [f"at >= {boundary}" for boundary in boundaries], [f"at < {boundary}" for boundary in boundaries]
    within = [" AND ".join(some) for some in zip(["1", *ends[0]], [*ends[1], "1"], strict=True)]
    columns = ", ".join(
        f"count(*) FILTER (WHERE {each}), min(at) FILTER (WHERE {each}), max(at) FILTER (WHERE {each})"
        for each in within
    )
    if not boundaries:
        columns = "count(*), min(at), max(at)"
    for route, *counted in file.execute(
        f"SELECT route, {columns} FROM disclosure {then} GROUP BY route", times
    ).fetchall():
        for place in range(0, len(counted), 3):
            if counted[place]:
                yield Volume(routes.route(route), *counted[place : place + 3])


def got(
    file: sqlite3.Connection, routes: Routes, party: str, since: int | None, until: int | None, known_at: int | None
) -> Iterator[Got]:
    """Yield what a party got, added up by identifier and route."""
    # Of one route the index has identifiers in order, so nothing is sorted, and nobody is remembered.
    condition, times = _between(since, until, known_at)
    ask = (
        "SELECT i.key, i.kind, g.number, g.first, g.last FROM (SELECT holder, count(*) number, min(at) first, "
        f"max(at) last FROM disclosure WHERE route = ? AND {condition} GROUP BY holder) g "
        "JOIN identifier i ON i.pk = g.holder"
    )
    for number, route in routes.of_target(party):
        for holder, kind, *added in file.execute(ask, (number, *times)):
            yield Got(holder, kind, route, *added)


def tallies(
    file: sqlite3.Connection, routes: Routes, party: str, since: int | None, until: int | None, known_at: int | None
) -> Iterator[Tally]:
    """Yield what a party got, counted by route: the index alone is read."""
    condition, times = _between(since, until, known_at)
    ask = f"SELECT count(DISTINCT holder), count(*), min(at), max(at) FROM disclosure WHERE route = ? AND {condition}"
    for number, route in routes.of_target(party):
        tally = Tally(route, *file.execute(ask, (number, *times)).fetchone())
        if tally.disclosures:
            yield tally


def purchases(file: sqlite3.Connection, model: bytes, until: Until) -> Purchases:
    """Return how often a model was bought."""
    # When a purchase was recorded stands with its disclosure.
    known = "" if until.known_at is None else (
        " AND EXISTS (SELECT 1 FROM disclosure d WHERE d.holder = f.holder AND d.event = f.event AND d.part = f.part "
        "AND d.recorded <= ?)"
    )  # fmt: skip
    condition = "f.at <= ?" + known
    times = [EVER if until.at is None else until.at, *([] if until.known_at is None else [until.known_at])]
    ask = f"SELECT count(DISTINCT f.holder), count(*), min(f.at), max(f.at) FROM bought f WHERE f.model = ? AND {condition}"
    return Purchases(*file.execute(ask, (model, *times)).fetchone())


def _then(until: Until) -> tuple[list[str], list[int]]:
    """Return the conditions that something occurred and was known by then, and their values; where none is asked, none."""
    conditions, times = list[str](), list[int]()
    for column, time in (("at", until.at), ("recorded", until.known_at)):
        if time is not None:
            conditions.append(f"{column} <= ?")
            times.append(time)
    return conditions, times


def _between(since: int | None, until: int | None, known_at: int | None) -> tuple[str, list[int]]:
    times = [-EVER - 1 if since is None else since, EVER if until is None else until]
    if known_at is None:
        return "at BETWEEN ? AND ?", times
    return "at BETWEEN ? AND ? AND recorded <= ?", [*times, known_at]
