"""The pages to sign in and out, and to choose a language. A wrong name, password and code are told apart by nobody."""

import logging

from starlette.responses import Response

from connectors.wording import LANGUAGES
from console.web.accounts import NOBODY, Account
from console.web.oidc import Provider
from console.web.visits import COOKIE, Denied, Office, Visit
from console.web.wording import COOKIE as LANGUAGE
from lineage.errors import Refused

STATE = "jalki-oidc"
_BACK = "/sign-in/oidc/back"
_MINUTES = 10
_LONGEST = 200
_log = logging.getLogger(__name__)
_YEAR = 365 * 24 * 60 * 60


async def form(visit: Visit) -> Response:
    """Show the form."""
    return visit.page("sign_in.html", wrong=False, minutes=0, refused=False, over=visit.was_in)


async def sign_in(visit: Visit) -> Response:
    """Begin a session, where name, password and code are right. Each code is good for one sign-in."""
    given, office = await visit.form(), visit.office
    name, password, code = (given.get(each, "")[:_LONGEST] for each in ("name", "password", "code"))
    if (wait := office.throttle.waits(name)) > 0:
        return visit.page("sign_in.html", 429, wrong=False, minutes=-(-wait // 60_000_000), refused=False)
    office.throttle.wrong(name)  # before it is looked at: many at one moment are as many
    account = await office.turns.run("sign-in", lambda _: _right(office, name, password))
    step = (account or NOBODY).step_of(code, office.clock())
    if account is None or step is None or not office.sessions.is_new(name, step):
        return visit.page("sign_in.html", 401, wrong=True, minutes=0, refused=False)
    office.throttle.right(name)
    response = visit.goes("/")
    _put(response, office, COOKIE, office.sessions.begin(name, account.role, account.mark))
    return response


def _right(office: Office, name: str, password: str) -> Account | None:
    found = office.accounts.all().get(name)
    right = (found or NOBODY).has(password)
    return found if right else None


async def begin_elsewhere(visit: Visit) -> Response:
    """Send the browser to the OpenID provider."""
    begun = await _provider(visit).begin()
    response = visit.goes(begun.address)
    # Lax, for it must come back with a page of the provider's; it is good for this one sign-in.
    response.set_cookie(
        STATE, begun.state, max_age=_MINUTES * 60, path=_BACK, secure=visit.office.secure, httponly=True, samesite="lax"
    )  # fmt: skip
    return response


async def back_from_elsewhere(visit: Visit) -> Response:
    """Begin a session of who comes back from the OpenID provider, if what it says holds."""
    provider, office = _provider(visit), visit.office
    try:
        known = await provider.finish(visit.request.query_params, visit.request.cookies.get(STATE, ""))
    except Refused as fault:
        _log.warning("nobody was signed in: %s", fault)
        return visit.page("sign_in.html", 401, wrong=False, minutes=0, refused=True)
    # A page, and no other address: a cookie that no other site's page may bring is not sent on from one (SameSite=Strict).
    response = visit.page("signed_in.html")
    response.delete_cookie(STATE, path=_BACK)
    _put(response, office, COOKIE, office.sessions.begin(known.name, known.role, None))
    return response


def _provider(visit: Visit) -> Provider:
    if visit.office.provider is None:
        raise Denied("no-such-page", 404)
    return visit.office.provider


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.office.sessions.end(visit.request.cookies.get(COOKIE))
    response = visit.goes("/sign-in")
    response.delete_cookie(COOKIE)
    return response


async def speak(visit: Visit) -> Response:
    """Remember the language that was chosen, and go back to the page it was chosen on."""
    given = await visit.form()
    back = given.get("back", "/")
    local = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable() and "\\" not in back
    response = visit.goes(back if local else "/")
    if given.get("language") in LANGUAGES:
        _put(response, visit.office, LANGUAGE, given["language"], max_age=_YEAR)
    return response


def _put(response: Response, office: Office, name: str, value: str, *, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age=max_age, secure=office.secure, httponly=True, samesite="strict")
