"""A real Neo4j for tests and measurements: started, broken, brought back, and emptied between tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from tests.servers.neo4j_body import Seat, body_of
from tests.servers.server import Power, running
from tests.servers.waiting import accepts

WIPE_CHUNK = 20_000
DATABASE = "neo4j"
USER = "neo4j"


@dataclass(frozen=True, slots=True)
class Login:
    """How one comes in: Neo4j's address, and what else it asks for."""

    uri: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def driver(self) -> Driver:
        """Return a driver, for `with`. One that trusts a CA of the tests' own takes it from the machine's settings."""
        from ssl import create_default_context

        auth = (self.user, self.password) if self.user and self.password else None
        if self.ca_file is None:
            return GraphDatabase.driver(self.uri, auth=auth, connection_timeout=5)
        trusted = create_default_context(cafile=self.ca_file)
        plain = self.uri.replace("+s://", "://", 1)
        return GraphDatabase.driver(plain, auth=auth, connection_timeout=5, ssl_context=trusted)

    def missing(self) -> str | None:
        """Tell what it still lacks before it works: a port, an answer to a question."""
        at = urlsplit(self.uri)
        if not accepts(at.hostname or "", at.port or 7687):
            return f"nothing listens at {self.uri}"
        try:
            with self.driver() as driver:
                driver.execute_query("RETURN 1", database_=DATABASE)
        except (DriverError, Neo4jError, OSError) as away:
            return f"{type(away).__name__} at {self.uri}"
        return None


@dataclass(frozen=True, slots=True)
class Neo4j:
    """A Neo4j. `settings` are the program's, by which it finds this server."""

    login: Login
    settings: Mapping[str, str] = field(repr=False)
    power: Power = field(repr=False)

    @property
    def uri(self) -> str:
        """Its address, as drivers take it."""
        return self.login.uri

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password, None where it asks for none."""
        return (self.login.user, self.login.password) if self.login.user and self.login.password else None

    @property
    def owned(self) -> bool:
        """Whether it is ours to break."""
        return self.power.body is not None

    def start(self) -> None:
        """Start it again, with its data and at its address; wait until it answers."""
        self.power.start()

    def stop(self) -> None:
        """End it kindly and wait until it has."""
        self.power.ours.stop()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.power.ours.kill()

    def pause(self) -> None:
        """Freeze it: connections stay, answers stay away."""
        self.power.ours.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.power.ours.resume()

    def driver(self) -> Driver:
        """Return a driver that is let in, for `with`."""
        return self.login.driver()

    def wipe(self) -> None:
        """Delete all nodes, relations, constraints and indexes but the two for looking up labels and types."""
        with self.driver() as driver, driver.session(database=DATABASE) as session:
            for kind in ("CONSTRAINT", "INDEX"):
                named = f"SHOW ALL {kind} YIELD name, type WHERE type <> 'LOOKUP' RETURN name"
                for name in session.run(named).value():
                    session.run(f"DROP {kind} `{name}` IF EXISTS").consume()
            # Each chunk is a transaction of its own, and none holds more than memory can.
            chunked = f"MATCH (n) CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF {WIPE_CHUNK} ROWS"
            session.run(chunked).consume()


def _settings(login: Login, password_file: Path | None) -> dict[str, str]:
    found = {"": login.uri, "USER": login.user, "PASSWORD_FILE": password_file, "CA_FILE": login.ca_file}
    return {f"JALKI_NEO4J_{name}".rstrip("_"): f"{value}" for name, value in found.items() if value}


def given_neo4j(uri: str, user: str | None, password_file: Path | None) -> Neo4j:
    """Return the Neo4j at this address, which is not ours to break. Raises: NeverHappenedError: it does not answer."""
    password = password_file.read_text("utf-8").strip() if password_file else None
    login = Login(uri, (user or USER) if password else None, password)
    power = Power(None, login.missing)
    power.wait()
    return Neo4j(login, _settings(login, password_file), power)


@contextmanager
def running_neo4j(
    folder: Path,
    *,
    password: str | None = None,
    tls: bool = False,
    settings: Mapping[str, str] | None = None,
    heap: str = "512m",
    pagecache: str = "128m",
    full_jit: bool = False,
) -> Iterator[Neo4j]:
    """Run a Neo4j of the test's own, with its data in `folder`, until the end of the block.

    `password`, of 8 characters or more, is the user neo4j's; without one nobody is asked. `tls` makes the address
    bolt+s, and only that comes in. `settings` add to those of neo4j.conf or replace them. Measurements want
    `full_jit`, and 200,000 events to warm up. Raises: UnavailableError: there is nothing here to run one with;
    NeverHappenedError: it does not start.
    """
    seat = Seat.new(folder, tls=tls, heap=heap, pagecache=pagecache, full_jit=full_jit)
    secret = folder / "neo4j-password" if password else None
    if password and secret:
        secret.touch(mode=0o600)
        secret.write_text(password)
    login = Login(seat.uri, USER if password else None, password, seat.authority.ca if seat.authority else None)
    power = Power(body_of(folder, seat, password, settings or {}), login.missing)
    with running(power):
        yield Neo4j(login, _settings(login, secret), power)
