"""Which retention rules withstand a request for erasure, on what ground, in what words: `holds.toml`, and legal holds.

The table has versions, each complete. What was decided under one can be decided again under it (GDPR Art. 5(2)).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from lineage.cases.entries import canonical
from lineage.cases.words import Form
from lineage.errors import Misconfigured
from lineage.register import Register
from lineage.register.model import midnight

SHIPPED = Path(__file__).with_name("holds.toml")
LANGUAGES = ("fi", "sv", "en")
ARTICLES: Mapping[str, str] = {
    "legal-obligation": "GDPR 17(3)(b)",
    "claims": "GDPR 17(3)(e)",
    "still-needed": "GDPR 17(1)(a)",
}
"""Why something may stay, and where that is said. `still-needed`: the contract runs, so 17(1)(a) is not met yet."""

REVIEW_MONTHS = 6
LEGAL_HOLD = "H27"
LEGAL_ORDER = "legal-hold"
"""How a task came to be stopped or replaced by an order that keeps what it is about."""

_FORMS: Mapping[str, Form | None] = {
    "authority": None,  # no recipient in a particular inquiry (Art. 4(9)), and no task
    "own-system": "internal",
    "processor": "instruction",
    "controller": "notice",
    "joint-controller": "notice",
}


def form_of(role: str, *, ours: bool = False) -> Form | None:
    """Return how a party of this role is told (Art. 19, 28(3)); None: not at all. Of an unknown role it gets a notice.

    `ours` are our own systems and companies of the group that share them: told inside, whatever their role is. So a joint
    controller of the group is `internal`, and one outside (Art. 26, for a part of what it does) gets a notice.
    """
    if role == "authority":
        return None
    return "internal" if ours else _FORMS.get(role, "notice")


@dataclass(frozen=True, slots=True)
class Ground:
    """One rule's row. `only` are the categories it may keep, empty for all; `promised`: gone by itself, and by when is known."""

    rule: str
    withstands: bool
    promised: bool
    article: str | None
    statute: str
    only: frozenset[str]
    texts: Mapping[str, str]

    def keeps(self, category: str) -> bool:
        """Tell whether this category may stay though erasure was asked for."""
        return self.withstands and (not self.only or category in self.only)


@dataclass(frozen=True, slots=True)
class Holds:
    """One version of the table. `assumptions` are days or months by name, some by purpose; `digest` tells it from any other."""

    version: str
    valid_from: date
    grounds: Mapping[str, Ground]
    assumptions: Mapping[str, int]
    digest: str

    def ground(self, rule: str) -> Ground:
        """Return a rule's row.

        Raises:
            Misconfigured: there is none: whether something must stay is for the controller to say, not for a default.
        """
        found = self.grounds.get(rule)
        if found is None:
            raise Misconfigured(
                f"holds {self.version}: nothing says whether rule {rule} withstands an erasure: add its row in a new version"
            )
        return found

    def missing(self, register: Register) -> tuple[str, ...]:
        """Return the rules of a register that have no row, sorted: no erasure can be planned until they have."""
        return tuple(sorted({each.rule for each in register.declared.retention} - self.grounds.keys()))

    def assumed(self, name: str, purpose: str = "") -> int:
        """Return an assumed number of days or months; that of the purpose, where it has one of its own."""
        return self.assumptions.get(f"{name}.{purpose}", self.assumptions[name])

    def text(self, rule: str, language: str) -> str:
        """Return why something stays, as a person is told it (Art. 12(4)); in English where that language is missing."""
        texts = self.ground(rule).texts
        return texts.get(language) or texts.get("en", "")


@dataclass(frozen=True, slots=True)
class Table:
    """All versions, the oldest first."""

    versions: tuple[Holds, ...]

    def at(self, now: int) -> Holds:
        """Return the version to decide by at this instant (microseconds UTC). Raises: Misconfigured: there is none yet."""
        found = [each for each in self.versions if midnight(each.valid_from) <= now]
        if not found:
            raise Misconfigured("no version of the holds is valid yet: give the first one an earlier valid_from")
        return found[-1]

    def version(self, name: str) -> Holds:
        """Return a version by its name, to decide as it was decided then. Raises: Misconfigured: unknown."""
        for each in self.versions:
            if each.version == name:
                return each
        raise Misconfigured(f"there is no version {name} of the holds: old versions must stay in the table")


