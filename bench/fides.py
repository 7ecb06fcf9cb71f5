"""Fides beside Jalki: one person erased across 20 parties with a REST interface, and 100 persons at once. In turn, one run.

`python -m bench.fides [--parties 20 --at-once 100 --ones 6 --rounds 3]`. Needs Debian's packages postgresql and
redis-server, and pip. Both call the same server of parties, which keeps who was erased where; each is judged by that alone.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.fides_peer import VERSION, Fides, running_fides, spent
from bench.rest_parties import Server, running_parties
from console.opening import Folder, opened_for_recording
from console.parties import parties_of
from console.settings import read_settings
from lineage.cases.deciding import approve
from lineage.cases.intake import Message, receive
from lineage.times import now
from schemas.records import JsonRecords
from streams.dispatch import Dispatch
from streams.records import Record
from tests.servers.server import UnavailableError

ADDRESS = "person{}@customers.example"
PATIENCE = 3_600.0
LOOK = 30.0
NOT_TOLD = frozenset({"authority", "own-system", "group", "company"})
DESCRIPTOR = """channel: rest
address: http://{host}/{party}
means:
  erase: {{does: 'The member is deleted; asking again shows that there is none', proof: verified}}
identifiers: {{email: [email@1]}}
limits:
  calls: 1000000
  seconds: 1
  rates: {{calls: {{calls: 1000000, seconds: 1}}}}
settings:
  login: {{bearer: {{file: bench.token}}}}
  calls:
    erase:
      - name: member
        for_each: email
        request: {{call: 'DELETE /members/${{identifier}}'}}
        answers: [{{status: 204, state: accepted}}, {{status: 404, state: not_held}}]
        read_back:
          request: {{call: 'GET /members/${{identifier}}'}}
          after: 0.1
          answers: [{{status: 404, state: verified}}, {{status: 200, state: accepted}}]
