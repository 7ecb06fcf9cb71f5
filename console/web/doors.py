"""Every page and every act of the console as one table: its name (that of the table of roles), address, and who handles it."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.responses import Response

from console.web import (
    case_evidence,
    case_files,
    case_forms,
    case_pages,
    certificate_pages,
    letters,
    listings,
    looks,
    oversight,
    person_decisions,
    persons,
    samples,
    sharing_pages,
    signing_in,
    weaknesses,
)
from console.web.case_acts import ACTS
from console.web.me import asking, entering, her_cases, whereabouts
from console.web.visits import Visit

Handler = Callable[[Visit], Awaitable[Response]]


class Door(NamedTuple):
    """A page (GET) or an act (POST). `from_elsewhere`: a form of another site may do it, for it changes nothing."""

    name: str
    path: str
    shows: Handler | None = None
    does: Handler | None = None
    from_elsewhere: bool = False


DOORS: tuple[Door, ...] = (
    Door("sign-in", "/sign-in", signing_in.form, signing_in.sign_in),
    Door("oidc", "/sign-in/oidc", signing_in.begin_elsewhere),
    Door("oidc-back", "/sign-in/oidc/back", signing_in.back_from_elsewhere),
    Door("sign-out", "/sign-out", None, signing_in.sign_out),
    Door("inbox", "/cases", case_pages.inbox),
    Door("open", "/cases/open", case_forms.opening, case_forms.opened),
    Door("case", "/cases/{case}", case_pages.case),
    Door("progress", "/cases/{case}/progress", case_pages.progress),
    *(Door(act.name, f"/cases/{{case}}/{act.name}", None, case_forms.handler(act)) for act in ACTS),
    Door("evidence", "/cases/{case}/evidence", None, case_evidence.upload),
    Door("evidence-file", "/cases/{case}/evidence-file", None, case_evidence.download),
    Door("certificate", "/cases/{case}/certificate", None, case_files.certificate),
    Door("letter", "/cases/{case}/letter", None, case_files.letter),
    Door("find", "/persons", persons.form, persons.find),
    Door("person", "/persons/{found}", persons.person),
    Door("reveal", "/persons/{found}/reveal", None, persons.reveal),
    Door("decide", "/persons/{found}/decide", None, person_decisions.decided),
    Door("sharing", "/sharing", sharing_pages.sharing),
    Door("graph", "/sharing/graph", sharing_pages.graph),
    Door("graph-drawn", "/sharing/graph.json", sharing_pages.graph_drawn),
    Door("drift", "/drift", oversight.drift),
    Door("parties", "/parties", oversight.parties),
    Door("record", "/record", oversight.record),
    Door("audit", "/audit", oversight.audit),
    Door("samples", "/samples", samples.samples),
    Door("weaknesses", "/weaknesses", weaknesses.weaknesses),
    Door("certificates", "/certificates", certificate_pages.form, certificate_pages.verify),
    Door("looks", "/looks", looks.looks),
    Door("dead-letters", "/dead-letters", letters.dead_letters, letters.act),
    Door("incidents", "/incidents", listings.incidents),
    Door("overdue", "/overdue", listings.kept_too_long),
    Door("me-sign-in", "/me/sign-in", entering.form, entering.sign_in),
    Door("me-code", "/me/code", entering.code_form, entering.enter_code),
    Door("me-enter", "/me/enter", entering.arrival, entering.arrive, from_elsewhere=True),
    Door("me-begin", "/me/begin", None, entering.begin),
    Door("me-sign-out", "/me/sign-out", None, entering.sign_out),
    Door("me", "/me", whereabouts.overview),
    Door("me-open", "/me/open", asking.rights),
    Door("me-ask", "/me/open/{right}", asking.form, asking.ask),
    Door("me-case", "/me/cases/{case}", her_cases.case),
    Door("me-file", "/me/cases/{case}/{file}", her_cases.file),
)