@dataclass(frozen=True, slots=True)
class LegalHold:
    """An order of a court, the police or the supervisory authority to keep items until it is released (H27).

    It is about the items of this party, purpose and category; None: of any. `by` is who ordered it; times microseconds UTC.
    """

    name: str
    by: str
    law: str
    ordered: int
    released: int | None = None
    party: str | None = None
    purpose: str | None = None
    category: str | None = None
    gone: tuple[str, ...] = ()
    """Tasks about what it covers that had gone out, or may have, before it came."""

    def covers(self, party: str, purpose: str, category: str, at: int) -> bool:
        """Tell whether it keeps this item at that moment."""
        wanted = ((self.party, party), (self.purpose, purpose), (self.category, category))
        in_force = self.ordered <= at and (self.released is None or at < self.released)
        return in_force and all(asked is None or asked == found for asked, found in wanted)


@cache
def load_holds(path: Path = SHIPPED) -> Table:
    """Return the table of a file, by default the shipped one.

    Raises:
        Misconfigured: it cannot be read, or something in it is missing or unknown; the message says where.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise Misconfigured(f"{path.name} cannot be read, or is no TOML: mend it") from cause
    rows = told.get("version")
    if not isinstance(rows, list) or not rows:
        raise Misconfigured(f"{path.name}: it holds no [[version]]")
    versions = sorted((_version(each, path.name) for each in rows), key=lambda each: each.valid_from)
    for key in ("version", "valid_from"):
        if len({getattr(each, key) for each in versions}) < len(versions):
            raise Misconfigured(f"{path.name}: two versions have the same {key}")
    return Table(tuple(versions))


def _version(told: Mapping[str, Any], file: str) -> Holds:
    try:
        version, valid_from = str(told["version"]), told["valid_from"]
        where = f"{file}, version {version}"
        assumptions = _assumptions(told["assumptions"], where)
        grounds = {rule: _ground(rule, row, where) for rule, row in told["rules"].items()}
    except (KeyError, AttributeError, TypeError) as cause:
        raise Misconfigured(f"{file}: a version lacks, or has in another form, {cause}") from cause
    if type(valid_from) is not date:
        raise Misconfigured(f"{where}: valid_from is a day, like 2026-11-23")
    digest = sha256(canonical({**told, "valid_from": valid_from.isoformat()})).hexdigest()
    return Holds(version, valid_from, grounds, assumptions, digest)


ASSUMPTIONS = frozenset(
    ["case-closed-days", "competition-ended-days", "delivery-days", "due-days", "export-days", "longest-open-days",
     "refund-days", "return-days", "warranty-months"]
)  # fmt: skip
"""What no event says, and must be assumed to know an end. `NAME.PURPOSE` is the number for one purpose."""

_MOST = 20_000


def _assumptions(told: Mapping[str, Any], where: str) -> Mapping[str, int]:
    found = dict(told)
    unknown = {each for each in found if each.partition(".")[0] not in ASSUMPTIONS}
    if unknown or not found.keys() >= ASSUMPTIONS:
        names = ", ".join(sorted(unknown | (ASSUMPTIONS - found.keys())))
        raise Misconfigured(f"{where}: assumptions that are unknown or missing: {names}")
    for name, number in found.items():
        if type(number) is not int or not 0 <= number <= _MOST:
            raise Misconfigured(f"{where}: {name} is a whole number from 0 to {_MOST}")
    return found


_KEYS = frozenset(["withstands", "promised", "why", "statute", "only", *LANGUAGES])


def _ground(rule: str, row: Mapping[str, Any], where: str) -> Ground:
    if unknown := row.keys() - _KEYS:
        raise Misconfigured(f"{where}, {rule}: unknown words: {', '.join(sorted(unknown))}")
    withstands, promised = row["withstands"], row.get("promised", False)
    if type(withstands) is not bool or type(promised) is not bool or (withstands and promised):
        raise Misconfigured(f"{where}, {rule}: withstands and promised are true or false, and never both true")
    if withstands != (row.get("why") in ARTICLES):
        raise Misconfigured(
            f"{where}, {rule}: what withstands says why, by one of {', '.join(ARTICLES)}; nothing else does"
        )
    wanted = LANGUAGES if withstands or promised else ("en",)
    texts = {each: row[each] for each in LANGUAGES if each in row}
    if any(not str(texts.get(each, "")).strip() for each in wanted):
        raise Misconfigured(f"{where}, {rule}: a text is missing: {', '.join(wanted)} are needed")
    article = ARTICLES[row["why"]] if withstands else None
    return Ground(rule, withstands, promised, article, str(row["statute"]), frozenset(row.get("only", ())), texts)
