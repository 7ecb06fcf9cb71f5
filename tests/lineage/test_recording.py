"""The only way in: sealed, once each, all or nothing; what cannot be recorded is set aside, sealed as well."""

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import Retryable
from lineage.facts import Facts
from lineage.graph import NOW, Graph, Letter, Look, Until
from lineage.persons import find_person
from lineage.pseudonyms import Pseudonyms
from lineage.recording import REUSED, Dead, Read, Recorded, Recording, bound, read_letter
from lineage.revealing import Looked, looked_at, read_look, reveal, write_look
from lineage.sealing import Seal
from lineage.stores.keyring import sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key

PSEUDONYMS = Pseudonyms(b"k" * 32)
MASTER = b"m" * 32


class Keys:
    """A key ring in memory: the key of a name is made from the name, and can be destroyed."""

    def __init__(self) -> None:
        self.made: dict[bytes, bytes] = {}

    def keys(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        return {name: self.made.setdefault(name, (name * 3)[:32].ljust(32, b"k")) for name in names}

    def find(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        return {name: self.made[name] for name in names if name in self.made}

    def close(self) -> None:
        """Nothing to let go."""


def event(number: int, content: bytes = b"contents") -> Facts:
    return facts(
        f"e{number}",
        at=number,
        owns=[("customer_id:c", f"email:{number}")],
        discloses=[("customer_id:c", DELIVERY)],
        content=content,
    )


def read(number: int, content: bytes = b"contents", position: str = "") -> Read:
    return Read(event(number, content), position or f"file:{number}", b"record-%d" % number + content)


def record(recording: Recording, batch: Sequence[Read], dead: Sequence[Dead], recorded_at: int) -> Recorded:
    return recording.write(recording.seal(batch), dead, recorded_at)


def test_a_batch_is_recorded_and_counted() -> None:
    graph = MemoryGraph()
    outcome = record(Recording(graph, Keys(), PSEUDONYMS), [read(1), read(2)], [], 100)
    assert (outcome.recorded, outcome.repeated, outcome.dead) == (2, 0, ())
    assert graph.counts()["events"] == 2


def test_a_repeated_event_is_counted_and_adds_nothing_in_its_batch_and_later() -> None:
    graph = MemoryGraph()
    recording = Recording(graph, Keys(), PSEUDONYMS)
    first = record(recording, [read(1), read(1), read(2)], [], 100)
    later = record(recording, [read(2), read(3), read(1)], [], 200)
    assert (first.recorded, first.repeated) == (2, 1)
    assert (later.recorded, later.repeated) == (1, 2)
    assert graph.counts() == {"events": 3, "identifiers": 4, "disclosures": 3, "dead_letters": 0}


@pytest.mark.parametrize("batches", [[[0, 1]], [[0], [1]]], ids=["in one batch", "in two"])
def test_other_content_under_a_used_id_is_bad_input_and_the_first_stands(batches: list[list[int]]) -> None:
    graph, keys = MemoryGraph(), Keys()
    recording = Recording(graph, keys, PSEUDONYMS)
    both = [read(1), read(1, b"another!", "file:9")]
    outcomes = [record(recording, [both[each] for each in batch], [], 100) for batch in batches]
    assert sum(each.recorded for each in outcomes) == 1
    assert outcomes[-1].dead == (Dead(REUSED, "file:9", b"record-1another!"),)
    assert graph.contents([key("e1")]) == {key("e1"): b"contents"}
    (letter,) = graph.letters()
    assert letter.reason == REUSED
    assert read_letter(Seal(keys.find([letter.key])[letter.key]).open(letter.sealed, letter.key)) == (
        "file:9",
        b"record-1another!",
    )


def test_a_dead_letter_is_sealed_and_kept_once() -> None:
    graph, keys = MemoryGraph(), Keys()
    recording = Recording(graph, keys, PSEUDONYMS)
    dead = Dead("not JSON", "file:7", b"maija@example.fi \xff\x00")
    for _ in range(2):
        assert record(recording, [], [dead], 100).dead == (dead,)
    (letter,) = graph.letters()
    assert b"maija" not in letter.sealed
    assert read_letter(Seal(keys.find([letter.key])[letter.key]).open(letter.sealed, letter.key)) == (
        "file:7",
        dead.record,
    )


def test_nothing_at_all_is_written_as_nothing() -> None:
    class Untouched(MemoryGraph):
        def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> None:
            pytest.fail(f"there was nothing to record, not {facts} and {letters}")

    outcome = Recording(Untouched(), Keys(), PSEUDONYMS).write([], [], 1)
    assert (outcome.recorded, outcome.repeated, outcome.dead) == (0, 0, ())


def test_what_was_sent_is_sealed_for_its_holder_and_bound_to_its_event() -> None:
    graph, keys = MemoryGraph(), Keys()
    several = facts(
        "e1",
        discloses=[("customer_id:c", DELIVERY), ("consignee:o", DELIVERY)],
        consents=[("customer_id:c", "newsletter", True)],
    )
    link = facts("e2", link=("email:a", "email:b", True))
    record(Recording(graph, keys, PSEUDONYMS), [Read(several, "f:1", b"r"), Read(link, "f:2", b"r")], [], 1)
    kept = [*graph.events[key("e1")].disclosures, *graph.events[key("e1")].consents, *graph.events[key("e2")].links]
    for fact in kept:
        holder = fact.one if hasattr(fact, "one") else fact.holder
        assert Seal(keys.made[holder]).open(fact.as_sent, bound(fact)) == b"sealed"
    assert len({each.as_sent for each in kept}) == len(kept) == 4
    assert len({bound(each) for each in kept}) == 4


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=14),
    cuts=st.lists(st.integers(0, 14), max_size=4),
    random=st.randoms(use_true_random=False),
)
def test_any_order_repetition_and_batching_of_the_same_events_gives_the_same_graph(
    numbers: list[int], cuts: list[int], random: Random
) -> None:
    outcomes = []
    for arrival in (numbers, random.sample(numbers, len(numbers))):
        graph = MemoryGraph()
        recording = Recording(graph, Keys(), PSEUDONYMS)
        bounds = sorted({0, len(numbers), *(cut for cut in cuts if cut < len(numbers))})
        batches = [arrival[start:end] for start, end in pairwise(bounds)]
        told = [record(recording, [read(number) for number in batch], [], 100) for batch in batches]
        customer = [key("customer_id:c")]
        outcomes.append((
            sum(each.recorded for each in told), sum(each.repeated for each in told), dict(graph.counts()),
            sorted(graph.owned(customer, NOW)), sorted(each._replace(as_sent=b"") for each in graph.disclosures(customer, NOW)),
        ))  # fmt: skip
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == len(set(numbers))


