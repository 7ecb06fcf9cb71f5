import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import answers, asked, counts, jalki
from tests.e2e.stories import EVENTS, SAMPLE


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)  # noqa: S607 - wherever it is


def test_on_a_full_disk_ingest_says_so_and_goes_on_when_there_is_room(
    events: Path, made: Path, small_disk: Path
) -> None:
    data = small_disk / "data"
    ended = jalki("ingest", events, "--data", data)
    assert ended.code == 1
    assert re.search(r"no room|full", ended.said)
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)  # noqa: S607
    again = jalki("ingest", events, "--json", "--data", data)
    assert again.code == 0
    assert counts(again)[0] == len(EVENTS)
    assert answers(data, SAMPLE) == answers(made, SAMPLE)
    assert asked("dead-letters", "--json", "--data", data).json == []


@pytest.mark.parametrize("kilobytes", [0, 8, 40, 120, 400])
def test_where_files_cannot_grow_nothing_is_half_written(
    kilobytes: int, events: Path, made: Path, tmp_path: Path
) -> None:
    data, limit = tmp_path / "data", kilobytes * 1024
    ended = jalki(
        "ingest", events, "--data", data, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert ended.code == 1
    assert ended.said.startswith("jalki: ")
    again = jalki("ingest", events, "--json", "--data", data)
    assert again.code == 0
    assert counts(again)[0] == len(EVENTS)
    assert answers(data, SAMPLE) == answers(made, SAMPLE)
