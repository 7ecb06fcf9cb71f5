"""Google of the sandbox for one test each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.vendors.google import stages
from tests.connectors.vendors.google.stages import Google


@pytest.fixture
def analytics(tmp_path: Path) -> Iterator[Google]:
    with stages.analytics(tmp_path) as google:
        yield google


@pytest.fixture
def ads(tmp_path: Path) -> Iterator[Google]:
    with stages.ads(tmp_path) as google:
        yield google
