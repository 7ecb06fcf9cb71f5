"""The machine that does to cases whatever can be done to them, in any order, and holds what comes of it against `judging`."""

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lineage.cases import carrying
from lineage.cases.case import Case
from lineage.cases.closing import advance
from lineage.cases.deciding import approve, preview
from lineage.cases.filing import file, kept, unfile
from lineage.cases.handing import hand
from lineage.cases.identity import doubt, guess
from lineage.cases.intake import Message, receive
from lineage.cases.journal import OFFICER
from lineage.cases.keeping import release
from lineage.cases.orders import Order
from lineage.cases.refusing import grant_items
from lineage.cases.rights import rule as right_of
from lineage.cases.rows import OVER
from lineage.cases.subjects import sealed_under
from lineage.cases.telling import keep_told, next_message
from lineage.cases.words import RIGHTS, SHOWS, Right, Shows, TaskState
from lineage.errors import Misconfigured, Refused
from tests.cases.stepping import Killed
from tests.lineage.cases.acts import ACTS, decisions, refuse_a_part
from tests.lineage.cases.answers import LATE, OUTCOMES, THE_END
from tests.lineage.cases.judging import FAR, judge_chain, judge_record, judge_telling, judge_told, states_of
from tests.lineage.cases.town import BEGUN, DAY, HER, HOUSEHOLD, KINDS, NEIGHBOURS, Town, shipped_register

