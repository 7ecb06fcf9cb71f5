from collections.abc import Callable
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from lineage.register import Register, load_register
from tests.lineage.register.small import CATEGORIES, SMALL, line_of

Load = Callable[[str], Register]
Refuse = Callable[[str], list[str]]
POST = "Post Oy, kind: carrier, country: FI"
MAILER = "  - {parties: mailer, purposes: newsletter, role: processor, from: $own, categories: email}"
TRANSFER = (
    "  - {parties: mailer, country: US, mechanism: dpf, source: list, valid_from: 2023-07-10, valid_until: 2026-06-30}"
)
H05 = "  - {rule: H05, categories: $contact, purposes: delivery, law: contract, after: order-closed, days: 0}"
COPY = "  - {from: shop, to: copy, purpose: delivery, valid_from: 2026-03-01}"

EDITS = [
    # what is edited, into what, where the fault is shown, what it says
    (POST, POST.replace("FI", "Finland"), "unknown country 'Finland'"),
    (POST, POST.replace("FI", "XX"), "unknown country 'XX'"),
    (POST, POST.replace("carrier", "postman"), "'kind': must be 'group'"),
    (POST, POST + ", colour: red", "unknown key 'colour'"),
    ("name: Post Oy, kind: carrier, country: FI", "kind: carrier, country: FI", "'name' is missing"),
    (POST, POST + ", valid_from: 2026-02-01, valid_until: 2026-01-31", "'valid_until' is before 'valid_from'"),
    (POST, POST + ", valid_from: 2026-02-30", "there is no such day"),
    (POST, POST + ", valid_from: 20260201", "YYYY-MM-DD"),
    (POST, POST + ", valid_from: 9999-12-31", "between 1900 and 2200"),
    (POST, POST + ", valid_until: 2020-12-31", "the party 'post' is not valid on any of these days"),
    ("mailer: {name", "unknown: {name", "says that nobody knows, and is no party"),
    (H05, H05.replace("order-closed", "unknown"), "so there is no period yet: leave out its length"),
    (H05, H05.replace("order-closed, days: 0", "unknown") + "\n" + H05, "has a rule already"),
    ("mailer: {name", "Mailer!: {name", "an id is a word"),
    ("post: {name: Post Oy, kind: carrier, country: FI}", "post: Post Oy", "must be a mapping"),
    ("us: {business_id", "shop: {business_id", "of kind 'own-system', not 'group'"),
    ("us: {business_id", "them: {business_id", "unknown party 'them'"),
    ("ends: 12-31", "ends: 31-12", "as MM-DD"),
    ("text: Deliver, basis: contract", "text: Deliver, basis: habit", "must be 'consent'"),
    ("text: Deliver, basis: contract", "text: Deliver, basis: consent", "say which under 'consent'"),
    (
        "text: Deliver, basis: contract",
        "text: Deliver, basis: contract, consent: newsletter",
        "no basis here is consent",
    ),
    ("consent: newsletter", "consent: marketing", "unknown purpose 'marketing'"),
    (
        "basis: contract",
        "basis: [{basis: contract}, {basis: consent, valid_from: 2026-01-01}], consent: newsletter",
        "two bases",
    ),
    (MAILER, MAILER.replace("mailer", "nobody"), "unknown party 'nobody'"),
    (MAILER, MAILER.replace("purposes: newsletter", "purposes: gossip"), "unknown purpose 'gossip'"),
    (MAILER, MAILER.replace("email", "shoe_size"), "unknown category 'shoe_size'"),
    (MAILER, MAILER.replace("$own", "stranger"), "unknown party 'stranger'"),
    (MAILER, MAILER.replace("$own", "$others"), "unknown set of party words '$others'"),
    (MAILER, MAILER.replace("processor", "friend"), "'role': must be 'controller'"),
    (MAILER, MAILER.replace("email", "[]"), "at least 1 item"),
    (MAILER, MAILER.replace("email", "phone"), "no retention rule for the pair (phone, newsletter)"),
    (MAILER, MAILER.replace("mailer", "person"), "unknown party 'person'"),
    ("contact: [name, email]", "contact: [name, nickname, email]", "unknown category 'nickname'"),
    ("  parties:\n    own:", "  people:\n    own:", "'sets' holds named lists under"),
    ("eea: [FI, SE]", "eea: [FI, EU]", "unknown country 'EU'"),
    ("recipients:", "recipiants:", "unknown section 'recipiants'"),
    (H05, H05.replace("order-closed", "some-day"), "unknown event 'some-day'"),
    (H05, H05.replace(", days: 0", ""), "say how long"),
    (H05, H05.replace("days: 0", "years: 31"), "longer than 30 years"),
    (H05, H05.replace("days: 0", "days: -1"), "greater than or equal to 0"),
    (H05, H05.replace("days: 0", "days: ten"), "valid integer"),
    (H05, H05.replace("after: order-closed", "after: consent-ended"), "KHO 12.6.2026/1604"),
    (H05, H05.replace("days: 0", "days: 0, at_latest: {after: consent-ended, days: 0}"), "does not hang on the person"),
    (H05, H05.replace("H05", "five"), "'rule' must be a word"),
    (TRANSFER, TRANSFER.replace("mechanism: dpf", "mechanism: trust"), "'mechanism': must be 'adequacy'"),
    (TRANSFER, TRANSFER.replace("country: US", "country: SE"), "'SE' is in the EEA"),
    (TRANSFER, TRANSFER.replace("mailer", "nobody"), "unknown party 'nobody'"),
    (COPY, COPY.replace("to: copy", "to: shop"), "cannot be a copy of itself"),
    (COPY, COPY.replace("to: copy", "to: nowhere"), "unknown party 'nowhere'"),
    (COPY, COPY.replace("purpose: delivery", "purpose: fun"), "unknown purpose 'fun'"),
]


