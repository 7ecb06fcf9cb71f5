"""The end of `jalki demo`: one customer's erasure, followed to every party, kept where the law keeps, proved, and kept up."""

import asyncio
import json

from console.case_opening import Casebook
from console.case_shapes import case_shape, tasks_table
from console.stand_ins import StandIns
from console.terminal import err, out, say, tell
from lineage.cases.case import Case
from lineage.cases.deciding import approve, preview
from lineage.cases.intake import Message, receive
from lineage.cases.orders import Order
from lineage.checkpointing import checkpointed, seed_of
from lineage.clocks import day_of
from lineage.evidence.certificate import certificate
from lineage.evidence.signing import public_key
from lineage.evidence.stating import known_in
from lineage.evidence.verifying import verify
from lineage.times import rfc3339
from schemas.records import JsonRecords
from streams.records import Record

_DAY = 86_400_000_000


def erase(book: Casebook, customer: str) -> None:
    """Show the erasure of a customer from the request to the certificate, and what happens to data that comes late."""
    work = book.work
    parties = StandIns(work.register, lambda: day_of(work.clock()).isoformat())
    message = Message(["erasure"], [("customer_id", customer)], work.clock(), "account", "multitronic", "en")
    (case,) = receive(work, message)
    _print(preview(work, case.id), book)
    say(f"\nApproved by a person: jalki case approve {case.id}\n")
    approve(work, case.id)
    _dispatch(book, parties)
    _print(work.case(case.id), book)
    _prove(book, case.id)
    _late(book, parties, case.id, customer)


def _dispatch(book: Casebook, parties: StandIns) -> None:
    from streams.dispatch import Dispatch  # it brings Faust, which takes longer to load than any question to answer

    asyncio.run(Dispatch(book.work, parties, _live if err.is_terminal else None).run_until_idle())


def _live(order: Order, state: str) -> None:
    tell(f"  {order.party}: {order.form} to {order.action}: {state}")


def _print(case: Case, book: Casebook) -> None:
    names = {each.id: each.name for each in book.work.register.parties()}
    out.print(tasks_table(case_shape(case, lambda party: names.get(party, party))["tasks"]))


def _prove(book: Casebook, case: str) -> None:
    """Issue the certificate and check it with nothing but the public key."""
    work, seed = book.work, seed_of(book.work)
    point = checkpointed(work, case)
    file = certificate(work.journal.entries(case), known_in(work.register, work.clock()), work.clock(), seed, point)
    found = verify(file, public_key(seed))
    broken = verify(file.replace(b'"erasure"', b'"access!"', 1), public_key(seed))
    say(
        f"Her certificate ({len(file):,} bytes, no personal data): {'verified' if found.verified else 'NOT verified'} offline;"
    )
    say(f"with one word of it changed: {'verified' if broken.verified else 'not verified'}.")


def _late(book: Casebook, parties: StandIns, case: str, customer: str) -> None:
    """Let an event of yesterday come now."""
    work = book.work
    event = {
        "type": "NewsletterSent", "event_id": "late-1", "controller": "multitronic", "customer_id": customer,
        "occurred_at": rfc3339(work.clock() - _DAY), "email": "late@shop.example", "provider": "sendgrid", "campaign_id": "k",
    }  # fmt: skip
    record = JsonRecords(book.folder.catalogue).encode(json.dumps(event).encode()).record
    assert book.recorder is not None  # noqa: S101 - opened for casework
    came = Record("newsletter", 0, 0, work.clock() // 1_000 + 1_000, None, record, ())
    outcome = book.recorder.write([book.recorder.seal(book.recorder.prepare([came]))])
    _dispatch(book, parties)
    found = work.case(case)
    told = [each for each in found.tasks.values() if each.party == "sendgrid"]
    say(f"\nA newsletter event of yesterday comes late: recorded {outcome.recorded}, held back {outcome.held_back};")
    say(f"incidents on her case: {len(found.incidents)}; SendGrid is told again: {told[-1].state} ({told[-1].how}).")
