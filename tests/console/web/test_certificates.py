"""Certificates at the console: issued, checked with a key, and nothing crafted or large gets further than it must."""

import json
import re
from html import unescape

import pytest

from console.web.certificate_pages import LARGEST
from lineage.evidence.signing import public_pem
from tests.console.web.auditing import Console, audited, empty, issued
from tests.console.web.reading import Page

__all__ = ["audited", "empty"]
BOUNDARY = "b" * 20


@pytest.fixture
def certificate(audited: Console) -> bytes:
    return issued(audited)


def pasted(console: Console, content: bytes | str, key: str = "", status: int = 200) -> str:
    answer = console.asks("auditor", "POST", "/certificates", data={"certificate": content, "key": key})
    assert answer.status_code == status, answer.text
    page = Page.of(answer.text)
    assert page.faults == []
    return page.text


def sent(console: Console, content: bytes, name: str = "c.json") -> tuple[int, str]:
    answer = console.asks("auditor", "POST", "/certificates", files={"file": (name, content)}, data={"key": ""})
    return answer.status_code, Page.of(answer.text).text


def test_a_certificate_of_a_case_can_be_had_and_checked_by_either_form(audited: Console, certificate: bytes) -> None:
    for text in (pasted(audited, certificate.decode()), sent(audited, certificate)[1]):
        assert "Verified" in text
        assert audited.unsubscribed in text
        assert "this company's own" in text


def test_a_browser_may_end_what_is_pasted_as_it_likes(audited: Console, certificate: bytes) -> None:
    for text in (certificate.decode().strip(), f"\r\n{certificate.decode().strip()}\r\n\r\n"):
        assert "Verified" in pasted(audited, text)


def test_a_changed_certificate_is_not_verified_and_the_page_says_which_check(
    audited: Console, certificate: bytes
) -> None:
    text = pasted(audited, certificate.replace(b'"unsubscribe"', b'"erasure"').decode())
    assert "Not verified" in text
    assert re.search(r"signature ?:", text)


def test_the_public_key_stands_on_the_page_and_checks_what_is_pasted_with_it(
    audited: Console, certificate: bytes
) -> None:
    html = audited.page("auditor", "/certificates").html
    key = re.search(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", html, re.DOTALL)
    assert key
    assert "Verified" in pasted(audited, certificate.decode(), unescape(key[0]))


def test_another_companys_key_does_not_verify(audited: Console, certificate: bytes) -> None:
    text = pasted(audited, certificate.decode(), public_pem(b"o" * 32).decode())
    assert "Not verified" in text
    assert "another key" in text


@pytest.mark.parametrize("key", ["x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "\0", "k" * 9_000])
def test_what_is_no_key_is_refused(audited: Console, certificate: bytes, key: str) -> None:
    assert "no Ed25519 public key" in pasted(audited, certificate.decode(), key, 422)


def test_where_nothing_was_signed_there_is_no_key_and_that_is_said(empty: Console) -> None:
    assert "has signed nothing yet" in pasted(empty, "{}", "", 422)
    assert "There is none yet" in empty.page("auditor", "/certificates").text


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", "null", "{" * 100_000, "[" * 500_000, '{"body":{},"signature":1}', "1" * 5_000, '{"a":NaN}', "\ud83d\ude00",
     json.dumps({"body": {"chain": 1}, "signature": "<script>alert(1)</script>"}), "<script>alert(1)</script>", "\0"],
    ids=range(12),
)  # fmt: skip
@pytest.mark.usefixtures("certificate")
def test_what_is_no_certificate_is_not_verified_and_never_repeated(audited: Console, content: str) -> None:
    answer = audited.asks("auditor", "POST", "/certificates", data={"certificate": content.encode("utf-8", "replace")})
    assert answer.status_code == 200
    assert "Not verified" in answer.text
    assert "<script>alert" not in answer.text


def test_an_empty_form_and_a_pdf_are_refused_with_what_to_do(audited: Console) -> None:
    assert "There is no certificate in the form" in pasted(audited, " ", "", 422)
    assert "That is a PDF" in sent(audited, b"%PDF-1.7 x")[1]


def test_what_is_too_large_is_refused_before_it_is_looked_at(audited: Console) -> None:
    assert "larger than 1 MiB" in pasted(audited, "1" * LARGEST, "", 422)
    status, text = sent(audited, b"1" * (LARGEST + 1))
    assert status == 422
    assert "larger than 1 MiB" in text
    for large in ({"data": {"certificate": "1" * (4 * LARGEST)}}, {"files": {"file": ("c", b"1" * (2 * LARGEST))}}):
        assert audited.asks("auditor", "POST", "/certificates", **large).status_code == 413


def part(name: str, content: str = "x", more: str = "") -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'


FILE = '; filename="f"'


@pytest.mark.parametrize(
    "body",
    ["", "x", part("file", "x", FILE), part("file", "x", FILE) * 2 + f"--{BOUNDARY}--\r\n", part("key") * 9,
     part("key", "k" * 70_000) + f"--{BOUNDARY}--\r\n", part("other") + f"--{BOUNDARY}--\r\n",
     f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--\r\n", f"--{BOUNDARY}\r\n" + "a:b\r\n" * 50_000],
    ids=range(9),
)  # fmt: skip
def test_a_broken_or_crowded_form_with_a_file_is_refused(audited: Console, body: str) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = audited.asks("auditor", "POST", "/certificates", content=body.encode(), headers=headers)
    assert answer.status_code in {413, 422}, answer.text


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; charset=zlib"]
)
def test_a_form_without_a_boundary_is_refused(audited: Console, kind: str) -> None:
    answer = audited.asks("auditor", "POST", "/certificates", content=b"x", headers={"Content-Type": kind})
    assert answer.status_code == 422


def test_what_is_no_form_is_refused(audited: Console, certificate: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert audited.asks("auditor", "POST", "/certificates", content=certificate, headers=headers).status_code == 415


def test_a_form_of_another_site_is_refused(audited: Console) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/certificates", f"/cases/{audited.unsubscribed}/certificate"):
        assert audited.asks("auditor", "POST", path, data={"certificate": "{}"}, headers=headers).status_code == 403
