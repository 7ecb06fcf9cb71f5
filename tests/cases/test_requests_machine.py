"""Companies, the person and staff do what they like in any order, and our process ends at any step: what is said stays true.

Checked after each step: one case a request, whoever asks how often; who used an id is not told of another's request;
nothing that was completed or cancelled is ever anything else; and completed only what everybody who works for us has done.
In the end, when all is quiet, each company has been told last how its request stands.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lineage.cases.carrying import claim, settle
from lineage.cases.case import Case
from lineage.cases.closing import advance
from lineage.cases.deciding import approve, refuse, withdraw
from lineage.cases.intake import Message, receive
from lineage.cases.journal import is_party
from lineage.cases.orders import Outcome
from lineage.cases.requested import cancelled, found_of, opened
from lineage.cases.requested_standing import RequestStanding, standing_of
from lineage.errors import Refused, Retryable
from lineage.register import Register
from streams.requests import request_of
from tests.cases.companies import HER, ONE, OTHER, URL, Heard, call_back, incoming
from tests.cases.stepping import Killed
from tests.lineage.cases.town import BEGUN, DAY, Town, shipped_register

COMPANIES = ("multicare", "smartdeals")
WHO = (HER, HER[:1], (("customer_id", "C-2"),))
ANSWERS = (
    Outcome("verified", how="signed-answer"),
    Outcome("verified", how="read-back"),
    Outcome("not_held", how="signed-answer"),
    Outcome("promised", how="confirmed-link", by="2026-03-01"),
    Outcome("declined", how="confirmed-link", ground="legal-obligation"),
)
PROVED = {"verified", "not_held"}
Key = tuple[str, str]

register: Callable[[], Register] = cache(shipped_register)
companies, ids = st.sampled_from(COMPANIES), st.sampled_from((ONE, OTHER))


class Requests(RuleBasedStateMachine):
    """Two companies, a person, her neighbour, and a shop's casework."""

    def __init__(self) -> None:
        super().__init__()
        self.town, self.heard = Town(register()), Heard()
        self.asked: dict[Key, object] = {}
        self.over: dict[Key, str] = {}
        self.proved: set[str] = set()
        for kind in ("account", "mailed", "paid"):
            self.town.happens(kind, HER, BEGUN)
        self.town.happens("account", WHO[2], BEGUN)

    def _done(self, act: Callable[[], Any]) -> Any:
        """Do something until the process outlives it; what is refused is None."""
        while True:
            try:
                return act()
            except Killed:
                self.town.revive()
                self.heard.turns.clear()
                self.heard.refusals.clear()
            except Refused:
                return None

    @initialize(who=st.sampled_from(WHO))
    def the_first_request(self, who: tuple[tuple[str, str], ...]) -> None:
        self.a_company_asks("multicare", ONE, who)

    @rule(company=companies, id_=ids, who=st.sampled_from(WHO))
    def a_company_asks(self, company: str, id_: str, who: tuple[tuple[str, str], ...]) -> None:
        request = request_of(incoming(self.town.now, company=company, id=id_, identifiers=who))
        found = self._done(lambda: opened(self.town.work, request))
        first = self.asked.setdefault((company, id_), who)
        assert (found is None) == (first != who)

    @rule(company=companies, id_=ids)
    def a_company_takes_its_request_back(self, company: str, id_: str) -> None:
        before = self._standing((company, id_))
        done = self._done(lambda: cancelled(self.town.work, company, id_))
        after = self._standing((company, id_))
        assert (after is None) == ((company, id_) not in self.asked)
        if before and after and before.status != "pending":
            assert not done
            assert after.status == before.status

    @precondition(lambda self: sum(each.channel == "account" for each in self.town.cases()) < 2)
    @rule()
    def she_asks_herself(self) -> None:
        message = Message(["erasure"], HER[:1], self.town.now, "account", "multitronic")
        self._done(lambda: receive(self.town.work, message))

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 9), days=st.sampled_from((0, 100, 2_600)), answer=st.sampled_from(ANSWERS))
    def a_person_approves(self, which: int, days: int, answer: Outcome) -> None:
        case = self._open()[which % len(self._open())]
        self._done(lambda: approve(self.town.work, case.id))
        self._done(lambda: self._carry(answer))
        self.time_goes_by(days, answer)

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 9), how=st.sampled_from(("refuse", "withdraw")))
    def somebody_decides_against_it(self, which: int, how: str) -> None:
        case = self._open()[which % len(self._open())]
        if how == "refuse":
            self._done(lambda: refuse(self.town.work, case.id, "12(5)", "too often"))
        elif not case.notes.get("request"):
            self._done(lambda: withdraw(self.town.work, case.id))

    @rule(answer=st.sampled_from(ANSWERS))
    def what_is_due_is_done(self, answer: Outcome) -> None:
        self._done(lambda: self._carry(answer))

    @rule(days=st.sampled_from((1, 100, 2_600)), answer=st.sampled_from(ANSWERS))
    def time_goes_by(self, days: int, answer: Outcome) -> None:
        self.town.now += days * DAY
        for _ in range(3):  # whoever passed it on is told after those it went to
            self._done(lambda: self._carry(answer))

    @rule(fault=st.sampled_from((None, None, Retryable("away"), Refused("no"))))
    def companies_are_called(self, fault: Exception | None) -> None:
        self.heard.faults = {URL: fault} if fault else {}
        try:
            self._done(lambda: call_back(self.town.work, self.heard, COMPANIES))
        except Retryable:
            assert fault

    @rule(steps=st.integers(0, 12), done=st.booleans())
    def the_process_ends_soon(self, steps: int, done: bool) -> None:
        self.town.crash_soon(steps, done=done)

    @invariant()
    def a_request_is_one_case(self) -> None:
        cases = [each for each in self.town.cases() if "request" in each.notes]
        assert sorted((each.controller, each.notes["request"]["id"]) for each in cases) == sorted(self.asked)

    @invariant()
    def what_is_over_stays_so_and_what_is_completed_was_done(self) -> None:
        for key in self.asked:
            found = self._standing(key)
            assert found is not None
            assert found.expected >= found.received
            assert self.over.setdefault(key, found.status) == found.status or self.over[key] not in {
                "completed",
                "cancelled",
            }
            self.over[key] = found.status
            if found.status == "completed":
                self._check_done(key)

    def teardown(self) -> None:
        self.town.revive()
        self.heard.faults.clear()
        for _ in range(4):
            self.heard.turns.clear()
            self.town.now += 2 * DAY
            self._carry(ANSWERS[0])
            call_back(self.town.work, self.heard, COMPANIES)
        for key in self.asked:
            last = [status for company, id_, status, _ in self.heard.calls if (company, id_) == key]
            found = self._standing(key)
            assert found is not None
            assert (last or ["pending"])[-1] == found.status

    def _check_done(self, key: Key) -> None:
        case = found_of(self.town._whole, *key)
        assert case is not None
        acted = self.town._whole.case(case.duplicate_of) if case.duplicate_of else case
        assert acted.state == "closed"
        for task in acted.tasks.values():
            assert task.form == "notice" or task.id in self.proved or task.party == "backup"
        members = {self.town.key(pair) for pair in HER if self.town.key(pair) in acted.subjects}
        assert not self.town.plain.disclosures(members, 1 << 62)

    def _carry(self, answer: Outcome) -> None:
        work = self.town.work
        for row in work.journal.due_cases(self.town.now, 100):
            advance(work, row.case)
        for party in work.journal.parties_due(self.town.now):
            for task in work.journal.due_tasks(party, self.town.now, 100) if is_party(party) else ():
                if claim(work, task.case, task.task, 60.0) is not None:
                    self.proved |= {task.task} if answer.state in PROVED else set()
                    settle(work, task.case, task.task, answer)
                    advance(work, task.case)

    def _standing(self, key: Key) -> RequestStanding | None:
        case = found_of(self.town._whole, *key)
        return standing_of(self.town._whole, case) if case else None

    def _open(self) -> list[Case]:
        return [each for each in self.town.cases() if each.state in {"received", "identity"}]


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=60, stateful_step_count=20)
