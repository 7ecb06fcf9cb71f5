"""Whatever an order or a descriptor says, nobody is taken out who is not named, and no audience is emptied or deleted."""

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vendors.meta.graph import Part
from connectors.vendors.meta.rows import KEYS, Manner
from connectors.vendors.meta.sessions import Sent, batches, removal
from connectors.vendors.meta.usage import Usage
from lineage.cases.orders import Sending
from lineage.errors import Refused
from tests.connectors.vendors.meta.seat import erasure

KINDS = st.sampled_from(["email", "phone", "device_id", "customer_id", "order_id"])
VALUES = st.text(max_size=8) | st.sampled_from(["*", "%", "a@b.fi", "+358401234567", "a" * 64])
AUDIENCES = st.none() | st.text(max_size=8) | st.sampled_from(["1", "23842000000000001", "1/users?x=", "../1", "١"])
SENDINGS = st.builds(
    lambda identifiers, audience: Sending(
        tuple(identifiers), "p", {"audience_id": audience} if audience is not None else {}
    ),
    st.lists(st.tuples(KINDS, VALUES), max_size=4),
    AUDIENCES,
)
MANNERS = st.builds(
    lambda keys, numbers: Manner(tuple(keys), numbers),
    st.lists(st.sampled_from(KEYS), unique=True),
    st.dictionaries(st.text(max_size=8), st.from_regex(r"[0-9]{1,20}", fullmatch=True)),
)


def parts_for(manner: Manner, sendings: Sequence[Sending]) -> Sequence[Part]:
    plan = manner.removal(erasure(*sendings, identifiers=(), sendings=tuple(sendings)))
    sent = Sent.of(["a"], 1_750_000_000_000_000)
    return [removal(each, sent) for each in batches(plan.rows)]


@given(MANNERS, st.lists(SENDINGS, max_size=3))
def test_a_removal_names_an_audience_and_rows_of_it_and_no_row_is_empty(
    manner: Manner, sendings: list[Sending]
) -> None:
    for part in parts_for(manner, sendings):
        assert part.method == "DELETE"
        assert re.fullmatch(r"[0-9]{1,20}/users", part.path)
        assert re.fullmatch(r"[ -~]+", part.path)
        payload = part.fields["payload"]
        assert isinstance(payload, dict)
        assert payload["data"]
        assert all(row if isinstance(row, str) else any(row) for row in payload["data"])
        assert not set(part.fields) - {"payload", "session"}


@given(st.lists(SENDINGS, max_size=3))
def test_only_what_was_sent_to_an_audience_is_taken_out_of_it(sendings: list[Sending]) -> None:
    audiences = {each.places.get("audience_id") for each in sendings}
    assert {part.path.partition("/")[0] for part in parts_for(Manner(), sendings)} <= audiences


def test_the_rows_of_several_keys_are_bounded() -> None:
    many = tuple((kind, f"{each}") for kind in ("email", "phone") for each in range(100))
    with pytest.raises(Refused):
        parts_for(Manner(("EMAIL", "PHONE")), [Sending(many, "p", {"audience_id": "1"})])


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_a_header_of_usage_that_nobody_can_read_says_nothing(text: str) -> None:
    assert Usage.read({"x-business-use-case-usage": text}).rest >= 0


@pytest.mark.parametrize(
    ("uses", "rest"),
    [
        ([{"call_count": 94, "total_cputime": 10}], 0),
        ([{"call_count": 1, "total_time": 95}], 300),
        ([{"call_count": 100, "estimated_time_to_regain_access": 3}], 180),
        ([{"estimated_time_to_regain_access": 999_999}], 86_400),
        ([{"type": "ads_management"}, {"total_cputime": 120}], 300),
    ],
)
def test_usage_is_read_as_meta_documents_it(uses: list[dict[str, int]], rest: float) -> None:
    assert Usage.read({"x-business-use-case-usage": json.dumps({"123": uses})}).rest == rest


def test_a_form_within_a_form_says_again_what_was_put_into_it() -> None:
    from connectors.vendors.meta.graph import _told

    told = _told(Part("DELETE", "1/users", {"payload": {"data": ["a&b=c%", "ä"]}}))
    assert json.loads(dict(parse_qsl(told["body"]))["payload"]) == {"data": ["a&b=c%", "ä"]}