class Breaking:
    """A file's connection that fails as it commits, as a full disk or a lost one does."""

    def __init__(self, connection: object) -> None:
        self._connection = connection
        self.broken = True

    def execute(self, text: str, *more: object) -> object:
        if self.broken and text == "COMMIT":
            raise Retryable("graph.db is busy")
        return self._connection.execute(text, *more)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[SqliteGraph]:
    store = SqliteGraph(tmp_path / "graph.db")
    yield store
    store.close()


def test_when_the_store_fails_as_it_commits_nothing_is_written_and_the_same_batch_succeeds_later(
    graph: SqliteGraph,
) -> None:
    recording = Recording(graph, Keys(), PSEUDONYMS)
    record(recording, [read(1)], [], 100)
    whole, graph._file = graph._file, Breaking(graph._file)
    batch, dead = [read(1), read(2), read(3)], [Dead("not JSON", "f:9", b"x")]
    with pytest.raises(Retryable):
        record(recording, batch, dead, 100)
    graph._file = whole
    assert dict(graph.counts()) == {"events": 1, "identifiers": 2, "disclosures": 1, "dead_letters": 0}
    outcome = record(recording, batch, dead, 100)
    assert (outcome.recorded, outcome.repeated, len(outcome.dead)) == (2, 1, 1)
    assert dict(graph.counts()) == {"events": 3, "identifiers": 4, "disclosures": 3, "dead_letters": 1}
    assert len(graph.owned([key("customer_id:c")], NOW)) == 3
    assert len(graph.disclosures([key("customer_id:c")], NOW)) == 3


def clear(*named: tuple[str, str]) -> bytes:
    return json.dumps({"identifiers": named, "evidence": {}}).encode()


