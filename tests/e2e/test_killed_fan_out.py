"""An erasure that is told to twenty parties is killed at every step of it: each is told once, and nobody who got nothing."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.case_logs import opened_for_cases
from console.case_opening import carried_out
from console.certificates import checked
from console.settings import Settings, read_settings
from lineage.cases.carrying import confirm
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.folding import folded
from lineage.cases.keys import key_of
from lineage.checkpointing import checkpointed, seed_of
from lineage.evidence.certificate import certificate
from lineage.evidence.signing import public_key
from lineage.evidence.stating import known_in
from lineage.stores.journal import SqliteJournal
from lineage.times import now
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked, assert_no_traceback, started
from tests.e2e.told_parties import BY_LETTER, MOMENTS, NOT_TOLD, OPENDSR, TIMEOUT, Town, town
from tests.servers.waiting import until

EVERY = "EVERY_KILL"
"""Set: every step at every party. Else every step, at every fifth party. Not JALKI_…: those are settings."""
PARTIES = (*OPENDSR, *BY_LETTER)
CHOSEN = MOMENTS if os.environ.get(EVERY) else [each for each in MOMENTS if PARTIES.index(each[0]) % 5 == 0]
HERS, OTHERS = "C-hers", "C-somebody-elses"
FREE = int((2 * TIMEOUT + 1) * 1_000_000)
TRIES = 2
"""A machine that is very slow lets an attempt run out of its time."""
HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Shop:
    """A data folder with a case of erasure that is not approved yet."""

    data: Path
    case: str


@dataclass(frozen=True, slots=True)
class Told:
    """A shop of its own, and whom it tells."""

    town: Town
    data: Path
    case: str

    def settings(self) -> Settings:
        return read_settings({**self.town.settings, "JALKI_DATA": f"{self.data}"})

    def standing(self) -> Case:
        with closing(SqliteJournal(self.data / "graph.db", read_only=True)) as journal:
            return folded(journal.entries(self.case))

    def done(self) -> set[str]:
        """The parties of which it is kept that they were told."""
        return {each.party for each in self.standing().tasks.values() if each.state in {"sent", "accepted"}}

    def keys(self) -> dict[str, list[str]]:
        """The key of what each party is to be told."""
        return {each.party: [key_of(each.id)] for each in self.standing().tasks.values() if each.party in PARTIES}


def got(who: str, party: str) -> dict[str, object]:
    return event(
        "DataDisclosed", f"{who} {party}", identifiers=[{"kind": "customer_id", "value": who}], holder="order-system",
        recipient=party, purpose="analytics", categories=["browsing"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    lines = [got(HERS, each) for each in PARTIES] + [got(OTHERS, each) for each in (*NOT_TOLD, "posti", "meta")]
    assert asked("ingest", write_lines(folder / "e.jsonl", lines), "--data", folder / "data").code == 0
    opened = asked("case", "open", "erasure", f"customer_id:{HERS}", "--channel", "account", "--data", folder / "data")
    assert opened.code == 0
    return Shop(folder / "data", opened.out.strip())


@pytest.fixture
def told(shop: Shop, parties: Town, tmp_path: Path) -> Told:
    parties.forget()
    return Told(parties, shutil.copytree(shop.data, tmp_path / "data"), shop.case)


def kill(told: Told, moment: tuple[str, str]) -> None:
    """Have the program tell them all, until it is killed."""
    with started("case", "approve", told.case, "--data", told.data, settings=told.town.settings) as run:
        told.town.killing.at(run.process.pid, moment)
        assert run.end().code == -signal.SIGKILL


def go_on(told: Told) -> None:
    """Do what is left to do in this process, once the claims of the one that was killed are over."""
    with opened_for_cases(told.settings(), lambda: now() + FREE) as book:
        for _ in range(TRIES):
            carried_out(book)
    assert told.done() == {*PARTIES}


def go_on_as_the_program(told: Told) -> None:
    """Start the program again, and tell it to stop when all is told. Not by an interrupt: whoever runs tests in the
    background may have it ignored."""
    with started("case", "watch", told.case, "--data", told.data, settings=told.town.settings) as run:
        until(lambda: ", ".join({*PARTIES} - told.done()) or None, seconds=60, what="all parties that are told")
        run.process.send_signal(signal.SIGTERM)
        assert_no_traceback(run.end())


def finish(told: Told) -> tuple[Case, bytes, bytes]:
    """The companies are done, staff see to the letters; return the case, its certificate and the key to check it with."""
    told.town.complete()
    with opened_for_cases(told.settings(), lambda: now() + HOUR) as book:
        for each in book.work.case(told.case).tasks.values():
            if each.state in {"sent", "manual"}:
                confirm(book.work, told.case, each.id, "verified", "ticket 17")
        carried_out(book)
        return book.work.case(told.case), *_certificate(book.work, told.case)


def _certificate(work: Casework, case: str) -> tuple[bytes, bytes]:
    seed, point = seed_of(work), checkpointed(work, case)
    file = certificate(work.journal.entries(case), known_in(work.register, work.clock()), work.clock(), seed, point)
    return file, public_key(seed)


def assert_each_is_told_once(told: Told, moment: tuple[str, str], go_on: Callable[[Told], None]) -> None:
    kill(told, moment)
    kept, calls = told.done(), told.town.calls()
    go_on(told)
    effects = told.town.effects()
    assert {party: [key for key, _ in each] for party, each in effects.items()} == told.keys()
    assert {*effects} == {*PARTIES}
    assert all(HERS in words and OTHERS not in words for each in effects.values() for _, words in each)
    again = told.town.calls()
    assert {party: again[party] for party in kept} == {party: calls[party] for party in kept}
    case, proof, key = finish(told)
    assert case.state == "closed"
    assert {each.party for each in case.tasks.values() if each.state == "verified"} >= {*PARTIES}
    found = checked(proof, key)
    assert (found.verified, found.faults) == (True, ())


@pytest.mark.parametrize("moment", CHOSEN, ids=": ".join)
def test_a_program_killed_while_it_tells_twenty_parties_tells_each_once(moment: tuple[str, str], told: Told) -> None:
    assert_each_is_told_once(told, moment, go_on)


@pytest.mark.parametrize("moment", [("meta", "request done"), ("posti", "letter done")], ids=": ".join)
def test_the_program_started_again_tells_the_rest(moment: tuple[str, str], told: Told) -> None:
    assert_each_is_told_once(told, moment, go_on_as_the_program)
