"""Checkpoints that several make at the same moment."""

from dataclasses import replace

import pytest

from lineage.cases.casework import TRIES, Casework
from lineage.cases.journal import Outrun
from lineage.checkpointing import checkpointed, seed_of
from lineage.evidence.checkpoints import CHAIN, check_checkpoints, checkpoint_of
from lineage.evidence.signing import public_key
from tests.cases.events import account
from tests.cases.logged import HER
from tests.cases.stage import Stage


def beside(stage: Stage, case: str, rivals: int) -> Casework:
    """Someone who, so many times, reads the checkpoints and finds that another has added one before she could."""
    left = iter(range(rivals))

    def clock() -> int:
        if next(left, None) is not None:
            checkpointed(stage.work, case)
        stage.believed[0] += 1  # at the same microsecond it would be the same checkpoint
        return stage.now

    return replace(stage.work, clock=clock)


def test_certificates_that_are_made_at_the_same_moment_each_get_a_checkpoint(stage: Stage) -> None:
    stage.record(account())
    case = stage.open("access", HER).id
    made, _ = checkpointed(beside(stage, case, 3), case)
    chain = [checkpoint_of(each.said) for each in stage.work.journal.entries(CHAIN)]
    check_checkpoints(chain, public_key(seed_of(stage.work)))
    assert len(chain) == 4
    assert chain[-1] == made


def test_whoever_is_outrun_every_time_is_told(stage: Stage) -> None:
    stage.record(account())
    case = stage.open("access", HER).id
    with pytest.raises(Outrun):
        checkpointed(beside(stage, case, TRIES), case)
