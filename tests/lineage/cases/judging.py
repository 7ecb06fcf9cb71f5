"""What must hold of every case at every moment, read off its raw entries and not off what the product makes of them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lineage.cases.case import Case
from lineage.cases.entries import Entry, Said, check_chain
from lineage.cases.folding import folded
from lineage.cases.orders import Order
from lineage.cases.rows import OVER, row_of, task_rows
from lineage.cases.transitions import NEXT, OPEN
from lineage.cases.words import TaskState
from lineage.clocks import day_of
from lineage.graph import NOW
from tests.lineage.cases.town import NEIGHBOURS, Town

FAR = 2**62
PROOFS = frozenset({"signed-answer", "read-back", "confirmed-link", "staff-evidence"})
HOLDS_YEARS = 6


_AFTER_THE_END = frozenset(
    {"noted", "incident", "reopened", "lifted", "task", "handed", "telling", "told", "shredded", "unfiled"}
)


@dataclass(slots=True)
class _Story:
    """A case told by its entries, one after the other; each is a step that may be taken."""

    states: dict[str, TaskState] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    approved: bool = False
    closed: bool = False

    def take(self, each: Entry) -> None:
        assert not self.closed or each.kind in _AFTER_THE_END, f"{each.kind} in a closed case"
        told = {
            "planned": self._planned,
            "claimed": self._claimed,
            "task": self._task,
            "withdrawn": self._withdrawn,
            "closed": self._closed,
        }.get(each.kind)
        if told is not None:
            told(each.said)
        self.approved = self.approved or each.kind == "approved"
        self.closed = each.kind == "closed" or (self.closed and each.kind != "reopened")

    def _planned(self, said: Said) -> None:
        if not self.approved:
            self.states, self.claimed = {}, set()
        for task in said["tasks"]:
            begun: TaskState = "held" if "until" in task else "promised" if "promised" in task else "queued"
            self.states.setdefault(task["task"], begun)

    def _claimed(self, said: Said) -> None:
        assert self.approved, "an attempt before approval"
        self.claimed.add(said["task"])

    def _task(self, said: Said) -> None:
        now, then = self.states[said["task"]], said["state"]
        assert then in NEXT[now], f"{now} became {then}"
        assert then != "verified" or now == "verified" or said["how"] in PROOFS, "verified by no proof"
        self.states[said["task"]] = then
        self.claimed.discard(said["task"])

    def _withdrawn(self, _said: Said) -> None:
        for task, state in self.states.items():
            if state in {"held", "queued", "manual"} and task not in self.claimed:
                self.states[task] = "cancelled"

    def _closed(self, _said: Said) -> None:
        left = [task for task, state in self.states.items() if state in OPEN | {"held"}]
        assert not left, f"closed while {len(left)} tasks are open"


def states_of(chain: Sequence[Entry]) -> Mapping[str, TaskState]:
    """Return the state of each task, and make sure on the way that each step was one that may be taken."""
    story = _Story()
    for number, each in enumerate(chain):
        story.take(each)
        if each.kind == "reopened":
            around = {other.kind for other in chain[max(0, number - 1) : number + 2]}
            assert around & {"incident", "lifted"}, "reopened though nothing came back and nothing was lifted"
    return story.states


def judge_chain(town: Town, case: str) -> None:
    """A chain is whole, is folded to the same every time, takes only steps that may be taken, and its rows say what it says."""
    chain = town.journal.entries(case)
    check_chain(chain)
    found = folded(chain)
    assert found == folded(chain), "folded twice, two cases"
    states = states_of(chain)
    assert {each.id: each.state for each in found.tasks.values()} == states, "folding says otherwise than the entries"
    (row,) = [each for each in town.journal.cases() if each.case == case]
    assert row == row_of(found), "the row says otherwise than the entries"
    rows = {each for each in task_rows(found, None) if each.look_at is not None}
    kept = {
        each
        for party in town.journal.parties_due(FAR)
        for each in town.journal.due_tasks(party, FAR, FAR)
        if each.case == case
    }
    assert kept == rows, "rows of tasks say otherwise than the entries"
    _judge_files(town, found, chain)
    _judge_states(town, chain)
    _judge_parties(town, chain)
    assert found.shredded is None or found.state in OVER, "shredded before it was over"
    # Else nobody is asked any more, though an answer may come late.
    if found.shredded is None and found.state != "closed":
        _judge_payloads(town, case, states)
    if found.forgotten is not None:
        _judge_kept(town, case, states)


def _judge_files(town: Town, case: Case, chain: Sequence[Entry]) -> None:
    """What is there can be read, and is what was given; what is gone cannot, whoever has the entry."""
    filed = {each.said["file"]: each for each in chain if each.kind == "filed"}
    assert [each.number for each in case.files] == sorted(filed), "folding says of other files than the entries"
    decided = [each.number for each in chain if each.kind in {"approved", "refused", "withdrawn"}]
    for each in case.files:
        personal = town.work.personal(filed[each.number])
        if each.gone is not None:
            assert personal is None, "a file that is gone can be read"
        elif personal is not None:  # its key may have gone before the entry that says so
            assert len(base64.b64decode(personal["content"])) == each.size
        if each.shows == "identity":
            assert not [number for number in decided if number < filed[each.number].number], (
                "filed though it was decided"
            )


def _judge_states(town: Town, chain: Sequence[Entry]) -> None:
    for each in chain:
        if each.kind == "task" and each.said["state"] == "verified" and not each.said.get("failed"):
            said = (each.said["task"], "verified", each.said["how"])
            assert said in town.answered, "more is claimed than was shown"
        if each.kind == "duplicate":
            first = [other for other in town.journal.entries(each.said["of"]) if other.at <= each.at]
            # A doubt that is recorded takes the proof of the channel back.
            shown = first[0].said["verified"]
            for other in first:
                shown = {"doubted": False, "proved": True, "approved": True}.get(other.kind, shown)
            assert shown, "a case of somebody unverified stands in the way"


def _judge_parties(town: Town, chain: Sequence[Entry]) -> None:
    """Nobody has a task but who really got something of hers, or is declared to have copies of it (Art. 19, C-154/21)."""
    reached = {each.target for each in town.hers()}
    while more := {each.target for each in town.register.declared.copies if each.source in reached} - reached:
        reached |= more
    for each in chain:
        if each.kind == "planned":
            tasks = each.said["tasks"]
            assert {task["party"] for task in tasks} <= reached, "a party that got nothing has a task"
            assert not [task for task in tasks if task["party"] == "sendgrid" and task.get("until")], (
                "no law keeps a newsletter"
            )


def _judge_payloads(town: Town, case: str, states: Mapping[str, TaskState]) -> None:
    """What an open task would tell its party can still be read; but for tasks from before a closing that was taken back."""
    chain = town.journal.entries(case)
    wanted = {task for task, state in states.items() if state in OPEN | {"held"}}
    for each in chain[_closed_at(chain) :]:
        if each.kind == "planned" and wanted & {task["task"] for task in each.said["tasks"]}:
            assert town.work.personal(each) is not None, "the key of a case went before its tasks were done"


def _closed_at(chain: Sequence[Entry]) -> int:
    """Return the number of the last closing, with which the case's key went; 0 where there was none."""
    return max((each.number for each in chain if each.kind == "closed"), default=0)


