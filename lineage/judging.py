"""Drift of one disclosure: which rules of the register, or of the person's consent, it broke at its own moment."""

from collections.abc import Callable

from lineage.facts import Disclosure
from lineage.register import Register

FORBIDDEN_DATA = "forbidden-data"
NO_CONSENT = "no-consent"


def declared_rules_broken(register: Register, disclosure: Disclosure) -> tuple[str, ...]:
    """Return the rules of the register that a disclosure broke, sorted; consent is not looked at."""
    route = disclosure.route
    broken = register.broken_rules(
        route.source, route.target, route.purpose, frozenset(route.categories), disclosure.at
    )
    return tuple(sorted((*broken, FORBIDDEN_DATA))) if route.forbidden else broken


def rules_broken(register: Register, disclosure: Disclosure, consented: Callable[[str, int], bool]) -> tuple[str, ...]:
    """Return all rules a disclosure broke, sorted. `consented` tells whether consent to a purpose held at a time."""
    broken = declared_rules_broken(register, disclosure)
    needed = register.consent_purpose(disclosure.route.purpose, disclosure.at)
    if needed is None or consented(needed, disclosure.at):
        return broken
    return tuple(sorted((*broken, NO_CONSENT)))
