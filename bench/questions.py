"""The officer's questions on a simulated shop: `lookups`, `remaining`, `transfers`, and `timeline` of one who did much.

`python -m bench.questions [--persons 20000] [--views 100000] [--folder FOLDER]`: a simulated shop, and one customer with
so many page views besides. The folder is kept where one is named, and used again where it is there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

JALKI = Path(sys.executable).with_name("jalki")
BUSY = "customer_id:BUSY"
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
QUESTIONS = (
    ("lookups",),
    ("lookups", "--viewer", "back-office"),
    ("lookups", BUSY),
    ("remaining", "sendgrid"),
    ("transfers", "--mechanism", "dpf", "--annulled", "2025-03-01T00:00:00Z"),
    ("timeline", BUSY),
    ("where", BUSY),
)


def views(number: int) -> Iterator[str]:
    """Page views of one customer, as JSON Lines."""
    for view in range(number):
        yield json.dumps(
            {
                "type": "PageViewed", "event_id": f"view-{view}", "controller": "multitronic", "device_id": "BUSY",
                "occurred_at": (BEGAN + timedelta(minutes=view)).isoformat(), "customer_id": "BUSY", "page": f"/{view}",
                "platform": "google-analytics",
            }
        )  # fmt: skip


def fill(path: Path, persons: int, number: int) -> None:
    """Simulate a shop, and ingest it and the page views."""
    shop, busy = path / "shop.jsonl", path / "busy.jsonl"
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run([JALKI, "simulate", "--persons", str(persons), "--seed", "1", "--out", shop], check=True)
    busy.write_text("\n".join(views(number)), "utf-8")
    subprocess.run([JALKI, "--data", path, "ingest", shop, busy], check=False)  # some records are bad on purpose


def told(path: Path, *words: str) -> str:
    """Run a command in a process of its own; return how long it took, and its memory at the peak."""
    began = time.perf_counter()
    with subprocess.Popen([JALKI, *words, "--json", "--data", path], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None  # noqa: S101 - it is a pipe
        lines = sum(1 for _ in run.stdout)
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode in {0, 3}  # noqa: S101 - else there is nothing to measure
    return f"{lines:,} lines, {time.perf_counter() - began:.1f} s, peak {used.ru_maxrss // 1024} MiB"


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--persons", type=int, default=20_000)
    wanted.add_argument("--views", type=int, default=100_000)
    wanted.add_argument("--folder", type=Path)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as text:
        path = given.folder or Path(text)
        if not (path / "graph.db").exists():
            fill(path, given.persons, given.views)
        for words in QUESTIONS:
            print(f"{' '.join(words)}: {told(path, *words)}", flush=True)


if __name__ == "__main__":
    main()
