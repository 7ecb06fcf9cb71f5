"""`jalki register notice` as a user runs it: three languages, what is published, and files that are none."""

import json
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.program import asked, called

AT = ("--at", "2026-11-01T00:00:00Z")


def test_it_is_written_in_three_languages_and_never_said_to_be_enough(tmp_path: Path) -> None:
    titles = set()
    for language in ("fi", "sv", "en"):
        ended = called("register", "notice", "--lang", language, cwd=tmp_path)
        assert ended.code == 0
        assert "Posti Oy" in ended.out
        assert "a person has to judge" in ended.said
        titles.add(ended.out.splitlines()[0])
    assert len(titles) == 3
    assert list(tmp_path.iterdir()) == []


def test_what_was_published_by_its_json_does_not_differ_until_the_register_changes(tmp_path: Path) -> None:
    published = tmp_path / "published.json"
    published.write_text(asked("register", "notice", "--json", *AT).out, "utf-8")
    same = called("register", "notice", "--lang", "sv", "--against", published)
    assert (same.code, same.out) == (0, "")
    told = json.loads(published.read_text("utf-8"))
    told["purposes"][0]["recipients"].append({"party": "nobody"})
    published.write_text(json.dumps(told), "utf-8")
    changed = called("register", "notice", "--json", "--against", published)
    assert changed.code == 1
    assert changed.json == {
        "published_only": [{"purpose": told["purposes"][0]["purpose"], "party": "nobody"}],
        "register_only": [],
        "changed": [],
    }


def test_a_text_is_compared_by_names(tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text("Posti Oy brings parcels. Google Inc. counts. SendGrid writes.", "utf-8")
    told = called("register", "notice", "--against", policy, "--json")
    assert told.code == 1
    assert "posti" not in told.json["missing"]
    assert "klarna" in told.json["missing"]
    assert told.json["brand_only"] == ["sendgrid"]
    assert told.json["unknown"] == ["Google Inc."]
    assert "US" in told.json["countries"]
    printed = called("register", "notice", "--against", policy)
    assert "does not name: Klarna Bank AB (publ) (klarna)" in printed.out
    assert "a person has to read" in printed.said


def test_what_is_no_notice_is_asked_wrongly(tmp_path: Path) -> None:
    for name, content, said in (
        ("a.json", b"{}", "no notice"),
        ("b.json", b'{"purposes": [1]}', "no notice"),
        ("c.json", b"{" * 100_000, "no notice"),
        ("d.txt", b"\xff\xfe\xff", "UTF-8"),
        ("e.txt", b"a" * 5_000_001, "5 MB"),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(Misconfigured, match=said):
            asked("register", "notice", "--against", file)
    with pytest.raises(Misconfigured, match="cannot be read"):
        asked("register", "notice", "--against", tmp_path)
    with pytest.raises(Misconfigured, match="fi, sv or en"):
        asked("register", "notice", "--lang", "de")
