"""What follows a sale: warranties, claims, licences, colleagues who look, authorities and others who ask."""

from collections.abc import Callable

from streams.shop.diary import Diary, Event
from streams.shop.marketing import decide
from streams.shop.orders import Order
from streams.shop.people import email_as_sent, finland, phone_as_sent

GROUP = ("multitronic", "itronic", "multitronic-pro", "multicare", "smartdeals")
WEEK = 7 * 1440


def register_warranty(diary: Diary, order: Order, at: int, vendor: str = "") -> str:
    """A maker or insurer is told who owns the device. Returns the event's id."""
    serials = [str(item["serial"]) for item in order.items if item.get("serial")]
    needed: Event = {
        "registration_id": diary.reference("W"),
        "order_id": order.order_id,
        "vendor": vendor or diary.pick(("microsoft", "warranty-insurer")),
        "serial": serials[0] if serials else f"XX-{diary.serial():08d}",
        "name": order.buyer.name,
        "email": email_as_sent(diary, order.buyer.email),
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.6),
        "phone": diary.maybe(phone_as_sent(diary, order.buyer.mobile), 0.6),
        "address": diary.maybe(order.buyer.address, 0.6),
    }
    return diary.write(at, "WarrantyRegistered", order.buyer.controller, needed, optional)


def open_claim(diary: Diary, order: Order, at: int, description: str = "") -> tuple[str, str]:
    """Something broke: whoever repairs or insures it gets the case. Returns the event's id and the handler."""
    receiver = diary.pick(("warranty-insurer", "multicare", "microsoft"))
    serials = [str(item["serial"]) for item in order.items if item.get("serial")]
    needed: Event = {
        "claim_id": diary.reference("K"),
        "order_id": order.order_id,
        "handler": receiver,
        "name": order.buyer.name,
    }
    optional: Event = {
        "customer_id": diary.maybe(order.account, 0.6),
        "serial": serials[0] if serials else None,
        "email": diary.maybe(email_as_sent(diary, order.buyer.email), 0.7),
        "phone": diary.maybe(phone_as_sent(diary, order.buyer.mobile), 0.6),
        "address": diary.maybe(order.buyer.address, 0.5),
        "description": description or diary.maybe(diary.pick(finland().complaints), 0.8),
    }
    return diary.write(at, "ClaimOpened", order.buyer.controller, needed, optional), receiver


def issue_licence(diary: Diary, order: Order, at: int) -> None:
    """A software publisher learns who holds the licence."""
    needed: Event = {
        "licence_id": diary.reference("L"),
        "order_id": order.order_id,
        "vendor": "microsoft",
        "email": email_as_sent(diary, order.buyer.email),
    }
    optional: Event = {"customer_id": diary.maybe(order.account, 0.6), "name": diary.maybe(order.buyer.name, 0.6)}
    diary.write(at, "LicenceIssued", order.buyer.controller, needed, optional)


def view_record(diary: Diary, order: Order, at: int, purpose: str = "") -> tuple[str, str]:
    """Someone at a company of the group opens her record. Returns the event's id and the company."""
    viewer = diary.pick(GROUP)
    by_account = order.account is not None and diary.chance(0.6)
    needed: Event = {
        "viewer": viewer,
        "viewer_ref": f"desk-{diary.between(1, 60)}",
        "purpose": purpose or diary.pick(("customer-contact", "after-sales", "claim", "order")),
        "categories": [
            "name",
            "order",
            *(["email", "phone"] if diary.chance(0.7) else []),
            *(["address"] if diary.chance(0.4) else []),
        ],
    }
    optional: Event = {
        "customer_id": order.account if by_account else None,
        "order_id": order.order_id if not by_account or diary.chance(0.5) else None,
    }
    return diary.write(at, "RecordViewed", order.buyer.controller, needed, optional), viewer


