"""The shipped parties, served by the sandbox; and what goes over the wire."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.sandbox import adyen
from connectors.sandbox.clock import Clock
from tests.connectors.vendors.rest.recording import Recorded, recorded
from tests.connectors.vendors.rest.shipped import FILLED, VENDORS, Open
from tests.connectors.vendors.rest.stages import NOON, Told, shipped_text, told


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_(name: str) -> Told:
            clock = Clock(NOON)
            text = shipped_text(name)
            if name == "adyen":  # its address has a path, which the sandbox's own root has not
                text = text.replace("/requestSubjectErasure", adyen.ERASE)
            vendor = VENDORS[name](clock)
            return stack.enter_context(told(vendor, clock, text, tmp_path, **FILLED.get(name, {})))

        yield open_


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    with recorded(monkeypatch) as found:
        yield found
