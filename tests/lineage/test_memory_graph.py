"""The plain model that other tests compare with keeps the contract of stores itself."""

import pytest

from tests.contracts.graph import CHECKS, Check
from tests.lineage.memory_graph import MemoryGraph


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_model_keeps_the_contract_of_a_graph(check: Check) -> None:
    check(MemoryGraph())
