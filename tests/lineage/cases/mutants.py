"""Casework that is broken on purpose, one thing at a time: each is a context in which the product is wrong in one way.

Whatever checks cases must fail in every one of them; `MUTANTS` says by which words.
"""

import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from lineage.cases import (
    carrying,
    casework,
    closing,
    deciding,
    folding,
    incidents,
    intake,
    planning,
    rows,
    transitions,
)
from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework, New
from lineage.cases.items import Item, items
from lineage.cases.orders import Order, Outcome
from lineage.cases.planning import Group
from lineage.cases.rows import OVER
from lineage.cases.subjects import Subject, name, subject_of

Mutant = Callable[[], Any]
A_DAY_TO_COME = "2099-12-31"


@contextmanager
def _instead(where: object, word: str, made: Callable[[Any], Any]) -> Iterator[None]:
    """Put something made of the real thing in its place."""
    with patch.object(where, word, made(getattr(where, word))):
        yield


def told_before_approval() -> Any:
    return _instead(
        carrying, "_is_due", lambda real: lambda case, *more: real(replace(case, approved=case.approved or 1), *more)
    )


def told_after_withdrawal() -> Any:
    def never(_real: Any) -> Any:
        return lambda _case, _task: False

    @contextmanager
    def all_three() -> Iterator[None]:
        withdrawn: Any = {"withdrawn": lambda case, entry: replace(case, state="withdrawn", closed=entry.at)}
        sent, due = _instead(carrying, "is_called_off", never), _instead(rows, "is_called_off", never)
        with patch.dict(folding._EFFECTS, withdrawn), sent, due:
            yield

    return all_three()


def a_2xx_is_taken_for_a_proof() -> Any:
    def made(real: Any) -> Any:
        def said(task: str, outcome: Outcome, now: int) -> dict[str, Any]:
            found: dict[str, Any] = real(task, outcome, now)
            return found | ({"state": "verified"} if outcome.state == "accepted" else {})

        return said

    return _instead(carrying, "_said", made)


def what_is_confirmed_by_nobody_is_verified_when_it_is_late() -> Any:
    def made(_real: Any) -> Any:
        def overdue(_work: Casework, case: Case) -> list[New]:
            late = [each for each in case.tasks.values() if each.state == "sent" and case.approved is not None]
            return [New("task", "jalki", {"task": each.id, "state": "verified", "how": "read-back"}) for each in late]

        return overdue

    return _instead(closing, "_overdue", made)


def holds_are_ignored() -> Any:
    def made(_real: Any) -> Any:
        def without(*given: Any, **more: Any) -> tuple[Item, ...]:
            return tuple(
                replace(each, decision="erase", until=None) if each.decision == "hold" else each
                for each in items(*given, **more)
            )

        return without

    return _instead(deciding, "items", made)


def refusals_are_ignored() -> Any:
    def made(_real: Any) -> Any:
        def without(*given: Any, **more: Any) -> tuple[Item, ...]:
            return items(*given, **{**more, "refusals": ()})

        return without

    return _instead(deciding, "items", made)


def a_hold_spreads_to_its_siblings() -> Any:
    def made(_real: Any) -> Any:
        def spread(*given: Any, **more: Any) -> tuple[Item, ...]:
            found = items(*given, **more)
            held = any(each.decision == "hold" for each in found)
            return tuple(
                replace(each, decision="hold", until=A_DAY_TO_COME) if held and each.decision == "erase" else each
                for each in found
            )

        return spread

    return _instead(deciding, "items", made)


def what_is_held_goes_at_once() -> Any:
    def made(real: Any) -> Any:
        def due(case: Case, task: Task, now: int) -> bool:
            return case.approved is not None if task.state == "held" else real(case, task, now)

        return due

    return _instead(carrying, "_is_due", made)


def what_is_held_never_goes() -> Any:
    return _instead(
        carrying, "_is_due", lambda real: lambda case, task, now: task.state != "held" and real(case, task, now)
    )


def one_identifier_gets_no_tombstone() -> Any:
    return _instead(closing, "Tombstone", lambda real: lambda _key, before, case: real(bytes(16), before, case))


def tombstones_come_after_forgetting() -> Any:
    def made(real: Any) -> Any:
        def forget(work: Casework, case: Case) -> Case:
            if case.entombed is not None and case.forgotten is None:
                chain = work.journal.entries(case.id)
                buried = next(each for each in reversed(chain) if each.kind == "entombed")
                work.graph.forget([bytes.fromhex(key) for key in buried.said["keys"]], case.entombed, (), None)
            after: Case = real(work, case)
            return after

        return forget

    return _instead(closing, "_forget", made)


def what_the_law_keeps_is_forgotten_too() -> Any:
    return _instead(closing, "held_of", lambda _real: lambda _work, _case: {})


def a_late_answer_opens_the_case_again() -> Any:
    def made(real: Any) -> Any:
        def settle(work: Casework, id_: str, *more: Any, **named: Any) -> Case:
            case = real(work, id_, *more, **named)
            return work.add(case, New("reopened", "jalki", {"for": "an answer"})) if case.state in OVER else case

        return settle

    return _instead(carrying, "settle", made)


