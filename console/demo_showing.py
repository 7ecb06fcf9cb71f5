"""What `jalki demo` shows: a small simulated shop, its events through the agents, and what the program really answers."""

import tempfile
from json import dumps
from pathlib import Path
from typing import NamedTuple

from console.case_logs import opened_for_cases
from console.demo_erasure import erase
from console.demo_parties import CALLED
from console.ingesting import report, run_ingest
from console.logs import log_to_stderr
from console.opening import Folder, opened, opened_for_writing
from console.pictures import drift_table, holdings_table, recipients_tree, sharing_tree
from console.settings import Settings
from console.shapes import Shape, drift_shape, sharing_shape, where_shape
from console.terminal import out, say
from lineage.drift import drift
from lineage.graph import NOW
from lineage.sharing import sharing
from lineage.times import now
from lineage.where import where
from streams.shop import bad_lines, simulate

SEED = 2026
LOOKED_AT = 60
DRIFT_SHOWN = 12


def show(settings: Settings, persons: int) -> list[str]:
    """Make a shop of so many persons, and show where data goes in it, and an erasure; return some customers left.

    Raises: as the commands it stands for.
    """
    log_to_stderr(settings.log_level, settings.log_format)
    with tempfile.TemporaryDirectory(prefix="jalki-shop-") as folder:
        events = Path(folder) / "shop.jsonl"
        shop = _write_shop(events, persons)
        _heading(f"1. A shop of {persons} persons: its events stream through the agents into the graph")
        with opened_for_writing(settings) as (opened_folder, recorder, log):
            counts, seconds = run_ingest([str(events)], events.stat().st_size, opened_folder, recorder, log)
            report(counts, recorder.tally, seconds)
    with opened(settings) as opened_folder:
        customer = _customer(opened_folder, shop.customers)
        _heading("3. What the register, or her consent, did not allow when it happened")
        found = drift_shape(drift(opened_folder.graph, opened_folder.register, None))
        out.print(drift_table(found[:DRIFT_SHOWN]))
        say(f"{len(found)} in all: jalki drift")
        _heading("4. The sharing graph of the whole shop: no person in it")
        shape = sharing_shape(sharing(opened_folder.graph, opened_folder.register), opened_folder.register)
        out.print(sharing_tree(shape))
    _heading(
        "5. She asks to be erased: the request follows her data to every party that got it (here SendGrid is the sandbox's "
        "server, called by the real connector; the others are stood in for)"
    )
    with opened_for_cases(settings) as book:
        erase(book, customer, shop.mailed)
    return [each for each in shop.customers if each != customer]


class Shop(NamedTuple):
    """What the demo must know of the shop besides its events: its first customers, and to whom SendGrid sent newsletters."""

    customers: list[str]
    mailed: set[str]


def _write_shop(path: Path, persons: int) -> Shop:
    """Write the shop's events, with some bad lines among them."""
    customers: list[str] = []
    mailed: set[str] = set()
    bad = iter(bad_lines(SEED))
    with path.open("wb") as file:
        for number, event in enumerate(simulate(persons, SEED)):
            file.write(dumps(event, ensure_ascii=False).encode() + b"\n")
            if event["type"] == "AccountOpened" and len(customers) < LOOKED_AT:
                customers.append(str(event["customer_id"]))
            if event["type"] == "NewsletterSent" and event["provider"] == CALLED:
                mailed.add(str(event["email"]))
            if not number % 100:
                for line, _ in [next(bad, (b"", ""))]:
                    file.write(line + b"\n")
    return Shop(customers, mailed)


def _customer(folder: Folder, customers: list[str]) -> str:
    """Show the customer whose data went furthest, of those whose data SendGrid has, where it has anybody's; return her id."""
    answers: list[tuple[str, Shape]] = []
    for customer in customers:
        found = where(folder.graph, folder.register, folder.pseudonyms.identifier("customer_id", customer), NOW, now())
        answers.append((customer, where_shape(f"customer_id:{customer}", None, None, found)))
    customer, answer = max(answers, key=lambda each: (_is_called(each[1]), len(each[1]["holdings"])))
    _heading(f"2. Where one customer's data went: jalki where customer_id:{customer}")
    out.print(holdings_table("Who holds her data", answer["holdings"]))
    out.print(recipients_tree(answer["holdings"]))
    return customer


def _is_called(answer: Shape) -> bool:
    return any(each["party"] == CALLED for each in answer["holdings"])


def _heading(text: str) -> None:
    out.print(f"\n[bold]{text}[/]\n")
