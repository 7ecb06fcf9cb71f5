"""SendGrid's calls, each as its specification has it. Knows no order and no task; what cannot be built here is not called.

No address is in the address of a call where a body can hold it. Three cannot do without: whether somebody is suppressed,
by which groups, and what the four lists hold of her, are asked with her address in the path.
"""

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from connectors.calling import Answer, Caller, checked_url
from connectors.protocol import Budget
from connectors.secretfile import Secret
from connectors.vendors.sendgrid.saying import (
    ENTRIES,
    MEMBERS,
    Addresses,
    Contact,
    ContactIds,
    Entry,
    Errors,
    Found,
    Group,
    Groups,
    JobStatus,
    OneGroup,
    Scopes,
    Started,
    Suppressed,
    Took,
    Unfit,
    read,
)
from lineage.errors import Misconfigured

ERASE_RATE = "erasejob"
List = Literal["bounces", "blocks", "invalid_emails", "spam_reports"]
TECHNICAL: tuple[List, ...] = ("bounces", "blocks", "invalid_emails")
"""Why mail did not arrive. What is in `spam_reports` she said herself."""
LISTS: tuple[List, ...] = (*TECHNICAL, "spam_reports")
_CONTACTS = "/v3/marketing/contacts"


class Calls:
    """Calls SendGrid. `account` is the sub-user that a call is made for; empty: the parent.

    Raises, each of them: Retryable: it is away or busy. Misconfigured: it does not take our key.
    Unfit: an answer that no document of its knows, or a 400.
    """

    def __init__(self, party: str, url: str, key: Secret, caller: Caller, budget: Budget) -> None:
        """Raises: Misconfigured: an address that cannot be used."""
        self._party, self._url = party, checked_url(party, url)
        self._key, self._caller, self._budget = key, caller, budget

    async def scopes(self) -> frozenset[str]:
        """Return what the key may do."""
        return frozenset(read(Scopes, (await self._call("GET", "/v3/scopes", 200)).body).scopes)

    async def erase_mail(self, addresses: Addresses, account: str) -> str:
        """Have mail data of one account erased; return the job, which nothing can be asked by."""
        await self._budget.take(ERASE_RATE)
        body = {"email_addresses": list(addresses.values)}
        return read(Started, (await self._call("POST", "/v3/recipients/erasejob", 202, body, account)).body).job

    async def search(self, addresses: Addresses) -> Mapping[str, Contact | None]:
        """Return the contact of each address, which is in lower case; None: there is none.

        A contact that is not known by the address it is given for is no answer, and neither is silence about an address.
        """
        answer = await self._call("POST", f"{_CONTACTS}/search/emails", 200, {"emails": list(addresses.values)}, on=404)
        if answer.status == 404:
            read(Errors, answer.body)  # a page that is not there says 404 too, in another form
            return dict.fromkeys(addresses.values)
        result = read(Found, answer.body).result
        for each in addresses.values:
            told = result.get(each)
            nobody = told is not None and told.contact is None and bool(told.error)
            hers = told is not None and told.contact is not None and told.contact.has(each)
            if not (nobody or hers):
                raise Unfit("sendgrid's search gives somebody else, or says nothing of an address", answer.body)
        return {each: result[each].contact for each in addresses.values}

    async def delete_contacts(self, ids: ContactIds) -> str:
        """Have contacts deleted; return the job."""
        return read(Started, (await self._call("DELETE", f"{_CONTACTS}?{ids.query}", 202)).body).job

    async def put_contact(self, fields: Mapping[str, object]) -> str:
        """Have a contact added or changed; return the job."""
        return read(Started, (await self._call("PUT", _CONTACTS, 202, {"contacts": [fields]})).body).job

    async def job_status(self, job: str) -> str:
        """Return how a job of contacts stands; `completed` too where it is known no longer: what it did is looked at."""
        answer = await self._call("GET", f"{_CONTACTS}/imports/{quote(job, safe='')}", 200, on=404)
        return "completed" if answer.status == 404 else read(JobStatus, answer.body).status

    async def suppress(self, addresses: Addresses, account: str, group: int | None) -> None:
        """Suppress addresses for a group, or globally. A group that is not there would make it global: ask first."""
        path = "/v3/asm/suppressions/global" if group is None else f"/v3/asm/groups/{group}/suppressions"
        answer = await self._call("POST", path, 201, {"recipient_emails": list(addresses.values)}, account)
        read(Took, answer.body)

    async def has_group(self, group: int, account: str) -> bool:
        """Tell whether there is such a group."""
        answer = await self._call("GET", f"/v3/asm/groups/{group}", 200, account=account, on=404)
        if answer.status == 404:
            read(Errors, answer.body)
            return False
        return read(OneGroup, answer.body).id == group

    async def members(self, addresses: Addresses, account: str, group: int) -> frozenset[str]:
        """Return which of the addresses a group suppresses, in lower case."""
        path, body = f"/v3/asm/groups/{group}/suppressions/search", {"recipient_emails": list(addresses.values)}
        found = read(MEMBERS, (await self._call("POST", path, 200, body, account)).body)
        return frozenset(each.lower() for each in found)

    async def is_suppressed(self, address: str, account: str) -> bool:
        """Tell whether an address is suppressed globally."""
        path = f"/v3/asm/suppressions/global/{quote(address, safe='@')}"
        told = read(Suppressed, (await self._call("GET", path, 200, account=account)).body).recipient_email
        return told is not None and told.lower() == address.lower()

    async def groups(self, address: str, account: str) -> tuple[Group, ...]:
        """Return the groups that suppress an address."""
        path = f"/v3/asm/suppressions/{quote(address, safe='@')}"
        told = read(Groups, (await self._call("GET", path, 200, account=account)).body).suppressions
        return tuple(each for each in told if each.suppressed)

    async def entries(self, which: List, address: str, account: str) -> tuple[Entry, ...]:
        """Return what a list holds of an address."""
        path = f"/v3/suppression/{which}/{quote(address, safe='@')}"
        found = read(ENTRIES, (await self._call("GET", path, 200, account=account)).body)
        return tuple(found)

    async def clear(self, which: List, addresses: Addresses, account: str) -> None:
        """Take addresses out of a list. The body names them: there is another form that empties the whole list."""
        await self._call("DELETE", f"/v3/suppression/{which}", 204, {"emails": list(addresses.values)}, account, on=404)

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()

    async def _call(
        self,
        method: str,
        path: str,
        wanted: int,
        body: object = None,
        account: str = "",
        on: int | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._key.read()}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if account:
            headers["on-behalf-of"] = account
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = await self._caller.call(method, self._url + path, content, headers)
        if answer.status in (wanted, on):
            return answer
        if answer.status in (401, 403):
            whose = "of a sub-user" if account else "of the account"
            raise Misconfigured(
                f"{self._party} does not take our key for a call {whose} ({answer.status}): check the key in its "
                "descriptor, what it may do, and the names of its sub-users"
            )
        raise Unfit(
            f"{self._party} answers {answer.status}, which no call of ours should get: the answer is sealed with the task",
            answer.body,
            rejected=answer.status == 400,
        )
