"""Who sees which page and may do what: every role, and nobody, at every door, by both verbs."""

import re
from functools import lru_cache

import httpx2
import pytest

from console.web.doors import DOORS
from console.web.oversight import AUDIT
from console.web.roles import BEFORE, NOBODY, staff_roles
from console.web.visits import HERS, MENU
from tests.console.web.consoles import HER, WHY, Console, Visitor, said

ELSEWHERE = {"oidc", "oidc-back"}
"""Without a provider these are not there; `test_oidc` has one."""
STAFFS = [each for each in DOORS if not each.path.startswith(HERS)]
"""Those of customers are tried in `test_customer_pages`."""
PAGES = {each.name: each.path for each in STAFFS if each.shows and each.name not in ELSEWHERE}
ACTS = {each.name: each.path for each in STAFFS if each.does}
ROLES = {"nobody": NOBODY, **staff_roles()}
ALLOWED = {200, 303, 409, 422}
"""What comes where it may be asked: a page, or another one after an act, or what is wrong with the form."""


def visitor(console: Console, role: str) -> Visitor:
    return console.nobody() if role == "nobody" else console.somebody(role)


@lru_cache(maxsize=1)
def a_case(console: Console) -> str:
    return console.somebody("dpo").cases()[0]


def address(console: Console, role: str, who: Visitor, path: str) -> str:
    """A page or an act that there is: an existing case, and a person whom this visitor looked for where she may."""
    found = "none"
    if "{found}" in path and "find" in ROLES[role].does:
        found = who.finds().rpartition("/")[2]
    return path.replace("{case}", a_case(console)).replace("{found}", found)


def assert_denied(role: str, name: str, answer: httpx2.Response) -> None:
    if role == "nobody":
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert answer.content == b""
    elif name in BEFORE:
        assert (answer.status_code, answer.headers["location"]) == (303, ROLES[role].home)
    else:
        assert answer.status_code == 403
        assert "Your role does not see this page." in said(answer)
        assert not re.search(r"\d{4}-\w{6,}|C-17|multitronic", answer.text)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_the_pages_of_the_table_and_no_other(console: Console, role: str, name: str) -> None:
    who = visitor(console, role)
    path = address(console, role, who, PAGES[name])
    with who.client.stream("GET", console.url + path) as answer:
        if name in ROLES[role].sees:
            assert answer.status_code == 200
            return
        answer.read()
    assert_denied(role, name, answer)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_head_is_as_get(console: Console, role: str, name: str) -> None:
    who = visitor(console, role)
    path = address(console, role, who, PAGES[name])
    answer = who.client.head(console.url + path)
    assert answer.content == b""
    if name == "progress" and name in ROLES[role].sees:
        return
    assert (answer.status_code == 200) == (name in ROLES[role].sees)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_the_table_lists_and_nothing_else(console: Console, role: str, name: str) -> None:
    who = visitor(console, role)
    path = address(console, role, who, ACTS[name])
    before = console.somebody("dpo").sees(path.rpartition("/")[0]).text if "/cases/" in path else ""
    fields = {"identifier": HER, "purpose": WHY} if name in {"find", "reveal"} else {}
    answer = who.does(path, fields)
    if name in ROLES[role].does:
        assert answer.status_code in ALLOWED or (name == "sign-in" and answer.status_code == 401)
        return
    assert_denied(role, name, answer)
    assert not before or console.somebody("dpo").sees(path.rpartition("/")[0]).text == before


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_has_the_pages_that_a_role_sees(console: Console, role: str) -> None:
    page = visitor(console, role).sees(ROLES[role].home).text
    linked = set(re.findall(r'<li><a href="([^"]+)"', page))
    may = ROLES[role].sees | ROLES[role].does if role != "nobody" else frozenset()
    assert linked == {path for name, path in MENU if name in may}
    listed = set(dict(AUDIT)) | {"graph-drawn"}  # what the drawn graph fetches
    assert {name for name in PAGES if "{" not in PAGES[name]} <= set(dict(MENU)) | listed | {"sign-in"}


@pytest.mark.parametrize("role", staff_roles())
def test_acts_are_offered_to_the_roles_that_may_do_them(console: Console, role: str) -> None:
    case = next(
        each for each in console.somebody("dpo").cases()
        if ">received<" in console.somebody("dpo").sees(f"/cases/{each}").text
    )  # fmt: skip
    offered = set(re.findall(rf'action="/cases/{case}/(\w+)"', visitor(console, role).sees(f"/cases/{case}").text))
    assert offered <= ROLES[role].does
    assert bool(offered) == bool(ROLES[role].does & {"preview", "prove", "certificate"})


def test_the_table_names_doors_that_there_are_and_every_door_is_somebodys() -> None:
    roles = staff_roles().values()
    assert set().union(*(each.sees for each in roles)) | {"sign-in"} == set(PAGES)
    assert set().union(*(each.does for each in roles)) | {"sign-in"} == set(ACTS)
    assert all("sign-out" in each.does for each in roles)
    assert [name for name, each in staff_roles().items() if each.shows == "identifiers"] == ["dpo"]
    homes = {each.path: each.name for each in DOORS if each.shows}
    assert all(homes[each.home] in each.sees for each in roles)


def test_values_are_shown_to_the_roles_of_the_table_alone(console: Console) -> None:
    for role, each in staff_roles().items():
        if "find" not in each.does:
            continue
        somebody = visitor(console, role)
        page = somebody.finds()
        assert "esimerkki" not in somebody.sees(page).text.lower()
        revealed = somebody.does(f"{page}/reveal", {"purpose": WHY})
        assert ("aino.esimerkki@posti.example" in revealed.text) == (each.shows == "identifiers")
