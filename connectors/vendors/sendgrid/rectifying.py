"""Rectification: a contact's fields are changed; for another address the new contact is added first, then the old deleted.

Nothing but the vendor's own state says how far it is: each attempt looks, and does the next step. `Outcome.handle` is
`put.TRY.ID` or `job.TRY.ID`, by the job that is waited for.
"""

from collections.abc import Mapping, Sequence

from connectors.vendors.sendgrid.accounts import Account
from connectors.vendors.sendgrid.calls import Calls
from connectors.vendors.sendgrid.saying import LONGEST_SEARCHED, Addresses, Contact, ContactIds, is_address
from connectors.vendors.sendgrid.working import DONE, Batch, Shift, Work
from lineage.cases.orders import Outcome

TRIES = 5
IDENTIFIERS = ("email", "phone_number_id", "external_id", "anonymous_id")
FIELDS = {
    "first_name": 50, "last_name": 50, "address_line_1": 100, "address_line_2": 100, "city": 60, "country": 50,
    "postal_code": 100, "state_province_region": 50,
}  # fmt: skip
"""What may be changed, and the most signs of each."""
_NOT_COPIED = ("phone_number", "whatsapp", "line", "facebook", "unique_name", "custom_fields", *IDENTIFIERS[1:])
"""What cannot be given to a new contact, or by other names only."""


class Rectifying:
    """Corrects. `fields` are those of a contact by category of the register, where the shop has said so."""

    def __init__(self, calls: Calls, accounts: Sequence[Account], fields: Mapping[str, str]) -> None:
        self._calls, self._accounts, self._fields = calls, accounts, fields

    async def send(self, shift: Shift) -> None:
        """Take the next step for each order."""

        async def once(batch: Batch) -> None:
            (work,) = batch
            if await self._pending(work):
                work.came = _again(shift, work)
                return
            await self._step(shift, work)

        await shift.through([[each] for each in shift.going], once)

    async def _pending(self, work: Work) -> bool:
        parts = (work.handle or "").split(".", 2)
        return len(parts) == 3 and await self._calls.job_status(parts[2]) == "pending"

    async def _step(self, shift: Shift, work: Work) -> None:
        wanted = self._wanted(work.order.changes)
        address = work.order.changes.get("email", "").strip().lower()
        if wanted is None or (address and (not is_address(address) or len(address) > LONGEST_SEARCHED)):
            work.came = Outcome("manual", how="no-such-call", ground="field-unknown")
            return
        sought = [each for each in work.low if len(each) <= LONGEST_SEARCHED]
        if not sought:
            work.came = Outcome("manual", how="no-identifier", ground="address-unfit")
            return
        found = await self._calls.search(Addresses.of([*sought, *([address] if address else [])]))
        old = {each.id: each for one in sought if (each := found[one]) is not None and one != address}
        new = found.get(address) if address else None
        if new is not None:
            old.pop(new.id, None)
        if not old and new is None:
            work.came = Outcome("partial", how="read-back", ground="no-contact")
        elif address:
            await self._moved(shift, work, list(old.values()), new, wanted, address)
        else:
            await self._changed(shift, work, list(old.values()), wanted)

    async def _changed(self, shift: Shift, work: Work, there: Sequence[Contact], wanted: Mapping[str, str]) -> None:
        """Change fields of a contact that keeps its address: all its identifiers go with them, or it would not be changed."""
        for contact in there:
            if not _has(contact, wanted):
                await self._put(shift, work, {**_identifiers(contact), **wanted})
                return
        work.came = Outcome("verified", how="read-back")

    async def _moved(
        self, shift: Shift, work: Work, old: Sequence[Contact], new: Contact | None, wanted: Mapping[str, str], to: str
    ) -> None:
        """Add the contact under its new address; when it is there, delete the old one: what fails between loses nothing."""
        if any(_uncopied(each) for each in old) or len(old) > 1:
            work.came = Outcome("manual", how="no-such-call", ground="identifiers-besides-address")
            return
        await self._carry_over(work, to)
        if new is None:
            await self._put(shift, work, {**_copied(old[0]), **wanted, "email": to})
        elif not _has(new, wanted):
            await self._put(shift, work, {**_identifiers(new), **wanted})
        elif old:
            await self._go_on(shift, work, "job", await self._calls.delete_contacts(ContactIds((old[0].id,))))
        else:
            work.came = Outcome("verified", how="read-back")

    async def _carry_over(self, work: Work, to: str) -> None:
        """Whoever is suppressed under the old address must be under the new one, before any mail can go there."""
        for account in self._accounts:
            for address in work.low:
                if await self._calls.is_suppressed(address, account.name):
                    await self._calls.suppress(Addresses.of([to]), account.name, None)
                for group in await self._calls.groups(address, account.name):
                    await self._calls.suppress(Addresses.of([to]), account.name, group.id)

    async def _put(self, shift: Shift, work: Work, fields: Mapping[str, object]) -> None:
        await self._go_on(shift, work, "put", await self._calls.put_contact(fields))

    async def _go_on(self, shift: Shift, work: Work, what: str, job: str) -> None:
        parts = (work.handle or "").split(".", 2)
        tries = int(parts[1]) if len(parts) == 3 and parts[0] == what and parts[1].isdecimal() else 0
        if tries >= TRIES:
            work.came = Outcome("failed", how="read-back", ground="not-changed", handle=DONE)
            return
        work.handle = f"{what}.{tries + 1}.{job}"
        work.came = _again(shift, work)

    def _wanted(self, changes: Mapping[str, str]) -> dict[str, str] | None:
        """Return the fields to be set; None where a change is of a category that no field is known for, or too long."""
        wanted: dict[str, str] = {}
        for category, value in changes.items():
            if category == "email":
                continue
            if category in self._fields:
                wanted[self._fields[category]] = value.strip()
            elif category == "name":
                first, _, last = value.strip().rpartition(" ")
                wanted |= {"first_name": first.strip(), "last_name": last}
            else:
                return None
        fit = all(0 < len(value) <= FIELDS[name] for name, value in wanted.items())
        return wanted if fit else None


def _again(shift: Shift, work: Work) -> Outcome:
    return Outcome("sent", how="http-202", handle=work.handle, ask_again_in=shift.pause(work))


def _fields_of(contact: Contact) -> dict[str, object]:
    return {"email": contact.email, "alternate_emails": contact.alternate_emails, **(contact.model_extra or {})}


def _identifiers(contact: Contact) -> dict[str, object]:
    held = _fields_of(contact)
    return {name: held[name] for name in IDENTIFIERS if held.get(name)}


def _has(contact: Contact, wanted: Mapping[str, str]) -> bool:
    held = _fields_of(contact)
    return all(held.get(name) == value for name, value in wanted.items())


def _uncopied(contact: Contact) -> bool:
    held = _fields_of(contact)
    return any(held.get(name) for name in _NOT_COPIED) or bool(contact.alternate_emails)


def _copied(contact: Contact) -> dict[str, object]:
    held = _fields_of(contact)
    return {name: held[name] for name in FIELDS if held.get(name)}
