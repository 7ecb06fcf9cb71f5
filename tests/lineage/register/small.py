"""A small register that tests break, and the few words they share."""

from datetime import datetime
from zoneinfo import ZoneInfo

_CATEGORIES = """
name address email phone customer_id login_name ip_address vat_number national_id passport_number bank_account device_id
order payment claim serial_number browsing consent
"""
CATEGORIES = frozenset(_CATEGORIES.split())
"""The categories of contract §2."""

SMALL = """\
eea: [FI, SE]
sets:
  parties:
    own: [shop]
  categories:
    contact: [name, email]
controllers:
  us: {business_id: 1008670-9, financial_year_ends: 12-31, financial_year_confirmed: true}
parties:
  us: {name: Us Oy, kind: group, country: FI}
  shop: {name: Shop, kind: own-system, country: FI}
  copy: {name: Backup, kind: own-system, country: FI}
  post: {name: Post Oy, kind: carrier, country: FI}
  mailer: {name: Mailer Inc., kind: mail, country: US}
purposes:
  delivery: {text: Deliver, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#DeliveryOfGoods'}
  newsletter: {text: Write, basis: consent, consent: newsletter, article: 6(1)(a), dpv: 'https://w3id.org/dpv#Marketing'}
recipients:
  - {parties: post, purposes: delivery, role: controller, from: $own, categories: $contact,
     valid_from: 2026-01-01, valid_until: 2026-06-30}
  - {parties: mailer, purposes: newsletter, role: processor, from: $own, categories: email}
  - {parties: shop, purposes: [delivery, newsletter], role: own-system, from: person, categories: $contact}
retention:
  - {rule: H05, categories: $contact, purposes: delivery, law: contract, after: order-closed, days: 0}
  - {rule: H23, categories: $contact, purposes: newsletter, law: consent, after: last-opened, months: 24}
transfers:
  - {parties: mailer, country: US, mechanism: dpf, source: list, valid_from: 2023-07-10, valid_until: 2026-06-30}
copies:
  - {from: shop, to: copy, purpose: delivery, valid_from: 2026-03-01}
"""


def at(text: str) -> int:
    """Microseconds UTC of a Helsinki wall clock time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Helsinki")).timestamp() * 1_000_000)


def line_of(text: str, marker: str) -> int:
    """The line of the first place where a marker stands."""
    return text[: text.index(marker)].count("\n") + 1
