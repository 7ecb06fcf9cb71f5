"""Fides as a measurement runs it: its web server, its worker, a PostgreSQL and a Redis, all processes of ours on loopback.

It is installed from the package index into a folder outside the checkout, once. Everything it is told goes over its API.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request as Call
from urllib.request import urlopen

from tests.servers.jars import cache, locked
from tests.servers.postgres import running_postgres
from tests.servers.postgres_body import USER
from tests.servers.processes import Process
from tests.servers.server import UnavailableError
from tests.servers.waiting import accepts, free_port, until

VERSION = "2.78.2"
HOST = "127.0.0.1"
START_SECONDS = 300.0
PAGE = 50
"""So many requests it takes in one call."""
POLICY, RULE = "erase", "erase_rule"
_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK = 0.25


def installed() -> Path:
    """Return the folder of Fides's programs, installed once. Raises: UnavailableError: it cannot be, or Redis is not there."""
    if not shutil.which("redis-server"):
        raise UnavailableError("no redis-server: install Debian's package redis-server (and postgresql)")
    folder = cache() / f"fides-{VERSION}"
    with locked(cache() / "fides.lock"):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            print(f"installing ethyca-fides {VERSION} into {folder}: some minutes", flush=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            done = subprocess.run(
                [folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", f"ethyca-fides=={VERSION}"],
                check=False, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise UnavailableError(f"ethyca-fides {VERSION} could not be installed with pip: {done.stderr[-600:]}")
            (folder / "ready").touch()
    return folder / "bin"


@dataclass(frozen=True, slots=True)
class Fides:
    """A running Fides, and how it is told what to do."""

    url: str
    token: str
    own: Sequence[int]
    """The processes of web server and worker."""
    stores: Sequence[int]
    """Those of PostgreSQL and Redis."""

    def declare(self, parties: Sequence[str], host: str) -> None:
        """Declare a policy that erases, and each party as a connector of its own with one collection of members."""
        self.call("PATCH", "/dsr/policy", [{"name": POLICY, "key": POLICY}])
        masking = {"strategy": "null_rewrite", "configuration": {}}
        rule = {"name": RULE, "key": RULE, "action_type": "erasure", "masking_strategy": masking}
        self.call("PATCH", f"/dsr/policy/{POLICY}/rule", [rule])
        target = {"name": "email", "key": "email", "data_category": "user.contact.email"}
        self.call("PATCH", f"/dsr/policy/{POLICY}/rule/{RULE}/target", [target])
        for party in parties:
            made = {"name": party, "key": party, "connection_type": "saas", "access": "write"}
            self.call("PATCH", "/connection", [made])
            self.call("PATCH", f"/connection/{party}/saas_config", _connector(party))
            self.call("PUT", f"/connection/{party}/secret?verify=false", {"domain": host})
            self.call("PATCH", f"/connection/{party}/dataset", [_dataset(party)])

    def submit(self, people: Sequence[str]) -> None:
        """Submit a request to be erased for each; none waits for approval. Raises: RuntimeError: one is refused."""
        for start in range(0, len(people), PAGE):
            asked = [{"identity": {"email": each}, "policy_key": POLICY} for each in people[start : start + PAGE]]
            said = self.call("POST", "/privacy-request", asked)
            if said["failed"]:
                raise RuntimeError(f"refused: {said['failed']}")

    def completed(self) -> int:
        """Return how many requests are complete. Raises: RuntimeError: one has failed."""
        if self.call("GET", "/privacy-request?status=error&size=1")["total"]:
            raise RuntimeError("a request has failed")
        return int(self.call("GET", "/privacy-request?status=complete&size=1")["total"])

    def wait(self, completed: int, seconds: float) -> None:
        """Wait until so many requests are complete. Raises: RuntimeError: not within `seconds`, or one has failed."""
        deadline = time.monotonic() + seconds
        while (found := self.completed()) < completed:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{found} of {completed} requests are complete after {seconds:.0f} s")
            time.sleep(_LOOK)

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call its API. Raises: RuntimeError: it refuses; what it said."""
        return _call(method, f"{self.url}{path}", json.dumps(body).encode() if body is not None else None, {
            "content-type": "application/json", "authorization": f"Bearer {self.token}"
        })  # fmt: skip


def _connector(party: str) -> Mapping[str, object]:
    email = [{"name": "email", "identity": "email"}]
    path = f"/{party}/members/<email>"
    calls = {
        "read": {"method": "GET", "path": path, "param_values": email, "ignore_errors": [404]},
        "delete": {"method": "DELETE", "path": path, "param_values": email},
    }
    return {
        "fides_key": party,
        "name": party,
        "type": "custom",
        "description": "members",
        "version": "0.0.1",
        "connector_params": [{"name": "domain"}],
        "client_config": {"protocol": "http", "host": "<domain>"},
        "test_request": {"method": "GET", "path": f"/{party}/members/nobody"},
        "endpoints": [{"name": "member", "requests": calls}],
    }


def _dataset(party: str) -> Mapping[str, object]:
    fields = [
        {"name": "id", "data_categories": ["user.unique_id"], "fides_meta": {"primary_key": True}},
        {"name": "email", "data_categories": ["user.contact.email"], "fides_meta": {"data_type": "string"}},
    ]
    collections = [{"name": "member", "fields": fields}]
    return {"fides_key": party, "name": party, "description": "members", "collections": collections}


@contextmanager
def running_fides(folder: Path) -> Iterator[Fides]:
    """Run it, empty, until the end of the block. Raises: UnavailableError: something of it is not there to be run."""
    programs = installed()
    with ExitStack() as stack:
        postgres = stack.enter_context(
            running_postgres(folder / "postgres", settings={"fsync": "on", "shared_buffers": "128MB"})
        )
        redis, redis_port, secret = _redis(folder)
        stack.callback(redis.stop)
        url, web_port = f"http://{HOST}", free_port()
        environment = _environment(folder, int(postgres.url.split(":")[-1].split("/")[0]), redis_port, secret)
        web = Process([f"{programs / 'uvicorn'}", "--host", HOST, "--port", f"{web_port}", "--no-access-log",
                       "fides.api.main:app"], folder / "web.log", environment)  # fmt: skip
        web.start()
        stack.callback(web.kill)
        until(lambda: web.ended() or _unwell(f"{url}:{web_port}/health"), seconds=START_SECONDS, what="Fides")
        worker = Process([f"{programs / 'fides'}", "worker"], folder / "worker.log", environment)
        worker.start()
        stack.callback(worker.kill)
        ready = folder / "worker.log"
        until(lambda: worker.ended() or (None if " ready." in ready.read_text() else "it starts"),
              seconds=START_SECONDS, what="Fides's worker")  # fmt: skip
        api = f"{url}:{web_port}/api/v1"
        login = {"client_id": "bench", "client_secret": secret, "grant_type": "client_credentials"}
        token = _call("POST", f"{api}/oauth/token", urlencode(login).encode(), {})["access_token"]
        yield Fides(api, token, [_pid(web), _pid(worker)], [_pid(postgres.power.body), _pid(redis)])


def _redis(folder: Path) -> tuple[Process, int, str]:
    port, secret = free_port(), secrets.token_hex(16)
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(f'bind {HOST}\nport {port}\nsave ""\nrequirepass {secret}\ndir {folder}\n')
    redis = Process([shutil.which("redis-server") or "redis-server", f"{settings}"], folder / "redis.log")
    redis.start()
    until(lambda: redis.ended() or (None if accepts(HOST, port) else "no answer"), seconds=30, what="Redis")
    return redis, port, secret


def _environment(folder: Path, postgres: int, redis: int, secret: str) -> Mapping[str, str]:
    """Return its settings: its defaults, but for where its stores are, that it may call this machine, and its watchdog.

    Every five minutes that one fails each request under way of which a task has not been queued yet. Where a hundred take
    longer, as on a busy machine, nearly all of them would be failed, and nothing could be compared.
    """
    (folder / "fides.toml").touch()
    given = {
        "DATABASE__SERVER": HOST, "DATABASE__PORT": f"{postgres}", "DATABASE__USER": USER, "DATABASE__DB": "postgres",
        "DATABASE__PASSWORD": "none", "REDIS__HOST": HOST, "REDIS__PORT": f"{redis}", "REDIS__PASSWORD": secret,
        "SECURITY__ENV": "prod", "SECURITY__APP_ENCRYPTION_KEY": secret, "SECURITY__OAUTH_ROOT_CLIENT_ID": "bench",
        "SECURITY__OAUTH_ROOT_CLIENT_SECRET": secret, "SECURITY__DRP_JWT_SECRET": secret,
        "USER__ANALYTICS_OPT_OUT": "True", "CELERY__TASK_ALWAYS_EAGER": "False", "LOGGING__LEVEL": "INFO",
        "CONFIG_PATH": f"{folder / 'fides.toml'}", "EXECUTION__INTERRUPTED_TASK_REQUEUE_INTERVAL": "86400",
    }  # fmt: skip
    # It calls no loopback address but in its development mode, and no address with a port. By FIDES__DEV_MODE that would
    # also have it write debugging logs, which costs time; its configuration reads the bare name too, which does not.
    return {f"FIDES__{name}": value for name, value in given.items()} | {"dev_mode": "true"}


def _pid(body: object) -> int:
    if not isinstance(body, Process) or body.running is None:
        raise UnavailableError(
            "the processor's time can be taken of processes of our own alone: stop the Docker engine"
        )
    return body.running.pid


def _unwell(url: str) -> str | None:
    try:
        _call("GET", url, None, {})
    except (OSError, RuntimeError) as away:
        return f"{away}"
    return None


def _call(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    try:
        with urlopen(Call(url, body, dict(headers), method=method), timeout=120) as answer:  # noqa: S310 - http, and our own
            said = answer.read()
    except HTTPError as refused:
        raise RuntimeError(f"{method} {refused.code}: {refused.read()[:600]!r}") from refused
    return json.loads(said) if said else None


def spent(roots: Sequence[int]) -> float:
    """Return the processor's seconds of these processes and of all that they have started, also of those that ended."""
    found: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it has gone since it was listed
            continue
        found[int(stat.parent.name)] = int(rest[1]), sum(map(int, rest[11:15])) / _TICKS
    wanted, left = set[int](), set(roots)
    while left:
        wanted |= left
        left = {pid for pid, (parent, _) in found.items() if parent in left and pid not in wanted}
    return sum(found[pid][1] for pid in wanted if pid in found)
