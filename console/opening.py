"""Opens what is recorded: the one place where register, schemas, keys, stores, servers and log are put together."""

import fcntl
import gc
import getpass
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from console.askable import askable_of
from console.frames import Frames, let_pass
from console.settings import Settings
from lineage.cases.casework import Casework
from lineage.cases.incidents import CaseIncidents
from lineage.cases.journal import Journal
from lineage.errors import Misconfigured, Refused
from lineage.findings.store import Findings
from lineage.graph import Graph
from lineage.keyring import KeyRing
from lineage.masterkey import make_master_key, read_master_key
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Recording
from lineage.register import Register, load_register
from lineage.revealing import write_look
from lineage.stores.sqlite import SqliteGraph
from lineage.times import now
from lineage.tombstones import Memory
from lineage.watching import Watch
from schemas.catalogue import Catalogue, SchemaFault, load_catalogue
from schemas.vocabulary import vocabulary
from streams.case_log import EmbeddedCaseLog
from streams.catching_up import catch_up
from streams.log import Log
from streams.outbox import Outbox
from streams.recorder import Recorder
from streams.records import GROUP

if TYPE_CHECKING:
    from lineage.stores.journal import SqliteJournal
    from lineage.stores.keyring import SqlKeyRing
    from lineage.stores.neo4j.journal import Neo4jJournal
    from streams.registry import SchemaRegistry

GRAPH, KEYS, LOG, LOCK = "graph.db", "keys.db", "log.db", "lock"

_LOOK_AGAIN = 0.05
"""Seconds between two looks at a lock that another holds."""

# The company's own keys in the key ring.
PSEUDONYMS, BUS, LOOKS = b"company:pseudonyms", b"company:log", b"company:looks"


@dataclass(frozen=True, slots=True)
class Folder:
    """An open data folder."""

    settings: Settings
    register: Register
    catalogue: Catalogue
    keyring: KeyRing
    pseudonyms: Pseudonyms
    graph: Graph
    memory: Memory
    journal: Journal
    clock: Callable[[], int]

    @property
    def casework(self) -> Casework:
        """What cases are worked on with."""
        stores = self.journal, self.graph, self.keyring, self.memory
        askable = askable_of(self.settings.outward.parties)
        return Casework(*stores, self.register, self.pseudonyms, self.clock, askable)


class Declared(NamedTuple):
    """What does not change while a program runs: read once by whoever opens the folder again and again."""

    register: Register
    catalogue: Catalogue


class Waiting(NamedTuple):
    """Records of a stream that are still to be handled, and when the oldest of them came, in milliseconds since 1970."""

    records: int
    oldest_ms: int | None


def register_of(settings: Settings) -> Register:
    """Load the register. Raises: Misconfigured: with every fault of it."""
    return load_register(settings.register, frozenset(vocabulary().categories))


def catalogue_of(settings: Settings) -> Catalogue:
    """Load the event types. Raises: Misconfigured: a schema that cannot be used."""
    try:
        return load_catalogue([settings.schemas] if settings.schemas else [])
    except SchemaFault as fault:
        raise Misconfigured(str(fault)) from fault


def declared_of(settings: Settings) -> Declared:
    """Load register and event types. Raises: Misconfigured: as `register_of`, `catalogue_of`."""
    return Declared(register_of(settings), catalogue_of(settings))


@contextmanager
def opened(settings: Settings, declared: Declared | None = None) -> Iterator[Folder]:
    """Open what is recorded for reading, beside whoever writes.

    Raises: Misconfigured: there is nothing, its master key is lost, or it was written by a newer version. Retryable: a
    server is away.
    """
    if settings.servers.neo4j is None and not (settings.data / GRAPH).is_file():
        raise Misconfigured(
            f"there is no data in {settings.data}: `jalki ingest FILE` puts some there, --data names another",
            "no-data",
        )
    _check_key_ring(settings)
    with ExitStack() as stack:
        yield _folder(settings, stack, now, declared or declared_of(settings), read_only=True)


