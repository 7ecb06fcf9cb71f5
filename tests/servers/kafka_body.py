"""How a Kafka broker is configured and run here: its listeners and properties, as a process or as a container."""

import base64
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from streams.kafka.access import KafkaAccess
from tests.servers.certificates import Authority, new_authority
from tests.servers.containers import Container, engine
from tests.servers.jars import jars, java
from tests.servers.jvm import Jvm, class_data_flags, flags
from tests.servers.secured import Secured
from tests.servers.server import Body
from tests.servers.waiting import free_port

VERSION = "4.4.0"
ARTIFACTS = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5")
IMAGE = f"apache/kafka:{VERSION}"
FORMAT_SECONDS = 120
LOGGING = """<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="[%d] %p %m (%c)%n"/></Console></Appenders>
  <Loggers><Root level="INFO"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""
# One of everything, and no wait for a group's second member: a broker for tests has no company.
ALONE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "INNER",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # A killed broker's place is kept for it this long (Kafka's own: 9 s), and it may not come back before.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "250",
}


@dataclass(frozen=True, slots=True)
class Listeners:
    """Where a broker listens: for clients, as they are to come in; for the tests' own upkeep, openly; for itself."""

    host: str
    port: int
    inner_port: int
    controller_port: int
    secured: Secured
    authority: Authority | None

    @classmethod
    def new(cls, folder: Path, secured: Secured) -> Self:
        """Take free ports and, where TLS is asked for, make certificates in `folder`."""
        host = engine() or "127.0.0.1"
        wants = secured.tls or secured.client_certificate
        authority = new_authority(folder / "certificates", host=host, client=secured.user) if wants else None
        return cls(host, free_port(), free_port(), free_port(), secured, authority)

    @property
    def outer(self) -> str:
        """The address for clients."""
        return f"{self.host}:{self.port}"

    @property
    def inner(self) -> str:
        """The address for upkeep."""
        return f"{self.host}:{self.inner_port}"

    def access(self) -> KafkaAccess:
        """Return what a client must know to come in."""
        client = self.authority.client if self.authority and self.secured.client_certificate else None
        return KafkaAccess(
            (self.outer,),
            security=self.secured.protocol,
            sasl=self.secured.sasl,
            user=self.secured.user if self.secured.sasl else None,
            password=self.secured.password if self.secured.sasl else None,
            ca_file=self.authority.ca if self.authority else None,
            certificate_file=client.certificate if client else None,
            key_file=client.key if client else None,
        )

    def settings(self, folder: Path) -> dict[str, str]:
        """Return the same as the program's settings, with the password in a file in `folder`."""
        access = self.access()
        found: dict[str, object] = {
            "": self.outer,
            "SECURITY": access.security,
            "SASL": access.sasl,
            "USER": access.user,
        }
        found |= {"CA_FILE": access.ca_file, "CERTIFICATE_FILE": access.certificate_file, "KEY_FILE": access.key_file}
        if access.password:
            secret = folder / "kafka-password"
            secret.write_text(access.password)
            found["PASSWORD_FILE"] = secret
        return {f"JALKI_KAFKA_{name}".rstrip("_"): f"{value}" for name, value in found.items() if value}

    def properties(self, *, everywhere: bool) -> dict[str, str]:
        """Return the broker's properties about its listeners; `everywhere`, on all addresses of its container."""
        at = "" if everywhere else "127.0.0.1"
        ports = {"CLIENTS": self.port, "INNER": self.inner_port, "CONTROLLER": self.controller_port}
        security = {"CLIENTS": self.secured.protocol, "INNER": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"}
        return {
            "listeners": ",".join(f"{name}://{at}:{port}" for name, port in ports.items()),
            "advertised.listeners": f"CLIENTS://{self.outer},INNER://{self.inner}",
            "listener.security.protocol.map": ",".join(f"{name}:{how}" for name, how in security.items()),
            # Not in the metadata: the same data may come up anywhere.
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            **self._sasl(),
            **self._tls(),
        }

    def _sasl(self) -> dict[str, str]:
        mechanism = self.secured.sasl
        if not mechanism:
            return {}
        who = f'username="{self.secured.user}" password="{self.secured.password}"'
        modules = "org.apache.kafka.common.security"
        plain = f'{modules}.plain.PlainLoginModule required user_{self.secured.user}="{self.secured.password}";'
        scram = f"{modules}.scram.ScramLoginModule required {who};"
        jaas = plain if mechanism == "PLAIN" else scram
        return {
            "sasl.enabled.mechanisms": mechanism,
            f"listener.name.clients.{mechanism.lower()}.sasl.jaas.config": jaas,
        }

    def _tls(self) -> dict[str, str]:
        """PEM in the properties themselves: on one line, its line ends written as properties write them."""
        if not self.authority:
            return {}
        server = self.authority.server
        pems = {
            "keystore.certificate.chain": server.certificate,
            "keystore.key": server.key,
            "truststore.certificates": self.authority.ca,
        }
        return {
            "ssl.keystore.type": "PEM",
            "ssl.truststore.type": "PEM",
            "ssl.client.auth": "required" if self.secured.client_certificate else "none",
            **{f"ssl.{name}": path.read_text("ascii").replace("\n", "\\n") for name, path in pems.items()},
        }


def with_scram(listeners: Listeners) -> None:
    """Make the user known, where the broker itself keeps users."""
    secured = listeners.secured
    if secured.sasl not in {"SCRAM-SHA-256", "SCRAM-SHA-512"}:
        return
    mechanism = ScramMechanism[secured.sasl.replace("-", "_")]
    with KafkaAdminClient(bootstrap_servers=listeners.inner) as admin:
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion(secured.user, mechanism, secured.password)])


