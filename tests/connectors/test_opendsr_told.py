import asyncio
import base64
import datetime as dt
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from connectors.opendsr.controller import OpenDsr, _echoes
from connectors.opendsr.messages import Discovery
from connectors.opendsr.signatures import Authorities, signed_digest, vouched
from lineage.cases.orders import Outcome
from lineage.cases.words import Action
from lineage.errors import JalkiError, Misconfigured, Refused
from tests.connectors.companies import Processor
from tests.connectors.keys import Authority
from tests.connectors.orders import CUSTOMER, MAIL
from tests.connectors.serving import WebFault

T = TypeVar("T")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def party(authority: Authority, tmp_path: Path) -> Iterator[Processor]:
    with Processor(authority, tmp_path).running() as made:
        yield made


def run(connector: OpenDsr, act: Callable[[OpenDsr], Awaitable[T]]) -> T:
    async def closing() -> T:
        try:
            return await act(connector)
        finally:
            await connector.close()

    return asyncio.run(closing())


def test_a_request_names_the_person_as_she_was_sent_to_this_party(party: Processor) -> None:
    asked = party.order(due="2027-01-15")
    outcome = run(party.connector(), lambda connector: connector.send(asked))
    assert (outcome.state, outcome.how, outcome.handle) == ("accepted", "http-201", asked.key)
    [(place, (incoming, _))] = party.requests.opened_.items()
    assert place == ("multitronic", asked.key)
    assert incoming.type == "erasure"
    assert incoming.identifiers == (("customer_id", CUSTOMER), ("email", MAIL))


def test_a_hashed_address_is_told_as_the_hash_it_was_sent_as(party: Processor) -> None:
    digest = hashlib.sha256(MAIL.encode()).hexdigest()
    takes = {"identity_type": "email", "identity_format": "sha256"}
    offered = Discovery.model_validate(
        {
            "api_version": "2.0",
            "supported_identities": [takes],
            "supported_subject_request_types": ["erasure"],
            "processor_certificate": "https://localhost/certificate",
        }
    )
    body = party.connector()._request(party.order(identifiers=(("email", digest),)), offered)
    assert json.loads(body)["subject_identities"] == [{**takes, "identity_value": digest}]


def test_one_that_finds_nobody_by_a_hash_is_told_by_a_person_and_does_not_say_that_it_holds_nothing(
    party: Processor,
) -> None:
    digest = hashlib.sha256(MAIL.encode()).hexdigest()
    for extension in (False, True):
        with pytest.raises(Refused):
            run(
                party.connector(extension=extension),
                lambda connector: connector.send(party.order(identifiers=(("email", digest),))),
            )
    assert not party.requests.opened_


@pytest.mark.parametrize(
    ("status", "state", "ground"),
    [
        ("pending", "accepted", None),
        ("in_progress", "accepted", None),
        ("completed", "verified", None),
        ("cancelled", "failed", "cancelled"),
    ],
)
def test_only_a_signed_word_that_it_is_done_is_a_proof(
    party: Processor, status: str, state: str, ground: str | None
) -> None:
    asked = party.order()

    async def act(connector: OpenDsr) -> Outcome:
        await connector.send(asked)
        party.requests.move("multitronic", asked.key, status)
        return await connector.ask(asked)

    outcome = run(party.connector(), act)
    assert (outcome.state, outcome.how, outcome.ground) == (state, "signed-answer", ground)


def test_a_proof_can_be_checked_later_without_the_party(party: Processor) -> None:
    asked = party.order()

    async def act(connector: OpenDsr) -> tuple[Outcome, Outcome]:
        accepted = await connector.send(asked)
        party.requests.move("multitronic", asked.key, "completed")
        return accepted, await connector.ask(asked)

    accepted, verified = run(party.connector(), act)
    for outcome in (accepted, verified):
        kept = json.loads(outcome.evidence)
        pem, digest = kept["certificate"].encode(), bytes.fromhex(kept["sha256"])
        certificate = vouched(pem, kept["domain"], Authorities.of(party.authority.ca), (), party.clock())
        assert signed_digest(certificate, kept["signature"], digest)
        assert not signed_digest(certificate, kept["signature"], hashlib.sha256(b"another").digest())
    said = json.loads(verified.evidence)["said"]
    assert hashlib.sha256(said.encode()).hexdigest() == json.loads(verified.evidence)["sha256"]
    # §7.3: what repeats the request must not be stored.
    assert not [each for each in ("encoded_request", MAIL, CUSTOMER) if each in accepted.evidence.decode()]


@pytest.mark.parametrize("action", ["rectify", "restrict", "lift", "stop", "send"])
def test_what_opendsr_has_no_request_for_is_told_by_a_person(party: Processor, action: Action) -> None:
    with pytest.raises(Refused, match="by hand"):
        run(party.connector(), lambda connector: connector.send(party.order(action=action)))
    assert not party.requests.opened_


def test_a_person_is_named_whole_or_not_at_all(party: Processor) -> None:
    """OpenDSR has no type for telephones; an order number may be left out, for it hangs on the customer number."""
    phone, number = ("phone", "+358401234567"), ("order_id", "O-1")
    with pytest.raises(Refused, match="phone"):
        run(party.connector(), lambda connector: connector.send(party.order(identifiers=(("email", MAIL), phone))))
    with pytest.raises(Refused, match="order_id"):
        run(party.connector(), lambda connector: connector.send(party.order(identifiers=(number,))))
    run(party.connector(), lambda connector: connector.send(party.order(identifiers=(("email", MAIL), number))))
    assert [incoming.identifiers for incoming, _ in party.requests.opened_.values()] == [(("email", MAIL),)]


