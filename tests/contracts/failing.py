"""What every connector must do when its party fails: say what must be done, then go on to the same end, and harm nobody."""

import time
from collections.abc import Mapping, Sequence

from connectors.waiting import Later
from lineage.cases.words import Action
from lineage.errors import JalkiError, Misconfigured, Retryable
from tests.contracts.connector import CLAIMS_NOTHING, PATIENCE, Call, Carried, Fault, Promise, Stage, carry
from tests.contracts.telling import Check, calls_of, came_to_its_end, claims_no_more, count, to_its_end

PASSING: Mapping[str, tuple[Fault, ...]] = {
    "that_is_busy_with_or_without_saying_how_long": (Fault.BUSY, Fault.BUSY_SILENT),
    "that_breaks_before_or_after_the_effect_or_is_away": (Fault.BROKEN, Fault.BROKEN_AFTER, Fault.AWAY),
    "that_gives_no_answer_in_time_before_or_after_the_effect": (Fault.LOST, Fault.LOST_AFTER),
    "that_drops_the_connection_or_half_the_answer": (Fault.DROPPED, Fault.DROPPED_AFTER, Fault.CUT),
}
OWN = (Fault.LIE, Fault.ERROR_INSIDE, Fault.PARTIAL)
"""In these it says something else than it has done."""


async def _passes(promise: Promise, stage: Stage, fault: Fault, action: Action) -> None:
    """The first call of each operation goes wrong, so that each step is made again."""
    calls = await calls_of(promise, stage, action)
    order = stage.order(action)
    others, told, began = stage.others(), count(stage), time.monotonic()
    stage.fail(fault, calls)
    run = await to_its_end(promise, stage, order)
    assert time.monotonic() - began < PATIENCE * len(run.trail)
    assert run.errors, f"{fault} happens, and is told: {run}"
    assert all(isinstance(each, Retryable) for each in run.errors), f"{fault}: {run}"
    if fault is Fault.BUSY:
        assert isinstance(run.errors[0], Later), f"{run}"
        assert abs(run.errors[0].seconds - stage.waits) <= 1, f"{run}"
    stage.fail(None)
    came_to_its_end(promise, stage, run)
    assert stage.others() == others, (fault, action)
    assert stage.told() is None or count(stage) == told + 1, (fault, action)


def after(name: str, faults: Sequence[Fault]) -> Check:
    """Return the check of faults that pass."""

    async def check(promise: Promise, stage: Stage) -> None:
        for fault in [each for each in faults if each not in promise.never]:
            for action in promise.different:
                await _passes(promise, stage, fault, action)

    check.__name__ = f"a_party_{name}_is_told_once_when_that_has_passed"
    return check


async def _told_wrongly(promise: Promise, stage: Stage, fault: Fault, action: Action, call: Call) -> None:
    order = stage.order(action)
    others = stage.others()
    stage.fail(fault, [call])
    run = await carry(stage, order)
    stage.fail(None)
    claims_no_more(promise, stage, run)
    assert stage.others() == others, (fault, call)
    if run.outcomes and run.last.state in {"verified", "not_held"}:
        assert stage.is_done(action), f"{fault} {call}: {run}"


async def an_answer_that_is_not_so_proves_nothing(promise: Promise, stage: Stage) -> None:
    """A lie, an error inside a success, a part done: of each operation in turn."""
    for action in promise.different:
        for call in await calls_of(promise, stage, action):
            for fault in [each for each in OWN if each not in promise.never and stage.can(each, call)]:
                await _told_wrongly(promise, stage, fault, action, call)


async def _ends(promise: Promise, stage: Stage, fault: Fault, action: Action) -> Carried:
    calls = await calls_of(promise, stage, action)
    order = stage.order(action)
    others, told = stage.others(), count(stage)
    stage.fail(fault, calls)
    run = await carry(stage, order)
    claims_no_more(promise, stage, run)
    assert (count(stage), stage.others()) == (told, others), (fault, action)
    stage.fail(None)
    return run


async def credentials_that_have_expired_are_our_own_fault_and_told_as_such(promise: Promise, stage: Stage) -> None:
    for action in promise.different:
        run = await _ends(promise, stage, Fault.EXPIRED, action)
        assert isinstance(run.trail[-1], Misconfigured), f"{run}"
        came_to_its_end(promise, stage, await to_its_end(promise, stage, stage.order(action)))


async def what_the_party_never_takes_is_left_to_a_person(promise: Promise, stage: Stage) -> None:
    for action in promise.different:
        run = await _ends(promise, stage, Fault.REFUSED, action)
        last = run.trail[-1]
        assert not isinstance(last, Retryable) if isinstance(last, JalkiError) else last.state in CLAIMS_NOTHING, (
            f"{run}"
        )


CHECKS: tuple[tuple[Check, tuple[Fault, ...]], ...] = (
    *((after(name, faults), faults) for name, faults in PASSING.items()),
    (an_answer_that_is_not_so_proves_nothing, OWN),
    (credentials_that_have_expired_are_our_own_fault_and_told_as_such, (Fault.EXPIRED,)),
    (what_the_party_never_takes_is_left_to_a_person, (Fault.REFUSED,)),
)
"""Checks, each with the faults it is about: it says nothing of a channel that has none of them."""
