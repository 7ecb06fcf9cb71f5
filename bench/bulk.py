"""Ten thousand erasures at SendGrid of the sandbox, by the real dispatch: how many calls, how long, and again after kill -9.

`python -m bench.bulk [--cases 10000]`
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from connectors.protocol import Connector, Limits, Together
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.serving import served_in_a_thread
from console.opening import Folder, opened_for_recording
from console.parties import parties_of
from console.sandboxing import shop_files
from console.settings import Settings, read_settings
from lineage.cases.deciding import approve
from lineage.cases.intake import Message, receive
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError
from lineage.times import now
from schemas.records import JsonRecords
from streams.dispatch import Dispatch
from streams.records import Record

ADDRESS = "person{}@customers.example"
CONTACTS = "/v3/marketing/contacts"
ERASE, SEARCH, DELETE = ("POST", "/v3/recipients/erasejob"), ("POST", f"{CONTACTS}/search/emails"), ("DELETE", CONTACTS)
POLL = ("GET", f"{CONTACTS}/imports/{{id}}")
JOB_SECONDS = 0.5
_Act = Callable[[Sequence[Order]], Awaitable[Sequence[Outcome | JalkiError]]]
PATIENCE = 7_200.0


@dataclass(slots=True)
class Timed:
    """A connector, and what it was given: how many orders at a time, and for how long it was busy with them."""

    inner: Connector
    groups: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def limits(self) -> Limits:
        """Those of the connector."""
        return self.inner.limits

    async def send(self, order: Order) -> Outcome:
        """Tell of one."""
        return await self.inner.send(order)

    async def ask(self, order: Order) -> Outcome:
        """Ask about one."""
        return await self.inner.ask(order)

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Tell of many."""
        assert isinstance(self.inner, Together)  # noqa: S101 - the bench is about that
        return await self._timed(self.inner.send_together, orders)

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Ask about many."""
        assert isinstance(self.inner, Together)  # noqa: S101 - the bench is about that
        return await self._timed(self.inner.ask_together, orders)

    async def _timed(self, act: _Act, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        began = time.perf_counter()
        try:
            return await act(orders)
        finally:
            self.groups.append(len(orders))
            self.seconds += time.perf_counter() - began

    async def close(self) -> None:
        """Let connections go."""
        await self.inner.close()


@dataclass(slots=True)
class Directory:
    """One party alone."""

    timed: Timed
    party: str = "sendgrid"

    def connector(self, party: str) -> Timed:
        """Return it."""
        assert party == self.party, party  # noqa: S101 - nobody else was told anything
        return self.timed


class Measured(NamedTuple):
    """One run: seconds in all and of them in calls, and how many orders each attempt was about."""

    seconds: float
    calling: float
    groups: Sequence[int]


@contextmanager
def sandbox(folder: Path, cases: int) -> Iterator[Hosted]:
    """Serve SendGrid with that many contacts and one more; its descriptor and key are written to the folder."""
    clock = Clock()
    with served_in_a_thread([SendGrid(clock, job_seconds=JOB_SECONDS)], clock) as served:
        hosted = served["sendgrid"]
        everybody = [ADDRESS.format(each) for each in range(cases + 1)]
        held = {"mail": everybody, "bounces": everybody, "contacts": [{"email": each} for each in everybody]}
        hosted.seed({"accounts": {"": held}})
        folder.mkdir(exist_ok=True)
        for name, text in shop_files(hosted).items():
            (folder / name).write_text(f"{text}\n", "utf-8")
        yield hosted


def settings_of(folder: Path) -> Settings:
    """Return the settings of a shop whose data and descriptors are in a folder."""
    return read_settings({"JALKI_DATA": str(folder / "data"), "JALKI_PARTIES": str(folder / "parties")})


def fill(folder: Path, cases: int, told: Callable[[int], Mapping[str, object]] | None = None) -> None:
    """Let a shop have told a party of that many people, and let all of them want to be erased; a person has said yes.

    `told` is the event by which it learnt of each; without it, SendGrid did.
    """
    numbers = count(1)
    with opened_for_recording(settings_of(folder)) as (shop, recorder):
        records = JsonRecords(shop.catalogue)
        for begin in range(0, cases, 500):
            people = range(begin, min(begin + 500, cases))
            encoded = [records.encode(json.dumps((told or _disclosed)(each)).encode()).record for each in people]
            recorder.write(
                [
                    recorder.seal(
                        recorder.prepare([Record("t", 0, next(numbers), 0, None, each, ()) for each in encoded])
                    )
                ]
            )
        for each in range(cases):
            named = (("email", ADDRESS.format(each)),)
            (case,) = receive(
                shop.casework, Message(["erasure"], named, shop.casework.clock(), "account", "multitronic")
            )
            approve(shop.casework, case.id)


def carried_out(folder: Path, clock: Callable[[], int] = now) -> Measured:
    """Do all there is to do, until every case is closed."""
    with opened_for_recording(settings_of(folder), clock) as (shop, _):
        return asyncio.run(_carried_out(shop, clock))


async def _carried_out(shop: Folder, clock: Callable[[], int]) -> Measured:
    parties = parties_of(shop, clock)
    timed = Timed(parties.connector("sendgrid"))
    began = time.perf_counter()
    try:
        while any(each.state != "closed" for each in shop.journal.cases()):
            await Dispatch(shop.casework, Directory(timed)).run_until_idle()
            if (look := shop.journal.next_look()) is not None:
                await asyncio.sleep(max(look - clock(), 0) / 1_000_000)
            assert time.perf_counter() - began < PATIENCE, "it does not come to an end"  # noqa: S101
    finally:
        await parties.close()
    return Measured(time.perf_counter() - began, timed.seconds, timed.groups)


def killed(
    folder: Path, hosted: Hosted, program: Sequence[str] = ("bench.bulk",), at: tuple[str, str] = DELETE, calls: int = 1
) -> None:
    """Begin to carry out in a process of its own, and kill it at that call; of SendGrid when nothing is settled yet."""
    child = subprocess.Popen([sys.executable, "-m", *program, "--carry-out", str(folder)])
    try:
        deadline = time.monotonic() + PATIENCE
        while hosted.counts.get(at, 0) < calls:
            assert child.poll() is None, "it ended before it could be killed"  # noqa: S101
            assert time.monotonic() < deadline  # noqa: S101
            time.sleep(0.001)
    finally:
        child.kill()
        child.wait()


def calls_of(hosted: Hosted) -> Mapping[str, int]:
    """Return how often each operation was called."""
    return {f"{method} {path}": calls for (method, path), calls in sorted(hosted.counts.items())}


def least(cases: int) -> Mapping[tuple[str, str], int]:
    """Return the fewest calls that the limits of each operation allow: contacts are searched for, and read back."""
    return {
        ERASE: math.ceil(cases / 5_000),
        SEARCH: 2 * math.ceil(cases / 100),
        DELETE: math.ceil(cases / 200),
    }


def _disclosed(person: int) -> Mapping[str, object]:
    return {
        "type": "DataDisclosed",
        "event_id": f"bulk {person}",
        "controller": "multitronic",
        "occurred_at": "2026-03-01T09:00:00+02:00",
        "identifiers": [{"kind": "email", "value": ADDRESS.format(person)}],
        "holder": "order-system",
        "recipient": "sendgrid",
        "purpose": "newsletter",
        "categories": ["email"],
    }


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--cases", type=int, default=10_000)
    wanted.add_argument("--carry-out", type=Path, help="of the process that is killed: where its shop is")
    given = wanted.parse_args()
    if given.carry_out is not None:
        carried_out(given.carry_out)
        return
    for name, kill in (("undisturbed", False), ("after kill -9", True)):
        with tempfile.TemporaryDirectory() as text, sandbox(Path(text) / "parties", given.cases) as hosted:
            began = time.perf_counter()
            fill(Path(text), given.cases)
            print(f"{name}: {given.cases} cases opened and approved in {time.perf_counter() - began:.0f} s")
            if kill:
                killed(Path(text), hosted)
                print(f"  killed after {calls_of(hosted)}")
            run = carried_out(Path(text))
            held = hosted.held()["accounts"][""]
            assert [each["email"] for each in held["contacts"]] == held["mail"] == [ADDRESS.format(given.cases)]  # noqa: S101
            print(f"  {run.seconds:.0f} s, of them {run.calling:.1f} s in calls; orders at a time: {list(run.groups)}")
            print(f"  {sum(hosted.counts.values())} calls: {calls_of(hosted)}")
            print(f"  the fewest that the limits allow: {dict(least(given.cases))}")


if __name__ == "__main__":
    main()
