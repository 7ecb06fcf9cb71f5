"""What an import says it did: which files, how the source was read, and every gap with where the source leaves it."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from console.importing.draft import Draft, Gap
from console.importing.told import Elsewhere
from console.shapes import Shape, findings_shape
from lineage.register import Finding


class Imported(NamedTuple):
    """A draft that was written: what `register check` says of it are its gaps."""

    draft: Draft
    elsewhere: Elsewhere
    files: Sequence[str]
    gaps: Sequence[Finding]


def imported_shape(imported: Imported) -> Shape:
    """Return it for `--json`: the findings of `register check`, each with its place in the source and suggestions."""
    draft, told = imported.draft, imported.elsewhere
    return {
        "source": draft.source,
        "rows": len(told.rows),
        "parties": len(draft.parties),
        "purposes": len(draft.purposes),
        "recipients": len(draft.uses),
        "files": list(imported.files),
        "read": list(told.notes),
        "unused": list(told.unused),
        "gaps": [each | _origin(each, draft) for each in findings_shape(imported.gaps)],
    }


def gaps_table(gaps: Sequence[Shape]) -> RenderableType:
    """Draw the gaps as a table."""
    table = Table(title="Gaps", title_justify="left", header_style="bold")
    for column in ("id", "in the source", "gap", "perhaps", "what to do"):
        table.add_column(column)
    for each in gaps:
        text = each["text"].removeprefix(f"{each['source']}: ")
        table.add_row(
            *(escape(text) for text in (each["id"], each["source"], text, ", ".join(each["near"]), each["todo"]))
        )
    return table


def _origin(finding: Shape, draft: Draft) -> Shape:
    """Return where in the source the gap is, and what may have been meant."""
    kind, _, name = finding["id"].partition(":")
    if kind == "policy":
        gap: Gap = list(draft.gaps)[int(name.removeprefix("import-")) - 1]
        return {"source": gap.where, "near": list(gap.near)}
    about = {key: each.where for key, each in draft.parties.items()}
    if kind == "unknown-retention":
        where = next(where for (purpose, _), (kept, where) in draft.kept.items() if purpose == name and kept is None)
        return {"source": where, "near": []}
    if kind in {"unknown-basis", "unknown-dpv"}:
        return {"source": draft.purposes[name].where, "near": []}
    return {"source": about.get(name.partition(":")[0], draft.source), "near": []}
