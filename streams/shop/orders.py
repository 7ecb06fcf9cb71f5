"""Buying: the order, its payment or credit, its parcels and its refund; all of it rests on the contract of sale."""

from dataclasses import dataclass

from streams.shop.calendar import DAY, HOUR
from streams.shop.diary import Diary, Event
from streams.shop.numbers import iban, tracking_number
from streams.shop.people import Person, email_as_sent, finland, phone_as_sent

PROVIDERS = ("paytrail", "nets", "klarna", "adyen", "stripe", "paypal")
LENDERS = ("klarna", "walley", "resurs", "svea")
CARRIERS = ("posti", "matkahuolto", "postnord", "dhl", "ups", "schenker")
EXPORT_CARRIERS = ("posti", "dhl", "ups", "postnord", "schenker")
SUB_CARRIERS = {
    "posti": ("matkahuolto", "postnord"),
    "matkahuolto": ("posti",),
    "postnord": ("posti", "matkahuolto"),
    "dhl": ("posti", "ups"),
    "ups": ("posti", "postnord"),
    "schenker": ("posti", "matkahuolto"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """An order as later events refer to it; `account` is None where she bought as a guest. Total in cents."""

    order_id: str
    at: int
    buyer: Person
    account: str | None
    items: list[Event]
    total: int
    currency: str
    consignee: Event | None


def money(cents: int) -> str:
    """Cents as the contract's decimal string."""
    return f"{cents // 100}.{cents % 100:02d}"


def consignee_of(diary: Diary, person: Person) -> Event:
    """What a buyer tells of another person who shall receive the goods: her name, and some of the rest."""
    told: Event = {"name": person.name}
    dice = diary.rng.random()
    if dice < 0.55:
        told["email"] = email_as_sent(diary, person.email)
    if dice > 0.35:
        told["phone"] = phone_as_sent(diary, person.mobile) if dice < 0.9 else None
    if diary.chance(0.7):
        told["address"] = person.address
    return told


def place(diary: Diary, buyer: Person, at: int, *, guest: bool = False, consignee: Event | None = None) -> Order:
    """She orders, signed in if she has an account and is not a guest today."""
    items = [_item(diary) for _ in range(1 + diary.chance(0.35) + diary.chance(0.12))]
    total = sum(int(str(item["price"]).replace(".", "")) * int(str(item["quantity"])) for item in items)
    account = None if guest else buyer.account
    currency = diary.pick(("SEK", "NOK", "EUR")) if buyer.address["country"] in ("SE", "NO") else "EUR"
    order = Order(diary.reference("O"), at, buyer, account, items, total, currency, consignee)
    needed: Event = {
        "order_id": order.order_id,
        "email": email_as_sent(diary, buyer.email),
        "name": buyer.name,
        "address": buyer.address,
        "items": items,
        "total": money(total),
        "currency": currency,
    }
    optional = {"customer_id": account, **_told_at_checkout(diary, buyer), "consignee": consignee}
    diary.write(at, "OrderPlaced", buyer.controller, needed, optional)
    return order


def _told_at_checkout(diary: Diary, buyer: Person) -> Event:
    return {
        "phone": diary.maybe(phone_as_sent(diary, buyer.mobile), 0.8),
        "ip_address": diary.maybe(_ip_address(diary), 0.8),
        "vat_number": buyer.vat,
        "national_id": diary.maybe(buyer.national_id, 0.07),
        "passport_number": diary.maybe(buyer.passport, 0.9),
    }


def _ip_address(diary: Diary) -> str:
    """One of those that RFC 5737 keeps for documentation."""
    return f"{diary.pick(('192.0.2', '198.51.100', '203.0.113'))}.{diary.between(1, 255)}"


def _item(diary: Diary) -> Event:
    product = diary.pick(finland().products)
    item: Event = {"sku": product.sku, "product_group": product.group}
    if product.model or diary.chance(0.5):
        item["model"] = product.model or None
    if product.serial or diary.chance(0.5):
        item["serial"] = f"{product.serial}{diary.serial():08d}" if product.serial else None
    item["quantity"] = 1 if product.serial else diary.between(1, 4)
    item["price"] = money(product.cents)
    return item


def pay(diary: Diary, order: Order) -> None:
    """Payment at once or on credit; a failed or declined attempt goes to a second firm, and both have the data."""
    at = diary.after(order.at, 0.2, 5)
    if not order.buyer.exported and diary.chance(0.13):
        lender = diary.pick(LENDERS)
        _apply_for_credit(diary, order, lender, at)
        if diary.chance(0.35):
            other = LENDERS[(LENDERS.index(lender) + diary.between(1, 4)) % 4]
            _apply_for_credit(diary, order, other, diary.after(at, 3, 40))
        return
    provider = diary.pick(PROVIDERS)
    request_payment(diary, order, provider, at)
    if diary.chance(0.09):
        other = PROVIDERS[(PROVIDERS.index(provider) + diary.between(1, 6)) % 6]
        request_payment(diary, order, other, diary.after(at, 2, 30))
    if diary.chance(0.07):
        _refund(diary, order, provider, diary.after(at, 2 * 1440, 12 * 1440))


def request_payment(diary: Diary, order: Order, provider: str, at: int, *, reference: str | None = None) -> str:
    """Ask a provider to take the money; `reference` is the provider's own, else made up. Returns the event's id."""
    needed: Event = {
        "payment_id": diary.reference("P"),
        "order_id": order.order_id,
        "provider": provider,
        "amount": money(order.total),
        "currency": order.currency,
        "method": diary.pick(("card", "bank", "mobile", "invoice")),
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.6),
        "provider_reference": reference or diary.maybe(_provider_reference(diary, provider), 0.85),
        "name": diary.maybe(order.buyer.name, 0.8),
        "email": diary.maybe(email_as_sent(diary, order.buyer.email), 0.8),
    }
    return diary.write(at, "PaymentRequested", order.buyer.controller, needed, optional)


def _provider_reference(diary: Diary, provider: str) -> str:
    return f"{provider[:2]}_{diary.serial():x}{diary.rng.getrandbits(16):04x}"


def _apply_for_credit(diary: Diary, order: Order, lender: str, at: int) -> None:
    needed: Event = {
        "application_id": diary.reference("A"),
        "order_id": order.order_id,
        "lender": lender,
        "name": order.buyer.name,
        "email": email_as_sent(diary, order.buyer.email),
        "address": order.buyer.address,
        "amount": money(order.total),
        "currency": order.currency,
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.7),
        "national_id": diary.maybe(order.buyer.national_id, 0.85),
        "phone": diary.maybe(phone_as_sent(diary, order.buyer.mobile), 0.8),
    }
    diary.write(at, "CreditApplied", order.buyer.controller, needed, optional)


