"""Evidence at the console: files that are kept, handed out for a reason, refused, destroyed; and nothing crafted gets further."""

import hashlib
import hmac
import logging
import re
import threading

import httpx2
import pytest

from console.case_opening import Casebook
from console.opening import opened
from lineage.cases.case import Filed
from lineage.cases.filing import LARGEST, kept
from lineage.errors import Misconfigured
from tests.console.web.consoles import HER, Console, Visitor, said
from tests.console.web.reading import Page
from tests.console.web.test_deciding import at_once, looks
from tests.e2e.program import asked

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
HOSTILE = [
    "../../../etc/passwd", "a" * 10_000 + ".pdf", "<script>alert(1)</script>.pdf", "\u202efdp.exe", "C:\\x\\y.pdf",
    'a"; name="shows', "con\r\nX-Evil: 1", "",
]  # fmt: skip


def sends(
    who: Visitor, case: str, content: bytes, shows: str = "other", *, name: str = "proof.pdf", **more: str
) -> httpx2.Response:
    headers = {"Origin": who.url, "Sec-Fetch-Site": "same-origin"}
    return who.client.post(
        f"{who.url}/cases/{case}/evidence",
        data={"shows": shows, **more},
        files={"file": (name, content, "text/html")},
        headers=headers,
    )


def gets(who: Visitor, case: str, number: str = "1", why: str = "the complaint of today") -> httpx2.Response:
    return who.does(f"/cases/{case}/evidence-file", {"number": number, "why": why})


def files(console: Console, case: str) -> tuple[Filed, ...]:
    with opened(console.settings) as folder:
        return Casebook(folder, folder.casework).work.case(case).files


@pytest.fixture
def anna(console: Console) -> Visitor:
    return console.somebody("dpo", "anna")


@pytest.fixture
def case(anna: Visitor) -> str:
    """A case of its own: who asks is not shown, so that none is a duplicate."""
    return anna.opens("restriction", HER, channel="email")


@pytest.mark.parametrize(
    ("content", "served", "ending"),
    [
        (PDF, "application/pdf", "pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png", "png"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image/jpeg", "jpg"),
        (b"From: it@posti.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0200\r\n\r\nDone.", "message/rfc822", "eml"),
        ("Kirje 2.3.: poistettu, häivytetty".encode(), "text/plain; charset=utf-8", "txt"),
        (b"<html><script>alert(1)</script></html>", "text/plain; charset=utf-8", "txt"),
    ],
)
def test_a_file_comes_back_as_it_was_given_and_is_served_as_what_it_is(
    console: Console, anna: Visitor, case: str, content: bytes, served: str, ending: str
) -> None:
    assert sends(anna, case, content).status_code == 303
    answer = gets(anna, case)
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["content-type"] == served
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-{case}-1.{ending}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    with opened(console.settings) as folder:
        found = kept(folder.casework, case, 1)
    mark = hmac.new(bytes.fromhex(found.key), content, hashlib.sha256).hexdigest()
    assert found.file.mark == mark
    assert mark[:16] in anna.sees(f"/cases/{case}").text


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0\x03\0",
        b"PK\x03\x04\x14\0",
        b"GIF89a\x01\0",
        b"\xff\xfe<\0h\0",
        b"   \n",
        b"\x00",
        b"\x1b[2J",
        b"a bell \x07",
        b"\xe4\xf6",
    ],
)
def test_what_is_none_of_the_kept_types_is_refused_whatever_it_is_called(
    console: Console, anna: Visitor, case: str, content: bytes
) -> None:
    answer = sends(anna, case, content, "refusal")
    assert answer.status_code == 409
    assert "PDF, PNG, JPEG, an e-mail, or text" in said(answer)
    assert 'value="refusal" selected' in answer.text
    assert files(console, case) == ()


