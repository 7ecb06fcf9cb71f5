"""What the rest of the system keeps, in memory: answers of parties, and requests of companies."""

from dataclasses import replace

from connectors.answers import Asked
from connectors.opendsr.answering import Incoming, Standing
from lineage.cases.orders import Outcome
from lineage.errors import Refused, Retryable


class KeptAnswers:
    """`connectors.answers.Answers`, whose tasks take the state of what was received."""

    def __init__(self, *tasks: Asked) -> None:
        self.tasks = {task.key: task for task in tasks}
        self.outcomes: list[tuple[str, Outcome]] = []
        self.names: set[tuple[str, str]] = set()
        self.away = False

    async def asked(self, key: str) -> Asked | None:
        self._look()
        return self.tasks.get(key)

    async def used(self, key: str, once: str) -> bool:
        self._look()
        return (key, once) in self.names

    async def received(self, key: str, once: str, outcome: Outcome) -> bool:
        self._look()
        if (key, once) in self.names:
            return False
        self.names.add((key, once))
        self.outcomes.append((key, outcome))
        self.tasks[key] = replace(self.tasks[key], state=outcome.state)
        return True

    def _look(self) -> None:
        if self.away:
            raise Retryable("the store is away")


class KeptRequests:
    """`connectors.opendsr.answering.Requests`."""

    def __init__(self, expected: int) -> None:
        self.opened_: dict[tuple[str, str], tuple[Incoming, Standing]] = {}
        self._expected = expected
        self.copies: dict[tuple[str, str], bytes] = {}

    async def opened(self, incoming: Incoming) -> Standing:
        place = incoming.company, incoming.id
        first = self.opened_.setdefault(place, (incoming, Standing("pending", self._expected - 1, self._expected)))
        if (first[0].type, first[0].identifiers) != (incoming.type, incoming.identifiers):
            raise Refused("the id is in use")
        return first[1]

    async def standing(self, company: str, request: str) -> Standing | None:
        found = self.opened_.get((company, request))
        return found[1] if found else None

    async def results(self, company: str, request: str) -> bytes | None:
        return self.copies.get((company, request))

    async def cancelled(self, company: str, request: str) -> bool:
        incoming, standing = self.opened_[company, request]
        if standing.status != "pending":
            return False
        self.opened_[company, request] = (incoming, replace(standing, status="cancelled"))
        return True

    def move(self, company: str, request: str, status: str, results: int | None = None) -> Standing:
        """Have a request stand differently."""
        incoming, standing = self.opened_[company, request]
        moved = Standing(status, standing.received, standing.expected, results)  # type: ignore[arg-type]  # tests say it right
        self.opened_[company, request] = (incoming, moved)
        return moved
