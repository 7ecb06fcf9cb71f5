"""Compares what was published with what the register declares: row by row where its JSON was kept, else by names in a text.

Of a text only names can be compared: whether it says the rest rightly a person has to read.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lineage.notice.model import Notice
from lineage.register import UNKNOWN, Register

_FORMS = (
    r"Oyj|Oy|Abp|Ab|AB \(publ\)|AB|A/S|ApS|ASA|AS|GmbH|AG|Inc\.?|LLC|Ltd\.?|Limited|N\.V\.|B\.V\.|S\.A\.|SA|plc|"
    r"S\.à r\.l\. et Cie, S\.C\.A\.|S\.à r\.l\."
)
_FORM = re.compile(rf"(?:,? (?:{_FORMS}))+$")
# No word is looked at further than so many letters: a text of one endless word would take for ever.
_COMPANY = re.compile(rf"(?:[^\W\d_a-zåäö][\w&.'-]{{0,60}}[ \t]+){{1,4}}(?:{_FORMS})(?!\w)")
_OF_RECIPIENTS = ("name", "country", "role", "categories", "transfer")
_OF_PURPOSES = ("basis", "categories", "kept")


@dataclass(frozen=True, slots=True)
class Changed:
    """A part of a row that is not the same; `party` is empty where it is of the purpose itself."""

    purpose: str
    party: str
    what: str
    published: Any
    register: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows (purpose, party) that stand on one side alone, `party` empty for a whole purpose; and what is not the same."""

    published_only: tuple[tuple[str, str], ...]
    register_only: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]

    @property
    def nothing(self) -> bool:
        """Whether both say the same."""
        return not (self.published_only or self.register_only or self.changed)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a published text names: parties by id, companies and countries as they are written or by code.

    `missing` are recipients that it does not name, `brand_only` those that it names by no legal name; `no_recipient` are
    parties that it names and that may get nothing; `unknown` companies that the register does not have; `countries` those
    that data goes to and that it does not name.
    """

    missing: tuple[str, ...]
    brand_only: tuple[str, ...]
    no_recipient: tuple[str, ...]
    unknown: tuple[str, ...]
    countries: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether nothing was found to differ, as far as names go."""
        return not (self.missing or self.brand_only or self.no_recipient or self.unknown or self.countries)


def difference(published: Mapping[str, Any], now: Mapping[str, Any]) -> Difference:
    """Return how two notices differ, both in the form of `lineage.notice.shape`; when they held is not compared."""
    before, after = _rows(published), _rows(now)
    changed = [
        Changed(*row, what, before[row].get(what), after[row][what])
        for row in sorted(before.keys() & after.keys())
        for what in (_OF_RECIPIENTS if row[1] else _OF_PURPOSES)
        if before[row].get(what) != after[row][what]
    ]
    return Difference(
        tuple(sorted(before.keys() - after.keys())), tuple(sorted(after.keys() - before.keys())), tuple(changed)
    )


def _rows(told: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for purpose in told["purposes"]:
        rows[purpose["purpose"], ""] = purpose
        rows |= {(purpose["purpose"], each["party"]): each for each in purpose["recipients"]}
    return rows


def mentioned(text: str, notice: Notice, register: Register, countries: Mapping[str, Iterable[str]]) -> Mentioned:
    """Return what a published text names of what the notice has, and what besides. `countries` are names by code."""
    plain = _plain(text)
    receivers = {each.company.party: each for purpose in notice.purposes for each in purpose.receivers}
    named = {party for party, each in receivers.items() if each.company.named}
    by_name = {each.id for each in register.parties() if _is_in(plain, each.name)}
    by_brand = {
        each.id for each in register.parties() if any(_is_in(plain, form) for form in _brands(each.id, each.name))
    }
    abroad = {each.transfer.country for each in receivers.values() if each.transfer} - {UNKNOWN}
    entitled = {*receivers, *(each.party for each in register.declared.recipients if each.validity.covers(notice.at))}
    ours = {each.id for each in register.declared.controllers}
    return Mentioned(
        missing=tuple(sorted(named - by_name - by_brand)),
        brand_only=tuple(sorted((named & by_brand) - by_name)),
        no_recipient=tuple(sorted((by_name | by_brand) - entitled - ours)),
        unknown=tuple(sorted(set(_unknown(text, {each.name for each in register.parties()})))),
        countries=tuple(
            sorted(each for each in abroad if not any(_is_in(plain, word) for word in countries.get(each, (each,))))
        ),
    )


def _brands(party: str, name: str) -> set[str]:
    """Return what people call a party: its id as words, and its name without its legal form."""
    return {party.replace("-", " "), _FORM.sub("", name)}


def _is_in(plain: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(_plain(name))}(?!\w)", plain) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _unknown(text: str, names: set[str]) -> Iterator[str]:
    """Yield what looks like a company (capitalised words before a legal form) and ends in no name of the register."""
    known = tuple(_plain(name) for name in names)
    for found in _COMPANY.finditer(unicodedata.normalize("NFC", text)):
        name = " ".join(found[0].split())
        if not _plain(name).endswith(known):
            yield name
