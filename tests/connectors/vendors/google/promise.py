"""What the connectors of Google promise: deletions of users at Analytics, and members of lists at Ads."""

from connectors.normalisers import sha256_hex
from connectors.sandbox.google.ads import GoogleAds
from connectors.sandbox.google.analytics import GoogleAnalytics
from tests.connectors.vendors.google import stages
from tests.connectors.vendors.google.stages import ADS, ANALYTICS, DEVICE, LIST, MAIL, PROPERTY
from tests.connectors.vendors.sandboxed import Held, Sandboxed, staged_on
from tests.contracts.connector import KEYS_OF_ORDERS, SECRETS, Fault, Promise

HERS, ANOTHER = f"email:{sha256_hex(MAIL)}", f"email:{sha256_hex('eino@example.fi')}"
_NO_KEYS = "Google knows identifiers: a call has no key, and what is told twice is the same to it."


def _text(party: str, settings: str) -> str:
    return f"channel: {party}\naddress: {{url}}\nsettings: {{secret: {{file: {party}.json}}, {settings}}}\n"


def _clients(held: Held) -> list[str]:
    found: list[str] = held["properties"][PROPERTY]["reports"]["clientId"]
    return found


GOOGLE_ANALYTICS = Promise(
    "google-analytics",
    {"erase": "promised"},
    staged_on(
        Sandboxed(
            vendor=GoogleAnalytics,
            text=_text("google-analytics", ANALYTICS),
            files=("google-analytics.json",),
            seeds=lambda: {"properties": {PROPERTY: {"clientId": [DEVICE, "another"]}}},
            order=lambda action: stages.of_analytics(action=action),
            is_done=lambda _, held: DEVICE not in _clients(held),
            others=lambda held: [each for each in _clients(held) if each != DEVICE],
            secrets=(*SECRETS, DEVICE),
        )
    ),
    {
        KEYS_OF_ORDERS: _NO_KEYS,
        Fault.ERROR_INSIDE: "It answers a deletion by its time, or by a status that is an error.",
        Fault.PARTIAL: "A call is of one identifier.",
    },
)
GOOGLE_ADS = Promise(
    "google-ads",
    {"erase": "promised", "stop": "promised", "restrict": "promised"},
    staged_on(
        Sandboxed(
            vendor=GoogleAds,
            text=_text("google-ads", ADS),
            files=("google-ads.json",),
            seeds=lambda: {"lists": {each: [HERS, ANOTHER] for each in (LIST, "7002")}},
            order=lambda action: stages.of_ads(action=action),
            is_done=lambda _, held: HERS not in held["lists"][LIST],
            others=lambda held: (held["wiped"], [each for each in held["lists"][LIST] if each != HERS]),
            secrets=(*SECRETS, sha256_hex(MAIL)),
        )
    ),
    {KEYS_OF_ORDERS: _NO_KEYS},
    alike=frozenset({"stop", "restrict"}),
)
