"""Who is signed in: sessions in memory, under the hash of a random token. They end with the program, and by time.

Nothing of a person that was looked at outlives the session it was looked at in.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

IDLE = 30 * 60 * 1_000_000
"""Microseconds without a request after which a session is over."""
LONGEST = 10 * 60 * 60 * 1_000_000
MOST = 1_000
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A person whom somebody looks at, and why: kept here, for an address must not hold an identifier."""

    identifier: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Customer:
    """What a customer has shown to be hers alone: an identifier, and its pseudonym (hexadecimal)."""

    kind: str
    value: str
    pseudonym: str

    @property
    def identifier(self) -> str:
        """The identifier as it is asked by."""
        return f"{self.kind}:{self.value}"

    @property
    def masked(self) -> str:
        """What tells her which of hers it is, and others little."""
        name, at, domain = self.value.partition("@")
        return f"{name[:1]}…@{domain}" if at else f"…{self.value[-2:]}"


@dataclass(slots=True)
class Session:
    """One sign-in, of staff or of a customer. Times are microseconds, UTC. `mark` is that of the account, as it was then."""

    name: str
    role: str
    begun: int
    seen: int
    mark: str | None
    """Of its account as it was; None: somebody else vouches for who it is."""
    customer: Customer | None = None
    found: "OrderedDict[str, Found]" = field(default_factory=OrderedDict)

    def find(self, found: Found) -> str:
        """Keep who is looked at, and return what she goes by in addresses; the one looked at longest ago makes room."""
        name = secrets.token_urlsafe(12)
        self.found[name] = found
        while len(self.found) > MOST_FOUND:
            self.found.popitem(last=False)
        return name


class Sessions:
    """All sessions. Used from one loop."""

    def __init__(self, clock: Callable[[], int], *, idle: int = IDLE, longest: int = LONGEST, most: int = MOST) -> None:
        self._clock, self._idle, self._longest, self._most = clock, idle, longest, most
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._steps: dict[str, int] = {}

    def begin(self, name: str, role: str, mark: str | None, customer: Customer | None = None) -> str:
        """Begin a session, and return its token, which is nowhere else. Of too many, the one used longest ago ends."""
        token, moment = secrets.token_urlsafe(32), self._clock()
        self._sessions[_hash(token)] = Session(name, role, moment, moment, mark, customer)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        return token

    def is_new(self, name: str, step: int) -> bool:
        """Tell whether that name has used no code of that time step or a later one yet; now it has (RFC 6238, 5.2)."""
        if step <= self._steps.get(name, -1):
            return False
        self._steps[name] = step
        return True

    def of(self, token: str | None, marks: Mapping[str, str]) -> Session | None:
        """Return whose token this is; None where it is nobody's, too old, or of an account that has changed since.

        `marks` are those of the accounts as they are now, by name.
        """
        name, moment = _hash(token or ""), self._clock()
        session = self._sessions.get(name)
        if session is None:
            return None
        if not self._goes_on(session, moment, marks):
            del self._sessions[name]
            return None
        session.seen = moment
        self._sessions.move_to_end(name)
        return session

    def holds(self, token: str | None, marks: Mapping[str, str]) -> bool:
        """Tell whether a session goes on; unlike `of` it is not kept up by that."""
        session = self._sessions.get(_hash(token or ""))
        return session is not None and self._goes_on(session, self._clock(), marks)

    def end(self, token: str | None) -> None:
        """End a session; one that is over stays so."""
        self._sessions.pop(_hash(token or ""), None)

    def end_all(self) -> None:
        """End them all: the program stops."""
        self._sessions.clear()

    def _goes_on(self, session: Session, moment: int, marks: Mapping[str, str]) -> bool:
        young = moment - session.seen <= self._idle and moment - session.begun <= self._longest
        return young and (session.mark is None or marks.get(session.name) == session.mark)


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
