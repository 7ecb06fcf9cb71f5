"""The pages of the documentation, as tests read them: fenced blocks, links, anchors, command lines. Judges nothing."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^```(\w*)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file it stands for (or nothing), its text."""

    language: str
    title: str
    text: str


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(page.read_text("utf-8"))]


def prose(page: Path) -> str:
    """The text outside fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that headings get: lower case, punctuation gone, spaces to hyphens."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(page)):
        plain = "".join(each for each in heading.lower() if each in " -_" or unicodedata.category(each)[0] in "LNM")
        found.add(plain.replace(" ", "-"))
    return found


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def code_words(page: Path) -> set[str]:
    """All texts between single backticks, outside fenced blocks."""
    return set(_CODE.findall(prose(page)))


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of a console block, and what the page says it prints."""

    line: str
    output: str


def commands(block: Block) -> Iterator[Command]:
    """The command lines of a console block; a line that ends with a backslash goes on."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, output = part.replace("\\\n", "").partition("\n")
        yield Command(line, output)
