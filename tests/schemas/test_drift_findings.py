"""A finding of drift comes back from Avro as it was given, and the schema is the one readers know."""

import json

import pytest

from lineage.findings.model import Mark, mark_in, record_of
from schemas.drift_findings import decode_finding, drift_finding, encode_finding
from schemas.extract import InvalidEvent
from tests.lineage.parts import key

SAID = {
    "rule": "no-consent", "law": "GDPR Art. 6(1)(a)", "todo": "stop", "at": "2026-03-01T09:30:00.000001Z", "person": "aa" * 16,
    "from": "order-system", "to": "sendgrid", "purpose": "newsletter", "categories": ["email", "name"],
    "controller": "multitronic", "register": "v1",
    "evidence": [
        {"kind": "consent", "text": "withdrawn – päättyi", "where": None, "valid_from": None, "valid_until": None,
         "event": "bb" * 16, "at": "1969-12-31T23:59:59Z"},
        {"kind": "transfer", "text": "dpf", "where": "register.yaml:3", "valid_from": "2023-07-10", "valid_until": None,
         "event": None, "at": None},
    ],
}  # fmt: skip


def test_what_is_told_comes_back_as_it_was() -> None:
    mark = Mark(key("e1"), 1, "no-consent", 3, True, b"digest")
    for one, said in ((mark, SAID), (mark._replace(found=False, digest=b""), None)):
        told = json.loads(record_of(one, said, 1_767_225_600_000_000))
        assert decode_finding(encode_finding(told)) == told
        assert mark_in(told)[:5] == one[:5]
    assert told["person"] is None
    assert told["evidence"] == []


def test_the_schema_does_not_change_unnoticed() -> None:
    assert drift_finding().mark.hex() == "1cc1e89379607050"


@pytest.mark.parametrize("change", [{"at": "yesterday"}, {"part": "one"}, {"state": "perhaps"}, {"evidence": None}])
def test_what_is_no_finding_is_refused(change: dict[str, object]) -> None:
    told = json.loads(record_of(Mark(key("e1"), 0, "no-consent", 1, True, b""), SAID, 0))
    with pytest.raises(InvalidEvent, match="a field of a finding of drift"):
        encode_finding({**told, **change})
    whole = encode_finding(told)
    for bad in (whole[:-1], whole + b"x", b"{}", b""):
        with pytest.raises(InvalidEvent):
            decode_finding(bad)
