"""The channels there are: those built in, and those that other packages bring by the entry point `jalki.channels`.

The one place that knows every protocol.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points

from connectors.channel import ByHand, Channel, Ways
from connectors.descriptor import MEANT, Descriptor, Meaning
from connectors.drop.channel import DROP
from connectors.letter_channel import LETTERS, letters_of
from connectors.manual import Letters
from connectors.opendsr.channel import OPENDSR
from connectors.protocol import Connector
from connectors.sql_channel import SQL
from connectors.twofold import twofold
from connectors.vendors.google.channels import ADS, ANALYTICS
from connectors.vendors.meta.channel import META
from connectors.vendors.rest.channel import REST
from connectors.vendors.sendgrid.channel import SENDGRID
from connectors.vendors.stripe.channel import STRIPE
from lineage.errors import Misconfigured

GROUP = "jalki.channels"
_BY_STAFF = Meaning("Staff do it in that system, and say so with what shows it", "promised")
_NONE = Channel(lambda descriptor, _name, _ways: ByHand(descriptor.limits, "no-protocol"), reached_by="none")
_INTERNAL = Channel(lambda _descriptor, _name, _ways: None, reached_by="none", means=dict.fromkeys(MEANT, _BY_STAFF))

BUILT_IN: Mapping[str, Channel] = {
    "manual": LETTERS,
    "opendsr": OPENDSR,
    "rest": REST,
    "google-ads": ADS,
    "google-analytics": ANALYTICS,
    "internal": _INTERNAL,
    "sql": SQL,
    "drop": DROP,
    "none": _NONE,
    "sendgrid": SENDGRID,
    "meta": META,
    "stripe": STRIPE,
}
"""`internal`: our own systems, told by our own programs. `none`: never a task (an authority)."""


def channels() -> Mapping[str, Channel]:
    """Return every channel by name. Raises: Misconfigured: a package brings one that is none, or that has a name in use."""
    found = dict(BUILT_IN)
    for point in entry_points(group=GROUP):
        if point.name in found:
            raise Misconfigured(f"two packages bring the channel {point.name}: take one of them out")
        brought = point.load()
        if not isinstance(brought, Channel):
            raise Misconfigured(f"the entry point {point.name} of {GROUP} is no connectors.channel.Channel")
        found[point.name] = brought
    return found


def open_connector(
    descriptor: Descriptor, name: str, ways: Ways, known: Mapping[str, Channel] | None = None
) -> Connector | None:
    """Return the connector of a party, called `name` in the register; None for a system of our own, which is not told from here.

    A party that has no address is told by hand. `known` are the channels, where they have been looked for already.

    Raises: Misconfigured: an address, file or setting that cannot be used.
    """
    channel = (channels() if known is None else known)[descriptor.channel]
    letters = letters_of(descriptor, name, ways) if descriptor.mailbox else None
    if channel.reached_by != "none" and not descriptor.address:
        return letters or ByHand(descriptor.limits, "no-address")
    if ways.dry is not None and not channel.dry:
        return ByHand(descriptor.limits, "dry-run")
    calls = channel.connect(descriptor, name, ways)
    return twofold(descriptor, calls, letters) if calls is not None and isinstance(letters, Letters) else calls
