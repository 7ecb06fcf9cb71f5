"""What is put into requests: within Google's bounds, nobody lost, nobody added, and never a request that names nobody."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channel import SecretSettings
from connectors.sandbox.google.ads import ACCOUNT
from connectors.vendors.google.members import RULES, Batch, Member, body, packed, removal
from connectors.vendors.google.requests import Part, read_handle, written
from connectors.vendors.google.settings import AdsSettings
from lineage.cases.orders import Sending
from lineage.errors import Refused
from tests.connectors.vendors.google.stages import MAIL, of_ads, uploaded

SAID = AdsSettings(secret=SecretSettings(variable="GOOGLE_KEY"), account=ACCOUNT, lists={"aud-loyal": "7001"})
Lists = st.sets(st.sampled_from([f"70{number:02d}" for number in range(30)]), min_size=1, max_size=10)
Members = st.lists(
    st.builds(
        Member,
        owner=st.integers(0, 30),
        lists=Lists.map(lambda found: tuple(sorted(found))),
        identifiers=st.lists(
            st.tuples(st.just("emailAddress"), st.text("0123456789abcdef", min_size=64, max_size=64)),
            min_size=1,
            max_size=10,
        ).map(tuple),
    ),
    max_size=60,
)
Text = st.text(max_size=12)
Odd = st.one_of(Text, st.sampled_from(["", "@", "@gmail.com", "+x@gmail.com", "a" * 64, "+358401234567", " "]))
Kind = st.sampled_from(["email", "phone", "customer_id", "device_id", "order_id", "address"])
Sendings = st.lists(
    st.builds(
        Sending,
        identifiers=st.lists(st.tuples(Kind, Odd), max_size=12).map(tuple),
        purpose=st.just("advertising"),
        places=st.dictionaries(
            st.sampled_from(["audience_id", "list_id", "sent_as"]),
            st.one_of(Text, st.sampled_from(["aud-loyal", "7001", "0", "*", "all"])),
        ),
    ),
    max_size=14,
)


@given(Members)
def test_requests_hold_everybody_once_and_stay_within_googles_bounds(members: list[Member]) -> None:
    batches = list(packed(members))
    found = [each for one in batches for each in one.members]
    assert sorted(found, key=repr) == sorted(members, key=repr)
    for one in batches:
        assert 1 <= len(one.lists) <= 10
        assert 1 <= len(one.members) <= 10_000
        assert all(set(each.lists) <= set(one.lists) for each in one.members)
        for owner, (first, last, lists) in one.places().items():
            hers = [at for at, each in enumerate(one.members) if each.owner == owner]
            assert hers == list(range(first, last + 1))
            assert set(lists) == {each for at in hers for each in one.members[at].lists}


@given(Members)
def test_ten_lists_or_fewer_are_one_request_for_each_ten_thousand_members(members: list[Member]) -> None:
    few = [Member(each.owner, ("7001",), each.identifiers) for each in members]
    assert len(list(packed(few))) == (1 if few else 0)


@given(Sendings, st.lists(st.tuples(Kind, Odd), max_size=14), st.sampled_from([RULES, {}, {"email": (), "phone": ()}]))
def test_no_order_makes_a_request_that_names_nobody_or_tells_a_value_in_clear(
    sendings: list[Sending], identifiers: list[tuple[str, str]], rules: Mapping[str, Any]
) -> None:
    order = replace(of_ads(), sendings=tuple(sendings), identifiers=tuple(identifiers))
    wanted = removal(order, 0, SAID, rules)
    if sendings:
        assert wanted.members or wanted.ground
    for batch in packed(wanted.members):
        request = json.loads(body(batch, SAID))
        assert request.keys() == {"destinations", "audienceMembers", "encoding", "validateOnly"}
        assert 1 <= len(request["destinations"]) <= 10
        assert all(each["productDestinationId"].isdigit() for each in request["destinations"])
        assert request["audienceMembers"]
        for member in request["audienceMembers"]:
            found = member["userData"]["userIdentifiers"]
            assert 1 <= len(found) <= 10
            assert all(len(value) == 64 and value == value.lower() for each in found for value in each.values())


@pytest.mark.parametrize(
    "batch",
    [
        Batch((), ()),
        Batch(("7001",), ()),
        Batch((), (Member(0, ("7001",), (("emailAddress", "a"),)),)),
        Batch(("7001",), (Member(0, ("7001",), ()),)),
        Batch(("7001",), (Member(0, (), (("emailAddress", "a"),)),)),
    ],
)
def test_a_request_that_names_nobody_is_never_written(batch: Batch) -> None:
    with pytest.raises(Refused, match="names nobody"):
        body(batch, SAID)


def test_an_order_about_nothing_makes_no_request() -> None:
    assert removal(of_ads(uploaded()), 0, SAID, RULES).members == ()
    assert removal(of_ads(uploaded(("order_id", "1"))), 0, SAID, RULES).ground == "no-identifier-it-takes"


def test_more_than_ten_lists_are_several_requests_of_one_order() -> None:
    order = of_ads(*(uploaded(("email", MAIL), audience=f"{7000 + number}") for number in range(23)))
    assert [len(each.lists) for each in packed(removal(order, 0, SAID, RULES).members)] == [10, 10, 3]


@given(
    st.lists(
        st.builds(
            Part,
            request=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";"), min_size=1),
            first=st.integers(0, 9_999),
            last=st.integers(0, 9_999),
            lists=Lists.map(lambda found: tuple(sorted(found))),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_a_handle_is_read_as_it_was_written(parts: list[Part], refused: bool) -> None:
    assert read_handle(written(parts, refused=refused)) == (parts, refused)
