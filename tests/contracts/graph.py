"""What every `lineage.graph.Graph` must do. A test module runs each of `CHECKS` on its own store, newly made and empty."""

from collections import Counter
from collections.abc import Callable

from lineage.facts import Bought
from lineage.graph import NOW, Graph, Letter, Look, Until, Volume
from tests.contracts.forgetting import FORGETTING
from tests.contracts.getting import GETTING
from tests.lineage.parts import DELIVERY, facts, key, route

Check = Callable[[Graph], None]


def an_empty_store_answers_everything_with_nothing(graph: Graph) -> None:
    anyone = [key("email:a")]
    assert not graph.contents([key("e1")])
    assert not graph.owners(anyone, NOW)
    assert not graph.owned(anyone, NOW)
    assert not graph.links(anyone, NOW)
    assert not graph.kinds(anyone)
    assert not graph.disclosures(anyone, NOW)
    assert not graph.consents(anyone, NOW)
    assert not graph.volumes([])
    assert not list(graph.every_disclosure(None))
    assert not list(graph.got("posti", None, None))
    assert not graph.letters()
    assert not graph.looks()
    assert dict(graph.counts()) == {"events": 0, "identifiers": 0, "disclosures": 0, "dead_letters": 0}


def questions_about_nobody_are_answered_with_nothing(graph: Graph) -> None:
    graph.record([facts("e1", owns=[("customer_id:c", "email:a")], discloses=[("customer_id:c", DELIVERY)])])
    assert not graph.owners([], NOW)
    assert not graph.owned([], NOW)
    assert not graph.links([], NOW)
    assert not graph.kinds([])
    assert not graph.disclosures([], NOW)
    assert not graph.consents([], NOW)
    assert not graph.contents([])


def what_was_recorded_is_given_back(graph: Graph) -> None:
    order = facts(
        "e1", at=5, recorded=9, owns=[("customer_id:c", "email:a"), ("customer_id:c", "order_id:o")],
        discloses=[("customer_id:c", DELIVERY), ("consignee:o", route("posti", forbidden=True))],
        consents=[("customer_id:c", "newsletter", True)],
    )  # fmt: skip
    link = facts("e2", at=6, recorded=9, link=("email:a", "email:b", True))
    graph.record([order, link])
    customer, email = key("customer_id:c"), key("email:a")
    assert graph.contents([key("e1"), key("e3")]) == {key("e1"): b"contents"}
    assert sorted(graph.owned([customer], NOW)) == sorted([(customer, email), (customer, key("order_id:o"))])
    assert list(graph.owners([email], NOW)) == [(customer, email)]
    assert dict(graph.kinds([customer, key("email:b"), key("x")])) == {customer: "customer_id", key("email:b"): "email"}
    assert list(graph.disclosures([customer], NOW)) == [order.disclosures[0]]
    assert list(graph.disclosures([key("consignee:o")], NOW)) == [order.disclosures[1]]
    assert list(graph.consents([customer], NOW)) == list(order.consents)
    assert list(graph.links([email], NOW)) == list(link.links) == list(graph.links([key("email:b")], NOW))
    assert dict(graph.counts()) == {"events": 2, "identifiers": 5, "disclosures": 2, "dead_letters": 0}


def truth_values_come_back_as_truth_values(graph: Graph) -> None:
    withdrawn = facts("e1", consents=[("email:a", "newsletter", False)], discloses=[("email:a", DELIVERY)])
    graph.record([withdrawn, facts("e2", link=("email:a", "email:b", False))])
    assert graph.consents([key("email:a")], NOW)[0].granted is False
    assert graph.links([key("email:a")], NOW)[0].joined is False
    assert graph.disclosures([key("email:a")], NOW)[0].route.forbidden is False


