"""Which rows of which audience are a person's: her identifiers in every form that Meta may hold. Pure; calls nobody."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, NamedTuple, get_args

from connectors.normalisers import sha256_hex, variants
from lineage.cases.orders import Order, Sending
from lineage.errors import Refused

Key = Literal["EMAIL", "PHONE", "MADID", "EXTERN_ID"]
KEYS: tuple[Key, ...] = get_args(Key)
SINGLE: Mapping[Key, str] = {"EMAIL": "EMAIL_SHA256", "PHONE": "PHONE_SHA256", "MADID": "MOBILE_ADVERTISER_ID"}
"""The schema of an upload by one key alone. `EXTERN_ID` has none."""
KIND: Mapping[Key, str] = {"EMAIL": "email", "PHONE": "phone", "MADID": "device_id", "EXTERN_ID": "customer_id"}
"""The kind of identifier that each key is."""
RULES: Mapping[str, Sequence[str]] = {
    "email": ("meta-email@2", "meta-email@1"),
    "phone": ("meta-phone@2", "meta-phone@1"),
    "device_id": ("email@1",),
    "customer_id": ("raw@1",),
}
"""The normalisers where a descriptor names none. A device's id is trimmed and in lower case, as an address is."""
ROWS_OF_ONE = 1_000
_AUDIENCE = re.compile(r"[0-9]{1,20}")
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_HASHED = frozenset({"email", "phone"})
Row = tuple[str, ...]
"""A value for each key of the schema, empty where it is not known."""


class Target(NamedTuple):
    """An audience by Meta's number, and the schema of what it was sent: one of `SINGLE`, or several keys."""

    audience: str
    schema: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """What is taken out for one order. `unsaid`: it got identifiers apart from any audience, or of no kind that is spoken.

    `unknown`: an audience that has no number of Meta's.
    """

    rows: Mapping[Target, tuple[Row, ...]] = field(default_factory=dict)
    unsaid: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How a shop uploads: by `keys` together, or where there are none by one key at a time.

    `numbers` are Meta's numbers of audiences that the shop's events call otherwise; `rules` are normalisers by kind.
    """

    keys: tuple[Key, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def removal(self, order: Order) -> Removal:
        """Return what is taken out for an order. Raises: Refused: it is more than any person ever has."""
        rows: dict[Target, dict[Row, None]] = {}
        unsaid, unknown = not order.sendings, False
        for sending in order.sendings:
            named = sending.places.get("audience_id")
            audience = None if named is None else self.numbers.get(named, named)
            if audience is None:
                unsaid = True
            elif not _AUDIENCE.fullmatch(audience):
                unknown = True
            else:
                found = list(self._rows(audience, sending))
                unsaid = unsaid or not found
                for target, row in found:
                    rows.setdefault(target, {})[row] = None
        if sum(map(len, rows.values())) > ROWS_OF_ONE:
            raise Refused(f"one person has more than {ROWS_OF_ONE} rows at {order.party}: look at what was sent there")
        return Removal({target: tuple(each) for target, each in rows.items()}, unsaid, unknown)

    def _rows(self, audience: str, sending: Sending) -> Iterator[tuple[Target, Row]]:
        values = {key: self._forms(key, sending) for key in self.keys or SINGLE}
        if not self.keys:
            for key, forms in values.items():
                yield from ((Target(audience, (SINGLE[key],)), (form,)) for form in forms)
        elif any(values.values()):
            columns = [values[key] or ("",) for key in self.keys]
            for found, row in enumerate(product(*columns)):
                if found > ROWS_OF_ONE:
                    break  # refused by whoever asked
                yield Target(audience, self.keys), row

    def _forms(self, key: Key, sending: Sending) -> tuple[str, ...]:
        """Return each value of a kind as it was sent, and in every form that it may have been given before."""
        kind = KIND[key]
        found: dict[str, None] = {}
        for value in (value for each, value in sending.identifiers if each == kind and value):
            if kind in _HASHED and _SHA256.fullmatch(value):
                found[value.lower()] = None  # it was sent as a hash: nobody can turn it into another form
            elif kind in _HASHED:
                forms = variants((*self._rules(kind), "raw@1"), value)
                found.update(dict.fromkeys(map(sha256_hex, forms)))
            else:
                found.update(dict.fromkeys(variants(self._rules(kind), value)))
        return tuple(found)

    def _rules(self, kind: str) -> Sequence[str]:
        return self.rules.get(kind) or RULES[kind]
