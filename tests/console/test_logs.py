import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from console.logs import FORMATS, WITHHELD, Format, log_to_stderr
from lineage.errors import Retryable

PERSONAL = "aino.virtanen@example.fi"
OTHERS = ["faust", "mode.services", "aiokafka.consumer", "kafka.client", "neo4j.io", "aiohttp.server", "asyncio"]
OTHERS += ["sqlalchemy.engine.Engine", "psycopg", "root", "streamsy", "a.library.nobody.thought.of"]


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    thread, object_ = threading.excepthook, sys.unraisablehook
    yield
    root.handlers[:], root.level = handlers, level
    threading.excepthook, sys.unraisablehook = thread, object_


def begun(monkeypatch: pytest.MonkeyPatch, fmt: Format, level: str = "DEBUG") -> io.StringIO:
    """Logs from here on, in the test itself: what pytest listens with would format every record too."""
    monkeypatch.setattr(sys, "stderr", stream := io.StringIO())
    log_to_stderr(level, fmt)
    return stream


every_format = pytest.mark.parametrize("fmt", FORMATS)


def failing(cause: Exception) -> Retryable:
    fault = Retryable("the store is away")
    fault.__cause__ = cause
    return fault


@every_format
@pytest.mark.parametrize("name", OTHERS)
def test_nothing_personal_of_another_librarys_logger_comes_out(
    name: str, fmt: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = begun(monkeypatch, fmt)
    log = logging.getLogger(name)
    log.warning("the record %r of %s", {"email": PERSONAL}, PERSONAL)
    log.warning("the key %(key)s", {"key": PERSONAL})
    log.warning(f"the record of {PERSONAL}")  # noqa: G004 - what other libraries do
    log.warning(f"the record of {PERSONAL} after %d tries", 3)  # noqa: G004
    log.warning("the call %d of +358401234567 of 010190-123X", 3)
    log.warning("%s: " + PERSONAL, "the record")  # noqa: G003
    log.warning(ValueError(PERSONAL))
    log.warning("one place too %d %d", PERSONAL)
    log.error("failed", exc_info=ValueError(PERSONAL))
    log.error("failed %s", PERSONAL, exc_info=failing(KeyError(PERSONAL)))
    log.warning("failed", stack_info=True, extra={"email": PERSONAL})
    assert stream.getvalue().count("\n") == 11
    assert not [
        each for each in ("aino", "example.fi", "358401234567", "010190", "Traceback") if each in stream.getvalue()
    ]


@every_format
def test_what_is_constant_in_another_librarys_record_comes_out(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = begun(monkeypatch, fmt)
    logging.getLogger("kafka.client").warning("Node %s connection failed (%.1f s) -- refreshing metadata", 1, 0.2)
    logging.getLogger("neo4j.io").error("[#%04X]  _: <CONNECTION> failed", 5, exc_info=failing(OSError(PERSONAL)))
    assert "Node %s connection failed (%.1f s) -- refreshing metadata" in stream.getvalue()
    assert "[#%04X]  _: <CONNECTION> failed" in stream.getvalue()
    assert "Retryable: the store is away from OSError" in stream.getvalue()


@every_format
def test_a_text_that_was_put_together_is_withheld_with_its_logger_and_level_kept(
    fmt: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = begun(monkeypatch, fmt)
    logging.getLogger("faust").error("whatever it is", exc_info=KeyError(PERSONAL))
    assert all(each in stream.getvalue() for each in (WITHHELD, "faust", "ERROR", "KeyError"))
    assert "whatever it is" not in stream.getvalue()


@every_format
def test_our_own_records_come_out_whole_and_exceptions_in_them_by_what_is_safe(
    fmt: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = begun(monkeypatch, fmt)
    log = logging.getLogger("streams.x")
    log.warning("%s offsets %d to %d, %s", "orders[0]", 5, 9, Retryable("the store is away"))
    log.warning("stopping: %s", ValueError(PERSONAL))
    log.warning("stopping: %(why)s", {"why": ValueError(PERSONAL)})
    log.warning(ValueError(PERSONAL))
    log.error("not handled", exc_info=failing(ValueError(PERSONAL)))
    assert "orders[0] offsets 5 to 9, Retryable: the store is away" in stream.getvalue()
    assert stream.getvalue().count("stopping: ValueError") == 2
    assert "Retryable: the store is away from ValueError" in stream.getvalue()
    assert PERSONAL not in stream.getvalue()


@every_format
def test_a_mistake_in_a_call_of_ours_does_not_show_the_arguments(
    fmt: Format, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stream = begun(monkeypatch, fmt)
    logging.getLogger("streams.x").warning("two places %d %d", PERSONAL)
    assert "two places" in stream.getvalue()
    assert PERSONAL not in stream.getvalue() + "".join(capfd.readouterr())


@every_format
def test_every_record_is_one_line_that_steers_no_terminal(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = begun(monkeypatch, fmt)
    logging.getLogger("streams.x").warning("one\ntwo\r\x1b[31mthree %s", "four\nfive")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_stream_that_cannot_be_written_makes_nobody_quote_the_record(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    closed = io.StringIO()
    closed.close()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", closed)
        log_to_stderr("INFO", "text")
    logging.getLogger("streams.x").warning("the record of %s", PERSONAL)
    assert PERSONAL not in "".join(capfd.readouterr())


def test_json_has_a_time_a_level_a_logger_and_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = begun(monkeypatch, "json", "INFO")
    record = logging.LogRecord("streams.x", logging.INFO, "x.py", 1, "jälki %d", (3,), None)
    record.created = 1_772_355_600.25
    logging.getLogger().handle(record)
    logging.getLogger("streams.x").error("over", exc_info=ZeroDivisionError("1"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {
        "time": "2026-03-01T09:00:00.250000Z",
        "level": "INFO",
        "logger": "streams.x",
        "message": "jälki 3",
    }
    assert (second["message"], second["exception"]) == ("over", "ZeroDivisionError")


def test_text_is_the_level_the_logger_and_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = begun(monkeypatch, "text", "INFO")
    logging.getLogger("streams.x").info("ready")
    logging.getLogger("streams.x").debug("not asked for")
    assert stream.getvalue() == "INFO streams.x: ready\n"


def test_asked_again_it_replaces_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = begun(monkeypatch, "json", "INFO")
    log_to_stderr("WARNING", "text")
    logging.getLogger("streams.x").info("not asked for")
    logging.getLogger("streams.x").warning("once")
    assert stream.getvalue() == "WARNING streams.x: once\n"


@every_format
def test_what_ends_a_thread_is_told_by_its_kind_alone(monkeypatch: pytest.MonkeyPatch, fmt: Format) -> None:
    stream = begun(monkeypatch, fmt)

    def fail() -> None:
        raise LookupError("no such person: planted@example.fi")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "LookupError" in stream.getvalue()
    assert "planted" not in stream.getvalue()
