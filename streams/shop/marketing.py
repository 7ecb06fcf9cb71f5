"""What needs her consent: newsletters, page views, conversions, audiences.

Nothing here is sent before she granted it, or after she took it back.
Only for persons who share neither mailbox nor device, unless her customer number is in both the consent and the use.
"""

from streams.shop.diary import Diary, Event
from streams.shop.orders import Order
from streams.shop.people import Person, email_as_sent, finland, phone_as_sent

_NEWS_TEXT = "v3: Haluan uutiskirjeen. Jag vill ha nyhetsbrevet."
_COOKIE_TEXTS = ("cookies v2: analytiikka sallittu", "cookies v3: valitut evästeet", "kakor v3: valda kakor")
_SOURCES = ("checkout", "account", "footer form", "store")


def subscribe(diary: Diary, person: Person, at: int) -> None:
    """She asks for the newsletter, and so consents to it."""
    needed: Event = {
        "email": email_as_sent(diary, person.email),
        "consent_text": _NEWS_TEXT,
        "source": diary.pick(_SOURCES),
    }
    optional: Event = {"customer_id": diary.maybe(person.account, 0.6), "name": diary.maybe(person.name, 0.5)}
    diary.write(at, "NewsletterSubscribed", person.controller, needed, optional)


def send_newsletter(diary: Diary, person: Person, at: int) -> tuple[str, str]:
    """One newsletter leaves; returns the event's id and the mail provider."""
    provider = diary.pick(("sendgrid", "epostservice"))
    needed: Event = {
        "email": email_as_sent(diary, person.email),
        "provider": provider,
        "campaign_id": f"news-{at // 604_800_000_000}",
    }
    optional: Event = {
        "customer_id": diary.maybe(person.account, 0.5),
        "name": diary.maybe(person.name, 0.6),
        "list_id": diary.maybe(diary.pick(("kotiin", "yrityksille", "svenska")), 0.6),
    }
    return diary.write(at, "NewsletterSent", person.controller, needed, optional), provider


def unsubscribe(diary: Diary, person: Person, at: int) -> None:
    """She takes her consent to the newsletter back."""
    needed: Event = {
        "email": email_as_sent(diary, person.email),
        "source": diary.pick(("link", "customer service", "account")),
    }
    diary.write(
        at, "NewsletterUnsubscribed", person.controller, needed, {"customer_id": diary.maybe(person.account, 0.5)}
    )


def read_newsletters(diary: Diary, person: Person, at: int, moved: Person) -> None:
    """Subscribed for some weeks, perhaps left, perhaps come back; `moved` is herself with her newer address."""
    subscribe(diary, person, at)
    for _ in range(diary.between(1, 4)):
        at = diary.after(at, 2 * 1440, 7 * 1440)
        send_newsletter(diary, moved, at)
    if diary.chance(0.4):
        at = diary.after(at, 30, 3 * 1440)
        unsubscribe(diary, moved, at)
        if diary.chance(0.4):
            at = diary.after(at, 60, 9 * 1440)
            subscribe(diary, moved, at)
            send_newsletter(diary, moved, diary.after(at, 60, 5 * 1440))


def decide(
    diary: Diary, person: Person, at: int, purpose: str, granted: bool, *, by: tuple[str, ...], device: str = ""
) -> None:
    """She grants or withdraws a consent; `by` names the identifiers of hers that the event carries."""
    own: dict[str, str | None] = {
        "customer_id": person.account,
        "email": email_as_sent(diary, person.email),
        "device_id": device or person.devices[0],
    }
    needed: Event = {"purpose": purpose, "granted": granted, "consent_text": diary.pick(_COOKIE_TEXTS)}
    optional: Event = {kind: own[kind] if kind in by else None for kind in own}
    diary.write(at, "ConsentChanged", person.controller, needed, optional)


