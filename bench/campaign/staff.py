"""The people of the shop: they open and approve cases at the console, and do by hand what is left to people."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar

import httpx2

from bench.campaign.judging import Asked
from bench.campaign.place import Place
from bench.campaign.sending import Shop
from console.case_opening import opened_for_casework
from console.web.accounts import Accounts
from lineage.cases.carrying import confirm
from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework
from lineage.errors import Refused, Retryable
from lineage.times import now
from streams.shop import Event, Truth
from tests.console.web.consoles import Visitor, code_of
from tests.e2e.program import jalki

RIGHTS = (
    "erasure", "access", "erasure", "rectification", "erasure", "restriction", "erasure", "objection", "transfer",
    "erasure", "unsubscribe", "erasure",
)  # fmt: skip
"""One after the other. Most are erasures, for that is where most can go wrong."""
BY_HAND = frozenset({"manual", "overdue", "failed", "partial"})
OVER = frozenset({"closed", "refused", "withdrawn", "duplicate", "partly-done"})
LATE_DAYS = 60
CASES_A_ROUND = 5
PATIENCE = 300.0
_UNSETTLED = 300
"""The newest events may not be recorded yet: nobody of them asks for anything."""
Answer = TypeVar("Answer")


class Staff:
    """Everything is tried again until it is done, whatever is away meanwhile."""

    def __init__(self, place: Place, shop: Shop, seed: int, case_every: float) -> None:
        self._place, self._shop = place, shop
        self._random = random.Random(f"staff {seed}")
        account, self._password = Accounts(place.settings.accounts_file).add("anna", "dpo", now())
        self._codes = account.address()
        self._client: httpx2.Client | None = None
        self._over: set[str] = set()
        self._every = case_every
        self.cases: list[Asked] = []
        self.by_hand: Counter[str] = Counter()

    def work(self, ending: threading.Event) -> None:
        """Open case after case and see to all of them, until it is to end; in a thread of its own."""
        for number in count(1):
            if ending.wait(self._every):
                return
            self.next_case()
            if number % CASES_A_ROUND == 0:
                self.by_hand_round()

    def next_case(self) -> None:
        """Open the next case, of the next right, of somebody the shop has known for a while; and approve it."""
        right = RIGHTS[len(self.cases) % len(RIGHTS)]
        identifier = self._somebody()
        if identifier is None:
            return
        if len(self.cases) % 9 == 8:
            self.cases.append(self._late(right, identifier))
            return
        more = {"category": "phone", "value": "+358 40 7654321"} if right == "rectification" else {}
        case = self._until_done(lambda: self._console().opens(right, identifier, **more), "a case that is opened")
        self._until_done(lambda: self._approve(case), "a case that is approved")
        with self._shop.lock:
            self.cases.append(Asked(case, right, identifier, len(self._shop.events)))

    def by_hand_round(self) -> int:
        """Do what is left to people in all cases; return how many tasks are owed by anybody still."""
        owed = 0
        for each in self.cases:
            if each.case not in self._over and each.approved is not None:
                owed += self._until_done(partial(self._see_to, each), "a case that is seen to")
        return owed

    def _somebody(self) -> str | None:
        with self._shop.lock:
            known = self._shop.events[: max(0, len(self._shop.events) - _UNSETTLED)]
        if not known:
            return None
        for _ in range(50):
            event = self._random.choice(known)
            kind = self._random.choice(("customer_id", "customer_id", "email"))
            if event.get(kind) and Truth(self._events_of(f"{kind}:{event[kind]}")).own(f"{kind}:{event[kind]}"):
                return f"{kind}:{event[kind]}"
        return None

    def _events_of(self, identifier: str) -> list[Event]:
        with self._shop.lock:
            return [self._shop.events[at] for at in self._shop.near.places(identifier)]

    def _late(self, right: str, identifier: str) -> Asked:
        """A letter that lay about for two months, and is entered now; nobody approves it."""
        arrived = (datetime.now(UTC) - timedelta(days=LATE_DAYS)).isoformat()

        def entered() -> str:
            more = ("--change", "phone=+358 40 7654321") if right == "rectification" else ()
            ended = jalki("case", "open", right, identifier, "--received", arrived, "--channel", "letter", *more,
                          "--json", settings=self._place.environment)  # fmt: skip
            if ended.code != 0:
                raise Retryable(f"it ended with {ended.code}")
            return str(json.loads(ended.out)["case"])

        return Asked(self._until_done(entered, "a case that is entered"), right, identifier, None, late=True)

    def _console(self) -> Visitor:
        """Return the officer at the console, signed in."""
        url = self._place.console.url
        if self._client is None:
            client = httpx2.Client(timeout=60, trust_env=False)
            officer = Visitor(client, url)
            answer = officer.does(
                "/sign-in", {"name": "anna", "password": self._password, "code": code_of(self._codes, time.time())}
            )
            if answer.status_code != 303:
                client.close()
                raise Retryable("the code was used, or the console is away")
            self._client = client
        return Visitor(self._client, url)

    def _approve(self, case: str) -> None:
        if self._state(case) not in {"received", "identity"}:  # the answer to an approval may have been lost
            return
        answer = self._console().approves(case)
        if answer.status_code != 303:
            raise Retryable(f"not approved: {answer.status_code}")

    def _state(self, case: str) -> str:
        with opened_for_casework(self._place.settings) as book:
            return book.work.case(case).state

    def _see_to(self, asked: Asked) -> int:
        with opened_for_casework(self._place.settings) as book:
            case = book.work.case(asked.case)
            if case.state in OVER:
                self._over.add(case.id)
                return 0
            # Only an erasure is read back: of the other rights a party's word is all there will be.
            owed, owing = 0, {"queued", "sent", *({"accepted"} if asked.right == "erasure" else ())}
            for task in case.tasks.values():
                if task.state in BY_HAND:
                    self._do(book.work, case, task, asked)
                owed += task.state in owing | BY_HAND
            return owed

    def _do(self, work: Casework, case: Case, task: Task, asked: Asked) -> None:
        """Do a task by hand, then say so: in that order, or it would be said before it is true."""
        book = self._place.books.get(task.party)
        if book and asked.right == "erasure":
            book.take_out(Truth(self._events_of(asked.identifier)).own(asked.identifier))
        try:
            confirm(work, case.id, task.id, "verified", "seen on the screen")
        except Refused:  # it went on by itself meanwhile
            return
        self.by_hand[task.how or ""] += 1

    def _until_done(self, act: Callable[[], Answer], what: str) -> Answer:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except (Retryable, httpx2.HTTPError, AssertionError) as away:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{what}: not within {PATIENCE:g} s: {type(away).__name__}: {away}") from away
                self._leave_if_signed_out()
                time.sleep(1)

    def _leave_if_signed_out(self) -> None:
        """A console that was started again knows nobody: sign in anew."""
        if self._client is None:
            return
        try:
            known = self._client.get(f"{self._place.console.url}/cases").status_code
        except httpx2.HTTPError:
            return
        if known != 200:
            self._client.close()
            self._client = None
