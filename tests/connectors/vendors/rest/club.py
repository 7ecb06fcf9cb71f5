"""A made-up party with an ordinary REST interface, as a server that it is told at: members by e-mail address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation, nothing, said
from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Standing

TOKEN = "of-the-bonus-club"  # noqa: S105 - of nothing that exists


@dataclass
class State:
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)
    """Keys of deletions, and what was answered."""
    elsewhere: bool = False


class Club:
    """Deletes members in the night that follows: until `night` they can still be read."""

    name = "bonus-club"

    def __init__(self) -> None:
        self.state: Any = State()
        path = "/v1/members/{email}"
        self.operations = (
            Operation("DELETE", path, self._delete),
            Operation("GET", path, self._get),
            Operation("PATCH", path, self._patch, takes=frozenset({Kind.ERROR_INSIDE})),
        )

    def night(self) -> None:
        for each in self.state.leaving:
            self.state.members.pop(each, None)
        self.state.leaving.clear()

    def admits(self, call: Call) -> Answer | None:
        return None if call.bearer() == TOKEN else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        return said(status, {"error": status}, {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - it shows nothing
        return {}

    def settle(self, now: int) -> None:
        """Nothing happens by itself."""

    def held(self) -> Mapping[str, Any]:
        return {"members": self.state.members, "leaving": sorted(self.state.leaving)}

    def seed(self, given: Mapping[str, Any]) -> None:
        self.state.members |= given

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - the same everywhere
        return {"bonus-club.token": TOKEN}

    def _delete(self, call: Call) -> Answer:
        if self.state.elsewhere:
            return Answer(307, headers={"Location": "https://elsewhere.example/"})
        key = call.headers.get("idempotency-key", "")
        if key not in self.state.answered:
            there = call.path["email"] in self.state.members
            self.state.answered[key] = 204 if there else 404
            self.state.leaving |= {call.path["email"]} if there else set()
        return nothing(204) if self.state.answered[key] == 204 else said(404, {"error": "no such member"})

    def _get(self, call: Call) -> Answer:
        found = self.state.members.get(call.path["email"])
        return said(200, found) if found is not None else said(404, {"error": "no such member"})

    def _patch(self, call: Call) -> Answer:
        found = self.state.members.get(call.path["email"])
        if found is None:
            return said(404, {"error": "no such member"})
        if call.fault is Kind.ERROR_INSIDE:
            return said(200, {"updated": False})
        found |= call.json()
        return said(200, {"updated": True})