def test_a_company_that_runs_jalki_too_is_told_every_identifier(party: Processor) -> None:
    identifiers = (("email", MAIL), ("order_id", "O-1"), ("phone", "+358401234567"))
    asked = party.order(identifiers=identifiers)
    run(party.connector(extension=True), lambda connector: connector.send(asked))
    assert [incoming.identifiers for incoming, _ in party.requests.opened_.values()] == [identifiers]


def test_a_request_is_taken_back_while_it_is_pending_and_not_later(party: Processor) -> None:
    first, second = party.order(), party.order()

    async def act(connector: OpenDsr) -> list[bool]:
        for each in (first, second):
            await connector.send(each)
        party.requests.move("multitronic", second.key, "in_progress")
        return [await connector.cancel(each) for each in (first, second, party.order())]

    assert run(party.connector(), act) == [True, False, False]


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        ("forged", Refused, "does not sign its answer rightly"),
        ("unsigned", Refused, "does not sign its answer rightly"),
        ("huge", Refused, "bytes"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_none(
    party: Processor, fault: WebFault, error: type[JalkiError], told: str
) -> None:
    asked = party.order()

    async def act(connector: OpenDsr) -> None:
        await connector._known.discovery()
        party.app.fault = fault
        for attempt in (connector.send, connector.ask):
            with pytest.raises(error, match=told):
                await attempt(asked)

    run(party.connector(), act)


def test_a_request_the_party_does_not_know_was_never_told(party: Processor) -> None:
    outcome = run(party.connector(), lambda connector: connector.ask(party.order()))
    assert (outcome.state, outcome.how) == ("failed", "http-404")


def test_a_party_that_has_taken_a_new_certificate_is_believed_by_that(party: Processor) -> None:
    asked = party.order()

    async def act(connector: OpenDsr) -> tuple[Outcome, Outcome]:
        first = await connector.send(asked)
        party.sign_with(party.authority.issue("localhost", "newer"))
        party.clock.time += 61_000_000
        return first, await connector.ask(asked)

    assert [outcome.state for outcome in run(party.connector(), act)] == ["accepted", "accepted"]


def test_certificates_of_others_for_others_ended_or_not_pinned_are_not_believed(
    party: Processor, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "other", "Another authority")
    ended = dt.timedelta(days=-1)
    wrong = (
        stranger.issue("localhost", "stranger"),
        party.authority.issue("elsewhere.example", "elsewhere"),
        party.authority.issue("localhost", "ended", ends=ended),
    )
    for pair in wrong:
        party.sign_with(pair)
        with pytest.raises(Refused, match="does not verify"):
            run(party.connector(), lambda connector: connector.send(party.order()))
    party.sign_with(party.tls)
    with pytest.raises(Refused, match="pinned"):
        run(party.connector(pins=frozenset({"0" * 64})), lambda connector: connector.send(party.order()))
    assert not party.requests.opened_


def test_a_certificate_on_another_host_is_never_called_for(party: Processor) -> None:
    party.url = "https://169.254.169.254/opendsr/v2"
    party.sign_with(party.tls)
    with pytest.raises(Refused, match="another host"):
        run(party.connector(), lambda connector: connector.send(party.order()))


def test_a_party_nobody_we_trust_vouches_for_is_told_nothing(party: Processor, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "other", "Another authority")
    with pytest.raises(Misconfigured, match="certificate"):
        run(party.connector(ca_file=stranger.ca), lambda connector: connector.send(party.order()))


@pytest.mark.parametrize(
    "url", ["http://processor.example/v2", "https://u:p@processor.example", "processor.example", "https://x.fi/?a=1"]
)
def test_an_address_that_could_leak_or_lead_astray_is_a_fault_of_the_settings(party: Processor, url: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        party.connector(url=url)
    assert url not in str(raised.value)


def test_a_key_that_opendsr_does_not_take_is_for_a_person(party: Processor) -> None:
    wrong = replace(party.order(), key="6F6C2A0E-6B1F-5F53-9B7E-6A616C6B6921")
    with pytest.raises(Refused, match="UUID v4"):
        run(party.connector(), lambda connector: connector.send(wrong))


def test_a_request_that_is_refused_again_is_not_taken_for_one_that_was_lost(party: Processor) -> None:
    party.app.fault = "refused"
    with pytest.raises(Refused, match="400"):
        run(party.connector(), lambda connector: connector.send(party.order(attempt=2)))


def test_an_attempt_of_another_time_is_the_same_request(party: Processor) -> None:
    asked = party.order()

    async def act(connector: OpenDsr) -> list[str]:
        first = await connector.send(asked)
        party.clock.time += 3_600_000_000
        return [first.state, (await connector.send(replace(asked, attempt=2))).state]

    assert run(party.connector(), act) == ["accepted", "accepted"]
    assert len(party.requests.opened_) == 1


@pytest.mark.parametrize("encoded", ["", "!", "W10=", "e30="])
def test_a_party_that_confirms_another_request_is_not_believed(encoded: str) -> None:
    assert not _echoes(encoded, b'{"subject_request_id": "x", "submitted_time": "now"}')
    ours = base64.b64encode(b'{"submitted_time": "before", "subject_request_id": "x"}').decode()
    assert _echoes(ours, b'{"subject_request_id": "x", "submitted_time": "now"}')
