"""OpenID providers for tests: a real one, and one that says whatever a test wants it to."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.console.web.consoles import Console, Visitor
from tests.servers.packages import fetched, node
from tests.servers.processes import Process
from tests.servers.server import Power, running
from tests.servers.waiting import accepts

SECRET = "a-secret-of-this-test-alone-of-40-signs-"  # noqa: S105 - of a provider that a test runs
ROLES = {"shop-dpo": "dpo", "shop-desk": "clerk", "shop-look": "viewer"}
BACK = "/sign-in/oidc/back"
VERSION = "8.8.1"


def told(folder: Path, port: int) -> dict[str, str]:
    """Write the file that tells of a provider at that port; return the setting that names it."""
    (folder / "oidc-secret").write_text(SECRET, "utf-8")
    roles = "\n".join(f'"{group}" = "{role}"' for group, role in ROLES.items())
    (folder / "oidc.toml").write_text(
        f'issuer = "http://127.0.0.1:{port}"\nclient_id = "jalki"\nclient_secret_file = "oidc-secret"\n[roles]\n{roles}\n',
        "utf-8",
    )
    return {"JALKI_OIDC": str(folder / "oidc.toml")}


@contextmanager
def real_provider(port: int, back: str, folder: Path) -> Iterator[None]:
    """Run it as long as the block lasts. Raises: UnavailableError: there is no Node, or the package cannot be had."""
    modules = fetched("oidc-provider", VERSION)
    script = Path(__file__).with_name("provider.mjs")
    body = Process((node(), f"{script}", f"{modules}", f"{port}", back, SECRET), folder / "provider.log")
    with running(Power(body, lambda: None if accepts("127.0.0.1", port) else "nothing listens")):
        yield


def brought(visitor: Visitor, name: str) -> httpx2.Response:
    """Sign in at the real provider under a name, as a browser does; return the answer of the console to what it brings back."""
    there = visitor.sees("/sign-in/oidc").headers["location"]
    with httpx2.Client(timeout=20, trust_env=False) as browser:
        back = followed(browser, browser.get(there), visitor.url)
        while back.startswith("/interaction"):
            form = {"prompt": "login", "login": name, "password": "any"}
            page = browser.get(urljoin(there, back))
            if 'prompt" value="consent' in page.text:
                form = {"prompt": "consent"}
            back = followed(browser, browser.post(urljoin(there, back), data=form), visitor.url)
    return visitor.sees(back.removeprefix(visitor.url))


def followed(browser: httpx2.Client, answer: httpx2.Response, ours: str) -> str:
    """Follow the provider's own redirects; return where it wants something typed, or the address of ours."""
    while answer.is_redirect:
        target = answer.headers["location"]
        if target.startswith(ours):
            return target
        if "/interaction/" in target:
            return urlsplit(target).path
        answer = browser.get(urljoin(str(answer.url), target))
    found = re.search(r'action="([^"]+)"', answer.text)
    assert found, answer.text
    return urlsplit(found[1]).path


Claims = dict[str, Any]


@dataclass(slots=True)
class Liar:
    """A provider whose ID token a test makes: of what it should say, by `says`; signed by `key` under the name `kid`."""

    port: int
    says: Callable[[Claims], Claims] = lambda claims: claims
    signs: Callable[["Liar", Claims], str] = field(default=lambda liar, claims: liar.signed(claims))
    also: Mapping[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2_048))
    nonces: dict[str, str] = field(default_factory=dict)
    seen: list[Mapping[str, list[str]]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed(self, claims: Claims, *, kid: str = "one") -> str:
        return jwt.encode(claims, self.key, "RS256", headers={"kid": kid})

    def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
            return 200, {"issuer": self.issuer, **{k: f"{self.issuer}/{v}" for k, v in places.items()}, **self.also}
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        form = parse_qs(body.decode())
        self.seen.append(form)
        return 200, {
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": self.signs(self, self.claims(form["code"][0])),
        }

    def claims(self, code: str) -> Claims:
        moment = int(time.time())
        usual = {
            "iss": self.issuer, "aud": "jalki", "sub": "1", "iat": moment, "exp": moment + 300, "nonce": self.nonces[code],
            "preferred_username": "anna", "groups": ["shop-dpo"],
        }  # fmt: skip
        return self.says(usual)

    def brought(self, visitor: Visitor, *, code: str = "code-1") -> httpx2.Response:
        """Begin a sign-in, and come back with a code; return the console's answer."""
        asked = parse_qs(urlsplit(visitor.sees("/sign-in/oidc").headers["location"]).query)
        self.nonces[code] = asked["nonce"][0]
        return visitor.sees(f"{BACK}?code={code}&state={asked['state'][0]}")


@contextmanager
def lying(liar: Liar) -> Iterator[Liar]:
    """Serve it as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, told = liar.answer(self.path, body)
            content = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815 - the names are of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", liar.port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


__all__ = ["BACK", "Console", "Liar", "brought", "lying", "real_provider", "told"]
