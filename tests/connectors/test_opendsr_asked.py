import asyncio
import json
import ssl
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from connectors.answers import Asked
from connectors.opendsr.answering import Answering, Company, Incoming
from connectors.opendsr.callbacks import Callbacks
from connectors.opendsr.signatures import DOMAIN_HEADER, SIGNATURE_HEADER, Signer
from connectors.opendsr.telling import Telling
from connectors.web import CALLBACKS, PROCESSOR, public_app
from lineage.answers.records import Cell, Record, packed
from lineage.errors import Misconfigured, Refused, Retryable
from tests.connectors.companies import CALLBACK, TOKEN, Processor
from tests.connectors.kept import KeptAnswers
from tests.connectors.keys import Authority
from tests.connectors.orders import MAIL
from tests.connectors.serving import Faulty, web
from tests.servers.waiting import free_port

OTHERS = "token of smartdeals"
HASH = sha256(MAIL.encode()).hexdigest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def us(authority: Authority, tmp_path: Path) -> Processor:
    return Processor(authority, tmp_path)


def call(us: Processor, method: str, path: str, said: object = None, token: str = TOKEN) -> httpx2.Response:
    body = said if isinstance(said, bytes) else json.dumps(said).encode() if said is not None else None

    async def run() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=us.app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://us.example") as client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await client.request(method, f"{PROCESSOR}/{path}", content=body, headers=headers)

    return asyncio.run(run())


def request(**changed: object) -> dict[str, object]:
    return {
        "regulation": "gdpr",
        "subject_request_id": str(uuid4()),
        "subject_request_type": "erasure",
        "submitted_time": "2026-12-01T10:00:00+02:00",
        "subject_identities": [{"identity_type": "email", "identity_value": MAIL, "identity_format": "raw"}],
    } | changed


def test_every_answer_is_signed_refusals_too(us: Processor) -> None:
    answers = [
        call(us, "POST", "requests", request()),
        call(us, "POST", "requests", b"{"),
        call(us, "GET", f"requests/{uuid4()}"),
        call(us, "GET", "discovery", token=""),
        call(us, "GET", f"requests/{uuid4()}", token=OTHERS),
    ]
    assert [answer.status_code for answer in answers] == [201, 400, 404, 200, 401]
    for answer in answers:
        assert answer.headers[DOMAIN_HEADER] == "localhost"
        assert us.signer().headers(answer.content)[SIGNATURE_HEADER] == answer.headers[SIGNATURE_HEADER]
        assert answer.headers["cache-control"] == "no-store"


def test_the_same_request_twice_is_one_and_another_under_its_id_is_refused(us: Processor) -> None:
    asked = request()
    assert [call(us, "POST", "requests", asked).status_code for _ in range(2)] == [201, 201]
    other = asked | {"subject_request_type": "access"}
    assert call(us, "POST", "requests", other).status_code == 400
    assert len(us.requests.opened_) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"regulation": "ccpa"},
        {"subject_request_type": "portability"},
        {"subject_request_id": "a7551968-d5d6-54b2-9831-815ac9017798"},
        {"submitted_time": "2026-12-01T10:00:00"},
        {"subject_identities": []},
        {"subject_identities": [{"identity_type": "email", "identity_value": MAIL, "identity_format": "md5"}]},
        {"subject_identities": [{"identity_type": "email", "identity_value": HASH, "identity_format": "sha256"}]},
        {"subject_identities": [{"identity_type": "email", "identity_value": HASH, "identity_format": "raw"}]},
        {"extensions": {"localhost": {"identifiers": [{"kind": "email", "value": HASH}]}}},
        {"extensions": {"localhost": {"identifiers": [{"kind": "name", "value": "Maija Meri"}]}}},
        {"subject_identities": [{"identity_type": "android_id", "identity_value": "x", "identity_format": "raw"}]},
        {"status_callback_urls": ["http://169.254.169.254/latest"]},
        {"status_callback_urls": [CALLBACK, "https://127.0.0.1/admin"]},
        {"status_callback_urls": [CALLBACK + "/.."]},
        {"extensions": {"localhost": {"identifiers": [{"kind": "Not a kind", "value": "x"}]}}},
        {"subject_identities": [{"identity_type": "email", "identity_value": "x" * 600, "identity_format": "raw"}]},
    ],
)
def test_a_request_we_cannot_carry_out_whole_is_refused_and_its_values_are_not_repeated(
    us: Processor, changed: dict[str, object]
) -> None:
    answer = call(us, "POST", "requests", request(**changed))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400
    assert not [each for each in (MAIL, HASH, "Maija", "169.254", "Not a kind") if each in answer.text]
    assert not us.requests.opened_


def test_a_company_sees_and_cancels_its_own_requests_alone(us: Processor, tmp_path: Path) -> None:
    asked = request()
    call(us, "POST", "requests", asked)
    (tmp_path / "other").write_text(OTHERS)
    companies = [us.company, Company("smartdeals", tmp_path / "other")]
    us.app = Faulty(public_app(answering=Answering(us.signer(), companies, us.requests, us.url, us.clock)))
    path = f"requests/{asked['subject_request_id']}"
    for method in ("GET", "DELETE"):
        assert call(us, method, path, token=OTHERS).status_code == 404
    assert call(us, "GET", path).json()["request_status"] == "pending"
    assert call(us, "DELETE", path).status_code == 202
    assert call(us, "DELETE", path).status_code == 400
    assert call(us, "GET", path).json()["request_status"] == "cancelled"