def test_a_file_that_is_too_large_is_told_on_the_case_and_what_was_typed_stays(console: Console, anna: Visitor) -> None:
    case = anna.opens("restriction", HER, channel="email")
    for size in (LARGEST + 1, LARGEST + 200_000, 40 << 20):
        answer = sends(anna, case, PDF + b" " * (size - len(PDF)), "refusal")
        assert answer.status_code == 413
        page = Page.of(answer.text)
        assert page.faults == []
        assert "4 MiB at most" in page.text
        assert 'value="refusal" selected' in answer.text
    assert sends(anna, case, PDF + b" " * (70 << 20)).status_code == 413
    assert files(console, case) == ()
    assert sends(anna, case, PDF + b" " * (LARGEST - len(PDF))).status_code == 303


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_file_is_called_is_kept_nowhere_and_logged_nowhere(
    console: Console, anna: Visitor, case: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = sends(anna, case, PDF, name=name)
    assert answer.status_code in {303, 422}
    shown = anna.sees(f"/cases/{case}").text
    if name:
        assert name not in shown
        assert name not in caplog.text
        assert not re.search(r"passwd|X-Evil|alert\(1\)", "".join(map(str, files(console, case))) + shown + caplog.text)


@pytest.mark.parametrize("text", ["x" * 10_000, "\u202eabc", "<script>alert(1)</script>", "0.4\0", "", "Ω≈ç√"])
def test_whatever_is_typed_beside_a_file_is_shown_as_text(anna: Visitor, case: str, text: str) -> None:
    for more in ({"shows": text}, {"shows": "task", "task": text}):
        answer = sends(anna, case, PDF, **more)
        assert answer.status_code in {303, 409, 422}
        assert "<script>alert" not in answer.text
    for number, why in ((text, "the complaint"), ("1", text)):
        answer = gets(anna, case, number, why)
        assert answer.status_code in {200, 409, 422}
        assert "<script>alert" not in answer.text


def test_a_form_that_is_sent_again_keeps_nothing_again(console: Console, anna: Visitor, case: str) -> None:
    assert sends(anna, case, PDF).status_code == 303
    again = sends(anna, case, PDF)
    assert again.status_code == 409
    assert "kept already, as number 1" in said(again)
    assert len(files(console, case)) == 1


def test_of_two_who_add_files_at_once_both_are_kept(own_console: Console) -> None:
    anna, eva = own_console.somebody("dpo", "anna"), own_console.somebody("clerk", "eva")
    case = anna.opens("restriction", HER, channel="email")
    found: list[int] = []
    gate = threading.Barrier(2)

    def send(who: Visitor, content: bytes) -> None:
        gate.wait(30)
        found.append(sends(who, case, content).status_code)

    threads = [threading.Thread(target=send, args=(who, PDF + name)) for who, name in ((anna, b"1"), (eva, b"2"))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [303, 303]
    assert [each.number for each in files(own_console, case)] == [1, 2]
    again = at_once(*((who, f"/cases/{case}/unfile", {"number": "1", "sure": "yes"}) for who in (anna, anna)))
    assert sorted(each.status_code for each in again) == [303, 409]


def test_a_file_is_handed_out_for_a_reason_that_is_written_down_and_to_no_other_role(console: Console) -> None:
    anna = console.somebody("dpo", "anna")
    case = anna.opens("restriction", HER, channel="email")
    clerk = console.somebody("clerk", "kim")
    assert sends(clerk, case, PDF).status_code == 303
    before = len(looks(console))
    for why in ("", "  ", "ab"):
        assert gets(anna, case, why=why).status_code == 422
    assert gets(clerk, case).status_code == 403
    assert gets(console.somebody("auditor", "aud"), case).status_code == 403
    assert console.nobody().does(f"/cases/{case}/evidence-file", {}).status_code == 303
    assert gets(anna, case, "2").status_code == 409
    assert gets(anna, case).content == PDF
    shown = [each for each in looks(console)[before:] if each["shown"] == "identifiers"]
    assert [(each["actor"], each["role"], each["reason"]) for each in shown] == [
        ("anna", "dpo", "the complaint of today")
    ] * 2  # also of the one that is not there


def test_a_destroyed_file_is_handed_out_to_nobody(anna: Visitor, case: str) -> None:
    assert sends(anna, case, PDF).status_code == 303
    assert anna.does(f"/cases/{case}/unfile", {"number": "1"}).status_code == 422
    assert anna.does(f"/cases/{case}/unfile", {"number": "1", "sure": "yes"}).status_code == 303
    assert gets(anna, case).status_code == 409
    assert "gone" in said(anna.sees(f"/cases/{case}"))
    assert sends(anna, case, PDF).status_code == 303, "the same may come again, as another"


def test_what_shows_who_asks_is_gone_once_it_is_shown(console: Console) -> None:
    anna = console.somebody("dpo", "anna")
    case = anna.opens("access", "customer_id:C-1039", channel="email")
    assert sends(anna, case, PDF, "identity").status_code == 303
    assert anna.does(f"/cases/{case}/prove", {"how": "id card at the counter"}).status_code == 303
    assert gets(anna, case).status_code == 409
    late = sends(anna, case, PDF, "identity")
    assert late.status_code == 409
    assert "nothing that shows who asks is kept" in said(late)
    assert 'value="identity"' not in anna.sees(f"/cases/{case}").text


def test_a_file_that_is_kept_here_is_handed_out_by_the_command_too(
    own_console: Console, tmp_path_factory: pytest.TempPathFactory
) -> None:
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("restriction", HER, channel="email")
    assert sends(anna, case, PDF).status_code == 303
    out = tmp_path_factory.mktemp("out") / "x.pdf"
    data = own_console.settings.data
    with pytest.raises(Misconfigured, match="say why you look"):
        asked("case", "evidence", case, "--number", "1", "--out", out, "--data", data)
    assert asked("case", "evidence", case, "--number", "1", "--out", out, "--reason", "why", "--data", data).code == 0
    assert out.read_bytes() == PDF
    assert out.stat().st_mode & 0o777 == 0o600
