"""Events as a shop tells them, with everything a test does not care about filled in. None of it is of anybody who lives."""

from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]
ADDRESS = {"street": "Katu 1", "postcode": "65100", "city": "Vaasa", "country": "FI"}
ANNA = {"customer_id": "C-1", "email": "anna@example.fi"}


def account(**told: Any) -> Event:
    return {"type": "AccountOpened", **ANNA, **told}


def order(number: str = "O-1", **told: Any) -> Event:
    item = {"sku": "S-1", "product_group": "laptop", "quantity": 1, "price": "10.00"}
    told = {"total": "10.00", "currency": "EUR", "name": "Anna A", "address": ADDRESS, "items": [item], **told}
    return {"type": "OrderPlaced", "order_id": number, **(ANNA if "email" not in told else {}), **told}


def shipment(number: str = "S-1", order_id: str = "O-1", **told: Any) -> Event:
    told = {"carrier": "posti", "name": "Anna A", "address": ADDRESS, **told}
    return {"type": "ShipmentBooked", "shipment_id": number, "order_id": order_id, "customer_id": "C-1", **told}


def handed_on(number: str = "S-1", **told: Any) -> Event:
    route = {"from_carrier": "posti", "to_carrier": "dhl", "categories": ["name", "address"]}
    return {"type": "ShipmentHandedOn", "shipment_id": number, **route, **told}


def payment(number: str = "P-1", order_id: str = "O-1", **told: Any) -> Event:
    told = {"provider": "klarna", "amount": "10.00", "currency": "EUR", "method": "card", "name": "Anna A", **told}
    return {"type": "PaymentRequested", "payment_id": number, "order_id": order_id, "customer_id": "C-1", **told}


def claim(number: str = "K-1", order_id: str = "O-1", **told: Any) -> Event:
    told = {"handler": "multicare", "name": "Anna A", "email": "anna@example.fi", "description": "it hums", **told}
    return {"type": "ClaimOpened", "claim_id": number, "order_id": order_id, "customer_id": "C-1", **told}


def subscribed(email: str = "anna@example.fi", **told: Any) -> Event:
    return {"type": "NewsletterSubscribed", "email": email, "consent_text": "v1", "source": "web", **told}


def unsubscribed(email: str = "anna@example.fi", **told: Any) -> Event:
    return {"type": "NewsletterUnsubscribed", "email": email, "source": "mail", **told}


def mailed(email: str = "anna@example.fi", **told: Any) -> Event:
    return {"type": "NewsletterSent", "email": email, "provider": "sendgrid", "campaign_id": "k-1", **told}


def changed(**told: Any) -> Event:
    return {"type": "ContactChanged", "customer_id": "C-1", **told}


def linked(left: tuple[str, str], right: tuple[str, str], *, joined: bool = True, **told: Any) -> Event:
    ends = {side: {"kind": kind, "value": value} for side, (kind, value) in (("left", left), ("right", right))}
    return {"type": "IdentifiersLinked" if joined else "IdentifiersUnlinked", **ends, "decided_by": "dpo", **told}


def disclosed(recipient: str, purpose: str, categories: list[str], *named: tuple[str, str], **told: Any) -> Event:
    identifiers = [{"kind": kind, "value": value} for kind, value in named or (("customer_id", "C-1"),)]
    route = {"holder": "order-system", "recipient": recipient, "purpose": purpose, "categories": categories}
    return {"type": "DataDisclosed", "identifiers": identifiers, **route, **told}