def test_a_company_fetches_the_results_of_its_own_request_alone_and_they_are_signed(
    us: Processor, tmp_path: Path
) -> None:
    (tmp_path / "other").write_text(OTHERS)
    companies = [us.company, Company("smartdeals", tmp_path / "other")]
    us.app = Faulty(public_app(answering=Answering(us.signer(), companies, us.requests, us.url, us.clock)))
    asked = request(subject_request_type="access")
    call(us, "POST", "requests", asked)
    key = str(asked["subject_request_id"])
    path = f"requests/{key}"
    assert "results_url" not in call(us, "GET", path).json()
    assert call(us, "GET", f"{path}/results").status_code == 404
    us.requests.move("multitronic", key, "completed", results=2)
    cells = tuple(Cell("note", each, "claim", "claim", "provided") for each in (MAIL, None))
    us.requests.copies["multitronic", key] = packed([Record("crm", "notes", cells), Record("crm", "notes", cells[:1])])
    said = call(us, "GET", path).json()
    assert (said["results_url"], said["results_count"]) == (f"{us.url}/{path}/results", 2)
    assert [call(us, "GET", f"{path}/results", token=each).status_code for each in (OTHERS, "", "wrong")] == [
        404,
        401,
        401,
    ]
    answer = call(us, "GET", f"{path}/results")
    assert answer.json() == {"crm: notes": [{"note": MAIL, "note (2)": None}, {"note": MAIL}]}
    assert us.signer().headers(answer.content)[SIGNATURE_HEADER] == answer.headers[SIGNATURE_HEADER]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1]])
def test_nobody_without_a_token_of_ours_asks_anything(us: Processor, token: str) -> None:
    assert call(us, "POST", "requests", request(), token=token).status_code == 401
    assert not us.requests.opened_


def test_companies_do_not_share_a_token(us: Processor) -> None:
    twice = [us.company, Company("smartdeals", us.token)]
    with pytest.raises(Misconfigured, match="smartdeals"):
        Answering(us.signer(), twice, us.requests, us.url, us.clock)


def test_a_key_that_is_not_the_certificates_signs_nothing(us: Processor) -> None:
    other = us.authority.issue("localhost", "other")
    with pytest.raises(Misconfigured, match="pair"):
        Signer("localhost", us.tls.certificate, other.key)
    with pytest.raises(Misconfigured, match="PEM"):
        Signer("localhost", us.tls.certificate, us.token)


def test_a_company_is_called_back_at_the_addresses_agreed_with_it_and_nowhere_else(us: Processor) -> None:
    standing = asyncio.run(us.requests.opened(_incoming(us)))

    async def tell(company: str, url: str) -> None:
        telling = Telling(us.signer(), [us.company], us.clock, us.url)
        try:
            await telling.tell(company, str(uuid4()), standing, url)
        finally:
            await telling.close()

    for company, url in (("multitronic", "https://127.0.0.1/admin"), ("smartdeals", CALLBACK)):
        with pytest.raises(Refused, match="not agreed"):
            asyncio.run(tell(company, url))


def _incoming(us: Processor) -> Incoming:
    call(us, "POST", "requests", request())
    return next(iter(us.requests.opened_.values()))[0]


@pytest.fixture
def both(authority: Authority, tmp_path: Path) -> Iterator[tuple[Processor, KeptAnswers, Faulty, str]]:
    """A processor and the controller that asks it, each on a server of its own."""
    port = free_port()
    url = f"https://127.0.0.1:{port}{CALLBACKS}"
    with Processor(authority, tmp_path, callback=url).running() as processor:
        answers, known = KeptAnswers(), processor.known()
        inner = public_app(callbacks=Callbacks([known], answers, url, processor.clock))

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/close":  # connections are let go in the loop that they were made in
                await known.close()
            await inner(scope, receive, send)

        callbacks = Faulty(app)
        with web(callbacks, port, authority.issue("localhost", "controller")):
            yield processor, answers, callbacks, url
            trust = ssl.create_default_context(cafile=authority.ca)
            httpx2.get(f"https://127.0.0.1:{port}/close", verify=trust, trust_env=False, timeout=20.0)


def test_from_request_to_signed_callback_over_the_network(
    both: tuple[Processor, KeptAnswers, Faulty, str],
) -> None:
    processor, answers, callbacks, url = both
    order = processor.order()

    async def whole() -> None:
        connector = processor.connector()
        connector._callback_url = url
        outcome = await connector.send(order)
        answers.tasks[order.key] = Asked(order.key, "multicare", "erase", "instruction", order.case, outcome.state)
        standing = processor.requests.move("multitronic", order.key, "completed")
        company = replace(processor.company, ca_file=processor.authority.ca)
        telling = Telling(processor.signer(), [company], processor.clock, processor.url, seconds=5.0)
        callbacks.fault = "broken"
        with pytest.raises(Retryable):
            await telling.tell("multitronic", order.key, standing, url)
        callbacks.fault = None
        await telling.tell("multitronic", order.key, standing, url)
        await telling.tell("multitronic", order.key, standing, url)
        await telling.close()
        await connector.close()

    asyncio.run(whole())
    assert [(key, outcome.state, outcome.how) for key, outcome in answers.outcomes] == [
        (order.key, "verified", "signed-answer")
    ]
