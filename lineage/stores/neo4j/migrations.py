"""The graph's constraints and indexes, in versions. Made by whoever first opens the graph for writing; safe when more do.

What is made stands in `(:Jalki {version, keys})`: `keys` tells the key ring that the pseudonyms of this graph come from.
"""

import time
from collections.abc import Sequence
from threading import Event
from typing import LiteralString

from lineage.errors import Misconfigured, Retryable
from lineage.stores.neo4j.connecting import Clash, Neo4jAccess, Session

VERSIONS: Sequence[Sequence[LiteralString]] = (
    (
        "CREATE CONSTRAINT jalki_once IF NOT EXISTS FOR (n:Jalki) REQUIRE n.name IS UNIQUE",
        "CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (n:Identifier) REQUIRE n.key IS UNIQUE",
        "CREATE CONSTRAINT event_once IF NOT EXISTS FOR (n:Event) REQUIRE n.event IS UNIQUE",
        "CREATE CONSTRAINT dead_letter_once IF NOT EXISTS FOR (n:DeadLetter) REQUIRE n.key IS UNIQUE",
    ),
    (
        "CREATE CONSTRAINT case_once IF NOT EXISTS FOR (n:Case) REQUIRE n.case IS UNIQUE",
        "CREATE CONSTRAINT case_entry_once IF NOT EXISTS FOR (n:CaseEntry) REQUIRE (n.case, n.number) IS UNIQUE",
        "CREATE CONSTRAINT task_once IF NOT EXISTS FOR (n:Task) REQUIRE (n.case, n.task) IS UNIQUE",
        "CREATE CONSTRAINT case_subject_once IF NOT EXISTS FOR (n:CaseSubject) REQUIRE n.key IS UNIQUE",
        "CREATE CONSTRAINT lane_calls_once IF NOT EXISTS FOR (n:LaneCalls) REQUIRE (n.lane, n.window) IS UNIQUE",
        "CREATE INDEX case_look IF NOT EXISTS FOR (n:Case) ON (n.look_at)",
        "CREATE INDEX task_look IF NOT EXISTS FOR (n:Task) ON (n.look_at)",
        "CREATE INDEX task_due IF NOT EXISTS FOR (n:Task) ON (n.party, n.look_at)",
    ),
    ("CREATE INDEX disclosure_target IF NOT EXISTS FOR (n:Disclosure) ON (n.target)",),
    (
        "CREATE INDEX bought_model IF NOT EXISTS FOR (n:Bought) ON (n.model)",
        "CREATE CONSTRAINT forgotten_buyers_once IF NOT EXISTS FOR (n:ForgottenBuyers) REQUIRE n.model IS UNIQUE",
    ),
    (
        "CREATE CONSTRAINT drift_finding_once IF NOT EXISTS FOR (n:DriftFinding) REQUIRE (n.event, n.part, n.rule) IS UNIQUE",
        "CREATE CONSTRAINT drift_told_once IF NOT EXISTS FOR (n:DriftTold) REQUIRE n.number IS UNIQUE",
        "CREATE CONSTRAINT drift_lane_once IF NOT EXISTS FOR (n:DriftLane) REQUIRE n.lane IS UNIQUE",
        "CREATE INDEX drift_finding_event IF NOT EXISTS FOR (n:DriftFinding) ON (n.event)",
        "CREATE INDEX drift_told_event IF NOT EXISTS FOR (n:DriftTold) ON (n.event)",
        "CREATE CONSTRAINT judging_once IF NOT EXISTS FOR (n:Judging) REQUIRE n.name IS UNIQUE",
        "MERGE (j:Judging {name: 'drift'}) ON CREATE SET j.turn = 0, j.last = 0, j.register = '', j.restored = false",
    ),
)
"""Statement by statement what each version adds. A version once released is never changed."""

LONGEST_BUILD = 300.0
"""Seconds that a start waits for indexes over what is in the graph already; it is tried again then."""
_LOOK_AGAIN = 0.05

_READ: LiteralString = "MATCH (j:Jalki {name: 'graph'}) RETURN j.version, j.keys"
_MADE: LiteralString = "MERGE (j:Jalki {name: 'graph'}) ON CREATE SET j.keys = $keys SET j.version = $version"
# A constraint is whole when it is made. An index is built afterwards; its name is the second word after CREATE.
_INDEXES = [statement.split()[2] for added in VERSIONS for statement in added if statement.startswith("CREATE INDEX")]
_BUILDING: LiteralString = (
    "SHOW INDEXES YIELD name, state WHERE name IN $names AND state = 'POPULATING' RETURN collect(name)"
)


def prepared(access: Neo4jAccess, keys: str, *, read_only: bool) -> Session:
    """Connect, and make the database ready for whoever keeps something in it. Raises: as `Session`, `prepare`."""
    session = Session(access)
    try:
        prepare(session, keys, read_only=read_only)
    except BaseException:
        session.close()
        raise
    return session


def prepare(session: Session, keys: str, *, read_only: bool) -> None:
    """Bring the graph to this version; `keys` is the mark of the key ring in use.

    Raises: Misconfigured: a newer version wrote it, it belongs to another key ring, or there is nothing to read.
    """
    found = session.ask(_READ)
    version, whose = found[0] if found else (0, keys)
    if version > len(VERSIONS):
        raise Misconfigured(
            f"the graph was written by a newer Jalki (version {version}, this one reads {len(VERSIONS)}): upgrade"
        )
    if whose != keys:
        raise Misconfigured(
            "the graph belongs to another key ring: nobody in it would be known. Restore the key ring and master key it "
            "was made with, or use an empty database"
        )
    if version == len(VERSIONS):
        return
    if read_only:
        raise Misconfigured(
            "the graph is empty or of an older version: `jalki worker` or `jalki ingest` makes it ready"
        )
    for statements in VERSIONS[version:]:
        for statement in statements:
            session.do(statement)
    _await_indexes(session)
    try:
        session.do(_MADE, keys=keys, version=len(VERSIONS))
    except Clash:  # another one made it at the same moment
        prepare(session, keys, read_only=read_only)


def _await_indexes(session: Session) -> None:
    """Look until ours are built. Raises: Retryable: not within LONGEST_BUILD.

    `db.awaitIndexes` would wait for everybody's, and hold locks meanwhile: one that is being made at that moment may wait
    for these, and neither ends.
    """
    until, pause = time.monotonic() + LONGEST_BUILD, Event()
    while building := session.ask(_BUILDING, names=_INDEXES)[0][0]:
        if time.monotonic() > until:
            raise Retryable(f"Neo4j is still building the indexes {', '.join(sorted(building))}")
        pause.wait(_LOOK_AGAIN)
