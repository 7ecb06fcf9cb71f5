"""After an erasure nothing that could open what was sealed is left in any file, nor any identifier in any form."""

import base64
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from lineage.identifiers import normalised
from tests.cases.events import account, mailed, order, payment, subscribed
from tests.cases.stage import staged

ASKED, OVER = "2026-05-01T10:00:00+03:00", "2034-05-01T10:00:00+03:00"
VALUES = {"email": "Anna@Example.fi", "phone": "040 123 4567", "customer_id": "C-1-anna", "order_id": "O-1-anna"}


def wrapped_keys(file: Path, *, of_the_company: bool = False) -> set[bytes]:
    """The wrapped keys in the key ring's file: the company's own, or all others."""
    with closing(sqlite3.connect(file)) as ring:
        rows = list(ring.execute("SELECT name, wrapped FROM key"))
    return {wrapped for name, wrapped in rows if name.startswith(b"company:") == of_the_company}


def forms(kind: str, value: str) -> set[bytes]:
    """How an identifier could stand in a file."""
    plain = {value, value.lower(), normalised(kind, value)}
    hashed = {hashlib.sha256(each.encode()).hexdigest() for each in plain}
    found = {each.encode() for each in plain | hashed}
    return found | {bytes.fromhex(each) for each in hashed} | {base64.b64encode(each.encode()) for each in plain}


def test_after_the_last_hold_no_file_holds_a_key_of_hers_or_an_identifier_in_any_form(tmp_path: Path) -> None:
    files = tmp_path / "data"
    with staged(tmp_path) as stage:
        who = {"customer_id": VALUES["customer_id"], "email": VALUES["email"]}
        stage.record(account(**who, phone=VALUES["phone"]), order(VALUES["order_id"], **who))
        stage.record(payment("P-1", VALUES["order_id"], customer_id=VALUES["customer_id"]))
        stage.record(subscribed(VALUES["email"]), mailed(VALUES["email"]))
        hers = wrapped_keys(files / "keys.db")
        stage.at(ASKED)
        case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", VALUES["customer_id"]))))
        hers |= wrapped_keys(files / "keys.db")
        stage.at(OVER)
        assert stage.run(case).state == "closed"
        assert not wrapped_keys(files / "keys.db")
        company = wrapped_keys(files / "keys.db", of_the_company=True)
    assert len(hers) > 2
    everything = b"\0".join(each.read_bytes() for each in files.rglob("*") if each.is_file())
    assert company
    assert all(each in everything for each in company), "the search finds what there is"
    assert not [each for each in hers if each in everything]
    for kind, value in VALUES.items():
        assert not [form for form in forms(kind, value) if form in everything], kind
