"""A package goes straight to the controller she chose: signed, in pieces that can be taken up again, its checksum confirmed."""

import asyncio
import base64
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.targets import Target, load_targets, target_of
from connectors.uploading import Signer, UploadConnector, signature_of
from lineage.answers.package import package
from lineage.answers.portable import portable
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused, Retryable
from tests.connectors.receiver import Receiver, running_receiver
from tests.lineage.answers.matters import NOW, account, matter_of, order, register
from tests.servers.certificates import Authority, new_authority

KEY = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
SIGNER = Signer("multitronic-2026", KEY.sign)
PACKAGE = package(portable(matter_of(account(), order()), register(), "multitronic", NOW))
PIECE = 1_000
ORDER = Order(
    key="7a9e1f0c-2222-4b4b-9c9c-000000000000", task="t", case="c", party="other-vendor", form="notice", action="send",
    controller="multitronic", identifiers=(), categories=(), purposes=(), due="2026-12-01",
)  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    with running_receiver(KEY.public_key(), authority) as server:
        yield server


def target(receiver: Receiver, authority: Authority) -> Target:
    return Target("Vendor", "other-vendor", receiver.url, "dpo 2026-11-20", authority.ca)


def sent(
    to: Target, *, signer: Signer = SIGNER, package: bytes = PACKAGE, asks: bool = False, **changes: str
) -> Outcome:
    async def made(_: Order) -> bytes:
        return package

    async def run() -> Outcome:
        connector = UploadConnector(to, made, signer, lambda: NOW, piece=PIECE, seconds=10)
        try:
            return await (connector.ask if asks else connector.send)(replace(ORDER, **changes))  # type: ignore[arg-type]
        finally:
            await connector.close()

    return asyncio.run(run())


