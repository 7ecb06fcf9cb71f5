"""What kafka-python leaves to the garbage collector is collected where it was left, and not in somebody else's test."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streams.kafka.parts import UNCLOSED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for each in items:
        if Path(__file__).parent in each.path.parents:
            each.add_marker(UNCLOSED)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()