def a_repeated_event_adds_nothing_not_even_with_other_content(graph: Graph) -> None:
    first = facts("e1", at=1, owns=[("customer_id:c", "email:a")], discloses=[("customer_id:c", DELIVERY)])
    graph.record([first, first])
    graph.record([first._replace(recorded=7)])
    graph.record(
        [
            facts(
                "e1",
                at=2,
                owns=[("customer_id:d", "email:b")],
                discloses=[("customer_id:d", DELIVERY)],
                content=b"another!",
            )
        ]
    )
    assert graph.contents([key("e1")]) == {key("e1"): b"contents"}
    assert list(graph.disclosures([key("customer_id:c"), key("customer_id:d")], NOW)) == list(first.disclosures)
    assert not graph.kinds([key("email:b")])
    assert not graph.owners([key("email:b")], NOW)
    assert graph.counts()["disclosures"] == 1


def the_same_ownership_of_many_events_is_given_once(graph: Graph) -> None:
    graph.record([facts(f"e{number}", at=number, owns=[("customer_id:c", "email:a")]) for number in range(3)])
    assert list(graph.owners([key("email:a")], NOW)) == [(key("customer_id:c"), key("email:a"))]
    assert list(graph.owned([key("customer_id:c")], NOW)) == [(key("customer_id:c"), key("email:a"))]


def nothing_that_occurred_or_was_known_later_is_given(graph: Graph) -> None:
    graph.record([
        facts(f"e{at}{known}", at=at, recorded=known, owns=[("customer_id:c", f"email:{at}{known}")],
              discloses=[("customer_id:c", DELIVERY)], consents=[("customer_id:c", "newsletter", True)],
              link=("customer_id:c", f"phone:{at}{known}", True))
        for at in (10, 20) for known in (100, 200)
    ])  # fmt: skip
    customer = [key("customer_id:c")]
    for until, events in (
        (Until(at=9), set()),
        (Until(at=10), {"e10100", "e10200"}),
        (Until(known_at=100), {"e10100", "e20100"}),
        (Until(10, 100), {"e10100"}),
        (Until(at=20, known_at=99), set()),
        (NOW, {"e10100", "e10200", "e20100", "e20200"}),
    ):
        named = {key(each) for each in events}
        assert {each.event for each in graph.disclosures(customer, until)} == named
        assert {each.event for each in graph.consents(customer, until)} == named
        assert {each.event for each in graph.links(customer, until)} == named
        assert {owned for _, owned in graph.owned(customer, until)} == {key("email:" + each[1:]) for each in events}
        asked = [key(f"email:{at}{known}") for at in (10, 20) for known in (100, 200)]
        assert {owned for _, owned in graph.owners(asked, until)} == {key("email:" + each[1:]) for each in events}


def an_ownership_holds_from_each_of_its_two_times_by_any_event_of_it(graph: Graph) -> None:
    """Occurred early but known late, and occurred late but known early: neither hides the other."""
    pair = [("customer_id:c", "email:a")]
    graph.record([facts("e1", at=20, recorded=100, owns=pair)])
    graph.record([facts("e2", at=10, recorded=200, owns=pair)])
    graph.record([facts("e3", at=10, recorded=150, owns=pair), facts("e4", at=30, recorded=300, owns=pair)])
    held = {
        (at, known): bool(graph.owners([key("email:a")], Until(at, known)))
        for at in (9, 10, 20, 30) for known in (99, 100, 149, 150, 200)
    }  # fmt: skip
    assert held == {(at, known): (at >= 20 and known >= 100) or (at >= 10 and known >= 150) for at, known in held}


def times_before_1970_and_the_largest_are_kept(graph: Graph) -> None:
    graph.record([
        facts("old", at=-(2**62), discloses=[("email:a", DELIVERY)]),
        facts("new", at=2**62, recorded=2**62, discloses=[("email:a", DELIVERY)]),
    ])  # fmt: skip
    assert {each.at for each in graph.disclosures([key("email:a")], NOW)} == {-(2**62), 2**62}
    assert {each.at for each in graph.every_disclosure(None)} == {-(2**62), 2**62}
    assert sum(each.disclosures for each in graph.got("posti", None, None)) == 2
    assert [each.at for each in graph.disclosures([key("email:a")], Until(at=0))] == [-(2**62)]


