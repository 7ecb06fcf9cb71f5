"""Time, look-ups, leftovers, transfers, notice, dates: what is answered is what the commands print, in pages too."""

import json
import shutil
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest

from tests.console.api.desks import WHY, Office, opened_office, problem
from tests.console.api.test_answers import key_of, looks
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked

HERS = {"identifier": "customer_id:C-17"}
AT, LATER = "2026-03-02T00:00:00Z", "2026-03-10T00:00:00Z"
ANNULLED = "2026-03-05T00:00:00Z"
VIEWS = [
    event(
        "RecordViewed", f"v-{number}", f"2026-03-0{number}T10:00:00Z", customer_id=customer, viewer="back-office",
        viewer_ref=f"desk-{number}", purpose="order", categories=["name", "order"],
    )
    for number, customer in enumerate(["C-17", "C-1", "C-17"], 1)
]  # fmt: skip


@pytest.fixture(scope="module")
def looked_at(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The office of a folder in which staff looked at records, too."""
    folder = tmp_path_factory.mktemp("looked")
    data = shutil.copytree(recorded, folder / "data")
    assert asked("ingest", write_lines(folder / "v.jsonl", VIEWS), "--data", data).code == 0
    with opened_office(data) as found:
        yield found


def printed(office: Office, *words: str) -> Any:
    data = () if words[0] in {"register", "clock"} else ("--data", office.settings.data)
    return asked(*words, "--json", *data).json


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("parties", {"at": AT, "known_at": LATER}, ("parties", "--at", AT, "--known-at", LATER)),
        ("volumes", {}, ("parties", "--volumes")),
        ("volumes", {"at": AT}, ("parties", "--volumes", "--at", AT)),
        ("drift", {"limit": 1000, "at": AT}, ("drift", "--at", AT)),
        ("drift", {"limit": 1000, "known_at": AT}, ("drift", "--known-at", AT)),
        ("register-check", {}, ("register", "check")),
        ("notice", {"at": AT}, ("register", "notice", "--at", AT)),
        ("clock", {"received": "2026-03-01"}, ("clock", "--received", "2026-03-01")),
        (
            "clock",
            {"received": AT, "approved": LATER, "asked": AT, "proved": LATER, "extended": True},
            ("clock", "--received", AT, "--approved", LATER, "--asked", AT, "--proved", LATER, "--extended"),
        ),
        ("clock-breach", {"breach": "2026-03-01T10:00+02:00"}, ("clock", "--breach", "2026-03-01T10:00+02:00")),
        ("lookups", {}, ("lookups",)),
        ("lookups", {"viewer": "back-office", "since": AT}, ("lookups", "--viewer", "back-office", "--since", AT)),
        ("person-lookups", HERS, ("lookups", "customer_id:C-17")),
        ("person-lookups", {**HERS, "until": AT}, ("lookups", "customer_id:C-17", "--until", AT)),
        ("may-share", {**HERS, "party": "posti", "for": "delivery"}, ("may-share", "customer_id:C-17", "posti", "delivery")),
        (
            "may-share",
            {**HERS, "party": "sendgrid", "for": "newsletter"},
            ("may-share", "customer_id:C-17", "sendgrid", "newsletter"),
        ),
        ("reached-first", {"party": "posti"}, ("reached", "posti", "--first")),
        (
            "reached-first",
            {"party": "posti", "from": AT, "to": LATER, "known": LATER},
            ("reached", "posti", "--first", "--from", AT, "--to", LATER, "--known", LATER),
        ),
    ],
)  # fmt: skip
def test_the_api_answers_what_the_command_prints(
    looked_at: Office, name: str, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    assert looked_at.desk("dpo").told(name, **given) == printed(looked_at, *words)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("remaining", {"party": "posti"}, ("remaining", "posti")),
        ("remaining", {"party": "sendgrid"}, ("remaining", "sendgrid")),
        (
            "transfers",
            {"mechanism": "scc", "annulled": ANNULLED},
            ("transfers", "--mechanism", "scc", "--annulled", ANNULLED),
        ),
        (
            "transfers",
            {"mechanism": "adequacy", "annulled": ANNULLED, "country": "gb"},
            ("transfers", "--mechanism", "adequacy", "--annulled", ANNULLED, "--country", "gb"),
        ),
    ],
)
def test_what_is_left_there_and_what_went_abroad_are_answered_as_of_when_it_is_asked(
    office: Office, name: str, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    told, shown = office.desk("dpo").told(name, **given), printed(office, *words)
    assert told.pop("as_of") <= shown.pop("as_of")
    assert told == shown


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("remaining-persons", {"party": "posti"}, ("remaining", "posti", "--persons")),
        (
            "transfers-persons",
            {"mechanism": "dpf", "annulled": ANNULLED},
            ("transfers", "--mechanism", "dpf", "--annulled", ANNULLED, "--persons"),
        ),
    ],
)
def test_persons_come_in_pages_and_each_once(
    office: Office, name: str, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    lines = asked(*words, "--json", "--data", office.settings.data).out.splitlines()[:-1]
    shown = [json.loads(each) for each in lines]
    assert len(shown) > 3
    for limit in (7, len(shown), len(shown) + 1):
        pages = list(office.desk("dpo").pages(name, limit, **given))
        assert list(chain(*pages)) == shown
        assert all(len(each) == limit for each in pages[:-1])
        assert pages[-1]
    assert list(islice(office.desk("dpo").pages(name, 1, **given), 3)) == [[each] for each in shown[:3]]


def test_what_is_overdue_comes_in_pages_by_person(office: Office) -> None:
    lines = asked("drift", "--overdue", "--json", "--data", office.settings.data).out.splitlines()
    shown = [json.loads(each) for each in lines]
    (whole,) = office.desk("dpo").pages("overdue", 1000)
    assert sorted(map(str, whole)) == sorted(map(str, shown))
    assert [each["person"] for each in whole] == sorted(each["person"] for each in shown)
    limit = len(whole) // 4 + 1  # each page is worked out anew from all there is
    assert list(chain(*office.desk("dpo").pages("overdue", limit))) == whole
    assert list(islice(office.desk("dpo").pages("overdue", 1), 3)) == [[each] for each in whole[:3]]


# ── one person's time ──


def timeline_of(office: Office, *words: str) -> tuple[list[Any], Any]:
    """The moments that the command prints, and what it prints last."""
    told = asked("timeline", *words, "--json", "--data", office.settings.data).out.splitlines()
    *moments, last = (json.loads(each) for each in told)
    return moments, last


@pytest.mark.parametrize("times", [{}, {"at": AT}, {"since": AT, "until": LATER}, {"known_at": "2020-01-01T00:00:00Z"}])
def test_a_persons_time_is_answered_as_it_is_printed(looked_at: Office, times: dict[str, str]) -> None:
    words = chain.from_iterable((f"--{name.replace('_', '-')}", time) for name, time in times.items())
    desk, asked_of = looked_at.desk("dpo"), ("customer_id:C-17", *words)
    told = desk.told("timeline", **HERS, **times)
    assert told == timeline_of(looked_at, *asked_of)[1]
    page = desk.told("timeline-moments", **HERS, **times, limit=1000)
    assert page == timeline_of(looked_at, *asked_of)[0]
    if not times:
        assert {"disclosed", "looked-up", "case", "asked-about"} <= {each["kind"] for each in page}


def test_moments_come_in_pages_that_end_though_each_page_is_a_look_at_her(own_office: Office) -> None:
    desk = own_office.desk("dpo")
    (whole,) = desk.pages("timeline-moments", 1000, **HERS)
    assert len(whole) > 3
    asked_about = [each for each in whole if each["kind"] == "asked-about"]
    assert len(asked_about) == 1, "the look that is this question"
    pages = list(desk.pages("timeline-moments", 2, **HERS))
    found = list(chain(*pages))
    assert found[: len(whole)] == whole
    assert [each["kind"] for each in found[len(whole) :]] == ["asked-about"], "the first of these pages"


# ── look-ups ──


def test_who_looked_is_told_to_the_officer_alone_and_is_written_down_before(looked_at: Office) -> None:
    desk = looked_at.desk("dpo")
    for given, words in (
        ({"staff": "desk-1"}, ("--staff", "desk-1")),
        (HERS, ("customer_id:C-17", "--who")),
        ({"viewer": "back-office"}, ("--viewer", "back-office", "--who")),
    ):
        told = desk.told("staff-lookups", **given)
        shown = printed(looked_at, "lookups", *words, "--reason", WHY)
        # The command is one look more in clear than the question was.
        for each in (told, shown):
            del each["revealed"], each["shown_in_clear"]
        assert told == shown
        assert told["by_staff"]
    for role in ("auditor", "regulator", "support"):
        assert problem(looked_at.desk(role).asks("staff-lookups", staff="desk-1")) == (403, "role")


def test_counts_of_look_ups_name_neither_persons_nor_staff(looked_at: Office) -> None:
    told = looked_at.desk("auditor").told("lookups")
    assert told["looks"] > told["persons"] > 2
    assert not {"by_staff", "shown_in_clear"} & told.keys()
    assert "desk-" not in str(told)


# ── the notice ──


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_notice_is_a_text_too(office: Office, language: str) -> None:
    answer = office.desk("auditor").draws("notice", "text/markdown", at=AT, language=language)
    assert answer.headers["content-type"].startswith("text/markdown")
    words = ("register", "notice", "--at", AT, "--language", language)
    assert answer.text.rstrip("\n") == asked(*words).out.rstrip("\n")


def test_the_difference_to_what_is_published_is_told_row_by_row_and_by_names(office: Office, tmp_path: Path) -> None:
    desk = office.desk("dpo")
    published = desk.told("notice", at=AT)
    assert desk.told("notice-difference", published=published, at=AT) == {
        "published_only": [], "register_only": [], "changed": [],
    }  # fmt: skip
    gone = published["purposes"].pop(0)
    published["purposes"][0]["recipients"][0]["name"] = "Somebody Else Oy"
    published["purposes"].append({**gone, "purpose": "no-such-purpose", "recipients": []})
    file = tmp_path / "published.json"
    file.write_text(json.dumps(published), "utf-8")
    shown = asked("register", "notice", "--at", AT, "--against", file, "--json").json
    assert desk.told("notice-difference", published=published, at=AT) == shown
    assert shown["changed"]
    text = "Your data goes to Posti Jakelu Oy, posti and Nobody Knows Oy."
    file.write_text(text, "utf-8")
    assert (
        desk.told("notice-names", text=text, at=AT)
        == asked("register", "notice", "--at", AT, "--against", file, "--json").json
    )


def test_a_published_notice_may_be_long_but_not_without_end(office: Office) -> None:
    desk = office.desk("dpo")
    assert desk.asks("notice-names", text="We share nothing. " * 10_000).status_code == 200
    assert problem(desk.asks("notice-names", text="x" * 300_000)) == (413, "large")
    for published in ({}, [], {"purposes": [{}]}, {"as_of": AT, "purposes": [{"purpose": []}], "open": []}):
        assert problem(desk.asks("notice-difference", published=published)) == (422, "question")


# ── looks ──


def test_every_look_at_a_person_is_written_down_by_pseudonym_before_it_is_answered(own_office: Office) -> None:
    desk, settings = own_office.desk("dpo"), own_office.settings
    for name in ("timeline", "timeline-moments", "person-lookups", "staff-lookups", "person-cases"):
        desk.told(name, **HERS)
    desk.told("may-share", **HERS, party="posti", **{"for": "delivery"})
    desk.told("staff-lookups", staff="desk-4")
    desk.told("reached-first", party="posti")
    desk.told("remaining", party="posti")
    desk.told("remaining-persons", party="posti")
    desk.told("transfers", mechanism="dpf", annulled=ANNULLED, country="US", party="posti")
    hers = f"where:{key_of(settings, 'customer_id', 'C-17')}"
    clear = {"where": "pseudonyms", "staff": "identifiers"}
    assert [(each["asked"], each["shown"]) for each in looks(settings)] == [
        (hers, clear["where"]), (hers, clear["where"]), (hers, clear["where"]), (hers, clear["staff"]),
        (hers, clear["where"]), (hers, clear["where"]), ("lookups:desk-4", clear["staff"]),
        ("reached:posti", clear["where"]), ("remaining:posti", clear["where"]), ("remaining:posti", clear["where"]),
        ("transfers:dpf US posti", clear["where"]),
    ]  # fmt: skip
    found = len(looks(settings))
    for name in ("parties", "volumes", "sharing", "drift", "overdue", "lookups", "register-check", "notice"):
        assert desk.asks(name).status_code == 200
    assert len(looks(settings)) == found


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("timeline", {**HERS, "since": LATER, "until": AT}, ""),
        ("timeline-moments", {**HERS, "after": "1.2.3"}, "after"),
        ("timeline", {"identifier": "name:Aino"}, "identifier"),
        ("lookups", {"viewer": "nobody"}, "viewer"),
        ("lookups", {"since": LATER, "at": AT}, "since"),
        ("person-lookups", {**HERS, "viewer": "nobody"}, "viewer"),
        ("person-lookups", {**HERS, "staff": "desk-4"}, ""),
        ("may-share", {**HERS, "party": "nobody", "for": "delivery"}, "party"),
        ("may-share", {**HERS, "party": "posti", "for": "nothing"}, "for"),
        ("may-share", {**HERS, "party": "posti"}, "for"),
        ("reached-first", {"party": "posti", "from": LATER, "to": AT}, ""),
        ("reached-first", {"party": "posti", "from": LATER, "at": AT}, ""),
        ("remaining", {"party": "nobody"}, "party"),
        ("transfers", {"mechanism": "magic", "annulled": AT}, "mechanism"),
        ("transfers", {"mechanism": "adequacy", "annulled": AT}, ""),
        ("transfers", {"mechanism": "dpf", "annulled": "2999-01-01T00:00:00Z"}, "annulled"),
        ("transfers", {"mechanism": "dpf", "annulled": AT, "party": "nobody"}, "party"),
        ("transfers-persons", {"mechanism": "dpf", "annulled": AT, "after": "x"}, "after"),
        ("overdue", {"after": "x.y"}, "after"),
        ("volumes", {"of": "posti"}, ""),
        ("notice", {"language": "de"}, "language"),
        ("notice", {"against": "x"}, ""),
        ("notice-names", {"text": ""}, "text"),
        ("clock", {}, "received"),
        ("clock", {"received": "yesterday"}, ""),
        ("clock", {"received": AT, "proved": AT}, ""),
        ("clock", {"received": AT, "breach": AT}, ""),
        ("clock-breach", {"breach": "yesterday"}, "breach"),
        ("case-requests", {"case": "2026-1"}, "case"),
    ],
)
def test_what_is_asked_wrongly_is_told_by_its_field_and_is_no_look(
    own_office: Office, name: str, given: dict[str, Any], field: str
) -> None:
    answer = own_office.desk("dpo").asks(name, **given)
    assert problem(answer) == (422, "question")
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert "--" not in answer.text
    assert looks(own_office.settings) == []
