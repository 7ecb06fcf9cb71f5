"""What a party has of whom, as its own staff sees it: fed by the shop, emptied by hand, looked at by the judge.

Most parties are ordinary ones (town.py). SendGrid is the sandbox's, told in its own protocol; what it has is found by address.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from bench.campaign.town import Name, Record, Row
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.sendgrid.state import Account
from connectors.sandbox.vendor import Vendor
from streams.shop.truth_facts import Identifier, normalised


class Book(Protocol):
    """The book of one party."""

    def takes(self, row: Row) -> Row | None:
        """Return the row as it is kept here; None where there is nothing to keep it by."""
        ...

    def put(self, rows: Sequence[Row]) -> None:
        """Let the party have these, which it takes."""
        ...

    def take_out(self, hers: Collection[Identifier]) -> None:
        """Erase by hand whatever hangs on one of these."""
        ...

    def record(self) -> Record:
        """Return what is there now, and what the party was told."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Of an ordinary party, which keeps rows. Implements `Book`."""

    hosted: Hosted

    def takes(self, row: Row) -> Row | None:
        """As it is."""
        return row

    def put(self, rows: Sequence[Row]) -> None:
        """Let it have these."""
        self.hosted.seed({"rows": rows})

    def take_out(self, hers: Collection[Identifier]) -> None:
        """Erase them."""
        with self.hosted.still() as vendor:
            vendor.state.take_out([row for row in vendor.state.rows.values() if row.hangs in hers])

    def record(self) -> Record:
        """Its own."""
        return cast("Record", self.hosted.vendor.state)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of SendGrid, which keeps addresses: a row is there as long as its address is. Implements `Book`."""

    hosted: Hosted
    kept: Record = field(default_factory=Record)

    def takes(self, row: Row) -> Row | None:
        """By the address that was sent."""
        sent = next((value for kind, value in row.names if kind == "email"), None)
        return None if sent is None else row._replace(kept_by=normalised("email", sent))

    def put(self, rows: Sequence[Row]) -> None:
        """Let it have mail data and a contact for each."""
        with self.hosted.still() as vendor:
            self._leave_out(vendor)
            addresses = sorted({_address(row) for row in rows})
            contacts = [{"email": each} for each in addresses]
            vendor.seed({"accounts": {"": {"mail": addresses, "contacts": contacts}}})
            self.kept.put(rows)

    def take_out(self, hers: Collection[Identifier]) -> None:
        """Erase the contacts and mail data of their addresses."""
        with self.hosted.still() as vendor:
            self._leave_out(vendor)
            account = _account(vendor)
            for address in {_address(row) for row in self.kept.rows.values() if row.hangs in hers}:
                account.mail.pop(address, None)
                if found := account.book.find("email", address):
                    account.book.remove([found[0]])
            self._leave_out(vendor)

    def record(self) -> Record:
        """What is there by now; whom it may write to no more."""
        with self.hosted.still() as vendor:
            self._leave_out(vendor)
            account = _account(vendor)
            groups = [name for group in account.groups.values() for name in group.members]
            self.kept.silenced = frozenset(normalised("email", each) for each in (*account.suppressed, *groups))
        return self.kept

    def _leave_out(self, vendor: Vendor) -> None:
        """Whatever has gone since."""
        account = _account(vendor)
        rows = self.kept.rows.values()
        gone = {
            each for each in map(_address, rows) if each not in account.mail and not account.book.find("email", each)
        }
        self.kept.take_out([row for row in rows if _address(row) in gone])


def _address(row: Row) -> str:
    name: Name | None = row.kept_by
    assert name is not None  # noqa: S101 - `takes` has set it
    return name[1]


def _account(vendor: Vendor) -> Account:
    """The shop's one account."""
    return cast("Account", vendor.state.accounts[""])
