"""No order and no answer, however wrong, makes the connector build a deletion that could hit anybody else."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.calling import Answer
from connectors.descriptor import Descriptor, Meaning
from connectors.secretfile import Secret
from connectors.vendors.sendgrid.accounts import Account
from connectors.vendors.sendgrid.calls import Calls
from connectors.vendors.sendgrid.collecting import Collecting
from connectors.vendors.sendgrid.connector import SendGrid
from connectors.vendors.sendgrid.erasing import Erasing
from connectors.vendors.sendgrid.rectifying import Rectifying
from connectors.vendors.sendgrid.saying import IDS_AT_MOST, Addresses, ContactIds, is_address
from connectors.vendors.sendgrid.stopping import Stopping
from lineage.cases.orders import Order
from lineage.errors import JalkiError, Refused
from tests.connectors.orders import order
from tests.connectors.vendors.sendgrid.guarding import faults_of

UUID = "0b9dc2d1-2b5c-4f2c-9d52-0f2f7d9a6c1e"
ANOTHERS = "11111111-2222-4333-8444-555555555555"
ODD = [
    "",
    "true",
    ",",
    "a,b",
    f"{UUID},",
    f"{UUID},{UUID}",
    f"{UUID}&delete_all_contacts=true",
    f" {UUID}",
    f"{UUID}\n",
    "*",
]
HERS, OTHERS = "aino@example.fi", "eino@example.fi"


@pytest.mark.parametrize(
    "ids", [(), *((each,) for each in ODD), (UUID, ""), (UUID,) * (IDS_AT_MOST + 1), [UUID], (True,), (None,)]
)
def test_a_deletion_of_contacts_cannot_be_made_of_anything_but_ids(ids: Any) -> None:
    with pytest.raises(Refused):
        ContactIds(ids)


@given(st.lists(st.one_of(st.text(), st.sampled_from([*ODD, UUID]), st.none(), st.booleans()), max_size=5))
def test_what_a_deletion_of_contacts_is_made_of_is_ids_and_nothing_else(ids: list[Any]) -> None:
    try:
        query = ContactIds(tuple(ids)).query
    except Refused:
        return
    assert not faults_of(httpx2.Request("DELETE", f"http://127.0.0.1/v3/marketing/contacts?{query}"))


@given(st.lists(st.one_of(st.text(), st.sampled_from(["", "a@b", HERS, f"{HERS}\n", f"{HERS},{OTHERS}"])), max_size=5))
def test_a_call_with_addresses_names_at_least_one_and_only_addresses(values: list[str]) -> None:
    try:
        made = Addresses.of(values).values
    except Refused:
        assert not values or not all(is_address(each) for each in values)
        return
    assert made
    assert all(each.count("@") == 1 and not set(each) & set(', \n\t<>&?/"') - {"&", "?", "/"} for each in made)


class Lying:
    """In the place of what calls a vendor: answers whatever it is given, and notes what it was asked."""

    def __init__(self, answers: dict[str, list[tuple[int, Any]]]) -> None:
        self.answers, self.made = answers, list[httpx2.Request]()

    async def call(self, method: str, url: str, body: bytes | None = None, headers: Any = None) -> Answer:
        self.made.append(httpx2.Request(method, url, content=body, headers=headers))
        path = urlsplit(url).path
        waiting = self.answers.get(f"{method} {path}") or self.answers["else"]
        status, content = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Answer(status, {}, content if isinstance(content, bytes) else json.dumps(content).encode())

    async def close(self) -> None:
        """Nothing is open."""


class Unlimited:
    async def take(self, rate: str, calls: int = 1) -> None:
        """Always."""


def sendgrid(caller: Lying) -> SendGrid:
    means = {"erase": Meaning("x", "promised", within=37)}
    descriptor = Descriptor("sendgrid", "sendgrid", means=means, identifiers={"email": ("sendgrid-email@1",)})
    calls = Calls("sendgrid", "https://api.sendgrid.example", Secret("key", variable="PATH"), caller, Unlimited())  # type: ignore[arg-type]
    accounts = (Account(""),)
    return SendGrid(
        descriptor, calls, Erasing(calls, accounts, descriptor, lambda: 1_790_000_000_000_000), Stopping(calls, accounts),
        Rectifying(calls, accounts, {}), Collecting(calls, accounts, "sendgrid"),
    )  # fmt: skip


contacts = st.fixed_dictionaries(
    {"id": st.sampled_from([*ODD, UUID, ANOTHERS]), "email": st.sampled_from([HERS, OTHERS, "", HERS.upper()])},
    optional={"alternate_emails": st.sampled_from([[], [HERS], [OTHERS], None])},
)
results = st.one_of(
    st.fixed_dictionaries({"contact": contacts}),
    st.just({"error": "contact not found"}),
    st.just({}),
    st.just({"contact": None}),
)
searches = st.one_of(
    st.tuples(
        st.just(200), st.fixed_dictionaries({"result": st.dictionaries(st.sampled_from([HERS, OTHERS]), results)})
    ),
    st.tuples(st.just(404), st.sampled_from([{"errors": [{"message": "no"}]}, b"<html>", {}, {"errors": []}])),
    st.tuples(
        st.sampled_from([200, 202, 400, 403, 301]),
        st.sampled_from([{"errors": [{"m": 1}]}, b"", b"{", [], {"result": []}]),
    ),
)
jobs = st.one_of(
    st.tuples(
        st.just(202),
        st.sampled_from([{"job_id": "j-1"}, {"job_id": {"id": "j-1"}}, {"job_id": "../../x"}, {"job_id": ""}, {}]),
    ),
    st.tuples(st.sampled_from([200, 400, 404]), st.just({"errors": [{"message": "no"}]})),
)
identifiers = st.lists(
    st.tuples(
        st.sampled_from(["email", "customer_id", "phone"]),
        st.one_of(st.text(max_size=20), st.sampled_from(["", HERS, " ", "true"])),
    ),
    max_size=4,
)
handles = st.sampled_from(
    [None, "", "mail.1.x", "job.1.j-1", "job.x.y", "lists.2", "job.9.", "seen.3", "put.1.j", "done", "job.-1.a"]
)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(searches, min_size=1, max_size=4), jobs, jobs, identifiers, handles,
    st.sampled_from(["erase", "rectify", "stop", "restrict", "lift", "collect", "send"]), st.booleans(),
)  # fmt: skip
def test_no_order_and_no_answer_make_a_call_that_could_hit_others(
    found: list[tuple[int, Any]],
    erased: Any,
    deleted: Any,
    named: list[tuple[str, str]],
    handle: str | None,
    action: Any,
    asks: bool,
) -> None:
    caller = answering(list(found), erased, deleted)
    changes = {"email": "aino.new@example.fi"} if action == "rectify" else {}
    made = order(identifiers=(*named, ("email", HERS)), action=action, handle=handle, changes=changes)
    asyncio.run(told(sendgrid(caller), made, asks=asks))
    assert not [fault for each in caller.made for fault in faults_of(each)]
    for each in caller.made:
        if each.method == "DELETE" and each.url.path == "/v3/marketing/contacts":
            said = [(status, content) for status, content in found if status == 200 and isinstance(content, dict)]
            assert UUID in each.url.query.decode() or ANOTHERS in each.url.query.decode()
            assert any(hers(content) for _, content in said), "a contact is deleted only that is known by her address"


def hers(content: dict[str, Any]) -> bool:
    results = content.get("result")
    contact = results.get(HERS, {}).get("contact") if isinstance(results, dict) else None
    known = [contact["email"], *(contact.get("alternate_emails") or [])] if contact else []
    return HERS in [each.lower() for each in known]


async def told(connector: SendGrid, made: Order, *, asks: bool) -> None:
    with suppress(JalkiError):
        await (connector.ask(made) if asks else connector.send(made))


def answering(found: list[tuple[int, Any]], erased: tuple[int, Any], deleted: tuple[int, Any]) -> Lying:
    cleared = {f"DELETE /v3/suppression/{each}": [(204, b"")] for each in ("bounces", "blocks", "invalid_emails")}
    return Lying(
        {
            "GET /v3/scopes": [(200, {"scopes": ["recipients.erasejob.create"]})],
            "POST /v3/recipients/erasejob": [erased],
            "POST /v3/marketing/contacts/search/emails": list(found),
            "DELETE /v3/marketing/contacts": [deleted],
            "PUT /v3/marketing/contacts": [deleted],
            "else": [(200, {"status": "completed"})],
            **cleared,
        }
    )


@pytest.mark.parametrize(
    ("id_", "email", "deletes"), [(UUID, HERS, 1), (UUID, OTHERS, 0), ("true", HERS, 0), ("", HERS, 0)]
)
def test_a_contact_is_deleted_that_is_hers_by_an_id_and_by_her_address(id_: str, email: str, deletes: int) -> None:
    caller = answering(
        [(200, {"result": {HERS: {"contact": {"id": id_, "email": email}}}})],
        (202, {"job_id": "e"}),
        (202, {"job_id": "d"}),
    )
    made = order(identifiers=(("email", HERS),))
    outcome = asyncio.run(sendgrid(caller).send(made))
    targets = [
        each.url.raw_path.decode() for each in caller.made if each.method == "DELETE" and "contacts" in each.url.path
    ]
    assert targets == [f"/v3/marketing/contacts?ids={UUID}"] * deletes
    assert outcome.state == ("sent" if deletes else "failed")
    assert deletes or OTHERS in outcome.evidence.decode() or "contact" in outcome.evidence.decode()
