"""A shop's facts as Hypothesis draws them: few persons who share much, consents and withdrawals, links, late events."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lineage.facts import Facts
from lineage.register import Register, load_register
from tests.lineage.parts import facts, route
from tests.lineage.register.small import CATEGORIES

REGISTER = """\
eea: [FI, SE]
controllers:
  us: {business_id: 1008670-9, financial_year_ends: 12-31, financial_year_confirmed: true}
parties:
  us: {name: Us Oy, kind: group, country: FI}
  shop: {name: Shop, kind: own-system, country: FI}
  post: {name: Post Oy, kind: carrier, country: FI}
  mailer: {name: Mailer Oy, kind: mail, country: FI}
purposes:
  order: {text: Sell, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#CustomerOrderManagement'}
  newsletter: {text: Write, basis: consent, consent: newsletter, article: 6(1)(a), dpv: 'https://w3id.org/dpv#Marketing'}
  statistics: {text: Count, basis: legitimate-interest, article: 6(1)(f), dpv: 'https://w3id.org/dpv#Marketing'}
recipients:
  - {parties: shop, purposes: order, role: own-system, from: person, categories: [email, phone]}
  - {parties: mailer, purposes: [newsletter, statistics], role: controller, from: shop, categories: [email, phone]CONTRACT}
retention:
  - {rule: D01, categories: [email, phone], purposes: order, law: ours, after: collected, months: 1}
  - {rule: D02, categories: [email, phone], purposes: newsletter, law: ours, after: collected, months: 12}
  - {rule: D03, categories: [email, phone], purposes: statistics, law: ours, after: collected, months: 1}
"""
DAY = 86_400_000_000
BEGIN = 1_767_225_600_000_000  # 2026
ORDER = route("shop", "order", source="person", categories=("email",), controller="us")
NEWS = route("mailer", "newsletter", source="shop", categories=("email",), controller="us")
COUNTED = route("mailer", "statistics", source="shop", categories=("email",), controller="us")
ASTRAY = route("post", "order", source="shop", categories=("email",), controller="us")
WAYS = (ORDER, NEWS, NEWS, COUNTED, ASTRAY)

_WHOS = ("customer_id:1", "customer_id:2", "email:a", "email:b", "phone:a", "device_id:d")
_THINGS = ("order_id:1", "order_id:2", "shipment_id:1")
_NAMES = (*_WHOS, *_THINGS)
_day = st.integers(0, 90)


def register_of(folder: Path, *, until: str = "") -> Register:
    """The register; with `until` the mailer may get nothing after that day."""
    path = folder / "register.yaml"
    path.write_text(REGISTER.replace("CONTRACT", f", valid_until: {until}" if until else ""), encoding="utf-8")
    return load_register(path, frozenset(CATEGORIES))


@st.composite
def _event(draw: st.DrawFn) -> dict[str, Any]:
    match draw(st.sampled_from(["sent", "sent", "consent", "owns", "owns", "link"])):
        case "sent":
            what: dict[str, Any] = {"discloses": [(draw(st.sampled_from(_NAMES)), draw(st.sampled_from(WAYS)))]}
        case "consent":
            what = {"consents": [(draw(st.sampled_from(_WHOS)), "newsletter", draw(st.booleans()))]}
        case "owns":
            owner, owned = draw(st.sampled_from([(a, b) for a in _NAMES for b in _NAMES if a != b]))
            what = {"owns": [(owner, owned)], "discloses": [(owner, ORDER)]}
        case _:
            one, other = draw(st.sampled_from([(a, b) for a in _WHOS for b in _WHOS if a < b]))
            what = {"link": (one, other, draw(st.booleans()))}
    return {"at": BEGIN + draw(_day) * DAY, **what}


def shop() -> st.SearchStrategy[list[Facts]]:
    """Some events, in the order in which they come: it tells nothing of when they occurred."""
    return st.lists(_event(), min_size=1, max_size=14).map(
        lambda drawn: [facts(f"e{number}", recorded=BEGIN + 100 * DAY, **each) for number, each in enumerate(drawn)]
    )


def batches(events: Sequence[Facts]) -> st.SearchStrategy[list[list[Facts]]]:
    """The same events shuffled, some twice, in batches."""
    again = st.lists(st.sampled_from(list(events)), max_size=3)
    return again.flatmap(lambda more: st.permutations([*events, *more])).flatmap(_cut)


def _cut(events: Sequence[Facts]) -> st.SearchStrategy[list[list[Facts]]]:
    def cut(ends: list[int]) -> list[list[Facts]]:
        borders = [0, *sorted(ends), len(events)]
        return [list(events[one:other]) for one, other in pairwise(borders)]

    return st.lists(st.integers(0, len(events)), max_size=4).map(cut)
