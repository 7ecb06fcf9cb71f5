"""How a customer comes to her pages: by a code to an address that is hers alone, or by a signed link of the shop.

Who is known here and who is not is told apart by nobody: the answer is made before anything is looked up.
"""

from starlette.responses import Response

from console.web.customers.codes import LASTS
from console.web.sessions import Customer
from console.web.visits import CUSTOMER_COOKIE, HERS, Visit
from lineage.graph import NOW
from lineage.persons import find_person

TICKET = "jalki-me-code"
_LONGEST = 254


async def form(visit: Visit) -> Response:
    """Show the form for an address."""
    return _form(visit, 200, "")


async def sign_in(visit: Visit) -> Response:
    """Send a code to an address if it is hers alone; the answer is the same for every address there can be."""
    given, desk = await visit.form(), visit.office.customers
    if not desk.sends_codes:
        return _form(visit, 404, "")
    ticket = desk.codes.ask(visit.request.cookies.get(TICKET)) if desk.asking.takes() else None
    if ticket is None:
        return _form(visit, 429, "wait")
    desk.send(given.get("email", "").strip()[:_LONGEST], ticket, visit.language)
    response = visit.goes("/me/code")
    _put(visit, response, TICKET, ticket.ticket, LASTS // 1_000_000)
    return response


def _form(visit: Visit, status: int, wrong: str) -> Response:
    desk = visit.office.customers
    return visit.page(
        "me_sign_in.html", status, sends_codes=desk.sends_codes, links=desk.links is not None, wrong=wrong,
        over=visit.was_in,
    )  # fmt: skip


async def code_form(visit: Visit) -> Response:
    """Show the form for a code."""
    return _code_form(visit, 200, wrong=False)


async def enter_code(visit: Visit) -> Response:
    """Begin a session, where the code is right. Wrong, used, over and never sent to anybody are one answer."""
    given = await visit.form()
    found = visit.office.customers.codes.guess(visit.request.cookies.get(TICKET), given.get("code", ""))
    if found is None:
        return _code_form(visit, 401, wrong=True)
    response = _begun(visit, found)
    response.delete_cookie(TICKET, path=HERS)
    return response


def _code_form(visit: Visit, status: int, *, wrong: bool) -> Response:
    return visit.page("me_code.html", status, wrong=wrong, minutes=LASTS // 60_000_000)


async def arrival(visit: Visit) -> Response:
    """Say how one comes here: a link brings a form, and no address."""
    return _arrival(visit, 200, None)


async def arrive(visit: Visit) -> Response:
    """Take a link of the shop, and ask whether these are her pages.

    The one door for a form of another site. It begins no session and ends none: somebody who sends her browser here with a
    link of his own brings her to a question that names him, and no further.
    """
    given, desk = await visit.form(), visit.office.customers
    named = desk.links.taken(given.get("token", "")) if desk.links is not None else None
    found = await visit.office.turns.run("arrival", lambda _: _alone(visit, *named)) if named else None
    return _arrival(visit, 200 if found else 403, found)


async def begin(visit: Visit) -> Response:
    """Begin the session of a link, once she says that it is hers."""
    given = await visit.form()
    found = visit.office.customers.offers.take(given.get("offer", ""))
    return _arrival(visit, 403, None) if found is None else _begun(visit, found)


def _arrival(visit: Visit, status: int, found: Customer | None) -> Response:
    desk = visit.office.customers
    offer = desk.offers.make(found) if found else ""
    return visit.page(
        "me_enter.html", status, found=found, offer=offer, links=desk.links is not None, refused=status == 403
    )  # fmt: skip


def _alone(visit: Visit, kind: str, value: str) -> Customer | None:
    """Return whose identifier it is; also one of whom nothing is recorded. None: several persons share it."""
    with visit.office.reading() as folder:
        key = folder.pseudonyms.identifier(kind, value)
        shared = find_person(folder.graph.near(key), key, NOW).candidates > 1
    return None if shared else Customer(kind, value, key.hex())


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.sessions.end(visit.request.cookies.get(CUSTOMER_COOKIE))
    response = visit.goes("/me/sign-in")
    response.delete_cookie(CUSTOMER_COOKIE, path=HERS)
    return response


def _begun(visit: Visit, found: Customer) -> Response:
    visit.sessions.end(visit.request.cookies.get(CUSTOMER_COOKIE))
    response = visit.goes(HERS)
    token = visit.sessions.begin(f"customer:{found.pseudonym}", "customer", None, found)
    _put(visit, response, CUSTOMER_COOKIE, token, None)
    return response


def _put(visit: Visit, response: Response, name: str, value: str, seconds: int | None) -> None:
    secure = visit.office.customers.url.startswith("https:")
    response.set_cookie(name, value, seconds, path=HERS, secure=secure, httponly=True, samesite="strict")
