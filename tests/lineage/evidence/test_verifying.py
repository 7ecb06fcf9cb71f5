import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.cases.commitments import opened
from lineage.cases.entries import FIRST, entry, hash_of
from lineage.evidence.certificate import certificate
from lineage.evidence.checkpoints import checkpoint
from lineage.evidence.signing import public_key
from lineage.evidence.verifying import LARGEST, verify
from tests.lineage.evidence.chains import (
    CASE,
    ENTRIES,
    FILE,
    PUBLIC,
    SEED,
    T0,
    body_of,
    checkpointed,
    checks,
    file_of,
    known,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(FILE) - 1), st.integers(0, 7))
def test_any_flipped_bit_fails(place: int, bit: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= 1 << bit
    assert not verify(bytes(changed), PUBLIC).verified


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FILE)), st.binary(min_size=1, max_size=3))
def test_any_added_byte_fails(place: int, added: bytes) -> None:
    assert not verify(FILE[:place] + added + FILE[place:], PUBLIC).verified


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(FILE) - 1))
def test_a_file_that_was_cut_short_fails(length: int) -> None:
    assert not verify(FILE[:length], PUBLIC).verified


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(len(ENTRIES))))
def test_reordered_entries_fail_even_when_the_company_signs_them(order: list[int]) -> None:
    body = body_of()
    body["chain"] = [body["chain"][place] for place in order]
    body["checkpoint"] = None
    assert ("chain" in checks(file_of(body))) == (order != sorted(order))


@pytest.mark.parametrize("place", range(len(ENTRIES) - 1))
def test_a_dropped_entry_fails_even_when_the_company_signs_it(place: int) -> None:
    body = body_of()
    del body["chain"][place]
    fault = next(each for each in verify(file_of(body), PUBLIC).faults if each.check == "chain")
    assert fault.entry == place


def test_an_entry_dropped_at_the_end_does_not_go_with_the_statement() -> None:
    body = body_of()
    del body["chain"][-1]
    assert {"statement", "checkpoint"} & set(checks(file_of(body)))


@pytest.mark.parametrize("place", range(len(ENTRIES)))
def test_a_doubled_entry_fails_even_when_the_company_signs_it(place: int) -> None:
    body = body_of()
    body["chain"].insert(place, body["chain"][place])
    assert "chain" in checks(file_of(body))


def test_an_entry_that_was_added_without_the_key_fails() -> None:
    told = json.loads(FILE)
    longer = certificate([*ENTRIES, entry(ENTRIES[-1], T0, "closed", "jalki", {})], known, T0, SEED)
    body = body_of(longer)
    assert "signature" in checks(file_of(body, told["signature"]))


Change = Callable[[dict[str, Any]], None]


def _verified_instead(stated: dict[str, Any]) -> None:
    stated["parties"][5]["state"] = "verified"


def _no_promises(stated: dict[str, Any]) -> None:
    stated["only_promised"] = []


def _no_unknowns(stated: dict[str, Any]) -> None:
    stated["unknowns"] = []


def _closed(stated: dict[str, Any]) -> None:
    stated["state"] = "closed"


def _true_for_one(stated: dict[str, Any]) -> None:
    stated["unknowns"][0]["count"] = True


@pytest.mark.parametrize("change", [_verified_instead, _no_promises, _no_unknowns, _closed, _true_for_one])
def test_an_untrue_statement_fails_even_when_the_company_signs_it(change: Change) -> None:
    body = body_of()
    change(body["statement"])
    assert checks(file_of(body)) == ["statement"]


def test_a_changed_entry_is_named() -> None:
    body = body_of()
    body["chain"][7]["said"]["parts"]["state"]["value"] = "verified"
    found = verify(file_of(body), PUBLIC)
    assert ("chain", 7) in [(fault.check, fault.entry) for fault in found.faults]


def test_a_certificate_of_another_company_is_told_from_a_changed_one() -> None:
    assert [fault.check for fault in verify(FILE, public_key(bytes(32))).faults] == ["key"]


def test_a_signature_in_another_spelling_fails() -> None:
    told = json.loads(FILE)
    assert "signature" in checks(file_of(told["body"], told["signature"].upper()))


def test_a_checkpoint_that_the_chain_did_not_stand_in_fails() -> None:
    point, _ = checkpointed(ENTRIES)
    _, other = checkpointed(ENTRIES, 4)
    assert checks(certificate(ENTRIES, known, T0, SEED, (point, other))) == ["checkpoint"]


def rewritten(without: int, *, linked: bool) -> dict[str, Any]:
    """A body whose chain lacks an entry, with numbers and hashes worked out anew; the links too, or left as they were."""
    body = body_of()
    del body["chain"][without]
    previous = FIRST.hex()
    for number, each in enumerate(body["chain"]):
        each["number"] = number
        if linked:
            each["previous"] = previous
        told = {name: value for name, value in each.items() if name != "hash"}
        each["hash"] = previous = hash_of({**told, "case": CASE, "said": opened(each["said"])[0].hex()}).hex()
    return body


def test_entries_that_hash_right_but_do_not_follow_each_other_fail() -> None:
    body = rewritten(11, linked=False)
    assert [(each.check, each.entry) for each in verify(file_of(body), PUBLIC).faults if each.check == "chain"] == [
        ("chain", 11)
    ]


def test_a_chain_that_the_company_wrote_anew_does_not_stand_in_an_older_checkpoint() -> None:
    assert checks(file_of(rewritten(11, linked=True))) == ["checkpoint"]


def test_a_checkpoint_that_somebody_else_signed_fails() -> None:
    point, place = checkpointed(ENTRIES)
    theirs = checkpoint({CASE: ENTRIES[-1].hash}, point.at, None, bytes(32))
    alone = replace(place, index=0, path=())
    assert checks(certificate(ENTRIES, known, T0, SEED, (theirs, alone))) == ["checkpoint"]


def test_a_checkpoint_from_earlier_still_holds_of_a_chain_that_has_grown() -> None:
    assert checks(certificate(ENTRIES, known, T0, SEED, checkpointed(ENTRIES, 4))) == []


def test_the_same_content_written_otherwise_is_not_the_certificate() -> None:
    assert checks(json.dumps(json.loads(FILE), indent=1).encode()) == ["form"]


@pytest.mark.parametrize(
    "file",
    [b"", b"null", b"[]", b"{}", b'{"body":null,"signature":""}', b"[" * 100_000, b"\xff\xfe", b"NaN", b'{"body":{},"body":{}}',
     b"9" * 5000, b'"\\ud800"', b"%PDF-1.7", b" " * (LARGEST + 1), b'{"body":{"format":"jalki-certificate"},"signature":1}\n'],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_certificate_is_told_as_such(file: bytes) -> None:
    assert checks(file) == ["form"]


@pytest.mark.parametrize("part", sorted(body_of()))
@pytest.mark.parametrize("other", [None, 0, "", [], {}, [1], {"a": 1}, -1], ids=range(8))
def test_a_signed_file_of_another_shape_is_refused_and_never_breaks_the_program(part: str, other: Any) -> None:
    body = body_of() | {part: other}
    if part not in {"issued", "words"} and (part, other) != ("checkpoint", None):
        assert checks(file_of(body))


@pytest.mark.parametrize("name", sorted(body_of()["chain"][0]))
@pytest.mark.parametrize("other", [None, [], {}, {"parts": 3}, {"value": 1, "salt": "zz"}, 1.5], ids=range(6))
def test_an_entry_of_another_shape_is_refused_and_never_breaks_the_program(name: str, other: Any) -> None:
    body = body_of()
    body["chain"][4][name] = other
    assert checks(file_of(body))
