"""Whatever is declared and whatever went out: each flow is in the record once, and stands there as it should."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lineage.facts import Disclosure, Route
from lineage.judging import declared_rules_broken
from lineage.register import (
    Basis,
    Controller,
    Copy,
    Declared,
    Party,
    Place,
    Purpose,
    Recipient,
    Register,
    Safeguard,
    Validity,
)
from lineage.register.model import midnight
from lineage.ropa import ENDED, OBSERVED, STATUSES, UNDECLARED, UNOBSERVED
from lineage.ropa.observing import NOT_DECLARED
from lineage.sharing import sharing
from tests.lineage.ropa.recorded import graph_of, record_of

HERE = Place("drawn")
FIRST = date(2026, 1, 1)
PARTIES = ("post", "mailer", "shop", "us")
PURPOSES = ("delivery", "newsletter")
CATEGORIES = ("email", "name", "phone")
DAYS = st.integers(0, 8)
TIMES = st.builds(
    lambda day, second: midnight(FIRST + timedelta(days=day)) + second, DAYS, st.sampled_from((0, 1, -1, 9))
)


@st.composite
def validities(draw: st.DrawFn) -> Validity:
    start, length = draw(DAYS), draw(DAYS)
    first, last = FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)
    return Validity(draw(st.sampled_from((None, first))), draw(st.sampled_from((None, last))))


ENTRIES = st.builds(
    Recipient,
    party=st.sampled_from(PARTIES),
    purpose=st.sampled_from(PURPOSES),
    role=st.sampled_from(("controller", "processor", "unknown")),
    sources=st.frozensets(st.sampled_from(("person", *PARTIES)), min_size=1, max_size=3),
    categories=st.frozensets(st.sampled_from(CATEGORIES), min_size=1),
    validity=validities(),
    confirmed=st.booleans(),
    place=st.just(HERE),
)
COPIES = st.builds(
    Copy,
    source=st.sampled_from(("shop", "post")),
    target=st.sampled_from(("mailer", "us")),
    purpose=st.sampled_from(PURPOSES),
    kind=st.sampled_from(("copy", "sub-processor")),
    validity=validities(),
    place=st.just(HERE),
)


def registered(entries: list[Recipient], copies: list[Copy], safeguard: Validity) -> Register:
    return Register(
        Declared(
            controllers=(Controller("us", "unknown", (12, 31), True, HERE),),
            parties=tuple(
                Party(each, each, "group" if each == "us" else "mail", "FI", HERE) for each in sorted(PARTIES)
            ),
            purposes=tuple(Purpose(each, each, (Basis("contract"),), "6", (), HERE) for each in PURPOSES),
            recipients=tuple(entries),
            retention=(),
            safeguards=(Safeguard("mailer", "US", "dpf", safeguard, False, "", HERE),),
            adequacy=(),
            eea=frozenset({"FI"}),
            copies=tuple(copies),
            policy=(),
        )
    )


REGISTERS = st.builds(registered, st.lists(ENTRIES, max_size=6), st.lists(COPIES, max_size=3), validities())
ROUTES = st.builds(
    Route,
    source=st.sampled_from(("person", *PARTIES)),
    target=st.sampled_from((*PARTIES, "gone")),
    purpose=st.sampled_from((*PURPOSES, "gossip")),
    categories=st.lists(st.sampled_from(CATEGORIES), unique=True, max_size=3).map(tuple),
    controller=st.sampled_from(("us", "them")),
    forbidden=st.booleans(),
)
WENT = st.lists(st.tuples(ROUTES, TIMES), max_size=12)

Edge = tuple[str, str, str]


def edge_of(route: Route) -> Edge:
    return route.source, route.target, route.purpose


def declared_edges(register: Register, at: int) -> set[Edge]:
    recipients = {
        (source, each.party, each.purpose)
        for each in register.declared.recipients
        if each.validity.covers(at)
        for source in each.sources
    }
    return recipients | {(c.source, c.target, c.purpose) for c in register.declared.copies if c.validity.covers(at)}


def broken(register: Register, route: Route, at: int) -> tuple[str, ...]:
    return declared_rules_broken(register, Disclosure(b"", 0, b"", route, at, 0, b""))


@given(REGISTERS, WENT, TIMES, st.none() | TIMES)
def test_every_flow_is_there_once_as_declared_or_undeclared_and_as_observed_or_not(
    register: Register, went: list[tuple[Route, int]], at: int, since: int | None
) -> None:
    record = record_of(register, *went, until=at, since=since)
    counted = [(route, when) for route, when in went if when <= at and (since is None or when >= since)]
    declared, seen = declared_edges(register, at), {edge_of(route) for route, _ in counted}

    edges = [(each.source, each.target, each.purpose) for each in record.flows]
    assert len(edges) == len(set(edges)), "nothing doubled"
    assert set(edges) == declared | seen, "nothing lost, nothing made up"
    by_status = {
        status: {(f.source, f.target, f.purpose) for f in record.flows if f.counted.status == status}
        for status in STATUSES
    }
    allowed = {
        edge
        for edge in seen
        if all(
            NOT_DECLARED.isdisjoint(broken(register, route, when)) for route, when in counted if edge_of(route) == edge
        )
    }
    assert by_status == {
        OBSERVED: declared & seen,
        UNOBSERVED: declared - seen,
        ENDED: (seen - declared) & allowed,
        UNDECLARED: (seen - declared) - allowed,
    }


@given(REGISTERS, WENT, TIMES)
def test_every_disclosure_is_counted_once_with_the_rules_it_broke(
    register: Register, went: list[tuple[Route, int]], at: int
) -> None:
    record = record_of(register, *went, until=at)
    counted = [(route, when) for route, when in went if when <= at]
    assert sum(each.counted.seen.disclosures for each in record.flows if each.counted.seen) == len(counted)
    for flow in record.flows:
        mine = [each for each in counted if edge_of(each[0]) == (flow.source, flow.target, flow.purpose)]
        times = [when for _, when in mine]
        seen = flow.counted.seen
        assert (seen and (seen.disclosures, seen.first, seen.last)) == (
            (len(mine), min(times), max(times)) if mine else None
        )
        rules = Counter(rule for route, when in mine for rule in broken(register, route, when))
        assert {rule: each.disclosures for rule, each in flow.drift.items()} == rules
        assert flow.counted.undeclared == sum(not NOT_DECLARED.isdisjoint(broken(register, *each)) for each in mine)
        assert Counter(route.controller for route, _ in mine) == {
            company: each.disclosures for company, each in flow.companies.items()
        }
        categories = Counter(category for route, _ in mine for category in route.categories)
        found = {each.category: each.counted for each in flow.categories}
        assert {name: each.seen.disclosures for name, each in found.items() if each.seen} == categories
        for category, counts in found.items():
            assert counts.undeclared == sum(
                not _may(register, route, category, when) for route, when in mine if category in route.categories
            )


def _may(register: Register, route: Route, category: str, at: int) -> bool:
    return any(
        category in each.categories
        for each in register.declared.recipients
        if (each.party, each.purpose) == (route.target, route.purpose)
        and route.source in each.sources
        and each.validity.covers(at)
    )


@given(REGISTERS, WENT)
def test_the_record_of_all_time_agrees_with_the_sharing_graph(
    register: Register, went: list[tuple[Route, int]]
) -> None:
    record = record_of(register, *went, until=midnight(FIRST + timedelta(days=400)))
    shares = {(each.source, each.target, each.purpose): each for each in sharing(graph_of(went), register)}
    for flow in record.flows:
        share, seen = shares.pop((flow.source, flow.target, flow.purpose), None), flow.counted.seen
        assert (share is None) == (seen is None)
        if share and seen:
            assert (share.disclosures, share.first, share.last) == (seen.disclosures, seen.first, seen.last)
            assert share.drift == {rule: each.disclosures for rule, each in flow.drift.items()}
    assert shares == {}
