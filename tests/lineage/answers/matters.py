"""One person's recorded matter for the tests of answers: real events, through real facts, sealed, in the plain graph."""

from collections.abc import Mapping, Sequence
from functools import cache

from lineage.answers.gathering import Matter, gather
from lineage.facts import Facts, facts_of
from lineage.identifiers import read_identifier
from lineage.pseudonyms import Pseudonyms
from lineage.recording import bound
from lineage.register import Register, load_register
from lineage.sealing import Seal
from schemas.catalogue import load_catalogue
from schemas.extract import said
from schemas.records import microseconds
from schemas.vocabulary import vocabulary
from tests.lineage.memory_graph import MemoryGraph
from tests.schemas.making import example

CATALOGUE = load_catalogue()
PSEUDONYMS = Pseudonyms(b"k" * 32)
NOW = microseconds("2026-11-23T12:00:00Z")
ADDRESS = {"street": "Rantakatu 12 B", "postcode": "65100", "city": "Vaasa", "country": "FI"}
AINO = {"customer_id": "C-17", "email": "aino@example.fi", "phone": "040 123 4567", "name": "Aino Esimerkki"}
FRIEND = {"name": "Ville Vieras", "phone": "+358509876543", "email": "ville@example.fi", "address": ADDRESS}


class Keys:
    """A key ring in memory: the key of a name is made from the name; `lost` are destroyed."""

    def __init__(self) -> None:
        self.lost: set[bytes] = set()

    def find(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        return {name: self.key(name) for name in names if name not in self.lost}

    @staticmethod
    def key(name: bytes) -> bytes:
        return (name * 3)[:32].ljust(32, b"k")


@cache
def register() -> Register:
    return load_register(None, frozenset(vocabulary().categories))


def happened(kind: str, event_id: str, at: str = "2026-03-01T09:30:00Z", /, **fields: object) -> Mapping[str, object]:
    made = example(CATALOGUE.types[kind], **{"controller": "multitronic", **fields})
    return {**made, "event_id": event_id, "occurred_at": microseconds(at)}


def recorded(*events: Mapping[str, object]) -> MemoryGraph:
    graph = MemoryGraph()
    for each in events:
        told = said(CATALOGUE.types[str(each["type"])], each)
        graph.record([_sealed(facts_of(told, repr(each).encode(), PSEUDONYMS, NOW, register().is_party))])
    return graph


def matter_of(*events: Mapping[str, object], who: str = "customer_id:C-17", keys: Keys | None = None) -> Matter:
    key = PSEUDONYMS.identifier(*read_identifier(who))
    return gather(recorded(*events), keys or Keys(), PSEUDONYMS, key)  # type: ignore[arg-type]  # all it is asked for


def _sealed(facts: Facts) -> Facts:
    def sealed(each: object) -> object:
        holder = each.one if hasattr(each, "one") else each.holder  # type: ignore[attr-defined]
        return each._replace(as_sent=Seal(Keys.key(holder)).seal(each.as_sent, bound(each)))  # type: ignore[attr-defined,arg-type]

    return facts._replace(
        disclosures=tuple(map(sealed, facts.disclosures)),  # type: ignore[arg-type]
        consents=tuple(map(sealed, facts.consents)),  # type: ignore[arg-type]
        links=tuple(map(sealed, facts.links)),  # type: ignore[arg-type]
    )


def account() -> Mapping[str, object]:
    return happened("AccountOpened", "a1", "2026-02-01T08:00:00Z", **AINO, address=ADDRESS)


def order(event_id: str = "o1", order_id: str = "O-1", **fields: object) -> Mapping[str, object]:
    needed = {"order_id": order_id, **AINO, "address": ADDRESS, "ip_address": "192.0.2.7", **fields}
    return happened("OrderPlaced", event_id, "2026-03-01T09:30:00Z", **needed)


def shipped(carrier: str, event_id: str, at: str = "2026-03-02T10:00:00Z") -> Mapping[str, object]:
    return happened(
        "ShipmentBooked", event_id, at, shipment_id=f"S-{event_id}", order_id="O-1", customer_id="C-17", carrier=carrier,
        tracking_number=f"T-{event_id}", name="Aino Esimerkki", address=ADDRESS, phone="040 123 4567", email=None,
    )  # fmt: skip


def viewed(
    event_id: str, at: str, viewer: str = "multitronic", purpose: str = "customer-contact"
) -> Mapping[str, object]:
    return happened(
        "RecordViewed", event_id, at, customer_id="C-17", viewer=viewer, viewer_ref="matti.myyja", purpose=purpose,
        categories=["name", "order"],
    )  # fmt: skip


def credit() -> Mapping[str, object]:
    return happened(
        "CreditApplied", "c1", "2026-03-01T09:40:00Z", application_id="K-1", order_id="O-1", customer_id="C-17",
        lender="walley", name="Aino Esimerkki", national_id="131052-308T", email="aino@example.fi",
        phone="040 123 4567", address=ADDRESS,
    )  # fmt: skip


def disclosed(event_id: str, recipient: str, purpose: str, **fields: object) -> Mapping[str, object]:
    return happened(
        "DataDisclosed", event_id, "2026-04-01T09:00:00Z", holder="order-system", recipient=recipient, purpose=purpose,
        identifiers=[{"kind": "customer_id", "value": "C-17"}], categories=["name", "order"], **fields,
    )  # fmt: skip
