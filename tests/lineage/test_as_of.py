"""Whatever was recorded, in any order and however often: asked as of a time is asked of a record that holds no more."""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.cases.journal import CaseRow
from lineage.facts import Facts
from lineage.graph import NOW, Graph, Until
from lineage.reached import Asked, Reach, first_answer, reached
from lineage.recalling import Buyer, Wanted, recalled
from lineage.register import Register, load_register
from lineage.register.model import Place, Safeguard, Validity
from lineage.remaining import Left, remaining
from lineage.ropa import processing_record
from lineage.stores.spool import SqlitePurchases, SqliteSpool
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Suppression
from lineage.transfers import Annulled, transfers
from schemas.vocabulary import vocabulary
from tests.lineage.drawn import MODELS, TIMES, events
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import key

PARTY = "posti"
SHIPPED = load_register(None, frozenset(vocabulary().categories))
ABROAD = Safeguard(
    PARTY, "US", "scc", Validity(None, None), confirmed=True, source="", place=Place("test")
)  # fmt: skip
REGISTER = Register(replace(SHIPPED.declared, safeguards=(*SHIPPED.declared.safeguards, ABROAD)))
LATER = 1_000
Question = Callable[[Graph, int, Until], object]


class NobodysKeys:
    """A ring without a key: nothing that was sent can be opened."""

    def find(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:  # noqa: ARG002 - the port's
        return {}


class NoCases:
    """A journal without a case."""

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:  # noqa: ARG002 - the port's
        return ()


class NothingDecided:
    """A memory in which nobody objected."""

    def suppressed(self, keys: Collection[bytes]) -> Sequence[Suppression]:  # noqa: ARG002 - the port's
        return ()


RING: Any = NobodysKeys()
JOURNAL: Any = NoCases()
MEMORY: Any = NothingDecided()
MODELS_BY_NAME: Any = SimpleNamespace(product=key)


def those_reached(graph: Graph, now: int, as_of: Until) -> object:
    """Of all time and of an interval: the counts and each person, and the first answer."""
    found: list[object] = []
    for since, until in ((None, None), (10, 25), (20, None), (None, 10)):
        told, asked = list[Reach](), Asked(PARTY, since, until, now, as_of)
        with closing(SqliteSpool()) as spool:
            found.append((reached(graph, RING, JOURNAL, REGISTER, asked, spool, told.append), told))
        found.append(first_answer(graph, REGISTER, asked))
    return found


def what_remains(graph: Graph, now: int, as_of: Until) -> object:
    told = list[Left]()
    with closing(SqliteSpool()) as spool:
        counts = remaining(graph, RING, JOURNAL, REGISTER, PARTY, now, spool, told.append, as_of=as_of)
    return counts, told


def what_went_abroad(graph: Graph, now: int, as_of: Until) -> object:
    told = list[tuple[int | None, Reach]]()
    work: Any = SimpleNamespace(graph=graph, keyring=RING, journal=JOURNAL, register=REGISTER)
    asked = Annulled("scc", 15, now, as_of=as_of)
    found = transfers(
        work, asked, lambda: closing(SqliteSpool()), lambda _, span, each: told.append((span.since, each))
    )
    return found.parties, told


def who_bought(graph: Graph, now: int, as_of: Until) -> object:  # noqa: ARG001 - a purchase is judged at no moment
    found: list[object] = []
    for model in MODELS:
        told, wanted = list[Buyer](), Wanted(model)
        with closing(SqlitePurchases()) as purchases:
            counts = recalled(graph, RING, MEMORY, MODELS_BY_NAME, wanted, purchases, told.append, until=as_of)
        found.append((counts, told))
    return found


def the_record_of_processing(graph: Graph, now: int, as_of: Until) -> object:
    at = now if as_of.at is None else as_of.at
    return replace(processing_record(graph, REGISTER, at, None, as_of.known_at), known_at=None)


QUESTIONS: Sequence[Question] = (
    those_reached, what_remains, what_went_abroad, who_bought, the_record_of_processing,
)  # fmt: skip


def recorded(graph: Graph, several: Sequence[Facts], seed: int) -> None:
    """Record events in any order, in batches, and some again."""
    shuffled = random.Random(seed)  # noqa: S311 - an order of arrival, not a secret
    arriving = [*several, *shuffled.choices(several, k=len(several))] if several else []
    shuffled.shuffle(arriving)
    for start in range(0, len(arriving), 3):
        graph.record(arriving[start : start + 3])


def then(several: Sequence[Facts], until: Until) -> list[Facts]:
    return [each for each in several if until.covers(each.at, each.recorded)]


drawn = st.integers(0, 7).flatmap(lambda n: st.tuples(*(events(f"event-{each}") for each in range(n))))
times = st.none() | st.sampled_from([-1, *TIMES, 15])
untils = st.builds(Until, times, times)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.__name__)
@settings(max_examples=100, deadline=None)
@given(several=drawn, until=untils, seed=st.integers(0, 99))
def test_as_of_a_time_is_asked_of_a_record_that_holds_no_more(
    question: Question, several: tuple[Facts, ...], until: Until, seed: int
) -> None:
    whole, less = MemoryGraph(), MemoryGraph()
    recorded(whole, several, seed)
    recorded(less, then(several, until), seed + 1)
    moment = LATER if until.at is None else until.at
    assert question(whole, LATER, until) == question(less, moment, NOW)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=25, deadline=None)
@given(several=drawn, until=untils, seed=st.integers(0, 99))
def test_the_embedded_store_answers_as_of_a_time_as_the_plain_model_does(
    folder: Path, several: tuple[Facts, ...], until: Until, seed: int
) -> None:
    plain = MemoryGraph()
    recorded(plain, several, seed)
    with TemporaryDirectory(dir=folder) as name, closing(SqliteGraph(Path(name) / "graph.db")) as store:
        recorded(store, several, seed + 1)
        for question in QUESTIONS:
            assert question(store, LATER, until) == question(plain, LATER, until)
