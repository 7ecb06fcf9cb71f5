"""Opens a data folder: the one place where register, schemas, keys, stores and log are put together."""

import fcntl
import gc
import getpass
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.settings import Settings
from lineage.errors import Misconfigured, Refused
from lineage.graph import Graph
from lineage.keyring import KeyRing
from lineage.masterkey import make_master_key, read_master_key
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Recording
from lineage.register import Register, load_register
from lineage.revealing import write_look
from lineage.sealing import Seal
from lineage.stores.keyring import SqliteKeyRing
from lineage.stores.sqlite import SqliteGraph
from lineage.times import now
from schemas.catalogue import Catalogue, SchemaFault, load_catalogue
from schemas.vocabulary import vocabulary
from streams.log import Log
from streams.recorder import Recorder
from streams.records import GROUP

GRAPH, KEYS, LOG, LOCK = "graph.db", "keys.db", "log.db", "lock"

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


def register_of(settings: Settings) -> Register:
    """Load the register. Raises: Misconfigured: with every fault of it."""
    return load_register(settings.register, frozenset(vocabulary().categories))


def catalogue_of(settings: Settings) -> Catalogue:
    """Load the event types. Raises: Misconfigured: a schema that cannot be used."""
    try:
        return load_catalogue([settings.schemas] if settings.schemas else [])
    except SchemaFault as fault:
        raise Misconfigured(str(fault)) from fault


@contextmanager
def opened(settings: Settings) -> Iterator[Folder]:
    """Open a data folder for reading, beside whoever writes.

    Raises: Misconfigured: there is none, its master key is lost, or it was written by a newer version.
    """
    if not (settings.data / GRAPH).is_file():
        raise Misconfigured(
            f"there is no data in {settings.data}: `jalki ingest FILE` puts some there, --data names another"
        )
    _check_key_ring(settings.data)
    with ExitStack() as stack:
        yield _folder(settings, stack, read_only=True)


@contextmanager
def opened_for_writing(settings: Settings) -> Iterator[tuple[Folder, Recorder, Log]]:
    """Open a data folder for ingest, made where there is none.

    Raises: Refused: another process writes to it. Misconfigured: as `opened`.
    """
    # A batch is tens of thousands of small tuples that live for a moment and hold no circles: by default the collector
    # looks through them, and through all that is remembered, over and over, for a quarter to a third of the time.
    gc.set_threshold(100_000, 50, 50)
    with ExitStack() as stack:
        stack.enter_context(_locked(settings.data))
        _check_key_ring(settings.data)
        if not (settings.data / KEYS).exists() and not settings.master_key_file.exists():
            make_master_key(settings.master_key_file)
        folder = _folder(settings, stack, read_only=False)
        keys = folder.keyring.keys((BUS,))
        log = stack.enter_context(Log(settings.data / LOG, Seal(keys[BUS])))
        recording = Recording(folder.graph, folder.keyring, folder.pseudonyms)
        yield folder, Recorder(folder.catalogue, folder.register.is_party, folder.pseudonyms, recording, now), log


def log_look(folder: Folder, asked: str, reason: str) -> None:
    """Write to the access log that whoever runs this looks at clear identifiers. Raises: Retryable, Refused."""
    key = folder.keyring.find((LOOKS,))[LOOKS]
    with closing(SqliteGraph(folder.settings.data / GRAPH)) as graph:
        write_look(graph, key, now(), actor=_actor(), asked=asked, reason=reason)


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return f"uid {os.getuid()}"


def records_waiting(settings: Settings) -> int:
    """Return how many records an interrupted run left in the stream. Raises: Refused: another process writes to it."""
    if not (settings.data / LOG).exists():
        return 0
    with opened_for_writing(settings) as (_, _, log):
        return log.lag(GROUP)


def _folder(settings: Settings, stack: ExitStack, *, read_only: bool) -> Folder:
    register, catalogue = register_of(settings), catalogue_of(settings)
    keyring: KeyRing = stack.enter_context(
        closing(SqliteKeyRing(settings.data / KEYS, read_master_key(settings.master_key_file), read_only=read_only))
    )
    begun = read_only or (settings.data / GRAPH).exists()
    keys = keyring.find((PSEUDONYMS,)) if begun else keyring.keys((PSEUDONYMS, BUS, LOOKS))
    if PSEUDONYMS not in keys:
        raise Misconfigured(f"{KEYS} holds no key for pseudonyms: restore it from a backup")
    graph: Graph = stack.enter_context(closing(SqliteGraph(settings.data / GRAPH, read_only=read_only)))
    return Folder(settings, register, catalogue, keyring, Pseudonyms(keys[PSEUDONYMS]), graph)


def _check_key_ring(data: Path) -> None:
    """Make sure that a graph has its key ring: under a new one nobody in the graph would be known any more."""
    graph, ring = data / GRAPH, data / KEYS
    if graph.is_file() and not (ring.is_file() and ring.stat().st_size):
        raise Misconfigured(f"the key ring {KEYS} is missing beside {GRAPH}: restore it from a backup")


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Hold the folder: two writers would each think the log theirs."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as cause:
        raise Misconfigured(f"the data folder {data} cannot be made or written: {cause.strerror}") from cause
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Refused(f"another process is writing to {data}: wait for it, or use another --data") from None
    try:
        yield
    finally:
        os.close(file)


def log_to_stderr(settings: Settings) -> None:
    """Send logs to stderr at the level of the settings."""
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")
