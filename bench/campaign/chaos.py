"""What goes wrong, and how it is put right again: a table of faults. Each ends with everything in order."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import httpx2

from bench.campaign.place import SENDGRID, Place
from bench.campaign.sending import Shop
from connectors.sandbox.faults import Kind, Rates
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.postgres import Postgres
from tests.servers.waiting import until

Server = Kafka | Neo4j | Postgres
CONTACTS = "/v3/marketing/contacts"
BACK_WITHIN = 120.0
LASTS = (2.0, 8.0)
"""Seconds that a fault lasts, from and to."""
JUMPS = (-3_600, -90, 90, 3_600)
"""Seconds by which a clock is wrong."""
UNSOUND: Mapping[Kind, float] = {
    Kind.BUSY: 0.04, Kind.BUSY_SILENT: 0.04, Kind.BROKEN: 0.05, Kind.BROKEN_AFTER: 0.05, Kind.AWAY: 0.04,
    Kind.LATE: 0.03, Kind.LOST: 0.02, Kind.LOST_AFTER: 0.02, Kind.DROPPED: 0.05, Kind.DROPPED_AFTER: 0.05,
    Kind.CUT: 0.05, Kind.LIE: 0.10,
}  # fmt: skip
"""Of a party's calls, how many go wrong in which way."""


class Chaos:
    """Draws faults by a seed, one after the other. `did` counts them; `left_out` says why some can't be.

    To be used in the main thread: a server that another thread started would end with that thread.
    """

    def __init__(self, place: Place, shop: Shop, seed: int) -> None:
        self._place, self._shop = place, shop
        self._chance = random.Random(f"chaos {seed}")
        self.left_out = {each.name: why for each in FAULTS if (why := each.hindered(place))}
        self.did: Counter[str] = Counter()
        self._order: list[Fault] = []

    def next_fault(self) -> None:
        """Let the next fault happen, and put it right. Raises: something did not come back."""
        table = [each for each in FAULTS if each.name not in self.left_out]
        # Each once, in an order that is drawn; then each again: a short run has as many kinds as it can.
        self._order = self._order or self._chance.sample(table, len(table))
        fault = self._order.pop()
        fault.happens(self._place, self._shop, self._chance)
        self.did[fault.name] += 1
        for each in self._place.programs:
            each.keep_up()


class Fault(NamedTuple):
    """One kind. `hindered` says why it can't happen here, or nothing."""

    name: str
    happens: Callable[[Place, Shop, random.Random], None]
    hindered: Callable[[Place], str] = lambda _: ""


def _lasting(chance: random.Random) -> None:
    time.sleep(chance.uniform(*LASTS))  # how long it lasts is what is tried


def _killed(which: Callable[[Place], Server]) -> Callable[[Place, Shop, random.Random], None]:
    def happens(place: Place, _shop: Shop, chance: random.Random) -> None:
        server = which(place)
        server.kill()
        _lasting(chance)
        server.start()

    return happens


def _frozen(which: Callable[[Place], Server]) -> Callable[[Place, Shop, random.Random], None]:
    def happens(place: Place, _shop: Shop, chance: random.Random) -> None:
        server = which(place)
        server.pause()
        try:
            _lasting(chance)
        finally:
            server.resume()

    return happens


def _full(name: str, which: Callable[[Place], Server]) -> Callable[[Place, Shop, random.Random], None]:
    def happens(place: Place, _shop: Shop, chance: random.Random) -> None:
        filler = place.disks[name] / "filler"
        _fill(filler)
        try:
            _lasting(chance)
        finally:
            filler.unlink()
        _back(which(place))

    return happens


def _fill(filler: Path) -> None:
    """Leave no byte free."""
    with filler.open("wb", buffering=0) as file:
        block = 1 << 24
        while block:
            try:
                file.write(b"\0" * block)
            except OSError:
                block //= 2


def _back(server: Server) -> None:
    """Have a server that could not write started again, as its keeper does where it has not ended by itself."""
    if server.power.ours.ended() is None:
        server.kill()
    server.start()


def _worker_killed(place: Place, _shop: Shop, chance: random.Random) -> None:
    worker = chance.choice(place.workers)
    worker.kill()
    _lasting(chance)
    worker.start()
    worker.until_works()