@contextmanager
def opened_for_recording(settings: Settings, clock: Callable[[], int] = now) -> Iterator[tuple[Folder, Recorder]]:
    """Open graph and key ring for recording, made where there are none. Raises: as `opened`."""
    # A batch is tens of thousands of small tuples that live for a moment and hold no circles: by default the collector
    # looks through them, and through all that is remembered, over and over, for a quarter to a third of the time.
    gc.set_threshold(100_000, 50, 50)
    with ExitStack() as stack:
        if not settings.servers.complete:
            _make(settings.data)
        _check_key_ring(settings)
        ring = settings.data / KEYS
        if settings.servers.keyring is None and not ring.exists() and not settings.master_key_file.exists():
            try:
                make_master_key(settings.master_key_file)
            except Refused:
                if not settings.master_key_file.exists():  # else another process made one at the same moment
                    raise
        folder = _folder(settings, stack, clock, declared_of(settings), read_only=False)
        yield folder, stack.enter_context(recorder_of(folder))


@contextmanager
def recorder_of(folder: Folder) -> Iterator[Recorder]:
    """Make what records into an open folder. One that is open for reading tells what recording would come to."""
    registry = _registry(folder.settings)
    try:
        watch = Watch(folder.memory, folder.graph, CaseIncidents(folder.casework))
        recording = Recording(folder.graph, folder.keyring, folder.pseudonyms, watch)
        is_party = folder.register.is_party
        yield Recorder(folder.catalogue, is_party, folder.pseudonyms, recording, folder.clock, registry)
    finally:
        if registry is not None:
            registry.close()


@contextmanager
def opened_for_writing(settings: Settings) -> Iterator[tuple[Folder, Recorder, Log]]:
    """Open all that embedded ingest needs, made where there is none.

    Raises: Refused: another process writes to it. Misconfigured: as `opened`.
    """
    with (
        locked(settings.data),
        opened_for_recording(settings) as (folder, recorder),
        Log(settings.data / LOG, Frames(folder.keyring, folder.keyring.keys((BUS,))[BUS], folder.memory)) as log,
    ):
        cases = EmbeddedCaseLog(log)
        catch_up(folder.casework, cases)
        yield folder, recorder, log
        Outbox(folder.journal, cases).flush()
        let_pass(log, folder.keyring, folder.memory, now())


def log_look(folder: Folder, asked: str, reason: str, *, actor: str | None = None, **more: str) -> None:
    """Write to the access log that somebody looks: whoever runs this, or `actor`. Raises: Retryable, Refused."""
    key = folder.keyring.find((LOOKS,))[LOOKS]
    with closing(_graph(folder.settings, folder.pseudonyms, read_only=False)) as graph:
        write_look(graph, key, now(), actor=actor or user(), asked=asked, reason=reason, **more)


