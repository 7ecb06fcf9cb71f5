from pathlib import Path

import pytest

from connectors.secretfile import read_secret
from connectors.waiting import LONGEST_WAIT, Later, busy
from lineage.errors import Misconfigured

NOW = 1_780_000_000_000_000  # 2026-05-28T20:26:40Z


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("Thu, 28 May 2026 20:27:40 GMT", 60.0),
        ("Thu, 28 May 2026 20:27:40 -0000", 60.0),
        ("Thu, 28 May 2020 20:27:40 GMT", 0.0),
        ("99999999999999999999", LONGEST_WAIT),
    ],
)
def test_a_party_is_given_the_peace_it_asks_for_within_reason(header: str, seconds: float) -> None:
    fault = busy("busy", header, NOW)
    assert isinstance(fault, Later)
    assert fault.seconds == seconds


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "Thu, 99 May 2026 20:27:40 GMT", "²"])
def test_a_wait_that_nobody_can_read_is_none(header: str | None) -> None:
    assert not isinstance(busy("busy", header, NOW), Later)


def test_a_secret_is_one_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("  s e c r e t \n")
    assert read_secret(file, "the token") == "s e c r e t"


@pytest.mark.parametrize("content", [b"", b" \n", b"a\nb", b"a\x00b", b"\xff\xfe"])
def test_what_is_no_secret_is_named_without_being_shown(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(Misconfigured, match="the token"):
        read_secret(file, "the token")
    with pytest.raises(Misconfigured, match="the token"):
        read_secret(tmp_path / "none", "the token")
