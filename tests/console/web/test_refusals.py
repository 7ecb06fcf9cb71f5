"""What is refused is told in the reader's language: every refusal that a door can meet has its words, and none is English."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from string import Template

import httpx2
import pytest

from connectors.wording import LANGUAGES, Language
from console.case_logs import opened_for_cases
from console.web.case_acts import ACTS
from console.web.refusals import told
from console.web.wording import COOKIE, tree
from lineage.cases.plan_changes import UNSHOWN, Change, difference
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import read_identifier
from tests.console.web.consoles import Console, Visitor, opened_console, said
from tests.console.web.customers import HERS, House, folder, house, recorded

__all__ = ["folder", "house", "recorded"]

ROOT = Path(__file__).parents[3]
AT_DOORS = (
    "console/case_answers.py",
    "console/case_checks.py",
    "console/case_given.py",
    "console/case_opening.py",
    "console/linking.py",
    "console/opening.py",
    "console/web/case_evidence.py",
    "console/web/person_decisions.py",
    "console/web/case_files.py",
    "console/web/case_forms.py",
    "lineage/answers/gathering.py",
    "lineage/cases/carrying.py",
    "lineage/cases/casework.py",
    "lineage/cases/deciding.py",
    "lineage/cases/entries.py",
    "lineage/cases/filing.py",
    "lineage/cases/folding.py",
    "lineage/cases/handing.py",
    "lineage/cases/identity.py",
    "lineage/cases/items.py",
    "lineage/cases/keeping.py",
    "lineage/cases/lifting.py",
    "lineage/cases/protecting.py",
    "lineage/cases/refusing.py",
    "lineage/cases/transitions.py",
    "lineage/evidence/certificate.py",
    "lineage/evidence/showing.py",
    "lineage/identifiers.py",
)
"""Modules whose refusals an act of the console can meet."""
ELSEWHERE = {
    "identity.py": {"a doubt", "no more codes", "the code's time"},  # a code is sent, and typed, by commands alone
    "case_given.py": {"CASE is", "a mandate goes"},  # the address of no case; nobody acts for another at the console
    "opening.py": {"str(fault)"},  # of schemas: the console does not start with one that cannot be used
}
"""Those of them that no door meets, by words of theirs."""


def raised(path: Path) -> Iterator[tuple[str, ast.Call]]:
    text = path.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            said_ = ast.get_source_segment(text, node.exc) or ""
            if node.exc.func.id in {"Refused", "Misconfigured"} and not any(
                each in said_ for each in ELSEWHERE.get(path.name, ())
            ):
                yield f"{path.name}:{node.lineno}", node.exc


FOUND = [each for name in AT_DOORS for each in raised(ROOT / name)]


def codes(call: ast.Call) -> set[str]:
    """The codes an error may have: one, or one for each state of a case."""
    if len(call.args) < 2:
        return set()
    code = call.args[1]
    if isinstance(code, ast.JoinedStr):
        begun = str(ast.literal_eval(code.values[0]))
        return {f"{begun}{state}" for state in tree("en")["case_state"]}
    return {str(ast.literal_eval(code))}


@pytest.mark.parametrize(("where", "call"), FOUND, ids=[where for where, _ in FOUND])
def test_every_refusal_that_a_door_can_meet_has_words_for_all_that_it_gives(where: str, call: ast.Call) -> None:
    given = {each.arg for each in call.keywords}
    assert codes(call), f"{where} has no code: pages would tell it in English"
    for code in codes(call):
        assert set(Template(tree("en")["refusal"][code]).get_identifiers()) <= given


def test_no_words_are_left_over_that_nothing_refuses_with() -> None:
    used = {code for _, call in FOUND for code in codes(call)}
    assert len(used) > 50
    assert set(tree("en")["refusal"]) - {"untold"} == used


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_words_says_so_in_the_readers_language_and_gives_the_programs_own(language: Language) -> None:
    assert told(language, Refused("the disk is full")) == (tree(language)["refusal"]["untold"], "the disk is full")


def test_what_changed_since_the_preview_is_told_in_words() -> None:
    task = {
        "party": "posti",
        "form": "notice",
        "until": None,
        "categories": ["name"],
        "purposes": ["delivery"],
        "due": "2026-03-01",
    }
    held = {**task, "party": "dhl", "until": "2027-01-31"}
    before = {"digest": "a", "tasks": [task]}
    later = {"digest": "b", "tasks": [{**task, "categories": ["name", "phone"], "due": "2026-03-02"}, held]}
    changes = (*difference(before, later), *difference(later, before), UNSHOWN)
    assert {each.code for each in changes} == {"new-held", "gone-held", "about", "due", "unshown"}
    text = told("fi", Refused("…", "changed", case="2026-1", changes=changes)).text
    assert "uusi: ilmoitus, saaja dhl, odottaa päivään 31.1.2027" in text
    assert "nimi, puhelin" in text or "nimi, puhelinnumero" in text
    assert difference(before, {**before, "digest": "c"}) == [
        Change("other identifiers would be sent than in the preview", "other-identifiers")
    ]


def test_values_that_have_words_are_told_in_them() -> None:
    with pytest.raises(Misconfigured) as caught:
        read_identifier("name:A")
    assert told("sv", caught.value).text.startswith("Det slaget av uppgift")
    fault = Refused("…", "one-of", field="--state", allowed=("verified", "erasure", "x"))
    assert told("fi", fault).text == (
        f"Kohta ”{tree('fi')['field']['state']}” on jokin näistä: {tree('fi')['task_state']['verified']}, "
        f"{tree('fi')['right']['erasure']}, x."
    )


# ---- the doors themselves -------------------------------------------------------------------------------------------------

NONSENSE = {
    "digest": "0" * 64, "sure": "yes", "ground": "because", "reason": " x ", "how": "seen", "task": "9.99", "state": "done",
    "evidence": "letter", "by": "2026-02-30", "order": "x", "authority": "court", "law": "law", "party": "nobody",
    "purpose": "nothing", "category": "nothing", "told": "2999-01-01",
    "refusal": "first", "number": "first",
}  # fmt: skip
BETTER = {
    "ground": "12(5)", "state": "declined", "party": "", "purpose": "", "told": "yesterday", "task": "what", "by": "",
    "digest": "f" * 64, "refusal": "99", "number": "99",
}  # fmt: skip
BEST = {**BETTER, "state": "verified", "task": "9.99", "told": "2026-01-01"}


def refusal(answer: httpx2.Response) -> str:
    """Why a page says that something was not done; the part of it that is in English is marked so by the page."""
    found = re.search(r'<p class="refused" role="alert">(.*?)</p>', answer.text, re.DOTALL)
    assert found, said(answer)
    assert 'lang="en"' not in found[1], found[1]
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def refused_in_each_language(who: Visitor, path: str, fields: dict[str, str]) -> set[str]:
    """What is said in each language; nothing where it was done."""
    texts = set()
    for language in LANGUAGES:
        who.client.cookies.set(COOKIE, language)
        answer = who.does(path, fields)
        if answer.status_code in {409, 422}:
            texts.add(refusal(answer))
        else:
            assert answer.status_code in {200, 303}, said(answer)
            return set()
    assert len(texts) == len(LANGUAGES)  # none of them is another's
    return texts


@pytest.fixture(scope="module")
def cases(console: Console) -> dict[str, str]:
    """The id of a case for each state there is at this console, and of each right."""
    who = console.somebody("dpo")
    found: dict[str, str] = {}
    for number, right in enumerate(("erasure", "restriction", "access", "transfer", "rectification"), 1020):
        more = {"category": "address", "value": "x"} if right == "rectification" else {}
        found[right] = who.opens(right, f"customer_id:C-{number}", **more)
    for number, (name, right) in enumerate((("erased", "erasure"), ("restricted", "restriction")), 1030):
        found[name] = who.opens(right, f"customer_id:C-{number}")
        assert who.approves(found[name]).status_code == 303
    found["withdrawn"] = who.opens("erasure", "customer_id:C-1033")
    assert who.does(f"/cases/{found['withdrawn']}/withdraw", {"sure": "yes"}).status_code == 303
    found["refused"] = who.opens("erasure", "customer_id:C-1034")
    assert who.does(f"/cases/{found['refused']}/refuse", {"ground": "12(5)", "reason": "x"}).status_code == 303
    found["protected"] = who.opens("erasure", "customer_id:C-1035", protected="yes", channel="email")
    found["strange"] = who.opens("erasure", "customer_id:C-nobody")
    return found


@pytest.mark.parametrize("act", ACTS, ids=lambda each: each.name)
def test_whatever_an_act_is_refused_for_is_told_in_three_languages(
    act: object, console: Console, cases: dict[str, str]
) -> None:
    assert act in ACTS
    name = next(each.name for each in ACTS if each is act)
    who = console.somebody("dpo")
    fields = next(each.fields for each in ACTS if each is act)
    met: set[str] = set()
    for case, given in product(cases.values(), (NONSENSE, {**NONSENSE, **BETTER}, {**NONSENSE, **BEST})):
        if name in {"withdraw", "protect", "prove", "preview", "extend", "refuse"} and case not in {
            cases["withdrawn"], cases["refused"], cases["erased"], cases["restricted"],
        }:  # fmt: skip
            continue  # they would be done
        met |= refused_in_each_language(who, f"/cases/{case}/{name}", {each.name: given[each.name] for each in fields})
    assert met
    assert len(refused_in_each_language(who, f"/cases/{cases['erasure']}/{name}", {})) == (3 if fields else 0)


@pytest.mark.parametrize(
    "given",
    [
        {"identifiers": " "},
        {"identifiers": "nothing at all"},
        {"identifiers": "name:A"},
        {"right": "none"},
        {"right-rectification": "yes"},
        {"value": "x", "category": "address", "right-erasure": "yes"},
        {"right-rectification": "yes", "category": "nothing", "value": "x"},
        {"purposes": "newsletter", "right-erasure": "yes"},
        {"purposes": "nothing", "right-objection": "yes"},
        {"controller": "nobody", "right-erasure": "yes"},
        {},
    ],
    ids=lambda each: "-".join(each) or "nothing",
)
def test_whatever_a_case_is_not_opened_for_is_told_in_three_languages(given: dict[str, str], console: Console) -> None:
    usual = {"identifiers": "customer_id:C-17", "controller": "multitronic", "language": "fi", "channel": "email"}
    who = console.somebody("dpo")
    assert refused_in_each_language(who, "/cases/open", {**usual, **given})


@pytest.mark.parametrize("extension", [{}, {"extension": "yes"}], ids=["answer", "extension"])
def test_why_there_is_no_letter_is_told_in_three_languages(
    extension: dict[str, str], console: Console, cases: dict[str, str]
) -> None:
    who = console.somebody("dpo")
    for case in ("erasure", "withdrawn"):
        assert refused_in_each_language(who, f"/cases/{cases[case]}/letter", extension)


def test_that_another_writes_is_told_in_three_languages(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.web.serving.PATIENCE", 0.0)
    with opened_console(shop.parent / "data") as console:
        who = console.somebody("dpo")
        case = who.cases()[0]
        with opened_for_cases(console.settings):
            assert refused_in_each_language(who, f"/cases/{case}/extend", {"reason": "x"})


PAGES = (
    "/record?at=soon", "/record?after=-1", "/drift?after=x", "/looks?since=x",
    "/samples?seed=a/b", "/samples?seed=1&since=x", "/sharing?at=x", "/cases?state=none", "/cases/2026-0", "/persons/x",
    "/certificates/x", "/sharing/graph?at=x", "/overdue/x",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_cannot_be_shown_says_so_in_three_languages(path: str, console: Console) -> None:
    who, texts = console.somebody("dpo"), set[str]()
    for language in LANGUAGES:
        who.client.cookies.set(COOKIE, language)
        answer = who.sees(path)
        assert answer.status_code in {404, 422}
        found = re.search(r'<p role="alert">(.*?)</p>', answer.text, re.DOTALL)
        assert found
        texts.add(found[1])
    assert len(texts) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/me/open/rectification", {"category": "address", "value": " "}),
        ("/me/open/rectification", {"category": "nothing", "value": "x"}),
        ("/me/open/objection", {}),
        ("/me/open/access", {"company": "nobody"}),
        ("/me/open/nothing", {}),
    ],
)
def test_whatever_is_refused_to_a_customer_is_told_in_her_language(
    path: str, fields: dict[str, str], house: House
) -> None:
    browser, texts = house.by_code(HERS), set[str]()
    for language in LANGUAGES:
        browser.client.cookies.set(COOKIE, language)
        answer = browser.sends(path, **fields)
        assert answer.status_code in {404, 422}
        found = re.search(r'<p(?: class="refused")? role="alert">(.*?)</p>', answer.text, re.DOTALL)
        assert found
        assert "lang=" not in found[1]
        texts.add(found[1])
    assert len(texts) == len(LANGUAGES)
