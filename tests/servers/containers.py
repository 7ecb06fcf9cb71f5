"""A server as a container, where a Docker engine answers: started by testcontainers, ended kindly or not, frozen."""

import functools
import gc
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from docker.errors import ImageNotFound
from testcontainers.core.config import ConnectionMode
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from tests.servers.server import UnavailableError

STOP_SECONDS = 60
PING_SECONDS = 3
LOOPBACK = {"localhost", "127.0.0.1"}


@functools.cache
def engine() -> str | None:
    """Return the host at which the ports of a Docker engine's containers are reached; None where no engine answers.

    One that is reached by the containers' own addresses does not count: a server must know its address beforehand.
    """
    with warnings.catch_warnings():
        # docker leaves the socket open on which nothing answered.
        warnings.simplefilter("ignore", ResourceWarning)
        found = _answering()
        gc.collect()
    return found


def _answering() -> str | None:
    try:
        client = DockerClient(timeout=PING_SECONDS)
    except Exception:  # noqa: BLE001 - docker's errors and requests' are of many kinds; each means that none answers
        return None
    try:
        client.client.ping()
        usable = client.get_connection_mode() is ConnectionMode.docker_host
    except Exception:  # noqa: BLE001 - as above
        return None
    else:
        host = client.host()
        return ("127.0.0.1" if host in LOOPBACK else host) if usable else None
    finally:
        client.client.close()


@dataclass(slots=True)
class Container:
    """One container: `ports` are the host's by the container's own; `files` are laid into it before it starts."""

    image: str
    ports: Mapping[int, int]
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    made: DockerContainer | None = None

    def start(self) -> None:
        """Start it, at first from its image and later with the files it left."""
        if self.made:
            self.made.get_wrapped_container().start()
            return
        made = DockerContainer(self.image).with_envs(**self.environment)
        if self.command:
            made = made.with_command([*self.command])
        for inside, outside in self.ports.items():
            # docker takes an address beside the port, which testcontainers' own type leaves out
            at: Any = ("127.0.0.1", outside) if engine() == "127.0.0.1" else outside
            cast("dict[str, Any]", made.ports)[f"{inside}/tcp"] = at
        for path, content in self.files.items():
            made = made.with_copy_into_container(content, path)
        self.made = made
        try:
            made.start()
        except ImageNotFound as absent:
            raise UnavailableError(f"the Docker engine cannot get {self.image}") from absent

    def ended(self) -> str | None:
        """Return the end of its log if it has ended by itself."""
        if not self.made:
            return "it was never started"
        container = self.made.get_wrapped_container()
        container.reload()
        if container.status not in {"exited", "dead", "removing"}:
            return None
        return f"the server has ended; its log's end:\n{container.logs(tail=30).decode('utf-8', 'replace')}"

    def stop(self) -> None:
        """Ask it to end and wait until it has; the engine kills it after a minute."""
        if self.made:
            self.made.get_wrapped_container().stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once."""
        if self.made and self.ended() is None:
            container = self.made.get_wrapped_container()
            container.kill()
            container.wait()

    def pause(self) -> None:
        """Freeze it."""
        if self.made:
            self.made.get_wrapped_container().pause()

    def resume(self) -> None:
        """Let it go on, if it is frozen."""
        if self.made:
            container = self.made.get_wrapped_container()
            container.reload()
            if container.status == "paused":
                container.unpause()

    def remove(self) -> None:
        """Leave nothing of it."""
        if self.made:
            self.made.stop()
            self.made = None
