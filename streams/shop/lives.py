"""The kinds of customer, and what each does over some weeks: accounts, guests, households, gifts, second accounts.

Each life is written whole into the diary; persons of different lives never meet and share nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from streams.shop import aftercare, marketing
from streams.shop.diary import Diary, Event
from streams.shop.orders import Order, consignee_of, pay, place, ship
from streams.shop.people import Person, email_as_sent, meet, new_email, phone_as_sent

DAYS = 1440.0  # minutes
Life = Callable[[Diary, int], None]


def open_account(diary: Diary, person: Person, at: int) -> None:
    """She opens an account."""
    needed: Event = {"customer_id": person.account, "email": email_as_sent(diary, person.email)}
    optional: Event = {
        "phone": phone_as_sent(diary, person.mobile)
        if "phone" in person.shares
        else diary.maybe(phone_as_sent(diary, person.mobile), 0.7),
        "name": diary.maybe(person.name, 0.85),
        "address": diary.maybe(person.address, 0.6),
        "login_name": diary.maybe(person.login, 0.6),
    }
    diary.write(at, "AccountOpened", person.controller, needed, optional)


def buy(
    diary: Diary, person: Person, at: int, *, guest: bool = False, consignee: Event | None = None, ads: bool = False
) -> Order:
    """An order with all that may follow it, for weeks; `ads` for one order a person, lest her decisions cross."""
    order = place(diary, person, at, guest=guest, consignee=consignee)
    pay(diary, order)
    ship(diary, order)
    for share, follow_up, low, high in _FOLLOW_UPS:
        if diary.chance(share):
            follow_up(diary, order, diary.after(at, low * DAYS, high * DAYS))
    if any(item["product_group"] == "software" for item in order.items):
        aftercare.issue_licence(diary, order, diary.after(at, 1, 30))
    if ads and diary.chance(0.2):
        marketing.advertise(diary, order, diary.after(at, -600, 600))
    return order


_FOLLOW_UPS: tuple[tuple[float, Callable[[Diary, Order, int], object], float, float], ...] = (
    (0.12, aftercare.register_warranty, 1, 9),
    (0.08, aftercare.open_claim, 8, 40),
    (0.14, aftercare.view_record, 0.1, 12),
    (0.06, aftercare.ask, 5, 40),
)


def regular(diary: Diary, at: int) -> None:
    """An account, an order or two, news and cookies; contact details that change; some live outside the Union."""
    person = meet(diary, account=True, abroad=diary.chance(0.06))
    open_account(diary, person, at)
    moved = _move(diary, person, diary.after(at, 4 * DAYS, 12 * DAYS)) if diary.chance(0.2) else person
    if diary.chance(0.3):
        marketing.read_newsletters(diary, person, diary.after(at, 1, 600), person)
    elif diary.chance(0.2):
        marketing.read_newsletters(diary, person, diary.after(at, 1, 600), moved)
    if diary.chance(0.3):
        marketing.browse(diary, person, diary.after(at, 1, 300))
    buy(diary, person, diary.after(at, 2, 2 * DAYS), ads=True)
    if diary.chance(0.35):
        buy(diary, moved, diary.after(at, 13 * DAYS, 30 * DAYS))
    if diary.chance(0.1):
        buy(
            diary,
            person,
            diary.after(at, 5 * DAYS, 20 * DAYS),
            consignee=consignee_of(diary, meet(diary, account=False)),
        )


def _move(diary: Diary, person: Person, at: int) -> Person:
    """She tells the shop a new e-mail, phone, name or address; returns her as she is from then on."""
    email = diary.maybe(new_email(diary, person.name), 0.6)
    mobile = diary.maybe(meet(diary, account=False).mobile, 0.4)
    moved = replace(person, email=email or person.email, mobile=mobile or person.mobile)
    optional: Event = {
        "email": email_as_sent(diary, email) if email else None,
        "phone": phone_as_sent(diary, mobile) if mobile else None,
        "name": diary.maybe(person.name, 0.2),
        "address": diary.maybe(person.address, 0.4),
    }
    diary.write(at, "ContactChanged", person.controller, {"customer_id": person.account}, optional)
    return moved


def guest(diary: Diary, at: int) -> None:
    """Orders without an account, sometimes twice from one address, with the newsletter, or with cookies allowed."""
    person = meet(diary, account=False, abroad=diary.chance(0.04))
    if diary.chance(0.2):
        marketing.browse(diary, person, at)
    consignee = consignee_of(diary, meet(diary, account=False)) if diary.chance(0.08) else None
    buy(diary, person, diary.after(at, 1, 600), consignee=consignee, ads=True)
    if diary.chance(0.2):
        marketing.read_newsletters(diary, person, diary.after(at, 5, 900), person)
    if diary.chance(0.2):
        buy(diary, person, diary.after(at, 5 * DAYS, 25 * DAYS))


def guest_then_account(diary: Diary, at: int) -> None:
    """Buys as a guest, then opens an account with the same e-mail; now and then buys as a guest again."""
    person = meet(diary, account=True)
    buy(diary, replace(person, account=None), at)
    if diary.chance(0.4):
        marketing.read_newsletters(diary, replace(person, account=None), diary.after(at, 5, 900), person)
    opened = diary.after(at, 2 * DAYS, 9 * DAYS)
    open_account(diary, person, opened)
    buy(diary, person, diary.after(opened, 1, 9 * DAYS), guest=diary.chance(0.3), ads=True)


def wanderer(diary: Diary, at: int) -> None:
    """Reads pages on a device nobody knows, and is known by it only once an account is opened; or never."""
    person = meet(diary, account=True)
    device = person.devices[0]
    marketing.decide(diary, person, at, "analytics", granted=True, by=("device_id",))
    for _ in range(diary.between(1, 4)):
        at = diary.after(at, 1, 2000)
        marketing.view_page(diary, person, at, device, named=False)
    if diary.chance(0.7):
        at = diary.after(at, 5, 2000)
        open_account(diary, person, at)
        marketing.view_page(diary, person, diary.after(at, 1, 10), device, named=True)
        buy(diary, person, diary.after(at, 11, 2000), ads=True)


def shared_phone(diary: Diary, at: int) -> None:
    """Two accounts in one home with one phone; the phone alone is named now and then, and belongs to neither."""
    first = replace(meet(diary, account=True), shares=frozenset({"phone"}))
    second = _partner(diary, first, mobile=first.mobile)
    open_account(diary, first, at)
    open_account(diary, second, diary.after(at, 60, 5 * DAYS))
    if diary.chance(0.5):
        marketing.read_newsletters(diary, first, diary.after(at, 5, 900), first)
    order = buy(diary, first, diary.after(at, 5, DAYS))
    buy(diary, second, diary.after(at, 6 * DAYS, 9 * DAYS), guest=diary.chance(0.3))
    if diary.chance(0.5):
        _name_phone_only(diary, order, diary.after(at, 9 * DAYS, 15 * DAYS))


def _name_phone_only(diary: Diary, order: Order, at: int) -> None:
    needed: Event = {
        "holder": "order-system",
        "recipient": "police",
        "purpose": "authority-inquiry",
        "identifiers": [{"kind": "phone", "value": phone_as_sent(diary, order.buyer.mobile)}],
        "categories": ["phone", "name"],
    }
    diary.write(at, "DataDisclosed", order.buyer.controller, needed, {"reference": None, "secret": True})


def shared_mailbox(diary: Diary, at: int) -> None:
    """Two accounts that read one mailbox, and guest orders by that mailbox, which may be either's."""
    first = replace(meet(diary, account=True), shares=frozenset({"mailbox"}))
    second = _partner(diary, first, email=first.email)
    open_account(diary, first, at)
    open_account(diary, second, diary.after(at, 60, 5 * DAYS))
    buy(diary, first, diary.after(at, 5, DAYS))
    buy(diary, second, diary.after(at, 6 * DAYS, 9 * DAYS))
    buy(diary, diary.pick((first, second)), diary.after(at, -3 * DAYS, 9 * DAYS), guest=True)


