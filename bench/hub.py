"""`where` on the large graph, and with a million persons more who all met the same carrier."""

import random
import time
from collections.abc import Iterable
from statistics import median, quantiles

from console.opening import Folder, opened, opened_for_recording
from console.settings import Settings
from lineage.facts import Disclosure, Facts, Route
from lineage.graph import NOW
from lineage.times import now
from lineage.where import where

BATCH = 2_000
ASKED = 2_000
DELIVERY = Route("order-system", "posti", "delivery", ("address", "name"), "multitronic", forbidden=False)


def hub(settings: Settings, persons: int) -> None:
    """Ask about persons of the shop; then give one carrier so many persons more, and ask about them."""
    with opened(settings) as folder:
        rows = folder.graph._session.ask(  # noqa: SLF001 - a sample is no question of the product
            "MATCH (i:Identifier) WHERE i.kind IN ['email', 'order_id'] AND rand() < $part RETURN i.key LIMIT $most",
            part=min(1.0, 4 * ASKED / max(1, folder.graph.counts()["identifiers"])), most=ASKED,
        )  # fmt: skip
        keys = [bytes.fromhex(key) for (key,) in rows]
        random.shuffle(keys)
        _tell(f"`where` in a graph of {folder.graph.counts()['events']:,} events", folder, keys)
    with opened_for_recording(settings) as (folder, _):
        for start in range(0, persons, BATCH):
            folder.graph.record([_met(folder, number) for number in range(start, min(start + BATCH, persons))])
    with opened(settings) as folder:
        some = random.sample(range(persons), min(ASKED, persons))
        keys = [folder.pseudonyms.identifier("customer_id", f"hub-{number}") for number in some]
        _tell(f"`where` of {persons:,} persons on one carrier", folder, keys)


def _met(folder: Folder, number: int) -> Facts:
    """A customer with one order, and its delivery."""
    pseudonyms, moment = folder.pseudonyms, 1_790_000_000_000_000 + number
    person, order = (
        pseudonyms.identifier("customer_id", f"hub-{number}"),
        pseudonyms.identifier("order_id", f"hub-{number}"),
    )
    event = pseudonyms.event(f"hub-{number}")
    met = Disclosure(event, 0, person, DELIVERY, moment, moment, b"sealed")
    kinds = {person: "customer_id", order: "order_id"}
    return Facts(event, b"8 bytes.", moment, moment, kinds, ((person, order),), (met,), (), ())


def _tell(what: str, folder: Folder, keys: Iterable[bytes]) -> None:
    taken = []
    for key in keys:
        began = time.perf_counter()
        where(folder.graph, folder.register, key, NOW, now())
        taken.append(time.perf_counter() - began)
    taken = taken[len(taken) // 10 :]  # the first ones warm the server's plans
    p99 = quantiles(taken, n=100)[98]
    print(f"{what}: p50 {median(taken) * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms ({len(taken)} asked)\n", flush=True)
