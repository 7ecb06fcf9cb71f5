"""What GDPR Art. 30 asks for and the register does not declare. Names it; makes nothing up."""

from collections.abc import Iterable, Iterator

from lineage.register import UNKNOWN, Register
from lineage.ropa.model import Activity, Mandate, Missing

WHAT = (
    "basis", "business-id", "contact", "controller", "country", "data-protection-officer", "data-subjects", "legal-name",
    "mandate-controller", "purpose", "role", "safeguard", "security",
)  # fmt: skip
"""Everything that may be missing. A time limit is not: a register without one for whatever it declares does not load.
Nor is a representative, which is asked for only of those outside the Union (Art. 27)."""


def missing_of(register: Register, activities: Iterable[Activity], mandates: Iterable[Mandate]) -> tuple[Missing, ...]:
    """Return what is missing, each thing once, sorted."""
    found = {*_of_companies(register), *_of_mandates(mandates)}
    for activity in activities:
        found |= {*_of_activity(activity), *_of_recipients(activity)}
    if not register.declared.security:
        found.add(Missing("security", "register", "GDPR Art. 30(1)(g)"))
    return tuple(sorted(found, key=lambda each: (each.what, each.where)))


def _of_companies(register: Register) -> Iterator[Missing]:
    if not register.declared.controllers:
        yield Missing("controller", "register", "GDPR Art. 30(1)(a)")
    for each in register.declared.controllers:
        if each.business_id == UNKNOWN:
            yield Missing("business-id", each.id, "GDPR Art. 30(1)(a)")
        if not each.contact:
            yield Missing("contact", each.id, "GDPR Art. 30(1)(a)")
        if not each.officer:
            yield Missing("data-protection-officer", each.id, "GDPR Art. 30(1)(a), 37")


def _of_activity(activity: Activity) -> Iterator[Missing]:
    name = activity.purpose
    if activity.declared is None:
        yield Missing("purpose", name, "GDPR Art. 30(1)(b)")
        return
    if activity.basis == UNKNOWN:
        yield Missing("basis", name, "GDPR Art. 6(1), 5(2)")
    if not activity.declared.subjects:
        yield Missing("data-subjects", name, "GDPR Art. 30(1)(c)")
    if not any(each.role for each in activity.companies):
        yield Missing("controller", name, "GDPR Art. 30(1)(a)")


def _of_recipients(activity: Activity) -> Iterator[Missing]:
    for each in (*activity.recipients, *activity.systems):
        party = each.party.id
        if each.party.country == UNKNOWN:
            yield Missing("country", party, "GDPR Art. 30(1)(e)")
        if not each.party.named:
            yield Missing("legal-name", party, "GDPR Art. 30(1)(d); C-154/21")
        # What is not declared at all has no role either: it stands among what went out undeclared.
        if each.counted.declared and UNKNOWN in each.roles:
            yield Missing("role", f"{activity.purpose}/{party}", "GDPR Art. 4(7)-(8), 28")
        if each.transfer is not None and not each.transfer.safeguarded:
            yield Missing("safeguard", party, "GDPR Art. 30(1)(e), 44")


def _of_mandates(mandates: Iterable[Mandate]) -> Iterator[Missing]:
    for each in mandates:
        if each.controller is None:
            yield Missing("mandate-controller", each.processor, "GDPR Art. 30(2)(a)")