def _refund(diary: Diary, order: Order, provider: str, at: int) -> None:
    refund(
        diary, order, provider, at, iban(diary.serial() * 7919, spaced=diary.chance(0.5)) if diary.chance(0.6) else None
    )


def refund(diary: Diary, order: Order, provider: str, at: int, bank_account: str | None) -> str:
    """Give the money back, to a bank account where the provider cannot reverse the payment. Returns the event's id."""
    needed: Event = {
        "refund_id": diary.reference("R"),
        "order_id": order.order_id,
        "provider": provider,
        "amount": money(order.total),
        "currency": order.currency,
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.6),
        "provider_reference": diary.maybe(_provider_reference(diary, provider), 0.6),
        "bank_account": bank_account,
    }
    return diary.write(at, "RefundIssued", order.buyer.controller, needed, optional)


def ship(diary: Diary, order: Order) -> None:
    """One parcel, sometimes two, each sometimes handed on to another carrier who is named late."""
    _ship_once(diary, order, diary.after(order.at, 180, 3 * 1440))
    if len(order.items) > 1 and diary.chance(0.3):
        _ship_once(diary, order, diary.after(order.at, 3 * 1440, 7 * 1440))


def _ship_once(diary: Diary, order: Order, at: int) -> None:
    carrier = diary.pick(EXPORT_CARRIERS if order.buyer.exported else CARRIERS)
    shipment, tracking = book_shipment(diary, order, carrier, at)
    while diary.chance(0.16):
        at = diary.after(at, 60, 2 * 1440)
        sub = diary.pick(SUB_CARRIERS[carrier])
        needed: Event = {
            "shipment_id": shipment,
            "from_carrier": carrier,
            "to_carrier": sub,
            "categories": ["name", "address", *(["phone"] if diary.chance(0.6) else []), "order"],
        }
        delay = diary.between(2 * DAY, 6 * DAY) if diary.chance(0.4) else diary.between(0, HOUR)
        diary.write(at, "ShipmentHandedOn", order.buyer.controller, needed, {"tracking_number": tracking}, delay=delay)
        carrier = sub


def book_shipment(diary: Diary, order: Order, carrier: str, at: int) -> tuple[str, str | None]:
    """Book a parcel; returns its shipment and tracking numbers."""
    buyer, shipment = order.buyer, diary.reference("S")
    tracking = diary.maybe(tracking_number(carrier, diary.serial()), 0.85)
    needed: Event = {
        "shipment_id": shipment,
        "order_id": order.order_id,
        "carrier": carrier,
        "name": buyer.name,
        "address": buyer.address,
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.4),
        "tracking_number": tracking,
        "phone": diary.maybe(phone_as_sent(diary, buyer.mobile), 0.75),
        "email": diary.maybe(email_as_sent(diary, buyer.email), 0.5),
        "passport_number": diary.maybe(buyer.passport, 0.9),
        "consignee": order.consignee,
    }
    diary.write(at, "ShipmentBooked", buyer.controller, needed, optional)
    return shipment, tracking
