"""A real schema registry for tests: Apicurio, by the REST interface it shares with Confluent's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.servers.containers import Container, engine
from tests.servers.jars import archive
from tests.servers.jvm import Jvm, flags
from tests.servers.server import Body, Power, running
from tests.servers.waiting import free_port, until

VERSION = "2.6.13.Final"
ARTIFACT = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
IMAGE = f"apicurio/apicurio-registry-mem:{VERSION}"
INTERFACE = "/apis/ccompat/v7"
WIPE_SECONDS = 30.0
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Registry:
    """A schema registry. `url` is what its clients take."""

    url: str
    power: Power = field(repr=False)

    @property
    def settings(self) -> Mapping[str, str]:
        """The program's settings, by which it finds this server."""
        return {"JALKI_SCHEMA_REGISTRY": self.url}

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

    def wipe(self) -> None:
        """Delete all subjects with all their versions, and wait until they are gone."""
        with httpx2.Client(base_url=self.url, timeout=TIMEOUT) as client:
            until(lambda: _left(client), seconds=WIPE_SECONDS, what="a registry without subjects")


def _left(client: httpx2.Client) -> str | None:
    subjects = client.get("/subjects").raise_for_status().json()
    for subject in subjects:
        for permanent in ("false", "true"):
            client.delete(f"/subjects/{subject}", params={"permanent": permanent})
    return f"{len(subjects)} subjects were there still" if subjects else None


def _missing(url: str) -> str | None:
    try:
        answer = httpx2.get(f"{url}/subjects", timeout=TIMEOUT)
    except httpx2.HTTPError as away:
        return f"{type(away).__name__} at {url}"
    return None if answer.is_success else f"{answer.status_code} from {url}"


def given_registry(url: str) -> Registry:
    """Return the registry at this URL, which is not ours to break. Raises: NeverHappenedError: it does not answer."""
    power = Power(None, lambda: _missing(url))
    power.wait()
    return Registry(url, power)


@contextmanager
def running_registry(folder: Path, *, compatibility: str = "BACKWARD") -> Iterator[Registry]:
    """Run a registry of the test's own, with its data in `folder`, until the end of the block.

    `compatibility` is the level for all subjects; Apicurio's own is NONE, Confluent's BACKWARD. Raises:
    UnavailableError: there is nothing here to run one with; NeverHappenedError: it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://{engine() or '127.0.0.1'}:{port}{INTERFACE}"
    power = Power(_body(folder, port), lambda: _missing(url))
    with running(power):
        httpx2.put(f"{url}/config", json={"compatibility": compatibility}, timeout=TIMEOUT).raise_for_status()
        yield Registry(url, power)


def _body(folder: Path, port: int) -> Body:
    docker = engine() is not None
    kept = "/tmp/registry" if docker else f"{folder / 'registry'}"  # noqa: S108 - the container's own
    environment = {
        "QUARKUS_HTTP_PORT": f"{port}",
        "QUARKUS_HTTP_HOST": "0.0.0.0" if docker else "127.0.0.1",  # noqa: S104 - in the container's own network
        "REGISTRY_DATASOURCE_URL": f"jdbc:h2:file:{kept};WRITE_DELAY=0",
    }
    if docker:
        return Container(IMAGE, {port: port}, environment)
    name = f"apicurio-{VERSION}"
    jar = archive(name, ARTIFACT) / f"apicurio-registry-app-{VERSION}-runner.jar"
    return Jvm(name, [*flags("384m"), "-jar", f"{jar}"], folder / "registry.log", environment)