def test_the_package_arrives_whole_and_its_checksum_is_confirmed(receiver: Receiver, authority: Authority) -> None:
    outcome = sent(target(receiver, authority))
    assert (outcome.state, outcome.how) == ("verified", "checksum-confirmed")
    assert receiver.whole == {ORDER.key: PACKAGE}
    assert zipfile.ZipFile(io.BytesIO(receiver.whole[ORDER.key])).testzip() is None
    assert len([call for call in receiver.calls if call[0] == "PUT"]) == -(-len(PACKAGE) // PIECE) > 3


def test_what_was_cut_off_goes_on_where_it_stood(receiver: Receiver, authority: Authority) -> None:
    receiver.resets_after = 2 * PIECE
    with pytest.raises(Retryable):
        sent(target(receiver, authority))
    before = len(receiver.calls)
    assert sent(target(receiver, authority)).state == "verified"
    assert receiver.whole == {ORDER.key: PACKAGE}
    first = receiver.calls[before:][1]
    assert first == ("PUT", f"bytes {2 * PIECE}-{3 * PIECE - 1}/{len(PACKAGE)}")


def test_what_has_arrived_is_not_sent_again(receiver: Receiver, authority: Authority) -> None:
    sent(target(receiver, authority))
    receiver.calls.clear()
    assert sent(target(receiver, authority)).state == "verified"
    assert {method for method, _ in receiver.calls} == {"HEAD"}


def test_a_receiver_that_does_not_confirm_has_only_accepted_it(receiver: Receiver, authority: Authority) -> None:
    receiver.confirms = False
    assert sent(target(receiver, authority)) == Outcome("accepted", how="http-201")


def test_a_receiver_that_has_something_else_is_for_a_person(receiver: Receiver, authority: Authority) -> None:
    receiver.spoils = True
    with pytest.raises(Refused, match="other bytes"):
        sent(target(receiver, authority))


def test_a_receiver_that_keeps_nothing_is_not_asked_for_ever(receiver: Receiver, authority: Authority) -> None:
    receiver.forgets = True
    with pytest.raises(Retryable, match="did not keep"):
        sent(target(receiver, authority))
    assert len(receiver.calls) == 2


def test_whoever_signs_with_another_key_is_not_let_in(receiver: Receiver, authority: Authority) -> None:
    stranger = Signer("multitronic-2026", Ed25519PrivateKey.from_private_bytes(b"x" * 32).sign)
    with pytest.raises(Misconfigured, match="our public key"):
        sent(target(receiver, authority), signer=stranger)
    assert receiver.pieces == receiver.whole == {}


def test_bytes_that_are_not_those_that_were_signed_for_are_refused_at_the_end(
    receiver: Receiver, authority: Authority
) -> None:
    receiver.pieces[ORDER.key] = bytearray(b"\0" * PIECE)
    with pytest.raises(Refused, match="422"):
        sent(target(receiver, authority))
    assert receiver.whole == {}
    assert sent(target(receiver, authority)).state == "verified"


@pytest.mark.parametrize(
    ("status", "fault"),
    [(503, Retryable), (429, Retryable), (403, Misconfigured), (413, Refused), (301, Refused), (307, Refused)],
)
def test_each_refusal_means_what_it_says(
    receiver: Receiver, authority: Authority, status: int, fault: type[Exception]
) -> None:
    receiver.answers = [404, status]
    with pytest.raises(fault):
        sent(target(receiver, authority))
    assert receiver.whole == {}


def test_to_ask_tells_what_the_receiver_has(receiver: Receiver, authority: Authority) -> None:
    assert sent(target(receiver, authority), asks=True) == Outcome("failed", how="http-404")
    receiver.pieces[ORDER.key] = bytearray(PACKAGE[:PIECE])
    assert sent(target(receiver, authority), asks=True) == Outcome("failed", how="incomplete")
    sent(target(receiver, authority))
    assert sent(target(receiver, authority), asks=True).state == "verified"


def test_only_packages_are_sent(receiver: Receiver, authority: Authority) -> None:
    with pytest.raises(Refused, match="only takes packages"):
        sent(target(receiver, authority), action="erase")
    assert receiver.calls == []


def test_a_certificate_of_somebody_else_gets_nothing(receiver: Receiver, tmp_path: Path) -> None:
    other = new_authority(tmp_path)
    with pytest.raises(Misconfigured, match="does not verify"):
        sent(target(receiver, other))
    assert receiver.calls == []


def test_the_signature_is_the_one_of_the_standard() -> None:
    seen: list[bytes] = []

    def sign(message: bytes) -> bytes:
        seen.append(message)
        return b"signed"

    headers = signature_of(
        {"@method": "PUT", "@target-uri": "https://a.example/x", "repr-digest": "sha-256=:AA=:"}, Signer("k", sign), 5
    )
    parameters = '("@method" "@target-uri" "repr-digest");created=5;keyid="k";alg="ed25519"'
    assert headers == {
        "Signature-Input": f"jalki={parameters}",
        "Signature": f"jalki=:{base64.b64encode(b'signed').decode()}:",
    }
    assert seen == [
        '"@method": PUT\n"@target-uri": https://a.example/x\n"repr-digest": sha-256=:AA=:\n'
        f'"@signature-params": {parameters}'.encode()
    ]


LIST = """
[Vendor]
party = "other-vendor"
url = "https://vendor.example/packages/"
verified = "dpo, by telephone, 2026-11-20"
"""


def test_only_targets_of_the_list_get_anything(tmp_path: Path) -> None:
    (path := tmp_path / "targets.toml").write_text(LIST)
    targets = load_targets(path)
    assert target_of(targets, "Vendor").url == "https://vendor.example/packages"
    with pytest.raises(Refused, match="not in the list"):
        target_of(targets, "https://evil.example")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://vendor", "http://vendor"),
        ("https://vendor", "https://user:word@vendor"),
        ("packages/", "packages?to=x"),
        ('verified = "dpo, by telephone, 2026-11-20"', ""),
        ('verified = "dpo, by telephone, 2026-11-20"', 'verified = ""'),
        ('party = "other-vendor"', "party = 1"),
        ("[Vendor]", "Vendor = 1\n[Other]\nx = 1"),
        ("[Vendor]", "[Vendor"),
    ],
)
def test_a_list_that_would_send_to_somewhere_else_is_refused(tmp_path: Path, before: str, after: str) -> None:
    (path := tmp_path / "targets.toml").write_text(LIST.replace(before, after))
    with pytest.raises(Misconfigured):
        load_targets(path)
