"""A call that could hit everybody leaves by no path: not by a descriptor, and not by a connector that somebody else wrote."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calling import Call, Caller, NotSent
from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.ads import GoogleAds
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.serving import served_in_a_thread
from lineage.cases.orders import Outcome
from lineage.errors import Misconfigured, Refused
from tests.connectors import orders
from tests.connectors.counting import Counts

NOON = 1_767_261_600_000_000
UUID = "0b9dc2d1-2b5c-4f2c-9d52-0f2f7d9a6c1e"
CONTACTS = "/v3/marketing/contacts"
EVERYBODY = [
    ("DELETE", CONTACTS, b""),
    ("DELETE", f"{CONTACTS}/", b""),
    ("DELETE", f"/V3/Marketing/Contacts?x={UUID}", b""),
    ("DELETE", f"{CONTACTS}?ids=", b""),
    ("DELETE", f"{CONTACTS}?ids=,", b""),
    ("DELETE", f"{CONTACTS}?ids=true", b""),
    ("DELETE", f"{CONTACTS}?ids={UUID}&ids=", b""),
    ("DELETE", f"{CONTACTS}?ids={UUID}&x=1", b""),
    ("DELETE", f"{CONTACTS}?IDS={UUID}", b""),
    ("DELETE", CONTACTS, f'{{"ids":["{UUID}"]}}'.encode()),
    ("DELETE", f"{CONTACTS}?delete_all_contacts=true", b""),
    ("DELETE", f"{CONTACTS}?ids={UUID}&delete_all_contacts=true", b""),
    ("DELETE", f"{CONTACTS}?delete%5Fall%5Fcontacts=true", b""),
    ("DELETE", "/v3/marketing/%63ontacts", b""),
    ("DELETE", "/v3//marketing/./contacts", b""),
    ("DELETE", "/v3/marketing/lists/../contacts", b""),
    ("DELETE", "/v3/marketing/lists/7?delete_contacts=true", b""),
    ("POST", "/v1/audienceMembers:removeAll", b"{}"),
    ("POST", "/v1/audienceMembers%3AremoveAll", b"{}"),
    ("POST", "/v1/audiencemembers:REMOVEALL", b"{}"),
    ("DELETE", "/v3/suppression/bounces", b""),
    ("DELETE", "/v3/suppression/blocks", b'{"delete_all":true}'),
    ("DELETE", "/v3/suppression/blocks", b'{"emails":["a@b.fi"],"delete_all":true}'),
    ("DELETE", "/v3/suppression/spam_reports", b'{"emails":[]}'),
    ("DELETE", "/v3/suppression/invalid_emails?x=1", b'{"emails":[""]}'),
    ("POST", "/v9/anything", b'{"a":[{"deleteAllContacts":true}]}'),
    ("POST", "/v9/anything", b"delete_all=true"),
    ("POST", "/v9/anything", b"\n delete%5Fall=true"),
    ("GET", "/v9/anything?deleteAll", b""),
]
HARMLESS = [
    ("DELETE", f"{CONTACTS}?ids={UUID},{UUID}", b""),
    ("DELETE", f"{CONTACTS}?ids={UUID}%2C{UUID}", b""),
    ("PUT", CONTACTS, b'{"contacts":[{"email":"delete_all_contacts@removeall.fi"}]}'),
    ("POST", f"{CONTACTS}/search/emails", b'{"emails":["delete_all@b.fi"]}'),
    ("POST", "/v1/audienceMembers:remove", b'{"encoding":"HEX"}'),
    ("DELETE", "/v3/suppression/bounces", b'{"emails":["removeAll@b.fi"]}'),
    ("DELETE", "/v3/suppression/bounces/delete_all@b.fi", b""),
    ("DELETE", "/v1/members/deleteall", b""),
    ("POST", "/v1/members", b'{"note":"delete_all=true removeAll"}'),
    ("POST", "/v9/form", b"note=delete_all%3Dtrue"),
    ("POST", "/v9/file", b"\xff\xfe removeAll"),
]
DESCRIPTOR = """channel: rest
address: {url}
means:
  erase: {{does: x, proof: accepted}}
settings:
  login: {{bearer: {{file: key}}}}
  constants: {{verb: removeAll, path: contacts, name: delete_all_contacts}}
  calls:
    erase:
      - name: all
        for_each: {kind}
        request: {request}
        answers: [{{status: 202, state: accepted}}, {{status: 200, state: accepted}}, {{status: 204, state: accepted}}]
