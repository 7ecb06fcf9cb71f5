import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.cases.canonical import canonical
from lineage.cases.commitments import digest
from lineage.cases.entries import Entry
from lineage.cases.folding import _EFFECTS
from lineage.errors import Misconfigured, Refused
from lineage.evidence.certificate import certificate
from lineage.evidence.showing import SHOWN
from lineage.evidence.stating import statement
from lineage.evidence.verifying import verify
from tests.lineage.evidence.chains import (
    CASE,
    ENTRIES,
    EVENT,
    FILE,
    HOUR,
    PLAN,
    PUBLIC,
    SECRETS,
    SEED,
    STORY,
    T0,
    body_of,
    chain,
    checkpointed,
    checks,
    known,
)


def test_a_certificate_verifies_with_the_public_key_alone() -> None:
    assert verify(FILE, PUBLIC).faults == ()


def test_a_certificate_without_a_checkpoint_verifies() -> None:
    assert checks(certificate(ENTRIES, known, T0, SEED)) == []


@pytest.mark.parametrize("length", range(1, len(STORY) + 1))
def test_a_certificate_can_be_made_at_every_stage_of_a_case(length: int) -> None:
    assert checks(certificate(ENTRIES[:length], known, T0, SEED)) == []


def test_the_same_chain_gives_the_same_bytes() -> None:
    assert certificate(chain(), known, T0 + 100 * HOUR, SEED, checkpointed(ENTRIES)) == FILE


def test_no_personal_data_and_no_pseudonym_is_in_a_certificate() -> None:
    assert not [number for number, secret in enumerate(SECRETS) if secret in FILE.decode()]
    assert not [number for number, each in enumerate(ENTRIES) if each.said["salt"] in FILE.decode()]


def test_what_is_withheld_cannot_be_guessed_from_what_is_shown() -> None:
    told = FILE.decode()
    salts = {part for part in told.split('"') if len(part) == 32}
    hidden = ("subjects", "language", "reason", "handle", "facts", "keys", "onto", "late")
    for each in ENTRIES:
        for value in (each.said[name] for name in hidden if name in each.said):
            assert not [salt for salt in salts if digest(bytes.fromhex(salt), value).hex() in told]


def test_the_statement_lists_parties_holds_unknowns_and_what_was_only_promised() -> None:
    stated = body_of()["statement"]
    assert [(each["party"], each["form"], each["state"]) for each in stated["parties"]] == [
        ("backup", "internal", "promised"),
        ("klarna", "notice", "declined"),
        ("order-system", "internal", "verified"),
        ("posti", "notice", "promised"),
        ("posti", "notice", "held"),
        ("sendgrid", "instruction", "accepted"),
        ("svea", "notice", "held"),
    ]
    assert [(each["rule"], each["law"], each["until"]) for each in stated["holds"]] == [
        ("H01", "Kirjanpitolaki 2:10", "2032-12-31"),
        ("H27", "17(3)(e)", None),
    ]
    assert [(each["party"], each["state"], each["how"]) for each in stated["only_promised"]] == [
        ("backup", "promised", "turns-over"),
        ("posti", "promised", "confirmed-link"),
        ("sendgrid", "accepted", "http-202"),
    ]
    assert stated["unknowns"] == [
        {"what": "shared-identifiers-left-alone", "count": 1},
        {"what": "copy-declared-not-observed", "party": "order-system"},
        {"what": "day-of-hold-assumed", "party": "posti"},
        {"what": "role-unknown", "party": "klarna"},
    ]
    assert "systems-without-events" in stated["out_of_scope"]


def test_a_job_that_was_only_accepted_is_never_told_as_done() -> None:
    stated = body_of()["statement"]
    assert [each["state"] for each in stated["parties"] if each["party"] == "sendgrid"] == ["accepted"]
    assert stated["counts"] == {"accepted": 1, "declined": 1, "held": 2, "promised": 2, "verified": 1}


def test_a_controller_that_keeps_data_is_told_as_declined_and_its_free_text_is_withheld() -> None:
    klarna = body_of()["statement"]["parties"][1]
    assert (klarna["state"], klarna["form"], klarna["ground"]) == ("declined", "notice", "withheld")


def test_a_ground_that_is_a_code_is_shown() -> None:
    story = [each for each in STORY if each[1] != "klarna"]
    said = {"task": f"{CASE}/0.0", "state": "declined", "how": "signed-answer", "ground": "17(3)(e)"}
    file = certificate(chain([*story[:7], ("task", "klarna", said, b"")]), known, T0, SEED)
    assert body_of(file)["statement"]["parties"][1]["ground"] == "17(3)(e)"


def test_what_is_shown_tells_the_same_case_as_the_whole_chain() -> None:
    stated, whole = body_of()["statement"], statement(ENTRIES, known)
    differing = {name for name in whole if canonical(whole[name]) != canonical(stated[name])}
    assert differing == {"parties", "incidents"}
    assert [
        {**each, "ground": "withheld"} if each["party"] == "klarna" else each for each in whole["parties"]
    ] == stated["parties"]
    assert [{**each, "source": "withheld"} for each in whole["incidents"]] == stated["incidents"]


