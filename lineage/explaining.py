"""Why a disclosure is drift: each rule it broke, what shows that, and what to do. Pure; judges nothing itself.

What shows it are entries of the register with the days on which they hold, and events by pseudonym: no personal data.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from lineage.facts import Consent, Disclosure
from lineage.judging import FORBIDDEN_DATA
from lineage.register import Place, Register, Validity
from lineage.register.register import (
    CATEGORY_NOT_ALLOWED,
    CONTRACTS,
    NO_CONTRACT,
    NO_TRANSFER_SAFEGUARD,
    NOT_IN_NOTICE,
    UNDECLARED_RECIPIENT,
    UNDECLARED_SOURCE,
    UNKNOWN_BASIS,
    UNKNOWN_PURPOSE,
)

_TABLE = Path(__file__).with_name("drift_rules.toml")
_OPEN = Validity()


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that shows a finding: an entry of the register with its days, or an event with its time.

    `kind` says what it is; `where` is the line of the register, empty where there is none. Days are those of Helsinki, the
    last one included; `event` is a pseudonym, `at` microseconds UTC.
    """

    kind: str
    text: str
    where: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    event: bytes | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a disclosure broke, the law it rests on, what shows it, and what to do."""

    rule: str
    law: str
    todo: str
    evidence: tuple[Shown, ...]


@cache
def rule_texts() -> Mapping[str, Mapping[str, str]]:
    """Return, by rule, its `law` and what `todo`."""
    return tomllib.loads(_TABLE.read_text("utf-8"))


def finding(rule: str, evidence: Iterable[Shown]) -> Finding:
    """Return a finding of a rule, with its texts."""
    texts = rule_texts()[rule]
    return Finding(rule, texts["law"], texts["todo"], tuple(evidence))


def declared_evidence(register: Register, disclosure: Disclosure, rule: str) -> tuple[Shown, ...]:
    """Return what shows why a rule was broken that needs no look at the person; nothing for one that does."""
    told = _TELLING.get(rule)
    return tuple(told(register, disclosure)) if told else ()


def consent_evidence(register: Register, disclosure: Disclosure, decided: Consent | None) -> tuple[Shown, ...]:
    """Return what shows that there was no consent: the withdrawal that held then, or that nobody had ever consented."""
    route = disclosure.route
    purpose = register.purpose(route.purpose)
    where = str(purpose.place) if purpose else ""
    rests = Shown("basis", f"'{route.purpose}' rested on consent then", where)
    if decided is None:
        return (Shown("consent", "no consent to it was ever given before that moment"), rests)
    return (Shown("consent", "the consent was withdrawn", event=decided.event, at=decided.at), rests)


def _entry(kind: str, text: str, place: Place, validity: Validity = _OPEN) -> Shown:
    return Shown(kind, text, str(place), validity.valid_from, validity.valid_until)


def _recipients(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    route = disclosure.route
    entries = register.declared_for(route.target, route.purpose)
    if not entries:
        yield Shown("recipient", f"no entry lets '{route.target}' get data for '{route.purpose}' at any time")
    for entry in entries:
        yield _entry("recipient", f"declared for '{entry.purpose}', on other days", entry.place, entry.validity)


def _sources(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    for entry in register.declared_for(disclosure.route.target, disclosure.route.purpose):
        if entry.validity.covers(disclosure.at):
            names = ", ".join(sorted(entry.sources))
            yield _entry("recipient", f"declared from {names} only", entry.place, entry.validity)


def _categories(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    route = disclosure.route
    entries = [one for one in register.declared_for(route.target, route.purpose) if one.validity.covers(disclosure.at)]
    from_here = [one for one in entries if route.source in one.sources] or entries
    more = sorted(set(route.categories) - frozenset().union(*(one.categories for one in from_here)))
    for entry in from_here:
        yield _entry("recipient", f"declared without {', '.join(more)}", entry.place, entry.validity)


def _purposes(_: Register, disclosure: Disclosure) -> Iterable[Shown]:
    yield Shown("purpose", f"the register has no purpose '{disclosure.route.purpose}'")


def _bases(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    purpose = register.purpose(disclosure.route.purpose)
    if purpose is not None:
        for basis in purpose.bases:
            yield _entry("basis", basis.basis, purpose.place, basis.validity)


def _transfers(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    route, declared = disclosure.route, register.declared
    transfer = register.transfer(route.target, disclosure.at)
    party = register.party(route.target)
    if transfer is None or party is None:
        return
    yield _entry("party", f"its data goes to {transfer.country}, outside the EEA", party.place, party.validity)
    for one in declared.safeguards:
        if one.party == route.target:
            held = one.validity.covers(disclosure.at)
            text = f"{one.mechanism}: " + ("not for this purpose" if held else "did not hold on that day")
            yield _entry("transfer", text, one.place, one.validity)
    for each in declared.adequacy:
        if each.country == transfer.country:
            yield _entry("adequacy", f"{each.country}: did not hold on that day", each.place, each.validity)


def _contracts(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    route = disclosure.route
    role = register.role(route.target, route.purpose, disclosure.at)
    contracts = register.contracts(route.target, CONTRACTS.get(role, ""), route.purpose)
    if not contracts:
        yield Shown("contract", f"no contract with '{route.target}' is about '{route.purpose}'")
    for one in contracts:
        yield _entry("contract", f"{one.source}: did not hold on that day", one.place, one.validity)


def _notices(register: Register, disclosure: Disclosure) -> Iterable[Shown]:
    route, party = disclosure.route, register.party(disclosure.route.target)
    then = register.notice(disclosure.at)
    if then is None:
        yield Shown("notice", "no version was in force yet")
    else:
        yield _entry("notice", f"version {then.version} does not name it", then.place, then.validity)
    for later in register.declared.notices:
        if party is not None and later.validity.starts > disclosure.at and later.names(party, route.purpose):
            posted = f", posted on {later.posted}" if later.posted else ""
            yield _entry("notice", f"version {later.version} names it{posted}", later.place, later.validity)
            return


def _forbidden(_: Register, disclosure: Disclosure) -> Iterable[Shown]:
    text = "a value that can only be a card number or a bank login was dropped from it"
    yield Shown("event", text, event=disclosure.event, at=disclosure.at)


_TELLING: Mapping[str, Callable[[Register, Disclosure], Iterable[Shown]]] = {
    UNDECLARED_RECIPIENT: _recipients,
    UNDECLARED_SOURCE: _sources,
    CATEGORY_NOT_ALLOWED: _categories,
    UNKNOWN_PURPOSE: _purposes,
    UNKNOWN_BASIS: _bases,
    NO_TRANSFER_SAFEGUARD: _transfers,
    NO_CONTRACT: _contracts,
    NOT_IN_NOTICE: _notices,
    FORBIDDEN_DATA: _forbidden,
}
