import re
import subprocess
from pathlib import Path

import pytest

from docs import generate, parties_page
from tests.docs.pages import PAGES, ROOT, anchors, blocks, code_words, links, named, prose
from tests.docs.transcript import replayed, settled

_FOLDERS = ("schemas", "lineage", "connectors", "streams", "console", "tests", "docs", "bench")
_PATH = re.compile(rf"(?:{'|'.join(_FOLDERS)})/[\w./-]*")
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
_REPLAYED = tuple(page for page in PAGES if any(block.language == "console" for block in blocks(page)))
every_page = pytest.mark.parametrize("page", PAGES, ids=named)


@every_page
def test_every_link_leads_to_a_page_and_a_heading_that_exist(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_every_file_and_folder_that_is_named_exists(page: Path) -> None:
    for word in code_words(page):
        if _PATH.fullmatch(word):
            assert (ROOT / word).exists(), word


@every_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    shell = "\n".join(block.text for block in blocks(page) if block.language == "sh")
    words = [*code_words(page), *shell.splitlines()]
    named_ = {found[1] for word in words if (found := re.match(r"make ([a-z]+)", word))}
    assert named_ <= targets


@every_page
def test_a_page_has_one_title_and_no_line_of_prose_that_is_too_long_to_review(page: Path) -> None:
    text = prose(page)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert text.startswith("# ")
    assert all(len(line) <= 120 or line.startswith("|") or "](" in line for line in text.splitlines())


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    new = {ROOT / "README.md"}
    while new:
        reached |= new
        linked = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)}
        new = {page for page in linked if page.suffix == ".md"} - reached
    # The changelog stands where every tool looks for it; the figures are the benchmarks' own page.
    assert set(PAGES) - reached <= {ROOT / "CHANGELOG.md", ROOT / "docs" / "benchmarks.md"}


def test_the_page_of_event_types_is_what_the_schemas_say() -> None:
    assert generate.PAGE.read_text("utf-8") == generate.page(), "run python -m docs.generate"


def test_the_page_of_parties_is_what_the_descriptors_and_the_register_say() -> None:
    assert parties_page.PAGE.read_text("utf-8") == parties_page.page(), "run python -m docs.generate"


@pytest.mark.parametrize("page", _REPLAYED, ids=named)
def test_every_command_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    for command, printed in replayed(page, tmp_path):
        assert settled(printed) == settled(command.output), command.line


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_page_names_a_place_on_the_machine_it_was_written_on() -> None:
    home = re.escape(str(ROOT))
    found = subprocess.run(
        ["/usr/bin/env", "grep", "-rlE", rf"{home}|/home/|/root/|file://", *map(str, PAGES)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""
