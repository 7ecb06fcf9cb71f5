import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.shop import Event
from tests.e2e.events import named_in, shop, write_container, write_lines
from tests.e2e.program import Answers, answers, asked, called, counts, jalki

SMALL = shop(30, seed=3)
LARGE = shop(220, seed=9)


def tidy(folder: Path, events: Sequence[Event], every: int) -> Answers:
    """The answers when each event comes once, in one file, in one run."""
    done = asked("ingest", write_lines(folder / "tidy.jsonl", events), "--json", "--data", folder / "tidy")
    assert done.code == 0
    assert counts(done) == (len(events), len(events), 0, 0)
    return answers(folder / "tidy", named_in(events, every))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return tidy(tmp_path_factory.mktemp("small"), SMALL, every=9)


@dataclass(frozen=True, slots=True)
class Part:
    """One file: which of the events it holds, and of what format it is."""

    events: list[Event]
    container: str | None

    def write(self, folder: Path, number: int) -> Path:
        if self.container and self.events:
            return write_container(folder / f"part-{number}.avro", self.events, codec=self.container, interval=2_000)
        return write_lines(folder / f"part-{number}.jsonl", self.events)


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Part]]:
    """The events in any order, some of them repeated, cut into files of any format and those into runs."""
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - repeatable
    repeated = draw(st.sampled_from([0, 1, 40, len(SMALL)]))
    events = SMALL + chance.choices(SMALL, k=repeated)
    chance.shuffle(events)
    cuts = sorted(draw(st.lists(st.integers(0, len(events)), max_size=4)))
    edges = [0, *cuts, len(events)]
    parts = [
        Part(events[begin:end], draw(st.sampled_from([None, "null", "deflate"]))) for begin, end in pairwise(edges)
    ]
    runs: list[list[Part]] = [[]]
    for part in parts:
        if runs[-1] and draw(st.booleans()):
            runs.append([])
        runs[-1].append(part)
    return runs


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=arrivals())
def test_neither_order_nor_repetition_nor_files_nor_runs_change_an_answer(
    small: Answers, runs: list[list[Part]]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        recorded = repeated = 0
        for number, run in enumerate(runs):
            files = [part.write(folder, 10 * number + place) for place, part in enumerate(run)]
            done = asked("ingest", *files, "--json", "--data", folder / "data")
            assert done.code == 0
            read, new, known, dead = counts(done)
            assert (read, dead) == (sum(len(part.events) for part in run), 0)
            recorded, repeated = recorded + new, repeated + known
        assert recorded == len(SMALL)
        assert repeated == sum(len(part.events) for run in runs for part in run) - len(SMALL)
        assert answers(folder / "data", named_in(SMALL, 9)) == small


def test_a_shop_in_many_files_of_both_formats_over_several_runs_is_the_same_shop(tmp_path: Path) -> None:
    expected = tidy(tmp_path, LARGE, every=29)
    chance = random.Random(4)  # noqa: S311 - repeatable
    events = LARGE + chance.choices(LARGE, k=len(LARGE) // 4)
    chance.shuffle(events)
    quarter = len(events) // 4
    one_type = [each for each in events[:quarter] if each["type"] == "OrderPlaced"]
    others = [each for each in events[:quarter] if each["type"] != "OrderPlaced"]
    files = [
        write_container(tmp_path / "orders.avro", one_type, codec="deflate"),
        write_lines(tmp_path / "others.jsonl", others),
        write_container(tmp_path / "union.avro", events[quarter : 2 * quarter], interval=500),
        write_lines(tmp_path / "third.jsonl", events[2 * quarter : 3 * quarter]),
        write_container(tmp_path / "union2.avro", events[3 * quarter :], codec="deflate"),
    ]
    data = tmp_path / "data"
    runs = [
        called("ingest", files[4], "--json", "--data", data),
        called("ingest", files[2], files[0], "--json", "--data", data),
        jalki("ingest", "-", "--json", "--data", data, given=files[1].read_bytes()),
        called("ingest", files[3], files[4], "--json", "--data", data),
    ]
    assert [each.code for each in runs] == [0, 0, 0, 0]
    assert sum(counts(each)[1] for each in runs) == len(LARGE)
    assert answers(data, named_in(LARGE, 29)) == expected
    assert called("sharing", "--json", "--data", data).out == expected.sharing


def test_an_avro_container_can_come_from_standard_input(tmp_path: Path) -> None:
    file = write_container(tmp_path / "shop.avro", SMALL)
    done = jalki("ingest", "-", "--json", "--data", tmp_path / "data", given=file.read_bytes())
    assert (done.code, counts(done)) == (0, (len(SMALL), len(SMALL), 0, 0))


def test_a_file_and_a_container_of_the_same_events_are_repetitions_of_each_other(tmp_path: Path) -> None:
    lines, container = write_lines(tmp_path / "s.jsonl", SMALL), write_container(tmp_path / "s.avro", SMALL)
    done = asked("ingest", lines, container, "--json", "--data", tmp_path / "data")
    assert (done.code, counts(done)) == (0, (2 * len(SMALL), len(SMALL), len(SMALL), 0))