LEASE = 600.0
AWAY, ENDED = "away", "the process ended"
ANSWERS = st.sampled_from([*OUTCOMES, AWAY, ENDED])
NAMED = st.sampled_from([HER, HER[:1], HER[1:], HER, (HOUSEHOLD,), (("email", "nobody@example.fi"),)])
PEOPLE = st.sampled_from([HER, HER, HER, *NEIGHBOURS, HER[1:], (HOUSEHOLD,)])
TIMES = st.sampled_from([DAY // 24, DAY, 8 * DAY, 32 * DAY, 100 * DAY, 366 * DAY, 7 * 366 * DAY])
ANY = st.integers(0, 30)
REGISTER = shipped_register()


class Cases(RuleBasedStateMachine):
    """One town. Whatever the product refuses is refused, and changes nothing; what is under way may end at any step."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(REGISTER)
        self.under_way: list[Order] = []
        self.judged: dict[str, int] = {}
        self.codes: dict[str, str] = {}
        self.heard: dict[tuple[str, int], str] = {}
        self.kept: set[tuple[str, int]] = set()

    @initialize(
        right=st.sampled_from(["erasure"] * 4 + [*RIGHTS]),
        so_far=st.sampled_from(["", "preview", "approve", "approve"]),
    )
    def a_town_that_buys(self, right: Right, so_far: str) -> None:
        for who in (HER, *NEIGHBOURS):
            for kind in ("account", "mailed", "paid"):
                self.town.happens(kind, who, self.town.clock())
        self.town.happens("mailed", (HOUSEHOLD,), self.town.clock())
        self.town.now += 30 * DAY
        if so_far:
            self.she_asks(right, HER, sure=True)
            self.somebody_decides(0, so_far)

    # --- what happens in the town

    @rule(kind=st.sampled_from([*KINDS]), who=PEOPLE)
    def something_happens(self, kind: str, who: tuple[tuple[str, str], ...]) -> None:
        self.town.happens(kind, who, self.town.clock())

    @rule(kind=st.sampled_from([*KINDS]), ago=st.sampled_from([1, DAY, 40 * DAY]))
    def something_is_told_late(self, kind: str, ago: int) -> None:
        self.town.happens(kind, HER, self.town.now - ago)

    @rule(which=ANY)
    def a_record_comes_again(self, which: int) -> None:
        self.town.deliver(self.town.events[which % len(self.town.events)])

    @rule(span=TIMES)
    def time_passes(self, span: int) -> None:
        self.town.now = max(self.town.now, min(self.town.now + span, 2_300_000_000_000_000))
        self.time_is_looked_at()

    @rule(steps=st.integers(0, 6), done=st.booleans())
    def the_process_will_end(self, steps: int, done: bool) -> None:
        self.town.crash_soon(steps, done=done)

    # --- what a person and the staff do

    @rule(right=st.sampled_from(["erasure"] * 4 + [*RIGHTS]), named=NAMED, sure=st.booleans())
    def she_asks(self, right: Right, named: tuple[tuple[str, str], ...], sure: bool) -> None:
        channel = "account" if sure else "email"
        message = Message([right], named, self.town.now, channel, "multitronic", changes={"email": "new@example.fi"})
        self.do(lambda: receive(self.town.work, message))

    @rule(which=ANY, named=NAMED)
    def she_asks_and_somebody_says_yes(self, which: int, named: tuple[tuple[str, str], ...]) -> None:
        self.she_asks(("erasure", *RIGHTS)[max(0, which - 30 + len(RIGHTS))], named, sure=True)
        if rows := self.town.journal.cases(["received"]):
            self.do(lambda: approve(self.town.work, rows[-1].case))

    @precondition(lambda self: self.town.journal.cases())
    @rule(which=ANY, act=st.sampled_from(ACTS))
    def somebody_decides(self, which: int, act: str) -> None:
        self.do(decisions(self.town.work, self.case(which), which)[act])

    @precondition(lambda self: self.town.journal.cases())
    @rule(which=ANY, right=st.booleans())
    def somebody_doubts_and_she_shows_a_code(self, which: int, right: bool) -> None:
        case = self.case(which)

        def ask_and_guess() -> None:
            code = doubt(self.town.work, case.id, "another address than the one on file")
            shown = guess(self.town.work, case.id, code if right else "not it")
            assert shown is right, "a code counts otherwise than it is"

        self.do(ask_and_guess)

    @precondition(lambda self: self.town.journal.cases(["received"]))
    @rule(which=ANY, by=st.sampled_from(["party", "purpose", "category"]), fits=st.booleans(), rest=st.booleans())
    def somebody_refuses_a_part(self, which: int, by: str, fits: bool, rest: bool) -> None:
        """And approves the `rest`, or not yet."""
        work, id_ = self.town.work, self.case(which, lambda case: case.state == "received").id
        self.do(lambda: preview(work, id_))
        self.do(lambda: refuse_a_part(work, work.case(id_), which, by, fits=fits))
        if rest:
            self.do(lambda: approve(work, id_))

    @precondition(lambda self: [case for case in self.town.cases() if case.refusals])
    @rule(which=ANY)
    def somebody_grants_it_after_all(self, which: int) -> None:
        case = self.case(which, lambda case: case.refusals)
        self.do(lambda: grant_items(self.town.work, case.id, 1 + which % len(case.refusals)))

    @precondition(lambda self: self.town.journal.cases())
    @rule(which=ANY, content=st.sampled_from([b"seen", b"written", b"%PDF-1.7", b"\0"]), shows=st.sampled_from(SHOWS))
    def somebody_files_what_shows_it(self, which: int, content: bytes, shows: Shows) -> None:
        case = self.case(which)
        task = next(iter(case.tasks), None) if shows == "task" else None
        self.do(lambda: file(self.town.work, case.id, content, shows, task))

    @precondition(lambda self: [case for case in self.town.cases() if case.files])
    @rule(which=ANY, destroyed=st.booleans())
    def a_file_is_looked_at_or_destroyed(self, which: int, destroyed: bool) -> None:
        case = self.case(which, lambda case: case.files)
        self.do(lambda: (unfile if destroyed else kept)(self.town.work, case.id, 1 + which % len(case.files)))

    @precondition(lambda self: self.tasks())
    @rule(which=ANY, state=st.sampled_from(["verified", "declined", "failed", "not_held", "partial"]))
    def staff_confirms(self, which: int, state: TaskState) -> None:
        case, task = self.task(which)
        self.do(lambda: self.confirmed(case, task, state))

    # --- parties

    @precondition(lambda self: self.tasks())
    @rule(which=ANY)
    def a_task_is_begun(self, which: int) -> None:
        """Whether it is due or not: who may be told is for the product to say."""
        self.begun(*self.task(which))

    @precondition(lambda self: self.under_way)
    @rule(which=ANY, answer=ANSWERS)
    def an_attempt_ends(self, which: int, answer: str) -> None:
        self.ended(self.under_way.pop(which % len(self.under_way)), answer)

    @rule(answer=ANSWERS)
    def all_that_is_due_is_done(self, answer: str) -> None:
        self.done(answer)

    @precondition(lambda self: self.town.told)
    @rule(which=ANY, answer=st.sampled_from([*OUTCOMES]), doubled=st.booleans())
    def a_party_answers_by_itself(self, which: int, answer: str, doubled: bool) -> None:
        order, _ = self.town.told[which % len(self.town.told)]
        outcome = self.town.says(order.task, OUTCOMES[answer])
        for _ in range(1 + doubled):
            self.do(
                lambda: carrying.settle(self.town.work, order.case, order.task, outcome, once=f"{order.key} {answer}")
            )
        self.do(lambda: advance(self.town.work, order.case))

    @precondition(lambda self: self.town.journal.cases())
    @rule(which=ANY)
    def a_party_answers_to_a_wrong_task(self, which: int) -> None:
        case = self.case(which)
        self.do(lambda: carrying.settle(self.town.work, case.id, f"{case.id}/9.999", OUTCOMES["signed"]))
        assert self.town.journal.entries(case.id)[-1] == case.last, "an answer to no task changed something"

    @rule(gone=st.booleans())
    def the_officer_is_told(self, gone: bool) -> None:
        """Or the process ends after it is sent, and before it is kept."""

        def tell() -> None:
            if (message := next_message(self.town.work)) is not None:
                told = {(case.id, each.number) for case, alarms in message.cases for each in alarms}
                assert not told & self.kept, "an alarm is told twice"
                names = {self.heard.setdefault(each, message.name) for each in told}
                assert names == {message.name}, "an alarm is told again under another name"
                if gone:
                    keep_told(self.town.work, message)
                    self.kept |= told

        self.do(tell)

    @rule()
    def time_is_looked_at(self) -> None:
        for row in self.town.journal.due_cases(self.town.now, 100):
            self.do(partial(advance, self.town.work, row.case))

    # --- what must hold

    @invariant()
    def every_case_is_as_it_must_be(self) -> None:
        for row in self.town.journal.cases():
            if self.judged.get(row.case) != row.entries:
                judge_chain(self.town, row.case)
                self.judged[row.case] = row.entries

    @invariant()
    def whoever_is_erased_is_not_found_and_nobody_else_is_lost(self) -> None:
        judge_record(self.town)
        judge_told(self.town)

    def teardown(self) -> None:
        """In the end everything ends: once each hold is over and each party has answered, no case is left open.

        On the way each task is tried whether it is due or not, each party is away once, and something comes late.
        """
        self.town.revive()
        for each in self.tasks():
            self.begun(*each)
        self.done(AWAY)
        for case in self.town.cases():
            for order in case.legal_holds:
                self.do(partial(release, self.town.work, case.id, order.name))
            for refusal in case.refusals:
                self.do(partial(grant_items, self.town.work, case.id, refusal.number))
        for span, answer in THE_END:
            self.town.now += span
            if span == LATE:  # a partner's old file, of a parcel nobody had heard of
                self.town.happens("shipped", HER, BEGUN + 1)
            self.time_is_looked_at()
            self.done(answer)
            if answer == "signed":
                self.staff_does_the_rest()
            self.time_is_looked_at()
            self.every_case_is_as_it_must_be()
            self.whoever_is_erased_is_not_found_and_nobody_else_is_lost()
        for case in self.town.cases():
            assert case.approved is None or case.state in OVER, f"{case.right} is {case.state} for ever"
            if case.state in OVER:
                names = sealed_under(case.id, case.generation, len(case.files))
                assert not self.town.ring.find(names), "the key of a closed case is there"

        self.whoever_answers_once_more_changes_nothing()

    # --- how

    def whoever_answers_once_more_changes_nothing(self) -> None:
        states = [row.state for row in self.town.journal.cases()]
        for number, (order, _) in enumerate(self.town.told):
            once_more = partial(carrying.settle, self.town.work, order.case, order.task, OUTCOMES["2xx"])
            self.do(partial(once_more, once=f"once more {number}"))
        self.every_case_is_as_it_must_be()
        assert states == [row.state for row in self.town.journal.cases()], "an answer that came too late changed a case"

    def do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Refused:
            pass
        except Killed:
            self.town.revive()

    def case(self, which: int, wanted: Callable[[Case], object] = lambda _: True) -> Case:
        cases = [case for case in self.town.cases() if wanted(case)]
        return cases[which % len(cases)]

    def tasks(self) -> list[tuple[str, str]]:
        return [(case.id, task) for case in self.town.cases() for task in case.tasks]

    def task(self, which: int) -> tuple[str, str]:
        tasks = self.tasks()
        return tasks[which % len(tasks)]

    def begun(self, case: str, task: str) -> Order | None:
        """Claim a task; where it is to be told, the party sees it."""
        found: list[Order] = []
        asked = states_of(self.town.journal.entries(case)).get(task) in {"accepted", "promised"}

        def claimed() -> None:
            if (order := carrying.claim(self.town.work, case, task, LEASE)) is not None:
                found.append(order)

        try:
            self.do(claimed)
        except Misconfigured as fault:
            raise AssertionError("the key of a case went before its tasks were done") from fault
        for order in found:
            if not asked:
                judge_telling(self.town, order)
                self.town.told.append((order, self.town.now))
            self.under_way.append(order)
        return found[0] if found else None

    def ended(self, order: Order, answer: str) -> None:
        """An attempt comes to its end; where the process ended, nothing is kept of it."""
        if answer == AWAY:
            self.do(lambda: carrying.tried_in_vain(self.town.work, order.case, order.task, "away", 60.0, 3_600.0))
        elif answer != ENDED:
            outcome = self.town.says(order.task, OUTCOMES[answer])
            self.do(lambda: carrying.settle(self.town.work, order.case, order.task, outcome))
        self.do(lambda: advance(self.town.work, order.case))

    def done(self, answer: str) -> None:
        """Do what is due, as the lanes do, until nothing is; each attempt ends at once."""
        for _ in range(20):
            due = [
                row
                for party in self.town.journal.parties_due(self.town.now)
                for row in self.town.journal.due_tasks(party, self.town.now, FAR)
                if party != OFFICER
            ]
            for row in due:
                if (order := self.begun(row.case, row.task)) is not None:
                    self.under_way.remove(order)
                    self.ended(order, answer)
            self.time_is_looked_at()
            if not due:
                return
        raise AssertionError("what is due is due again and again")

    def confirmed(self, case: str, task: str, state: TaskState) -> None:
        self.town.answered.add((task, state, "staff-evidence"))
        carrying.confirm(
            self.town.work, case, task, state, "letter of today", "a duty" if state == "declined" else None
        )

    def staff_does_the_rest(self) -> None:
        for case in self.town.cases():
            if right_of(case.right).answer and case.approved is not None and case.handed is None:
                self.do(partial(hand, self.town.work, case.id, ["answer.pdf"]))
            for task in case.tasks.values():
                if task.state in {"manual", "failed", "overdue", "sent", "accepted"} and case.state not in OVER:
                    self.do(partial(self.confirmed, case.id, task.id, "verified"))
            self.do(partial(advance, self.town.work, case.id))