def test_whether_an_authority_got_something_cannot_be_told() -> None:
    without = {**PLAN, "items": [each for each in PLAN["items"] if each["role"] != "authority"]}
    story = [(kind, actor, without if kind == "planned" else said, sealed) for kind, actor, said, sealed in STORY]
    shapes = [shape_of(body_of(certificate(chain(each), known, T0, SEED))) for each in (STORY, story)]
    assert shapes[0] == shapes[1]


def shape_of(told: Any) -> Any:
    """What can be told without opening digests: the tree with all hexadecimal texts made alike."""
    if isinstance(told, dict):
        return {name: shape_of(each) for name, each in told.items()}
    if isinstance(told, list):
        return [shape_of(each) for each in told]
    return "hex" if isinstance(told, str) and re.fullmatch("[0-9a-f]{32,}", told) else told


@pytest.mark.parametrize(
    ("how", "is_proof"),
    [("read-back", True), ("signed-answer", True), ("staff-evidence", True), ("http-200", False), ("smtp-250", False),
     ("confirmed-link", False), (None, False)],
)  # fmt: skip
def test_what_is_called_verified_on_no_proof_is_listed_as_a_promise(how: str | None, is_proof: bool) -> None:
    said = {"task": f"{CASE}/0.3", "state": "verified", "how": how}
    stated = body_of(certificate(chain([*STORY[:6], ("task", "sendgrid", said, b"")]), known, T0, SEED))["statement"]
    assert ("sendgrid" in [each["party"] for each in stated["only_promised"]]) == (not is_proof)


def test_dates_of_disclosures_are_told_where_the_plan_has_them() -> None:
    sendgrid = next(each for each in body_of()["statement"]["parties"] if each["party"] == "sendgrid")
    assert (sendgrid["first"], sendgrid["last"]) == ("2026-05-28T11:26:40Z", "2026-05-28T19:26:40Z")


def test_files_of_evidence_are_named_by_their_marks_and_nothing_that_is_in_them() -> None:
    first, second = body_of()["statement"]["evidence"]
    assert (first["number"], first["shows"], first["task"], first["mark"]) == (1, "task", f"{CASE}/0.4", "cd" * 32)
    assert first["gone"] is None
    assert second["gone"] is not None


def test_a_case_without_files_says_nothing_of_any() -> None:
    without = chain([each for each in STORY if each[0] not in {"filed", "unfiled"}])
    told = json.loads(certificate(without, known, T0, SEED))
    assert "evidence" not in told["body"]["statement"]


def test_every_code_of_the_statement_travels_with_its_meaning() -> None:
    words = body_of()["words"]
    assert {"accepted", "http-202", "read-back", "confirmed-link", "notice", "systems-without-events"} <= words.keys()


def test_every_kind_of_entry_has_its_rule_of_what_is_shown() -> None:
    assert SHOWN.keys() == {"received", *_EFFECTS}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("refused", {"ground": "manifestly-excessive", "remedies": ["court"]}),
        ("withdrawn", {}),
        ("duplicate", {"of": "2026-TWIN0000"}),
        ("closed", {}),
    ],
)
def test_a_case_that_ends_in_any_way_can_be_certified(kind: str, said: dict[str, Any]) -> None:
    file = certificate(chain([*STORY[:5], (kind, "dpo", said, b"")]), known, T0, SEED)
    assert checks(file) == []
    assert body_of(file)["statement"]["state"] == kind


def test_an_actor_that_is_no_role_is_not_certified() -> None:
    with pytest.raises(Refused, match="no role"):
        certificate(chain([*STORY[:5], ("closed", "anna@example.fi", {}, b"")]), known, T0, SEED)


def test_a_broken_chain_is_not_certified() -> None:
    with pytest.raises(Misconfigured, match="broken at entry 3"):
        certificate([*ENTRIES[:3], *ENTRIES[4:]], known, T0, SEED)


def test_a_certificate_of_nothing_is_refused() -> None:
    with pytest.raises(Misconfigured, match="no chain"):
        certificate([], known, T0, SEED)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_whatever_else_is_said_in_an_entry_is_withheld(told: Any) -> None:
    marked = {"told": told, "secret": EVENT}
    entries: list[Entry] = chain([*STORY[:5], ("noted", "jalki", {"added-later": marked}, b"")])
    file = certificate(entries, known, T0, SEED)
    assert checks(file) == []
    assert EVENT not in file.decode()
    assert "added-later" not in file.decode()


def test_every_kind_of_entry_has_been_certified() -> None:
    """One that is not in the story could end the making of every certificate that has it."""
    ends = {"refused", "withdrawn", "duplicate", "closed"}
    elsewhere = {"shredded", "legal-hold", "legal-release", "item-refused", "item-granted"}
    assert SHOWN.keys() - {each.kind for each in ENTRIES} == ends | elsewhere
