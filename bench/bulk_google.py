"""Ten thousand erasures at Google of the sandbox, by the real dispatch: how many calls, in how many days, after kill -9 too.

`python -m bench.bulk_google [--party google-ads|google-analytics] [--cases 10000]`. The clock is put forward where Google
lets wait: half an hour until a removal may be asked after, midnight in California for the deletions of the next day.
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bulk import ADDRESS, PATIENCE, Directory, Measured, Timed, calls_of, fill, killed, settings_of
from connectors.normalisers import sha256_hex
from connectors.protocol import Together
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.ads import REMOVE, STATUS, GoogleAds
from connectors.sandbox.google.analytics import PATH, GoogleAnalytics
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from console.opening import Folder, opened_for_recording
from console.parties import parties_of
from console.sandboxing import shop_files
from lineage.times import now
from streams.dispatch import Dispatch

LIST, PROPERTY = "7001", "312345678"
HOUR = 3_600_000_000
LIMITS, UNPACED = "\nlimits:\n", 1_000_000
"""A lane paces attempts by the minute, and waits for that by the machine's clock, which nobody can put forward."""
A_DAY = 500
"""Deletions that Google Analytics takes of a property in a day."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the two: by which event it learns of a person, what it holds of all, and the fewest calls there can be."""

    vendor: Callable[[Clock], Vendor]
    told: Callable[[int], Mapping[str, object]]
    holds: Callable[[int], Mapping[str, Any]]
    left: Callable[[Mapping[str, Any]], int]
    """How many it still holds."""
    first: tuple[str, str]
    """The call that erases."""
    killed_at: Callable[[int], int]
    """Of how many such calls the process is killed."""
    least: Callable[[int], Mapping[tuple[str, str], int]]


def _event(person: int, **told: object) -> Mapping[str, object]:
    envelope = {"event_id": f"bulk {person}", "controller": "multitronic", "occurred_at": "2026-03-01T09:00:00+02:00"}
    return {**envelope, **told}


def _uploaded(person: int) -> Mapping[str, object]:
    told = {"platform": "google-ads", "audience_id": LIST, "sent_as": "sha256"}
    return _event(person, type="AudienceUploaded", email=ADDRESS.format(person), **told)


def _disclosed(person: int) -> Mapping[str, object]:
    named = [{"kind": "email", "value": ADDRESS.format(person)}]
    told = {"holder": "order-system", "recipient": "google-analytics", "purpose": "analytics", "categories": ["email"]}
    return _event(person, type="DataDisclosed", identifiers=named, **told)


SUBJECTS: Mapping[str, Subject] = {
    "google-ads": Subject(
        GoogleAds,
        _uploaded,
        lambda cases: {"lists": {LIST: [f"email:{sha256_hex(ADDRESS.format(each))}" for each in range(cases + 1)]}},
        lambda held: len(held["lists"][LIST]),
        ("POST", REMOVE),
        lambda _: 1,
        lambda cases: {("POST", REMOVE): math.ceil(cases / 10_000), ("GET", STATUS): math.ceil(cases / 10_000)},
    ),
    "google-analytics": Subject(
        GoogleAnalytics,
        _disclosed,
        lambda cases: {"properties": {PROPERTY: {"userProvidedData": [ADDRESS.format(e) for e in range(cases + 1)]}}},
        lambda held: len(held["properties"][PROPERTY]["reports"]["userProvidedData"]),
        ("POST", PATH),
        lambda cases: min(cases, A_DAY) // 2,
        lambda cases: {("POST", PATH): cases},
    ),
}


@contextmanager
def google(party: str, folder: Path, cases: int) -> Iterator[Hosted]:
    """Serve it with that many people and one more; its descriptor and key are written to the folder."""
    clock = Clock()
    with served_in_a_thread([SUBJECTS[party].vendor(clock)], clock) as served:
        hosted = served[party]
        hosted.seed(SUBJECTS[party].holds(cases))
        folder.mkdir(exist_ok=True)
        for name, text in shop_files(hosted).items():
            (folder / name).write_text(f"{text}\n".replace(LIMITS, f"{LIMITS}  calls: {UNPACED}\n"), "utf-8")
        yield hosted


