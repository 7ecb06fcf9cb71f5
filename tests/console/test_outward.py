"""The settings of letters and public pages: what cannot be used is said before anything is opened, and without the text."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mailboxes import is_mailbox
from console.outward import read_outward
from lineage.errors import Misconfigured

MAIL = {"JALKI_MAIL_FROM": "privacy@shop.example", "JALKI_WEB_URL": "https://shop.example"}
PASSWORD = "hunter2hunter2"  # noqa: S105 - nobody's


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://host:port", "smtp://host:99999", f"smtp://me:{PASSWORD}@host",
     "smtp://host/path", "smtp://[::1", "smtps:host"],
)  # fmt: skip
def test_a_mail_server_that_is_none_is_said_without_its_text(url: str) -> None:
    with pytest.raises(Misconfigured, match="JALKI_MAIL is smtp://") as fault:
        read_outward({**MAIL, "JALKI_MAIL": url})
    assert PASSWORD not in str(fault.value)


@pytest.mark.parametrize("missing", ["JALKI_MAIL_FROM", "JALKI_WEB_URL"])
def test_letters_need_a_sender_and_a_way_back(missing: str) -> None:
    given_ = {name: value for name, value in {**MAIL, "JALKI_MAIL": "smtp://127.0.0.1"}.items() if name != missing}
    with pytest.raises(Misconfigured, match=missing):
        read_outward(given_)


def test_the_officers_mailbox_is_one_mailbox_and_needs_a_mail_server() -> None:
    with pytest.raises(Misconfigured, match="JALKI_DPO_MAILBOX is set without JALKI_MAIL"):
        read_outward({"JALKI_DPO_MAILBOX": "dpo@shop.example"})
    with pytest.raises(Misconfigured, match="JALKI_DPO_MAILBOX is the address of one mailbox"):
        read_outward(
            {**MAIL, "JALKI_MAIL": "smtp://127.0.0.1", "JALKI_DPO_MAILBOX": "dpo@shop.example, x@shop.example"}
        )
    given_ = {**MAIL, "JALKI_MAIL": "smtp://127.0.0.1", "JALKI_DPO_MAILBOX": "dpo@shop.example"}
    assert read_outward(given_).officer == "dpo@shop.example"


@pytest.mark.parametrize("other", ["JALKI_MAIL_FROM", "JALKI_MAIL_PASSWORD_FILE"])
def test_settings_of_mail_without_a_mail_server_are_told(other: str) -> None:
    with pytest.raises(Misconfigured, match="without JALKI_MAIL"):
        read_outward({other: "privacy@shop.example"})


@pytest.mark.parametrize(
    "sender",
    ["", "shop", "a@b@c", "a@shop.example, b@shop.example", "Shop <a@shop.example>", "a@shop.example\r\nBcc: x@y.example",
     "@shop.example", "a@", "a b@shop.example", "a@shop.example\u202e"],
)  # fmt: skip
def test_a_sender_that_is_not_one_mailbox_is_said_before_a_letter_is_written(sender: str) -> None:
    with pytest.raises(Misconfigured, match="JALKI_MAIL_FROM is the address of one mailbox"):
        read_outward({**MAIL, "JALKI_MAIL": "smtp://127.0.0.1", "JALKI_MAIL_FROM": sender})


def test_mail_on_this_machine_needs_no_tls_and_elsewhere_it_does() -> None:
    near, far = (
        read_outward({**MAIL, "JALKI_MAIL": url}).mail for url in ("smtp://127.0.0.1:2525", "smtp://mail.example")
    )
    assert near is not None
    assert far is not None
    assert (near.security, near.port) == ("none", 2525)
    assert (far.security, far.port) == ("starttls", 587)


def test_a_folder_of_descriptors_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="JALKI_PARTIES"):
        read_outward({"JALKI_PARTIES": str(tmp_path / "none")})
    assert read_outward({"JALKI_PARTIES": str(tmp_path)}).parties == tmp_path


ASKED = ("JALKI_COMPANIES", "JALKI_OPENDSR_CERTIFICATE_FILE", "JALKI_OPENDSR_KEY_FILE")


def test_companies_may_ask_where_they_are_listed_and_answers_can_be_signed(tmp_path: Path) -> None:
    given_ = {"JALKI_WEB_URL": "https://shop.example", **{name: str(tmp_path / name) for name in ASKED}}
    for name in ASKED:
        (tmp_path / name).touch()
    found = read_outward(given_).asked
    assert found is not None
    assert (found.companies, found.certificate_file, found.key_file) == tuple(tmp_path / name for name in ASKED)
    for name in (*ASKED[1:], "JALKI_WEB_URL"):
        with pytest.raises(Misconfigured, match=name):
            read_outward({each: value for each, value in given_.items() if each != name})
    with pytest.raises(Misconfigured, match="without JALKI_COMPANIES"):
        read_outward({each: value for each, value in given_.items() if each != "JALKI_COMPANIES"})
    (tmp_path / ASKED[2]).unlink()
    with pytest.raises(Misconfigured, match=ASKED[2]):
        read_outward(given_)
    assert read_outward({}).asked is None


@given(st.text(alphabet="ab.@=?-_+'é,;:<>()[]\"\\ \r\n\t\u202e\U0001f600", max_size=12))
def test_what_counts_as_a_mailbox_can_be_written_on_a_letter_and_means_one_recipient(text: str) -> None:
    if is_mailbox(text):
        letter = EmailMessage(policy=SMTP)
        letter["To"] = text
        assert len(letter["To"].addresses) == 1
        assert letter.as_bytes().count(b"\r\n") == 2  # the header and the end: no second line


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"JALKI_DRIFT_WEBHOOK": "https://a.example/"}, "needs JALKI_DRIFT_WEBHOOK_SECRET_FILE"),
        ({"JALKI_DRIFT_WEBHOOK_SECRET_FILE": __file__}, "SECRET_FILE is set without JALKI_DRIFT_WEBHOOK"),
    ],
)
def test_a_webhook_of_drift_is_set_with_its_secret_or_not_at_all(given: dict[str, str], text: str) -> None:
    with pytest.raises(Misconfigured, match=text):
        read_outward(given)
