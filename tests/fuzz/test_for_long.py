"""The fuzzer that runs for as long as is wished tells what broke, ends by its time, and says how much it tried."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from bench import fuzz
from tests.fuzz.targets import Target


@contextmanager
def sound(_: Path) -> Iterator[Callable[[bytes], None]]:
    def check(raw: bytes) -> None:
        assert len(raw) >= 0

    yield check


@contextmanager
def broken(_: Path) -> Iterator[Callable[[bytes], None]]:
    def check(raw: bytes) -> None:
        assert b"\x07" not in raw

    yield check


def run(patch: pytest.MonkeyPatch, target: Target) -> int:
    """Run for two minutes of a clock on which a second passes whenever somebody looks."""
    patch.setattr(fuzz, "TARGETS", [target])
    patch.setattr(fuzz, "time", SimpleNamespace(monotonic=count(0.0).__next__))
    patch.setattr(sys, "argv", ["fuzz", "--minutes", "2", "--seed", "5"])
    return fuzz.main()


def test_what_breaks_is_told_with_its_smallest_input_and_ends_in_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "ROUND", 50)
    monkeypatch.setattr(fuzz, "MOST_FAULTS", 1)
    assert run(monkeypatch, Target("broken", "avro", st.binary() | st.just(b"\x07"), broken)) == 1
    said = capsys.readouterr()
    assert r"b'\x07'" in said.err
    assert re.search(r"\| avro \| broken \| \d+ \| \d+ \| 1 \|", said.out)


def test_it_ends_by_its_time_in_the_middle_of_a_round_and_tells_what_was_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "ROUND", 10_000_000)
    assert run(monkeypatch, Target("sound", "json", st.binary(), sound)) == 0
    said = capsys.readouterr().out
    (inputs,) = re.findall(r"in all ([\d,]+) inputs", said)
    assert 100 < int(inputs) <= 120
    assert "seed 5" in said
