"""How long an event takes from being published to being seen in the graph, at a steady load that one worker can bear."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from multiprocessing import get_context
from statistics import median, quantiles

from bench.ways import product
from console.opening import opened
from console.settings import read_settings
from lineage.graph import Graph
from schemas.catalogue import load_catalogue
from schemas.records import JsonRecords
from streams.kafka.provisioning import create
from streams.kafka.publishing import Publisher
from streams.kafka.topics import wanted
from streams.records import Outgoing
from streams.shop import simulate

EVENTS_A_SECOND = 1_000
TICK = 0.05
SECONDS = 20
SETTLED = 5
"""Seconds at the start that are not counted."""


def latency(environ: Mapping[str, str]) -> None:
    """Publish at a steady rate while a worker works; print from publishing to seeing, for one event in fifty."""
    topics = ("visible",)
    settings = read_settings(environ)
    assert settings.kafka is not None  # noqa: S101 - the benchmark's own
    create(settings.kafka, wanted(topics))
    worker = get_context("spawn").Process(target=_work, args=(dict(environ), topics), daemon=True)
    worker.start()
    records = JsonRecords(load_catalogue())
    shop = iter(simulate(SECONDS * EVENTS_A_SECOND // 6, seed=99))
    waiting: dict[bytes, float] = {}
    taken: list[float] = []
    with ExitStack() as stack:
        folder = stack.enter_context(opened(settings))
        publisher = stack.enter_context(Publisher(settings.kafka))
        over = threading.Event()
        looking = threading.Thread(target=_look, args=(folder.graph, waiting, taken, over))
        looking.start()
        began = time.perf_counter()
        for tick in range(int(SECONDS / TICK)):
            batch = [next(shop) for _ in range(int(EVENTS_A_SECOND * TICK))]
            publisher.publish("visible", [Outgoing(records.encode(json.dumps(each).encode()).record) for each in batch])
            publisher.flush()
            if tick * TICK > SETTLED:
                waiting[folder.pseudonyms.event(batch[-1]["event_id"])] = time.perf_counter()
            time.sleep(max(0.0, began + (tick + 1) * TICK - time.perf_counter()))
        over.set()
        looking.join()
    worker.join()
    p99 = quantiles(taken, n=100)[98]
    print(
        f"from published to seen, at {EVENTS_A_SECOND:,} events/s: p50 {median(taken) * 1e3:,.0f} ms, p99 {p99 * 1e3:,.0f} ms"
        f" ({len(taken)} events)\n",
        flush=True,
    )


def _look(graph: Graph, waiting: dict[bytes, float], taken: list[float], over: threading.Event) -> None:
    """Note when each event waited for is seen, until told that no more come and all are seen."""
    while not over.is_set() or waiting:
        seen = graph.contents(list(waiting))
        taken += [time.perf_counter() - waiting.pop(event) for event in seen]
        time.sleep(0.002)


def _work(environ: dict[str, str], topics: tuple[str, ...]) -> None:
    product(read_settings(environ), topics, "g-visible", 0)
