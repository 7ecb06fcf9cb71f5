"""The campaign's judge finds nothing in a campaign without a fault, and each fault that is planted, and no other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from bench.campaign.feeding import rows_of
from bench.campaign.judging import Asked, Seen, findings
from bench.campaign.town import KINDS, Name, Record, Row, Told
from streams.shop import Event, Truth
from tests.e2e.events import shop

MAIL = "sendgrid"
CASE, LATE = "2026-AAAAAAAA", "2026-BBBBBBBB"
EVENTS = shop(60, seed=5)
TRUTH = Truth(EVENTS)


def _her() -> str:
    """An account that several parties with an interface know of."""
    accounts = [f"customer_id:{each['customer_id']}" for each in EVENTS if each["type"] == "AccountOpened"]
    return max(accounts, key=lambda each: len(_parties(each)))


def _parties(identifier: str) -> set[str]:
    holdings: Any = TRUTH.where(identifier)["holdings"]
    return {each["party"] for each in holdings} & KINDS.keys()


HER = _her()
HERS = TRUTH.own(HER)
OTHER = next(
    f"customer_id:{each['customer_id']}" for each in EVENTS
    if each["type"] == "AccountOpened" and f"customer_id:{each['customer_id']}" != HER
)  # fmt: skip
PARTY = sorted(_parties(HER))[0]


def answer(identifier: str) -> dict[str, Any]:
    truth = TRUTH.where(identifier)
    parts: Any = {part: truth[part] for part in ("holdings", "shared")}
    return {**truth, **{part: [{**each, "observed": True} for each in parts[part]] for part in parts}}


def well() -> Seen:
    """She was erased at every party, and everybody else is as before."""
    records = {party: Record() for party in KINDS}
    fed: dict[str, list[Any]] = {party: [] for party in KINDS}
    for event in EVENTS:
        for party, row in rows_of(event):
            if party in fed:
                fed[party].append(row)
                records[party].put([row])
    for party, record in records.items():
        hers = [row for row in record.rows.values() if row.hangs in HERS]
        gone = record.take_out(hers)
        for name in sorted({name for row in gone for name in row.names if name[0] == "order_id"}):
            record.told.append(Told(party, "erase", name, "a-key", gone))
    tasks = [{"party": party, "state": "verified"} for party in _parties(HER)]
    answers = {each: answer(each) for each in TRUTH.identifiers()}
    answers[HER] = {**answers[HER], "holdings": [], "shared": []}
    cases = [Asked(CASE, "erasure", HER, len(EVENTS)), Asked(LATE, "access", OTHER, None, late=True)]
    statements = {CASE: {"parties": tasks, "holds": []}}
    return Seen(EVENTS, cases, records, fed, answers, statements, alarms=frozenset({LATE}))


def kinds(seen: Seen) -> set[str]:
    return {each.kind for each in findings(seen)}


def test_where_all_is_well_nothing_is_found() -> None:
    assert len(_parties(HER)) > 2
    assert findings(well()) == []


def _lost(seen: Seen) -> Seen:
    told = {**seen.answers[OTHER], "holdings": list(seen.answers[OTHER]["holdings"])[1:]}
    return replace(seen, answers={**seen.answers, OTHER: told})


def _double(seen: Seen) -> Seen:
    first, *rest = seen.answers[OTHER]["holdings"]
    told = {**seen.answers[OTHER], "holdings": [{**first, "disclosures": first["disclosures"] + 1}, *rest]}
    return replace(seen, answers={**seen.answers, OTHER: told})


def _resurrected(seen: Seen) -> Seen:
    return replace(seen, answers={**seen.answers, HER: answer(HER)})


def _of_nobody_who_asked(seen: Seen) -> Seen:
    name = next(row for row in seen.fed[PARTY] if row.hangs not in HERS and row.hangs[0] != "consignee")
    order = next(each for each in name.names if each[0] in KINDS[PARTY])
    seen.records[PARTY].told.append(Told(PARTY, "erase", order, "another-key"))
    return seen


def _for_another_right(seen: Seen) -> Seen:
    told = seen.records[PARTY].told[0]
    seen.records[PARTY].told.append(told._replace(act="restrict"))
    return seen


def _twice(seen: Seen) -> Seen:
    seen.records[PARTY].told.append(seen.records[PARTY].told[0]._replace(key="another-key"))
    return seen


def _of_somebody_else(seen: Seen) -> Seen:
    record = seen.records[PARTY]
    record.take_out([next(row for row in record.rows.values() if row.hangs not in HERS)])
    return seen


def _claimed(seen: Seen) -> Seen:
    seen.records[PARTY].put([row for row in seen.fed[PARTY] if row.hangs in HERS][:1])
    return seen


def _never_told(seen: Seen) -> Seen:
    tasks = [each for each in seen.statements[CASE]["parties"] if each["party"] != PARTY]
    seen = replace(_claimed(seen), statements={CASE: {"parties": tasks, "holds": []}})
    seen.records[PARTY].told.clear()
    return seen


def _not_named(seen: Seen) -> Seen:
    got = {each["party"] for each in seen.answers[OTHER]["holdings"]}
    return replace(seen, copies={LATE: frozenset(sorted(got)[1:])})


def _named(seen: Seen) -> Seen:
    got = {each["party"] for each in seen.answers[OTHER]["holdings"]}
    return replace(seen, copies={LATE: frozenset({*got, "debt-collector"})})


def _mailed(seen: Seen) -> Seen:
    """SendGrid had her and the other one, each by her own address; she is gone there, by its promise."""
    rows = [
        Row(
            f"mail {number}",
            cast("Name", tuple(who.split(":", 1))),
            frozenset(),
            ("email", f"person{number}@shop.example"),
        )
        for number, who in enumerate((HER, OTHER))
    ]
    record = Record()
    record.put(rows[1:])
    tasks = [*seen.statements[CASE]["parties"], {"party": MAIL, "state": "promised"}]
    return replace(
        seen,
        records={**seen.records, MAIL: record},
        fed={**seen.fed, MAIL: rows},
        statements={CASE: {"parties": tasks, "holds": []}},
    )


def _kept_at_the_mailer(seen: Seen) -> Seen:
    seen = _mailed(seen)
    seen.records[MAIL].put(list(seen.fed[MAIL])[:1])
    return seen


def _gone_from_the_mailer(seen: Seen) -> Seen:
    seen = _mailed(seen)
    seen.records[MAIL].rows.clear()
    return seen


def _silenced(seen: Seen) -> Seen:
    seen = _mailed(seen)
    seen.records[MAIL].silenced = frozenset({("email", "person1@shop.example")})
    return seen


def _unalarmed(seen: Seen) -> Seen:
    return replace(seen, alarms=frozenset())


PLANTED: dict[str, tuple[Callable[[Seen], Seen], set[str]]] = {
    "an event was lost": (_lost, {"lost or double"}),
    "an event counts twice": (_double, {"lost or double"}),
    "who was erased is back": (_resurrected, {"resurrected"}),
    "a party was told of somebody who asked for nothing": (_of_nobody_who_asked, {"told that should not be"}),
    "a party was told to do what nobody asked for": (_for_another_right, {"told that should not be"}),
    "a party was told twice": (_twice, {"told twice"}),
    "somebody else was erased": (_of_somebody_else, {"erased of somebody else"}),
    "a certificate claims what is not so": (_claimed, {"claimed and not so"}),
    "a party was never told": (_never_told, {"never told"}),
    "she was not told of a party": (_not_named, {"told her wrongly"}),
    "she was told of a party that got nothing": (_named, {"told her wrongly"}),
    "a mailer did not do what it promised": (_kept_at_the_mailer, {"claimed and not so"}),
    "somebody else was erased at a mailer": (_gone_from_the_mailer, {"erased of somebody else"}),
    "somebody who did not ask gets no mail any more": (_silenced, {"told that should not be"}),
    "nobody was alarmed": (_unalarmed, {"due and no alarm"}),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(what: str) -> None:
    plant, found = PLANTED[what]
    assert kinds(plant(well())) == found


def test_whoever_had_the_address_of_somebody_erased_at_a_mailer_may_be_gone_with_her() -> None:
    assert findings(_mailed(well())) == []
    seen = _gone_from_the_mailer(well())
    shared = [row._replace(kept_by=("email", "home@shop.example")) for row in seen.fed[MAIL]]
    assert findings(replace(seen, fed={**seen.fed, MAIL: shared})) == []


def test_what_the_law_keeps_or_a_party_owes_is_no_fault() -> None:
    seen = _claimed(well())
    others = [each for each in seen.statements[CASE]["parties"] if each["party"] != PARTY]
    owed = {CASE: {"parties": [*others, {"party": PARTY, "state": "held"}], "holds": []}}
    assert findings(replace(seen, statements=owed)) == []


def test_an_identifier_that_was_hers_when_it_was_approved_may_be_told() -> None:
    """A second account that claims her mailbox later makes it shared; what was told before was right."""
    claim: Event = {**next(each for each in EVENTS if each["type"] == "AccountOpened"), "event_id": "later"}
    email = next(value for kind, value in sorted(HERS) if kind == "email")
    claim |= {"customer_id": "C-another", "email": email, "occurred_at": "2027-01-01T00:00:00Z"}
    seen = replace(well(), events=[*EVENTS, claim])
    assert ("email", email) not in seen.truth.own(HER)
    assert ("email", email) in seen.whose(seen.cases[0])
