"""The list of what a release is made of: whole, valid, and the same bytes whoever makes it."""

import hashlib
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply.bill import VENDOR
from supply.locked import LOCK, ROOT, needed, pinned, project

COMMITTED = "1790000000"


def made(to: Path, **more: str) -> bytes:
    subprocess.run(
        [sys.executable, "-m", "supply.bill", str(to)],
        env={**os.environ, "SOURCE_DATE_EPOCH": COMMITTED, **more}, cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return to.read_bytes()


@lru_cache(maxsize=1)
def told(folder: Path) -> Any:
    return json.loads(made(folder / "jalki.cdx.json"))


def test_it_is_valid_by_the_schema_of_its_standard_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = made(tmp_path / "a.json", PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    assert made(tmp_path / "b.json", PYTHONHASHSEED="2", TZ="Europe/Helsinki") == first
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first.decode()) is None
    broken = first.replace(b'"bomFormat": "CycloneDX"', b'"bomFormat": "Other"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken.decode()) is not None
    assert json.loads(first)["metadata"]["timestamp"] == "2026-09-21T14:13:20+00:00"


def test_it_has_all_that_the_program_needs_as_pinned_and_nothing_that_only_tests_use(tmp_path: Path) -> None:
    bill = told(tmp_path)
    pins = pinned(LOCK.read_text("utf-8"))
    more = [each for several in project()["project"]["optional-dependencies"].values() for each in several]
    product = needed([*project()["project"]["dependencies"], *more])
    libraries = {each["name"]: each for each in bill["components"] if each["purl"].startswith("pkg:pypi/")}
    assert libraries.keys() == product.keys()
    assert {name: each["version"] for name, each in libraries.items()} == {name: pins[name].version for name in product}
    assert not libraries.keys() & {"pytest", "hypothesis", "ruff", "mypy", "stripe", "detect-secrets"}
    assert {"fastavro", "faust-streaming", "cryptography", "starlette"} <= libraries.keys()
    assert {name for name, each in libraries.items() if each.get("scope") == "optional"} == {
        "et-xmlfile",
        "openpyxl",
        "pyarrow",
    }
    assert all(each["licenses"] for each in bill["components"])
    (lock,) = bill["metadata"]["properties"]
    assert lock["value"] == hashlib.sha256(LOCK.read_bytes()).hexdigest()


def test_it_tells_what_hangs_on_what_and_of_the_scripts_that_pages_load(tmp_path: Path) -> None:
    bill = told(tmp_path)
    hangs = {each["ref"]: set(each.get("dependsOn", ())) for each in bill["dependencies"]}
    named = {each["name"]: each["bom-ref"] for each in bill["components"]}
    whole = bill["metadata"]["component"]
    assert (whole["name"], whole["version"]) == ("jalki", project()["project"]["version"])
    assert named["faust-streaming"] in hangs[whole["bom-ref"]]
    assert named["mode-streaming"] in hangs[named["faust-streaming"]]
    reached, waiting = set[str](), [whole["bom-ref"]]
    while waiting:
        if (each := waiting.pop()) not in reached:
            reached.add(each)
            waiting += hangs[each]
    assert reached == {whole["bom-ref"], *named.values()}
    scripts = {each["hashes"][0]["content"] for each in bill["components"] if each["purl"].startswith("pkg:npm/")}
    assert scripts == {hashlib.sha256(each.read_bytes()).hexdigest() for each in VENDOR.glob("*.js")}


def test_a_release_has_it_beside_the_archives_and_in_the_sums() -> None:
    said = subprocess.run(["make", "-n", "release"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607 - make
    bill, sums = said.index("supply.bill dist/jalki.cdx.json"), said.index("sha256sum")
    assert said.index("-m build") < bill < sums


def test_without_the_time_of_a_commit_it_is_not_made(tmp_path: Path) -> None:
    clean = {name: each for name, each in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        [sys.executable, "-m", "supply.bill", str(tmp_path / "x")],
        env=clean,
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert (done.returncode, (tmp_path / "x").exists()) == (2, False)
