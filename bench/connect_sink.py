"""Kafka Connect with Neo4j's own sink, as a measurement runs it: a worker of its own process, told over its REST interface.

The sink's jar and what it needs are the vendor's to give: see `missing`. It writes facts that were made beforehand, as maps,
into nodes of labels of its own, beside ours: identifiers, who owns which, events, and what each said. Once each, for a record
may come twice. No key is made, nothing is sealed, and nothing is looked at.
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Call
from urllib.request import urlopen

import neo4j

from lineage.facts import Facts
from tests.servers.jars import jars, java
from tests.servers.jvm import flags
from tests.servers.kafka_body import LOGGING
from tests.servers.processes import Process
from tests.servers.waiting import accepts, free_port, until

VERSION = "4.4.0"
ARTIFACTS = (
    f"org.apache.kafka:connect-runtime:{VERSION}",
    f"org.apache.kafka:connect-json:{VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
)
SINK = "streams.kafka.connect.sink.Neo4jSinkConnector"
TOPIC = "connect"
BATCH = 2_000
HOST = "127.0.0.1"
START_SECONDS = 240.0
MISSING = (
    "{folder} has no jar of Neo4j's sink for Kafka Connect. It is in no package registry: take version 5.0 "
    "(kafka-connect-neo4j) from the vendor, or build it from its published source, and name the folder with all its jars"
)
CONSTRAINTS = (
    "CREATE CONSTRAINT connect_identifier IF NOT EXISTS FOR (n:ConnectIdentifier) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT connect_event IF NOT EXISTS FOR (n:ConnectEvent) REQUIRE n.event IS UNIQUE",
    "CREATE CONSTRAINT connect_fact IF NOT EXISTS FOR (n:ConnectFact) REQUIRE n.fact IS UNIQUE",
)
CYPHER = """
FOREACH (i IN event.identifiers | MERGE (n:ConnectIdentifier {key: i.key}) ON CREATE SET n.kind = i.kind)
FOREACH (o IN event.owns | MERGE (a:ConnectIdentifier {key: o.owner}) MERGE (b:ConnectIdentifier {key: o.owned})
  MERGE (a)-[w:CONNECT_OWNS]->(b) ON CREATE SET w.at = event.at, w.recorded = event.recorded)
MERGE (e:ConnectEvent {event: event.event}) ON CREATE SET e.content = event.content
FOREACH (f IN event.facts | MERGE (h:ConnectIdentifier {key: f.holder}) MERGE (n:ConnectFact {fact: f.fact})
  ON CREATE SET n += f.said MERGE (h)-[:CONNECT_HAS]->(n))
