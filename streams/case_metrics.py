"""What a worker counts and measures of cases, for Prometheus. Knows neither how it is served nor how it came about.

A label holds a fixed word, never a party, a case or anything of a person.
"""

from collections import Counter as Count
from collections.abc import Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import generate_latest

from lineage.cases.case import Case
from lineage.cases.orders import Ended
from lineage.cases.rows import OVER
from lineage.cases.words import CASE_STATES, CONNECTOR_FAULT, TASK_STATES

IN_VAIN = ("away", "timeout", CONNECTOR_FAULT)
ATTEMPTS = (*get_args(Ended), *IN_VAIN)
_GOING_ON = tuple(each for each in CASE_STATES if each not in OVER)


class CaseMetrics:
    """The measures of one worker's cases. Methods may be called from any thread."""

    def __init__(self) -> None:
        """Start all series at zero."""
        self._registry = registry = CollectorRegistry()
        cases = Gauge("jalki_cases", "Cases that are not over.", ["state"], registry=registry)
        self._cases = {state: cases.labels(state) for state in _GOING_ON}
        tasks = Gauge("jalki_tasks", "Tasks of cases that are not over.", ["state"], registry=registry)
        self._tasks = {state: tasks.labels(state) for state in TASK_STATES}
        self._alarms = Gauge(
            "jalki_case_alarms", "Cases without an answer that an alarm was raised for.", registry=registry
        )
        attempts = Counter("jalki_attempts", "Attempts to tell or ask a party.", ["outcome"], registry=registry)
        self._attempts = {outcome: attempts.labels(outcome) for outcome in ATTEMPTS}
        self._published = Counter("jalki_entries_published", "Entries of cases put into the log.", registry=registry)

    def attempt(self, outcome: str) -> None:
        """Count an attempt, by what came of it."""
        self._attempts[outcome].inc()

    def published(self, entries: int) -> None:
        """Count entries that got into the log."""
        self._published.inc(entries)

    def standing(self, cases: Iterable[Case]) -> None:
        """Set how all cases that are not over stand."""
        states, tasks, alarms = Count[str](), Count[str](), 0
        for case in cases:
            states[case.state] += 1
            tasks.update(each.state for each in case.tasks.values())
            alarms += bool(case.alarmed) and case.answered is None
        for state, gauge in self._cases.items():
            gauge.set(states[state])
        for task, gauge in self._tasks.items():
            gauge.set(tasks[task])
        self._alarms.set(alarms)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self._registry)
