import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from docs import generate, parties_page
from tests.docs.pages import PAGES, ROOT, anchors, blocks, code_words, links, named, prose
from tests.docs.transcript import replayed, settled

_FOLDERS = ("schemas", "lineage", "connectors", "streams", "console", "tests", "docs", "bench")
_PATH = re.compile(rf"(?:{'|'.join(_FOLDERS)})/[\w./-]*")
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
_LINKED = re.compile(r"\]\(([^)#]+\.md)\)")
LONGEST_README = 150
_REPLAYED = tuple(page for page in PAGES if any(block.language == "console" for block in blocks(page)))


def test_every_link_leads_to_a_page_and_a_heading_that_exist() -> None:
    headings = cache(anchors)
    missing = []
    for page in PAGES:
        for link in links(page):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not link.startswith("https://") and (not target.exists() or (anchor and anchor not in headings(target))):
                missing.append((named(page), link))
    assert not missing


def test_every_file_and_folder_that_is_named_exists() -> None:
    words = [(named(page), word) for page in PAGES for word in code_words(page) if _PATH.fullmatch(word)]
    assert len(words) > 20
    assert not [(page, word) for page, word in words if not (ROOT / word).exists()]


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    for page in PAGES:
        shell = "\n".join(block.text for block in blocks(page) if block.language == "sh")
        words = [*code_words(page), *shell.splitlines()]
        assert {found[1] for word in words if (found := re.match(r"make ([a-z]+)", word))} <= targets, named(page)


def test_a_page_has_one_title_and_no_line_of_prose_that_is_too_long_to_review() -> None:
    for page in PAGES:
        text = prose(page)
        assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1, named(page)
        assert text.startswith("# "), named(page)
        long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|") and "](" not in line]
        assert not long, named(page)


def test_every_page_is_in_the_index_exactly_once_under_its_kind() -> None:
    index = ROOT / "docs" / "README.md"
    kind, found = "", list[tuple[str, Path]]()
    for line in index.read_text("utf-8").splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ").partition(":")[0].lower()
        elif line.startswith("- "):
            found += [(kind, (index.parent / link).resolve()) for link in _LINKED.findall(line)]
    decisions = ROOT / "docs" / "decisions"  # which have an index of their own
    listed = [page for page in PAGES if page.is_relative_to(ROOT / "docs") and decisions not in page.parents]
    assert sorted(page for _, page in found) == sorted({*listed, decisions / "README.md"} - {index})
    assert all(page.parent.name in {kind, "docs", "decisions"} for kind, page in found)
    assert {kind for kind, _ in found} == {"tutorial", "how-to", "reference", "explanation"}


def test_every_decision_is_in_their_index_exactly_once() -> None:
    index = ROOT / "docs" / "decisions" / "README.md"
    assert sorted(links(index)[1:]) == sorted(page.name for page in index.parent.glob("[0-9]*.md"))


def test_the_readme_leads_to_the_index_and_is_no_longer_than_one_reads() -> None:
    readme = ROOT / "README.md"
    assert "docs/README.md" in links(readme)
    assert len(readme.read_text("utf-8").splitlines()) <= LONGEST_README


def test_every_number_of_the_readme_is_one_of_the_benchmarks_and_has_its_command() -> None:
    rows = re.findall(r"^\| \[.+?\]\(docs/benchmarks.md#.+?\).*? \| (.+?) \| `python -m (bench\.\w+).*?` \|$",
                      (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)  # fmt: skip
    told = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    assert len(rows) > 5
    for figures, script in rows:
        module = ROOT / script.replace(".", "/")
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), script
        for figure in re.findall(r"\d[\d,.]*\d", figures.partition("(")[0]):
            assert figure in told, figure


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
