"""How Neo4j is configured and run here, as a process or as a container."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority, new_authority
from tests.servers.containers import Container, engine
from tests.servers.jars import jars, java
from tests.servers.jvm import Jvm, class_data_flags, flags
from tests.servers.server import Body
from tests.servers.waiting import free_port

VERSION = "5.26.30"
ARTIFACTS = (f"org.neo4j:neo4j:{VERSION}",)
IMAGE = f"neo4j:{VERSION}-community"
PASSWORD_SECONDS = 120
# Without these it starts, but on slower paths to its page cache and its log.
OPENED = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-XX:+DisableExplicitGC",
)
ALONE = {
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "dbms.usage_report.enabled": "false",
    "db.tx_log.preallocate": "false",
    "db.logs.query.enabled": "OFF",
    # Its own is 5 s for each of two pools, at every stop.
    "internal.server.bolt.thread_pool_shutdown_wait_time": "100ms",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a Neo4j listens, and what it gets of the machine."""

    host: str
    port: int
    authority: Authority | None
    heap: str
    pagecache: str
    full_jit: bool

    @classmethod
    def new(cls, folder: Path, *, tls: bool, heap: str, pagecache: str, full_jit: bool) -> Self:
        """Take a free port and, where TLS is asked for, make certificates in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        host = engine() or "127.0.0.1"
        authority = new_authority(folder / "certificates", host=host) if tls else None
        return cls(host, free_port(), authority, heap, pagecache, full_jit)

    @property
    def uri(self) -> str:
        """The address for drivers."""
        return f"{'bolt+s' if self.authority else 'bolt'}://{self.host}:{self.port}"

    def settings(self, *, listen: str, asks: bool, certificates: str) -> dict[str, str]:
        """Return the lines of neo4j.conf that are this server's own."""
        found = {
            **ALONE,
            "server.default_listen_address": listen,
            "server.bolt.listen_address": f"{listen}:{self.port}",
            "server.bolt.advertised_address": f"{self.host}:{self.port}",
            "server.memory.pagecache.size": self.pagecache,
            "dbms.security.auth_enabled": f"{asks}".lower(),
        }
        if self.authority:
            found |= {
                "server.bolt.tls_level": "REQUIRED",
                "dbms.ssl.policy.bolt.enabled": "true",
                "dbms.ssl.policy.bolt.base_directory": certificates,
                "dbms.ssl.policy.bolt.private_key": "server.key",
                "dbms.ssl.policy.bolt.public_certificate": "server.crt",
                "dbms.ssl.policy.bolt.client_auth": "NONE",
            }
        return found


def body_of(folder: Path, seat: Seat, password: str | None, more: Mapping[str, str]) -> Body:
    """Return a Neo4j that is yet to start: a container where an engine answers, else a process."""
    return (_container if engine() else _process)(folder, seat, password, more)


def _container(_: Path, seat: Seat, password: str | None, more: Mapping[str, str]) -> Container:
    own = "/jalki"
    settings = seat.settings(listen="0.0.0.0", asks=bool(password), certificates=own)  # noqa: S104 - in its own network
    settings |= {
        "server.memory.heap.initial_size": seat.heap if seat.full_jit else "64m",
        "server.memory.heap.max_size": seat.heap,
        **more,
    }
    files = {}
    if seat.authority:
        identity = seat.authority.server
        files = {f"{own}/{each.name}": each.read_bytes() for each in (identity.certificate, identity.key)}
    environment = {"NEO4J_AUTH": f"neo4j/{password}" if password else "none"}
    environment |= {f"NEO4J_{name.replace('_', '__').replace('.', '_')}": value for name, value in settings.items()}
    if not seat.full_jit:
        environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1"
    return Container(IMAGE, {seat.port: seat.port}, environment, files=files)


def _process(folder: Path, seat: Seat, password: str | None, more: Mapping[str, str]) -> Jvm:
    name = f"neo4j-{VERSION}"
    lib = jars(name, ARTIFACTS)
    places = {f"server.directories.{each}": f"{folder / each}" for each in ("data", "logs", "run")}
    own = seat.settings(listen="127.0.0.1", asks=bool(password), certificates=f"{folder / 'certificates'}")
    conf = folder / "conf"
    conf.mkdir(exist_ok=True)
    lines = (f"{name}={value}\n" for name, value in {**places, **own, **more}.items())
    (conf / "neo4j.conf").write_text("".join(lines))
    if password and not (folder / "data" / "databases").exists():
        words = [java(), *flags("128m"), *class_data_flags(name), "-cp", f"{lib}/*"]
        _set_password(folder, [*words, "org.neo4j.server.startup.Neo4jAdminCommand"], password)
    arguments = [*flags(seat.heap, full=seat.full_jit), *OPENED, "-cp", f"{lib}/*"]
    arguments += ["org.neo4j.server.CommunityEntryPoint", f"--home-dir={folder}", f"--config-dir={conf}"]
    return Jvm(name, arguments, folder / "neo4j.log")


def _set_password(folder: Path, command: list[str], password: str) -> None:
    """Neo4j takes a first password only before its data are."""
    where = {**os.environ, "NEO4J_HOME": f"{folder}", "NEO4J_CONF": f"{folder / 'conf'}"}
    with (folder / "password.log").open("wb") as said:
        subprocess.run(
            [*command, "dbms", "set-initial-password", password],
            env=where,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=True,
            timeout=PASSWORD_SECONDS,
        )
