"""A stage for each test; and at the end a look through every call that was made in any of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.vendors.sendgrid.guarding import faults_of
from tests.connectors.vendors.sendgrid.standing import TRAFFIC, Standing, standing


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Standing]:
    with standing(tmp_path) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def no_call_of_the_whole_run_could_have_hit_others() -> Iterator[None]:
    yield
    found = {fault for request in TRAFFIC for fault in faults_of(request)}
    assert not found, found