def user() -> str:
    """Return the name of whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return f"uid {os.getuid()}"


def waiting(settings: Settings) -> Waiting:
    """Return what an interrupted run left in the embedded stream. Raises: Refused: another process writes."""
    if not (settings.data / LOG).exists():
        return Waiting(0, None)
    with opened_for_writing(settings) as (_, _, log):
        begun = [
            log.read(topic, partition, offset, 1)[0].timestamp_ms
            for (topic, partition), offset in log.committed(GROUP).items()
            if offset < log.end(topic, partition)
        ]
        return Waiting(log.lag(GROUP), min(begun, default=None))


def _folder(
    settings: Settings, stack: ExitStack, clock: Callable[[], int], declared: Declared, *, read_only: bool
) -> Folder:
    keyring = stack.enter_context(closing(_key_ring(settings, read_only=read_only)))
    begun = read_only or (settings.servers.neo4j is None and (settings.data / GRAPH).exists())
    keys = keyring.find((PSEUDONYMS,)) if begun else keyring.keys((PSEUDONYMS, BUS, LOOKS))
    if PSEUDONYMS not in keys:
        raise Misconfigured("the key ring holds no key for pseudonyms: restore it from a backup", "key-ring")
    pseudonyms = Pseudonyms(keys[PSEUDONYMS])
    graph = stack.enter_context(closing(_graph(settings, pseudonyms, read_only=read_only)))
    journal = stack.enter_context(closing(_journal(settings, pseudonyms, read_only=read_only)))
    return Folder(settings, *declared, keyring, pseudonyms, graph, keyring.memory, journal, clock)


# Each server's library is loaded by whoever uses that server: together they would double the time a question takes.
def _graph(settings: Settings, pseudonyms: Pseudonyms, *, read_only: bool) -> Graph:
    neo4j = settings.servers.neo4j
    if neo4j is None:
        return SqliteGraph(settings.data / GRAPH, read_only=read_only)
    from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph

    access = Neo4jAccess(neo4j.url, neo4j.user, neo4j.password, neo4j.database, neo4j.ca_file)
    return Neo4jGraph(access, pseudonyms.mark(), read_only=read_only)


def _journal(settings: Settings, pseudonyms: Pseudonyms, *, read_only: bool) -> "SqliteJournal | Neo4jJournal":
    neo4j = settings.servers.neo4j
    if neo4j is None:
        from lineage.stores.journal import SqliteJournal

        return SqliteJournal(settings.data / GRAPH, read_only=read_only)
    from lineage.stores.neo4j import Neo4jAccess
    from lineage.stores.neo4j.journal import Neo4jJournal

    access = Neo4jAccess(neo4j.url, neo4j.user, neo4j.password, neo4j.database, neo4j.ca_file)
    return Neo4jJournal(access, pseudonyms.mark(), read_only=read_only)


def findings_of(settings: Settings, pseudonyms: Pseudonyms, *, read_only: bool = False) -> Findings:
    """Open what was told of drift, beside the graph. Raises: as `opened`."""
    neo4j = settings.servers.neo4j
    if neo4j is None:
        from lineage.stores.findings import SqliteFindings

        return SqliteFindings(settings.data / GRAPH, read_only=read_only)
    from lineage.stores.neo4j import Neo4jAccess
    from lineage.stores.neo4j.findings import Neo4jFindings

    access = Neo4jAccess(neo4j.url, neo4j.user, neo4j.password, neo4j.database, neo4j.ca_file)
    return Neo4jFindings(access, pseudonyms.mark(), read_only=read_only)


def _key_ring(settings: Settings, *, read_only: bool) -> "SqlKeyRing":
    from lineage.stores.keyring import postgres_key_ring, sqlite_key_ring

    master = read_master_key(settings.master_key_file)
    keyring = settings.servers.keyring
    if keyring is None:
        return sqlite_key_ring(settings.data / KEYS, master, read_only=read_only)
    return postgres_key_ring(keyring.url, keyring.password, master, read_only=read_only)


def _registry(settings: Settings) -> "SchemaRegistry | None":
    registry = settings.servers.registry
    if registry is None:
        return None
    from streams.registry import SchemaRegistry

    return SchemaRegistry(registry.url, registry.user, registry.password, registry.ca_file)


def _check_key_ring(settings: Settings) -> None:
    """Make sure that a graph has its key ring: under a new one nobody in the graph would be known any more."""
    if settings.servers.neo4j or settings.servers.keyring:
        return  # they tell it themselves, by the mark of the one in the other
    graph, ring = settings.data / GRAPH, settings.data / KEYS
    if graph.is_file() and not (ring.is_file() and ring.stat().st_size):
        raise Misconfigured(f"the key ring {KEYS} is missing beside {GRAPH}: restore it from a backup", "key-ring")


def _held(lock: int, patience: float) -> bool:
    """Take a lock; tell whether it was to be had in time."""
    until, pause = time.monotonic() + patience, Event()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            pause.wait(_LOOK_AGAIN)
        else:
            return True


def _make(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as cause:
        raise Misconfigured(f"the data folder {data} cannot be made or written: {cause.strerror}", "no-data") from cause


@contextmanager
def locked(data: Path, patience: float = 0.0) -> Iterator[None]:
    """Hold the folder: two writers would each think the log theirs. Whoever holds it is waited for, `patience` seconds at most.

    Raises: Refused: it is still held then. Misconfigured: the folder cannot be made or written.
    """
    _make(data)
    try:
        file = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as cause:
        raise Misconfigured(f"the data folder {data} cannot be made or written: {cause.strerror}", "no-data") from cause
    try:
        if not _held(file, patience):
            raise Refused(f"another process is writing to {data}: wait for it, or use another --data", "busy")
        yield
    finally:
        os.close(file)
