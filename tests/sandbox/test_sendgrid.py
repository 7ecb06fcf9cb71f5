"""SendGrid of the sandbox behaves as the vendor's documentation says."""

from collections.abc import Callable

import httpx2
import pytest

from connectors.sandbox.faults import Kind
from tests.sandbox.conftest import Mailer

ERASE, CONTACTS, SEARCH = "/v3/recipients/erasejob", "/v3/marketing/contacts", "/v3/marketing/contacts/search/emails"
AINO, EINO = "aino@example.fi", "eino@example.fi"


def status_of(mailer: Mailer, answer: httpx2.Response) -> dict[str, object]:
    found = mailer.ask.get(f"{CONTACTS}/imports/{answer.json()['job_id']}")
    return dict(found.json())


def id_of(mailer: Mailer, email: str) -> str:
    return str(next(each["id"] for each in mailer.held()["contacts"] if each["email"] == email))


def test_an_erasure_job_erases_mail_data_later_and_neither_contacts_nor_suppressions(mailer: Mailer) -> None:
    whole = {"mail": [AINO, EINO], "contacts": [{"email": AINO}], "suppressed": [AINO]}
    mailer.hosted.seed({"accounts": {"": whole}})
    answer = mailer.ask.post(ERASE, json={"email_addresses": [AINO.upper(), AINO]})
    assert (answer.status_code, list(answer.json())) == (202, ["job_id"])
    assert mailer.held()["mail"] == [AINO, EINO]
    mailer.done()
    assert mailer.held()["mail"] == [EINO]
    assert (mailer.emails(), mailer.held()["suppressed"]) == ([AINO], [AINO])


def test_an_erasure_job_clears_suppressions_where_the_sandbox_is_told_to_take_it_so(
    mailers: Callable[..., Mailer],
) -> None:
    mailer = mailers(clears_suppressions=True)
    group = {"id": 5, "name": "news", "members": [AINO, EINO]}
    mailer.hosted.seed({"accounts": {"": {"suppressed": [AINO], "bounces": [AINO], "groups": [group]}}})
    mailer.ask.post(ERASE, json={"email_addresses": [AINO]})
    mailer.done()
    assert (mailer.held()["suppressed"], mailer.held()["bounces"], mailer.held()["groups"]) == ([], [], {"5": [EINO]})


def test_an_erasure_does_not_cascade_to_subusers(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"mail": [AINO]}, "news": {"mail": [AINO]}}})
    mailer.ask.post(ERASE, json={"email_addresses": [AINO]})
    mailer.done()
    assert (mailer.held()["mail"], mailer.held("news")["mail"]) == ([], [AINO])
    assert mailer.ask.post(ERASE, json={"email_addresses": [AINO]}, headers={"on-behalf-of": "news"}).status_code == 202
    mailer.done()
    assert mailer.held("news")["mail"] == []
    stranger = mailer.ask.post(ERASE, json={"email_addresses": [AINO]}, headers={"on-behalf-of": "nobody"})
    assert stranger.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"emails": [AINO]},
        {"email_addresses": []},
        {"email_addresses": AINO},
        {"email_addresses": ["no address"]},
        {"email_addresses": [AINO, 5]},
        {"email_addresses": [f"a{n}@example.fi" for n in range(5_001)]},
        {"email_addresses": [AINO], "padding": "x" * 256 * 1024},
        [],
    ],
)
def test_a_wrong_erasure_is_refused_whole(mailer: Mailer, body: object) -> None:
    answer = mailer.ask.post(ERASE, json=body)
    assert answer.status_code == 400
    assert [set(each) for each in answer.json()["errors"]] == [{"message", "field"}]
    assert mailer.hosted.held()["jobs"] == 0


def test_an_account_without_the_scope_erases_nothing(mailer: Mailer) -> None:
    assert "recipients.erasejob.create" in mailer.ask.get("/v3/scopes").json()["scopes"]
    mailer.hosted.seed({"scopes": ["marketing.read"]})
    assert mailer.ask.post(ERASE, json={"email_addresses": [AINO]}).status_code == 403
    assert mailer.ask.get("/v3/scopes").json() == {"scopes": ["marketing.read"]}


def test_erasures_are_limited_to_100_a_minute_and_say_the_seconds_left(mailer: Mailer) -> None:
    answers = [mailer.ask.post(ERASE, json={"email_addresses": [AINO]}) for _ in range(101)]
    assert [each.status_code for each in answers] == [202] * 100 + [429]
    assert answers[0].headers["x-ratelimit-remaining"] == "99"
    last = answers[-1].headers
    assert (last["x-ratelimit-limit"], last["x-ratelimit-remaining"], last["x-ratelimit-reset"]) == ("100", "0", "60")
    mailer.clock.forward(60_000_000)
    assert mailer.ask.post(ERASE, json={"email_addresses": [AINO]}).status_code == 202


