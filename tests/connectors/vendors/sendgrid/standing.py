"""SendGrid of the sandbox with somebody in it, and the connector that tells it: a stage of the contract suite, and for others."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptor import Descriptor
from connectors.descriptors import load_descriptors
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.serving import served_in_a_thread
from connectors.vendors.sendgrid.connector import SendGrid as SendGridConnector
from lineage.cases.orders import Order
from lineage.cases.words import Action
from tests.connectors.counting import Counts
from tests.connectors.orders import order
from tests.contracts.connector import SECRETS

KEY = "SG.of-the-sandbox"
SECRET = (*SECRETS, "maija.meri@example.fi", "maija.vuori@example.fi", "maija", KEY)
JOB_SECONDS = 5.0
HERS, NEW, OTHER = "Maija.Meri@Example.fi", "maija.vuori@example.fi", "eino@example.fi"
LOW = HERS.lower()
GROUP, ITS_GROUP = 5, 7
TECHNICAL = ("bounces", "blocks", "invalid_emails")
SETTINGS = f"""settings:
  key: {{file: sendgrid.key}}
  groups: {{newsletter: {GROUP}}}
  subusers:
    news: {{groups: {{newsletter: {ITS_GROUP}}}}}
  fields: {{address: address_line_1}}
"""
TEXT = """channel: sendgrid
address: {url}
means:
  erase: {{does: mail data by a job; contacts read back, proof: promised, within: 37}}
identifiers:
  email: [sendgrid-email@1]
limits:
  timeout: {timeout}
  first_wait: 1
"""


TRAFFIC: list[httpx2.Request] = []
"""Every call that any connector of these tests made: what none may hold is looked for in all of it at the end."""


async def _noted(request: httpx2.Request) -> None:
    TRAFFIC.append(request)


class Standing:
    """An account with a sub-user, and its connector."""

    def __init__(self, hosted: Hosted, folder: Path, timeout: float = 8.0, settings: str = SETTINGS) -> None:
        self.hosted = hosted
        (folder / "sendgrid.key").write_text(KEY)
        (folder / "sendgrid.yaml").write_text(TEXT.format(url=hosted.url, timeout=timeout) + settings)
        self.descriptor: Descriptor = load_descriptors(folder)["sendgrid"]
        self.counts = Counts()
        self._before = len(TRAFFIC)

    def traffic(self, part: str) -> list[httpx2.Request]:
        """Return the calls of this stage whose path has a part."""
        return [each for each in TRAFFIC[self._before :] if part in each.url.path]

    @property
    def ways(self) -> Ways:
        return Ways(self.hosted.clock, {}, self.counts)

    def connector(self) -> SendGridConnector:
        found = open_connector(self.descriptor, "SendGrid", self.ways)
        assert found is not None
        assert isinstance(found, SendGridConnector)
        found._calls._caller._client.event_hooks = {"request": [_noted]}
        return found

    def order(self, action: Action = "erase", **changed: Any) -> Order:
        self.seed()
        return order_of(action, **changed)

    def seed(self, **more: Any) -> None:
        self.hosted.seed(accounts(**more))

    def account(self, name: str = "") -> Any:
        return self.hosted.held()["accounts"][name]

    def passes(self, seconds: float) -> None:
        self.hosted.clock.forward(int(1_000_000 * seconds))


def order_of(action: Action = "erase", **changed: Any) -> Order:
    """Return an order about her."""
    given: dict[str, Any] = {
        "party": "sendgrid",
        "form": "instruction",
        "action": action,
        "identifiers": (("customer_id", SECRETS[1]), ("email", HERS)),
        "categories": ("email", "name"),
        "purposes": ("newsletter",),
    }
    if action == "rectify":
        given["changes"] = {"name": "Maija Kaarina Vuori", "address": "Meritie 1"}
    return order(**given | changed)


def accounts(**more: Any) -> Mapping[str, Any]:
    """Return the two accounts with her and another in all of their lists; `more` is of the first."""
    contact = {"email": LOW, "first_name": "Maija", "last_name": "Meri", "external_id": "C-1001"}
    group, its_group = ({"id": each, "name": f"news {each}", "members": [OTHER]} for each in (GROUP, ITS_GROUP))
    both = {"mail": [LOW, OTHER], **{each: [LOW, OTHER] for each in TECHNICAL}}
    first = {**both, "contacts": [contact, {"email": OTHER}], "groups": [group], **more}
    return {"accounts": {"": first, "news": {**both, "groups": [its_group]}}}


def is_done(action: Action, held: Mapping[str, Any]) -> bool:
    """Tell whether it has done what such an order asks for."""
    each_account = held["accounts"]
    match action:
        case "erase":
            lists = [each[which] for each in each_account.values() for which in ("mail", *TECHNICAL)]
            lists.append([each["email"] for each in each_account[""]["contacts"]])
            return not any(LOW in each for each in lists)
        case "stop":
            groups = (each_account[""]["groups"][str(GROUP)], each_account["news"]["groups"][str(ITS_GROUP)])
            return all(LOW in each for each in groups)
        case "restrict":
            return all(LOW in each["suppressed"] for each in each_account.values())
        case "rectify":
            (hers,) = [each for each in each_account[""]["contacts"] if each["email"] == LOW]
            names = ("first_name", "last_name", "address_line_1", "external_id")
            return tuple(hers.get(each) for each in names) == ("Maija Kaarina", "Vuori", "Meritie 1", "C-1001")
    return True


def others(held: Mapping[str, Any]) -> object:
    """Return what it holds of others."""
    return held["wiped"], {
        name: {
            "mail": [each for each in account["mail"] if each != LOW],
            "contacts": [each["email"] for each in account["contacts"] if each["email"] not in (LOW, NEW)],
            "suppressed": [each for each in account["suppressed"] if each not in (LOW, NEW)],
            "groups": {number: [e for e in members if e != LOW] for number, members in account["groups"].items()},
            **{which: [each for each in account[which] if each != LOW] for which in TECHNICAL},
        }
        for name, account in held["accounts"].items()
    }


@contextmanager
def standing(
    folder: Path, *, timeout: float = 8.0, settings: str = SETTINGS, options: Mapping[str, Any] | None = None
) -> Iterator[Standing]:
    """Serve it, with a clock that only moves when it is told to."""
    clock = Clock(stands=1_790_000_000_000_000)
    vendor = SendGrid(clock, key=KEY, job_seconds=JOB_SECONDS, **(options or {}))
    with served_in_a_thread([vendor], clock) as sandbox:
        yield Standing(sandbox["sendgrid"], folder, timeout, settings)


def asked(hosted: Hosted) -> httpx2.Client:
    """Return a client of that vendor, with its key."""
    return httpx2.Client(base_url=hosted.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=20)
