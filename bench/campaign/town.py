"""The parties of the campaign, as vendors of the sandbox: each has a record of its own, by rows, and keeps what it was told.

They know nothing of Jalki: they are fed with what the shop sent, and do what they are called for, unless a fault is drawn.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.sandbox.calls import Answer, Call, Operation, nothing, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Standing

Name = tuple[str, str]
"""An identifier: kind, and value as it was sent."""
_LIES = frozenset({Kind.LIE})
_PERSON = "/persons/{kind}/{identifier}"


class Row(NamedTuple):
    """What one event told a party of one person."""

    event: str
    hangs: Name
    """On which identifier the disclosure hangs; normalised."""
    names: frozenset[Name]
    kept_by: Name | None = None
    """What it is found by, normalised, where others' rows may be found by the same."""


class Told(NamedTuple):
    """One call that a party took: what it was asked, by which identifier and key, and the rows that went."""

    party: str
    act: str
    name: Name
    key: str
    rows: tuple[Row, ...] = ()


@dataclass(slots=True)
class Record:
    """What a party has, and has been told."""

    rows: dict[tuple[str, Name], Row] = field(default_factory=dict)
    by_name: dict[Name, set[tuple[str, Name]]] = field(default_factory=lambda: defaultdict(set))
    told: list[Told] = field(default_factory=list)
    silenced: frozenset[Name] = frozenset()
    """Whom the party may send nothing any more; normalised."""

    def put(self, rows: Iterable[Row]) -> None:
        """Let the party have these; the same again changes nothing."""
        for row in rows:
            place = row.event, row.hangs
            self.rows[place] = row
            for name in row.names:
                self.by_name[name].add(place)

    def found(self, name: Name) -> list[Row]:
        """Return what is there under an identifier, exactly as it was sent."""
        return [self.rows[place] for place in self.by_name.get(name, ()) if place in self.rows]

    def take_out(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Erase rows."""
        gone = [self.rows.pop((row.event, row.hangs), None) for row in rows]
        return tuple(row for row in gone if row is not None)


class Party:
    """An ordinary party with an ordinary REST interface. Implements `connectors.sandbox.vendor.Vendor`."""

    def __init__(self, name: str, _clock: Clock) -> None:
        self.name = name
        self.state: Any = Record()
        self._token = secrets.token_urlsafe(24)
        self.operations: Sequence[Operation] = (
            Operation("DELETE", _PERSON, self._erase, takes=_LIES),
            Operation("GET", _PERSON, self._read, takes=_LIES),
            Operation("PATCH", _PERSON, self._noted("rectify"), takes=_LIES),
            Operation("POST", f"{_PERSON}/restriction", self._noted("restrict"), takes=_LIES),
            Operation("POST", f"{_PERSON}/objection", self._noted("stop"), takes=_LIES),
        )

    def admits(self, call: Call) -> Answer | None:
        """Whoever has the token."""
        return None if secrets.compare_digest(call.bearer() or "", self._token) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Return an error as this party words them."""
        return said(status, {"code": f"error-{status}"}, {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - it has no limits
        """Tell nothing of limits: it has none."""
        return {}

    def settle(self, now: int) -> None:
        """It has no jobs."""

    def held(self) -> Mapping[str, Any]:
        """Return how much it has: what it has is personal data."""
        return {"rows": len(self.state.rows)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Take rows, as `feed` makes them."""
        self.state.put(given["rows"])

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - the token is the same everywhere
        """Return its token."""
        return {f"{self.name}.token": self._token}

    def _erase(self, call: Call) -> Answer:
        name = call.path["kind"], call.path["identifier"]
        found = self.state.found(name)
        if not found:
            return said(404, {"code": "no_such_person"})
        gone = () if call.fault is Kind.LIE else self.state.take_out(found)
        self._keep(call, "erase", gone)
        return nothing()

    def _read(self, call: Call) -> Answer:
        found = self.state.found((call.path["kind"], call.path["identifier"]))
        if call.fault is Kind.LIE and found:  # what it says of what it has is not true, and it is no proof then
            return said(200, {"rows": 0, "stale": True})
        return said(200, {"rows": len(found)}) if found else said(404, {"code": "no_such_person"})

    def _noted(self, act: str) -> Any:  # noqa: ANN401 - an operation's function
        def noted(call: Call) -> Answer:
            if not self.state.found((call.path["kind"], call.path["identifier"])):
                return said(404, {"code": "no_such_person"})
            if call.fault is not Kind.LIE:
                self._keep(call, act, ())
            return said(200, {"noted": True})

        return noted

    def _keep(self, call: Call, act: str, rows: tuple[Row, ...]) -> None:
        name = call.path["kind"], call.path["identifier"]
        self.state.told.append(Told(self.name, act, name, call.headers.get("idempotency-key", ""), rows))


GROUPS: Mapping[str, tuple[str, ...]] = {
    "posti matkahuolto postnord dhl ups schenker": ("order_id", "shipment_id", "tracking_number"),
    "paytrail adyen stripe paypal nets": ("order_id", "payment_id", "refund_id", "provider_reference"),
    "klarna walley resurs svea": ("order_id", "application_id", "payment_id", "refund_id", "provider_reference"),
    "microsoft warranty-insurer": ("order_id", "licence_id", "registration_id", "claim_id"),
    "multicare": ("order_id", "claim_id"),
}
"""Who has an interface, and by which kinds it is called: the first must be there, the others where they are."""
KINDS: Mapping[str, tuple[str, ...]] = {party: kinds for names, kinds in GROUPS.items() for party in names.split()}


def parties(clock: Clock) -> Sequence[Party]:
    """Return all of them, with nothing in them."""
    return [Party(name, clock) for name in KINDS]


def descriptor(party: str, url: str) -> str:
    """Return the descriptor by which Jalki calls a party, as JSON, which is YAML too."""
    calls = {
        "erase": list(_calls(party, "DELETE", "", read_back=True)),
        "rectify": list(_calls(party, "PATCH", "", body={"phone": "${change.phone}"})),
        "restrict": list(_calls(party, "POST", "/restriction")),
        "stop": list(_calls(party, "POST", "/objection")),
    }
    means = {
        right: {"does": "as it is called", "proof": "verified" if right == "erase" else "accepted"} for right in calls
    }
    means["access"] = {"does": "a person asks", "proof": "none"}
    patience = {"calls": 1_000_000, "seconds": 1, "tries": 100, "first_wait": 1, "longest_wait": 5, "timeout": 5}
    return json.dumps(
        {
            "channel": "rest",
            "address": url,
            "means": means,
            "identifiers": {kind: ["raw@1"] for kind in KINDS[party]},
            "limits": patience,
            "settings": {"login": {"bearer": {"file": f"{party}.token"}}, "calls": calls},
        },
        indent=1,
    )


def _calls(
    party: str, method: str, tail: str, *, read_back: bool = False, body: Mapping[str, str] | None = None
) -> Iterator[Mapping[str, Any]]:
    gone = {"status": 404, "where": {"code": "no_such_person"}}
    done = {"status": 204} if method == "DELETE" else {"status": 200, "where": {"noted": True}}
    for number, kind in enumerate(KINDS[party]):
        path = f"/persons/{kind}/${{identifier}}"
        call: dict[str, Any] = {
            "name": kind.replace("_", "-"),
            "for_each": kind,
            "request": {"call": f"{method} {path}{tail}", **({"body": body} if body else {})},
            "idempotency": "Idempotency-Key",
            "answers": [{**done, "state": "accepted"}, {**gone, "state": "not_held"}],
        }
        if number:
            call["optional"] = True
        if read_back:
            answers = [{**gone, "state": "verified"}, {"status": 200, "state": "accepted"}]
            call["read_back"] = {"request": {"call": f"GET {path}"}, "after": 2, "times": 10, "answers": answers}
        yield call
