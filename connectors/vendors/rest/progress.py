"""What has come of an order's calls: kept in the task's handle, and put together into one outcome. Pure; makes no call.

A handle names no identifier: it is the digest of the settings, and for each call the number of the answer it came to.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from connectors.vendors.rest.shapes import DONE, AnswerSettings, CallSettings, State
from connectors.vendors.rest.units import Unit

_DIGITS = "0123456789abcdefghijklmnop"
_OPEN = "-"
_HANDLE = re.compile(r"rest\.([0-9a-f]{8})\.([0-9a-p-]{0,200})\.([0-9a-p-]{0,200})")
LARGEST_EVIDENCE = 512 * 1024


class Known(NamedTuple):
    """What a call came to: the answer of the descriptor, None where the party answered what it does not name."""

    settings: AnswerSettings | None
    status: int
    read: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What each unit came to, by its place: when it was called, and when it was read back. None: not yet."""

    digest: str
    told: tuple[int | None, ...]
    read: tuple[int | None, ...]

    @classmethod
    def of(cls, handle: str | None, calls: Sequence[CallSettings], units: Sequence[Unit]) -> "Progress":
        """Return that of a handle; one of other settings, or of another channel, has got nowhere yet."""
        digest = sha256("".join(each.model_dump_json() for each in calls).encode()).hexdigest()[:8]
        begun = cls(digest, (None,) * len(units), (None,) * len(units))
        found = _HANDLE.fullmatch(handle or "")
        if found is None or found[1] != digest or not len(found[2]) == len(found[3]) == len(units):
            return begun
        told, read = ([None if sign == _OPEN else _DIGITS.index(sign) for sign in part] for part in found.groups()[1:])
        for unit, at, seen in zip(units, told, read, strict=True):
            back = unit.call.read_back.answers if unit.call.read_back else ()
            if (at or 0) >= len(unit.call.answers) or (seen is not None and seen >= len(back)):
                return begun
        return cls(digest, tuple(told), tuple(read))

    @property
    def handle(self) -> str:
        """The text it is kept as."""
        told, read = ("".join(_OPEN if at is None else _DIGITS[at] for at in part) for part in (self.told, self.read))
        return f"rest.{self.digest}.{told}.{read}"

    def with_told(self, place: int, at: int) -> "Progress":
        """Return it with what a unit came to."""
        return replace(self, told=(*self.told[:place], at, *self.told[place + 1 :]))

    def with_read(self, place: int, at: int) -> "Progress":
        """Return it with what was read back of a unit."""
        return replace(self, read=(*self.read[:place], at, *self.read[place + 1 :]))

    def known(self, place: int, unit: Unit) -> Known | None:
        """Return what a unit came to so far."""
        seen, at = self.read[place], self.told[place]
        if seen is not None and unit.call.read_back is not None:
            answer = unit.call.read_back.answers[seen]
            return Known(answer, answer.status, read=True)
        return None if at is None else Known(unit.call.answers[at], unit.call.answers[at].status)


def state_of(known: Known) -> State:
    """Return what a call came to; what nobody said the party would answer has failed."""
    return "failed" if known.settings is None else known.settings.state


def weakest(found: Sequence[tuple[Unit, Known]]) -> Known:
    """Return the least that calls came to together: what failed for one, failed. `found` holds one at least.

    What a party has not got counts only where it has nothing at all; a preparation only where it did not do.
    """
    claims = [each for unit, each in found if not unit.call.optional or state_of(each) not in DONE]
    claims = claims or [each for _, each in found]
    claims = [each for each in claims if state_of(each) != "not_held"] or claims
    states = {state_of(each) for each in claims}
    if "declined" in states and len(states) > 1 and not states & {"failed", "manual", "letter"}:
        kept = next(each for each in claims if state_of(each) == "declined")
        return kept._replace(settings=kept.settings and kept.settings.model_copy(update={"state": "partial"}))
    # Of promises, the latest day.
    return min(
        claims, key=lambda each: (_WEAKNESS.index(state_of(each)), -((each.settings and each.settings.within) or 0))
    )


_WEAKNESS: tuple[State, ...] = (
    "failed", "manual", "letter", "partial", "declined", "accepted", "promised", "verified", "not_held",
)  # fmt: skip


def evidence_of(receipts: Sequence[tuple[str, int, bytes]]) -> bytes:
    """Return what a party answered, call by call, to be sealed; no more of it than is kept."""
    left, told = LARGEST_EVIDENCE, []
    for call, status, body in receipts:
        kept = body[: max(left, 0)]
        left -= len(kept)
        receipt: dict[str, object] = {"call": call, "status": status, "answer": kept.decode("utf-8", "replace")}
        told.append(receipt if len(kept) == len(body) else {**receipt, "cut": True})
    return json.dumps(told, ensure_ascii=False).encode() if told else b""
