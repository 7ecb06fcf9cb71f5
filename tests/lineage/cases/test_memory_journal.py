"""The plain journal against the contract of journals. It is one object in one process, so nothing in it is a restart."""

from collections.abc import Callable

import pytest

from lineage.cases.journal import Journal
from tests.contracts.journal import CHECKS
from tests.contracts.journal_blocks import BLOCKS, a_block_that_is_left_by_an_error_keeps_nothing
from tests.lineage.cases.memory_journal import MemoryJournal


@pytest.mark.parametrize(
    "check", [*CHECKS, *BLOCKS, a_block_that_is_left_by_an_error_keeps_nothing], ids=lambda check: check.__name__
)
def test_the_plain_journal_keeps_the_contract_of_a_journal(check: Callable[[Callable[[], Journal]], None]) -> None:
    journal = MemoryJournal()
    check(lambda: journal)
