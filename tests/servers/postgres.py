"""A real PostgreSQL for tests: started, broken, brought back; a new database for each test that wants one."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.servers.postgres_body import USER, Place, body_of, data_folder
from tests.servers.server import Power, running

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Login:
    """How one comes in: an address without the password, and the password."""

    url: str
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    ca_file: Path | None = None

    def connect(self, url: str | None = None) -> psycopg.Connection:
        """Return a connection that writes through at once, for `with`."""
        at = make_conninfo(url or self.url, connect_timeout=5, password=self.password)
        return psycopg.connect(at, autocommit=True)

    def missing(self) -> str | None:
        """Tell what it still lacks before it works."""
        try:
            with self.connect() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as away:
            return f"{away}"
        return None


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL. Its URLs are without the password, which is in `login` and in a file."""

    login: Login
    power: Power = field(repr=False)

    @property
    def url(self) -> str:
        """The address of the database it came with."""
        return self.login.url

    @property
    def owned(self) -> bool:
        """Whether it is ours to break."""
        return self.power.body is not None

    def start(self) -> None:
        """Start it again, with its data and at its address; wait until it answers."""
        self.power.start()

    def stop(self) -> None:
        """End it kindly and wait until it has; its clients are sent away."""
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

    def settings(self, url: str | None = None) -> Mapping[str, str]:
        """Return the program's settings, by which it finds the database at `url`."""
        found = {"JALKI_KEYRING": url or self.url}
        return found | ({"JALKI_KEYRING_PASSWORD_FILE": f"{self.login.password_file}"} if self.login.password else {})

    def connect(self, url: str | None = None) -> psycopg.Connection:
        """Return a connection to the database at `url` that writes through at once, for `with`."""
        return self.login.connect(url)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        with self.connect() as connection:
            taken = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            name = next(name for number in _numbers if (name := f"test_{number}") not in taken)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop a database that `new_database` made, whoever is connected to it."""
        name = sql.Identifier(urlsplit(url).path.removeprefix("/"))
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def given_postgres(url: str, password_file: Path | None) -> Postgres:
    """Return the PostgreSQL at this URL, which is not ours to break. Raises: NeverHappenedError: it does not answer."""
    login = Login(url, password_file.read_text("utf-8").strip() if password_file else None, password_file)
    power = Power(None, login.missing)
    power.wait()
    return Postgres(login, power)


@contextmanager
def running_postgres(
    folder: Path,
    password: str | None = None,
    *,
    tls: bool = False,
    settings: Mapping[str, str] | None = None,
    disk: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> Iterator[Postgres]:
    """Run a PostgreSQL of the test's own until the end of the block, its data in `folder`.

    The superuser of the machine may not run it: as that one, its data are in a folder of their own, which an
    unprivileged user may reach, and go with the block. `password` is asked for by SCRAM-SHA-256; without one nobody
    is asked. With `tls` only TLS comes in. `disk` may mount something where its data will be. Raises: UnavailableError:
    there is nothing here to run one with; NeverHappenedError: it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with data_folder(folder, disk) as kept:
        place = Place.new(folder, kept, password, tls=tls)
        asks = f"?sslmode=verify-full&sslrootcert={place.authority.ca}" if place.authority else ""
        url = f"postgresql://{USER}@{place.host}:{place.port}/postgres{asks}"
        login = Login(url, password, place.secret, place.authority.ca if place.authority else None)
        power = Power(body_of(place, settings or {}), login.missing)
        with running(power):
            yield Postgres(login, power)