def shared_device(diary: Diary, at: int) -> None:
    """Two accounts on one tablet, each having allowed analytics in her own name."""
    first = replace(meet(diary, account=True), shares=frozenset({"device"}))
    second = _partner(diary, first, devices=first.devices)
    for person in (first, second):
        open_account(diary, person, at)
        marketing.browse(diary, person, diary.after(at, 5, 300))
        buy(diary, person, diary.after(at, 5, 6 * DAYS))
        at = diary.after(at, 60, 3 * DAYS)


def _partner(
    diary: Diary, first: Person, *, email: str = "", mobile: str = "", devices: tuple[str, ...] = ()
) -> Person:
    own = meet(diary, account=True)
    return replace(
        own,
        email=email or own.email,
        mobile=mobile or own.mobile,
        devices=devices or own.devices,
        address=first.address,
        shares=first.shares,
        name=f"{own.name.split(' ')[0]} {first.name.split(' ')[1]}",
    )


def gift(diary: Diary, at: int) -> None:
    """A present for another customer, who has an account of her own; her consents and orders stay hers."""
    giver, friend = meet(diary, account=diary.chance(0.7)), meet(diary, account=True)
    open_account(diary, friend, at)
    if giver.account:
        open_account(diary, giver, diary.after(at, 1, DAYS))
    buy(diary, giver, diary.after(at, DAYS, 4 * DAYS), consignee=consignee_of(diary, friend))
    buy(diary, friend, diary.after(at, 2 * DAYS, 20 * DAYS), ads=True)


def two_addresses(diary: Diary, at: int) -> None:
    """One person whom only a named decision ties together: another e-mail or a second account; some are taken back."""
    person = replace(meet(diary, account=True), shares=frozenset({"decision"}))
    other = replace(meet(diary, account=diary.chance(0.4)), shares=person.shares)
    open_account(diary, person, at)
    order = buy(diary, person, diary.after(at, 5, DAYS))
    if other.account:
        open_account(diary, other, diary.after(at, 5, 2 * DAYS))
    buy(diary, other, diary.after(at, 2 * DAYS, 5 * DAYS))
    left = {"kind": "customer_id", "value": person.account}
    right = (
        {"kind": "customer_id", "value": other.account}
        if other.account
        else {"kind": "email", "value": email_as_sent(diary, other.email)}
    )
    decided: Event = {"left": left, "right": right, "decided_by": f"desk-{diary.between(1, 60)}"}
    for kind in ("IdentifiersLinked", "IdentifiersUnlinked", "IdentifiersLinked")[
        : 1 + diary.chance(0.5) + diary.chance(0.15)
    ]:
        at = diary.after(at, 6 * DAYS, 12 * DAYS)
        diary.write(at, kind, order.buyer.controller, dict(decided), {})


# the life, how many persons it holds, how many of a hundred lives are like it
LIVES: tuple[tuple[Life, int, int], ...] = (
    (regular, 1, 46),
    (guest, 1, 22),
    (guest_then_account, 1, 9),
    (wanderer, 1, 4),
    (shared_phone, 2, 4),
    (shared_mailbox, 2, 4),
    (shared_device, 2, 3),
    (gift, 2, 4),
    (two_addresses, 1, 4),
)
