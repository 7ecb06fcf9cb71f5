"""Keeps libraries of the bus from logging while an app runs: they log exceptions with texts, which may quote records."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LIBRARIES = ("faust", "mode", "aiokafka")


@contextmanager
def quiet() -> Iterator[None]:
    """Let them say nothing. What went wrong is raised, and told in our own words."""
    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
