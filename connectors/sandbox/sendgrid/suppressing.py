"""SendGrid's suppressions: global ones, those of unsubscribe groups, bounces and the other lists. For any subuser."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.calls import Answer, Call, nothing, said
from connectors.sandbox.sendgrid.saying import addresses_of, is_address, wrong
from connectors.sandbox.sendgrid.state import HELD_AT_MOST, LISTS, Account, State

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


def group(account: Account, call: Call) -> Answer:
    """Tell what a group is."""
    found = account.groups.get(call.path["group_id"])
    if found is None:
        return wrong(404, "resource not found", "group_id")
    about = {"name": found.name, "description": found.description, "is_default": found.is_default}
    return said(200, {"id": int(call.path["group_id"]), **about, "unsubscribes": len(found.members)})


def members_of(account: Account, call: Call, body: Mapping[str, Any]) -> Answer:
    """Tell which of some addresses a group suppresses."""
    found, given = account.groups.get(call.path["group_id"]), addresses_of(body, "recipient_emails")
    if found is None:
        return wrong(404, "resource not found", "group_id")
    if isinstance(given, Answer):
        return given
    return said(200, sorted({each.lower() for each in given} & found.members.keys()))


def clear(state: State, account: Account, which: str, call: Call) -> Answer:
    """Take addresses out of a list.

    Everybody, where the order says so or names nobody: that it is meant for some is the caller's to say.
    """
    try:
        body = call.json() if call.body else {}
    except ValueError:
        return wrong(400, "JSON could not be read")
    if not isinstance(body, dict):
        return wrong(400, "an object is wanted")
    everything, emails = body.get("delete_all", False), body.get("emails", [])
    if not isinstance(everything, bool):
        return wrong(400, "delete_all is true or false", "delete_all")
    if not isinstance(emails, list) or not all(isinstance(each, str) for each in emails):
        return wrong(400, "emails is a list of texts", "emails")
    if which in _OF_ANYTHING and not all(is_address(each) for each in emails):
        return wrong(400, "an address is not valid", "emails")
    held = account.lists[which]
    if everything or not emails:
        state.wiped += 1
        held.clear()
    for each in emails:
        held.pop(each.lower(), None)
    return nothing()


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
