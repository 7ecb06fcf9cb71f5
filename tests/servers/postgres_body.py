"""How PostgreSQL is set up and run here, as a process or as a container."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority, new_authority
from tests.servers.containers import Container, engine
from tests.servers.processes import Process
from tests.servers.server import Body, UnavailableError
from tests.servers.waiting import free_port

IMAGE = "postgres:15"
USER = "jalki"
SETUP_SECONDS = 120
# As Debian and its relatives lay it out: one folder a version, none of them on the path.
PACKAGED = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a PostgreSQL listens and keeps its data, who may come in and how."""

    host: str
    port: int
    folder: Path
    kept: Path
    secret: Path | None
    password: str | None
    authority: Authority | None

    @classmethod
    def new(cls, folder: Path, kept: Path, password: str | None, *, tls: bool) -> Self:
        """Take a free port; write the password and, where TLS is asked for, certificates into `folder`."""
        host = engine() or "127.0.0.1"
        secret = folder / "postgres-password" if password else None
        if password and secret:
            secret.touch(mode=0o600)
            secret.write_text(password)
        authority = new_authority(folder / "certificates", host=host) if tls else None
        return cls(host, free_port(), folder, kept, secret, password, authority)

    def settings(self, certificate: str, key: str) -> dict[str, str]:
        """Return postgresql.conf's settings that are this server's own."""
        found = {"port": f"{self.port}", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        # A killed process loses nothing that the system has taken; only a power cut would.
        found |= {"fsync": "off", "shared_buffers": "32MB"}
        return found | ({"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key} if self.authority else {})

    def admits(self, addresses: str) -> str:
        """Return pg_hba.conf: who may come in and what they are asked."""
        kind = "hostssl" if self.authority else "host"
        return f"{kind} all all {addresses} {'scram-sha-256' if self.password else 'trust'}\n"


def unprivileged() -> str | None:
    """Return whom to run PostgreSQL as: None for ourselves, another's name if we are the superuser, whom it refuses."""
    if os.geteuid():
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise UnavailableError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


@contextmanager
def data_folder(folder: Path, disk: Callable[[Path], AbstractContextManager[object]] = nullcontext) -> Iterator[Path]:
    """Yield a folder for its data: in `folder`, or where another user reaches it, as a test's folder is not.

    `disk` has something mounted there before its owner is set, and gone at the end of the block.
    """
    user = None if engine() else unprivileged()
    if user is None:
        with disk(folder):
            yield folder / "data"
        return
    with tempfile.TemporaryDirectory(prefix="jalki-postgres-") as own, disk(Path(own)):
        shutil.chown(own, user)
        yield Path(own) / "data"


def programs() -> Path:
    """Return the folder of PostgreSQL's programs: the path's, else the newest packaged. Raises: UnavailableError."""
    if found := shutil.which("postgres"):
        return Path(found).parent
    packaged = [path for path in PACKAGED.glob("*/bin") if (path / "postgres").exists()]
    if not packaged:
        raise UnavailableError("no PostgreSQL (its programs are in Debian's package postgresql), and no Docker engine")
    return max(packaged, key=lambda path: float(path.parent.name))


def body_of(place: Place, more: Mapping[str, str]) -> Body:
    """Return a PostgreSQL that is yet to start: a container where an engine answers, else a process."""
    return (_container if engine() else _process)(place, more)


def _words(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _container(place: Place, more: Mapping[str, str]) -> Container:
    own = "/jalki"
    files = {f"{own}/pg_hba.conf": f"local all all trust\n{place.admits('all')}".encode()}
    if place.authority:
        identity = place.authority.server
        files |= {f"{own}/{each.name}": each.read_bytes() for each in (identity.certificate, identity.key)}
    settings = {**place.settings("/tmp/server.crt", "/tmp/server.key"), "listen_addresses": "*"}  # noqa: S108 - its own
    settings |= {"unix_socket_directories": "/var/run/postgresql", "hba_file": f"{own}/pg_hba.conf", **more}
    # A key that others may read is refused, and files are laid into a container as root's.
    taken = f"if [ -e {own}/server.key ]; then install -o postgres -m 600 {own}/server.* /tmp/; fi"
    script = f'{taken}; exec docker-entrypoint.sh postgres "$@"'
    environment = {"POSTGRES_USER": USER, "POSTGRES_DB": "postgres", "POSTGRES_HOST_AUTH_METHOD": "trust"}
    environment |= {"POSTGRES_PASSWORD": place.password} if place.password else {}
    command = ["sh", "-c", script, "sh", *_words(settings)]
    return Container(IMAGE, {place.port: place.port}, environment, command, files)


def _process(place: Place, more: Mapping[str, str]) -> Process:
    user, found = unprivileged(), programs()
    if not (place.kept / "PG_VERSION").exists():
        _initialise(place, found / "initdb", user)
    own = ("server.crt", "server.key")
    if place.authority:
        for each in (place.authority.server.certificate, place.authority.server.key):
            _readable(each, place.kept, user)
    (place.kept / "pg_hba.conf").write_text(place.admits("127.0.0.1/32"))
    command = [f"{found / 'postgres'}", "-D", f"{place.kept}", *_words({**place.settings(*own), **more})]
    return Process(command, place.folder / "postgres.log", {}, user, stop_signal=signal.SIGINT)


def _readable(file: Path, folder: Path, user: str | None) -> Path:
    """Copy a file to where PostgreSQL's own user may read it, and nobody else."""
    copied = folder / file.name
    if file != copied:
        shutil.copy(file, copied)
    copied.chmod(0o600)
    if user:
        shutil.chown(copied, user)
    return copied


def _initialise(place: Place, initdb: Path, user: str | None) -> None:
    words = [f"{initdb}", "-D", f"{place.kept}", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync", "-A", "trust"]
    if place.secret:
        words += ["--auth-host=scram-sha-256", f"--pwfile={_readable(place.secret, place.kept.parent, user)}"]
    with (place.folder / "initdb.log").open("wb") as said:
        subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            check=True,
            timeout=SETUP_SECONDS,
        )
