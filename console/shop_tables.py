"""Asks the shop's own tables for all they hold of one person, where the settings say which they are. Keeps nothing."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.mapping import SystemMap, load_mapping
from connectors.secretfile import read_secret
from lineage.answers.records import Record, read_records
from lineage.cases.orders import Order
from lineage.errors import Misconfigured
from lineage.register import Register
from schemas.vocabulary import vocabulary

if TYPE_CHECKING:
    from console.outward import Shop

_NO_KEY = "00000000-0000-4000-8000-000000000000"
"""Nothing is told to anybody, so there is nothing that could be told twice."""


def mapping_of(shop: "Shop", register: Register) -> SystemMap:
    """Return which of the shop's columns are what. Raises: Misconfigured: the mapping is wrong, or its system is no party."""
    categories, purposes = vocabulary().categories, [each.id for each in register.declared.purposes]
    mapping = load_mapping(shop.tables, frozenset(categories), frozenset(purposes))
    if not register.is_party(mapping.system):
        raise Misconfigured(f"{shop.tables.name}: {mapping.system} is no party of the register")
    return mapping


def records_of(shop: "Shop | None", register: Register, identifiers: Sequence[tuple[str, str]]) -> Sequence[Record]:
    """Return the rows of the person with these identifiers (kind, value); none where there is no shop to ask.

    Raises: Retryable: the database is away or slow. Refused: it holds too much. Misconfigured: a setting, or the mapping.
    """
    if shop is None:
        return ()
    # SQLAlchemy takes a while to load, and only this needs it.
    from connectors.sql import SqlConnector

    mapping = mapping_of(shop, register)
    password = read_secret(shop.password_file, "the password of the shop's database") if shop.password_file else None
    order = Order(
        key=_NO_KEY, task="", case="", party=mapping.system, form="internal", action="collect", controller="",
        identifiers=tuple(identifiers), categories=(), purposes=(), due="",
    )  # fmt: skip

    async def collected() -> Sequence[Record]:
        connector = SqlConnector(mapping, shop.url, password)
        try:
            outcome = await connector.send(order)
        finally:
            await connector.close()
        return read_records(outcome.evidence) if outcome.evidence else ()

    return asyncio.run(collected())
