from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lineage.errors import Retryable
from streams.health import Health, Standing, Status
from streams.metrics import AWAY, Away


class Clock:
    """Ticks once a look."""

    def __init__(self) -> None:
        self.now = 100

    def __call__(self) -> int:
        self.now += 1
        return self.now


def test_a_worker_starts_and_then_is_well() -> None:
    health = Health(Clock())
    assert health.standing == Standing(Status.STARTING, 101)
    health.started()
    assert health.standing == Standing(Status.OK, 102)
    health.started()
    assert health.standing.since == 102


def test_while_something_is_away_the_first_failures_time_and_the_last_reason_are_told() -> None:
    health = Health(Clock())
    health.started()
    health.waiting("store", Retryable("Neo4j does not answer"))
    health.waiting("store", Retryable("Neo4j is starting"))
    assert health.standing == Standing(Status.WAITING, 103, "Neo4j is starting")
    health.returned("store")
    assert health.standing == Standing(Status.OK, 104)


def test_what_is_away_together_is_told_together_until_all_is_back() -> None:
    health = Health(Clock())
    health.started()
    health.waiting("bus", Retryable("no broker"))
    health.waiting("store", Retryable("no store"))
    assert health.standing == Standing(Status.WAITING, 103, "no store; no broker")
    health.returned("bus")
    assert health.standing == Standing(Status.WAITING, 104, "no store")


def test_a_worker_that_waits_before_it_began_is_starting_again_when_that_is_over() -> None:
    health = Health(Clock())
    health.waiting("bus", Retryable("no broker"))
    assert health.standing.status is Status.WAITING
    health.returned("bus")
    assert health.standing == Standing(Status.STARTING, 101)


def test_a_success_where_nothing_was_away_changes_nothing() -> None:
    health = Health(Clock())
    health.started()
    health.returned("store")
    assert health.standing == Standing(Status.OK, 102)


class Lives(RuleBasedStateMachine):
    """Any life of a worker, beside the simplest account of it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.health = Health(self.clock)
        self.began = Status.STARTING
        self.away: dict[Away, int] = {}

    @rule()
    def start(self) -> None:
        self.health.started()
        if self.began is Status.STARTING:
            self.began = Status.OK

    @rule(of=st.sampled_from(AWAY))
    def wait(self, of: Away) -> None:
        self.health.waiting(of, Retryable(f"{of} is away"))
        self.away.setdefault(of, self.clock.now)

    @rule(of=st.sampled_from(AWAY))
    def come_back(self, of: Away) -> None:
        self.health.returned(of)
        self.away.pop(of, None)

    @rule()
    def stop(self) -> None:
        self.health.stopping()
        self.began = Status.STOPPING

    @invariant()
    def stands_as_told(self) -> None:
        standing = self.health.standing
        if self.began is Status.STOPPING or not self.away:
            assert (standing.status, standing.reason) == (self.began, None)
        else:
            assert (standing.status, standing.since) == (Status.WAITING, min(self.away.values()))
            assert all(f"{of} is away" in (standing.reason or "") for of in self.away)
        assert standing.since <= self.clock.now


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