def carried_out(party: str, folder: Path, clock: Callable[[], int], wait: Callable[[int], None]) -> Measured:
    """Do all there is to do until every case is closed; `wait` lets an instant come."""
    with opened_for_recording(settings_of(folder), clock) as (shop, _):
        return asyncio.run(_carried_out(party, shop, clock, wait))


async def _carried_out(party: str, shop: Folder, clock: Callable[[], int], wait: Callable[[int], None]) -> Measured:
    parties = parties_of(shop, clock)
    connector = parties.connector(party)
    timed = Timed(connector)
    directory = Directory(timed, party) if isinstance(connector, Together) else parties
    began = time.perf_counter()
    try:
        while any(each.state != "closed" for each in shop.journal.cases()):
            await Dispatch(shop.casework, directory).run_until_idle()
            if (look := shop.journal.next_look()) is not None:
                wait(look)
            assert time.perf_counter() - began < PATIENCE, "it does not come to an end"  # noqa: S101
    finally:
        await parties.close()
    return Measured(time.perf_counter() - began, timed.seconds, timed.groups)


def hurried(clock: Clock) -> Callable[[int], None]:
    """Return what puts the clock forward to an instant; what is due, and must wait for its party, waits an hour."""
    return lambda instant: clock.forward(max(instant - clock(), 0) or HOUR)


def _slow(instant: int) -> None:
    time.sleep(max(instant - now(), HOUR) / 1_000_000)  # of the process that is killed: nothing more is due today


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--party", choices=sorted(SUBJECTS), default="google-ads")
    wanted.add_argument("--cases", type=int, default=10_000)
    wanted.add_argument("--carry-out", type=Path, help="of the process that is killed: where its shop is")
    given = wanted.parse_args()
    if given.carry_out is not None:
        carried_out(given.party, given.carry_out, now, _slow)
        return
    for name, kill in (("undisturbed", False), ("after kill -9", True)):
        with tempfile.TemporaryDirectory() as text, google(given.party, Path(text) / "parties", given.cases) as hosted:
            _measure(name, given.party, Path(text), given.cases, hosted, kill=kill)


def program(party: str) -> Sequence[str]:
    """Return what carries out in a process of its own."""
    return "bench.bulk_google", "--party", party


def _measure(name: str, party: str, folder: Path, cases: int, hosted: Hosted, *, kill: bool) -> None:
    subject = SUBJECTS[party]
    began = time.perf_counter()
    fill(folder, cases, subject.told)
    print(f"{party}, {name}: {cases} cases opened and approved in {time.perf_counter() - began:.0f} s", flush=True)
    if kill:
        killed(folder, hosted, program(party), subject.first, subject.killed_at(cases))
        print(f"  killed after {calls_of(hosted)}", flush=True)
        hosted.clock.forward(HOUR)  # what was claimed is left behind by then
    start = hosted.clock()
    run = carried_out(party, folder, hosted.clock, hurried(hosted.clock))
    days = (hosted.clock() - start) / 24 / HOUR
    print(f"  {run.seconds:.0f} s, of them {run.calling:.1f} s in calls; {days:.1f} days of the sandbox's clock")
    print(f"  orders at a time: {sorted(set(run.groups))}; {sum(hosted.counts.values())} calls: {calls_of(hosted)}")
    print(f"  the fewest that the limits allow: {dict(subject.least(cases))}", flush=True)
    hosted.clock.forward(4 * 24 * HOUR)
    assert subject.left(hosted.held()) == 1  # noqa: S101 - everybody but the one more


if __name__ == "__main__":
    main()
