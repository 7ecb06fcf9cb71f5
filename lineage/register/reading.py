"""Reads a YAML file into plain values that still know their lines. Knows YAML; knows nothing of what a register means.

Less than YAML on purpose: no anchors and aliases (a small file could unfold into gigabytes, and nobody sees what an
alias holds), no tags, no duplicate keys, and only `true`, `false`, whole numbers and nothing are more than text, so
that the country `NO` stays Norway.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from lineage.register.faults import Faults
from lineage.register.model import Place

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]
Steps = tuple[str | int, ...]

UNSEEN = (
    "a text holds characters that nobody can see (control characters, or such as turn text round): write it without"
)
MOST_BYTES = 1 << 20
MOST_DEPTH = 12
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The quick one where it is built in; they differ in their words for a fault, and in corners such as `{a:}`."""
_NO_TEXT = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a quoted text may hold by an escape, and nobody can see: it would steer a terminal, or turn a page's letters round."""
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Tree:
    """The content of one file, and the line of every value in it by the steps that lead there."""

    file: str
    content: dict[str, Plain]
    lines: dict[Steps, int]

    def place(self, *steps: str | int) -> Place:
        """Where that value stands, or the nearest thing around it."""
        for length in range(len(steps), 0, -1):
            if steps[:length] in self.lines:
                return Place(self.file, self.lines[steps[:length]])
        return Place(self.file, 1)


def read_tree(path: Path, name: str, faults: Faults) -> Tree | None:
    """The tree of one file, called `name` in messages; None, with the reason among the faults, if there is none."""
    text = _text(path, name, faults)
    return None if text is None else tree_of(text, name, faults)


def tree_of(text: str, name: str, faults: Faults) -> Tree | None:
    """The tree of a text that has been read already; None, with the reason among the faults, if there is none."""
    strange = _NO_TEXT.search(text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        faults.add(Place(name, line), "not YAML: it holds characters that a text file may not hold")
        return None
    try:
        if not _only_simple(text, name, faults):
            return None
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(Place(name, mark.line + 1 if mark else 1), f"not YAML: {error.problem or error.context}")
        return None
    if not isinstance(node, yaml.MappingNode):
        what = "is empty" if node is None else "is no mapping of sections"
        faults.add(Place(name, 1), f"the file {what}: start with a section such as 'parties:'")
        return None
    lines: dict[Steps, int] = {}
    content = _mapping(node, (), _Sink(name, lines, faults))
    return Tree(name, content, lines)


def _text(path: Path, name: str, faults: Faults) -> str | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        faults.add(Place(name), f"cannot be read: {error.strerror}")
        return None
    if len(raw) > MOST_BYTES:
        faults.add(Place(name, 1), "larger than 1 MiB: split it into several files of one folder")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add(Place(name, raw.count(b"\n", 0, error.start) + 1), "not UTF-8: save the file as UTF-8 text")
        return None
    return text


def _only_simple(text: str, name: str, faults: Faults) -> bool:
    """Refuse what makes YAML dangerous while it is still a flat list of events, before any tree is built."""
    depth, simple = 0, True
    for event in yaml.parse(text, Loader=LOADER):
        place = Place(name, event.start_mark.line + 1 if event.start_mark else 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            faults.add(place, "anchors and aliases (& and *) are refused: write the value out, or name it under 'sets'")
            simple = False
        if getattr(event, "tag", None) is not None:
            faults.add(place, "tags (!) are refused: write plain text")
            simple = False
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            faults.add(place, f"nested deeper than {MOST_DEPTH} levels")
            return False
    return simple


@dataclass(frozen=True, slots=True)
class _Sink:
    """What conversion writes beside the values."""

    name: str
    lines: dict[Steps, int]
    faults: Faults


def _value(node: yaml.Node, steps: Steps, sink: _Sink) -> Plain:
    sink.lines.setdefault(steps, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, steps, sink)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*steps, index), sink) for index, item in enumerate(node.value)]
    if _STEERS.search(str(node.value)):
        sink.faults.add(Place(sink.name, node.start_mark.line + 1), UNSEEN)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, steps: Steps, sink: _Sink) -> dict[str, Plain]:
    content: dict[str, Plain] = {}
    for key, value, place in _pairs(node, sink):
        if key in content:
            sink.faults.add(place, f"the key '{key}' is there twice")
            continue
        # A key and its value may stand on different lines; a reader looks for the key.
        sink.lines[(*steps, key)] = place.line
        content[key] = _value(value, (*steps, key), sink)
    return content


def _pairs(node: yaml.MappingNode, sink: _Sink) -> Iterator[tuple[str, yaml.Node, Place]]:
    for key, value in node.value:
        place = Place(sink.name, key.start_mark.line + 1)
        if isinstance(key, yaml.ScalarNode):
            if _STEERS.search(str(key.value)):
                sink.faults.add(place, UNSEEN)
            yield str(key.value), value, place
        else:
            sink.faults.add(place, "a key must be a word")


def _scalar(node: yaml.Node) -> Plain:
    text = str(node.value)
    # A plain scalar has the style None from one loader and "" from the other; a quoted one is text and nothing else.
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