def _worker_deployed(place: Place, _shop: Shop, chance: random.Random) -> None:
    worker = chance.choice(place.workers)
    worker.stop()
    worker.start()
    worker.until_works()


def _worker_jumps(place: Place, _shop: Shop, chance: random.Random) -> None:
    worker = chance.choice(place.workers)
    worker.kill()
    worker.start(ahead=chance.choice(JUMPS))
    worker.until_works()
    _lasting(chance)
    worker.kill()
    worker.start()
    worker.until_works()


def _console_killed(place: Place, _shop: Shop, _chance: random.Random) -> None:
    place.console.kill()
    place.console.start()
    place.console.until_works()


def _unsound(place: Place, _shop: Shop, chance: random.Random) -> None:
    """Parties answer slowly, wrongly, not at all, and lie."""
    for name, hosted in place.hosted.items():
        hosted.at_random(*_rates(name, chance.randrange(10**9)))
    _lasting(chance)
    _lasting(chance)
    for hosted in place.hosted.values():
        hosted.well()


def _rates(party: str, seed: int) -> list[Rates]:
    """SendGrid's lies are of contacts alone, which can be read back; nobody could find out that mail data was not erased."""
    if party != SENDGRID:
        return [Rates(seed, UNSOUND, seconds=1)]
    lies: Mapping[Kind, float] = {Kind.LIE: UNSOUND[Kind.LIE]}
    sound: Mapping[Kind, float] = {kind: part for kind, part in UNSOUND.items() if kind is not Kind.LIE}
    return [Rates(seed, lies, "DELETE", CONTACTS, seconds=1), Rates(seed, sound, seconds=1)]


def _forged(place: Place, _shop: Shop, chance: random.Random) -> None:
    """Somebody answers letters he never got, and calls back for companies he is not."""
    tokens = [secrets.token_urlsafe(32), "a" * 60, "../../etc/passwd", "%00", f"{chance.randrange(10**40)}"]
    with httpx2.Client(timeout=30, trust_env=False) as client:
        for path in (*(f"/confirm/{each}" for each in tokens), "/opendsr/callbacks/multicare"):
            try:
                answer = client.post(place.web + path, data={"answer": "done"})
            except httpx2.HTTPError:  # the worker that serves it is being started
                continue
            if answer.status_code < 400:
                raise AssertionError(f"a forged answer was taken: {answer.status_code}")


def _replayed(_place: Place, shop: Shop, _chance: random.Random) -> None:
    shop.replay()


def _spoilt(_place: Place, shop: Shop, _chance: random.Random) -> None:
    shop.spoil()


def _backfilled(place: Place, shop: Shop, _chance: random.Random) -> None:
    folder = place.folder / f"backfill-{shop.backfilled}"
    until(lambda: None if shop.backfill(folder) else "it was refused", seconds=BACK_WITHIN, what="a backfill")


def _no_disk(name: str) -> Callable[[Place], str]:
    return lambda place: "" if name in place.disks else "no disk can be mounted here"


FAULTS = (
    Fault("a worker is killed", _worker_killed),
    Fault("a worker is deployed anew", _worker_deployed),
    Fault("a worker's clock is wrong", _worker_jumps),
    Fault("the console is killed", _console_killed),
    Fault("Kafka is killed", _killed(lambda place: place.kafka)),
    Fault("Neo4j is killed", _killed(lambda place: place.neo4j)),
    Fault("PostgreSQL is killed", _killed(lambda place: place.postgres)),
    Fault("Kafka does not answer", _frozen(lambda place: place.kafka)),
    Fault("Neo4j does not answer", _frozen(lambda place: place.neo4j)),
    Fault("PostgreSQL does not answer", _frozen(lambda place: place.postgres)),
    Fault("Kafka's disk is full", _full("kafka", lambda place: place.kafka), _no_disk("kafka")),
    Fault("Neo4j's disk is full", _full("neo4j", lambda place: place.neo4j), _no_disk("neo4j")),
    Fault("PostgreSQL's disk is full", _full("postgres", lambda place: place.postgres), _no_disk("postgres")),
    Fault("parties are slow, wrong, and lie", _unsound),
    Fault("answers of parties are forged", _forged),
    Fault("old events come again", _replayed),
    Fault("records are malformed", _spoilt),
    Fault("history is taken in", _backfilled),
)