"""


class Taken(NamedTuple):
    """Seconds: until the last party had erased the last person, until all was done and proved, and of the processor."""

    erased: float
    done: float
    processor: float
    stores: float
    """Of the processor, what was of servers of its stores beside it; ours are files."""


@dataclass(slots=True)
class Truth:
    """What the parties saw, and what they should have: people are asked for once, and none comes twice."""

    server: Server
    parties: Sequence[str]
    everybody: Sequence[str]
    asked: list[str] = field(default_factory=list)

    def next(self, people: int) -> Sequence[str]:
        """Return the next ones to be erased."""
        several = self.everybody[len(self.asked) : len(self.asked) + people]
        self.asked += several
        return several

    def all_there(self, seconds: float) -> bool:
        """Tell whether there are as many erasures as there should be, as soon as they are, or after so many seconds."""
        wanted = len(self.asked) * len(self.parties)
        return sum(map(len, self.server.held(wanted, seconds)["gone"].values())) >= wanted

    def last(self, people: Sequence[str]) -> float:
        """Return when the last of `people` was erased. Raises: RuntimeError: others were, or not all."""
        gone = self.server.held()["gone"]
        expected = set(self.asked)
        for party in self.parties:
            if set(gone[party]) != expected:
                raise RuntimeError(f"{party} has erased others than were asked for, or not all")
        if wrong := [party for party, those in gone.items() if those and party not in self.parties]:
            raise RuntimeError(f"erased at parties that have nothing: {wrong}")
        return float(max(gone[party][each] for party in self.parties for each in people))


@contextmanager
def shop(folder: Path, host: str, parties: Sequence[str], people: Sequence[str]) -> Iterator[Folder]:
    """Open a shop that told each of these parties something of each person, and knows how each is told."""
    (folder / "parties").mkdir()
    (folder / "parties" / "bench.token").touch(mode=0o600)
    (folder / "parties" / "bench.token").write_text("none-is-asked-for\n")
    for party in parties:
        (folder / "parties" / f"{party}.yaml").write_text(DESCRIPTOR.format(host=host, party=party))
    settings = read_settings({"JALKI_DATA": f"{folder / 'data'}", "JALKI_PARTIES": f"{folder / 'parties'}"})
    numbers = count(1)
    with opened_for_recording(settings) as (opened, recorder):
        records = JsonRecords(opened.catalogue)
        for person in people:
            encoded = [records.encode(_disclosed(person, party)).record for party in parties]
            batch = [Record("t", 0, next(numbers), 0, None, each, ()) for each in encoded]
            recorder.write([recorder.seal(recorder.prepare(batch))])
        yield opened


def known_parties(folder: Path, wanted: int) -> Sequence[str]:
    """Return so many parties of the register that are told of erasures."""
    with opened_for_recording(read_settings({"JALKI_DATA": f"{folder / 'register'}"})) as (opened, _):
        found = [each.id for each in opened.register.declared.parties if each.kind not in NOT_TOLD]
        told = [each for each in found if not opened.register.is_controller(each)][:wanted]
    if len(told) < wanted:
        raise SystemExit(f"the register has {len(told)} parties that are told, not {wanted}")
    return told


def by_jalki(opened: Folder, truth: Truth, people: Sequence[str]) -> Taken:
    """Open and approve a case of each, carry them out, read each party back; until every case is closed."""
    began, clock, used = time.time(), time.perf_counter(), _own()
    cases = set()
    for each in people:
        message = Message(["erasure"], (("email", each),), opened.clock(), "account", "multitronic")
        (case,) = receive(opened.casework, message)
        approve(opened.casework, case.id)
        cases.add(case.id)
    asyncio.run(_carried_out(opened))
    done, processor = time.perf_counter() - clock, _own() - used
    if left := {each.state for each in opened.journal.cases() if each.case in cases} - {"closed"}:
        raise RuntimeError(f"cases are {left}")
    return Taken(truth.last(people) - began, done, processor, 0.0)


async def _carried_out(opened: Folder) -> None:
    parties, clock = parties_of(opened, now), time.perf_counter()
    try:
        while True:
            await Dispatch(opened.casework, parties).run_until_idle()
            if (look := opened.journal.next_look()) is None:
                return
            if time.perf_counter() - clock > PATIENCE:
                raise RuntimeError("it does not come to an end")
            await asyncio.sleep(max(look - now(), 0) / 1_000_000)
    finally:
        await parties.close()


def by_fides(fides: Fides, truth: Truth, people: Sequence[str]) -> Taken:
    """Submit a request of each that needs no approval; until every request is complete."""
    before = fides.completed()
    used, stores = spent(fides.own), spent(fides.stores)
    began, clock = time.time(), time.perf_counter()
    fides.submit(people)
    while not truth.all_there(LOOK):  # asked seldom, for what it takes to answer would be counted
        fides.completed()
        if time.perf_counter() - clock > PATIENCE:
            raise RuntimeError("it does not come to an end")
    last = truth.last(people)
    fides.wait(before + len(people), PATIENCE)
    done = time.perf_counter() - clock
    stored = spent(fides.stores) - stores
    return Taken(last - began, done, spent(fides.own) - used + stored, stored)


def _own() -> float:
    used = os.times()
    return used.user + used.system


def in_turn(ways: Mapping[str, Callable[[Sequence[str]], Taken]], truth: Truth, people: int, rounds: int) -> None:
    """Have both erase so many at once, in turn, and print it."""
    runs: dict[str, list[Taken]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in list(ways)[:: 1 if turn % 2 == 0 else -1]:
            runs[way].append(ways[way](truth.next(people)))
            print(f"  {way}: {_said(runs[way][-1])}", flush=True)
    print(f"\n{people} at once, {rounds} times each, in turn; seconds, median (range)\n")
    print("| | until the last party had erased | until all was done | processor | of it, servers of stores |")
    print("|---|---|---|---|---|")
    for way, several in runs.items():
        print(f"| {way} | {' | '.join(_spread(each) for each in zip(*several, strict=True))} |")
    jalki, fides = (list(each) for each in runs.values())
    ratios = [[two[at] / one[at] for one, two in zip(jalki, fides, strict=True)] for at in range(3)]
    print(f"| Fides / Jalki | {' | '.join(_spread(each) for each in ratios)} | |\n", flush=True)


def _said(run: Taken) -> str:
    return f"erased after {run.erased:.2f} s, done after {run.done:.2f} s, processor {run.processor:.2f} s"


def _spread(several: Sequence[float]) -> str:
    return f"{median(several):.2f} ({min(several):.2f} to {max(several):.2f})"


def _disclosed(person: str, party: str) -> bytes:
    event = {
        "type": "DataDisclosed",
        "event_id": f"{person} {party}",
        "controller": "multitronic",
        "occurred_at": "2026-03-01T09:00:00+02:00",
        "identifiers": [{"kind": "email", "value": person}],
        "holder": "order-system",
        "recipient": party,
        "purpose": "analytics",
        "categories": ["browsing"],
    }
    return json.dumps(event).encode()


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--parties", type=int, default=20)
    wanted.add_argument("--at-once", type=int, default=100)
    wanted.add_argument("--ones", type=int, default=6, help="how often one person is erased by each")
    wanted.add_argument("--rounds", type=int, default=3, help="how often so many at once are")
    given = wanted.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="jalki-fides-") as text:
            measure(Path(text), given)
    except UnavailableError as missing:
        sys.exit(f"this cannot be measured here: {missing}")


def measure(folder: Path, given: argparse.Namespace) -> None:
    """Run both and the parties, and measure."""
    people = [ADDRESS.format(each) for each in range(2 * (1 + given.ones + given.at_once * given.rounds) + 10)]
    parties = known_parties(folder, given.parties)
    (folder / "fides").mkdir()
    with (
        running_parties(folder) as server,
        running_fides(folder / "fides") as fides,
        shop(folder, server.host, parties, people) as opened,
    ):
        server.seed(people)
        fides.declare(parties, server.host)
        truth = Truth(server, parties, people)
        ways = {"Jalki": lambda those: by_jalki(opened, truth, those),
                f"Fides {VERSION}": lambda those: by_fides(fides, truth, those)}  # fmt: skip
        print(f"{given.parties} parties, {len(people)} persons, of whom 10 are never erased. To warm up:", flush=True)
        in_turn(ways, truth, 1, 1)
        in_turn(ways, truth, 1, given.ones)
        in_turn(ways, truth, given.at_once, given.rounds)
        print(f"calls of both together: {server.held()['calls']}")


if __name__ == "__main__":
    main()
