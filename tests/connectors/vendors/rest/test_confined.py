"""No identifier and no descriptor can make a call leave the party's address: as a socket sees it, and as a URL is read."""

import asyncio
import posixpath
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.channel import Ways
from connectors.descriptors import load_descriptors
from connectors.normalisers import NORMALISERS
from connectors.sandbox.clock import Clock
from connectors.vendors.rest.channel import REST
from connectors.vendors.rest.shapes import CallSettings, RequestSettings, RestSettings
from connectors.vendors.rest.templates import names_in, path_of, query_of
from connectors.vendors.rest.units import work_of
from lineage.cases.orders import Order, Outcome
from lineage.errors import Refused
from tests.connectors import orders
from tests.connectors.counting import Counts
from tests.connectors.vendors.rest.club import Club
from tests.connectors.vendors.rest.stages import NOON, addressed, page_text, send, told

PREFIX = "/tenant-7/api"
STEERING = st.sampled_from([".", "/", "\\", "?", "#", "&", "=", ";", ":", "@", "%", " ", "*", "$", "{", "}"]) | st.sampled_from(
    [
        "..", "//", "%2e%2e", "%2F", "%00", "\r\n", "\n", "\r", "\t", "\0", "\u2028", "\u202e", "．．／", "\udc80",
        "http://evil.example", "//evil.example", "HTTP/1.1\r\nX: y", "${identifier}", "${constants.x}", "ä", "a@b.example",
    ]
)  # fmt: skip
ODD = st.lists(STEERING | st.text(max_size=3), min_size=0, max_size=6).map("".join)


class Wire:
    """A socket that notes the bytes of requests, and answers 204."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.under_way: set[asyncio.Task[None] | None] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.under_way.add(asyncio.current_task())
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            await writer.wait_closed()


async def _sent(identifiers: Sequence[str], folder: Path) -> tuple[list[bytes], Outcome, int]:
    wire = Wire()
    server = await asyncio.start_server(wire, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (folder / "bonus-club.yaml").write_text(addressed(page_text(), f"http://127.0.0.1:{port}{PREFIX}"), "utf-8")
    (folder / "bonus-club.token").write_text("a-token")
    connector = REST.connect(load_descriptors(folder)["bonus-club"], "Club", Ways(Clock(NOON), {}, Counts()))
    assert connector is not None
    try:
        given_: Order = orders.order(party="bonus-club", identifiers=tuple(("email", each) for each in identifiers))
        outcome = await connector.send(given_)
        wire.heads, told_ = [], wire.heads
        if outcome.state == "accepted":
            await connector.ask(replace(given_, handle=outcome.handle))
        return [*told_, *wire.heads], outcome, port
    finally:
        await connector.close()
        await asyncio.gather(*filter(None, wire.under_way))
        server.close()
        await server.wait_closed()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(identifiers=st.lists(ODD, max_size=3))
def test_whatever_an_identifier_is_made_of_it_is_one_segment_of_the_path(
    identifiers: list[str], tmp_path: Path
) -> None:
    heads, outcome, port = asyncio.run(_sent(identifiers, tmp_path))
    assert outcome.state in {"accepted", "manual", "failed"}
    assert bool(heads) == (outcome.state != "manual")
    forms = {*identifiers, *(orders_form(each) for each in identifiers)}
    for head in heads:
        line, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        method, target, version = line.split(b" ")
        assert (method, version) in {(b"DELETE", b"HTTP/1.1"), (b"GET", b"HTTP/1.1")}
        before, _, segment = target.decode("ascii").rpartition("/")
        assert before == f"{PREFIX}/v1/members"
        assert not set(segment) & set("?#/\\ \t")
        assert unquote(segment, errors="strict") in forms
        names = sorted(each.partition(b":")[0].lower() for each in headers)
        assert len(names) == len(set(names))
        assert f"host: 127.0.0.1:{port}".encode() in [each.lower() for each in headers]


def orders_form(value: str) -> str:
    """The other form that the page's descriptor names."""
    return NORMALISERS["email@1"](value)


@given(st.lists(STEERING | st.sampled_from(["/", "/v1", "members", "${identifier}"]), max_size=8).map("".join), ODD)
def test_whatever_a_descriptor_calls_is_refused_or_stays_below_the_address(path: str, value: str) -> None:
    try:
        said = RequestSettings.model_validate({"call": f"GET {path}", "query": {"q": "${identifier}"}})
    except ValidationError:
        return
    values = dict.fromkeys(names_in(path), value) | {"identifier": value}
    filled = path_of(said.path, values)
    if filled is None:
        return
    try:
        whole = filled + query_of(said.query, values)
    except UnicodeEncodeError:
        pytest.fail("a value without a code in UTF-8 is no sound one")
    url = httpx2.URL(f"https://party.example{PREFIX}{whole}")
    target = url.raw_path.decode("ascii").partition("?")[0]
    assert (url.scheme, url.host, url.port, url.userinfo, url.fragment) == ("https", "party.example", None, b"", "")
    assert target.startswith(f"{PREFIX}/")
    assert posixpath.normpath(unquote(target)).startswith(f"{PREFIX}/")


@pytest.mark.parametrize(
    "call",
    [
        "GET /v1/../admin", "GET //evil.example/${identifier}", "GET https://evil.example/", "GET /v1/%2e%2e/x",
        "GET /v1?x=1", "GET /v1#x", "GET /v1/x y", "TRACE /v1", "GET v1", "GET /v1/${change.email}", "GET /v1/${nobody}",
        "GET /v1/${identifier", "GET /v1/\r\nX: y", "GET /v1/", "GET /.", "get /v1",
    ],
)  # fmt: skip
def test_a_call_that_could_lead_elsewhere_is_refused_in_the_descriptor(call: str) -> None:
    with pytest.raises(ValidationError):
        RequestSettings.model_validate({"call": call})


@pytest.mark.parametrize("name", ["Host", "authorization", "Content-Length", "Cookie", "X Y", "X\r\nY", ""])
def test_a_header_that_steers_is_not_a_descriptors_to_set(name: str) -> None:
    with pytest.raises(ValidationError):
        RequestSettings.model_validate({"call": "GET /v1/${identifier}", "headers": {name: "x"}})


def test_a_redirect_is_refused_and_nobody_follows_it(tmp_path: Path) -> None:
    with told(Club(), Clock(NOON), page_text(), tmp_path) as party:
        party.state.elsewhere = True
        with pytest.raises(Refused, match="sends us elsewhere"):
            send(party, orders.order(party="bonus-club"))
        assert [each.method for each in party.hosted.seen] == ["DELETE"]


@given(st.lists(st.tuples(st.sampled_from(["phone", "customer_id", "order_id"]), st.text(max_size=5)), max_size=5))
@settings(max_examples=30, deadline=None)
def test_without_an_identifier_of_its_kind_nothing_at_all_is_called(others: list[tuple[str, str]]) -> None:
    for party, calls in shipped_erasures():
        work = work_of(calls, orders.order(party=party, identifiers=tuple(others)), {}, {})
        assert (work.units, bool(work.reason)) == ((), True)


def shipped_erasures() -> list[tuple[str, Sequence[CallSettings]]]:
    said = [(each.party, each.settings) for each in load_descriptors().values()]
    return [
        (party, each.calls["erase"]) for party, each in said if isinstance(each, RestSettings) and "erase" in each.calls
    ]
