"""One-time codes that are under way: of each only a keyed hash, in memory, under a key that ends with the program.

A code belongs to the browser that asked for it, by a ticket. Whoever asks for an address that nobody has gets a ticket too,
with a code that is sent to nobody: from outside the two are the same.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from console.web.sessions import Customer

LASTS = 15 * 60 * 1_000_000
"""Microseconds for which a code is good."""
TRIES = 5
SYMBOLS = 8
ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"
"""No vowel and nothing that looks like something else: 8 of these are 37 bits."""
ASKED = 5
"""How many codes one browser may ask for in that time."""
MOST = 2_000
_NONE = bytes(32)


class Ticket(NamedTuple):
    """What the browser that asked is known by, and the code, which goes to the mailbox alone."""

    ticket: str
    code: str


@dataclass(slots=True)
class _Waiting:
    digest: bytes
    ends: int
    begun: int
    asked: int
    tries: int = 0
    whose: Customer | None = None


class Codes:
    """All codes that are under way. Used from one loop."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock, self._key = clock, secrets.token_bytes(32)
        self._waiting: OrderedDict[bytes, _Waiting] = OrderedDict()

    def ask(self, before: str | None = None) -> Ticket | None:
        """Return a new code, good once its mailbox is known; None: this browser (its ticket `before`) has asked too often.

        The browser's code before is good no more.
        """
        moment, last = self._clock(), self._live(before)
        begun, asked = (last.begun, last.asked + 1) if last is not None else (moment, 1)
        if moment - begun >= LASTS:
            begun, asked = moment, 1
        if asked > ASKED:
            return None
        self._waiting.pop(self._name(before), None)
        ticket, code = secrets.token_urlsafe(32), "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
        self._waiting[self._name(ticket)] = _Waiting(self._digest(ticket, code), moment + LASTS, begun, asked)
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return Ticket(ticket, code)

    def goes_to(self, ticket: str, whose: Customer) -> None:
        """Keep whose mailbox the code of a ticket goes to: from now on it is good."""
        if (waiting := self._live(ticket)) is not None:
            waiting.whose = whose

    def guess(self, ticket: str | None, code: str) -> Customer | None:
        """Return who has the code; None where it is wrong, used, tried too often, over, or was sent to nobody."""
        waiting, given = self._live(ticket), _plain(code)
        # Compared in any case: that there is none must not be quicker.
        right = hmac.compare_digest(self._digest(ticket or "", given), waiting.digest if waiting else _NONE)
        if waiting is None:
            return None
        waiting.tries += 1
        if waiting.tries > TRIES or not right or waiting.whose is None:
            return None
        del self._waiting[self._name(ticket)]
        return waiting.whose

    def _live(self, ticket: str | None) -> _Waiting | None:
        waiting = self._waiting.get(self._name(ticket))
        return waiting if waiting is not None and self._clock() < waiting.ends else None

    def _name(self, ticket: str | None) -> bytes:
        return self._hash(b"ticket", ticket or "")

    def _digest(self, ticket: str, code: str) -> bytes:
        return self._hash(b"code", f"{ticket}\0{code}")

    def _hash(self, what: bytes, text: str) -> bytes:
        return hmac.digest(self._key, what + b"\0" + text.encode("utf-8", "surrogateescape"), "sha256")


def shown(code: str) -> str:
    """Return a code as it is written in a mail, in two halves."""
    return f"{code[: SYMBOLS // 2]}-{code[SYMBOLS // 2 :]}"


def _plain(code: str) -> str:
    """Return a code as it was made, of one as people type it."""
    return "".join(code[:64].split()).replace("-", "").upper()