@pytest.mark.parametrize(
    ("old", "new", "message"), EDITS, ids=[f"{number}: {row[2]}" for number, row in enumerate(EDITS)]
)
def test_a_fault_is_refused_with_its_file_and_line(refuse: Refuse, old: str, new: str, message: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    faults = refuse(text)
    assert [fault for fault in faults if message in fault], faults
    lines = {int(fault.split(":")[1]) for fault in faults if message in fault}
    elsewhere = {"not valid on any": "{parties: post"}
    marker = next((place for word, place in elsewhere.items() if word in message), new)
    assert lines == {line_of(text, marker)}


@pytest.mark.parametrize(
    "end",
    [
        "until: asked",
        "until: until_request",
        "until: null",
        "until: ~",
        "until: ''",
        "until: the customer asks",
        "after: forever",
        "years: never",
        "days: null",
    ],
)
def test_storage_until_somebody_asks_is_refused_in_the_words_of_the_court(refuse: Refuse, end: str) -> None:
    key = end.split(":")[0]
    rest = ", ".join(part for part in ("after: order-closed", "days: 0") if not part.startswith(f"{key}:"))
    text = SMALL.replace("after: order-closed, days: 0", f"{rest}, {end}")
    (fault,) = refuse(text)
    assert fault.startswith(f"register.yaml:{line_of(text, 'rule: H05')}: '{key}' gives no period")
    assert "KHO 12.6.2026/1604" in fault


def test_a_pair_with_two_rules_is_refused_by_its_name(refuse: Refuse) -> None:
    twice = H05.replace("H05", "H06").replace("$contact", "email")
    text = SMALL.replace(H05, f"{H05}\n{twice}")
    line = line_of(text, twice)
    assert refuse(text) == [f"register.yaml:{line}: (email, delivery) has a rule already, see register.yaml:{line - 1}"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (MAILER, "'mailer' for 'newsletter' from shop is declared twice"),
        (
            MAILER.replace("$own", "us").replace("processor", "controller"),
            "is processor and controller at the same time",
        ),
    ],
)
def test_two_answers_to_one_question_are_refused(refuse: Refuse, entry: str, message: str) -> None:
    text = SMALL.replace("retention:", f"{entry}  # again\nretention:")
    (fault,) = refuse(text)
    assert fault.startswith(f"register.yaml:{line_of(text, '# again')}: ")
    assert message in fault


def test_entries_that_follow_each_other_in_time_are_two_answers_to_two_questions(load: Load) -> None:
    first = MAILER.replace("email}", "email, valid_until: 2026-05-31}")
    then = MAILER.replace("processor", "controller").replace("email}", "email, valid_from: 2026-06-01}")
    assert load(SMALL.replace(MAILER, f"{first}\n{then}"))


