"""A vendor while it is hosted: its faults, its limits, what it was called, and one call at a time. Knows no HTTP server."""

import copy
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import BY_VENDOR, Fault, Faults, Kind, Rates
from connectors.sandbox.limits import Standing, Windows
from connectors.sandbox.vendor import Vendor

SEEN_AT_MOST = 10_000
UNKNOWN = "(unknown)"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as it is remembered: the operation's template, never a path, a header or a body."""

    at: int
    method: str
    path: str
    fault: Kind | None


class Hosted:
    """A vendor and what is done to it. Safe to use from another thread than the one that serves it."""

    def __init__(self, vendor: Vendor, clock: Clock) -> None:
        self.vendor, self.clock = vendor, clock
        self.url = ""
        self._lock = threading.Lock()
        self._faults, self._windows = Faults(), Windows()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._seen: deque[Seen] = deque(maxlen=SEEN_AT_MOST)

    def fault(
        self, kind: Kind | str, path: str = "", *, method: str = "", calls: int = 1, seconds: float | None = None
    ) -> None:
        """Let the next calls of an operation go wrong. Raises: ValueError: the vendor can have no such fault there."""
        given = {} if seconds is None else {"seconds": seconds}
        self.add(Fault(_kind(kind), method, path, calls, **given))

    def add(self, fault: Fault) -> None:
        """Let this happen. Raises: ValueError: the vendor can have no such fault there."""
        self._possible(fault.kind, fault.method, fault.path)
        with self._lock:
            self._faults.add(fault)

    def at_random(self, *rates: Rates) -> None:
        """Let these happen, and none of the earlier ones. Raises: ValueError: the vendor can have no such fault there."""
        for each in rates:
            for kind in each.rates:
                self._possible(kind, each.method, each.path)
        with self._lock:
            self._faults.at_random(*rates)

    def well(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    @property
    def waiting(self) -> tuple[Sequence[Fault], Sequence[Rates]]:
        """The faults that are still to come."""
        with self._lock:
            return self._faults.waiting, self._faults.rates

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How often each operation was called, by method and template."""
        with self._lock:
            return dict(self._counts)

    @property
    def seen(self) -> Sequence[Seen]:
        """The newest calls, the oldest first."""
        with self._lock:
            return tuple(self._seen)

    def count_anew(self) -> None:
        """Forget the calls."""
        with self._lock:
            self._counts.clear()
            self._seen.clear()

    def held(self) -> Mapping[str, Any]:
        """Return what the vendor holds now."""
        with self.still() as vendor:
            return copy.deepcopy(vendor.held())

    @contextmanager
    def still(self) -> Iterator[Vendor]:
        """Yield the vendor between two calls, with all done that is due: as its own staff sees it, and may change it."""
        with self._lock:
            self.vendor.settle(self.clock())
            yield self.vendor

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let the vendor hold this too. Raises: ValueError: it is not of the vendor's shape."""
        with self._lock:
            self.vendor.seed(given)

    def met(self, operation: Operation | None, method: str) -> Fault | None:
        """Count a call, and return what goes wrong with it. None of `operation`: the vendor knows no such."""
        path = operation.path if operation else UNKNOWN
        method = method if operation or method in METHODS else UNKNOWN
        with self._lock:
            fault = self._faults.take(method, path, operation.takes) if operation else None
            self._counts[method, path] += 1
            self._seen.append(Seen(self.clock(), method, path, fault.kind if fault else None))
            return fault

    def trouble(self, status: int, wait: int | None = None) -> Answer:
        """Return an error in the vendor's form."""
        with self._lock:
            return self.vendor.trouble(status, wait)

    def answer(self, operation: Operation, call: Call, fault: Fault | None) -> Answer:
        """Ask the vendor: credentials, limits, then the operation."""
        kind = fault.kind if fault else None
        with self._lock:
            if not operation.open and (refusal := self.vendor.admits(call)) is not None:
                return refusal
            standing = self._windows.take(operation.limits, call.path, call.at)
            shown = self.vendor.shown(standing, call.at) if standing else {}
            if standing and standing.refused:
                return _with(self.vendor.trouble(429, standing.wait), shown)
            self.vendor.settle(call.at)
            taken = kind if kind in operation.takes else None
            with self._put_back() if kind is Kind.LIE and taken is None else nullcontext():
                return _with(operation.does(replace(call, fault=taken)), shown)

    def full(self, operation: Operation, now: int, seconds: float) -> Answer:
        """Return the answer to a call too many, as the vendor gives it, though there were not too many."""
        wait = max(int(seconds), 1)
        with self._lock:
            standing = Standing(operation.limits[0], 0, wait * 1_000_000, True) if operation.limits else None
            return _with(self.vendor.trouble(429, wait), self.vendor.shown(standing, now) if standing else {})

    def _put_back(self) -> "_PutBack":
        return _PutBack(self.vendor)

    def _possible(self, kind: Kind, method: str, path: str) -> None:
        fault = Fault(kind, method, path)
        if not any(fault.hits(each.method, each.path, each.takes) for each in self.vendor.operations):
            what = f"no operation that can be {kind.value}" if kind in BY_VENDOR else "no such operation"
            raise ValueError(
                f"{self.vendor.name} has {what} there; `path` is a template, as /_sandbox/calls shows them"
            )


class _PutBack:
    """A block after which the vendor holds what it held before."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._before = vendor, copy.deepcopy(vendor.state)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._vendor.state = self._before


def _kind(text: Kind | str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise ValueError(f"a fault is one of {', '.join(Kind)}") from None


def _with(answer: Answer, headers: Mapping[str, str]) -> Answer:
    return replace(answer, headers={**headers, **answer.headers}) if headers else answer
