"""SendGrid's suppressions: global ones, those of unsubscribe groups, bounces and the other lists. For any subuser."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.calls import Answer, Call, nothing, said
from connectors.sandbox.sendgrid.saying import addresses_of, is_address, wrong
from connectors.sandbox.sendgrid.state import HELD_AT_MOST, LISTS, Account

_SECOND = 1_000_000
_OF_ANYTHING = frozenset({"invalid_emails"})
"""Lists of what may be no address at all."""
ByAccount = Callable[[Account, Call], Answer]


def suppress(account: Account, call: Call, body: Mapping[str, Any]) -> Answer:
    """Suppress addresses globally."""
    return _into(account.suppressed, call, body)


def suppress_in_group(account: Account, call: Call, body: Mapping[str, Any]) -> Answer:
    """Suppress addresses for a group; globally, where there is no such group."""
    group = account.groups.get(call.path["group_id"])
    return _into(group.members if group else account.suppressed, call, body)


def _into(held: dict[str, int], call: Call, body: Mapping[str, Any]) -> Answer:
    given = addresses_of(body, "recipient_emails")
    if isinstance(given, Answer):
        return given
    if len(held) + len(given) > HELD_AT_MOST:
        return wrong(400, "the sandbox holds no more addresses than it has", "recipient_emails")
    for each in given:
        held.setdefault(each.lower(), call.at)
    return said(201, {"recipient_emails": given})


def suppressed(account: Account, call: Call) -> Answer:
    """Tell whether an address is suppressed globally: `{}` where it is not."""
    email = call.path["email"].lower()
    return said(200, {"recipient_email": email} if email in account.suppressed else {})


def let_through(account: Account, call: Call) -> Answer:
    """Suppress an address globally no more."""
    return _gone(account.suppressed, call)


def of_group(account: Account, call: Call) -> Answer:
    """Tell whom a group suppresses."""
    group = account.groups.get(call.path["group_id"])
    return said(200, sorted(group.members)) if group else wrong(404, "resource not found", "group_id")


def let_through_group(account: Account, call: Call) -> Answer:
    """Suppress an address for a group no more."""
    group = account.groups.get(call.path["group_id"])
    return _gone(group.members if group else {}, call)


def groups_of(account: Account, call: Call) -> Answer:
    """Tell for each group whether it suppresses an address."""
    email = call.path["email"].lower()
    told = [
        {
            "id": int(number),
            "name": group.name,
            "description": group.description,
            "is_default": group.is_default,
            "suppressed": email in group.members,
        }
        for number, group in account.groups.items()
    ]
    return said(200, {"suppressions": told})


def entry(which: str) -> ByAccount:
    """Return the operation that tells the entry of an address in a list: `[]` where there is none."""

    def tell(account: Account, call: Call) -> Answer:
        email = call.path["email"].lower()
        if which not in _OF_ANYTHING and not is_address(email):
            return wrong(400, "email is no address", "email")
        since = account.lists[which].get(email)
        found = [] if since is None else [{"created": since // _SECOND, "email": email, **_DETAILS[which]}]
        return said(200, found)

    return tell


def removal(which: str) -> ByAccount:
    """Return the operation that takes an address out of a list."""

    def remove(account: Account, call: Call) -> Answer:
        if which not in _OF_ANYTHING and not is_address(call.path["email"]):
            return wrong(400, "email is no address", "email")
        return _gone(account.lists[which], call)

    return remove


def _gone(held: dict[str, int], call: Call) -> Answer:
    there = held.pop(call.path["email"].lower(), None) is not None
    return nothing() if there else wrong(404, "resource not found", "email")


_REASON = {"reason": "550 5.1.1 mailbox unknown", "status": "5.1.1"}
_DETAILS = dict(zip(LISTS, (_REASON, _REASON, {"ip": "192.0.2.25"}, {"reason": _REASON["reason"]}), strict=True))
