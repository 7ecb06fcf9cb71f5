"""What commands about cases print as JSON, and as tables. Builds texts; opens nothing. No personal data goes into any of it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lineage.cases.case import Case, Task
from lineage.cases.holds import LegalHold
from lineage.cases.journal import CaseRow
from lineage.cases.protecting import is_protected
from lineage.cases.rows import dates_of
from lineage.clocks import Deadlines
from lineage.evidence.stating import file_told, refusal_told
from lineage.register import Register
from lineage.times import rfc3339, rfc3339_or_null

Shape = dict[str, Any]
NameOf = Callable[[str], str]
"""A party's name by its id."""


def names_of(register: Register) -> NameOf:
    """Return what tells a party's name; of one that the register does not know, its id."""

    def name_of(party: str) -> str:
        known = register.party(party)
        return known.name if known else party

    return name_of


def case_shape(case: Case, name_of: NameOf) -> Shape:
    """Return the whole of a case: its state, dates, plan and tasks."""
    return {
        "case": case.id,
        "right": case.right,
        "state": case.state,
        "controller": case.controller,
        "channel": case.channel,
        "language": case.language,
        "together": case.together or None,
        "by": case.by,
        "verified": case.verified,
        "protected": is_protected(case),
        "duplicate_of": case.duplicate_of,
        "received": rfc3339(case.received),
        "first_approval": case.notes.get("first_approval") if case.approved is None else None,
        "approved": rfc3339_or_null(case.approved),
        "answered": rfc3339_or_null(case.answered),
        "closed": rfc3339_or_null(case.closed),
        "refused_on": case.refused_on,
        "shredded": rfc3339_or_null(case.shredded),
        "dates": dates_shape(dates_of(case)),
        "alarms": list(case.alarmed),
        "entombed": rfc3339_or_null(case.entombed),
        "keys_destroyed": rfc3339_or_null(case.keys_destroyed),
        "plan": {
            "digest": case.plan.get("digest"),
            "items": list(case.plan.get("items", ())),
            "persons": case.plan.get("persons"),
            "undecided": case.plan.get("undecided", 0),
            "ambiguous": case.plan.get("ambiguous", 0),
            "unopened": case.plan.get("unopened", 0),
        },
        "tasks": [task_shape(each, name_of) for each in case.tasks.values()],
        "refusals": [refusal_told(each) for each in case.refusals],
        "evidence": [file_told(each) for each in case.files],
        "legal_holds": [_hold_shape(number, each) for number, each in enumerate(case.legal_holds, 1)],
        "incidents": [{**each, "at": rfc3339(each["at"])} for each in case.incidents],
    }


def _hold_shape(number: int, order: LegalHold) -> Shape:
    """Return an order to keep something; alarms call it by its number."""
    about = {"party": order.party, "purpose": order.purpose, "category": order.category}
    times = {"ordered": rfc3339(order.ordered), "released": rfc3339_or_null(order.released)}
    return {
        "number": number,
        "name": order.name,
        "by": order.by,
        "law": order.law,
        **about,
        **times,
        "gone": list(order.gone),
    }


def task_shape(task: Task, name_of: NameOf) -> Shape:
    """Return one task: what is asked of whom, how it stands, and how that is known."""
    return {
        "task": task.id,
        "party": task.party,
        "name": name_of(task.party),
        "form": task.form,
        "action": task.action,
        "state": task.state,
        "how": task.how,
        "categories": list(task.categories),
        "purposes": list(task.purposes),
        "due": task.due,
        "until": task.until,
        "rule": task.rule,
        "law": task.law,
        "refused": task.refused,
        "by": task.by,
        "ground": task.ground,
        "observed": task.observed,
        "attempts": task.attempts,
        "changed": rfc3339(task.changed_at),
    }


def dates_shape(dates: Deadlines) -> Shape:
    """Return the dates of a case by the contract's names."""
    named = ("raw", "legal", "safe", "policy", "operative", "ext_raw", "ext_legal", "notice_by")
    return {name: (day.isoformat() if (day := getattr(dates, name)) else None) for name in named}


def rows_shape(rows: Sequence[CaseRow]) -> list[Shape]:
    """Return what `case list` prints."""
    return [
        {
            "case": each.case,
            "right": each.right,
            "state": each.state,
            "received": rfc3339(each.received),
            "operative": each.operative,
        }
        for each in rows
    ]


def rows_table(shapes: Sequence[Shape]) -> Table:
    """Return the list as a table."""
    table = Table("case", "right", "state", "received", "answer by")
    for each in shapes:
        table.add_row(each["case"], each["right"], each["state"], each["received"][:10], each["operative"])
    return table


def tasks_table(shapes: Sequence[Shape]) -> Table:
    """Return the tasks of a case as a table."""
    table = Table("task", "party", "what", "state", "how it is known", "categories")
    for each in shapes:
        what = f"{each['form']}: {each['action']}"
        state = each["state"] + (f" until {each['until']}" if each["until"] and each["state"] == "held" else "")
        state += f" by {each['by']}" if each["by"] else ""
        known = " ".join(filter(None, (each["how"], each["ground"], each["law"] if each["state"] == "held" else None)))
        table.add_row(each["task"].rpartition("/")[2], each["name"], what, state, known, ", ".join(each["categories"]))
    return table


def sent_table(shapes: Sequence[Shape]) -> Table:
    """Return as a table the identifiers that each task tells its party, in clear."""
    table = Table("task", "party", "kind", "as it was sent")
    for each in shapes:
        for sent in each["sent"]:
            table.add_row(each["task"].rpartition("/")[2], each["name"], sent["kind"], Text(sent["value"]))
    return table


def requests_table(shapes: Sequence[Shape]) -> Table:
    """Return the calls and statements that would be made as a table."""
    table = Table("task", "party", "state", "call", "bytes", "body")
    for each in shapes:
        if "table" in each:
            call, body = _statement_text(each), _statement_values(each)
        else:
            call = each.get("refused") or f"{each['method']} {each.get('url', each['host'])}"
            body = each.get("body", "")
        known = (each["task"].rpartition("/")[2], each["party"], each["state"])
        table.add_row(*map(Text, (*known, call, str(each.get("bytes", "")), body)))
    return table


def _statement_text(shape: Shape) -> str:
    table, rows = shape["table"], shape["rows"]
    counted = "1 row" if rows == 1 else f"{rows} rows"
    if shape["statement"] is None:
        return f"{table}: {counted} with something that is left" if rows else f"{table}: nothing to do"
    columns = ", ".join(f"{column} {way}" for column, way in shape["columns"].items())
    return f"{shape['statement']} {table}, {counted}{': ' if columns else ''}{columns}"


def _statement_values(shape: Shape) -> str:
    """Return the keys of the rows, and the new values, where they are revealed."""
    keys = ", ".join("/".join(key) for key in shape.get("keys", ()))
    values = ", ".join(
        f"{column} = {json.dumps(value, ensure_ascii=False)}" for column, value in shape.get("values", {}).items()
    )
    return "; ".join(each for each in (keys, values) if each)
