"""How long the console's pages take: `python -m bench.console [--asked 100]`.

There are 10,000 cases, 500 parties, and a person with 10,000 disclosures.

Over HTTP, and in Chromium until the page is drawn and all it needs is there. One visitor, who waits for each page.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import httpx2
import pyotp
from playwright.sync_api import sync_playwright

from console.case_logs import opened_for_cases
from console.opening import Folder, opened_for_recording
from console.settings import Settings, read_settings
from console.web.accounts import Accounts
from lineage import register
from lineage.cases.intake import Message, receive
from lineage.facts import Disclosure, Facts, Route
from lineage.times import now, rfc3339
from schemas.records import JsonRecords
from streams.recorder import Recorder
from streams.records import Record

CASES, PARTIES, PERSONS, BATCH = 10_000, 500, 10_000, 2_000
FACTS, HOUR, _BEGUN = 10_000, 60 * 60 * 1_000_000, 1_790_000_000_000_000
ADDRESS = {"street": "Esimerkkikatu 1", "postcode": "65100", "city": "Vaasa", "country": "FI"}
DATA = ("address", "name", "order", "phone")
DAY = 24 * 60 * 60 * 1_000_000
PAGES = {
    "inbox, first page": "/cases", "inbox, all states": "/cases?all=true", "inbox, one state": "/cases?state=received",
    "case": "CASE", "sharing": "/sharing", "sharing of one party": "/sharing?party=carrier-7", "parties": "/parties",
    "record": "/record", "new case": "/cases/open", "person with 10,000 facts": "PERSON",
    "the same, as of an earlier day": "PERSON?at=2027-03-01",
}  # fmt: skip


def main() -> None:
    """Fill a folder, serve its console, and print how long each page took, and what of it the console's processor worked."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--asked", type=int, default=100)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as text:
        folder = Path(text)
        environ = {"JALKI_DATA": str(folder / "data"), "JALKI_REGISTER": str(_register(folder / "register"))}
        settings = read_settings(environ)
        began = time.perf_counter()
        _fill(settings)
        print(f"filled in {time.perf_counter() - began:.0f} s\n")
        account, password = Accounts(settings.accounts_file).add("anna", "dpo", now())
        with _served(environ) as (url, process), httpx2.Client(base_url=url, timeout=120, trust_env=False) as client:
            code = pyotp.TOTP(account.secret).now()
            form = {"name": "anna", "password": password, "code": code}
            client.post("/sign-in", data=form, headers={"Origin": url, "Sec-Fetch-Site": "same-origin"})
            _measured(client, url, process, given.asked)


def _register(folder: Path) -> Path:
    """Write the shipped register with 500 carriers more."""
    shutil.copytree(Path(register.__file__).parent / "multitronic", folder)
    names = [f"carrier-{number}" for number in range(PARTIES)]
    parties, recipients = folder / "parties.yaml", folder / "recipients.yaml"
    rows = "".join(f"  {name}: {{name: Carrier {name} Oy, kind: carrier, country: FI}}\n" for name in names)
    parties.write_text(
        parties.read_text("utf-8").replace("  # ── carriers ──\n", f"  # ── carriers ──\n{rows}"), "utf-8"
    )
    kept = recipients.read_text("utf-8").replace("carriers: [posti,", f"carriers: [{', '.join(names)}, posti,", 1)
    recipients.write_text(kept, "utf-8")
    return folder


def _fill(settings: Settings) -> None:
    with opened_for_recording(settings) as (folder, recorder):
        for start in range(0, PERSONS, BATCH):
            batch = [each for person in range(start, start + BATCH) for each in _events(folder, person)]
            folder.keyring.keys({one.holder for each in batch for one in each.disclosures})
            folder.graph.record(batch)
        _record_one(folder, recorder)
    chance = random.Random(1)
    with opened_for_cases(settings) as book:
        for number in range(CASES):
            named = [("customer_id", f"C-{number}")]
            came = now() - chance.randrange(25 * DAY)
            right = chance.choice(("erasure", "access", "transfer"))
            receive(book.work, Message([right], named, came, "email", "multitronic"))


