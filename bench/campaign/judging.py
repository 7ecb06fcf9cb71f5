"""The judge: what was seen in the end against what the simulator knows. Pure; asks nobody, and believes no word of the product.

A finding names kinds, parties and cases, never a value: what it speaks of may be of a person.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from bench.campaign.near import Near
from bench.campaign.town import Name, Record, Row, Told
from streams.shop import Event, Truth
from streams.shop.truth_facts import Identifier, facts_of

DONE = frozenset({"verified", "not_held"})
"""States of a task that claim that nothing of hers is there any more."""
PROMPT = frozenset({"sendgrid"})
"""Parties that have done by the end what they promised to do in weeks."""
ACTS: Mapping[str, frozenset[str]] = {
    "erasure": frozenset({"erase"}),
    "rectification": frozenset({"rectify"}),
    "restriction": frozenset({"restrict"}),
    "objection": frozenset({"stop"}),
    "unsubscribe": frozenset({"stop"}),
    "access": frozenset(),
    "transfer": frozenset(),
}
"""What a right lets a party be told."""
AUTHORITIES = frozenset(
    {
        "tax-authority", "customs", "police", "consumer-authority", "data-protection-ombudsman", "enforcement-authority",
        "product-safety-authority", "positive-credit-register",
    }
)  # fmt: skip
SHOWN = ("party", "from", "categories", "purposes", "first", "last", "disclosures")


@dataclass(frozen=True, slots=True)
class Asked:
    """A case: whose, of which right, and how many events the shop had sent when its plan was approved; None: it never was."""

    case: str
    right: str
    identifier: str
    approved: int | None
    late: bool = False
    """It came with its day long over."""


class Finding(NamedTuple):
    """What is not as it must be: of which kind, and where."""

    kind: str
    where: str


@dataclass(frozen=True)
class Seen:
    """All that is judged. `answers` are those of `where --json`, `statements` those of certificates that were checked."""

    events: Sequence[Event] = field(repr=False)
    cases: Sequence[Asked] = field(repr=False)
    records: Mapping[str, Record] = field(repr=False)
    fed: Mapping[str, Collection[Row]] = field(repr=False)
    """What the shop sent to each party."""
    answers: Mapping[str, Mapping[str, Any]] = field(repr=False)
    statements: Mapping[str, Mapping[str, Any]] = field(repr=False)
    copies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By case of access: the parties that her statement names, of which an event told."""
    alarms: frozenset[str] = frozenset()
    """Cases that the data protection officer had a mail about."""

    @cached_property
    def truth(self) -> Truth:
        """What the simulator knows of all events."""
        return Truth(self.events)

    @cached_property
    def erased(self) -> Mapping[str, Sequence[Asked]]:
        """Cases of erasure that were approved, by what they named."""
        found: dict[str, list[Asked]] = defaultdict(list)
        for each in self.cases:
            if each.right == "erasure" and each.approved is not None:
                found[each.identifier].append(each)
        return found

    def whose(self, asked: Asked) -> frozenset[Identifier]:
        """All identifiers that were hers when it was approved, or are now: who is one person is learnt by and by."""
        return self.truth.own(asked.identifier) | self._then(asked)

    def _then(self, asked: Asked) -> frozenset[Identifier]:
        places = [at for at in self.near.places(asked.identifier) if at < (asked.approved or 0)]
        return Truth([self.events[at] for at in places]).own(asked.identifier)

    @cached_property
    def near(self) -> Near:
        """Which events have to do with whom."""
        near = Near()
        for event in self.events:
            near.add(event)
        return near


def findings(seen: Seen) -> list[Finding]:
    """Return whatever is not as it must be; nothing where all is well."""
    judged = Judged(seen)
    return [
        Finding(kind, where)
        for kind, judge in (
            ("lost or double", judged.answered_wrongly),
            ("resurrected", judged.resurrected),
            ("told that should not be", judged.told_wrongly),
            ("told twice", judged.told_twice),
            ("erased of somebody else", judged.erased_wrongly),
            ("claimed and not so", judged.claimed),
            ("never told", judged.never_told),
            ("told her wrongly", judged.told_her_wrongly),
            ("due and no alarm", judged.unalarmed),
        )
        for where in judge()
    ]


