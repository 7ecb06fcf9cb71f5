"""`python -m bench.campaign`: drives, breaks, attacks, looks, judges, prints; exit code 1 where anything is not as it must be."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.campaign import looking
from bench.campaign.beside import beside
from bench.campaign.chaos import FAULTS, Chaos
from bench.campaign.judging import Finding, Seen, findings, told_of
from bench.campaign.place import PARTITIONS, Place, place
from bench.campaign.sending import Shop
from bench.campaign.staff import Staff
from lineage.errors import Retryable
from streams.kafka.lag import lag
from streams.records import GROUP
from tests.servers.server import UnavailableError
from tests.servers.waiting import until
from tests.streams.kafka.parts import commit

SETTLES_WITHIN = 900.0
SHOWN_EVERY = 30.0
OWES_AT_MOST = 120.0
"""Seconds that tasks may take to come to an end, once nothing goes wrong any more."""


def main() -> int:
    """Run one campaign. Returns the exit code: 1 where anything was found, 2 where there are no servers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the shop lives (default: 60)")
    parser.add_argument("--persons", type=int, default=1_000_000, help="customers of the shop (default: 1,000,000)")
    parser.add_argument("--rate", type=float, default=60.0, help="events a second (default: 60)")
    parser.add_argument("--case-every", type=float, default=6.0, help="seconds from one case to the next (default: 6)")
    parser.add_argument("--fault-every", type=float, default=3.0, help="seconds between two faults (default: 3)")
    parser.add_argument("--seed", type=int, default=1, help="decides what happens in which order (default: 1)")
    wanted = parser.parse_args()
    try:
        return run(wanted)
    except UnavailableError as why:
        print(f"there are no servers to run it with: {why}", file=sys.stderr)
        return 2


def run(wanted: argparse.Namespace) -> int:
    """Have it all run, live, settle, and be judged. Raises: UnavailableError: a server cannot be had here."""
    with tempfile.TemporaryDirectory(prefix="jalki-campaign-") as folder, place(Path(folder)) as found:
        told("everything works")
        shop = Shop(found, wanted.persons, wanted.seed, wanted.rate)
        staff = Staff(found, shop, wanted.seed, wanted.case_every)
        chaos = Chaos(found, shop, wanted.seed)
        live(shop, staff, chaos, wanted.minutes * 60, wanted.fault_every)
        told(f"{len(shop.events):,} events sent, {len(staff.cases)} cases opened; waiting until all is settled")
        owed = settle(found, staff)
        begin_again(found)
        owed += settle(found, staff)
        told("everything was read from the beginning once more; looking at all of it")
        seen = looking.seen(found, shop, staff.cases, wanted.seed)
        return report(found, shop, staff, chaos, seen, owed)


def live(shop: Shop, staff: Staff, chaos: Chaos, seconds: float, fault_every: float) -> None:
    """Let the shop live for so long: its events, its cases, and whatever goes wrong."""
    begun, shown = time.monotonic(), 0.0
    with beside("shop", shop.live), beside("staff", staff.work):
        while (lived := time.monotonic() - begun) < seconds:
            time.sleep(fault_every)
            chaos.next_fault()
            if lived - shown >= SHOWN_EVERY:
                shown = lived
                told(
                    f"{lived / 60:.1f} min: {len(shop.events):,} events, {len(staff.cases)} cases, {chaos.did.total()} faults"
                )


def settle(found: Place, staff: Staff) -> int:
    """Wait until all is recorded and every task has come to an end; return how many have not within the time."""
    for each in found.programs:
        each.until_works()
    until(lambda: _waiting(found), seconds=SETTLES_WITHIN, what="a group that has recorded everything")
    deadline = time.monotonic() + OWES_AT_MOST
    while (owed := staff.by_hand_round()) and time.monotonic() < deadline:
        time.sleep(1)
    return owed


def _waiting(found: Place) -> str | None:
    try:
        left = lag(found.kafka.access, found.topics, GROUP).waiting
    except Retryable as away:
        return type(away).__name__
    return f"{left} records wait" if left else None


def begin_again(found: Place) -> None:
    """Have all topics of events read from their beginning, as after a restore."""
    for each in found.workers:
        each.stop()
    for topic in found.topics:
        commit(found.kafka.access, GROUP, topic, dict.fromkeys(range(PARTITIONS), 0))
    for each in found.workers:
        each.start()


def report(found: Place, shop: Shop, staff: Staff, chaos: Chaos, seen: Seen, owed: int) -> int:
    """Print what happened and what was found. Returns the exit code."""
    wrong = [*findings(seen), *_besides(found, shop)]
    rights = Counter(each.right for each in staff.cases)
    told(
        f"events {len(shop.events):,}  replayed {shop.replayed:,}  taken in {shop.backfilled}  malformed {shop.malformed}"
    )
    told(f"cases {len(staff.cases)}: " + ", ".join(f"{right} {count}" for right, count in sorted(rights.items())))
    calls = Counter(each.act for each in told_of(found.records))
    told(
        "calls that parties carried out: "
        + (", ".join(f"{act} {count}" for act, count in sorted(calls.items())) or "none")
    )
    gone = {party: len({(row.event, row.hangs) for row in shop.fed[party]} - record.rows.keys())
            for party, record in seen.records.items()}  # fmt: skip
    told(
        "gone from parties' records: "
        + (", ".join(f"{party} {count}" for party, count in gone.items() if count) or "nothing")
    )
    told("done by hand: " + (", ".join(f"{how} {count}" for how, count in sorted(staff.by_hand.items())) or "nothing"))
    states = Counter(task["state"] for said in seen.statements.values() for task in said["parties"])
    told("tasks: " + ", ".join(f"{state} {count}" for state, count in sorted(states.items())) + f"; owed still {owed}")
    told(
        "programs that ended since a server refused, and were started again: "
        + str(sum(each.gave_up for each in found.programs))
    )
    for each in FAULTS:
        told(f"  {each.name}: {chaos.left_out.get(each.name) or f'{chaos.did[each.name]} times'}")
    told(f"identifiers asked about {len(seen.answers):,}  certificates checked {len(seen.statements)}")
    _tell(wrong)
    return 1 if wrong else 0


def _besides(found: Place, shop: Shop) -> list[Finding]:
    """What neither parties nor certificates show: records that were lost on the way to the dead letters, and crashes."""
    dead = looking.dead_letters(found)
    missing = [Finding("dead letters", f"{dead}, should be {shop.malformed}")] if dead != shop.malformed else []
    return [*missing, *(Finding("crash", each) for each in looking.crashes(found))]


def _tell(wrong: Sequence[Finding]) -> None:
    kinds = Counter(each.kind for each in wrong)
    for kind in ("lost or double", "resurrected", "told that should not be", "told twice", "due and no alarm"):
        told(f"{kind}: {kinds[kind]}")
    for kind, count in sorted(kinds.items()):
        told(f"FOUND {kind}: {count}")
        for each in [one for one in wrong if one.kind == kind][:10]:
            told(f"   {each.where}")
    told("nothing was found" if not wrong else "see above")


def told(text: str) -> None:
    """Say something at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