@pytest.mark.parametrize(
    ("entry", "again", "message"),
    [
        (TRANSFER, TRANSFER, "'dpf' of 'mailer' is there twice"),
        (TRANSFER, TRANSFER.replace("US", "IN").replace("dpf", "scc"), "one country a party"),
        (COPY, COPY, "the copy 'shop' to 'copy' is there twice"),
    ],
)
def test_a_second_entry_of_the_same_is_refused(refuse: Refuse, entry: str, again: str, message: str) -> None:
    text = SMALL.replace(entry, f"{entry}\n{again}  # again")
    (fault,) = refuse(text)
    assert fault.startswith(f"register.yaml:{line_of(text, '# again')}: ")
    assert message in fault


def test_a_party_of_the_group_that_is_no_controller_is_refused(refuse: Refuse) -> None:
    text = SMALL.replace("Shop, kind: own-system", "Shop, kind: group")
    assert refuse(text) == [
        f"register.yaml:{line_of(text, 'Shop, kind')}: 'shop' is of kind 'group' but is not among the controllers"
    ]


def test_an_adequacy_decision_within_the_eea_is_refused(refuse: Refuse) -> None:
    text = SMALL + "adequacy:\n  SE: {confirmed: true}\n"
    assert refuse(text) == [f"register.yaml:{text.count(chr(10))}: 'SE' is in the EEA and needs no decision"]


def test_the_person_is_no_party(refuse: Refuse) -> None:
    text = SMALL.replace("  post: {", "  person: {name: X, kind: vendor, country: FI}\n  post: {")
    assert refuse(text) == [f"register.yaml:{line_of(text, 'person: {')}: 'person' is the person herself and no party"]


@pytest.mark.parametrize("section", ["eea", "parties", "purposes", "recipients", "retention"])
def test_a_register_without_a_needed_section_is_refused(refuse: Refuse, section: str) -> None:
    assert f"register.yaml: the section '{section}' is missing" in refuse(_without(SMALL, section))


def _without(text: str, section: str) -> str:
    """The text without one section and what is indented under it."""
    kept, inside = [], False
    for line in text.splitlines():
        inside = line.startswith(f"{section}:") or (inside and line.startswith(" "))
        kept += [] if inside else [line]
    return "\n".join(kept) + "\n"


def test_every_fault_of_every_file_is_said_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        SMALL.replace("role: processor", "role: friend").replace("US", "USA"), encoding="utf-8"
    )
    (tmp_path / "a.yaml").write_text("policy: []\nparties: {post: {}}\nnonsense: 1\n", encoding="utf-8")
    with pytest.raises(Misconfigured) as caught:
        load_register(tmp_path, CATEGORIES)
    faults = str(caught.value).replace(f"{tmp_path}/", "").split("\n")
    places = [(fault.split(":")[0], int(fault.split(":")[1])) for fault in faults]
    assert places == sorted(places)
    for part in (
        "a.yaml:1: 'policy' must be a mapping",
        "a.yaml:2: the key 'name'",
        "a.yaml:3: unknown section 'nonsense'",
    ):
        assert [fault for fault in faults if fault.startswith(part)]
    for part in ("'role'", "unknown country 'USA'", "'post' is already in 'parties'"):
        assert [fault for fault in faults if fault.startswith("b.yaml:") and part in fault]


def test_a_fault_of_one_entry_is_not_said_again_by_those_that_mention_it(refuse: Refuse) -> None:
    assert len(refuse(SMALL.replace("Post Oy, kind: carrier", "Post Oy, kind: postman"))) == 1
    assert len(refuse(SMALL.replace("text: Deliver, basis: contract", "text: Deliver, basis: habit"))) == 1
    assert len(refuse(SMALL.replace("law: contract", "law: 7"))) == 1


def test_a_folder_of_files_is_one_register_whatever_stands_where(tmp_path: Path, load: Load) -> None:
    head, mark, tail = SMALL.partition("recipients:")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.yaml").write_text(mark + tail, encoding="utf-8")
    (folder / "two.yml").write_text(head, encoding="utf-8")
    (folder / "notes.txt").write_text("no register", encoding="utf-8")
    both, one = load_register(folder, CATEGORIES), load(SMALL)
    assert [party.id for party in both.parties()] == [party.id for party in one.parties()]
    assert both.boundaries == one.boundaries
