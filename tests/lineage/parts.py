"""Makers of facts for the lineage tests: identifiers are written `kind:name`, so that a failing example can be read."""

from collections.abc import Iterable
from hashlib import blake2b

from lineage.facts import Bought, Consent, Disclosure, Facts, Link, Route

DELIVERY = Route("order-system", "posti", "delivery", ("address", "name"), "multitronic", forbidden=False)


def key(name: str) -> bytes:
    """The pseudonym of a made-up identifier or event: 16 bytes, as the graph has them."""
    return blake2b(name.encode(), digest_size=16).digest()


def kind_of(name: str) -> str:
    return name.partition(":")[0]


def route(target: str = "posti", purpose: str = "delivery", **others: object) -> Route:
    return DELIVERY._replace(target=target, purpose=purpose, **others)


def facts(
    event: str,
    *,
    at: int = 0,
    recorded: int = 0,
    owns: Iterable[tuple[str, str]] = (),
    discloses: Iterable[tuple[str, Route]] = (),
    consents: Iterable[tuple[str, str, bool]] = (),
    link: tuple[str, str, bool] | None = None,
    bought: Iterable[tuple[str, str]] = (),
    content: bytes = b"contents",
) -> Facts:
    """What one event adds: `owns` (owner, owned), `discloses` (holder, route), `consents` (holder, purpose, granted),
    `bought` (holder, model)."""
    owns, discloses, consents, bought = tuple(owns), tuple(discloses), tuple(consents), tuple(bought)
    names = [name for pair in owns for name in pair] + [each[0] for each in (*discloses, *consents, *bought)]
    links = ()
    if link is not None:
        one, other = sorted((key(link[0]), key(link[1])))
        names += link[:2]
        links = (Link(key(event), one, other, link[2], at, recorded, b"sealed"),)
    return Facts(
        event=key(event),
        content=content,
        at=at,
        recorded=recorded,
        identifiers={key(name): kind_of(name) for name in names},
        owns=tuple((key(owner), key(owned)) for owner, owned in owns),
        disclosures=tuple(
            Disclosure(key(event), part, key(holder), way, at, recorded, b"sealed")
            for part, (holder, way) in enumerate(discloses)
        ),
        consents=tuple(
            Consent(key(event), key(holder), purpose, granted, at, recorded, b"sealed")
            for holder, purpose, granted in consents
        ),
        links=links,
        bought=tuple(Bought(key(event), 0, key(holder), key(model)) for holder, model in bought),
    )