def disclose(
    diary: Diary,
    order: Order,
    at: int,
    way: tuple[str, str, str],
    categories: list[str],
    *,
    secret: bool | None = None,
    loose: bool = True,
) -> str:
    """A disclosure without an event type of its own: `way` is holder, recipient and purpose. Returns the event's id.

    With `loose` the buyer may be named by less than her customer number or e-mail, or with her name beside them.
    """
    ends: Event = dict(zip(("holder", "recipient", "purpose"), way, strict=True))
    needed: Event = {**ends, "identifiers": _named(diary, order, loose=loose), "categories": categories}
    case = f"{way[2][:3].upper()}/{diary.serial()}/{diary.between(24, 27)}"
    optional: Event = {"reference": diary.maybe(case, 0.6), "secret": secret}
    return diary.write(at, "DataDisclosed", order.buyer.controller, needed, optional)


def _named(diary: Diary, order: Order, *, loose: bool) -> list[dict[str, str]]:
    buyer = order.buyer
    email = {"kind": "email", "value": email_as_sent(diary, buyer.email)}
    account = [{"kind": "customer_id", "value": order.account}] if order.account else [email]
    bought = {"kind": "order_id", "value": order.order_id}
    if not loose:
        return [*account, bought]
    name = {"kind": "name", "value": buyer.name}
    phone = {"kind": "phone", "value": phone_as_sent(diary, buyer.mobile)}
    ways = (
        [*account, bought],
        account,
        [bought],
        [name, *account],
        [bought, email, name],
        [phone, *account],
        [*account, phone, email, bought],
    )
    return diary.pick(ways)


def ask(diary: Diary, order: Order, at: int) -> None:
    """An authority, a debt collector, a credit bureau or the sponsor of a competition gets what it asked for."""
    diary.pick(_ASKING)(diary, order, at)


def _police(diary: Diary, order: Order, at: int) -> None:
    disclose(
        diary,
        order,
        at,
        ("order-system", "police", "authority-inquiry"),
        ["name", "address", "order"],
        secret=diary.pick((True, True, False, None)),
    )


def _customs(diary: Diary, order: Order, at: int) -> None:
    disclose(diary, order, at, ("order-system", "customs", "customs"), ["name", "address", "order"])
    if diary.chance(0.4):
        disclose(diary, order, diary.after(at, 60, WEEK), ("posti", "customs", "customs"), ["name", "address", "order"])


def _tax(diary: Diary, order: Order, at: int) -> None:
    disclose(
        diary,
        order,
        at,
        ("order-system", "tax-authority", "tax"),
        ["name", "address", "order", "payment", *(["vat_number"] if order.buyer.vat else [])],
    )


def _debt(diary: Diary, order: Order, at: int) -> None:
    categories = ["name", "address", "email", "phone", "order", "payment"]
    disclose(
        diary,
        order,
        at,
        ("order-system", "debt-collector", "debt-collection"),
        categories,
        secret=diary.pick((None, False)),
    )
    if diary.chance(0.3):
        disclose(
            diary,
            order,
            diary.after(at, 1440, WEEK),
            ("debt-collector", "credit-bureau", "credit-check"),
            ["name", "payment"],
        )


def _credit_bureau(diary: Diary, order: Order, at: int) -> None:
    disclose(diary, order, at, ("order-system", "credit-bureau", "credit-check"), ["name", "address"])


def _consumer_authority(diary: Diary, order: Order, at: int) -> None:
    disclose(
        diary,
        order,
        at,
        ("order-system", "consumer-authority", "authority-inquiry"),
        ["name", "email", "order", "claim"],
    )


def _ombudsman(diary: Diary, order: Order, at: int) -> None:
    disclose(
        diary,
        order,
        at,
        ("order-system", "data-protection-ombudsman", "authority-inquiry"),
        ["name", "email"],
        secret=False,
    )


def _competition(diary: Diary, order: Order, at: int) -> None:
    if order.buyer.shares:
        return
    decide(
        diary,
        order.buyer,
        at,
        "competition",
        granted=True,
        by=("customer_id", "email") if order.account else ("email",),
    )
    disclose(
        diary,
        order,
        diary.after(at, 5, WEEK),
        ("order-system", "competition-sponsor", "competition"),
        ["name", "email"],
        loose=False,
    )


_ASKING: tuple[Callable[[Diary, Order, int], None], ...] = (
    _police,
    _customs,
    _tax,
    _debt,
    _credit_bureau,
    _consumer_authority,
    _ombudsman,
    _competition,
)
