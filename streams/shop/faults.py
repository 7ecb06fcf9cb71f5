"""The faults planted in an otherwise lawful stream, each in a life of its own that is lawful but for one event."""

from collections.abc import Callable

from streams.shop import aftercare, marketing
from streams.shop.diary import Diary, Event
from streams.shop.lives import DAYS, open_account
from streams.shop.orders import Order, book_shipment, pay, place, refund, request_payment, ship
from streams.shop.people import meet

EVERY = 30  # one life in this many holds a fault
# the card schemes' own test numbers
TEST_CARDS = ("4111111111111111", "4111 1111 1111 1111", "5555-5555-5555-4444", "3782 822463 10005")


def faulty(diary: Diary, at: int, number: int) -> None:
    """A customer with an account and one order, and the fault of this number; five in a row break five rules."""
    person = meet(diary, account=True)
    open_account(diary, person, at)
    order = place(diary, person, diary.after(at, 2, DAYS))
    pay(diary, order)
    ship(diary, order)
    ways = _FAULTS[number % len(_FAULTS)]
    ways[number // len(_FAULTS) % len(ways)](diary, order, diary.after(order.at, 3 * DAYS, 9 * DAYS))


def _news_after_leaving(diary: Diary, order: Order, at: int) -> None:
    marketing.subscribe(diary, order.buyer, at)
    marketing.unsubscribe(diary, order.buyer, diary.after(at, 60, DAYS))
    event, provider = marketing.send_newsletter(diary, order.buyer, diary.after(at, DAYS + 10, 3 * DAYS))
    diary.plant("no-consent", event, provider, "newsletter")


def _news_never_asked_for(diary: Diary, order: Order, at: int) -> None:
    event, provider = marketing.send_newsletter(diary, order.buyer, at)
    diary.plant("no-consent", event, provider, "newsletter")


def _watched(diary: Diary, order: Order, at: int) -> None:
    event = marketing.view_page(diary, order.buyer, at, order.buyer.devices[0], named=True)
    diary.plant("no-consent", event, "google-analytics", "analytics")


def _advertised(diary: Diary, order: Order, at: int) -> None:
    marketing.decide(diary, order.buyer, at, "advertising", granted=True, by=("customer_id", "email"))
    marketing.decide(diary, order.buyer, diary.after(at, 30, DAYS), "advertising", granted=False, by=("customer_id",))
    event, platform = marketing.upload_audience(diary, order.buyer, diary.after(at, DAYS + 10, 2 * DAYS))
    diary.plant("no-consent", event, platform, "advertising")


def _converted(diary: Diary, order: Order, at: int) -> None:
    event, platform = marketing.report_conversion(diary, order, at, device=None)
    diary.plant("no-consent", event, platform, "advertising")


def _told(rule: str, way: tuple[str, str, str], categories: list[str]) -> Callable[[Diary, Order, int], None]:
    """A fault that is one disclosure: `way` is holder, recipient and purpose."""

    def tell(diary: Diary, order: Order, at: int) -> None:
        event = aftercare.disclose(diary, order, at, way, categories, loose=False)
        diary.plant(rule, event, way[1], way[2])

    return tell


def _wrong_provider(diary: Diary, order: Order, at: int) -> None:
    diary.plant("undeclared-recipient", request_payment(diary, order, "ups", at), "ups", "payment")


def _wrong_carrier(diary: Diary, order: Order, at: int) -> None:
    book_shipment(diary, order, "epostservice", at)
    diary.plant("undeclared-recipient", str(diary.lines[-1].event["event_id"]), "epostservice", "delivery")


def _curious(diary: Diary, order: Order, at: int) -> None:
    event, viewer = aftercare.view_record(diary, order, at, "curiosity")
    diary.plant("unknown-purpose", event, viewer, "curiosity")


def _card_in_claim(diary: Diary, order: Order, at: int) -> None:
    event, receiver = aftercare.open_claim(diary, order, at, f"Maksoin kortilla {diary.pick(TEST_CARDS)}, hinta väärin")
    diary.plant("forbidden-data", event, receiver, "claim")


def _card_as_account(diary: Diary, order: Order, at: int) -> None:
    diary.plant("forbidden-data", refund(diary, order, "nets", at, diary.pick(TEST_CARDS)), "nets", "refund")


def _card_as_reference(diary: Diary, order: Order, at: int) -> None:
    event = request_payment(diary, order, "adyen", at, reference=diary.pick(TEST_CARDS))
    diary.plant("forbidden-data", event, "adyen", "payment")


def _card_in_item(diary: Diary, order: Order, at: int) -> None:
    again = place(diary, order.buyer, at)
    item: Event = again.items[0]  # the event in the diary holds this very object
    item["serial"] = diary.pick(TEST_CARDS)
    diary.plant("forbidden-data", str(diary.lines[-1].event["event_id"]), "order-system", "order")


_FAULTS: tuple[tuple[Callable[[Diary, Order, int], None], ...], ...] = (
    (_news_after_leaving, _watched, _advertised, _news_never_asked_for, _converted),
    (
        _told("category-not-allowed", ("order-system", "posti", "delivery"), ["name", "national_id"]),
        _told("category-not-allowed", ("order-system", "paytrail", "payment"), ["payment", "passport_number"]),
    ),
    (
        _told("undeclared-recipient", ("order-system", "meta", "warranty"), ["name", "email", "serial_number"]),
        _wrong_provider,
        _wrong_carrier,
    ),
    (_told("unknown-purpose", ("order-system", "google-ads", "market-research"), ["email"]), _curious),
    (_card_in_claim, _card_as_account, _card_as_reference, _card_in_item),
)
