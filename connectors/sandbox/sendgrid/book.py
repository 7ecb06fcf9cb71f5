"""The contacts of one account: found by any identifier, changed only as SendGrid lets them be. Answers nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

IDENTIFIERS = ("email", "phone_number_id", "external_id", "anonymous_id")
CONTACTS_AT_MOST = 200_000


class Book:
    """Contacts by their id. Addresses are kept in lower case; `created_at` and `updated_at` are microseconds."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._made = 0

    def upsert(self, given: Mapping[str, Any], now: int) -> str | None:
        """Add or update a contact. Returns `created` or `updated`; None where it may not be updated like this.

        A contact is found by any of its identifiers, and is only updated when all that it has are given.
        """
        fields = {name: value for name, value in given.items() if value not in (None, "")}
        if "email" in fields:
            fields["email"] = fields["email"].lower()
        keys = [(name, fields[name]) for name in IDENTIFIERS if name in fields]
        ids = {self._ids[key] for key in keys if key in self._ids}
        if not keys or len(ids) > 1 or (not ids and len(self.contacts) >= CONTACTS_AT_MOST):
            return None
        contact_id = ids.pop() if ids else self._next_id()
        held = self.contacts.get(contact_id)
        if held and any(name in held and fields.get(name) != held[name] for name in IDENTIFIERS):
            return None
        lists = sorted({*(held or {}).get("list_ids", ()), *fields.get("list_ids", ())})
        created = held["created_at"] if held else now
        whole = {**(held or {}), **fields, "list_ids": lists, "created_at": created, "updated_at": now}
        self.contacts[contact_id] = whole
        self._ids.update(dict.fromkeys(keys, contact_id))
        self._ids.update(dict.fromkeys(_alternates(whole), contact_id))
        return "updated" if held else "created"

    def find(self, name: str, value: str) -> tuple[str, Mapping[str, Any]] | None:
        """Return id and fields of the contact that has this identifier, an address also as one of its alternates."""
        value = value.lower() if name == "email" else value
        found = self._ids.get((name, value)) or self._ids.get((f"alternate {name}", value))
        return (found, self.contacts[found]) if found else None

    def remove(self, ids: Iterable[str]) -> int:
        """Delete these. Returns how many there were."""
        gone = {each: held for each in ids if (held := self.contacts.pop(each, None)) is not None}
        for contact_id, held in gone.items():
            keys = [*((name, held[name]) for name in IDENTIFIERS if name in held), *_alternates(held)]
            for key in keys:
                if self._ids.get(key) == contact_id:
                    del self._ids[key]
        return len(gone)

    def _next_id(self) -> str:
        self._made += 1
        return f"00000000-0000-4000-8000-{self._made:012x}"


def _alternates(contact: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("alternate email", each.lower()) for each in contact.get("alternate_emails", ())]
