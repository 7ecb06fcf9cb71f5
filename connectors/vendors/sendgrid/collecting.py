"""Access: the contact, and the lists and suppressions of every account, as records. Reads only."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime

from connectors.vendors.sendgrid.accounts import Account
from connectors.vendors.sendgrid.calls import LISTS, Calls
from connectors.vendors.sendgrid.saying import LONGEST_SEARCHED, SEARCHED_AT_MOST, Addresses, Contact
from connectors.vendors.sendgrid.working import Batch, Shift, Work, batches
from lineage.answers.records import Cell, Nature, Record, Value, records_as_json
from lineage.cases.orders import Outcome

_CATEGORIES = {
    "email": "email", "alternate_emails": "email", "first_name": "name", "last_name": "name", "unique_name": "name",
    "phone_number": "phone", "phone_number_id": "phone", "whatsapp": "phone", "line": "phone",
    "external_id": "customer_id", "anonymous_id": "device_id", "facebook": "customer_id",
}  # fmt: skip
_ADDRESS = "address"
_OBSERVED = frozenset({"list_ids", "segment_ids", "created_at", "updated_at"})
_WITHOUT = frozenset({"_metadata", "id"})


class Collecting:
    """Reads what can be read of somebody. Mail data cannot: which messages went to her is not in what this gives."""

    def __init__(self, calls: Calls, accounts: Sequence[Account], party: str) -> None:
        self._calls, self._accounts, self._party = calls, accounts, party

    async def send(self, shift: Shift) -> None:
        """Read it, for each order by itself but for the search."""
        contacts: dict[str, list[Contact]] = {}

        async def search(batch: Batch) -> None:
            sought = [each for work in batch for each in _searched(work)]
            told = await self._calls.search(Addresses.of(sought)) if sought else {}
            for work in batch:
                found = {each.id: each for one in _searched(work) if (each := told[one]) is not None}
                contacts[work.order.task] = list(found.values())

        async def read(batch: Batch) -> None:
            (work,) = batch
            purpose = next(iter(work.order.purposes), "")
            records = [self._contact(each, purpose) for each in contacts[work.order.task]]
            for account in self._accounts:
                records += [each async for each in self._standing(work, account, purpose)]
            whole = not work.unfit and len(_searched(work)) == len(work.low)
            state, ground = ("verified", "mail-data-unread") if whole else ("partial", "address-unfit")
            work.came = Outcome(
                "verified" if state == "verified" else "partial",
                how="read-back",
                ground=ground,
                evidence=records_as_json(records),
            )

        await shift.through(batches(shift.going, SEARCHED_AT_MOST, _searched), search)
        await shift.through([[each] for each in shift.going if each.order.task in contacts], read)

    def _contact(self, contact: Contact, purpose: str) -> Record:
        said = {**contact.model_dump(include={"email", "alternate_emails"}), **(contact.model_extra or {})}
        cells = [
            Cell(name, value, _category(name), purpose, _nature(name))
            for name, value in _flat(said)
            if value not in (None, "")
        ]
        return Record(self._party, "contact", tuple(cells))

    async def _standing(self, work: Work, account: Account, purpose: str) -> AsyncIterator[Record]:
        for address in work.low:
            for which in LISTS:
                for entry in await self._calls.entries(which, address, account.name):
                    said = {"email": entry.email, **(entry.model_extra or {}), "created": _day(entry.created)}
                    yield self._listed(which, account, said, purpose)
            if await self._calls.is_suppressed(address, account.name):
                yield self._listed("global unsubscribe", account, {"email": address}, purpose)
            for group in await self._calls.groups(address, account.name):
                yield self._listed("group unsubscribe", account, {"email": address, "group": group.name}, purpose)

    def _listed(self, table: str, account: Account, said: dict[str, object], purpose: str) -> Record:
        cells = [
            Cell(name, value, "email" if name == "email" else "consent", purpose, "observed")
            for name, value in _flat({**said, **({"account": account.name} if account.name else {})})
            if value not in (None, "")
        ]
        return Record(self._party, table, tuple(cells))


def _searched(work: Work) -> list[str]:
    return [each for each in work.low if len(each) <= LONGEST_SEARCHED]


def _flat(said: dict[str, object]) -> Iterator[tuple[str, Value]]:
    """Return fields as plain values, in a stable order: a list as its parts, a custom field by its name."""
    for name, value in sorted(said.items()):
        if name in _WITHOUT:
            continue
        if isinstance(value, str | int | float) or value is None:
            yield name, value
        elif isinstance(value, list):
            yield from ((name, each if isinstance(each, str | int | float) else str(each)) for each in value)
        elif isinstance(value, dict):
            yield from ((f"{name}.{inner}", text) for inner, text in _flat(value))


def _category(name: str) -> str:
    return _CATEGORIES.get(name, _ADDRESS if name in _PLACES else "consent" if name in _OBSERVED else "browsing")


_PLACES = frozenset({"address_line_1", "address_line_2", "city", "country", "postal_code", "state_province_region"})


def _nature(name: str) -> Nature:
    return "observed" if name in _OBSERVED else "provided"


def _day(created: int | None) -> str | None:
    if created is None or not 0 <= created < 1 << 36:
        return None
    return datetime.fromtimestamp(created, UTC).isoformat()