def many_keys_are_asked_about_at_once(graph: Graph) -> None:
    graph.record([
        facts(f"e{number}", owns=[(f"customer_id:{number}", f"email:{number}")],
              discloses=[(f"customer_id:{number}", DELIVERY)], link=(f"customer_id:{number}", f"phone:{number}", True))
        for number in range(1500)
    ])  # fmt: skip
    customers = [key(f"customer_id:{number}") for number in range(1500)]
    emails = [key(f"email:{number}") for number in range(1500)]
    assert Counter(graph.owned(customers, NOW)) == Counter(zip(customers, emails, strict=True))
    assert Counter(graph.owners(emails, NOW)) == Counter(zip(customers, emails, strict=True))
    assert len(graph.disclosures(customers, NOW)) == 1500
    assert len(graph.links(customers, NOW)) == 1500
    assert len(graph.kinds(customers)) == 1500
    assert len(graph.contents([key(f"e{number}") for number in range(1500)])) == 1500


def volumes_are_counted_by_route_and_interval(graph: Graph) -> None:
    posti, dhl = DELIVERY, route("dhl")
    graph.record([
        facts("e1", at=1, discloses=[("email:a", posti), ("email:b", posti)]),
        facts("e2", at=9, discloses=[("email:a", posti)]),
        facts("e3", at=10, discloses=[("email:a", posti)]),
        facts("e4", at=3, discloses=[("email:a", dhl)]),
        facts("e5", at=3, discloses=[("email:a", posti._replace(forbidden=True))]),
    ])  # fmt: skip
    assert Counter(graph.volumes([10, 30])) == Counter([
        Volume(posti, 3, 1, 9), Volume(posti, 1, 10, 10), Volume(dhl, 1, 3, 3), Volume(posti._replace(forbidden=True), 1, 3, 3),
    ])  # fmt: skip
    assert sum(each.disclosures for each in graph.volumes([])) == 6


def volumes_are_counted_of_some_sources_alone(graph: Graph) -> None:
    onward = DELIVERY._replace(source="posti", target="postnord")
    graph.record([
        facts("e1", at=1, discloses=[("email:a", DELIVERY), ("email:a", onward)]),
        facts("e2", at=9, recorded=9, discloses=[("email:b", onward)]),
        facts("e3", at=9, discloses=[("email:b", onward._replace(source="dhl"))]),
    ])  # fmt: skip
    assert Counter(graph.volumes([5], NOW, ["posti"])) == Counter([Volume(onward, 1, 1, 1), Volume(onward, 1, 9, 9)])
    assert [each.disclosures for each in graph.volumes([], Until(at=8), {"posti"})] == [1]
    assert Counter(graph.volumes(range(20, 40), NOW, ("posti", "dhl"))) == Counter([
        Volume(onward, 2, 1, 9), Volume(onward._replace(source="dhl"), 1, 9, 9),
    ])  # fmt: skip
    assert not graph.volumes([], NOW, ["nobody"])
    assert not graph.volumes([], NOW, [])


def volumes_are_counted_as_of_both_times(graph: Graph) -> None:
    graph.record([
        facts(f"e{at}{known}", at=at, recorded=known, discloses=[("email:a", DELIVERY), ("email:b", DELIVERY)])
        for at in (10, 20) for known in (100, 200)
    ])  # fmt: skip
    for until, counted in (
        (Until(at=9), []),
        (Until(at=10), [Volume(DELIVERY, 4, 10, 10)]),
        (Until(known_at=100), [Volume(DELIVERY, 2, 10, 10), Volume(DELIVERY, 2, 20, 20)]),
        (Until(10, 100), [Volume(DELIVERY, 2, 10, 10)]),
        (Until(at=20, known_at=99), []),
        (NOW, [Volume(DELIVERY, 4, 10, 10), Volume(DELIVERY, 4, 20, 20)]),
    ):
        assert Counter(graph.volumes([15], until)) == Counter(counted)
        assert Counter(graph.volumes([15, *range(50, 70)], until)) == Counter(counted)
    assert Counter(graph.volumes([], Until(15))) == Counter([Volume(DELIVERY, 4, 10, 10)])


