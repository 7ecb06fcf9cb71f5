"""Reads what takes long, as long as somebody waits for it; and writes down before that somebody looks at what is of many."""

from collections.abc import Callable
from typing import TypeVar

from console.api.patience import Patience
from console.api.problems import Problem
from console.opening import Folder, log_look
from console.web.visits import Visit
from lineage.errors import JalkiError

T = TypeVar("T")
Look = Callable[[], None]
"""To be called now and then by what takes long. Raises: OutOfPatienceError: nobody waits for it any more."""


async def read_through(visit: Visit, work: Callable[[Folder, Look], T], looks_at: str = "", why: str = "") -> T:
    """Return what comes of reading through what is recorded. `looks_at` and `why` are written to the access log before.

    Raises: Problem: it cannot be written down, or takes too long; what the work raises.
    """

    def done(patience: Patience) -> T:
        with visit.office.reading() as folder:
            if looks_at:
                _write_down(folder, visit, looks_at, why)
            return work(folder, patience.look)

    return await visit.office.turns.run(visit.name, done)


def _write_down(folder: Folder, visit: Visit, looks_at: str, why: str) -> None:
    try:
        log_look(folder, looks_at, why, actor=visit.name, role=visit.role.name, shown="pseudonyms")
    except JalkiError as fault:
        raise Problem("not-written", headers={"Retry-After": "5"}) from fault
