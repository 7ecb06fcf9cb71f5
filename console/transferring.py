"""Hands a package straight to the controller the person chose (GDPR Art. 20(2)), and records that it got her data.

What is sent is kept by its digest before the first piece goes out: run again, it is made anew as it was then and goes on
where it stood. Where the shop's tables have changed since, it is another package, and is sent under another name.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from connectors.targets import Target, load_targets, target_of
from connectors.uploading import Signer, UploadConnector
from console.case_answers import kind_of, matter_of, named_in, portable_of
from console.case_opening import Casebook
from console.shop_tables import mapping_of
from lineage.answers.handing import PURPOSE, transferred
from lineage.answers.package import package
from lineage.answers.portable import Portable
from lineage.cases.case import Case
from lineage.cases.casework import New
from lineage.cases.orders import Order, Outcome
from lineage.cases.rights import rule
from lineage.checkpointing import seed_of
from lineage.errors import Misconfigured, Refused
from lineage.evidence.signing import fingerprint, public_key, sign_message
from lineage.graph import Until
from schemas.records import JsonRecords
from streams.recorder import POSITION
from streams.records import Record

_BEGUN = "transfer"
_THOUSAND = 1_000


class Sending(NamedTuple):
    """A package on its way: `key` names the upload, `at` (microseconds UTC) is when it was begun."""

    key: str
    at: int
    portable: Portable
    package: bytes


def hand_over(book: Casebook, case: Case, name: str) -> tuple[Target, Outcome]:
    """Send the package of a case to a target of the list, and record the disclosure. Run again, it does each once.

    Raises:
        Refused: no such target, nothing to send, or the target does not take it. Misconfigured: a setting; the target does
            not let us in. Retryable: it is away, or lost a piece: run it again.
    """
    target = _target(book, case, name)
    sending = _begun(book, case, target)
    outcome = asyncio.run(_sent(book, case, target, sending))
    if outcome.state not in {"verified", "accepted"}:
        raise Refused(f"{target.party} did not take the package ({outcome.how}): run it again, or ask the receiver why")
    _record(book, case, target, sending)
    return target, outcome


def _target(book: Casebook, case: Case, name: str) -> Target:
    if rule(case.right).answer != "package" or kind_of(case) != "answer":
        raise Refused(
            f"case {case.id}: only the package of a transfer, once approved, goes straight to another company"
        )
    targets = book.folder.settings.outward.targets
    if targets is None:
        raise Misconfigured("set JALKI_TARGETS to the list of verified addresses: packages go nowhere else")
    target = target_of(load_targets(targets), name)
    if not book.work.register.is_party(target.party):
        raise Misconfigured(
            f"{target.party} is no party of the register: declare it, for {PURPOSE}, before it gets data"
        )
    return target


def _begun(book: Casebook, case: Case, target: Target) -> Sending:
    """Return the sending that was begun before, as long as the same bytes can be made again; else begin one."""
    for entry in reversed(book.work.journal.entries(case.id)):
        if entry.kind == "noted" and entry.said.get(_BEGUN) == target.party:
            personal = book.work.personal(entry) or {}
            again = _made(book, case, entry.said["at"])
            if personal.get("digest") == sha256(again[1]).hexdigest():
                return Sending(str(personal["key"]), entry.said["at"], *again)
            break
    at = book.work.clock()
    made = _made(book, case, at)
    key = str(uuid.uuid4())
    personal = {"key": key, "digest": sha256(made[1]).hexdigest()}
    book.work.decided(case.id, lambda _: [New("noted", "dpo", {_BEGUN: target.party, "at": at}, personal)])
    return Sending(key, at, *made)


def _made(book: Casebook, case: Case, at: int) -> tuple[Portable, bytes]:
    # As it was known then: what has come in since, not least the record of this transfer, is not in it.
    portable = portable_of(book, case, at, Until(known_at=at))
    if not portable.history and not portable.records:
        raise Refused(f"case {case.id}: there is nothing that she could take along; tell her so with --out")
    return portable, package(portable)


async def _sent(book: Casebook, case: Case, target: Target, sending: Sending) -> Outcome:
    seed = seed_of(book.work)
    signer = Signer(fingerprint(public_key(seed)), lambda message: sign_message(seed, message))

    async def made(_: Order) -> bytes:
        return sending.package

    connector = UploadConnector(target, made, signer, book.work.clock)
    order = Order(
        key=sending.key, task="", case=case.id, party=target.party, form="notice", action="send",
        controller=case.controller, identifiers=(), categories=(), purposes=(PURPOSE,), due="",
    )  # fmt: skip
    try:
        return await connector.send(order)
    finally:
        await connector.close()


def _record(book: Casebook, case: Case, target: Target, sending: Sending) -> None:
    """Record the disclosure as the agents do: from now on the new controller is one that got her data."""
    event = _event(book, case, target, sending)
    encoded = JsonRecords(book.folder.catalogue).encode(json.dumps(event).encode())
    arrived = book.work.clock() // _THOUSAND
    record = Record(encoded.topic, 0, 0, arrived, None, encoded.record, ((POSITION, b"case answer --to"),))
    assert book.recorder is not None  # noqa: S101 - it is opened for casework
    outcome = book.recorder.write([book.recorder.seal(book.recorder.prepare([record]))])
    if outcome.recorded + outcome.repeated != 1:
        raise Refused(
            f"case {case.id}: {target.party} has the package, but the disclosure could not be recorded: "
            "`jalki dead-letters` tells why"
        )


def _event(book: Casebook, case: Case, target: Target, sending: Sending) -> Mapping[str, Any]:
    matter, shop = matter_of(book, case, Until(known_at=sending.at)), book.folder.settings.outward.shop
    given = named_in(book, case)
    # Two identifiers in one event are one person's from then on: of what she gave only what is known as hers may be told.
    hers = [each for each in given if each in matter.identifiers] or matter.identifiers or given[:1]
    holder = mapping_of(shop, book.work.register).system if shop else case.controller
    return transferred(sending.portable, sending.key, case.id, target.party, holder, hers[:1], sending.at)
