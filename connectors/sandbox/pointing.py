"""What a shop's descriptors say where a vendor is the sandbox's: its address here, and the settings it is called with.

The rest of each is the shipped descriptor, so that a try uses what is used in earnest. Reads and writes no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.sandbox.adyen import MERCHANT
from connectors.sandbox.google.ads import ACCOUNT

_SETTINGS = "\nsettings:\n"
PROPERTY = "312345678"
"""The property of Google Analytics that the sandbox's descriptor names: seed this one."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """What is put into a shipped descriptor. `path` follows the address; `settings` are those it lacks, as YAML.

    `blanks` are lines of it that a shop fills in, by what they become; `{url}` is the vendor's address.
    """

    path: str = ""
    settings: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)

    def put_into(self, shipped: str, url: str, ca_file: str | None = None) -> str:
        """Return a descriptor that leads to the sandbox, and where that is `https` believes the authority in `ca_file`.

        Raises: ValueError: what is to be filled in is not there once.
        """
        told = shipped
        for blank, filled in {'address: ""': f"address: {{url}}{self.path}", **self.blanks}.items():
            if told.count(blank) != 1:
                raise ValueError(f"the shipped descriptor has not exactly one {blank!r}")
            told = told.replace(blank, filled.format(url=url))
        told = f"{told.rstrip()}\n{self.settings}"
        if ca_file is None:
            return told
        if told.count(_SETTINGS) != 1:
            raise ValueError("the descriptor has not exactly one section of settings")
        return told.replace(_SETTINGS, f"{_SETTINGS}  ca_file: {ca_file}\n")


POINTINGS: Mapping[str, Pointing] = {
    "sendgrid": Pointing(settings="settings:\n  key: {file: sendgrid.key}\n"),
    "google-ads": Pointing(settings=f"settings:\n  secret: {{file: google-ads.json}}\n  account: '{ACCOUNT}'\n"),
    "google-analytics": Pointing(
        settings="settings:\n  secret: {file: google-analytics.json}\n"
        f"  property: '{PROPERTY}'\n  bigquery_export: false\n"
    ),
    "meta": Pointing(
        blanks={
            "{variable: META_ACCESS_TOKEN}": "{{file: meta.token}}",
            "{variable: META_APP_SECRET}": "{{file: meta.app-secret}}",
        }
    ),
    "stripe": Pointing(blanks={"{variable: STRIPE_SECRET_KEY}": "{{file: stripe.key}}"}),
    "adyen": Pointing(
        path="/ca/services/DataProtectionService/v1",
        blanks={
            "recurring: ''": "recurring: {url}/pal/servlet/Recurring/v68",
            "merchant_account: ''": f"merchant_account: {MERCHANT}",
        },
    ),
    "klarna": Pointing(),
    "paypal": Pointing(),
    "ups": Pointing(
        blanks={
            "requester_name: ''": "requester_name: Sandbox",
            "requester_telephone: ''": "requester_telephone: '358401234567'",
        },
    ),
}
"""By vendor, which is the party's id too. Files that settings name are those of the vendor's `credentials`."""
