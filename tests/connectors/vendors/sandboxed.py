"""A vendor of the sandbox as a stage of the contract suite: what differs from vendor to vendor is a value."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.channels import open_connector
from connectors.protocol import Connector
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import BY_VENDOR, Kind
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order
from lineage.cases.words import Action
from tests.connectors.vendors.seats import Seat, seated
from tests.contracts.connector import SECRETS, Call, Fault

SHORT, LONG = 0.25, 8.0
"""Seconds that are waited for an answer: short where none will come."""
WAITS = 120.0
Held = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sandboxed:
    """One vendor. `text` is the descriptor, with `{url}` in it; `files` those of its credentials that it names.

    `seeds` is what it holds (again) when there is an order. The rest reads what it holds by then.
    """

    vendor: Callable[[Clock], Vendor]
    text: str
    files: Sequence[str]
    seeds: Callable[[], Held]
    order: Callable[[Action], Order]
    is_done: Callable[[Action, Held], bool]
    others: Callable[[Held], object]
    told: Callable[[Any], Sequence[str]] | None = None
    """By its state, what it was told, without doubles."""
    secrets: Sequence[str] = SECRETS
    keys: Sequence[str] = ()
    time: Callable[[Any], None] = field(default=lambda _: None)
    """What else the vendor does as time passes."""


class SandboxedStage:
    """Satisfies `tests.contracts.connector.Stage`."""

    waits = WAITS

    def __init__(self, seat: Seat, of: Sandboxed) -> None:
        self.seat, self._of, self._seconds = seat, of, LONG
        self.descriptor = seat.descriptor
        credentials = seat.hosted.vendor.credentials(seat.hosted.url)
        self.keys = of.keys or [each for name, each in credentials.items() if name in of.files]
        self.secrets = (*of.secrets, *self.keys)
        self._admits = seat.hosted.vendor.admits

    def connector(self) -> Connector:
        limits = replace(self.descriptor.limits, timeout=self._seconds)
        found = open_connector(replace(self.descriptor, limits=limits), "Party", self.seat.ways)
        assert found is not None
        return found

    def order(self, action: Action) -> Order:
        self.seat.hosted.seed(self._of.seeds())
        return self._of.order(action)

    def can(self, fault: Fault, call: Call) -> bool:
        takes = [each.takes for each in self.seat.hosted.vendor.operations if (each.method, each.path) == call]
        return fault is Fault.REFUSED or Kind(fault) not in BY_VENDOR or any(Kind(fault) in each for each in takes)

    def fail(self, fault: Fault | None, calls: Sequence[Call] = ()) -> None:
        hosted: Any = self.seat.hosted
        hosted.well()
        hosted.vendor.admits = self._admits
        self._seconds = SHORT if fault in (Fault.LOST, Fault.LOST_AFTER) else LONG
        if fault is Fault.EXPIRED:
            hosted.fault(Kind.EXPIRED, calls=100)
        elif fault is Fault.REFUSED:
            hosted.vendor.admits = lambda _: hosted.vendor.trouble(400, None)
        elif fault is not None:
            for method, path in calls:
                hosted.fault(Kind(fault), path, method=method, seconds=WAITS)

    def called(self) -> Sequence[Call]:
        found = [call for call, count in self.seat.hosted.counts.items() if count]
        self.seat.hosted.count_anew()
        return found

    def passes(self, seconds: float) -> None:
        self.seat.passes(seconds)
        self._of.time(self.seat.hosted.vendor)
        self.seat.hosted.held()

    def told(self) -> Sequence[str] | None:
        return None if self._of.told is None else self._of.told(self.seat.hosted.vendor.state)

    def is_done(self, action: Action) -> bool:
        return self._of.is_done(action, self.seat.hosted.held())

    def held(self) -> object:
        return self.seat.hosted.held()

    def others(self) -> object:
        return self._of.others(self.seat.hosted.held())

    def addresses(self) -> Sequence[str]:
        return [f"{each.url}" for each in self.seat.requests]


def staged_on(of: Sandboxed) -> Callable[[pytest.FixtureRequest], Any]:
    """Return what makes a stage of a vendor for one test."""

    @contextmanager
    def staged(request: pytest.FixtureRequest) -> Iterator[SandboxedStage]:
        folder: Path = request.getfixturevalue("tmp_path")
        with seated(of.vendor, of.text, of.files, folder, request.getfixturevalue("monkeypatch")) as seat:
            yield SandboxedStage(seat, of)

    return staged
