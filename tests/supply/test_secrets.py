"""No secret is committed: every tracked file is looked through, and what only looks like one is explained, each by itself."""

import secrets
import subprocess
import tomllib
from functools import lru_cache
from pathlib import Path

from supply.locked import ROOT
from supply.secrets import EXPLAINED, Found, explained, looked_through

PASSED_OVER = (".lock", "package-lock.json", ".png")
"""Hashes of packages, line by line; and pictures."""
KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQ\n"


@lru_cache(maxsize=1)
def found() -> list[Found]:
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607 - git
    files = [each for each in said.split("\0") if each and not each.endswith(PASSED_OVER)]
    assert len(files) > 1_000
    return list(looked_through(ROOT, [each for each in files if each != str(EXPLAINED.relative_to(ROOT))]))


def test_no_tracked_file_holds_a_secret_that_is_not_explained() -> None:
    new = [
        f"{each.file}:{each.line}: {each.kind} ({each.mark})"
        for each in found()
        if (each.file, each.kind, each.mark) not in explained()
    ]
    assert new == []


def test_nothing_is_explained_that_is_not_there_any_more_or_without_a_reason() -> None:
    assert explained() <= {(each.file, each.kind, each.mark) for each in found()}
    assert all(len(each["why"].split()) > 3 for each in tomllib.loads(EXPLAINED.read_text("utf-8"))["text"])


def test_a_secret_that_is_planted_is_found(tmp_path: Path) -> None:
    planted = {
        "a.py": f'password = "{secrets.token_urlsafe(24)}"\n',
        "b.yaml": f"address: https://user:{secrets.token_hex(8)}@db.example/x\n",
        "c.pem": KEY,
        "d.txt": "AKIA" + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16)) + "\n",
        "e.env": f"STRIPE=sk_live_{secrets.token_hex(12)}\n",
        "f.toml": f'api_key = "{secrets.token_hex(20)}"\n',
    }
    for name, text in planted.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "none.py").write_text("def word() -> str:\n    return 'an ordinary text'\n")
    assert {each.file for each in looked_through(tmp_path, [*planted, "none.py"])} == planted.keys()


def test_another_text_in_the_place_of_one_that_is_explained_is_found(tmp_path: Path) -> None:
    file, kind, _ = next(
        each for each in sorted(explained()) if each[1] == "Secret Keyword" and each[0].endswith(".py")
    )
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f'password = "{secrets.token_urlsafe(24)}"\n')
    (new,) = {(each.file, each.kind, each.mark) for each in looked_through(tmp_path, [file]) if each.kind == kind}
    assert new not in explained()
