"""What is wrong in the settings of the channel `rest` is told with its line, or when the connector is opened."""

from pathlib import Path

import pytest

from connectors.channel import Ways
from connectors.descriptors import load_descriptors
from connectors.sandbox.clock import Clock
from connectors.vendors.rest.channel import REST
from lineage.errors import Misconfigured
from tests.connectors.counting import Counts
from tests.connectors.vendors.rest.stages import NOON, page_text, shipped_text

DELETE, ROW = "{call: 'DELETE /v1/members/${identifier}'}", "{status: 204, state: accepted}"


def write(folder: Path, text: str) -> Path:
    (folder / "bonus-club.yaml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("login: {bearer: {file: bonus-club.token}}", "login: {}", ":17: settings.login: name one of header, bearer"),
        ("login: {bearer: {file", "login: {beer: {file", "unknown key settings.login.beer; do you mean bearer?"),
        ("for_each: email", "for_each: E-mail", "settings.calls.erase.0.for_each is not written as it must be"),
        ("for_each: email", "for_eich: email", "unknown key settings.calls.erase.0.for_eich; do you mean for_each?"),
        (DELETE, "{call: 'DELETE /v1/../x'}", ":22: settings.calls.erase.0.request.call: a path is /segments"),
        (DELETE, "{call: 'DELETE /v1/members'}", "a call names whom it is about"),
        (DELETE, "{call: 'DELETE /v1/${identifer}'}", "there is no ${identifer} here"),
        (DELETE, "{call: 'DELETE /v1/${constants.shop}/${identifier}'}", "which is not among the constants"),
        (DELETE, "{call: 'DELETE /v1/${identifier}', at: other}", "which is not among the addresses"),
        (DELETE, "{call: 'GET /v1/members/${identifier}'}", "access is a GET, and nothing else is"),
        (DELETE, "{call: 'POST /v1', body: {x: 'a ${identifier}'}}", "a placeholder is a whole value of a body"),
        (DELETE, "{call: 'POST /v1', body: {x: '${change.email}', y: '${identifier}'}}", "only rectify has them"),
        (
            DELETE,
            "{call: 'POST /v1', encoding: form, body: {x: [1], y: '${identifier}'}}",
            "values of a form are texts",
        ),
        (DELETE, "{call: 'POST /v1/${identifier}', headers: {X: '${identifier}'}}", "there is no ${identifier} here"),
        (ROW, "{status: 204, state: verified}", "only a read_back can show that"),
        (ROW, "{status: 204, state: done}", ":25: settings.calls.erase.0.answers.0.state must be one of"),
        (ROW, "{status: 302, state: accepted}", "nobody is followed elsewhere"),
        (ROW, "{status: 401, state: manual}", "401 is a login"),
        (ROW, "{status: 204, state: promised}", "promised needs within"),
        (ROW, "{status: 204, state: declined, ground: why}", "declined needs a ground: law, claims"),
        ("idempotency: Idempotency-Key", "idempotency: Host", "this header is not a descriptor's to set"),
        ("idempotency: Idempotency-Key", "pattern: '['", "it is no regular expression"),
        ("idempotency: Idempotency-Key", "needs: {change.phone: x}", "which the call does not use"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_was_meant(right: str, wrong: str, named: str, tmp_path: Path) -> None:
    text = page_text()
    assert right in text
    with pytest.raises(Misconfigured) as raised:
        load_descriptors(write(tmp_path, text.replace(right, wrong, 1)))
    assert str(raised.value).startswith("bonus-club.yaml:")
    assert named in str(raised.value)


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("{call: 'DELETE", "{rate: erasures, call: 'DELETE", "has no rate erasures"),
        ("proof: verified}", "proof: accepted}", "calls to erase of bonus-club claim more than the proof"),
        ("address: https://", "address: http://", "is not https"),
        ("erase: {does", "erase: {by: letter, does", "has calls to erase, which its means do not tell by calls"),
        ("settings:\n", "settings:\n  constants: {shop: ''}\n", "leaves shop empty: fill it in"),
        ("settings:\n", "settings:\n  addresses: {other: 'http://x.example'}\n", "is not https"),
    ],
)
def test_what_does_not_fit_the_rest_of_the_descriptor_is_told_when_it_is_opened(
    right: str, wrong: str, named: str, tmp_path: Path
) -> None:
    found = load_descriptors(write(tmp_path, page_text().replace(right, wrong, 1)))["bonus-club"]
    with pytest.raises(Misconfigured, match=named):
        REST.connect(found, "Bonus Club", Ways(Clock(NOON), {}, Counts()))


@pytest.mark.parametrize("party", ["adyen", "klarna", "paypal", "ups"])
def test_a_shipped_descriptor_says_which_host_it_is_of_and_names_no_secret(party: str) -> None:
    text = shipped_text(party)
    assert "Live address" in text
    assert '\naddress: ""\n' in text
