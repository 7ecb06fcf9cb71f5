"""What is said to whoever sends a form after her session has ended: nothing was done, and what she typed is not lost.

Nothing of it is kept here: it stands in the page that goes back to her browser, whose form sends it again.
"""

from starlette.responses import Response

from console.api.problems import Problem
from console.web.visits import HERS, Visit, is_hers


async def over(visit: Visit) -> Response:
    """Answer a form of somebody whose session has ended, without looking at what it asks for."""
    try:
        given = await visit.form()
    except Problem:  # with a file, which a page cannot hold
        given = {}
    sign_in = f"{HERS}/sign-in" if is_hers(visit.request) else "/sign-in"
    return visit.page("session_over.html", 401, given=given, path=visit.request.url.path, sign_in=sign_in)