def body_of(folder: Path, listeners: Listeners, more: Mapping[str, str], *, heap: str, full_jit: bool) -> Body:
    """Return a broker that is yet to start: a container where an engine answers, else a process."""
    folder.mkdir(parents=True, exist_ok=True)
    docker = engine() is not None
    log = "/tmp/kafka-log" if docker else f"{folder / 'log'}"  # noqa: S108 - the container's own
    lines = {**ALONE, **listeners.properties(everywhere=docker), "log.dirs": log, **more}
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
    if docker:
        return _container(text, cluster, listeners, flags(heap, full=full_jit))
    return _process(folder, text, cluster, flags(heap, full=full_jit))


def _container(text: str, cluster: str, listeners: Listeners, words: list[str]) -> Container:
    bin_ = "/opt/kafka/bin"
    config = "/jalki/server.properties"
    script = f"{bin_}/kafka-storage.sh format --ignore-formatted -t {cluster} -c {config}"
    script += f" && exec {bin_}/kafka-server-start.sh {config}"
    return Container(
        IMAGE,
        {port: port for port in (listeners.port, listeners.inner_port)},
        {"KAFKA_HEAP_OPTS": " ", "KAFKA_JVM_PERFORMANCE_OPTS": " ".join(words)},
        ["sh", "-c", script],
        {config: text.encode()},
    )


def _process(folder: Path, text: str, cluster: str, words: list[str]) -> Jvm:
    name = f"kafka-{VERSION}"
    lib = jars(name, ARTIFACTS)
    config = folder / "server.properties"
    config.touch(mode=0o600)
    config.write_text(text)
    logging = folder / "log4j2.xml"
    logging.write_text(LOGGING)
    if not (folder / "log" / "meta.properties").exists():
        tool = [java(), *flags("128m"), *class_data_flags(name), f"-Dlog4j2.configurationFile={logging}", "-cp"]
        tool += [f"{lib}/*", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", f"{config}"]
        with (folder / "format.log").open("wb") as said:
            subprocess.run(tool, stdout=said, stderr=subprocess.STDOUT, check=True, timeout=FORMAT_SECONDS)
    arguments = [*words, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{lib}/*", "kafka.Kafka", f"{config}"]
    return Jvm(name, arguments, folder / "broker.log")
