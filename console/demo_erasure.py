"""The end of `jalki demo`: one customer's erasure, followed to every party, kept where the law keeps, proved, and kept up."""

import asyncio
import json
from collections.abc import Collection

from console.case_opening import Casebook
from console.case_shapes import case_shape, tasks_table
from console.certifying import certified
from console.demo_parties import CALLED, DemoParties, demo_parties
from console.terminal import err, out, say, tell
from lineage.cases.case import Case, Task
from lineage.cases.deciding import approve, preview
from lineage.cases.intake import Message, receive
from lineage.cases.orders import Order
from lineage.evidence.signing import public_key
from lineage.evidence.verifying import verify
from lineage.times import rfc3339
from schemas.records import JsonRecords
from streams.records import Record

_DAY = 86_400_000_000
_LATE = "late@shop.example"
_UNDER_WAY = frozenset({"queued", "sent"})
_LOOK_SECONDS = 0.25
_LOOKS = 120


def erase(book: Casebook, customer: str, mailed: Collection[str]) -> None:
    """Show the erasure of a customer from the request to the certificate, and what happens to data that comes late.

    `mailed` are the addresses to which the shop's newsletters went by SendGrid.
    """
    with demo_parties(book) as parties:
        parties.mail(mailed)
        _erase(book, parties, customer)


def _erase(book: Casebook, parties: DemoParties, customer: str) -> None:
    work = book.work
    message = Message(["erasure"], [("customer_id", customer)], work.clock(), "account", "multitronic", "en")
    (case,) = receive(work, message)
    _print(preview(work, case.id), book)
    say(f"\nApproved by a person: jalki case approve {case.id}\n")
    approve(work, case.id)
    held = parties.holds()
    dispatch(book, parties, case.id)
    _print(work.case(case.id), book)
    if at_sendgrid(work.case(case.id)):
        say(f"\nSendGrid's server, told by its connector, held {held} people before, and holds {parties.holds()} now.")
    _prove(book, case.id)
    _late(book, parties, case.id, customer)


def dispatch(book: Casebook, parties: DemoParties, case: str) -> None:
    """Do what is due, and go on until SendGrid has ended what it was told: its jobs take a while."""
    from streams.dispatch import Dispatch  # it brings Faust, which takes longer to load than any question to answer

    async def run() -> None:
        told = _live if err.is_terminal else None
        try:
            for _ in range(_LOOKS):
                await Dispatch(book.work, parties, told).run_until_idle()
                if not any(each.state in _UNDER_WAY for each in at_sendgrid(book.work.case(case))):
                    return
                parties.let_jobs_end()
                await asyncio.sleep(_LOOK_SECONDS)
            tell("SendGrid is not done yet: what is shown is how it stands")
        finally:
            await parties.close()

    asyncio.run(run())


def at_sendgrid(case: Case) -> list[Task]:
    """Return the tasks of SendGrid, the newest last."""
    return [each for each in case.tasks.values() if each.party == CALLED]


def _live(order: Order, state: str) -> None:
    tell(f"  {order.party}: {order.form} to {order.action}: {state}")


def _print(case: Case, book: Casebook) -> None:
    names = {each.id: each.name for each in book.work.register.parties()}
    out.print(tasks_table(case_shape(case, lambda party: names.get(party, party))["tasks"]))


def _prove(book: Casebook, case: str) -> None:
    """Issue the certificate and check it with nothing but the public key."""
    file, seed = certified(book, case)
    found = verify(file, public_key(seed))
    broken = verify(file.replace(b'"erasure"', b'"access!"', 1), public_key(seed))
    say(
        f"Her certificate ({len(file):,} bytes, no personal data): {'verified' if found.verified else 'NOT verified'} offline;"
    )
    say(f"with one word of it changed: {'verified' if broken.verified else 'not verified'}.")


def _late(book: Casebook, parties: DemoParties, case: str, customer: str) -> None:
    """Let an event of yesterday come now, of a newsletter that SendGrid sent."""
    work = book.work
    parties.mail([_LATE])
    event = {
        "type": "NewsletterSent", "event_id": "late-1", "controller": "multitronic", "customer_id": customer,
        "occurred_at": rfc3339(work.clock() - _DAY), "email": _LATE, "provider": "sendgrid", "campaign_id": "k",
    }  # fmt: skip
    record = JsonRecords(book.folder.catalogue).encode(json.dumps(event).encode()).record
    assert book.recorder is not None  # noqa: S101 - opened for casework
    came = Record("newsletter", 0, 0, work.clock() // 1_000 + 1_000, None, record, ())
    outcome = book.recorder.write([book.recorder.seal(book.recorder.prepare([came]))])
    dispatch(book, parties, case)
    found = work.case(case)
    told = at_sendgrid(found)
    say(f"\nA newsletter event of yesterday comes late: recorded {outcome.recorded}, held back {outcome.held_back};")
    say(f"incidents on her case: {len(found.incidents)}; SendGrid is told again: {told[-1].state} ({told[-1].how}).")
