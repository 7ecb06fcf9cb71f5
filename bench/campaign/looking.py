"""Looks at everything in the end: answers of the graph, certificates, checked as an outsider would, alarms, dead letters."""

import json
import os
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bench.campaign.judging import Asked, Seen
from bench.campaign.place import OFFICER, Place
from bench.campaign.sending import Shop
from console.opening import opened
from tests.e2e.program import jalki
from tests.e2e.truths import answer

MOST_ANSWERS = 20_000
_OVERDUE = re.compile(r"^case (\S+?):.*?(?=^case |\Z)", re.MULTILINE | re.DOTALL)


def seen(place: Place, shop: Shop, cases: Sequence[Asked], seed: int) -> Seen:
    """Return all that is to be judged. Raises: AssertionError: a certificate does not hold."""
    copies = {
        each.case: _copy(place, each.case) for each in cases if each.right == "access" and each.approved is not None
    }
    answers, statements = _answers(place, shop, cases, seed), _statements(place, cases)
    return Seen(shop.events, cases, place.records, shop.fed, answers, statements, copies, frozenset(_alarmed(place)))


def _copy(place: Place, case: str) -> frozenset[str]:
    """Have a case of access answered, and return which parties the statement names that got something of hers."""
    folder = place.folder / f"answer-{case}"
    made = jalki("case", "answer", case, "--out", folder, settings=place.environment)
    assert made.code in {0, 3}, made.said  # noqa: S101 - that is what is tried
    statement = json.loads((folder / "statement.json").read_bytes())
    named = [*statement["recipients"], *statement["systems"]]
    return frozenset(each["company"]["party"] for each in named if each["observed"])


def _answers(place: Place, shop: Shop, cases: Sequence[Asked], seed: int) -> Mapping[str, Mapping[str, Any]]:
    """What `where` answers of everybody who asked for something, and of as many others as can be asked in time."""
    chance = random.Random(f"looking {seed}")
    everybody = shop.near.identifiers()
    asked = dict.fromkeys(each.identifier for each in cases)
    for each in chance.sample(everybody, min(len(everybody), MOST_ANSWERS)):
        asked.setdefault(each)
    with opened(place.settings) as folder:
        return {each: answer(folder, each, None) for each in asked}


def _statements(place: Place, cases: Sequence[Asked]) -> Mapping[str, Mapping[str, Any]]:
    """Return what the certificate of each approved case says, once it is checked offline against the company's key."""
    approved = [each.case for each in cases if each.approved is not None]
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:  # each is two programs, and of an hour there are hundreds
        return dict(zip(approved, side_by_side.map(partial(_statement, place), approved), strict=True))


def _statement(place: Place, case: str) -> Mapping[str, Any]:
    file, key = place.folder / f"{case}.json", place.folder / f"{case}.pem"
    issued = jalki("case", "certificate", case, "--out", file, "--public-key", key, settings=place.environment)
    assert issued.code in {0, 3}, issued.said  # noqa: S101 - that is what is tried
    checked = jalki("verify-certificate", file, "--key", key)
    assert checked.code == 0, checked.said  # noqa: S101 - that is what is tried
    statement: Mapping[str, Any] = json.loads(file.read_bytes())["body"]["statement"]
    return statement


def _alarmed(place: Place) -> Iterator[str]:
    """Cases of which the officer was told that their answer is overdue."""
    for letter in place.letters.kept:
        if OFFICER in f"{letter['To']}" and (body := letter.get_body(("plain",))):
            for told in _OVERDUE.finditer(body.get_content()):
                if "overdue since" in told[0]:
                    yield told[1]


def dead_letters(place: Place) -> int:
    """How many records could not be recorded."""
    return len(jalki("dead-letters", "--json", settings=place.environment).json)


def crashes(place: Place) -> list[str]:
    """Names of programs whose logs have a crash in them, and where."""
    running = {each.log.name: each.crashes() for each in place.programs}
    return [f"{name}: {len(lines)} lines, the first: {lines[0]}" for name, lines in running.items() if lines]
