"""What each party would be told, exactly: identifiers as they were sent, and calls and statements as they would be made.

Sends and changes nothing. Without `--reveal` only kinds and counts are shown: of a call its method, host and size; of a
statement its table, columns, what becomes of them, and how many rows it is for.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from console.case_opening import Casebook
from lineage.cases.carrying import foreseen_order, order_of
from lineage.cases.case import Case
from lineage.cases.orders import Order
from lineage.cases.planning import Planned
from lineage.errors import JalkiError, Misconfigured

if TYPE_CHECKING:
    from connectors.calling import Call
    from connectors.statements import Statement

Shape = dict[str, Any]


def orders_of(book: Casebook, case: Case) -> Mapping[str, Order | None]:
    """Return what each task of a case tells its party, by task; None where the case's key is destroyed."""
    return {task.id: _order(book, case, task.id) for task in case.tasks.values()}


def orders_foreseen(case: Case, plan: Planned) -> Mapping[str, Order | None]:
    """Return what each task would tell its party, by task, of a case with a plan that is not kept."""
    payloads = plan.personal["payloads"]
    return {task.id: foreseen_order(case, task, payloads) for task in case.tasks.values()}


def with_identifiers(shape: Shape, orders: Mapping[str, Order | None], *, reveal: bool) -> Shape:
    """Return the shape of a case, and in each task what identifiers of which kind are sent; None where nobody can tell."""
    tasks = [each | _identifiers(orders[each["task"]], reveal=reveal) for each in shape["tasks"]]
    return shape | {"tasks": tasks}


def requests_of(book: Casebook, case: Case, orders: Mapping[str, Order | None], *, reveal: bool) -> list[Shape]:
    """Return the first call for each task whose party is told by calls, and the statements where tables are changed.

    Nothing is sent; tables are read by a transaction that cannot write. Each has the state of its task: what is held goes
    out no sooner than its hold is over.

    Raises: Misconfigured: a descriptor or setting cannot be used.
    """
    found = asyncio.run(_requests(book, [each for each in orders.values() if each is not None], reveal=reveal))
    return [each | {"state": case.tasks[each["task"]].state} for each in found]


def _order(book: Casebook, case: Case, task: str) -> Order | None:
    try:
        return order_of(book.work, case, case.tasks[task])
    except Misconfigured:  # its key is destroyed: the case is closed
        return None


def _identifiers(order: Order | None, *, reveal: bool) -> Shape:
    if order is None:
        return {"identifiers": None}
    told: Shape = {"identifiers": dict(sorted(Counter(kind for kind, _ in order.identifiers).items()))}
    if reveal:
        told["sent"] = [{"kind": kind, "value": value} for kind, value in order.identifiers]
        told["changes"] = dict(order.changes)
    return told


async def _requests(book: Casebook, orders: list[Order], *, reveal: bool) -> list[Shape]:
    from connectors.calling import NotSent
    from console.parties import parties_of

    made: list[Call | Statement] = []
    found: list[Shape] = []
    parties = parties_of(book.folder, book.work.clock, made.append)
    try:
        for order in orders:
            made.clear()
            try:
                await parties.connector(order.party).send(order)
            except NotSent:
                found += [_request(order, call, reveal=reveal) for call in made]
            except JalkiError as fault:
                found.append({"task": order.task, "party": order.party, "refused": str(fault)})
    finally:
        await parties.close()
    return found


def _request(order: Order, made: "Call | Statement", *, reveal: bool) -> Shape:
    from connectors.statements import Statement

    told: Shape = {"task": order.task, "party": order.party}
    return told | (_statement(made, reveal=reveal) if isinstance(made, Statement) else _call(made, reveal=reveal))


def _call(call: tuple[str, str, str, bytes], *, reveal: bool) -> Shape:
    _, method, url, body = call
    told: Shape = {"method": method, "host": urlsplit(url).netloc, "bytes": len(body)}
    if reveal:
        told |= {"url": url, "body": body.decode("utf-8", "replace")}
    return told


def _statement(made: "Statement", *, reveal: bool) -> Shape:
    told: Shape = {"statement": made.verb, "table": made.table, "columns": dict(made.columns), "rows": made.rows}
    if reveal:
        # As text, for a key may be of a type that JSON does not have.
        told |= {"keys": [[str(part) for part in key] for key in made.keys], "values": dict(made.values)}
    return told