def test_other_limits_say_when_they_are_reset(mailer: Mailer) -> None:
    assert mailer.ask.get("/v3/scopes").headers["x-ratelimit-reset"] == str(1_750_000_000 + 60)


def test_a_search_answers_in_lower_case_and_404_when_nobody_is_found(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO, "alternate_emails": ["A@example.fi"]}]}}})
    found = mailer.ask.post(SEARCH, json={"emails": ["AINO@example.FI", EINO, "a@EXAMPLE.fi", ""]}).json()["result"]
    assert found[AINO]["contact"]["email"] == AINO
    assert found[AINO] == found["a@example.fi"]
    assert found[EINO] == {"error": "contact not found"}
    assert set(found) == {AINO, EINO, "a@example.fi"}
    assert mailer.ask.post(SEARCH, json={"emails": [EINO]}).status_code == 404
    assert mailer.ask.post(SEARCH, json={"emails": [f"a{n}@b.fi" for n in range(101)]}).status_code == 400


def test_a_contact_is_added_and_updated_by_jobs(mailer: Mailer) -> None:
    job = mailer.ask.put(CONTACTS, json={"contacts": [{"email": AINO, "first_name": "Aino", "city": "Vaasa"}]})
    assert status_of(mailer, job) == {"id": job.json()["job_id"], "job_type": "upsert_contacts", "status": "pending"}
    assert mailer.emails() == []
    mailer.done()
    assert status_of(mailer, job)["results"] == {"requested_count": 1, "created_count": 1, "updated_count": 0}
    mailer.ask.put(CONTACTS, json={"contacts": [{"email": AINO.upper(), "first_name": "Aina"}]})
    mailer.done()
    (contact,) = mailer.held()["contacts"]
    assert (contact["email"], contact["first_name"], contact["city"]) == (AINO, "Aina", "Vaasa")


def test_a_contact_is_not_updated_unless_all_its_identifiers_are_given(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO, "external_id": "C-1", "city": "Vaasa"}]}}})
    job = mailer.ask.put(CONTACTS, json={"contacts": [{"email": AINO, "city": "Oulu"}, {"email": EINO}]})
    mailer.done()
    told = status_of(mailer, job)
    assert told["status"] == "errored"
    assert mailer.held()["contacts"][0]["city"] == "Vaasa"
    assert mailer.emails() == [AINO, EINO]


def test_contacts_are_deleted_by_id_later(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO}, {"email": EINO}], "mail": [AINO]}}})
    job = mailer.ask.delete(CONTACTS, params={"ids": id_of(mailer, AINO)})
    assert (job.status_code, status_of(mailer, job)["status"]) == (202, "pending")
    mailer.done()
    told = status_of(mailer, job)
    assert (told["status"], told["results"]) == ("completed", {"requested_count": 1, "deleted_count": 1})
    assert (mailer.emails(), mailer.held()["mail"]) == ([EINO], [AINO])
    assert mailer.ask.post(SEARCH, json={"emails": [AINO]}).status_code == 404
    assert mailer.hosted.held()["wiped"] == 0


@pytest.mark.parametrize(
    "query", ["", "?ids=", "?ids=,", "?delete_all_contacts=true", "?ids=x&delete_all_contacts=true"]
)
def test_a_deletion_that_names_nobody_deletes_everybody_and_is_counted(mailer: Mailer, query: str) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO}, {"email": EINO}]}}})
    assert mailer.ask.delete(f"{CONTACTS}{query}").status_code == 202
    assert mailer.hosted.held()["wiped"] == 1
    mailer.done()
    assert mailer.emails() == []


@pytest.mark.parametrize(
    ("kind", "status", "left"), [(Kind.LIE, "completed", [AINO, EINO]), (Kind.PARTIAL, "errored", [EINO])]
)
def test_a_deletion_lies_or_stops_half_way(mailer: Mailer, kind: Kind, status: str, left: list[str]) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO}, {"email": EINO}]}}})
    mailer.hosted.fault(kind, CONTACTS, method="DELETE")
    ids = f"{id_of(mailer, AINO)},{id_of(mailer, EINO)}"
    job = mailer.ask.delete(CONTACTS, params={"ids": ids})
    mailer.done()
    assert (job.status_code, status_of(mailer, job)["status"], mailer.emails()) == (202, status, left)


def test_an_erasure_job_can_be_asked_nowhere(mailer: Mailer) -> None:
    job = mailer.ask.post(ERASE, json={"email_addresses": [AINO]}).json()["job_id"]
    assert mailer.ask.get(f"{CONTACTS}/imports/{job}").status_code == 404


