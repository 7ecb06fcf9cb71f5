"""Lets Atheris choose inputs by which lines of ours they reach: `python -m bench.fuzz_guided --what records --seconds 600`.

Targets and what must hold are those of `tests/fuzz`, for those that take bytes. Atheris is not locked: install it first.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

WHAT = ("records", "containers", "lines", "registers", "answers")
FOLDERS = ("schemas", "lineage", "connectors", "streams")


def main() -> int:
    """Run until the time is over or something breaks; then Atheris ends the process, and not with 0."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--what", choices=WHAT, required=True)
    wanted.add_argument("--seconds", type=int, default=60)
    wanted.add_argument("--seed", type=int, default=0, help="0: another one each time")
    given = wanted.parse_args()
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=list(FOLDERS)):
        everything = import_module("tests.fuzz.everything")
    (target,) = [each for each in everything.TARGETS if each.name == given.what]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jalki-fuzz-")))
        corpus = folder / "corpus"
        corpus.mkdir()
        check = stack.enter_context(target.opened(folder))
        for number in range(200):
            example = _example(target, number)
            (corpus / f"{number}").write_bytes(example[1] if isinstance(example, tuple) else example)

        def put_in(raw: bytes) -> None:
            check(("application/json", raw) if given.what == "answers" else raw)

        words = [sys.argv[0], f"-max_total_time={given.seconds}", f"-seed={given.seed}", "-max_len=4096",
                 f"-artifact_prefix={folder.parent}/jalki-fault-", str(corpus)]  # fmt: skip
        atheris.Setup(words, put_in)
        atheris.Fuzz()
    return 0


def _example(target: Any, number: int) -> Any:  # noqa: ANN401 - bytes, or a pair with them
    """Return an input to begin with, another for each number."""
    from hypothesis import Phase, given, seed, settings

    found: list[Any] = []

    @seed(number)
    @settings(max_examples=2, database=None, deadline=None, phases=(Phase.generate,))
    @given(target.inputs)
    def draw(drawn: Any) -> None:  # noqa: ANN401 - as above
        found.append(drawn)

    draw()
    return found[-1]


if __name__ == "__main__":
    sys.exit(main())
