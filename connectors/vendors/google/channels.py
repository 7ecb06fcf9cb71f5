"""The two channels of Google: limits, what each right comes to, and the making of their connectors."""

from connectors.calling import host_of
from connectors.channel import Channel, Ways
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


def _login(descriptor: Descriptor, said: AnalyticsSettings | AdsSettings, scope: str, ways: Ways) -> tuple[str, Login]:
    """Return the address at Google, and the login. With an authority of our own they may be elsewhere, on one host."""
    party, ca_file = descriptor.party, descriptor.beside(said.ca_file)
    url = api_url(party, descriptor.address, elsewhere=ca_file is not None)
    login = Login(
        party,
        said.secret.secret(descriptor),
        scope,
        ways.caller(descriptor, ca_file=ca_file),
        ways.clock,
        dry=ways.dry is not None,
        own=host_of(url)[1] if ca_file else "",
    )
    return url, login


def _analytics(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, AnalyticsSettings):
        return None
    url, login = _login(descriptor, said, ANALYTICS_SCOPE, ways)
    return UserDeletions(descriptor, said, url, login, ways.budget(descriptor), ways.clock)


def _ads(descriptor: Descriptor, _name: str, ways: Ways) -> Connector | None:
    said = descriptor.settings
    if not isinstance(said, AdsSettings):
        return None
    url, login = _login(descriptor, said, ADS_SCOPE, ways)
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
