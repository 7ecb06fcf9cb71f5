"""Where a campaign happens: real servers on disks of their own, two workers, the console, the parties, a mail server."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from shutil import which

from aiosmtpd.controller import Controller

from bench.campaign.books import Addresses, Book, Rows
from bench.campaign.running import Running
from bench.campaign.town import Record, descriptor, parties
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from console.opening import catalogue_of
from console.sandboxing import shop_files
from console.settings import Settings, read_settings
from lineage.masterkey import make_master_key
from tests.e2e.program import jalki
from tests.servers.containers import engine
from tests.servers.kafka import Kafka, running_kafka
from tests.servers.mail import Letters
from tests.servers.neo4j import Neo4j, running_neo4j
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.waiting import free_port

WORKERS = 2
PARTITIONS = 4
SENDGRID = "sendgrid"
_PATIENT, _IMPATIENT = "  timeout: 120\n", "  timeout: 5\n  tries: 100\n  first_wait: 1\n  longest_wait: 5\n"
OFFICER, SENDER = "dpo@shop.example", "privacy@shop.example"
DISK = "4g"
"""Of each server that can have a disk of its own: of memory, of which only what is written is taken."""


@dataclass(frozen=True, slots=True)
class Place:
    """Everything that runs."""

    folder: Path
    kafka: Kafka
    neo4j: Neo4j
    postgres: Postgres
    hosted: Mapping[str, Hosted]
    """The parties with an interface."""
    books: Mapping[str, Book]
    letters: Letters
    environment: Mapping[str, str]
    workers: Sequence[Running]
    console: Running
    disks: Mapping[str, Path] = field(default_factory=dict)
    """By server: where its disk is, which can be made full."""

    @property
    def programs(self) -> Sequence[Running]:
        """The product's own."""
        return (*self.workers, self.console)

    @property
    def settings(self) -> Settings:
        """The program's settings."""
        return read_settings(dict(self.environment))

    @property
    def records(self) -> Mapping[str, Record]:
        """What each party has and was told."""
        return {name: each.record() for name, each in self.books.items()}

    @property
    def topics(self) -> Sequence[str]:
        """The topics of events."""
        return sorted(catalogue_of(self.settings).topics)

    @property
    def web(self) -> str:
        """Where the public pages are."""
        return self.environment["JALKI_WEB_URL"]


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Have all of it run until the end of the block."""
    clock, letters = Clock(), Letters()
    with ExitStack() as stack:
        disks: dict[str, Path] = {}
        for name in ("kafka", "neo4j"):
            (folder / name).mkdir()
            stack.enter_context(_disk(disks, name, folder / name))
        kafka = stack.enter_context(running_kafka(folder / "kafka"))
        neo4j = stack.enter_context(running_neo4j(folder / "neo4j", heap="1g", pagecache="512m"))
        postgres = stack.enter_context(running_postgres(folder / "postgres", disk=partial(_disk, disks, "postgres")))
        town: list[Vendor] = [*parties(clock), SendGrid(clock, job_seconds=1)]
        hosted = stack.enter_context(served_in_a_thread(town, clock))
        books = {name: (Addresses if name == SENDGRID else Rows)(each) for name, each in hosted.items()}
        _describe(folder / "parties", hosted)
        controller = Controller(letters, hostname="127.0.0.1", port=free_port())
        controller.start()
        stack.callback(controller.stop)
        found = {
            **kafka.settings, **neo4j.settings, **postgres.settings(postgres.new_database()),
            **_settings(folder, controller.port),
        }  # fmt: skip
        ended = jalki("topics", "create", "--partitions", PARTITIONS, settings=found)
        assert ended.code == 0, ended.err  # noqa: S101 - the campaign's own footing
        workers = [_worker(folder, each, found) for each in range(WORKERS)]
        console = _console(folder, found)
        # The workers first: the console wants the key ring that the first of them makes.
        for several in (workers, [console]):
            for each in several:
                stack.callback(each.kill)
                each.start()
            for each in several:
                each.until_works()
        yield Place(folder, kafka, neo4j, postgres, hosted, books, letters, found, workers, console, disks)


def _settings(folder: Path, mail: int) -> Mapping[str, str]:
    make_master_key(folder / "master.key")
    return {
        "JALKI_DATA": f"{folder / 'data'}",
        "JALKI_MASTER_KEY_FILE": f"{folder / 'master.key'}",
        "JALKI_ACCOUNTS_FILE": f"{folder / 'accounts.json'}",
        "JALKI_PARTIES": f"{folder / 'parties'}",
        "JALKI_MAIL": f"smtp://127.0.0.1:{mail}",
        "JALKI_MAIL_FROM": SENDER,
        "JALKI_DPO_MAILBOX": OFFICER,
        "JALKI_WEB_URL": f"http://127.0.0.1:{free_port()}",
    }


def _describe(folder: Path, hosted: Mapping[str, Hosted]) -> None:
    folder.mkdir()
    for each in hosted.values():
        for file, text in _files(each).items():
            (folder / file).touch(mode=0o600)
            (folder / file).write_text(text, "utf-8")


def _files(hosted: Hosted) -> Mapping[str, str]:
    """A party's descriptor and credentials; SendGrid's with tries as fast and as many as a campaign's faults want."""
    name = hosted.vendor.name
    if name != SENDGRID:
        return {f"{name}.yaml": descriptor(name, hosted.url), **hosted.vendor.credentials(hosted.url)}
    files = shop_files(hosted)
    shipped = files[f"{name}.yaml"]
    assert shipped.count(_PATIENT) == 1  # noqa: S101 - else it would go on with the shipped one
    return {**files, f"{name}.yaml": shipped.replace(_PATIENT, _IMPATIENT)}


def _worker(folder: Path, number: int, found: Mapping[str, str]) -> Running:
    port = free_port()
    more = {"JALKI_WEB": found["JALKI_WEB_URL"].removeprefix("http://")} if number == 0 else {}
    settings = {**found, **more, "JALKI_LISTEN": f"127.0.0.1:{port}"}
    return Running(("worker",), settings, folder / f"worker-{number}.log", f"http://127.0.0.1:{port}/health")


def _console(folder: Path, found: Mapping[str, str]) -> Running:
    port = free_port()
    settings = {**found, "JALKI_CONSOLE": f"127.0.0.1:{port}"}
    return Running(("console",), settings, folder / "console.log", f"http://127.0.0.1:{port}/sign-in")


@contextmanager
def _disk(disks: dict[str, Path], name: str, folder: Path) -> Iterator[None]:
    """A disk of its own for a server, where one may be mounted, which is kept in `disks`; else the folder alone."""
    mount = which("mount")
    words = [mount or "", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", f"{folder}"]
    if engine() or not mount or subprocess.run(words, check=False, capture_output=True).returncode:
        yield
        return
    disks[name] = folder
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", f"{folder}"], check=True)  # noqa: S607 - wherever it is