"""


def as_map(facts: Facts) -> Mapping[str, Any]:
    """Return what the sink is given of one event: all that ours writes, but what was sent, sealed."""
    event = facts.event.hex()
    said: list[tuple[bytes, Mapping[str, Any]]] = []
    for had in facts.disclosures:
        route = had.route._asdict() | {"forbidden": had.route.forbidden or None, "part": had.part}
        said.append((had.holder, route))
    said += [(each.holder, {"purpose": each.purpose, "granted": each.granted}) for each in facts.consents]
    said += [(one, {"joined": each.joined}) for each in facts.links for one in (each.one, each.other)]
    said += [(each.holder, {"model": each.model.hex(), "part": each.part}) for each in facts.bought]
    times = {"event": event, "at": facts.at, "recorded": facts.recorded}
    return {
        "event": event,
        "content": facts.content.hex(),
        "at": facts.at,
        "recorded": facts.recorded,
        "identifiers": [{"key": key.hex(), "kind": kind} for key, kind in facts.identifiers.items()],
        "owns": [{"owner": one.hex(), "owned": other.hex()} for one, other in facts.owns],
        "facts": [
            {"holder": holder.hex(), "fact": f"{event} {number}", "said": {**times, **told}}
            for number, (holder, told) in enumerate(said)
        ],
    }


def missing(folder: Path) -> str | None:
    """Tell what is missing in a folder of jars; None: nothing is."""
    return (
        None
        if any(folder.glob("*neo4j*sink*.jar")) or any(folder.glob("*kafka*connect*.jar"))
        else MISSING.format(folder=folder)
    )


@dataclass(frozen=True, slots=True)
class Sink:
    """The running worker; the connector waits until it is told to go on."""

    url: str
    process: Process

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.running.pid if self.process.running else 0

    def pause(self) -> None:
        """Have it take nothing, and wait until it does."""
        self._ask("PUT", "/connectors/sink/pause")
        self._until("PAUSED")

    def resume(self) -> None:
        """Have it go on."""
        self._ask("PUT", "/connectors/sink/resume")

    def begin(self, uri: str) -> None:
        """Make the connector, paused."""
        settings = {
            "connector.class": SINK, "topics": TOPIC, "tasks.max": "1", "neo4j.server.uri": uri,
            "neo4j.authentication.type": "NONE", "neo4j.batch.size": f"{BATCH}", f"neo4j.topic.cypher.{TOPIC}": CYPHER,
        }  # fmt: skip
        # Its server answers before what it serves is there.
        until(
            lambda: None if self._ask("GET", "/connectors") == [] else "none yet", seconds=START_SECONDS, what="Connect"
        )
        self._ask("POST", "/connectors", {"name": "sink", "config": settings})
        self._until("RUNNING")
        self.pause()

    def failed(self) -> str | None:
        """Return why it has stopped; None: it has not."""
        tasks = self._ask("GET", "/connectors/sink/status")["tasks"]
        return next((str(each.get("trace"))[:600] for each in tasks if each["state"] == "FAILED"), None)

    def _until(self, state: str) -> None:
        def left() -> str | None:
            found = self._ask("GET", "/connectors/sink/status")["tasks"]
            return None if found and all(each["state"] == state for each in found) else f"{found}"[:600]

        until(left, seconds=START_SECONDS, what=f"a sink that is {state}")

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        data = json.dumps(body).encode() if body is not None else None
        call = Call(f"{self.url}{path}", data, {"content-type": "application/json"}, method=method)  # noqa: S310
        try:
            with urlopen(call, timeout=60) as answer:  # noqa: S310 - http, and our own
                said = answer.read()
        except HTTPError as refused:
            if refused.code == 404 and method == "GET":  # it is not there yet
                return {"tasks": []}
            raise RuntimeError(f"{method} {path} {refused.code}: {refused.read()[:600]!r}") from refused
        return json.loads(said) if said else None


@contextmanager
def running_sink(folder: Path, plugin: Path, kafka: str, driver: neo4j.Driver, uri: str) -> Iterator[Sink]:
    """Run a worker of Connect, fully optimised, with the sink on one topic, until the end of the block."""
    lib, port = jars(f"connect-{VERSION}", ARTIFACTS), free_port()
    (folder / "log4j2.xml").write_text(LOGGING)
    # A folder in the path is one plug-in with all its jars; a jar there would be one by itself.
    (folder / "plugins").mkdir()
    shutil.copytree(plugin, folder / "plugins" / "sink")
    (folder / "worker.properties").write_text(
        f"bootstrap.servers={kafka}\nkey.converter=org.apache.kafka.connect.converters.ByteArrayConverter\n"
        "value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n"
        f"offset.storage.file.filename={folder / 'offsets'}\nplugin.path={folder / 'plugins'}\nlisteners=http://{HOST}:{port}\n"
        f"consumer.max.poll.records={BATCH}\nconsumer.auto.offset.reset=earliest\noffset.flush.interval.ms=1000\n"
    )
    for each in CONSTRAINTS:
        driver.execute_query(each)
    process = Process(
        [java(), *flags("1g", full=True), f"-Dlog4j2.configurationFile={folder / 'log4j2.xml'}", "-cp", f"{lib}/*",
         "org.apache.kafka.connect.cli.ConnectStandalone", f"{folder / 'worker.properties'}"],
        folder / "connect.log",
    )  # fmt: skip
    process.start()
    try:
        until(
            lambda: process.ended() or (None if accepts(HOST, port) else "no answer"),
            seconds=START_SECONDS,
            what="Connect",
        )
        sink = Sink(f"http://{HOST}:{port}", process)
        sink.begin(uri)
        yield sink
    finally:
        process.kill()


def events_there(driver: neo4j.Driver) -> int:
    """Return how many events the sink has written: from the store of counts, which costs the server nothing."""
    (row,) = driver.execute_query("MATCH (e:ConnectEvent) RETURN count(e) AS events").records
    return int(row["events"])


def watched(sink: Sink, driver: neo4j.Driver, expected: int, seconds: float) -> list[tuple[float, int]]:
    """Let it go on until so many events are there; return when how many were seen. Raises: RuntimeError: they never come."""
    marks, deadline = list[tuple[float, int]](), time.monotonic() + seconds
    sink.resume()
    while not marks or marks[-1][1] < expected:
        if (found := events_there(driver)) != (marks[-1][1] if marks else None):
            marks.append((time.perf_counter(), found))
        elif time.monotonic() > deadline:
            raise RuntimeError(f"{found} of {expected} events are there: {sink.failed()}")
        time.sleep(0.02)
    sink.pause()
    return marks
