"""Tells a party by a drop, many orders in one file. That a file lies there is `sent`: nobody has taken it yet.

The party's answer is its word, for it is not signed: what it says is done is promised, and never verified.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.drop.files import (
    ANSWER,
    MANIFEST,
    Answer,
    Answered,
    read_answer,
    read_manifest,
    written,
)
from connectors.drop.places import Place, Places
from connectors.protocol import Limits
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError, Refused
from lineage.register.model import HELSINKI

AGAIN = 6 * 3_600.0
"""Seconds after which a drop is looked at again for an answer."""
_DIGEST = 32


class Lying(NamedTuple):
    """A file in the drop: its name, and the beginning of the SHA-256 of its bytes."""

    name: str
    digest: str

    @property
    def handle(self) -> str:
        """What an outcome remembers it by."""
        return f"{self.name}.{self.digest}"


@dataclass(frozen=True, slots=True)
class Drop:
    """The connector of a party with a drop. Satisfies `Connector` and `Together`."""

    party: str
    places: Places
    answers: str
    clock: Callable[[], int]
    allowed: Limits

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self.allowed

    async def send(self, order: Order) -> Outcome:
        """Put one order into the drop. Raises: as `send_together`."""
        return _one(await self.send_together([order]))

    async def ask(self, order: Order) -> Outcome:
        """Look for the answer. Raises: as `ask_together`."""
        return _one(await self.ask_together([order]))

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Put orders into the drop in one file; those that lie there, or were answered, are not put there again.

        Raises: as `connectors.drop.places.Place`.
        """
        refused = {each.key: Refused(f"a drop cannot tell a party to {each.action}: a person must see to it")
                   for each in orders if each.action == "send"}  # fmt: skip
        told = [each for each in orders if each.key not in refused]
        if not told:
            return [refused[each.key] for each in orders]
        async with self.places.opened() as place:
            lying = {each.key: found for each in told if (found := _lying(each.handle)) is not None}
            if unknown := {each.key for each in told} - lying.keys():
                lying |= await self._found(place, unknown)
            new = [each for each in told if each.key not in lying]
            outcomes = await self._answered(place, lying)
            if new:
                outcomes |= await self._put(place, new)
        return [refused[each.key] if each.key in refused else outcomes[each.key] for each in orders]

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Look for answers. Raises: as `send_together`."""
        async with self.places.opened() as place:
            lying = {each.key: found for each in orders if (found := _lying(each.handle)) is not None}
            outcomes = await self._answered(place, lying)
        lost = Outcome("manual", how="no-handle")
        return [outcomes.get(each.key, lost) for each in orders]

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _found(self, place: Place, keys: set[str]) -> dict[str, Lying]:
        """Return where these orders lie already: an attempt whose end nobody knows may have put them there."""
        found: dict[str, Lying] = {}
        for name in await place.names(""):
            manifest = read_manifest(await place.read("", name) or b"") if name.endswith(MANIFEST) else None
            if manifest is not None:
                lying = Lying(manifest.file, manifest.sha256[:_DIGEST])
                found |= dict.fromkeys(keys & {*manifest.orders}, lying)
        for name in await place.names(self.answers) if keys - found.keys() else ():
            answer = read_answer(await place.read(self.answers, name) or b"") if name.endswith(ANSWER) else None
            if answer is not None:
                lying = Lying(answer.file, answer.sha256[:_DIGEST])
                found |= {each.key: lying for each in answer.orders if each.key in keys - found.keys()}
        return found

    async def _answered(self, place: Place, lying: Mapping[str, Lying]) -> dict[str, Outcome]:
        contents = {each: await place.read(self.answers, f"{each.name}{ANSWER}") for each in set(lying.values())}
        return {key: self._outcome(key, each, contents[each]) for key, each in lying.items()}

    def _outcome(self, key: str, lying: Lying, content: bytes | None) -> Outcome:
        if content is None:
            return Outcome("sent", how="no-answer-yet", handle=lying.handle, ask_again_in=AGAIN)
        answer = read_answer(content)
        if answer is None:
            return Outcome("failed", how="answer-unfit", handle=lying.handle, evidence=content)
        if answer.file != lying.name or answer.sha256[:_DIGEST] != lying.digest:
            return Outcome("failed", how="answer-to-other-bytes", handle=lying.handle, evidence=content)
        said = answer.of(key)
        if said is None:
            return Outcome("sent", how="no-answer-yet", handle=lying.handle, ask_again_in=AGAIN)
        return self._told(said, answer, lying)

    def _told(self, said: Answered, answer: Answer, lying: Lying) -> Outcome:
        shown = {"file": answer.file, "sha256": answer.sha256, "said": said.model_dump(exclude_none=True)}
        evidence = json.dumps(shown, sort_keys=True).encode()
        match said.state:
            case "taken":
                return Outcome("accepted", _HOW, handle=lying.handle, ask_again_in=AGAIN, evidence=evidence)
            case "done":
                today = datetime.fromtimestamp(self.clock() // 1_000_000, UTC).astimezone(HELSINKI).date()
                return Outcome("promised", _HOW, by=said.on or today.isoformat(), evidence=evidence)
            case "promised":
                return Outcome("promised", _HOW, by=said.by, handle=lying.handle, evidence=evidence)
            case "declined":
                return Outcome("declined", _HOW, ground=said.ground, evidence=evidence)
            case "refused":
                return Outcome("manual", how="answer-refused", evidence=evidence)
            case "partial" | "not_held":
                return Outcome(said.state, _HOW, evidence=evidence)

    async def _put(self, place: Place, orders: Sequence[Order]) -> dict[str, Outcome]:
        name, content, manifest = written(orders)
        await place.put(f"{name}.csv", content)
        await place.put(f"{name}{MANIFEST}", manifest)
        told = read_manifest(manifest)
        assert told is not None  # noqa: S101 - it is the one that was written
        lying = Lying(name, told.sha256[:_DIGEST])
        return {
            each.key: Outcome("sent", how="file-put", handle=lying.handle, ask_again_in=AGAIN, evidence=manifest)
            for each in orders
        }


_HOW = "answer-file"


def _lying(handle: str | None) -> Lying | None:
    name, _, digest = (handle or "").partition(".")
    return Lying(name, digest) if name and digest else None


def _one(answers: Sequence[Outcome | JalkiError]) -> Outcome:
    (answer,) = answers
    if isinstance(answer, JalkiError):
        raise answer
    return answer
