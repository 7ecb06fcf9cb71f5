"""What every connector to a vendor's own interface must do, against the vendor of the sandbox, with its faults.

A `Stage` is one vendor and what is needed to tell it. It is independent of any vendor: a test module makes a stage, and runs
each of `CHECKS` and each of `fault_checks(...)` on a stage of its own, as `tests/connectors/vendors/sendgrid/` does.
Each attempt is made by a connector of its own, as after a restart: what is known from before is the handle alone.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from connectors.descriptor import Descriptor, Proof
from connectors.protocol import Connector
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Action
from lineage.errors import JalkiError, Misconfigured, Retryable

ATTEMPTS = 30
LEAST_PAUSE = 1.0
CLAIMED: dict[str, frozenset[str]] = {
    "verified": frozenset({"verified", "not_held", "promised", "accepted"}),
    "promised": frozenset({"promised", "accepted"}),
    "accepted": frozenset({"accepted"}),
    "answered": frozenset({"accepted", "promised", "declined"}),
    "none": frozenset(),
}
"""By what can be proved at most: the states that claim something. The others claim nothing."""
CLAIMS_NOTHING = frozenset({"sent", "manual", "failed", "partial", "declined"})
DONE = frozenset({"verified", "promised", "accepted"})
"""In these a task has come as far as it can, where nothing went wrong."""
PASSING = (Kind.BUSY, Kind.BUSY_SILENT, Kind.BROKEN, Kind.BROKEN_AFTER, Kind.AWAY, Kind.LOST, Kind.DROPPED)
PASSING += (Kind.LOST_AFTER, Kind.DROPPED_AFTER, Kind.CUT)
"""Faults after which the same is tried again, and works."""
DONE_ALL_THE_SAME = frozenset({Kind.BROKEN_AFTER, Kind.LOST_AFTER, Kind.DROPPED_AFTER, Kind.CUT})
"""Of these: the vendor has done it, so that a later call may not be needed any more."""
OWN = (Kind.LIE, Kind.ERROR_INSIDE, Kind.PARTIAL)
"""Faults in which the vendor says something else than it has done."""


class Stage(Protocol):
    """A vendor of the sandbox, how it is told, and an order about a person it holds something of."""

    hosted: Hosted
    descriptor: Descriptor
    """Its `limits.timeout` should be about a second: what is lost is waited for so long."""
    actions: Sequence[Action]
    """What the connector can have done."""
    secrets: Sequence[str]
    """What the orders say of her: none of it may be seen in clear."""

    def connector(self) -> Connector:
        """Return a new connector, which knows of nothing before."""
        ...

    def order(self, action: Action) -> Order:
        """Return an order about her, with a key of its own; the vendor holds (again) what it is about."""
        ...

    def is_done(self, action: Action) -> bool:
        """Tell whether the vendor has done what such an order asks for, by what it holds."""
        ...

    def bystanders(self) -> object:
        """Return what it holds of others: it must not change."""
        ...


@dataclass
class Carried:
    """An order on its way: what came of each attempt, an outcome or an error."""

    order: Order
    trail: list[Outcome | JalkiError] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        """Return the outcomes alone."""
        return [each for each in self.trail if isinstance(each, Outcome)]

    @property
    def last(self) -> Outcome:
        """Return what it came to."""
        assert self.outcomes, [f"{each}" for each in self.trail]
        return self.outcomes[-1]


async def attempt(stage: Stage, order: Order, state: str) -> Outcome | JalkiError:
    """Tell or ask once, by a new connector, as the dispatch does."""
    connector = stage.connector()
    try:
        return await (connector.ask(order) if state in {"accepted", "promised"} else connector.send(order))
    except JalkiError as fault:
        return fault
    finally:
        await connector.close()


async def carried(stage: Stage, action: Action, *, doubled: bool = False) -> Carried:
    """Tell and ask until nothing more is to be asked. `doubled`: of each attempt the first outcome is lost."""
    run, state = Carried(stage.order(action)), "queued"
    for number in range(1, ATTEMPTS + 1):
        order = replace(run.order, attempt=number)
        came = await attempt(stage, order, state)
        if doubled:
            came = await attempt(stage, replace(order, attempt=number + 1), state)
        run.trail.append(came)
        if isinstance(came, Misconfigured) or (isinstance(came, JalkiError) and not isinstance(came, Retryable)):
            return run
        if isinstance(came, Outcome):
            state = came.state
            run.order = replace(run.order, handle=came.handle or run.order.handle)
            if came.ask_again_in is None:
                return run
        stage.hosted.clock.forward(int(1_000_000 * max(_pause(came), LEAST_PAUSE)))
    raise AssertionError(f"{action} did not come to an end in {ATTEMPTS} attempts: {_told(run)}")


def _pause(came: Outcome | JalkiError) -> float:
    if isinstance(came, Outcome):
        return came.ask_again_in or 0.0
    return came.seconds if isinstance(came, Later) else 60.0


def _told(run: Carried) -> list[str]:
    return [each.state if isinstance(each, Outcome) else type(each).__name__ for each in run.trail]


def claims_no_more(stage: Stage, run: Carried) -> None:
    """No outcome claims more than the descriptor says can be proved; nothing of her is in any, or in an error."""
    meaning = stage.descriptor.means_for(run.order.action)
    proof: Proof = meaning.proof if meaning is not None else "none"
    for each in run.outcomes:
        assert each.state in CLAIMED[proof] | CLAIMS_NOTHING, (each.state, proof)
        if each.state == "promised":
            assert each.by
    for came in run.trail:
        shown = repr(replace(came, evidence=b"")) if isinstance(came, Outcome) else f"{came}"
        assert not [secret for secret in stage.secrets if secret.lower() in shown.lower()]


Check = Callable[[Stage], Awaitable[None]]


async def what_is_asked_is_done_and_no_more_is_said_than_is_proved(stage: Stage) -> None:
    for action in stage.actions:
        stage.order(action)
        before = stage.bystanders()
        run = await carried(stage, action)
        assert run.last.state in DONE, (action, _told(run), run.last.how, run.last.ground)
        assert stage.is_done(action), action
        assert stage.bystanders() == before, action
        claims_no_more(stage, run)


async def an_attempt_whose_outcome_was_lost_is_made_again_without_harm(stage: Stage) -> None:
    for action in stage.actions:
        stage.order(action)
        before = stage.bystanders()
        run = await carried(stage, action, doubled=True)
        assert run.last.state in DONE, (action, _told(run), run.last.how)
        assert stage.is_done(action), action
        assert stage.bystanders() == before, action
        claims_no_more(stage, run)


async def what_is_done_already_is_said_again(stage: Stage) -> None:
    for action in stage.actions:
        first = await carried(stage, action)
        again = await carried(stage, action)
        assert again.last.state in DONE | {"not_held"}, (action, _told(again), again.last.how)
        assert stage.is_done(action), (action, _told(first))


async def wrong_credentials_are_our_own_fault_and_told_as_such(stage: Stage) -> None:
    for action in stage.actions:
        stage.hosted.fault(Kind.EXPIRED, calls=100)
        run = await carried(stage, action)
        assert isinstance(run.trail[-1], Misconfigured), (action, _told(run))
        claims_no_more(stage, run)
        stage.hosted.well()


async def a_party_that_is_busy_is_left_alone_as_long_as_it_says(stage: Stage) -> None:
    for action in stage.actions:
        stage.hosted.fault(Kind.BUSY, seconds=40)
        (came, *_) = (await carried(stage, action)).trail
        limited = any(each.limits for each in stage.hosted.vendor.operations)
        assert isinstance(came, Later) or not limited, (action, came)
        assert not isinstance(came, Later) or 30 <= came.seconds <= 60, action
        stage.hosted.well()


async def an_action_that_there_is_no_word_for_is_given_to_a_person(stage: Stage) -> None:
    order = replace(stage.order(stage.actions[0]), action="send")
    before, held = stage.bystanders(), stage.hosted.held()
    came = await attempt(stage, order, "queued")
    assert came.state == "manual" if isinstance(came, Outcome) else not isinstance(came, Retryable)
    assert (stage.bystanders(), stage.hosted.held()) == (before, held)


CHECKS: tuple[Check, ...] = (
    what_is_asked_is_done_and_no_more_is_said_than_is_proved,
    an_attempt_whose_outcome_was_lost_is_made_again_without_harm,
    what_is_done_already_is_said_again,
    wrong_credentials_are_our_own_fault_and_told_as_such,
    a_party_that_is_busy_is_left_alone_as_long_as_it_says,
    an_action_that_there_is_no_word_for_is_given_to_a_person,
)


def fault_checks(actions: Iterable[Action]) -> list[Check]:
    """Return a check of each fault for each action."""
    wanted = list(actions)
    passing = [_passing_check(kind, action) for kind in PASSING for action in wanted]
    return passing + [_own_check(kind, action) for kind in OWN for action in wanted]


async def _called(stage: Stage, action: Action) -> list[tuple[str, str]]:
    """Return the calls that an action makes where nothing goes wrong; the vendor holds something of her again."""
    stage.hosted.count_anew()
    await carried(stage, action)
    called = [call for call, count in stage.hosted.counts.items() if count]
    stage.order(action)
    return called


def _passing_check(kind: Kind, action: Action) -> Check:
    """The first call of each operation goes wrong, so that each step is made again; in the end it is done all the same."""

    async def check(stage: Stage) -> None:
        called = await _called(stage, action)
        before = stage.bystanders()
        for method, path in called:
            stage.hosted.fault(kind, path, method=method)
        run = await carried(stage, action)
        left = len(stage.hosted.waiting[0])
        assert left == 0 or (kind in DONE_ALL_THE_SAME and left < len(called)), "faults happen"
        assert len(run.outcomes) < len(run.trail), "and are told"
        claims_no_more(stage, run)
        assert stage.bystanders() == before
        assert run.last.state in DONE, (_told(run), run.last.how, run.last.ground)
        assert stage.is_done(action), _told(run)

    check.__name__ = f"{action}_is_done_though_each_of_its_calls_was_{kind.value.replace('-', '_')}_once"
    return check


def _own_check(kind: Kind, action: Action) -> Check:
    """One operation says something else than was done: nothing is claimed by it, and nobody else is touched."""

    async def check(stage: Stage) -> None:
        for method, path in await _called(stage, action):
            stage.order(action)
            before = stage.bystanders()
            try:
                stage.hosted.fault(kind, path, method=method)
            except ValueError:  # the vendor can have no such fault there
                continue
            run = await carried(stage, action)
            stage.hosted.well()
            claims_no_more(stage, run)
            assert stage.bystanders() == before, (method, path)
            if run.last.state == "verified":
                assert stage.is_done(action), (method, path)

    check.__name__ = f"{action}_claims_nothing_by_an_answer_that_is_{kind.value.replace('-', '_')}"
    return check