def somebody_unverified_stands_in_the_way() -> Any:
    def made(_real: Any) -> Any:
        def twin(work: Casework, case: Case, _members: object) -> str | None:
            found = [
                each
                for each in work.journal.cases_of(case.subjects)
                if each.case != case.id and each.right == case.right
            ]
            return next((each.case for each in found if each.state not in OVER), None)

        return twin

    return _instead(intake, "_verified_twin", made)


def each_attempt_has_a_key_of_its_own() -> Any:
    def made(real: Any) -> Any:
        def order_of(work: Casework, case: Case, task: Task) -> Order:
            order: Order = real(work, case, task)
            return replace(order, key=f"{order.key}-{order.attempt}")

        return order_of

    return _instead(carrying, "order_of", made)


def a_case_is_closed_while_tasks_are_overdue() -> Any:
    return _instead(closing, "OPEN", lambda real: real - {"overdue", "failed"})


def a_shared_identifier_is_acted_on() -> Any:
    def made(_real: Any) -> Any:
        def hers(graph: Any, named: Sequence[bytes]) -> Subject:
            subject = subject_of(graph, named)
            return replace(subject, members={**subject.members, **graph.kinds(subject.undecided)})

        return hers

    @contextmanager
    def both() -> Iterator[None]:
        with _instead(closing, "subject_of", made), _instead(deciding, "subject_of", made):
            yield

    return both()


def a_party_is_told_all_her_identifiers() -> Any:
    def made(real: Any) -> Any:
        def payload(asked: Any, group: Group, found: Any, seen: Any) -> dict[str, Any]:
            everything = sorted({pair for each in seen for pair in each.identifiers})
            return {**real(asked, group, found, seen), "identifiers": everything}

        return payload

    return _instead(planning, "_payload", made)


def the_key_of_the_case_goes_with_hers() -> Any:
    def made(real: Any) -> Any:
        def forget(work: Casework, case: Case) -> Case:
            after: Case = real(work, case)
            if after.keys_destroyed is not None:
                work.keyring.destroy([name(case.id, case.generation)])
            return after

        return forget

    return _instead(closing, "_forget", made)


def what_came_since_the_plan_is_not_planned_for() -> Any:
    return _instead(closing, "_rest", lambda _real: lambda _work, _case: [])


def what_came_late_is_told_to_nobody() -> Any:
    return _instead(incidents.CaseIncidents, "_entries", lambda _real: lambda _self, _case, _late: [])


def a_party_that_got_nothing_is_told() -> Any:
    def made(_real: Any) -> Any:
        def more(*given: Any, **named: Any) -> tuple[Item, ...]:
            found = items(*given, **named)
            return (*found, *(replace(each, party="meta") for each in found[:1]))

        return more

    return _instead(deciding, "items", made)


def any_code_is_right() -> Any:
    return _instead(hmac, "compare_digest", lambda _real: lambda _one, _other: True)


def any_state_may_follow_any() -> Any:
    @contextmanager
    def both() -> Iterator[None]:
        every = {state: frozenset(transitions.NEXT) for state in transitions.NEXT}
        with _instead(carrying, "may_become", lambda _real: lambda now, then: then in every[now]):
            yield

    return both()


def a_claim_is_not_kept() -> Any:
    def made(real: Any) -> Any:
        def task_rows(case: Case, before: Case | None) -> Any:
            return [] if case.last.kind == "claimed" else real(case, before)

        return task_rows

    return _instead(casework, "task_rows", made)


MUTANTS: dict[Mutant, str] = {
    told_before_approval: "before approval|before anybody approved",
    told_after_withdrawal: "told after it was over|folding says otherwise|claimed in a closed case",
    a_2xx_is_taken_for_a_proof: "verified by no proof",
    what_is_confirmed_by_nobody_is_verified_when_it_is_late: "more is claimed than was shown",
    holds_are_ignored: "a voucher goes before its day",
    refusals_are_ignored: "what is refused is done",
    a_hold_spreads_to_its_siblings: "no law keeps a newsletter",
    what_is_held_goes_at_once: "goes before its day",
    what_is_held_never_goes: "for ever|again and again",
    one_identifier_gets_no_tombstone: "who may be recorded again",
    tombstones_come_after_forgetting: "who may be recorded again",
    what_the_law_keeps_is_forgotten_too: "what the law keeps is not kept",
    a_late_answer_opens_the_case_again: "reopened though|in a closed case|came too late",
    somebody_unverified_stands_in_the_way: "unverified stands in the way",
    each_attempt_has_a_key_of_its_own: "another key for another attempt",
    a_case_is_closed_while_tasks_are_overdue: "closed while",
    a_shared_identifier_is_acted_on: "nobody asked for it|did not get|may be recorded again",
    a_party_is_told_all_her_identifiers: "an identifier that it did not get",
    the_key_of_the_case_goes_with_hers: "went before its tasks were done",
    what_came_since_the_plan_is_not_planned_for: "is not asked",
    what_came_late_is_told_to_nobody: "is not asked",
    a_party_that_got_nothing_is_told: "a party that got nothing",
    any_code_is_right: "counts otherwise",
    any_state_may_follow_any: " became ",
    a_claim_is_not_kept: "rows of tasks|due again and again",
}
"""Each with the words by which the machine must find it."""
