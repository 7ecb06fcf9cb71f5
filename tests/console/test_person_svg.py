"""One person's data as a picture: each party once, whatever circles there are, and nothing by which she could be found."""

import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.person_svg import person_svg
from console.person_tree import MOST_DRAWN
from lineage.errors import Misconfigured
from tests.console.test_sharing_svg import SVG, drawn
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked, jalki

KEY = "0123456789abcdef0123456789abcdef"
EVIL = [
    "<script>alert(1)</script>", "\N{RIGHT-TO-LEFT OVERRIDE}exe.gnp", "x" * 10_000, "]]>&amp;\x00\x07\ud800", "שלום",
    "\"onload='x'", "W\N{COMBINING ACUTE ACCENT}" * 900, "数据" * 300,
]  # fmt: skip
NAMES = st.one_of(st.sampled_from(EVIL), st.text(max_size=60))


def holding(party: str, *sources: str, **more: Any) -> dict[str, Any]:
    return {
        "party": party, "name": f"{party.title()} Oy", "country": "FI", "role": "processor", "status": "held",
        "observed": True, "from": sorted(sources), "categories": ["email", "name"], "purposes": ["delivery"],
        "bases": ["contract"], "first": "2026-02-01T00:00:00Z", "last": "2026-03-01T00:00:00Z", "disclosures": 9,
        "transfer": None, "drift": [], **more,
    }  # fmt: skip


def shape(*holdings: dict[str, Any], shared: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "asked": "email:secret@example.fi", "at": None, "known_at": None, "identifiers": {"email": 1}, "candidates": 1,
        "holdings": list(holdings), "shared": shared or [], **more,
    }  # fmt: skip


def state(word: str, until: str | None = None) -> dict[str, Any]:
    return {"action": "erase", "state": word, "until": until, "tasks": 1}


def words(root: Element) -> list[str]:
    return [each.text or "" for each in root.iter(SVG + "text")]


def ways(root: Element) -> list[str]:
    return [said for each in root.iter(SVG + "path") if (said := each.findtext(SVG + "title"))]


def boxes(root: Element) -> list[tuple[float, float, float, float]]:
    named = ("x", "y", "width", "height")
    return [tuple(float(each.attrib[name]) for name in named) for each in root.iter(SVG + "rect")]  # type: ignore[misc]  # four


