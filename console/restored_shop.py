"""Makes the shop's own tables forget again, after a backup of them came back, whom their systems had been told to forget."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from connectors.descriptors import load_descriptors
from connectors.replaying import tombstones_of
from console.case_opening import Casebook
from console.parties import parties_of
from console.shapes import Shape
from lineage.cases.replaying import Replay, replay_of
from lineage.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from connectors.sql import SqlConnector

LEFT = "rows are left that are hers: look at them in the system"
UNDATED = "rows are hers, and nothing shows whether they are from before: name `since` in the mapping, or look at them"
UNDECIDED = "it was done in part, or its key is gone: see by hand what is to be done again in the system"


def shop_shape(book: Casebook, since: int | None, *, dry: bool) -> Shape:
    """Do again what systems told by the channel `sql` had been told; return what was done, or with `dry` would be, by system.

    Raises: Misconfigured: no party is told by that channel. Else as the stores and the connector.
    """
    systems = sorted(
        party for party, each in load_descriptors(book.folder.settings.outward.parties).items() if each.channel == "sql"
    )
    if not systems:
        raise Misconfigured("no party is told by the channel sql: its descriptor names tables and mapping")
    return {system: _system(book, system, since, dry=dry) for system in systems}


def _system(book: Casebook, system: str, since: int | None, *, dry: bool) -> Shape:
    from connectors.sql import SqlConnector

    replay = replay_of(book.work, system, since)

    async def run() -> Shape:
        parties = parties_of(book.folder, book.work.clock)
        try:
            connector = parties.connector(system)
            if not isinstance(connector, SqlConnector):
                raise Misconfigured(f"{system} is told by letter too: erase again there by hand")
            return await _again(book, connector, replay, dry=dry)
        finally:
            await parties.close()

    return asyncio.run(run())


async def _again(book: Casebook, connector: "SqlConnector", replay: Replay, *, dry: bool) -> Shape:
    """Give the orders of cases that go on again, then erase what tombstones of closed ones stand for."""
    not_mended = [{"case": case, "why": UNDECIDED} for case in replay.undecided]
    tables: dict[str, dict[str, int]] = {}
    for order in replay.orders:
        if dry:
            _add(tables, connector.counts(order))
            continue
        before = connector.counts(order)
        try:
            outcome = await connector.send(order)
        except Refused as fault:
            not_mended.append({"case": order.case, "why": str(fault)})
            continue
        _add(tables, before)
        if outcome.state == "partial":
            not_mended.append({"case": order.case, "why": LEFT})
    stones = tombstones_of(replay.closed, book.work.memory.entombed)
    again = await asyncio.to_thread(connector.erase_again, book.work.pseudonyms, stones, dry=dry)
    _add(tables, {name: asdict(each) for name, each in again.items()})
    not_mended += [{"table": name, "why": LEFT} for name, each in again.items() if each.left]
    not_mended += [{"table": name, "why": UNDATED} for name, each in again.items() if each.undated]
    return {"tables": dict(sorted(tables.items())), "not_mended": not_mended}


def _add(total: dict[str, dict[str, int]], counts: Mapping[str, Mapping[str, int]]) -> None:
    for name, each in counts.items():
        row = total.setdefault(name, {"changed": 0, "deleted": 0})
        for what in row:
            row[what] += each[what]
