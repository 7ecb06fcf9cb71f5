"""The lawful flows of the simulated shop: what a register must declare for it to show the planted drift only.

A list to compare with, by hand or in tests; it is derived from the contract's events and decides nothing.
"""

from dataclasses import dataclass

from streams.shop.aftercare import GROUP
from streams.shop.orders import CARRIERS, EXPORT_CARRIERS, LENDERS, PROVIDERS, SUB_CARRIERS


@dataclass(frozen=True, slots=True)
class Flow:
    """These categories may go from `source` (a party or `person`) to `target` for this purpose."""

    source: str
    target: str
    purpose: str
    categories: frozenset[str]


def _flows(source: str, targets: tuple[str, ...], purpose: str, categories: str) -> list[Flow]:
    return [Flow(source, target, purpose, frozenset(categories.split())) for target in targets]


_OWN = "order-system"
_VIEWERS = {
    **dict.fromkeys(("customer-contact", "after-sales", "order"), GROUP),
    "claim": tuple(
        party for party in GROUP if party != "multicare"
    ),  # that one also repairs, and gets the claim itself
}
LAWFUL: tuple[Flow, ...] = (
    *_flows("person", (_OWN,), "account", "customer_id email phone name address login_name"),
    *_flows(
        "person",
        (_OWN,),
        "order",
        "customer_id email phone name address ip_address vat_number national_id passport_number order serial_number",
    ),
    *_flows("person", (_OWN,), "newsletter", "email customer_id name consent"),
    *_flows("person", ("google-analytics",), "analytics", "device_id ip_address customer_id browsing"),
    *_flows(_OWN, ("sendgrid", "epostservice"), "newsletter", "email customer_id name"),
    *_flows(_OWN, ("google-ads", "meta"), "advertising", "device_id email order customer_id phone"),
    *_flows(_OWN, EXPORT_CARRIERS, "delivery", "order customer_id name address phone email passport_number"),
    *_flows(_OWN, ("matkahuolto",), "delivery", "order customer_id name address phone email"),
    *(
        flow
        for carrier in CARRIERS
        for flow in _flows(carrier, SUB_CARRIERS[carrier], "delivery", "name address phone order")
    ),
    *_flows(_OWN, PROVIDERS, "payment", "payment order customer_id name email"),
    *_flows(_OWN, PROVIDERS, "refund", "payment order customer_id bank_account"),
    *_flows(_OWN, LENDERS, "credit", "payment order customer_id name national_id email phone address"),
    *_flows(
        _OWN, ("microsoft", "warranty-insurer"), "warranty", "order customer_id serial_number name email phone address"
    ),
    *_flows(
        _OWN,
        ("warranty-insurer", "multicare", "microsoft"),
        "claim",
        "claim order customer_id serial_number name email phone address",
    ),
    *_flows(_OWN, ("microsoft",), "licence", "order customer_id email name"),
    *(
        flow
        for purpose in _VIEWERS
        for flow in _flows(_OWN, _VIEWERS[purpose], purpose, "name order email phone address")
    ),
    *_flows(_OWN, ("police",), "authority-inquiry", "name address order phone"),
    *_flows(_OWN, ("consumer-authority",), "authority-inquiry", "name email order claim"),
    *_flows(_OWN, ("data-protection-ombudsman",), "authority-inquiry", "name email"),
    *_flows(_OWN, ("customs",), "customs", "name address order"),
    *_flows("posti", ("customs",), "customs", "name address order"),
    *_flows(_OWN, ("tax-authority",), "tax", "name address order payment vat_number"),
    *_flows(_OWN, ("debt-collector",), "debt-collection", "name address email phone order payment"),
    *_flows("debt-collector", ("credit-bureau",), "credit-check", "name payment"),
    *_flows(_OWN, ("credit-bureau",), "credit-check", "name address"),
    *_flows(_OWN, ("competition-sponsor",), "competition", "name email"),
)
