"""Answers of parties that come by themselves, by a link or a callback, into the journal.

Satisfies `connectors.answers.Answers`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from connectors.answers import Asked
from lineage.cases.carrying import settle
from lineage.cases.casework import Casework
from lineage.cases.closing import advance
from lineage.cases.folding import folded
from lineage.cases.keys import case_of, task_of
from lineage.cases.orders import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaskAnswers:
    """Finds the task of a key, and moves it on. `thread` is where the stores are used; `moved` is called when one has moved."""

    work: Casework
    thread: Executor
    moved: Callable[[], None]

    async def asked(self, key: str) -> Asked | None:
        """Return the task of an `Order.key`, None where there is none."""
        return await self._do(lambda: self._asked(key))

    async def used(self, key: str, once: str) -> bool:
        """Tell whether an answer to that task was kept under this name before."""
        return await self._do(lambda: self._used(key, once))

    async def received(self, key: str, once: str, outcome: Outcome) -> bool:
        """Keep an outcome durably under the name `once`, and move its task on; False: it was kept before."""
        return await self._do(lambda: self._received(key, once, outcome))

    def _asked(self, key: str) -> Asked | None:
        task_id = task_of(key)
        entries = self.work.journal.entries(case_of(task_id)) if task_id else ()
        task = folded(entries).tasks.get(task_id) if entries and task_id else None
        if task is None or task_id is None:
            return None
        return Asked(key.lower(), task.party, task.action, task.form, case_of(task_id), task.state)

    def _used(self, key: str, once: str) -> bool:
        task_id = task_of(key)
        return task_id is not None and once in self.work.case(case_of(task_id)).once

    def _received(self, key: str, once: str, outcome: Outcome) -> bool:
        task_id = task_of(key)
        assert task_id is not None, "asked first"  # noqa: S101 - the pages ask for the task before they take an answer
        before = self.work.case(case_of(task_id))
        if once in before.once:
            return False
        after = settle(self.work, before.id, task_id, outcome, once=once)
        advance(self.work, after.id)
        self.moved()
        return after.last.number != before.last.number

    async def _do(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, act)