def test_an_erasure_that_lies_promises_a_job_and_erases_nothing(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"mail": [AINO]}}})
    mailer.hosted.fault(Kind.LIE, ERASE)
    assert mailer.ask.post(ERASE, json={"email_addresses": [AINO]}).status_code == 202
    mailer.done()
    assert mailer.held()["mail"] == [AINO]


def test_global_suppressions_are_set_told_and_lifted(mailer: Mailer) -> None:
    where = "/v3/asm/suppressions/global"
    assert mailer.ask.get(f"{where}/{AINO}").json() == {}
    answer = mailer.ask.post(where, json={"recipient_emails": ["Aino@example.fi"]})
    assert (answer.status_code, answer.json()) == (201, {"recipient_emails": ["Aino@example.fi"]})
    assert mailer.ask.get(f"{where}/aino%40example.fi").json() == {"recipient_email": AINO}
    assert mailer.ask.delete(f"{where}/{AINO}").status_code == 204
    assert mailer.ask.get(f"{where}/{AINO}").json() == {}


def test_suppressing_for_an_unknown_group_suppresses_globally(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"groups": [{"id": 5, "name": "news"}]}}})
    for group, email in (("5", AINO), ("6", EINO)):
        made = mailer.ask.post(f"/v3/asm/groups/{group}/suppressions", json={"recipient_emails": [email]})
        assert made.status_code == 201
    assert (mailer.held()["groups"], mailer.held()["suppressed"]) == ({"5": [AINO]}, [EINO])
    assert mailer.ask.get("/v3/asm/groups/5/suppressions").json() == [AINO]
    assert mailer.ask.get("/v3/asm/groups/6/suppressions").status_code == 404
    (told,) = mailer.ask.get(f"/v3/asm/suppressions/{AINO}").json()["suppressions"]
    assert told == {"id": 5, "name": "news", "description": "", "is_default": False, "suppressed": True}
    assert mailer.ask.delete(f"/v3/asm/groups/5/suppressions/{AINO}").status_code == 204
    assert mailer.held()["groups"] == {"5": []}


@pytest.mark.parametrize("which", ["bounces", "blocks", "spam_reports", "invalid_emails"])
def test_an_entry_of_a_list_is_told_and_removed(mailer: Mailer, which: str) -> None:
    mailer.hosted.seed({"accounts": {"": {which: [AINO]}}})
    path = f"/v3/suppression/{which}/{AINO}"
    (entry,) = mailer.ask.get(path).json()
    assert (entry["email"], entry["created"]) == (AINO, 1_750_000_000)
    assert mailer.ask.delete(path).status_code == 204
    assert mailer.ask.get(path).json() == []
    assert mailer.ask.delete(path).status_code == 404


@pytest.mark.parametrize("which", ["bounces", "blocks", "spam_reports", "invalid_emails"])
@pytest.mark.parametrize(
    ("body", "left", "wiped"),
    [
        ({"emails": [AINO.upper(), "nobody@example.fi"]}, [EINO], 0),
        ({"delete_all": True}, [], 1),
        ({"emails": []}, [], 1),
        (None, [], 1),
    ],
)
def test_a_list_is_cleared_of_those_it_is_told_and_of_everybody_when_told_of_nobody(
    mailer: Mailer, which: str, body: object, left: list[str], wiped: int
) -> None:
    mailer.hosted.seed({"accounts": {"": {which: [AINO, EINO]}}})
    assert mailer.ask.request("DELETE", f"/v3/suppression/{which}", json=body).status_code == 204
    assert (mailer.held()[which], mailer.hosted.held()["wiped"]) == (left, wiped)


def test_a_group_is_told_and_searched(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"": {"groups": [{"id": 5, "name": "news", "members": [AINO]}]}}})
    assert mailer.ask.get("/v3/asm/groups/5").json()["unsubscribes"] == 1
    assert mailer.ask.get("/v3/asm/groups/6").status_code == 404
    found = mailer.ask.post("/v3/asm/groups/5/suppressions/search", json={"recipient_emails": [AINO.upper(), EINO]})
    assert found.json() == [AINO]


def test_a_wrong_key_opens_nothing(mailer: Mailer) -> None:
    for headers in ({"Authorization": "Bearer SG.other"}, {"Authorization": ""}):
        assert mailer.ask.get("/v3/scopes", headers=headers).status_code == 401


def test_a_seed_that_is_wrong_is_refused_whole(mailer: Mailer) -> None:
    with pytest.raises(ValueError, match="suppresed"):
        mailer.hosted.seed({"accounts": {"": {"mail": [AINO], "suppresed": [AINO]}}})
    assert mailer.held()["mail"] == []