def _record_one(folder: Folder, recorder: Recorder) -> None:
    """Record 10,000 disclosures of one person as the agents do, sealed as they are sent."""
    records, known = JsonRecords(folder.catalogue), {"customer_id": "C-much", "controller": "multitronic"}
    for start in range(0, FACTS, BATCH):
        batch = []
        for number in range(start, start + BATCH):
            told: dict[str, object] = {
                **known,
                "event_id": f"much-{number}",
                "occurred_at": rfc3339(_BEGUN + number * HOUR),
            }
            told |= (
                {"type": "NewsletterSent", "email": "much@example.fi", "provider": "sendgrid", "campaign_id": "k"}
                if number % 2
                else {"type": "ShipmentBooked", "shipment_id": f"M-{number}", "order_id": f"N-{number}", "name": "Anna",
                      "carrier": f"carrier-{number % 40}", "address": ADDRESS}
            )  # fmt: skip
            encoded = records.encode(json.dumps(told).encode())
            batch.append(Record(encoded.topic, 0, number, 0, None, encoded.record, ()))
        recorder.write([recorder.seal(recorder.prepare(batch))])


def _events(folder: Folder, person: int) -> Iterator[Facts]:
    """An order, and two parcels by two of the carriers."""
    named = folder.pseudonyms.identifier
    customer, order = named("customer_id", f"C-{person}"), named("order_id", f"{person}")
    kinds, owns = {customer: "customer_id", order: "order_id"}, ((customer, order),)
    routes = [Route("person", "order-system", "order", ("name", "order"), "multitronic", forbidden=False)]
    carriers = (f"carrier-{person % PARTIES}", f"carrier-{person * 7 % PARTIES}")
    routes += [Route("order-system", each, "delivery", DATA, "multitronic", forbidden=False) for each in carriers]
    for number, route in enumerate(routes):
        event, at = folder.pseudonyms.event(f"{person} {number}"), _BEGUN + 3 * person + number
        had = Disclosure(event, 0, order, route, at, at, b"sealed" * 40)
        yield Facts(event, b"8 bytes.", at, at, kinds, owns, (had,), (), ())


@contextmanager
def _served(environ: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    words = [str(Path(sys.executable).with_name("jalki")), "console"]
    process = subprocess.Popen(
        words, env={**os.environ, **environ, "JALKI_CONSOLE": "127.0.0.1:0"}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield next(line.split()[-1].rstrip("/") for line in process.stderr or () if "console at" in line), process.pid
    finally:
        process.terminate()
        process.wait(30)


def _pages(client: httpx2.Client) -> Mapping[str, str]:
    """Return the pages' addresses; a case is the first of the inbox, and the person is looked for."""
    headers = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    sought = {"identifier": "customer_id:C-much", "purpose": "it is measured"}
    person = client.post("/persons", data=sought, headers=headers).headers["location"]
    first = re.findall(r'href="(/cases/\d{4}-\w+)"', client.get("/cases").text)[0]
    return {name: first if path == "CASE" else path.replace("PERSON", person) for name, path in PAGES.items()}


def _measured(client: httpx2.Client, url: str, process: int, asked: int) -> None:
    path = os.environ.get("JALKI_TEST_CHROMIUM") or shutil.which("chromium")
    print("| page | KiB | processor, ms | HTTP, p50, ms | p99, ms | in Chromium, p50, ms |\n|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in client.cookies.items()])
        page = context.new_page()
        for name, where in _pages(client).items():
            size = len(client.get(where).raise_for_status().content) // 1024
            before = _worked(process)
            taken = sorted(_took(client.get, where) for _ in range(asked))
            worked = (_worked(process) - before) / asked
            drawn = [_took(page.goto, url + where) for _ in range(max(3, asked // 10))]
            high = quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0]
            print(
                f"| {name} | {size} | {worked:.0f} | {median(taken):.0f} | {high:.0f} | {median(drawn):.0f} |",
                flush=True,
            )
        browser.close()


def _worked(process: int) -> float:
    """Return for how many milliseconds a processor has worked for a process (`man 5 proc`)."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _took(ask: Callable[[str], object], where: str) -> float:
    began = time.perf_counter()
    ask(where)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
