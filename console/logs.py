"""Logs to stderr, as text or as JSON, one record a line, without personal data whoever wrote the record.

Our own loggers say nothing personal. Other libraries' may quote records, keys and statements: of them only what is
constant in their source comes through. Must not know what is logged, nor read settings.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from lineage.errors import JalkiError
from lineage.times import rfc3339

Format: TypeAlias = Literal["text", "json"]
FORMATS: tuple[Format, ...] = ("text", "json")

OURS = frozenset({"schemas", "lineage", "connectors", "streams", "console"})
"""Whose records come through whole: the folders of the product. Every other logger is somebody else's."""
WITHHELD = "(text withheld)"

_PLACE = re.compile(r"%(\(\w+\))?[-#0 +]*(\*|\d+)?(\.(\*|\d+))?[diouxXeEfFgGcrsa%]")
_log = logging.getLogger(__name__)
_CHAINED = 4
"""How many causes of an exception are named."""


def log_to_stderr(level: str, fmt: Format) -> None:
    """Send the records of every logger, from `level` on, to stderr; whatever else the root logger wrote to is left."""
    stream = _Stderr(sys.stderr)
    stream.setFormatter(Json() if fmt == "json" else Text())
    root = logging.getLogger()
    for each in root.handlers[:]:
        root.removeHandler(each)
    root.addHandler(stream)
    root.setLevel(level)
    # What ends a thread, or is raised where nobody can catch it, Python prints itself, with texts that may quote records.
    threading.excepthook = lambda ended: _uncaught("a thread", ended.exc_type)
    sys.unraisablehook = lambda raised: _uncaught("an object's end", raised.exc_type)


def _uncaught(where: str, kind: type[BaseException]) -> None:
    if kind is not SystemExit:
        _log.error("%s met %s", where, kind.__name__)


class Text(logging.Formatter):
    """`LEVEL logger: message`, on one line, with nothing in it that could steer a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        exception = _exception(record)
        line = f"{record.levelname} {record.name}: {_message(record)}{f' ({exception})' if exception else ''}"
        return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


class Json(logging.Formatter):
    """One JSON object a line: `time` (RFC 3339, UTC), `level`, `logger`, `message`, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": rfc3339(round(record.created * 1_000_000)),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if (exception := _exception(record)) is not None:
            told["exception"] = exception
        return json.dumps(told)


class _Stderr(logging.StreamHandler[Any]):
    """Says nothing when a record cannot be written: what logging says then quotes the record and its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Drop the record."""


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OURS:
        return _own(record)
    template = record.msg
    return template if record.args and isinstance(template, str) and _is_constant(template) else WITHHELD


def _own(record: logging.LogRecord) -> str:
    """Return the message; of exceptions in it, as everywhere, the text of our own and the kind of others."""
    args = record.args
    try:
        if isinstance(args, tuple):
            return str(record.msg) % tuple(map(_safe, args)) if args else str(_safe(record.msg))
        return str(record.msg) % {name: _safe(value) for name, value in (args or {}).items()}
    except (TypeError, ValueError, KeyError):  # a mistake in the call must not show the arguments
        return str(record.msg)


def _safe(value: object) -> object:
    return _named(value) if isinstance(value, BaseException) else value


def _is_constant(template: str) -> bool:
    """Tell whether a template may be one from the source: some put values in before they log.

    Then there are digits or an address in it, as in nearly every identifier; in templates themselves hardly ever.
    """
    words = _PLACE.sub("", template)
    return "@" not in words and not any(each.isdigit() for each in words)


def _exception(record: logging.LogRecord) -> str | None:
    """Name the exception of a record and its causes: no traceback, whose lines may hold values."""
    fault = record.exc_info[1] if record.exc_info else None
    return " from ".join(map(_named, _causes(fault))) if fault else None


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_CHAINED):
        if fault is None:
            return
        yield fault
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)


def _named(fault: BaseException) -> str:
    """Return the kind of an exception, and the text of our own."""
    return f"{type(fault).__name__}: {fault}" if isinstance(fault, JalkiError) else type(fault).__name__
