"""Puts invented inputs into every parser of what others send, for as long as is wished: `python -m bench.fuzz --minutes 60`.

The targets, and what must hold of each, are those of `tests/fuzz`. A table tells how many inputs each took; one that broke
something is shown, made as small as can be, and the end is 1. It reads nothing from outside and sends nothing out.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import given as given_inputs

from tests.fuzz.everything import TARGETS
from tests.fuzz.targets import Target

FAMILIES = ("avro", "json", "http", "callbacks", "yaml")
ROUND = 400
"""Inputs of one target before it is the next one's turn."""
MOST_FAULTS = 3
"""Of one target; then it is left alone."""


class _OverError(KeyboardInterrupt):
    """The time is over, in the middle of a round. Hypothesis lets nothing else through."""


@dataclass(slots=True)
class Tried:
    """What became of one target."""

    target: Target
    check: Callable[[Any], None]
    inputs: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Run, and print; 1 where anything broke."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--minutes", type=float, default=1.0)
    wanted.add_argument("--what", choices=FAMILIES, action="append", help="only these; may be given several times")
    wanted.add_argument("--seed", type=int, help="the same inputs again, as far as time goes")
    given = wanted.parse_args()
    number = random.randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {number}", flush=True)
    with ExitStack() as stack:
        tried = [_opened(each, stack) for each in TARGETS if each.family in (given.what or FAMILIES)]
        _rounds(tried, time.monotonic() + given.minutes * 60, number)
    _print(tried)
    return 1 if any(each.faults for each in tried) else 0


def _opened(target: Target, stack: ExitStack) -> Tried:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jalki-fuzz-")))
    return Tried(target, stack.enter_context(target.opened(folder)))


def _rounds(tried: list[Tried], until: float, number: int) -> None:
    turn = 0
    while time.monotonic() < until and (going := [each for each in tried if len(each.faults) < MOST_FAULTS]):
        for each in going:
            try:
                _round(each, number + turn, until)
            except (
                KeyboardInterrupt
            ):  # the time is over, or somebody wants it to end: what was tried is told all the same
                return
        turn += 1


def _round(tried: Tried, number: int, until: float) -> None:
    @seed(number)
    @settings(
        max_examples=ROUND, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given_inputs(tried.target.inputs)
    def put_in(given: object) -> None:
        if time.monotonic() > until:
            raise _OverError
        tried.inputs += 1
        tried.check(given)

    begun = time.monotonic()
    try:
        put_in()
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what we look for; the inputs are invented
        told = "".join(traceback.format_exception(fault))
        tried.faults.append(told)
        print(f"{tried.target.family} {tried.target.name}, seed {number}:\n{told}", file=sys.stderr, flush=True)
    finally:
        tried.seconds += time.monotonic() - begun


def _print(tried: list[Tried]) -> None:
    print("| parser of | target | inputs | seconds | faults |\n|---|---|---|---|---|")
    for each in tried:
        print(
            f"| {each.target.family} | {each.target.name} | {each.inputs:,} | {each.seconds:.0f} | {len(each.faults)} |"
        )
    print(f"in all {sum(each.inputs for each in tried):,} inputs")


if __name__ == "__main__":
    sys.exit(main())
