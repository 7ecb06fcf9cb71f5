"""Every query of the auditor's page, run on a real Neo4j with a simulated shop, beside the program's own answers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from console.opening import Folder, opened
from console.settings import read_settings
from console.shapes import drift_shape, parties_shape, sharing_shape
from lineage.cases.journal import TaskRow
from lineage.drift import drift
from lineage.graph import NOW
from lineage.sharing import sharing
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph, Neo4jJournal
from lineage.times import now
from lineage.where import where
from schemas.records import microseconds
from streams.shop import Event
from tests.contracts.journal import add, chain
from tests.docs.pages import ROOT, blocks
from tests.e2e.events import order, shop, with_bad_lines, write_lines
from tests.e2e.program import jalki
from tests.lineage.parts import DELIVERY, facts
from tests.servers.neo4j import DATABASE, Neo4j

PAGE = ROOT / "docs" / "how-to" / "auditor-cypher.md"
QUERIES = [block.text for block in blocks(PAGE) if block.language == "cypher"]
PARTY, FROM, TO = "posti", "2024-03-01T00:00:00+02:00", "2024-09-01T00:00:00+03:00"
CASE, SUBJECT = "case-of-erasure", b"s" * 16
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Audited:
    """A recorded shop, opened by the program, and the server that the queries go to."""

    server: Neo4j
    folder: Folder
    events: list[Event]
    dead: int
    given: Mapping[str, object] = field(default_factory=dict)

    def rows(self, query: str, **given: object) -> Rows:
        with self.server.driver() as driver:
            asked: dict[str, Any] = {**self.given, **given}
            found = driver.execute_query(query, asked, database_=DATABASE, routing_="r")
            return [each.data() for each in found.records]


@pytest.fixture(scope="module")
def audited(neo4j_server: Neo4j, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    neo4j_server.wipe()
    folder = tmp_path_factory.mktemp("audit")
    data, settings = folder / "data", neo4j_server.settings
    lines, good, dead = with_bad_lines(
        [*shop(150, seed=31), order("e-card", "O-card", note="4111111111111111")], seed=5
    )
    done = jalki("ingest", write_lines(folder / "shop.jsonl", lines), "--data", data, settings=settings)
    assert done.code == 1
    customer = next(f"customer_id:{each['customer_id']}" for each in good if each.get("customer_id"))
    looked = jalki("where", customer, "--reveal", "--reason", "audit", "--data", data, settings=settings)
    assert looked.code == 0
    with opened(read_settings(dict(settings), data)) as open_folder:
        shown = drift_shape(drift(open_folder.graph, open_folder.register, None))
        register = open_folder.register
        parties = parties_shape(register.parties(), sharing(open_folder.graph, register), register, now())
        kind, _, value = customer.partition(":")
        given = {
            "person": open_folder.pseudonyms.identifier(kind, value).hex(), "event": shown[0]["event"], "party": PARTY,
            "from": FROM, "to": TO, "category": "phone", "days": 30, "case": CASE, "subject": SUBJECT.hex(),
            "parties": [each["id"] for each in parties if each["transfer"]],
        }  # fmt: skip
        exercised(neo4j_server)
        yield Audited(neo4j_server, open_folder, good, dead, given)


def exercised(server: Neo4j) -> None:
    """Exercise rights in the audited shop: a case with two tasks, one without, and an erasure that keeps a disclosure."""
    login = server.login
    access = Neo4jAccess(login.uri, login.user, login.password, ca_file=login.ca_file)
    with server.driver() as driver:
        ((mark,),) = driver.execute_query("MATCH (j:Jalki) RETURN j.keys", database_=DATABASE).records
    with closing(Neo4jJournal(access, mark)) as journal:
        tasks = [TaskRow(f"task-{party}", CASE, party, "accepted", None) for party in ("posti", "sendgrid")]
        add(journal, chain(CASE, 3), *tasks, subjects=(SUBJECT,), state="carrying-out")
        add(journal, chain("case-without-tasks", 1))
    # Somebody of whom the rest of the shop knows nothing: who else is in it must not depend on chance.
    sold = facts(
        "e-erased", at=microseconds(FROM), recorded=microseconds(TO), discloses=[("customer_id:gone", DELIVERY)]
    )
    with closing(Neo4jGraph(access, mark)) as graph:
        graph.record([sold])
        assert graph.forget([sold.disclosures[0].holder], sold.at, [(sold.event, 0)], b"c" * 16).kept == 1


def query(words: str) -> str:
    """The one query of the page that has these words."""
    (found,) = [each for each in QUERIES if words in each]
    return found


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_every_query_of_the_page_finds_something(number: int, audited: Audited) -> None:
    assert audited.rows(QUERIES[number]), QUERIES[number]


def test_no_query_of_the_page_writes() -> None:
    assert len(QUERIES) > 14
    assert not [
        each for each in QUERIES if any(word in each for word in ("CREATE", "MERGE", "SET ", "DELETE", "REMOVE"))
    ]


def test_the_sharing_graph_is_that_of_the_program(audited: Audited) -> None:
    register = audited.folder.register
    shares = sharing_shape(sharing(audited.folder.graph, register), register)["sharing"]
    names = ("from", "to", "purpose", "disclosures")
    found = audited.rows(query("f.source AS from, f.target AS to, f.purpose AS purpose, count(f) AS disclosures,\n"))
    assert [[each[name] for name in names] for each in found] == [[each[name] for name in names] for each in shares]
    assert [_micros(each["last"]) for each in found] == [_milli(each["last"]) for each in shares]


def test_volumes_by_month_add_up_to_what_each_party_received(audited: Audited) -> None:
    register = audited.folder.register
    parties = parties_shape(register.parties(), sharing(audited.folder.graph, register), register, now())
    totals: Counter[str] = Counter()
    for each in audited.rows(query("at.year AS year, at.month AS month, count(*)")):
        totals[each["party"]] += each["disclosures"]
    assert totals == {each["id"]: each["received"] for each in parties if each["received"]}


def test_what_a_customer_s_data_went_to_is_what_where_answers(audited: Audited) -> None:
    """For every customer who shares nothing and of whom nothing was decided."""
    graph, register, compared = audited.folder.graph, audited.folder.register, 0
    for value in sorted({str(each["customer_id"]) for each in audited.events if each.get("customer_id")}):
        key = audited.folder.pseudonyms.identifier("customer_id", value)
        found = where(graph, register, key, NOW, now())
        if found.shared or found.person.candidates != 1 or graph.links(list(found.person.members), NOW):
            continue
        rows = audited.rows(query("AS purposes,\n"), person=key.hex())
        held = {each.party.id: each for each in found.holdings if each.observed}
        assert {each["party"]: each["disclosures"] for each in rows} == {
            name: each.disclosures for name, each in held.items()
        }
        assert {each["party"]: sorted(each["categories"]) for each in rows} == {
            name: sorted(each.categories) for name, each in held.items()
        }
        compared += bool(held)
        if compared == 25:
            break
    assert compared == 25


def test_one_party_between_two_moments(audited: Audited) -> None:
    first, end = microseconds(FROM), microseconds(TO)
    expected: Counter[str] = Counter(
        each.route.purpose
        for each in audited.folder.graph.every_disclosure(first)
        if each.route.target == PARTY and each.at < end
    )
    rows = audited.rows(query("AS persons"))
    assert {each["purpose"]: each["disclosures"] for each in rows} == expected
    assert all(0 < each["persons"] <= each["disclosures"] for each in rows)


def test_what_the_register_calls_a_transfer(audited: Audited) -> None:
    register = audited.folder.register
    abroad = [each for each in sharing(audited.folder.graph, register) if register.transfer(each.target, now())]
    rows = audited.rows(query("f.target IN $parties"))
    assert {(each["party"], each["purpose"]) for each in rows} == {(each.target, each.purpose) for each in abroad}
    assert sum(each["disclosures"] for each in rows) == sum(each.disclosures for each in abroad)


def test_what_was_sent_after_a_withdrawal_is_drift_too(audited: Audited) -> None:
    shown = drift_shape(drift(audited.folder.graph, audited.folder.register, None))
    without = {each["event"] for each in shown if "no-consent" in each["rules"]}
    assert {each["event"] for each in audited.rows(query("AS withdrawn, datetime"))} <= without


def test_dead_letters_by_reason_are_all_of_them(audited: Audited) -> None:
    rows = audited.rows(query("letter.reason AS reason"))
    assert sum(each["records"] for each in rows) == audited.dead
    assert {each["reason"] for each in rows} == {each.reason for each in audited.folder.graph.letters()}


def test_shared_identifiers_are_those_of_several_customers(audited: Audited) -> None:
    owners: dict[str, set[str]] = {}
    for each in audited.events:
        if each.get("customer_id") and each.get("device_id"):
            owners.setdefault(str(each["device_id"]), set()).add(str(each["customer_id"]))
    shared = sum(len(several) > 1 for several in owners.values())
    rows = {each["kind"]: each["identifiers"] for each in audited.rows(query("most_customers"))}
    assert rows.get("device_id", 0) == shared


def test_the_access_log_has_one_entry(audited: Audited) -> None:
    (row,) = audited.rows(query("look.at"))
    assert abs(_micros(row["at"]) - audited.folder.graph.looks()[0].at) < 1000


def test_cases_are_told_with_their_tasks_and_their_chains_are_whole(audited: Audited) -> None:
    told = {each["case"]: each for each in audited.rows(query("AS received,\n"))}
    assert told.keys() == {CASE, "case-without-tasks"}
    assert told[CASE]["tasks"] == [{"party": each, "state": "accepted", "tasks": 1} for each in ("posti", "sendgrid")]
    assert told["case-without-tasks"]["tasks"] == []
    assert [each["number"] for each in audited.rows(query("AS said\n"))] == [0, 1, 2]
    assert [each["case"] for each in audited.rows(query("$subject"))] == [CASE]
    assert all(each["whole"] for each in audited.rows(query("AS whole")))
    with audited.server.driver() as driver:
        change = "MATCH (e:CaseEntry {case: $case, number: 1}) SET e.hash = $to"
        driver.execute_query(change, case=CASE, to="0" * 64, database_=DATABASE)
        whole = {each["case"]: each["whole"] for each in audited.rows(query("AS whole"))}
        driver.execute_query(change, case=CASE, to=chain(CASE, 3)[1].hash.hex(), database_=DATABASE)
    assert whole == {CASE: False, "case-without-tasks": True}


def _micros(at: Any) -> int:
    return int(round(at.to_native().timestamp() * 1000) * 1000)


def _milli(text: str) -> int:
    return microseconds(text) // 1000 * 1000