def view_page(diary: Diary, person: Person, at: int, device: str, *, named: bool) -> str:
    """Google Analytics learns of one page view; `named` says whether she is signed in. Returns the event's id."""
    needed: Event = {"device_id": device, "page": diary.pick(finland().pages), "platform": "google-analytics"}
    optional: Event = {
        "ip_address": diary.maybe(f"203.0.113.{diary.between(1, 255)}", 0.7),
        "customer_id": person.account if named else None,
    }
    return diary.write(at, "PageViewed", person.controller, needed, optional)


def browse(diary: Diary, person: Person, at: int) -> None:
    """She allows analytics on each of her devices, reads pages there, and perhaps withdraws, or only for a while."""
    shared = "device" in person.shares
    by = _who(diary, person)
    for device in person.devices:
        decide(diary, person, at, "analytics", granted=True, by=by, device=device)
        at = diary.after(at, 1, 200)
        for _ in range(diary.between(1, 4)):
            at = diary.after(at, 1, 900)
            view_page(diary, person, at, device, named=shared or diary.chance(0.4))
        at = diary.after(at, 1, 900)
    if diary.chance(0.25):
        decide(diary, person, at, "analytics", granted=False, by=by)
        if diary.chance(0.5):
            at = diary.after(at, 10, 2000)
            decide(diary, person, at, "analytics", granted=True, by=by)
            view_page(diary, person, diary.after(at, 1, 60), person.devices[0], named=True)


def _who(diary: Diary, person: Person) -> tuple[str, ...]:
    """The identifiers in all her cookie decisions; always one that ties the device to her."""
    if person.account and ("device" in person.shares or diary.chance(0.6)):
        return ("customer_id", "device_id")
    if person.shares:
        return ("customer_id", "device_id")
    return (
        diary.pick((("email", "device_id"), ("customer_id", "email", "device_id")))
        if person.account
        else ("email", "device_id")
    )


def report_conversion(diary: Diary, order: Order, at: int, *, device: str | None) -> tuple[str, str]:
    """A platform learns that an order followed its advertisement; returns the event's id and the platform."""
    platform = diary.pick(("google-ads", "meta"))
    needed: Event = {
        "order_id": order.order_id,
        "platform": platform,
        "action": diary.pick(("purchase", "add_to_cart")),
    }
    optional: Event = {"device_id": device, "email": diary.maybe(email_as_sent(diary, order.buyer.email), 0.6)}
    return diary.write(at, "ConversionReported", order.buyer.controller, needed, optional), platform


def upload_audience(diary: Diary, person: Person, at: int) -> tuple[str, str]:
    """She is put in an audience of a platform; returns the event's id and the platform."""
    platform = diary.pick(("meta", "google-ads"))
    needed: Event = {
        "email": email_as_sent(diary, person.email),
        "platform": platform,
        "audience_id": diary.pick(("aud-laptops", "aud-lapsed", "aud-loyal")),
        "sent_as": diary.pick(("raw", "sha256", "sha256")),
    }
    optional: Event = {
        "customer_id": person.account if person.shares else diary.maybe(person.account, 0.6),
        "phone": diary.maybe(phone_as_sent(diary, person.mobile), 0.5),
    }
    return diary.write(at, "AudienceUploaded", person.controller, needed, optional), platform


def advertise(diary: Diary, order: Order, at: int) -> None:
    """She allows advertising around the time of this order; platforms hear of it while that holds."""
    person = order.buyer
    by = (
        ("customer_id",)
        if person.account and diary.chance(0.4)
        else ("email",)
        if diary.chance(0.4)
        else _who(diary, person)
    )
    device = person.devices[0] if "device_id" in by else None
    decide(diary, person, at, "advertising", granted=True, by=by)
    at = diary.after(max(at, order.at), 1, 90)
    report_conversion(diary, order, at, device=device)
    if diary.chance(0.6):
        at = diary.after(at, 60, 3 * 1440)
        upload_audience(diary, person, at)
    if diary.chance(0.3):
        decide(diary, person, diary.after(at, 10, 5 * 1440), "advertising", granted=False, by=by)
