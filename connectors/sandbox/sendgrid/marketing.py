"""SendGrid's marketing contacts: search, upsert, delete, and the jobs of the last two."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.calls import Answer, Call, said
from connectors.sandbox.faults import Kind
from connectors.sandbox.jobs import Job
from connectors.sandbox.sendgrid.book import IDENTIFIERS
from connectors.sandbox.sendgrid.saying import is_address, wrong
from connectors.sandbox.sendgrid.state import Account, State

SEARCHED_AT_MOST = 100
CONTACTS_OF_A_CALL = 30_000
LARGEST_UPSERT = 6 * 1024 * 1024
UPSERT, DELETE = "upsert_contacts", "delete_contacts"
_LONGEST = {
    "address_line_1": 100,
    "address_line_2": 100,
    "city": 60,
    "country": 50,
    "email": 254,
    "phone_number_id": 1_000,
    "external_id": 254,
    "anonymous_id": 254,
    "first_name": 50,
    "last_name": 50,
    "postal_code": 1_000,
    "state_province_region": 50,
}
_ALTERNATES_AT_MOST = 5
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def search(state: State, body: Mapping[str, Any]) -> Answer:
    """Find contacts by address. 404 where there is none of them all."""
    emails = body.get("emails")
    if not isinstance(emails, list) or not all(isinstance(each, str) and len(each) <= 100 for each in emails):
        return wrong(400, "emails is a list of texts of at most 100 characters", "emails")
    others = [name for name in IDENTIFIERS if name != "email" and name in body]
    if bad := next((name for name in others if not _fits(name, body[name])), None):
        return wrong(400, f"{bad} is no text that it can be", bad)
    wanted = [each.lower() for each in dict.fromkeys(emails) if each]
    if len(emails) > SEARCHED_AT_MOST:
        return wrong(400, "at most 100 addresses are wanted", "emails")
    if not all(is_address(each) for each in wanted):
        return wrong(400, "an address is not valid", "emails")
    book = state.accounts[""].book
    pairs = [("email", each) for each in wanted] + [(name, body[name]) for name in others]
    found = {value: book.find(name, value) for name, value in pairs}
    if not any(found.values()):
        return wrong(404, "no contact found")
    return said(200, {"result": {key: _result(each) for key, each in found.items()}})


def _result(found: tuple[str, Mapping[str, Any]] | None) -> Mapping[str, Any]:
    if found is None:
        return {"error": "contact not found"}
    contact_id, held = found
    times = {name: _time(held[name]) for name in ("created_at", "updated_at")}
    return {"contact": {"segment_ids": [], **held, **times, "id": contact_id}}


def upsert(state: State, call: Call, body: Mapping[str, Any], takes: int) -> Answer:
    """Queue contacts that are to be added or updated."""
    contacts, lists = body.get("contacts"), body.get("list_ids", [])
    if len(call.body) > LARGEST_UPSERT:
        return wrong(400, "a body has at most 6 MB", "contacts")
    if not isinstance(contacts, list) or not 1 <= len(contacts) <= CONTACTS_OF_A_CALL:
        return wrong(400, "1 to 30000 contacts are wanted", "contacts")
    if not isinstance(lists, list) or not all(_is_uuid(each) for each in lists):
        return wrong(400, "list_ids is a list of ids", "list_ids")
    for each in contacts:
        if (field := _misfit(each)) is not None:
            return wrong(400, "a contact has a field that is missing, too long or of the wrong type", field)
    asked = {"contacts": [{**each, "list_ids": lists} for each in contacts], "fault": call.fault}
    return said(202, {"job_id": state.jobs.start(UPSERT, asked, call.at, takes).id})


def _misfit(contact: object) -> str | None:
    if not isinstance(contact, dict):
        return "contacts"
    for name, value in contact.items():
        if name in _LONGEST and not _fits(name, value):
            return str(name)
    alternates, custom = contact.get("alternate_emails", []), contact.get("custom_fields", {})
    if not isinstance(alternates, list) or len(alternates) > _ALTERNATES_AT_MOST:
        return "alternate_emails"
    if not all(isinstance(each, str) and len(each) <= _LONGEST["email"] for each in alternates):
        return "alternate_emails"
    if not isinstance(custom, dict) or not all(type(each) in (str, int, float) for each in custom.values()):
        return "custom_fields"
    return None if any(contact.get(name) for name in IDENTIFIERS) else "email"


def _is_uuid(text: object) -> bool:
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def _fits(name: str, value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST[name]


def delete(state: State, call: Call, takes: int) -> Answer:
    """Queue contacts that are to be deleted.

    All of them, where the order says so or names none: that it is meant for some is the caller's to say.
    """
    everything = call.asked("delete_all_contacts") == "true"
    ids = [each.strip() for each in (call.asked("ids") or "").split(",") if each.strip()]
    if everything or not ids:
        state.wiped += 1
        everything = True
    asked = {"ids": [] if everything else ids, "everything": everything, "fault": call.fault}
    return said(202, {"job_id": state.jobs.start(DELETE, asked, call.at, takes).id})


def status(state: State, call: Call) -> Answer:
    """Tell how a job stands."""
    job = state.jobs.get(call.path["id"])
    if job is None or job.kind not in (UPSERT, DELETE):
        return wrong(404, "import job not found", "id")
    told: dict[str, Any] = {"id": job.id, "job_type": job.kind, "status": "pending"}
    if job.outcome is not None:
        times = {"started_at": _time(job.began), "finished_at": _time(job.due)}
        told |= {"status": job.outcome["status"], "results": job.outcome["results"], **times}
    return said(200, told)


def carry_out(account: Account, job: Job) -> Mapping[str, Any]:
    """Do what a job is about. Returns its status and counts."""
    return _upserted(account, job) if job.kind == UPSERT else _deleted(account, job)


def _upserted(account: Account, job: Job) -> Mapping[str, Any]:
    contacts = job.asked["contacts"]
    if job.asked["fault"] is Kind.LIE:
        return _outcome(len(contacts), 0, updated_count=len(contacts))
    done = contacts[: len(contacts) // 2] if job.asked["fault"] is Kind.PARTIAL else contacts
    results = [account.book.upsert(each, job.due) for each in done]
    created, updated = results.count("created"), results.count("updated")
    return _outcome(len(contacts), len(contacts) - created - updated, created_count=created, updated_count=updated)


def _deleted(account: Account, job: Job) -> Mapping[str, Any]:
    ids = list(account.book.contacts) if job.asked["everything"] else list(dict.fromkeys(job.asked["ids"]))
    if job.asked["fault"] is Kind.LIE:
        return _outcome(len(ids), 0, deleted_count=len(ids))
    done = ids[: len(ids) // 2] if job.asked["fault"] is Kind.PARTIAL else ids
    # An id that nobody has is no error: what was wanted is so.
    return _outcome(len(ids), len(ids) - len(done), deleted_count=account.book.remove(done))


def _outcome(requested: int, errored: int, **counts: int) -> Mapping[str, Any]:
    results: dict[str, Any] = {"requested_count": requested, **counts}
    if errored:
        results |= {"errored_count": errored, "errors_url": "https://errors.sendgrid.invalid/none"}
    return {
        "status": "completed" if not errored else "failed" if errored == requested else "errored",
        "results": results,
    }


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
