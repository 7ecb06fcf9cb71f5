"""Whether time tells who is known: `python -m bench.known_or_not [--questions 300]`. Of the API, over HTTP, in this process.

The same question about one who is known and one who is not, in turn: the ratios within one run are what is to be read.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from console.opening import opened
from tests.console.api.desks import Office, opened_office
from tests.e2e.events import write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY

KNOWN, UNKNOWN = "customer_id:C-1", "customer_id:C-999999"
HER = ("customer_id", "C-17")


def main() -> None:
    """Measure, and print."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--questions", type=int, default=300)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="jalki-known-") as folder:
        data = Path(folder) / "data"
        done = asked("ingest", write_lines(Path(folder) / "s.jsonl", [*EVENTS, *STORY]), "--data", data)
        if done.code != 0:
            raise SystemExit(done.err)
        with opened_office(data) as office:
            print(
                "| question | who asks | known, p50 ms | not known, p50 ms | ratio of p50 | of p90 |\n|---|---|---|---|---|---|"
            )
            for name, role, ask in _questions(office):
                _print(name, role, ask, given.questions)


def _questions(office: Office) -> list[tuple[str, str, Callable[[str], int]]]:
    with opened(office.settings) as found:
        hers = found.pseudonyms.identifier(*HER).hex()
    support, auditor, customer = office.desk("support"), office.desk("auditor"), office.desk("customer", hers)
    share = {"party": "sendgrid", "for": "newsletter"}
    return [
        ("may-share", "customer service", lambda each: support.asks("may-share", identifier=each, **share).status_code),
        ("where", "an auditor, who may not", lambda each: auditor.asks("where", identifier=each).status_code),
        ("where", "a customer, of another", lambda each: customer.asks("where", identifier=each).status_code),
    ]


def _print(name: str, role: str, ask: Callable[[str], int], questions: int) -> None:
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(questions + 20):
        for each in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            begun = time.perf_counter()
            ask(each)
            if number >= 20:  # the first warm up
                took[each].append((time.perf_counter() - begun) * 1_000)
    known, unknown = took[KNOWN], took[UNKNOWN]
    late = quantiles(known, n=10)[-1] / quantiles(unknown, n=10)[-1]
    print(
        f"| {name} | {role} | {median(known):.2f} | {median(unknown):.2f} | {median(known) / median(unknown):.3f} | {late:.3f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
