"""Makes `docs/explanation/threat-model.md` of `docs/threats.toml`. Holds no fact of its own."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

PAGE = Path(__file__).parent / "explanation" / "threat-model.md"
TABLE = Path(__file__).with_name("threats.toml")
LETTERS: Mapping[str, str] = {
    "S": "spoofing", "T": "tampering", "R": "repudiation", "I": "disclosure", "D": "denial of service", "E": "elevation",
}  # fmt: skip

_HEAD = """# Threat model

This page is made of `docs/threats.toml` by `python -m docs.generate`. Do not edit it.

Each seam is a place where somebody else's bytes come in or ours go out. For each, the six kinds of STRIDE: pretending
to be somebody (S), changing what is there (T), denying what one did (R), learning what one may not (I), keeping others
from being served (D), and getting more rights than one has (E). Where something is done against a threat, tests show
it, and each of them is hostile. Where nothing is done, the page says so and why: whoever runs Jalki has to see to it.

Who is trusted: whoever can read the data folder or the servers' passwords, and the master key, can do everything. So
can whatever is installed in the same environment. Everybody else is not: customers, staff beyond their roles, parties,
whoever writes text into the shop's forms, and the networks between.

What is sent to the parsers at random is told in [fuzzing](../reference/fuzzing.md); what a role may do, in the
[API](../reference/api.md) and the [console](../how-to/console.md).
"""


def seams() -> list[Mapping[str, Any]]:
    """Return the table."""
    return list(tomllib.loads(TABLE.read_text("utf-8"))["seam"])


def page() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_defended(), *_open()]) + "\n"


def _defended() -> Iterator[str]:
    for seam in seams():
        yield f"## {seam['name']}\n\n{fill(seam['what'], 118)}\n\n| | threat | what is done | shown by |\n|---|---|---|---|"
        for each in seam["threat"]:
            kind = f"{each['letter']}: {LETTERS[each['letter']]}"
            if "not" in each:
                yield f"| {kind} | none | {each['not']} | |"
            elif "open" in each:
                yield f"| {kind} | {each['threat']} | **not defended.** {each['open']} | |"
            else:
                tests = " · ".join(f"`{test}`" for test in each["tests"])
                yield f"| {kind} | {each['threat']} | {each['done']} | {tests} |"
        yield ""


def _open() -> Iterator[str]:
    yield "## What is not defended\n\nAll of the rows above that say so, in one list.\n"
    for seam in seams():
        for each in seam["threat"]:
            if "open" in each:
                yield fill(
                    f"- {seam['name']}, {LETTERS[each['letter']]}: {each['threat']}.", 118, subsequent_indent="  "
                )
