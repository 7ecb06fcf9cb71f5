"""Signing in with the company's OpenID provider: a real one, and what one that lies comes to."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from console.web.oidc_settings import load_oidc
from console.web.wording import tree
from lineage.errors import Misconfigured
from tests.console.web.consoles import Console, opened_console, said
from tests.console.web.providers import BACK, Claims, Liar, brought, lying, real_provider, told
from tests.servers.fixtures import had
from tests.servers.waiting import free_port


@pytest.fixture(scope="module")
def real(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console beside a real provider."""
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    with (
        opened_console(shutil.copytree(shop, folder / "data"), told=told(folder, port)) as found,
        had(real_provider(port, found.url + BACK, folder)),
    ):
        yield found


@pytest.fixture
def liar() -> Iterator[Liar]:
    with lying(Liar(free_port())) as found:
        yield found


@pytest.fixture
def beside(shop: Path, tmp_path: Path, liar: Liar) -> Iterator[Console]:
    """A console beside a provider that says what it is told to."""
    with opened_console(shutil.copytree(shop, tmp_path / "data"), told=told(tmp_path, liar.port)) as found:
        yield found


@pytest.mark.parametrize(("name", "role", "home"), [("anna", "dpo", "/cases"), ("otto", "clerk", "/cases")])
def test_whoever_a_real_provider_vouches_for_has_the_role_of_her_groups(
    real: Console, name: str, role: str, home: str
) -> None:
    visitor = real.nobody()
    answer = brought(visitor, name)
    assert answer.status_code == 200, said(answer)
    assert "SameSite=strict" in next(each for each in answer.headers.get_list("set-cookie") if "jalki-console" in each)
    assert visitor.sees("/").headers["location"] == home
    page = visitor.sees(home)
    assert page.status_code == 200
    assert f"{name}, {tree('en')['roles'][role]}" in said(page)


def test_who_has_no_role_here_is_not_signed_in(real: Console) -> None:
    visitor = real.nobody()
    answer = brought(visitor, "ulla")
    assert answer.status_code == 401
    assert "no role here" in said(answer)
    assert visitor.sees("/cases").headers["location"] == "/sign-in"


def test_a_sign_in_counts_once_and_in_the_browser_it_began_in(beside: Console, liar: Liar) -> None:
    visitor, other = beside.nobody(), beside.nobody()
    asked = parse_qs(urlsplit(visitor.sees("/sign-in/oidc").headers["location"]).query)
    liar.nonces["c"] = asked["nonce"][0]
    address = f"{BACK}?code=c&state={asked['state'][0]}"
    assert other.sees(address).status_code == 401, "another browser has not begun it"
    cookies = dict(visitor.client.cookies)
    assert visitor.sees(address).status_code == 200
    again = beside.nobody(cookies)
    assert again.sees(address).status_code == 401, "it was used"
    assert other.sees(f"{BACK}?code=c").status_code == 401
    assert other.sees(f"{BACK}?code=c&state=").status_code == 401
    another = beside.nobody()
    another.sees("/sign-in/oidc")
    assert another.sees(f"{BACK}?code=c&state=%C3%A4").status_code == 401, "letters that no state has"