def a_route_without_categories_is_a_route(graph: Graph) -> None:
    bare = route(categories=())
    graph.record([facts("e1", discloses=[("email:a", bare)])])
    assert graph.disclosures([key("email:a")], NOW)[0].route == bare


def every_disclosure_is_given_since_a_time_and_never_what_was_sent(graph: Graph) -> None:
    graph.record([facts(f"e{at}", at=at, discloses=[("email:a", DELIVERY)]) for at in (1, 2, 3)])
    assert sorted(each.at for each in graph.every_disclosure(None)) == [1, 2, 3]
    assert sorted(each.at for each in graph.every_disclosure(2)) == [2, 3]
    assert {each.as_sent for each in graph.every_disclosure(None)} == {b""}
    assert {each.holder for each in graph.every_disclosure(None)} == {key("email:a")}


def a_model_is_found_by_who_bought_it_and_each_purchase_is_given_once(graph: Graph) -> None:
    order = facts(
        "e1", discloses=[("customer_id:c", DELIVERY)], bought=[("customer_id:c", "m1"), ("customer_id:c", "m2")]
    )
    graph.record([order, order, facts("e2", discloses=[("email:a", DELIVERY)], bought=[("email:a", "m1")])])
    graph.record([order])
    assert Counter(graph.bought(key("m1"))) == Counter([
        Bought(key("e1"), 0, key("customer_id:c"), key("m1")), Bought(key("e2"), 0, key("email:a"), key("m1")),
    ])  # fmt: skip
    assert [each.holder for each in graph.bought(key("m2"))] == [key("customer_id:c")]
    assert not list(graph.bought(key("m3")))
    assert graph.forgotten_buyers(key("m1")) == 0


def of_a_buyer_who_is_forgotten_only_the_count_is_left(graph: Graph) -> None:
    her = [key("customer_id:c"), key("email:c")]
    graph.record([
        facts("e1", at=1, discloses=[("customer_id:c", DELIVERY)], bought=[("customer_id:c", "m1"), ("customer_id:c", "m2")]),
        facts("e2", at=2, discloses=[("email:c", DELIVERY)], bought=[("email:c", "m1")]),
        facts("e3", at=9, discloses=[("email:c", DELIVERY)], bought=[("email:c", "m2")]),
        facts("e4", at=3, discloses=[("email:d", DELIVERY)], bought=[("email:d", "m1")]),
    ])  # fmt: skip
    graph.forget(her, 5, [(key("e1"), 0)], key("case:random"))
    assert [each.holder for each in graph.bought(key("m1"))] == [key("email:d")]
    assert [each.event for each in graph.bought(key("m2"))] == [key("e3")]
    assert (graph.forgotten_buyers(key("m1")), graph.forgotten_buyers(key("m2"))) == (1, 1)
    graph.forget(her, 5, [(key("e1"), 0)], key("case:random"))
    assert (graph.forgotten_buyers(key("m1")), graph.forgotten_buyers(key("m2"))) == (1, 1)
    graph.forget([key("email:d")], 5, [], None)
    assert not list(graph.bought(key("m1")))
    assert graph.forgotten_buyers(key("m1")) == 2
    assert not graph.kinds([key("email:d")])


def dead_letters_are_kept_once_and_given_oldest_first(graph: Graph) -> None:
    late, early = Letter(key("l1"), "not JSON", 20, b"one"), Letter(key("l2"), "unknown type", 10, b"two")
    graph.record([], [late])
    graph.record([], [early, late._replace(recorded=5, sealed=b"again")])
    assert list(graph.letters()) == [early, late]
    assert graph.counts()["dead_letters"] == 2


def dead_letters_get_another_reason_and_are_taken_off(graph: Graph) -> None:
    one, two, gone = (Letter(key(f"l{number}"), "not JSON", number, b"sealed") for number in range(3))
    graph.record([], [one, two])
    graph.reword_letters({one.key: "unknown party", gone.key: "unknown type"})
    assert list(graph.letters()) == [one._replace(reason="unknown party"), two]
    graph.take_off_letters([one.key, gone.key])
    graph.reword_letters({})
    graph.take_off_letters([])
    assert list(graph.letters()) == [two]
    graph.record([], [one])
    assert list(graph.letters()) == [one, two]


