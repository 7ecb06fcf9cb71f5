from tests.faults.stage import Stage

ROUNDS = 4
LONGEST = 60
"""Seconds that a round may take on a busy machine: so slowly is published that there is always something to come."""


def test_what_was_recorded_when_a_worker_is_told_to_stop_is_committed_too(stage: Stage) -> None:
    whole, repeated, recorded = len(stage.shop.records), 0.0, 0
    with stage.flowing(LONGEST * ROUNDS) as flow:
        for _ in range(ROUNDS):
            with stage.worker(JALKI_MEMBER="one") as worker:
                worker.until(lambda of=worker: of.settled() > 50, "a worker in the middle of its work")
                repeated += worker.events("repeated")
                worker.stop()
                assert "stopped; everything in hand was finished and committed" in worker.said
            before, recorded = recorded, stage.events()
            assert before < recorded < whole
        assert flow.published < whole
    with stage.worker(JALKI_MEMBER="one") as last:
        stage.until_recorded(last)
        last.until(lambda: last.settled() >= whole - recorded, "all the rest")
        repeated += last.events("repeated")
        assert last.events("recorded") == whole - recorded
        last.stop()
    assert repeated == 0
    stage.assert_whole()