"""
POISON = [
    f"{{call: DELETE {CONTACTS}, query: {{delete_all_contacts: 'true', x: '${{identifier}}'}}}}",
    f"{{call: DELETE {CONTACTS}, query: {{x: '${{identifier}}'}}}}",
    f"{{call: DELETE {CONTACTS}, query: {{ids: '', x: '${{identifier}}'}}}}",
    f"{{call: DELETE {CONTACTS}, body: {{x: '${{identifier}}'}}}}",
    "{call: 'POST /v1/audienceMembers:removeAll', body: {x: '${identifier}'}}",
    "{call: DELETE /v3/suppression/bounces, body: {delete_all: true, x: '${identifier}'}}",
    "{call: DELETE /v3/suppression/bounces, query: {x: '${identifier}'}}",
]
HIDDEN = [
    ("email", "a@b.fi", f"{{call: DELETE {CONTACTS}, query: {{ids: '${{identifier}}'}}}}"),
    ("email", "a@b.fi", "{call: 'DELETE /v3/marketing/${constants.path}', body: {x: '${identifier}'}}"),
    ("customer_id", "contacts", "{call: 'DELETE /v3/marketing/${identifier}'}"),
    ("customer_id", "removeAll", "{call: 'POST /v1/audienceMembers:${identifier}', body: {}}"),
    ("email", "a@b.fi", "{call: 'POST /v1/audienceMembers:${constants.verb}', body: {x: '${identifier}'}}"),
    ("customer_id", "bounces", "{call: 'DELETE /v3/suppression/${identifier}'}"),
]


def caller(seen: list[Call]) -> Caller:
    return Caller("party", lambda: NOON, ca_file=None, seconds=5, largest=1_000, dry=seen.append)


def called(method: str, target: str, body: bytes, prefix: str = "") -> list[Call]:
    seen: list[Call] = []

    async def run() -> None:
        made = caller(seen)
        try:
            await made.call(method, f"https://party.example{prefix}{target}", body)
        finally:
            await made.close()

    with pytest.raises(Refused) as raised:
        asyncio.run(run())
    assert isinstance(raised.value, NotSent) == bool(seen)
    assert seen or "everybody" in str(raised.value)
    return seen


@pytest.mark.parametrize("prefix", ["", "/gateway/eu"])
@pytest.mark.parametrize(("method", "target", "body"), EVERYBODY)
def test_no_call_is_made_that_could_hit_everybody(method: str, target: str, body: bytes, prefix: str) -> None:
    assert called(method, target, body, prefix) == []


@pytest.mark.parametrize(("method", "target", "body"), HARMLESS)
def test_whoever_is_called_like_such_a_call_is_told_of_all_the_same(method: str, target: str, body: bytes) -> None:
    assert [each.method for each in called(method, target, body)] == [method]


@given(
    st.lists(
        st.sampled_from(["ids", "=", "&", ",", UUID, "%2C", "x", "", "delete_all_contacts", "true", ";"]), max_size=8
    )
)
def test_contacts_are_deleted_by_ids_and_by_nothing_else(parts: list[str]) -> None:
    query = "".join(parts)
    for each in called("DELETE", f"{CONTACTS}?{query}", b""):
        assert UUID in each.url
        assert each.url.partition("?")[2].startswith("ids=")
        assert not {"x", "delete_all_contacts", "true"} & set(parts)


@pytest.mark.parametrize("request_", POISON)
def test_a_descriptor_that_could_hit_everybody_is_refused_at_its_line(request_: str, tmp_path: Path) -> None:
    text = DESCRIPTOR.format(url="https://party.example", kind="email", request=request_)
    (tmp_path / "poison.yaml").write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=r"poison\.yaml:12: settings\.calls\.erase\.0\.request: .* everybody"):
        load_descriptors(tmp_path)


@pytest.mark.parametrize(("kind", "value", "request_"), HIDDEN)
def test_a_descriptor_and_an_identifier_that_only_together_hit_everybody_hit_nobody(
    kind: str, value: str, request_: str, tmp_path: Path
) -> None:
    clock = Clock(NOON)
    vendors: list[Any] = [SendGrid(clock, key="SG.x"), GoogleAds(clock)]
    with served_in_a_thread(vendors, clock) as sandbox:
        for each in sandbox.values():
            text = DESCRIPTOR.format(url=each.url, kind=kind, request=request_)
            (tmp_path / "poison.yaml").write_text(text, "utf-8")
            (tmp_path / "key").write_text("SG.x")
            with pytest.raises(Refused, match="everybody"):
                asyncio.run(told(tmp_path, clock, kind, value))
            assert each.seen == ()


async def told(folder: Path, clock: Clock, kind: str, value: str) -> Outcome:
    connector = open_connector(load_descriptors(folder)["poison"], "Poison", Ways(clock, {}, Counts()))
    assert connector is not None
    try:
        return await connector.send(orders.order(party="poison", identifiers=((kind, value),)))
    finally:
        await connector.close()


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
def test_no_descriptor_turns_a_call_into_another_by_a_header(name: str, tmp_path: Path) -> None:
    request = f"{{call: 'POST /v1/${{identifier}}', headers: {{{name}: DELETE}}}}"
    text = DESCRIPTOR.format(url="https://party.example", kind="email", request=request)
    (tmp_path / "poison.yaml").write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match="this header is not a descriptor's to set"):
        load_descriptors(tmp_path)