def looks_are_given_oldest_first_equal_ones_too(graph: Graph) -> None:
    for look in (Look(2, b"b"), Look(1, b"a"), Look(1, b"a")):
        graph.look(look)
    assert list(graph.looks()) == [Look(1, b"a"), Look(1, b"a"), Look(2, b"b")]


def what_is_near_answers_as_the_store_does_itself(graph: Graph) -> None:
    graph.record([
        facts(f"e{number}", at=number, recorded=10 + number,
              owns=[(f"customer_id:{number % 3}", "phone:shared"), (f"customer_id:{number % 3}", f"order_id:{number}"),
                    (f"order_id:{number}", f"shipment_id:{number}")],
              discloses=[(f"customer_id:{number % 3}", DELIVERY), (f"order_id:{number}", route("dhl"))],
              consents=[("phone:shared", "newsletter", bool(number % 2))],
              link=(f"customer_id:{number % 3}", f"device_id:{number}", True))
        for number in range(30)
    ])  # fmt: skip
    names = [
        f"{kind}:{number}" for kind in ("customer_id", "order_id", "shipment_id", "device_id") for number in range(31)
    ]
    keys = [key(name) for name in (*names, "phone:shared")]
    for name in ("customer_id:0", "phone:shared", "shipment_id:7", "device_id:5", "email:nobody"):
        near = graph.near(key(name))
        for until in (NOW, Until(at=11), Until(known_at=25), Until(20, 15)):
            for asked in (keys, keys[:3], [], [key("email:nobody")]):
                assert Counter(near.owners(asked, until)) == Counter(graph.owners(asked, until))
                assert Counter(near.owned(asked, until)) == Counter(graph.owned(asked, until))
                assert Counter(near.links(asked, until)) == Counter(graph.links(asked, until))
                assert Counter(near.disclosures(asked, until)) == Counter(graph.disclosures(asked, until))
                assert Counter(near.consents(asked, until)) == Counter(graph.consents(asked, until))
                assert dict(near.kinds(asked)) == dict(graph.kinds(asked))


def recording_tells_which_events_were_there_already(graph: Graph) -> None:
    one, other = (facts(name, discloses=[("email:a", DELIVERY)]) for name in ("e1", "e2"))
    assert not set(graph.record([one]))
    assert set(graph.record([one, other])) == {one.event}
    assert set(graph.record([other, one, facts("e3", discloses=[("email:b", DELIVERY)])])) == {one.event, other.event}
    assert graph.counts()["events"] == 3


CHECKS: tuple[Check, ...] = (
    a_model_is_found_by_who_bought_it_and_each_purchase_is_given_once,
    of_a_buyer_who_is_forgotten_only_the_count_is_left,
    recording_tells_which_events_were_there_already,
    what_is_near_answers_as_the_store_does_itself,
    an_empty_store_answers_everything_with_nothing,
    questions_about_nobody_are_answered_with_nothing,
    what_was_recorded_is_given_back,
    truth_values_come_back_as_truth_values,
    a_repeated_event_adds_nothing_not_even_with_other_content,
    the_same_ownership_of_many_events_is_given_once,
    nothing_that_occurred_or_was_known_later_is_given,
    an_ownership_holds_from_each_of_its_two_times_by_any_event_of_it,
    times_before_1970_and_the_largest_are_kept,
    many_keys_are_asked_about_at_once,
    volumes_are_counted_by_route_and_interval,
    volumes_are_counted_of_some_sources_alone,
    volumes_are_counted_as_of_both_times,
    a_route_without_categories_is_a_route,
    every_disclosure_is_given_since_a_time_and_never_what_was_sent,
    dead_letters_are_kept_once_and_given_oldest_first,
    dead_letters_get_another_reason_and_are_taken_off,
    looks_are_given_oldest_first_equal_ones_too,
    *FORGETTING,
    *GETTING,
)
