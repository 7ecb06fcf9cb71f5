"""The two channels of Google: limits, what each right comes to, and the making of their connectors."""

from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.protocol import Connector, Rate
from connectors.vendors.google.analytics import DELETIONS, WITHIN, WRITES, UserDeletions
from connectors.vendors.google.audiences import DAILY, REQUESTS, Audiences
from connectors.vendors.google.login import Login, api_url
from connectors.vendors.google.members import MEMBERS_AT_MOST
from connectors.vendors.google.settings import AdsSettings, AnalyticsSettings

ANALYTICS_SCOPE = "https://www.googleapis.com/auth/analytics.edit"
ADS_SCOPE = "https://www.googleapis.com/auth/datamanager"
_PACIFIC = "America/Los_Angeles"
"""Google's days of quotas begin at midnight there."""


def _login(descriptor: Descriptor, secret: SecretSettings, scope: str, ways: Ways) -> Login:
    caller = ways.caller(descriptor)
    return Login(descriptor.party, secret.secret(descriptor), scope, caller, ways.clock, dry=ways.dry is not None)


def _analytics(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, AnalyticsSettings):
        return None
    url = api_url(descriptor.party, descriptor.address)
    login = _login(descriptor, said.secret, ANALYTICS_SCOPE, ways)
    return UserDeletions(descriptor, said, url, login, ways.budget(descriptor), ways.clock)


def _ads(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, AdsSettings):
        return None
    url = api_url(descriptor.party, descriptor.address)
    login = _login(descriptor, said.secret, ADS_SCOPE, ways)
    return Audiences(descriptor, said, url, login, ways.budget(descriptor), ways.clock)


_REMOVED = "Removed from each user list she was sent to; Google says that the removal was processed"
ANALYTICS = Channel(
    _analytics,
    AnalyticsSettings,
    dry=True,
    rates={WRITES: Rate(600, 60.0), DELETIONS: Rate(500, 86_400.0, _PACIFIC)},
    means={
        "erase": Meaning("A deletion for each identifier it was sent", "promised", within=WITHIN),
        "access": Meaning("No call gives one person's events: a person exports them", "none"),
        "rectify": Meaning("No call: erase, and measure anew", "none"),
        "restrict": Meaning("No call: stop measuring her where it is measured", "none"),
        "stop": Meaning("No call: stop measuring her where it is measured", "none"),
    },
)
ADS = Channel(
    _ads,
    AdsSettings,
    dry=True,
    rates={REQUESTS: Rate(300, 60.0), DAILY: Rate(100_000, 86_400.0, _PACIFIC)},
    together=MEMBERS_AT_MOST,
    means={
        "erase": Meaning(f"{_REMOVED}; conversions stay: a person tells Google", "promised"),
        "access": Meaning("Lists cannot be read: she is answered from our own record", "none"),
        "rectify": Meaning("No call: a person removes the old and uploads the new", "none"),
        "restrict": Meaning(_REMOVED, "promised"),
        "stop": Meaning(_REMOVED, "promised"),
    },
)
