"""What every connector must do where nothing goes wrong: tell its party once, and claim no more than was shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import unquote

from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Action
from lineage.errors import Refused
from tests.contracts.connector import (
    CLAIMED,
    CLAIMS_NOTHING,
    CLEAN_ADDRESSES,
    KEYS_OF_ORDERS,
    PROVED,
    Call,
    Carried,
    Fault,
    Promise,
    Stage,
    attempt,
    carry,
)

Check = Callable[[Promise, Stage], Awaitable[None]]
LONG = 5 * 86_400.0
"""Seconds after which whatever was taken on has been done at each of the parties."""


async def to_its_end(promise: Promise, stage: Stage, order: Order, *, doubled: bool = False) -> Carried:
    """Carry out an order, and look at each outcome when it comes: nothing is verified that is not so."""
    action = order.action

    def enough(outcome: Outcome) -> bool:
        if outcome.state in {"verified", "not_held"}:
            assert stage.is_done(action), f"{action}: {outcome.state} ({outcome.how}), and it is not done"
        return outcome.state == promise.most[action] and stage.is_done(action)

    run = await carry(stage, order, doubled=doubled, enough=enough)
    claims_no_more(promise, stage, run)
    return run


def claims_no_more(promise: Promise, stage: Stage, run: Carried) -> None:
    """No outcome claims more than is promised, and that is no more than the descriptor says; nothing of her is in any."""
    most = CLAIMED[promise.most[run.order.action]]
    meaning = stage.descriptor.means_for(run.order.action) if stage.descriptor else None
    # Where a letter says the rest, the descriptor tells what that comes to, and not the calls.
    assert meaning is None or meaning.by != "channel" or most <= PROVED[meaning.proof]
    for each in run.outcomes:
        assert each.state in CLAIMS_NOTHING | {"not_held"} or CLAIMED[each.state] <= most, f"{run}"
        assert each.state != "promised" or each.by
    for came in run.trail:
        shown = repr(replace(came, evidence=b"")) if isinstance(came, Outcome) else f"{came}"
        hidden = stage.secrets if isinstance(came, Outcome) else (*stage.secrets, run.order.key)
        assert not [secret for secret in hidden if secret.lower() in unquote(shown).lower()]


def came_to_its_end(promise: Promise, stage: Stage, run: Carried) -> None:
    """It is done, and as much is said as may be."""
    action = run.order.action
    assert run.over, f"{action}: {run}"
    assert run.last.state in {promise.most[action], "not_held"}, f"{action}: {run}"
    stage.passes(LONG)
    assert stage.is_done(action), f"{action}: {run}"


def count(stage: Stage) -> int:
    """Return how much the party was told; where it cannot tell orders apart, nothing."""
    return len(stage.told() or ())


async def what_is_asked_is_done_and_no_more_is_said_than_was_shown(promise: Promise, stage: Stage) -> None:
    assert (stage.told() is None) == (KEYS_OF_ORDERS in promise.never)
    named = False
    for action in promise.most:
        order = stage.order(action)
        others, told = stage.others(), count(stage)
        run = await to_its_end(promise, stage, order)
        assert run.last.state == promise.most[action], f"{action}: {run}"
        came_to_its_end(promise, stage, run)
        assert stage.others() == others, action
        assert stage.told() is None or count(stage) == told + 1, action
    for each in stage.addresses():
        assert not [key for key in stage.keys if key in unquote(each)]
        named = named or bool([secret for secret in stage.secrets if secret.lower() in unquote(each).lower()])
    assert named == (CLEAN_ADDRESSES in promise.never)


async def an_attempt_whose_outcome_was_lost_is_made_again_without_harm(promise: Promise, stage: Stage) -> None:
    for action in promise.most:
        order = stage.order(action)
        others, told = stage.others(), count(stage)
        run = await to_its_end(promise, stage, order, doubled=True)
        came_to_its_end(promise, stage, run)
        assert stage.others() == others, action
        assert stage.told() is None or count(stage) == told + 1, action


async def another_order_is_another_to_the_party_and_what_is_done_already_is_said_again(
    promise: Promise, stage: Stage
) -> None:
    for action in promise.most:
        told = count(stage)
        for _ in range(2):
            came_to_its_end(promise, stage, await to_its_end(promise, stage, stage.order(action)))
        assert stage.told() is None or count(stage) == told + 2, action


async def asking_changes_nothing(promise: Promise, stage: Stage) -> None:
    for action in promise.most:
        run = await to_its_end(promise, stage, stage.order(action))
        before = stage.held()
        for _ in range(2):
            asked = await attempt(stage, replace(run.order, attempt=2), "accepted")
            run.trail.append(asked)
            assert stage.held() == before, action
        claims_no_more(promise, stage, run)


async def what_there_are_no_words_for_is_refused_or_given_to_a_person(promise: Promise, stage: Stage) -> None:
    order = replace(stage.order(next(iter(promise.most))), action="send")
    before = stage.held()
    came = await attempt(stage, order, "queued")
    assert came.state == "manual" if isinstance(came, Outcome) else isinstance(came, Refused)
    assert stage.held() == before


_CALLS: dict[tuple[str, Action], tuple[Call, ...]] = {}


async def calls_of(promise: Promise, stage: Stage, action: Action) -> tuple[Call, ...]:
    """Return the operations that an action calls: it is done once to see them, and what was seen holds for other stages."""
    if (promise.name, action) not in _CALLS:
        stage.called()
        await to_its_end(promise, stage, stage.order(action))
        _CALLS[promise.name, action] = tuple(stage.called())
    return _CALLS[promise.name, action]


async def what_is_said_never_to_be_is_all_that_is_left_out(promise: Promise, stage: Stage) -> None:
    calls = [each for action in promise.most for each in await calls_of(promise, stage, action)]
    left_out = {fault for fault in Fault if not any(stage.can(fault, each) for each in calls)}
    assert left_out == promise.never.keys() - {KEYS_OF_ORDERS, CLEAN_ADDRESSES}
    assert all(reason.endswith(".") for reason in promise.never.values())


CHECKS: tuple[Check, ...] = (
    what_is_asked_is_done_and_no_more_is_said_than_was_shown,
    an_attempt_whose_outcome_was_lost_is_made_again_without_harm,
    another_order_is_another_to_the_party_and_what_is_done_already_is_said_again,
    asking_changes_nothing,
    what_there_are_no_words_for_is_refused_or_given_to_a_person,
    what_is_said_never_to_be_is_all_that_is_left_out,
)