def test_it_is_the_one_that_began_it_that_redeems_the_code(beside: Console, liar: Liar) -> None:
    asked = parse_qs(urlsplit(beside.nobody().sees("/sign-in/oidc").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert liar.brought(beside.nobody()).status_code == 200
    (form,) = liar.seen
    assert len(form["code_verifier"][0]) >= 43
    assert form["redirect_uri"] == [beside.url + BACK]


def with_key_as_password(_: Liar, claims: Claims) -> str:
    """Sign with the public key as if it were a password that both know."""
    return jwt.encode(claims, "not the key but 32 bytes or more of text", "HS256", headers={"kid": "one"})


LIES: dict[str, dict[str, Any]] = {
    "of another sign-in": {"says": lambda claims: {**claims, "nonce": "other"}},
    "without a nonce": {"says": lambda claims: {k: v for k, v in claims.items() if k != "nonce"}},
    "for another program": {"says": lambda claims: {**claims, "aud": "other"}},
    "for several, asked for by another": {"says": lambda claims: {**claims, "aud": ["jalki", "x"], "azp": "x"}},
    "by another provider": {"says": lambda claims: {**claims, "iss": "https://other.example"}},
    "over": {"says": lambda claims: {**claims, "exp": claims["iat"] - 600}},
    "of the future": {"says": lambda claims: {**claims, "iat": claims["iat"] + 6_000}},
    "unsigned": {"signs": lambda _, claims: jwt.encode(claims, None, "none", headers={"kid": "one"})},
    "signed with a password": {"signs": with_key_as_password},
    "signed by another key": {"signs": lambda liar, claims: Liar(liar.port).signed(claims)},
    "signed by a key unheard of": {"signs": lambda liar, claims: liar.signed(claims, kid="two")},
    "no token": {"signs": lambda *_: "a.b"},
    "of no name": {"says": lambda claims: {k: v for k, v in claims.items() if k != "preferred_username"}},
    "of a name that steers": {"says": lambda claims: {**claims, "preferred_username": "anna\n<script>"}},
    "of no group": {"says": lambda claims: {**claims, "groups": []}},
    "of groups that are none": {"says": lambda claims: {**claims, "groups": {"shop-dpo": 1}}},
    "of a role, not a group": {"says": lambda claims: {**claims, "groups": ["dpo"]}},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_hold_signs_nobody_in(beside: Console, liar: Liar, lie: str) -> None:
    for name, each in LIES[lie].items():
        setattr(liar, name, each)
    visitor = beside.nobody()
    answer = liar.brought(visitor)
    assert answer.status_code == 401
    assert "script" not in said(answer)
    assert visitor.sees("/cases").headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "also",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://other.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_says_it_is_another_or_goes_without_tls_is_not_used(
    beside: Console, liar: Liar, also: dict[str, str]
) -> None:
    liar.also = also
    answer = beside.nobody().sees("/sign-in/oidc")
    assert answer.status_code == 503
    assert "location" not in answer.headers


def test_a_provider_that_is_away_is_said_so_and_others_sign_in_as_ever(shop: Path, tmp_path: Path) -> None:
    with opened_console(shutil.copytree(shop, tmp_path / "data"), told=told(tmp_path, free_port())) as console:
        assert console.nobody().sees("/sign-in/oidc").status_code == 503
        assert console.nobody().sees("/sign-in").status_code == 200
        assert console.somebody("dpo").sees("/cases").status_code == 200


def test_without_a_provider_there_is_no_such_page(console: Console) -> None:
    assert console.nobody().sees("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in console.nobody().sees("/sign-in").text


HEAD = 'issuer = "https://login.example"\nclient_id = "jalki"\n'
BESIDE = 'client_secret_file = "s"\n'
FAULTS = {
    "plain http": (HEAD.replace("https", "http") + BESIDE + '[roles]\na = "dpo"', "https"),
    "an unknown role": (HEAD + BESIDE + '[roles]\na = "boss"', "boss"),
    "no role": (HEAD + BESIDE + "[roles]\n", "roles"),
    "a word too many": (HEAD + BESIDE + 'x = 1\n[roles]\na = "dpo"', "x"),
    "no secret": (HEAD + 'client_secret_file = "none"\n[roles]\na = "dpo"', "secret"),
    "no TOML": ("issuer", "no TOML"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_cannot_be_is_refused_in_one_line(tmp_path: Path, fault: str) -> None:
    text, named = FAULTS[fault]
    (tmp_path / "s").write_text("secret", "utf-8")
    (tmp_path / "oidc.toml").write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=named) as raised:
        load_oidc(tmp_path / "oidc.toml")
    assert "\n" not in str(raised.value)