def _judge_kept(town: Town, case: str, states: Mapping[str, TaskState]) -> None:
    """What the law keeps is kept: the facts of every task that is still held stand in the record.

    But for what came late: that was never recorded.
    """
    late = {(each.said["event"], each.said["part"]) for each in town.journal.entries(case) if each.kind == "incident"}
    there = late | {(each.event.hex(), each.part) for each in town.plain.every_disclosure(None)}
    chain = town.journal.entries(case)
    for each in chain:
        if each.kind == "planned":
            waiting = {
                _kept_until(chain, each, task) for task in each.said["tasks"] if states.get(task["task"]) == "held"
            }
            held = (town.work.personal(each) or {}).get("held", {})
            kept = {(event, part) for until in waiting & held.keys() for event, part in held[until]}
            assert kept <= there, "what the law keeps is not kept"


def _kept_until(chain: Sequence[Entry], plan: Entry, task: Mapping[str, Any]) -> str | None:
    """Return under which day a plan names what a task keeps: what orders alone keep goes when one is released."""
    until: str | None = task.get("until")
    return until if until != "" or (day := _ordered(chain, plan, task)) == "9999" else day


def judge_telling(town: Town, order: Order) -> None:
    """What a party is told now it may be told now, and nothing that it did not get."""
    chain = town.journal.entries(order.case)
    kinds = {each.kind for each in chain}
    assert "approved" in kinds, "told before anybody approved"
    assert not kinds & {"withdrawn", "refused", "duplicate"}, "told after it was over"
    assert states_of(chain)[order.task] not in {"verified", "not_held", "cancelled"}, "told to do what is done"
    assert {each.key for each, _ in town.told if each.task == order.task} <= {order.key}, (
        "another key for another attempt"
    )
    assert order.task in {each.task for each, _ in town.told if each.key == order.key} | {order.task}, (
        "a key of another task"
    )
    planned = {
        task["task"] for each in chain[_closed_at(chain) :] if each.kind == "planned" for task in each.said["tasks"]
    }
    assert order.task in planned, "told by what went with the key of a case that was closed"
    _judge_refused(chain, order)
    sent = {pair for each in town.hers() if each.target == order.party for pair in each.identifiers}
    assert set(order.identifiers) <= sent, "told an identifier that it did not get"
    today = day_of(town.now).isoformat()
    for until in _untils(chain, order.task):
        assert today > until, "what the law keeps goes before its day is over"
    if order.action == "erase" and order.party == "klarna":
        for event in town.hers():
            if event.kind == "paid" and event.identifiers[-1] in order.identifiers:
                assert today > f"{day_of(event.occurred_at).year + HOLDS_YEARS}-12-31", (
                    "a voucher goes before its day is over"
                )