def revealing(graph: Graph, keys: Keys) -> bytes:
    """A customer whose mail address was sent in two forms, and another person; return the customer's pseudonym."""
    customer, mail = PSEUDONYMS.identifier("customer_id", "C-1"), PSEUDONYMS.identifier("email", "a@b.fi")
    sent = [clear(("customer_id", "C-1"), ("email", form)) for form in ("A@B.fi", "a@b.fi ")]
    batch = []
    for number, as_sent in enumerate([*sent, clear(("email", "other@b.fi"))]):
        holder = customer if number < 2 else PSEUDONYMS.identifier("email", "other@b.fi")
        made = facts(f"e{number}", discloses=[("customer_id:x", DELIVERY)])
        kinds = {customer: "customer_id", mail: "email"} if number < 2 else {holder: "email"}
        batch.append(Read(made._replace(
            identifiers=kinds, owns=((customer, mail),) if number < 2 else (),
            disclosures=(made.disclosures[0]._replace(holder=holder, as_sent=as_sent),),
        ), f"f:{number}", b""))  # fmt: skip
    record(Recording(graph, keys, PSEUDONYMS), batch, [], 100)
    return customer


def test_identifiers_are_revealed_in_every_form_they_were_sent_in_and_nobody_elses() -> None:
    graph, keys = MemoryGraph(), Keys()
    person = find_person(graph, revealing(graph, keys), NOW)
    assert reveal(graph, keys, PSEUDONYMS, person, NOW) == {"customer_id": ["C-1"], "email": ["A@B.fi", "a@b.fi "]}
    assert reveal(graph, keys, PSEUDONYMS, person, Until(at=-1)) == {}


def test_what_was_sealed_under_a_destroyed_key_is_not_revealed() -> None:
    graph, keys = MemoryGraph(), Keys()
    customer = revealing(graph, keys)
    person = find_person(graph, customer, NOW)
    del keys.made[customer]
    assert reveal(graph, keys, PSEUDONYMS, person, NOW) == {}


def test_a_look_is_kept_sealed_and_says_who_looked_at_what_and_why() -> None:
    graph = MemoryGraph()
    write_look(graph, b"l" * 32, 7, actor="desk-1", asked="email:a@b.fi", reason="called in")
    (look,) = graph.looks()
    assert look.at == 7
    assert b"a@b.fi" not in look.sealed
    assert read_look(look, b"l" * 32) == {"actor": "desk-1", "asked": "email:a@b.fi", "reason": "called in"}


def test_a_look_is_at_a_person_a_case_or_nobody_in_particular_whatever_it_was_asked_by() -> None:
    customer = PSEUDONYMS.identifier("customer_id", "C-1")
    asked = {
        "customer_id:C-1": customer,
        "lookups:customer_id:C-1": customer,
        f"where:{customer.hex()}": customer,
        "case:2026-00000001": "2026-00000001",
        "2026-00000001": "2026-00000001",
        "lookups:": None,
        "lookups:desk-1": None,
        "reached:posti": None,
        "samples:7": None,
        "look-ups": None,
    }
    assert {each: looked_at(Looked(0, "", each, ""), PSEUDONYMS) for each in asked} == asked


def test_a_look_that_cannot_be_written_is_an_error_before_anything_could_be_shown() -> None:
    class Full(MemoryGraph):
        def look(self, look: Look) -> None:
            raise Retryable(f"graph.db is busy at {look.at}")

    with pytest.raises(Retryable):
        write_look(Full(), b"l" * 32, 7, actor="desk-1", asked="email:a@b.fi", reason="called in")


def test_recording_goes_the_whole_way_into_files_and_out_again(tmp_path: Path, graph: SqliteGraph) -> None:
    keys = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    customer = revealing(graph, keys)  # type: ignore[arg-type]  # a real ring where others take one in memory
    person = find_person(graph, customer, NOW)
    assert reveal(graph, keys, PSEUDONYMS, person, NOW)["email"] == ["A@B.fi", "a@b.fi "]
    keys.close()
    for file in tmp_path.iterdir():
        assert b"B.fi" not in file.read_bytes()


class Overtaken(MemoryGraph):
    """A graph in which another writer records something between a look at it and the writing."""

    def __init__(self, meanwhile: list[Facts]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        while self._meanwhile:
            super().record([self._meanwhile.pop()])
        return super().record(facts, letters)


def test_what_another_writer_recorded_at_the_same_moment_is_judged_by_what_stands() -> None:
    graph = Overtaken([event(1), event(2, b"another!")])
    outcome = record(Recording(graph, Keys(), PSEUDONYMS), [read(1), read(2), read(3)], [], 100)
    assert (outcome.recorded, outcome.repeated) == (1, 1)
    assert [(each.reason, each.position) for each in outcome.dead] == [(REUSED, "file:2")]
    assert [each.reason for each in graph.letters()] == [REUSED]
    assert graph.contents([event(2).event]) == {event(2).event: b"another!"}