@st.composite
def anything(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A shape with parties that got it from any others, in circles too, and states of tasks."""
    parties = [f"p{number}" for number in range(draw(st.integers(0, 9)))]
    sources = st.lists(st.sampled_from(["person", "outside", *parties]), min_size=1, max_size=3, unique=True)
    drift = st.lists(st.sampled_from(["no-consent", "no-contract", "not-in-notice", "right-ignored"]), unique=True)
    held = [
        holding(each, *draw(sources), name=draw(NAMES), observed=draw(st.booleans()), drift=draw(drift))
        for each in parties
    ]
    several = [each for each in held if draw(st.booleans())]
    states = st.lists(st.sampled_from([state("verified"), state("held", "2030-01-31"), state("queued")]), max_size=2)
    told = draw(st.dictionaries(st.sampled_from([*parties, "gone", "other"]), states, max_size=4))
    return shape(*held, shared=several), told


@given(anything())
def test_each_party_is_drawn_once_and_no_box_covers_another(given_: tuple[dict[str, Any], dict[str, Any]]) -> None:
    asked_of, standing = given_
    text = person_svg(KEY, asked_of, standing)
    root = drawn(text)
    parties = {(each["party"], False) for each in asked_of["holdings"]} | {
        (each["party"], True) for each in asked_of["shared"]
    }
    assert len(boxes(root)) >= 1 + len(parties)
    assert len(boxes(root)) <= 3 + len(parties) + len(standing)
    assert len(ways(root)) >= len(boxes(root)) - 1 - len(parties)
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    for number, (x, y, width, height) in enumerate(boxes(root)):
        assert x >= 0 and y >= 0 and x + width <= wide and y + height <= high  # noqa: PT018 - one box
        for left, top, across, down in boxes(root)[:number]:
            assert x >= left + across or left >= x + width or y >= top + down or top >= y + height
    assert "secret" not in text
    assert person_svg(KEY, asked_of, standing) == text


def test_diamonds_and_circles_are_drawn_once() -> None:
    diamond = [
        holding("shop", "person"),
        holding("left", "shop"),
        holding("right", "shop"),
        holding("end", "left", "right"),
    ]
    circle = [holding("one", "two"), holding("two", "one")]
    root = drawn(person_svg(KEY, shape(*diamond, *circle), {}))
    assert len(boxes(root)) == 7
    assert sorted(ways(root)) == sorted([
        "the person to shop", "shop to left", "shop to right", "left to end", "right to end", "one to two", "two to one",
    ])  # fmt: skip


def test_what_is_erased_held_declared_and_against_the_register_is_said_in_words() -> None:
    told = shape(
        holding("shop", "person", drift=["no-contract"]),
        holding("copy", "shop", observed=False, disclosures=0),
        holding("cloud", "shop", transfer={"country": "US", "mechanisms": []}),
        holding("mail", "list-tool"),
        shared=[holding("posti", "shop")],
    )
    standing = {"shop": [state("held", "2032-12-31")], "klarna": [state("verified")]}
    root = drawn(person_svg(KEY, told, standing))
    assert {
        "drift: no-contract", "erase: held until 2032-12-31", "declared copy; no event shows it", "erase: verified",
        "outside the EEA: US, by nothing", "passed it on; no event shows how it got it", "under what she shares with others",
        f"pseudonym {KEY[:16]}",
    } <= set(words(root))  # fmt: skip
    desc = root.findtext(SVG + "desc") or ""
    assert "Shop Oy; shop: processor, FI; email, name; for delivery; on contract; 9 times" in desc
    kinds = {each.findtext(SVG + "title", "")[:6]: each.find(SVG + "rect") for each in root.iter(SVG + "g")}
    assert kinds["klarna"].attrib["class"] == "card erased"  # type: ignore[union-attr]  # it is there


def test_of_many_parties_the_nearest_are_drawn_and_the_picture_says_how_many_are_not() -> None:
    parties = [holding(f"p{number}", "person" if number < 20 else f"p{number % 20}") for number in range(500)]
    text = person_svg(KEY, shape(*parties), {})
    root = drawn(text)
    assert len(boxes(root)) == MOST_DRAWN + 1
    assert "440 parties further away, or with less, are not drawn." in " ".join(words(root))
    assert len(text) < 200_000


@pytest.mark.parametrize("name", EVIL)
def test_a_crafted_name_is_text_and_is_cut(name: str) -> None:
    text = person_svg(KEY, shape(holding("p", "person", name=name)), {})
    (shown,) = [each.text or "" for each in drawn(text).iter(SVG + "text") if each.attrib.get("class") == "head"][1:]
    assert len(shown) < 110
    assert "<script" not in text
    assert not re.search("[\u202a-\u202e]", text)
    assert text.encode()


def test_a_picture_of_another_time_says_so_and_one_of_nobody_is_not_empty() -> None:
    past = drawn(person_svg(KEY, shape(holding("shop", "person"), at="2026-03-01T00:00:00Z"), {}))
    assert "Drawn as of 2026-03-01T00:00:00Z; what cases did is not in it." in " ".join(words(past))
    nobody = drawn(person_svg(KEY, shape(identifiers={}, candidates=0), {}))
    assert "Nothing is recorded of this person." in words(nobody)
    several = drawn(person_svg(KEY, shape(candidates=3, identifiers={}, shared=[holding("shop", "person")]), {}))
    assert "shared by 3 persons" in words(several)


# ── asked of the program ──


def test_the_program_draws_one_customers_data_without_anything_of_hers(story: Path) -> None:
    ended = jalki("where", "customer_id:C-17", "--svg", "--data", story)
    assert ended.code == 0
    root = drawn(ended.out)
    shown = asked("where", "customer_id:C-17", "--json", "--data", story).json
    assert len(boxes(root)) == 1 + len(shown["holdings"])
    assert not re.search("C-17|aino|esimerkki|O-100|posti.example", ended.out, re.IGNORECASE)
    assert jalki("where", "customer_id:C-17", "--svg", "--data", story).out == ended.out
    by_mail = asked("where", "AINO.Esimerkki@posti.example", "--svg", "--data", story).out
    assert by_mail.strip() == ended.out.strip(), "she is the same person by any identifier"


def test_what_her_case_did_is_in_her_picture_also_when_she_is_erased(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    more = event("NewsletterSent", "n-1", customer_id="C-17", email="aino.esimerkki@posti.example", provider="sendgrid")
    assert asked("ingest", write_lines(tmp_path / "m", [{**more, "campaign_id": "May"}]), "--data", data).code == 0
    case = asked("case", "open", "erasure", "customer_id:C-17", "--channel", "account", "--data", data).out.strip()
    assert not any(
        each.startswith("erase: ")
        for each in words(drawn(asked("where", "customer_id:C-17", "--svg", "--data", data).out))
    )
    assert asked("case", "approve", case, "--data", data).code in {0, 3}
    said = words(drawn(asked("where", "customer_id:C-17", "--svg", "--data", data).out))
    assert any(each.startswith("erase: ") for each in said)
    past = asked("where", "customer_id:C-17", "--svg", "--at", "2026-03-02T00:00:00Z", "--data", data).out
    assert not any("erase: " in each for each in words(drawn(past)))


@pytest.mark.parametrize("more", [("--json",), ("--reveal", "--reason", "a look")])
def test_a_picture_stands_alone_and_shows_no_identifier(story: Path, more: tuple[str, ...]) -> None:
    with pytest.raises(Misconfigured, match="--svg is a picture without any identifier"):
        asked("where", "customer_id:C-17", "--svg", *more, "--data", story)
