"""Where others may reach the sandbox it is served over TLS, by a certificate that no vendor and nobody else has."""

import asyncio
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509

from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.protocol import Connector
from connectors.sandbox.certificates import others
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.analytics import GoogleAnalytics
from connectors.sandbox.pointing import PROPERTY
from connectors.sandbox.serving import served_in_a_thread
from console.sandboxing import shop_files
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured
from lineage.times import now
from tests.connectors.orders import order
from tests.connectors.vendors.google.stages import DEVICE, Counts
from tests.sandbox.invented import Invented

ELSEWHERE = "127.0.0.2"


@contextmanager
def served(host: str, name: str) -> Iterator[tuple[str, ssl.SSLContext]]:
    """A vendor where others reach it: its URL, and what believes its certificate."""
    shown = others(name)
    with served_in_a_thread([Invented()], Clock(), host=host, others=shown) as sandbox:
        yield sandbox["invented"].url, ssl.create_default_context(cadata=shown.authority)


def test_it_is_reached_over_tls_by_the_name_that_was_given_and_on_this_machine() -> None:
    with served("127.0.0.1", "localhost") as (url, believed):
        assert url.startswith("https://localhost:")
        for each in (url, url.replace("localhost", "127.0.0.1")):
            assert httpx2.get(f"{each}/_sandbox/held", verify=believed).json() == {"names": []}


def test_it_listens_on_another_address_only_where_others_may_reach_it() -> None:
    with served(ELSEWHERE, ELSEWHERE) as (url, believed):
        assert url.startswith(f"https://{ELSEWHERE}:")
        assert httpx2.get(f"{url}/_sandbox/held", verify=believed).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(url.replace(ELSEWHERE, "127.0.0.1"), verify=believed)
    with served("0.0.0.0", "localhost") as (url, believed):  # noqa: S104 - what a container has to bind
        assert httpx2.get(f"{url}/_sandbox/held", verify=believed).status_code == 200


def test_there_is_no_plain_http_and_no_belief_by_others() -> None:
    with served(ELSEWHERE, ELSEWHERE) as (url, _):
        for each in (url, url.replace("https", "http")):
            with pytest.raises((httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError)):
                httpx2.get(f"{each}/_sandbox/held")
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx2.get(url, verify=ssl.create_default_context(cadata=others(ELSEWHERE).authority))


def test_a_web_page_that_calls_it_by_another_name_cannot_steer_it() -> None:
    with served("127.0.0.1", "localhost") as (url, believed):
        for headers in ({"Host": "rebound.example"}, {"Origin": url}):
            answer = httpx2.get(f"{url}/_sandbox/held", verify=believed, headers=headers)
            assert answer.status_code == 403


def test_its_authority_is_good_for_nothing_else_and_its_keys_are_in_no_file(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(tmp_path))
        shown = others("sandbox")
    assert list(tmp_path.iterdir()) == []
    assert "PRIVATE KEY" not in shown.authority + repr(shown)
    authority = x509.load_pem_x509_certificate(shown.authority.encode())
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert others("sandbox").authority != shown.authority


@pytest.mark.parametrize(
    "name", ["", "sandbox:9500", "https://sandbox", "a b", "*.example", "-a", "a" * 254, "ä.example"]
)
def test_what_is_no_name_of_a_host_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match="--host"):
        others(name)


def test_a_connector_signs_in_and_calls_by_the_files_that_are_written(tmp_path: Path) -> None:
    """Google's sign-in is the one that asks whom it may send a token."""
    clock, shown = Clock(), others(ELSEWHERE)
    (tmp_path / "ca.pem").write_text(shown.authority, "ascii")
    with served_in_a_thread([GoogleAnalytics(clock)], clock, host=ELSEWHERE, others=shown) as sandbox:
        vendor = sandbox["google-analytics"]
        vendor.seed({"properties": {PROPERTY: {"clientId": [DEVICE]}}})
        for name, text in shop_files(vendor, "ca.pem").items():
            (tmp_path / name).write_text(text, "utf-8")
        connector = open_connector(load_descriptors(tmp_path)[vendor.vendor.name], "Google", Ways(now, {}, Counts()))
        assert connector is not None
        asked = order(identifiers=(("device_id", DEVICE),), categories=("device_id",), purposes=("analytics",))
        outcome = asyncio.run(sent(connector, asked))
        assert outcome.state == "promised"
        assert vendor.counts["POST", "/token"] == 1


async def sent(connector: Connector, asked: Order) -> Outcome:
    try:
        return await connector.send(asked)
    finally:
        await connector.close()
