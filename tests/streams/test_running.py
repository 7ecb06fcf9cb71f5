import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.log import Record
from streams.running import embedded
from tests.streams.bus_parts import app_of, numbered, numbers, open_log

TOPICS = ["orders", "payments"]
CHILD = Path(__file__).with_name("bus_child.py")


async def nothing(_: Sequence[Record]) -> None: ...


def test_publishing_waits_while_too_many_records_wait(tmp_path: Path) -> None:
    async def live() -> None:
        opened = asyncio.Event()

        async def closed(_: Sequence[Record]) -> None:
            await opened.wait()

        with open_log(tmp_path) as log:
            async with embedded(app_of(TOPICS, closed), log, high_water=99) as bus:
                await bus.publish({"orders": numbered(100)})
                waiting = asyncio.create_task(bus.publish({"orders": numbered(100, start=100)}))
                done, _ = await asyncio.wait({waiting}, timeout=0.1)
                assert not done
                assert bus.lag == 100
                opened.set()
                assert await waiting == {("orders", 0): range(100, 200)}
                await bus.drain()

    asyncio.run(live())


def test_draining_an_empty_log_returns_at_once(tmp_path: Path) -> None:
    async def live() -> None:
        with open_log(tmp_path) as log:
            async with embedded(app_of(TOPICS, nothing), log) as bus:
                await bus.drain()
                assert await bus.publish({}) == {}

    asyncio.run(live())


def test_draining_waits_for_no_timer(tmp_path: Path) -> None:
    async def live() -> None:
        with open_log(tmp_path) as log:
            app = app_of(TOPICS, nothing, commit_seconds=3_600.0)
            async with embedded(app, log) as bus:
                for start in range(0, 600, 200):
                    await bus.publish({"orders": numbered(200, start)})
                    await bus.drain()

    asyncio.run(asyncio.wait_for(live(), 20))


@pytest.mark.parametrize("doing", ["publish", "drain", "nothing"])
def test_whatever_one_waits_for_a_crash_is_raised_promptly(tmp_path: Path, doing: str) -> None:
    bug = LookupError("a bug")

    async def broken(_: Sequence[Record]) -> None:
        raise bug

    async def live() -> None:
        with open_log(tmp_path) as log:
            app = app_of(TOPICS, broken)
            async with embedded(app, log, high_water=0) as bus:
                await bus.publish({"orders": numbered(1)})
                if doing == "publish":
                    await bus.publish({"orders": numbered(1)})
                elif doing == "drain":
                    await bus.drain()
                else:
                    await app.wait_until_stopped()

    with pytest.raises(LookupError) as raised:
        asyncio.run(asyncio.wait_for(live(), 20))
    assert raised.value is bug


def test_what_the_caller_raises_wins_and_the_rest_is_delivered_next_time(tmp_path: Path) -> None:
    seen: list[int] = []

    async def handle(batch: Sequence[Record]) -> None:
        seen.extend(numbers(batch))

    async def live(fails: bool) -> None:
        with open_log(tmp_path) as log:
            async with embedded(app_of(TOPICS, handle), log) as bus:
                if fails:
                    await bus.publish({"orders": numbered(500)})
                    raise OSError("cannot read the file")
                await bus.drain()

    with pytest.raises(OSError, match="cannot read the file"):
        asyncio.run(live(fails=True))
    asyncio.run(live(fails=False))
    assert sorted(set(seen)) == list(range(500))


def test_nothing_is_left_behind_in_the_process(tmp_path: Path) -> None:
    async def live() -> None:
        before = {logging.getLogger(name).level for name in ("faust", "mode")}
        with open_log(tmp_path) as log:
            async with embedded(app_of(TOPICS, nothing), log) as bus:
                await bus.publish({"orders": numbered(50)})
                await bus.drain()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert {logging.getLogger(name).level for name in ("faust", "mode")} == before
        assert logging.getLogger().handlers == handlers
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    handlers = list(logging.getLogger().handlers)
    asyncio.run(live())


# processes that end badly


class Child:
    """A process that runs the bus on the log in `folder`, and prints a line for each batch it has handled."""

    def __init__(self, folder: Path, *, endless: bool = False, cython: bool = True) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        if not cython:
            environment["NO_CYTHON"] = "1"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(CHILD), str(folder), "endless" if endless else "drain"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def wait_for_batches(self, count: int) -> None:
        assert self.process.stdout is not None
        for _ in range(count):
            if not self.process.stdout.readline():
                pytest.fail(f"the child ended: {self.process.communicate()[1]}")

    def end(self, sent: signal.Signals | None = None) -> tuple[int, str]:
        if sent is not None:
            self.process.send_signal(sent)
        errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode, errors


def handled(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "handled").read_text().split()]


def test_a_process_killed_again_and_again_jumps_nothing(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(6_000)})
        log.append({"payments": numbered(6_000, start=6_000)})
    for killed_after, cython in ((1, True), (37, False), (90, True)):
        child = Child(tmp_path, cython=cython)
        child.wait_for_batches(killed_after)
        assert child.end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert Child(tmp_path).end() == (0, "")
    assert sorted(set(handled(tmp_path))) == list(range(12_000))
    with open_log(tmp_path) as log:
        assert log.lag("jalki") == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, -signal.SIGINT)])
def test_a_signal_stops_a_running_ingest_cleanly_and_nothing_is_lost(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    child = Child(tmp_path, endless=True)
    child.wait_for_batches(20)
    assert child.process.stdout is not None
    returned, errors = child.end(sent)
    assert (returned, "Traceback" in errors and "KeyboardInterrupt" not in errors) == (code, False)
    with open_log(tmp_path) as log:
        written = log.end("orders", 0)
        committed = log.committed("jalki")["orders", 0]
    before = handled(tmp_path)
    assert committed >= len(before) - 100
    assert Child(tmp_path).end() == (0, "")
    after = handled(tmp_path)
    assert sorted(set(after)) == list(range(written))
    assert len(after) - len(set(after)) <= 100
