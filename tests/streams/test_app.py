import asyncio
import logging
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mode import CrashingSupervisor

from lineage.errors import Refused, Retryable
from streams.app import build_app
from streams.backoff import Backoff
from streams.log import Outgoing, Record
from streams.running import embedded
from tests.streams.bus_parts import URL, app_of, numbered, numbers, open_log

PERSONAL = "aino.virtanen@example.fi"


class Sink:
    """Keeps what it was handed; `fault` may raise before it does."""

    def __init__(self) -> None:
        self.batches: list[list[Record]] = []

    def fault(self, batch: Sequence[Record]) -> None:
        """Raises what handling should raise."""

    async def handle(self, batch: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        self.fault(batch)
        self.batches.append(list(batch))

    def values(self, topic: str, partition: int = 0) -> list[int]:
        place = (topic, partition)
        return [int(each.value) for batch in self.batches for each in batch if each[:2] == place]


class Flaky(Sink):
    """Fails each batch so many times before it takes it."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.failed: dict[tuple[str, int], int] = {}

    def fault(self, batch: Sequence[Record]) -> None:
        at = (batch[0].topic, batch[0].offset)
        if self.failed.get(at, 0) < self.times:
            self.failed[at] = self.failed.get(at, 0) + 1
            raise Retryable("the store is away")


class Broken(Sink):
    """Has a bug at one number."""

    def __init__(self, number: int, bug: Exception) -> None:
        super().__init__()
        self.number = number
        self.bug = bug

    def fault(self, batch: Sequence[Record]) -> None:
        if batch[0].topic == "orders" and self.number in numbers(batch):
            raise self.bug


def run(sink: Sink, folder: Path, batch: dict[str, Sequence[Outgoing]], partitions: int = 1) -> None:
    """One process's life: publish, drain, stop."""

    async def live() -> None:
        with open_log(folder) as log:
            app = app_of(["orders", "payments"], sink.handle, partitions=partitions)
            async with embedded(app, log) as bus:
                await bus.publish(batch)
                await bus.drain()
                assert bus.lag == 0

    asyncio.run(live())


def test_without_faults_each_record_is_handled_once_in_order_and_by_partition(tmp_path: Path) -> None:
    sink = Sink()
    run(sink, tmp_path, {"orders": numbered(995), "payments": numbered(7)}, partitions=3)
    orders = [sink.values("orders", number) for number in range(3)]
    assert all(part == sorted(part) for part in orders)
    payments = [sink.values("payments", number) for number in range(3)]
    assert sorted(chain(*orders)) == list(range(995))
    assert sorted(chain(*payments)) == list(range(7))
    assert all(len(batch) <= 10 for batch in sink.batches)
    assert all(len({record[:2] for record in batch}) == 1 for batch in sink.batches)
    assert any(len(batch) == 10 for batch in sink.batches)


def test_nothing_handled_comes_again_at_the_next_start(tmp_path: Path) -> None:
    first, second = Sink(), Sink()
    run(first, tmp_path, {"orders": numbered(25)})
    run(second, tmp_path, {"orders": numbered(5, start=25)})
    assert first.values("orders") == list(range(25))
    assert second.values("orders") == list(range(25, 30))


def test_a_retryable_fault_is_waited_out_and_loses_and_doubles_nothing(tmp_path: Path) -> None:
    sink = Flaky(times=3)
    run(sink, tmp_path, {"orders": numbered(35), "payments": numbered(12)})
    assert sink.values("orders") == list(range(35))
    assert sink.values("payments") == list(range(12))
    assert set(sink.failed.values()) == {3}


def test_a_bug_ends_the_run_with_the_original_exception_and_nothing_after_it_is_acknowledged(tmp_path: Path) -> None:
    bug = ZeroDivisionError("a bug")
    broken = Broken(57, bug)
    with pytest.raises(ZeroDivisionError) as raised:
        run(broken, tmp_path, {"orders": numbered(100)})
    assert raised.value is bug
    assert any("orders[0] offsets 50 to 59" in note for note in bug.__notes__)
    assert broken.values("orders") == list(range(50))
    with open_log(tmp_path) as log:
        assert log.committed("jalki")["orders", 0] <= 50
    mended = Sink()
    run(mended, tmp_path, {})
    assert mended.values("orders")[-50:] == list(range(50, 100))
    assert sorted({*broken.values("orders"), *mended.values("orders")}) == list(range(100))


def test_an_error_that_a_person_must_mend_ends_the_run_too(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="approve it"):
        run(Broken(3, Refused("approve it")), tmp_path, {"orders": numbered(5)})


def test_what_is_logged_and_noted_says_where_but_not_what(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    class Quoting(Flaky):
        def fault(self, batch: Sequence[Record]) -> None:
            super().fault(batch)
            raise KeyError(batch[0].value.decode())

    with pytest.raises(KeyError):
        run(Quoting(times=1), tmp_path, {"orders": [Outgoing(PERSONAL.encode(), PERSONAL.encode())]})
    assert PERSONAL not in caplog.text
    assert "orders[0] offsets 0 to 0, the store is away: trying again in" in caplog.text
    assert "orders[0] offsets 0 to 0 not handled, stopping: KeyError" in caplog.text


def test_a_stop_ends_the_wait_before_the_next_try_at_once(tmp_path: Path) -> None:
    tried = asyncio.Event()

    async def away(_: Sequence[Record]) -> None:
        tried.set()
        raise Retryable("the store is away")

    async def live() -> None:
        with open_log(tmp_path) as log:
            app = build_app(URL, ["orders"], away, backoff=Backoff(first=3_600, most=3_600))
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(5)})
                await tried.wait()
            assert log.lag("jalki") == 5

    asyncio.run(asyncio.wait_for(live(), 20))


def test_the_app_leaves_no_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(Sink(), tmp_path, {"orders": numbered(1)})
    assert {file.name for file in tmp_path.iterdir()} == {"log.sqlite"}


@given(
    first=st.floats(0.001, 10),
    most=st.floats(0.001, 10),
    failures=st.integers(1, 10_000),
)
def test_the_wait_grows_and_never_exceeds_its_bound(first: float, most: float, failures: int) -> None:
    longest = min(most, first * 2 ** min(failures - 1, 60))
    assert longest / 2 <= Backoff(first, most).seconds(failures) <= longest


async def _nothing(_: Sequence[Record]) -> None: ...


def test_the_settings_that_keep_faust_from_losing_records_are_on() -> None:
    app = build_app("kafka://localhost:9092", ["orders", "payments"], _nothing, group="g", broker_session_timeout=10.0)
    app.finalize()
    conf = app.conf
    supervisor: object = conf.agent_supervisor
    assert supervisor is CrashingSupervisor
    assert (conf.stream_wait_empty, conf.web_enabled, conf.web_bind) == (False, False, "127.0.0.1")
    assert conf.broker_max_poll_interval >= 1_000_000
    assert (conf.key_serializer, conf.value_serializer) == ("raw", "raw")
    assert (conf.id, conf.broker_session_timeout) == ("g", 10.0)
    assert sorted(app.agents) == ["on-orders", "on-payments"]
    assert all(agent.concurrency == 1 for agent in app.agents.values())
