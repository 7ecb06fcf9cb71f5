"""A certificate as pages to read. Everything on them comes from its JSON, which is attached; the same JSON, the same bytes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from console.pdf import Document
from lineage.evidence.certificate import FORMAT
from schemas.records import microseconds

ATTACHED = "certificate.json"
_INSIDE = re.compile(rb'stream\r?\n(\{"body":[^\n]*\}\n)\r?\n?endstream')
_NOTHING = "Nothing."
_FIELDS = (
    "right",
    "state",
    "controller",
    "received",
    "approved",
    "extended",
    "handed",
    "lifted",
    "answered",
    "closed",
    "refused_on",
)
_INTRO = (
    "This certificate says what was done in one case, by whom that is known, and what is not known. It names no person. "
    "The attached file certificate.json holds all of it with the chain of entries it rests on, signed. "
    "The command jalki verify-certificate checks it without any connection. These pages are for reading."
)


def pages(file: bytes, body: Mapping[str, Any]) -> bytes:
    """Return the PDF of a certificate: `file` is its JSON file, `body` what is in it."""
    stated, words = body["statement"], body["words"]
    made = Document(
        f"Certificate of case {stated['case']}",
        "en",
        microseconds(body["issued"]),
        footer=f"{FORMAT} · {stated['case']}",
    )
    made.paragraph(_INTRO)
    rows = [(name.replace("_", " "), str(stated[name])) for name in _FIELDS if stated[name] is not None]
    rows += [(f"own record {name.replace('_', ' ')}", at) for name, at in stated["own_record"].items() if at]
    made.pairs([*rows, ("issued", body["issued"]), ("signing key (SHA-256)", body["key"])])
    _parties(made, stated["parties"])
    _section(made, "Only promised, or not even that", "What parties have not shown to be done.",
             ("Party", "State", "How it is known", "By"), stated["only_promised"] + stated["not_done"],
             ("party", "state", "how", "by"))  # fmt: skip
    _section(made, "Kept because the law says so", "Erased by itself after the last day; nobody has to ask again.",
             ("Party", "Rule", "Law", "Until", "Categories"), stated["holds"],
             ("party", "rule", "law", "until", "categories"))  # fmt: skip
    _section(made, "Incidents", "Data that came back after it was erased.",
             ("At", "From", "To", "Purpose", "Categories"), stated["incidents"],
             ("at", "source", "target", "purpose", "categories"))  # fmt: skip
    if refusals := stated.get("refusals"):
        _section(made, "Refused in part", "What a person decided not to do. A complaint and the court are open against it.",
                 ("No.", "Ground", "Party", "Purpose", "Category", "Refused", "Granted after all", "Remedies"), refusals,
                 ("number", "ground", "party", "purpose", "category", "at", "granted", "remedies"))  # fmt: skip
    if files := stated.get("evidence"):
        _section(made, "Evidence kept as files", "Whoever has a file, and the key that comes with it, can check its mark.",
                 ("File", "Shows", "Task", "Type", "Kept since", "Gone", "Mark (HMAC-SHA256)"), files,
                 ("number", "shows", "task", "type", "filed", "gone", "mark"))  # fmt: skip
    _unknown(made, stated, words)
    _meanings(made, words)
    _chain(made, body)
    made.attach(ATTACHED, file, "application/json", "The certificate, signed")
    return made.content()


def inside(content: bytes) -> bytes | None:
    """Return the certificate's JSON file out of a PDF that `pages` made; None where there is not exactly one."""
    found = _INSIDE.findall(content)
    return found[0] if len(found) == 1 else None


def _parties(made: Document, parties: Sequence[Mapping[str, Any]]) -> None:
    made.heading("Parties")
    made.paragraph("Each party that got data, or is declared to have copies, and what became of it there.", faint=True)
    if not parties:
        made.paragraph(_NOTHING)
        return
    rows = []
    for each in parties:
        who = f"{each['name']}\n{each['party']}, {each['country'] or '?'}"
        what = f"{each['form']}: {each['action']}\n{', '.join(each['categories'])}"
        known = [
            each["how"],
            f"by {each['by']}" if each["by"] else None,
            f"ground: {each['ground']}" if each["ground"] else None,
        ]
        seen = f"{each['first'][:10]} to {each['last'][:10]}" if each["first"] and each["last"] else "not shown"
        rows.append((who, ", ".join(each["roles"]), what, each["state"], "\n".join(filter(None, known)), seen))
    made.table(("Party", "Role", "What", "State", "How it is known", "Got data"), rows, (2.2, 1.2, 2, 1.1, 1.6, 1.2))


def _section(
    made: Document, title: str, words: str, head: Sequence[str], told: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    made.heading(title)
    made.paragraph(words, faint=True)
    if told:
        made.table(head, [[_cell(each[name]) for name in names] for each in told])
    else:
        made.paragraph(_NOTHING)


def _unknown(made: Document, stated: Mapping[str, Any], words: Mapping[str, str]) -> None:
    made.heading("Not known, and out of scope")
    rows = [
        (each["what"], str(each.get("party") or each.get("count")), words.get(each["what"], ""))
        for each in stated["unknowns"]
    ]
    rows += [(what, "always", words.get(what, "")) for what in stated["out_of_scope"]]
    made.table(("What", "Where", "That is"), rows, (1.6, 1, 2.4))


def _meanings(made: Document, words: Mapping[str, str]) -> None:
    made.heading("What the words mean", 2)
    made.pairs(sorted(words.items()))


def _chain(made: Document, body: Mapping[str, Any]) -> None:
    made.heading("The chain", 2)
    made.paragraph("Each entry is bound to the one before by its hash.", faint=True)
    rows = [(str(each["number"]), each["kind"], each["actor"], each["hash"]) for each in body["chain"]]
    made.table(("No.", "Kind", "By", "Hash (SHA-256)"), rows, (0.5, 1.1, 1.2, 5))
    if (point := body["checkpoint"]) is not None:
        made.heading("Checkpoint", 2)
        made.pairs([("number", str(point["number"])), ("cases in it", str(point["count"])), ("root", point["root"]),
                    ("entry of this case", str(point["position"]["entry"]))])  # fmt: skip


def _cell(told: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(told, list):
        return ", ".join(map(str, told))
    return "" if told is None else str(told)
