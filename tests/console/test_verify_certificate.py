"""`jalki verify-certificate`: what it says of whole, changed, foreign and unreadable files, JSON and PDF."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from console.certificates import checked, verify_certificate_command
from console.certificates_pdf import inside, pages
from console.pdf import Document
from lineage.errors import Misconfigured
from lineage.evidence.certificate import certificate
from lineage.evidence.signing import public_key, public_pem
from lineage.evidence.verifying import LARGEST
from tests.e2e.program import jalki
from tests.lineage.evidence.chains import HOUR, SECRETS, SEED, T0, chain, checkpointed, known

ENTRIES = chain()
FILE = certificate(ENTRIES, known, T0 + 100 * HOUR, SEED, checkpointed(ENTRIES))
BODY = json.loads(FILE)["body"]
PDF = pages(FILE, BODY)
PUBLIC = public_key(SEED)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "company.pem"
    path.write_bytes(public_pem(SEED))
    return path


def said(capsys: pytest.CaptureFixture[str], file: Path, key: Path, *, as_json: bool = False) -> tuple[int, str, str]:
    code = 0
    try:
        verify_certificate_command(file, key, json_=as_json)
    except typer.Exit as ended:
        code = ended.exit_code
    out, err = capsys.readouterr()
    return code, out, err


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "certificate"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [FILE, PDF], ids=["json", "pdf"])
def test_a_whole_certificate_is_verified(
    content: bytes, tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, written(tmp_path, content), key)
    assert (code, err) == (0, "")
    assert out.startswith("verified: case 2026-7KQ2M9XA, erasure, carrying-out")
    assert ENTRIES[-1].hash.hex() in out


@pytest.mark.parametrize("content", [FILE, PDF], ids=["json", "pdf"])
def test_json_tells_the_verified_statement(
    content: bytes, tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, written(tmp_path, content), key, as_json=True)
    told = json.loads(out)
    assert (code, told["verified"], told["faults"], told["entries"]) == (0, True, [], len(ENTRIES))
    assert told["statement"] == BODY["statement"]


def test_a_changed_certificate_is_not_verified_and_the_check_is_named(
    tmp_path: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, FILE.replace(b'"value":"accepted"', b'"value":"verified"'))
    code, out, err = said(capsys, file, key)
    assert (code, out) == (1, "")
    assert "signature: " in err
    assert "chain: entry 7 of the chain was changed" in err
    code, out, _ = said(capsys, file, key, as_json=True)
    told = json.loads(out)
    assert (code, told["verified"], told["statement"]) == (1, False, None)
    assert [each["check"] for each in told["faults"]][:2] == ["signature", "chain"]
    assert told["faults"][1]["entry"] == 7


def test_a_certificate_of_another_key_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(public_pem(bytes(32)))
    code, _, err = said(capsys, written(tmp_path, FILE), other)
    assert code == 1
    assert "another key" in err


def test_a_file_that_is_not_there_or_no_key_or_too_large_is_wrong_usage(tmp_path: Path, key: Path) -> None:
    with pytest.raises(Misconfigured, match="the certificate cannot be read"):
        verify_certificate_command(tmp_path / "none", key)
    with pytest.raises(Misconfigured, match="the certificate cannot be read"):
        verify_certificate_command(tmp_path, key)
    with pytest.raises(Misconfigured, match="the key file cannot be read"):
        verify_certificate_command(key, tmp_path / "none")
    with pytest.raises(Misconfigured, match="holds no public key"):
        verify_certificate_command(key, written(tmp_path, b"no key"))
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(Misconfigured, match="larger than"):
        verify_certificate_command(large, key)


def test_the_program_needs_no_data_folder_and_ends_with_the_codes_of_the_contract(tmp_path: Path, key: Path) -> None:
    whole = written(tmp_path, FILE)
    changed = tmp_path / "changed"
    changed.write_bytes(FILE[:-2] + b" \n")
    nowhere = {"JALKI_DATA": tmp_path / "nowhere"}
    assert jalki("verify-certificate", whole, "--key", key, cwd=tmp_path, settings=nowhere).code == 0
    ended = jalki("verify-certificate", changed, "--key", key, cwd=tmp_path, settings=nowhere)
    assert (ended.code, ended.out) == (1, "")
    assert ended.said.startswith("jalki: not verified: form: ")
    assert jalki("verify-certificate", whole, "--key", whole, cwd=tmp_path, settings=nowhere).code == 2
    assert jalki("verify-certificate", whole, cwd=tmp_path, settings=nowhere).code == 2
    assert not (tmp_path / "nowhere").exists()


def test_the_pages_hold_no_personal_data() -> None:
    plain = PDF.replace(FILE, b"").decode("latin-1")
    assert not [number for number, secret in enumerate(SECRETS) if secret in plain or secret in FILE.decode()]


def test_the_same_certificate_gives_the_same_pages() -> None:
    assert pages(FILE, BODY) == PDF


def test_the_certificate_is_attached_as_it_is() -> None:
    assert inside(PDF) == FILE


@settings(max_examples=15, deadline=None)
@given(st.integers(0, len(PDF) - 1), st.integers(0, 7))
def test_any_flipped_bit_of_a_pdf_fails(place: int, bit: int) -> None:
    changed = bytearray(PDF)
    changed[place] ^= 1 << bit
    assert not checked(bytes(changed), PUBLIC).verified


def test_pages_that_say_other_things_than_the_certificate_inside_fail() -> None:
    lying = json.loads(FILE)["body"]
    lying["statement"]["parties"][5]["state"] = "verified"
    found = checked(pages(FILE, lying), PUBLIC)
    assert [fault.check for fault in found.faults] == ["pages"]


def test_a_pdf_with_two_certificates_in_it_fails() -> None:
    assert [fault.check for fault in checked(PDF + PDF, PUBLIC).faults] == ["form"]


def test_a_pdf_of_something_else_fails() -> None:
    made = Document("Kirje", "fi", T0)
    made.paragraph("Hyvää päivää")
    assert [fault.check for fault in checked(made.content(), PUBLIC).faults] == ["form"]


def test_a_case_with_nothing_in_it_has_pages_too() -> None:
    file = certificate(ENTRIES[:1], known, T0, SEED)
    content = pages(file, json.loads(file)["body"])
    assert checked(content, PUBLIC).verified


def drawn(rows: Sequence[Sequence[str]]) -> bytes:
    made = Document("Äänestys – “Ålands” Łódź", "fi", T0, page="Sivu {} / {}", footer="Ö")
    made.heading("Otsikko")
    made.paragraph("Ensimmäinen\nToinen", faint=True)
    made.table(("Nimi", "Arvo"), rows)
    made.pairs([("Nimi", "Arvo")])
    return made.content()


def count_of(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", content))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_whatever_text_there_is_can_be_written_and_comes_out_the_same_twice(rows: list[tuple[str, str]]) -> None:
    assert drawn(rows) == drawn(rows)


def test_a_cell_that_is_higher_than_a_page_goes_on_over_the_next() -> None:
    assert count_of(drawn([("sana " * 3000, "x")])) > count_of(drawn([("sana", "x")]))


@pytest.mark.parametrize("rows", [[], [("", "")], [("x" * 5000, "y" * 5000)]], ids=["none", "empty", "long words"])
def test_tables_at_their_edges_can_be_drawn(rows: Any) -> None:
    assert drawn(rows).startswith(b"%PDF-")
