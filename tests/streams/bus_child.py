"""Run as a process of its own by `test_running.py`, so that it can be killed."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from streams.log import Record
from streams.running import embedded
from tests.streams.bus_parts import app_of, numbered, numbers, open_log


async def main(folder: Path, endless: bool) -> None:
    sink = os.open(folder / "handled", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def handle(batch: Sequence[Record]) -> None:
        os.write(sink, b"".join(b"%d\n" % number for number in numbers(batch)))
        await asyncio.sleep(0)
        print(len(batch), flush=True)  # noqa: T201 - how the test knows how far this is

    with open_log(folder) as log:
        async with embedded(app_of(["orders", "payments"], handle, batch=50), log, high_water=500) as bus:
            while endless:
                await bus.publish({"orders": numbered(100, start=log.end("orders", 0))})
            await bus.drain()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2] == "endless"))
