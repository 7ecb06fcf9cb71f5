"""Section 2 of the contract as a table, copied by hand: each event's fields, their categories, who got what from whom.

It is the second opinion on the product's schemas, so it must never be derived from them.
"""

from dataclasses import dataclass

WHOS = ("customer_id", "email", "phone", "device_id")
REFERENCES = (
    "order_id",
    "shipment_id",
    "tracking_number",
    "payment_id",
    "provider_reference",
    "application_id",
    "refund_id",
    "registration_id",
    "claim_id",
    "licence_id",
)
# kinds that may be named in a disclosure and identify nobody
NOBODY = (
    "name",
    "address",
    "ip_address",
    "national_id",
    "vat_number",
    "passport_number",
    "bank_account",
    "login_name",
    "serial",
)

CATEGORY = {
    **{
        own: own
        for own in ("name", "address", "email", "phone", "customer_id", "login_name", "ip_address", "vat_number")
    },
    **{own: own for own in ("national_id", "passport_number", "bank_account", "device_id")},
    **dict.fromkeys(("items", "order_id", "shipment_id", "tracking_number", "registration_id", "licence_id"), "order"),
    **dict.fromkeys(("payment_id", "provider_reference", "application_id", "refund_id"), "payment"),
    **dict.fromkeys(("claim_id", "description"), "claim"),
    "serial": "serial_number",
    "page": "browsing",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One event type: its starred fields in the contract's order, and the disclosure it is, if it is one.

    `source` and `target` are parties, or with a leading `@` the field that names the party; so is `purpose`. An empty
    target means that nothing is disclosed. `listed` says that the event's own `categories` count, and nothing else.
    """

    fields: tuple[str, ...]
    source: str = ""
    target: str = ""
    purpose: str = ""
    adds: tuple[str, ...] = ()
    listed: bool = False


def _row(fields: str, way: str = "", adds: tuple[str, ...] = (), *, listed: bool = False) -> Row:
    source, target, purpose = way.split() if way else ("", "", "")
    return Row(tuple(fields.split()), source, target, purpose, adds, listed)


TABLE: dict[str, Row] = {
    "AccountOpened": _row("customer_id email phone name address login_name", "person order-system account"),
    "ContactChanged": _row("customer_id email phone name address", "person order-system account"),
    "RecordViewed": _row("customer_id order_id", "order-system @viewer @purpose", listed=True),
    "OrderPlaced": _row(
        "order_id customer_id email phone name address ip_address vat_number national_id passport_number items",
        "person order-system order",
    ),
    "ShipmentBooked": _row(
        "shipment_id order_id customer_id tracking_number name address phone email passport_number",
        "order-system @carrier delivery",
    ),
    "ShipmentHandedOn": _row("shipment_id tracking_number", "@from_carrier @to_carrier delivery", listed=True),
    "PaymentRequested": _row(
        "payment_id order_id customer_id provider_reference name email", "order-system @provider payment"
    ),
    "CreditApplied": _row(
        "application_id order_id customer_id name national_id email phone address", "order-system @lender credit"
    ),
    "RefundIssued": _row(
        "refund_id order_id customer_id provider_reference bank_account", "order-system @provider refund"
    ),
    "NewsletterSubscribed": _row("email customer_id name", "person order-system newsletter", ("consent",)),
    "NewsletterSent": _row("email customer_id name", "order-system @provider newsletter"),
    "NewsletterUnsubscribed": _row("email customer_id"),
    "ConsentChanged": _row("customer_id email device_id"),
    "PageViewed": _row("device_id ip_address customer_id page", "person @platform analytics"),
    "ConversionReported": _row("device_id email order_id", "order-system @platform advertising"),
    "AudienceUploaded": _row("customer_id email phone", "order-system @platform advertising"),
    "WarrantyRegistered": _row(
        "registration_id order_id customer_id serial name email phone address", "order-system @vendor warranty"
    ),
    "ClaimOpened": _row(
        "claim_id order_id customer_id serial name email phone address description", "order-system @handler claim"
    ),
    "LicenceIssued": _row("licence_id order_id customer_id email name", "order-system @vendor licence"),
    "DataDisclosed": _row("", "@holder @recipient @purpose", listed=True),
}