class Judged:
    """The questions, each answered by what is wrong; on `Seen`, with what is worked out once."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._hers = {each.case: seen.whose(each) for each in seen.cases}
        self._erased: frozenset[Identifier] = frozenset().union(
            *(self._hers[each.case] for cases in seen.erased.values() for each in cases)
        )
        self._own_rows: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        cases_of: dict[Identifier, list[str]] = defaultdict(list)
        for cases in seen.erased.values():
            for each in cases:
                for one in seen.truth.own(each.identifier):
                    cases_of[one].append(each.case)
        for party, record in seen.records.items():
            for row in record.rows.values():
                for case in cases_of.get(row.hangs, ()):
                    self._own_rows[case].append((party, row))

    def answered_wrongly(self) -> Iterator[str]:
        """Whoever was not erased is answered as the truth tells: nothing is missing, and nothing counted twice."""
        for identifier, answer in self._seen.answers.items():
            if self._untouched(identifier) and _as_the_truth(answer) != self._seen.truth.where(identifier):
                yield f"where {identifier.partition(':')[0]}: {_difference(answer, self._seen.truth.where(identifier))}"

    def _untouched(self, identifier: str) -> bool:
        """Whether nobody was erased who is, or shares something with, the person of this identifier."""
        events = [self._seen.events[at] for at in self._seen.near.places(identifier)]
        return not any(self._erased.intersection(facts_of(each).named) for each in events)

    def resurrected(self) -> Iterator[str]:
        """Of who was erased nothing is answered but what a task still owes or the law keeps."""
        for cases in self._seen.erased.values():
            for each in cases:
                owed = self._owed(each.identifier)
                answer = self._seen.answers.get(each.identifier)
                if answer is None:
                    yield f"{each.case}: nobody asked"
                    continue
                for holding in answer["holdings"]:
                    if holding["observed"] and holding["party"] not in owed:
                        yield f"{each.case}: {holding['party']}"

    def _owed(self, identifier: str, prompt: frozenset[str] = frozenset()) -> set[str]:
        """The parties where something of hers may be: a task is not done there, or the law keeps it.

        What one of `prompt` promised counts as done.
        """
        said = [self._seen.statements.get(each.case, {}) for each in self._seen.erased.get(identifier, ())]
        tasks = [task for each in said for task in each.get("parties", ())]
        kept = [task["state"] in DONE or (task["state"] == "promised" and task["party"] in prompt) for task in tasks]
        owed = {task["party"] for task, done in zip(tasks, kept, strict=True) if not done}
        return owed | {hold["party"] for each in said for hold in each.get("holds", ())}

    def told_wrongly(self) -> Iterator[str]:
        """A party was called by an identifier of nobody who asked for it."""
        allowed: dict[str, set[Name]] = defaultdict(set)
        for each in self._seen.cases:
            if each.approved is not None:
                for act in ACTS[each.right]:
                    allowed[act] |= self._hers[each.case]
        for party, record in self._seen.records.items():
            for told in record.told:
                if told.name not in allowed[told.act]:
                    yield f"{party}: {told.act} by {told.name[0]}"
            for kind, _ in record.silenced - allowed["restrict"] - allowed["stop"]:
                yield f"{party}: silenced by {kind}"

    def told_twice(self) -> Iterator[str]:
        """A party was told the same thing under more keys than there were reasons to tell it."""
        keys: dict[tuple[str, str, Name], set[str]] = defaultdict(set)
        for record in self._seen.records.values():
            for told in record.told:
                keys[told.party, told.act, told.name].add(told.key)
        for (party, act, name), given in keys.items():
            if len(given) > (may := max(1, self._reasons(party, act, name))):
                yield f"{party}: {act} by {name[0]} under {len(given)} keys, {may} at most"

    def _reasons(self, party: str, act: str, name: Name) -> int:
        """How many tasks of cases about this identifier told that party to do that."""
        cases = [each for each in self._seen.cases if act in ACTS[each.right] and name in self._hers[each.case]]
        said = [self._seen.statements.get(each.case, {}) for each in cases]
        return sum(task["party"] == party for each in said for task in each.get("parties", ()))

    def erased_wrongly(self) -> Iterator[str]:
        """What the shop sent to a party is there, unless it was of somebody who was erased."""
        for party, rows in self._seen.fed.items():
            record = self._seen.records[party]
            found_by = {row.kept_by for row in rows if row.hangs in self._erased} - {None}
            for row in rows:
                may_be_gone = row.hangs in self._erased or row.kept_by in found_by
                if (row.event, row.hangs) not in record.rows and not may_be_gone:
                    yield f"{party}: a {row.hangs[0]}"

    def claimed(self) -> Iterator[str]:
        """A certificate says that it is done at a party that still has something of hers."""
        for cases in self._seen.erased.values():
            owed = self._owed(cases[0].identifier, prompt=PROMPT)
            for each in cases:
                told = {task["party"] for task in self._seen.statements.get(each.case, {}).get("parties", ())}
                for party, count in self._left(each).items():
                    if party in told and party not in owed:
                        yield f"{each.case}: {party} still has {count}"

    def never_told(self) -> Iterator[str]:
        """A party got something of hers, still has it, and no task is about it."""
        for cases in self._seen.erased.values():
            told = {task["party"] for each in cases for task in self._seen.statements[each.case].get("parties", ())}
            told |= self._owed(cases[0].identifier)
            for party, count in self._left(cases[0]).items():
                if party not in told:
                    yield f"{cases[0].case}: {party} has {count}"

    def _left(self, asked: Asked) -> Counter[str]:
        """How much of hers each party still has."""
        return Counter(party for party, _ in self._own_rows.get(asked.case, ()))

    def told_her_wrongly(self) -> Iterator[str]:
        """Her statement names the parties that got her data: every one, and no other. Of authorities it may be silent."""
        for each in self._seen.cases:
            named = self._seen.copies.get(each.case)
            if named is not None and self._untouched(each.identifier):
                got = _parties_of(self._seen.truth.where(each.identifier))
                for party in sorted((got ^ named) - (AUTHORITIES & got)):
                    yield f"{each.case}: {party} {'is not named' if party in got else 'is named'}"

    def unalarmed(self) -> Iterator[str]:
        """A case whose day was over when it came, and of which nobody was alarmed."""
        for each in self._seen.cases:
            if each.late and each.case not in self._seen.alarms:
                yield each.case


def _parties_of(truth: Mapping[str, Any]) -> set[str]:
    return {each["party"] for each in truth["holdings"]}


def _as_the_truth(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer as the simulator would say it: what is only declared is none of its business."""
    held = {
        part: [{name: each[name] for name in SHOWN} for each in answer[part] if each["observed"]]
        for part in ("holdings", "shared")
    }
    return {"identifiers": answer["identifiers"], "candidates": answer["candidates"], **held}


def _difference(answer: Mapping[str, Any], truth: Mapping[str, Any]) -> str:
    """In which parts, and at which parties, an answer differs; no value of it."""
    got = _as_the_truth(answer)
    parts = [part for part in ("identifiers", "candidates", "holdings", "shared") if got[part] != truth[part]]
    counts = [
        {(part, each["party"]): each["disclosures"] for part in ("holdings", "shared") for each in one[part]}
        for one in (got, truth)
    ]
    parties = sorted(each for each in {*counts[0], *counts[1]} if counts[0].get(each) != counts[1].get(each))
    told = ", ".join(f"{part} of {party} {counts[0].get((part, party), 0)}, should be {counts[1].get((part, party), 0)}"
                     for part, party in parties)  # fmt: skip
    return f"{'/'.join(parts)} {told}"


def told_of(records: Mapping[str, Record]) -> Iterator[Told]:
    """Yield every call that any party took."""
    for record in records.values():
        yield from record.told