def _judge_refused(chain: Sequence[Entry], order: Order) -> None:
    """Nothing that is refused is asked of anybody; granted again it may be."""
    refused: dict[int, Said] = {}
    for each in chain:
        if each.kind == "item-refused":
            refused[each.said["number"]] = each.said
        if each.kind == "item-granted":
            refused.pop(each.said["number"], None)
    for said in refused.values():
        for purpose in order.purposes:
            for category in order.categories:
                named = {"party": order.party, "purpose": purpose, "category": category}
                covered = all(said[name] in {None, named[name]} for name in named)
                assert not covered, "what is refused is done"


def _untils(chain: Sequence[Entry], task: str) -> list[str]:
    """Return the day until which a task is held, by the plan that was approved or one that was added to it."""
    told: dict[str, str] = {}
    approved = False
    for each in chain:
        approved = approved or each.kind == "approved"
        if each.kind == "planned":
            held = {
                task["task"]: task["until"] or _ordered(chain, each, task)
                for task in each.said["tasks"]
                if "until" in task
            }
            told = held | told if approved else held
    return [told[task]] if task in told else []


def _ordered(chain: Sequence[Entry], plan: Entry, task: Mapping[str, Any]) -> str:
    """Return the day until which what an order or a refusal keeps is kept: that of the other rules, once one has ended since."""
    ended = "item-granted" if "refused" in task else "legal-release"
    since = any(each.kind == ended and each.number > plan.number for each in chain)
    return str(task.get("then", {}).get("until", "")) if since else "9999"


def judge_record(town: Town) -> None:
    """Whoever is forgotten is not found, whoever is not forgotten is; and of the neighbours everything, always."""
    forgotten, burying = _befores(town)
    there = {each.event for each in town.plain.every_disclosure(None)}
    for event in town.events:
        keys = {town.key(pair) for pair in event.identifiers}
        name = town.pseudonyms.event(event.event_id)
        if event.occurred_at <= forgotten.get(town.key(event.holder), -FAR):
            told = {each.event for each in town.plain.disclosures(keys, NOW)}
            told |= {each.event for each in town.plain.consents(keys, NOW)}
            assert name not in told, "found after she was erased"
        if not any(event.occurred_at <= max(forgotten.get(key, -FAR), burying.get(key, -FAR)) for key in keys):
            assert name in there, "gone though nobody asked for it"
    neighbours = {town.key(pairs[0]) for pairs in NEIGHBOURS}
    assert not neighbours & (forgotten.keys() | burying.keys()), "a neighbour is buried"
    assert len(town.ring.find(neighbours)) == len(neighbours), "a neighbour's key is gone"


def _befores(town: Town) -> tuple[dict[bytes, int], dict[bytes, int]]:
    """Return until when each identifier is forgotten, and until when it is being buried."""
    forgotten: dict[bytes, int] = {}
    burying: dict[bytes, int] = {}
    for row in town.journal.cases():
        buried: Mapping[bytes, int] = {}
        for each in town.journal.entries(row.case):
            if each.kind == "entombed":
                buried = {bytes.fromhex(key): each.said["before"] for key in each.said["keys"]}
                burying |= {key: max(before, burying.get(key, -FAR)) for key, before in buried.items()}
            elif each.kind == "forgotten":
                forgotten |= {key: max(before, forgotten.get(key, -FAR)) for key, before in buried.items()}
    return forgotten, burying


def judge_told(town: Town) -> None:
    """When a case has forgotten her, everybody who had something of hers is among those who are asked to let it go."""
    forgotten, _ = _befores(town)
    asked = {
        task["party"]
        for row in town.journal.cases()
        if row.right == "erasure"
        for each in town.journal.entries(row.case)
        if each.kind == "planned"
        for task in each.said["tasks"]
    }
    got = {each.target for each in town.hers() if each.occurred_at <= forgotten.get(town.key(each.holder), -FAR)}
    assert got <= asked, "a party that got something is not asked"
