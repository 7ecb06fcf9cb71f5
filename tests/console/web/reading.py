"""Reads a page as whoever cannot see it does: headings, tables by their captions, links, labels, the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

Row = list[str]


@dataclass(slots=True)
class Page:
    """What a page says. `tables` are rows by caption; `found` counts what a page may have none of."""

    html: str
    text: str = ""
    headings: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, html: str) -> "Page":
        """Read a page."""
        reader = _Reader()
        reader.feed(html)
        reader.close()
        return cls(
            html, " ".join(reader.words.split()), reader.headings, reader.tables, reader.links, reader.problems()
        )

    def rows(self, caption: str) -> list[Row]:
        """Return the rows of the table whose caption begins so, without its head."""
        (found,) = (rows for name, rows in self.tables.items() if name.startswith(caption))
        return found[1:]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.headings: list[tuple[str, str]] = []
        self.tables: dict[str, list[Row]] = {}
        self.links: list[str] = []
        self._faults: list[str] = []
        self._open: list[str] = []
        self._caption: str | None = None
        self._rows: list[Row] = []
        self._labelled: set[str] = set()
        self._unlabelled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._faults += [f"{tag} has {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self._faults.append(f"inline {tag}")
        if tag == "th" and "scope" not in given:
            self._faults.append("a heading of a table without its scope")
        self._controls(tag, given)
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((tag, ""))
        if tag == "table":
            self._caption, self._rows = None, []
        if tag == "tr":
            self._rows.append([])
        if tag in {"td", "th"}:
            self._rows[-1].append("")
        if tag not in _VOID:
            self._open.append(tag)

    def _controls(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "label":
            self._labelled.add(given.get("for", ""))
        named = "label" in self._open or "aria-label" in given or given.get("type") == "hidden"
        if tag in {"input", "select", "textarea"} and not named:
            self._unlabelled.append(given.get("id", "?"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            self._faults.append(f"{tag} ends where something else does")
        if tag == "table":
            if not self._caption:
                self._faults.append("a table without caption")
            self.tables[self._caption or "?"] = self._rows

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"
        if self.headings and self._open and self._open[-1] in {"h1", "h2", "h3"}:
            tag, text = self.headings[-1]
            self.headings[-1] = tag, text + data
        if "caption" in self._open:
            self._caption = (self._caption or "") + data
        elif self._rows and self._rows[-1] and {"td", "th"} & {*self._open}:
            self._rows[-1][-1] = " ".join(f"{self._rows[-1][-1]} {data}".split())

    def problems(self) -> list[str]:
        found = [*self._faults, *(f"{each} has no label" for each in self._unlabelled if each not in self._labelled)]
        if [tag for tag, _ in self.headings].count("h1") != 1:
            found.append("not one first heading")
        return found


_VOID = frozenset({"br", "img", "input", "link", "meta", "hr", "col"})
