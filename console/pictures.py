"""Tables, trees and graphs drawn from the shapes of `console.shapes`, so that a person sees just what a program gets."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from console.shapes import Shape

ROWS = 200
BAR = 12


def holdings_table(title: str, holdings: Iterable[Shape]) -> Table:
    """Draw holdings as a table."""
    table = _table(title, "party", "country", "role", "got from", "categories", "purposes", "last", "times", "drift")
    for each in holdings:
        table.add_row(
            escape(each["party"]), each["country"], each["role"], ", ".join(each["from"]), ", ".join(each["categories"]),
            ", ".join(each["purposes"]), each["last"][:10], _times(each), f"[red]{', '.join(each['drift'])}[/]",
        )  # fmt: skip
    return table


def recipients_tree(holdings: Sequence[Shape]) -> Tree:
    """Draw the way the data went: from the person through each party onward. A party stands where it first got it."""
    tree = Tree("[bold]the person[/]")
    branches = {"person": tree}
    left = sorted(holdings, key=lambda each: each["first"])
    while left:
        placed = [each for each in left if branches.keys() & set(each["from"])] or left
        for each in placed:
            source = next((source for source in each["from"] if source in branches), "person")
            name = f"[bold]{escape(each['party'])}[/] ({escape(each['name'])}, {each['country']})"
            words = f"{name}: {', '.join(each['purposes'])}" + ("" if each["observed"] else " [dim]declared copy[/]")
            branches[each["party"]] = branches[source].add(words)
        left = [each for each in left if each not in placed]
    return tree


def parties_table(parties: Iterable[Shape]) -> Table:
    """Draw the parties of the register as a table."""
    table = _table(
        "Parties of the register", "party", "name", "kind", "country", "roles", "received", "passed on", "last"
    )
    for each in parties:
        roles = ", ".join(sorted(set(each["roles"].values())))
        table.add_row(
            escape(each["id"]), escape(each["name"]), each["kind"], each["country"], roles,
            f"{each['received']:,}", f"{each['passed_on']:,}", (each["last"] or "")[:10],
        )  # fmt: skip
    return table


def sharing_table(shape: Shape) -> Table:
    """Draw the sharing graph as a table with a bar for each volume."""
    table = _table(
        "Who shares what with whom", "from", "to", "purpose", "basis", "categories", "disclosures", "", "drift"
    )
    most = max(edge["disclosures"] for edge in shape["sharing"])
    for edge in shape["sharing"]:
        table.add_row(
            escape(edge["from"]), escape(edge["to"]), escape(edge["purpose"]), edge["basis"] or "?",
            ", ".join(edge["categories"]), f"{edge['disclosures']:,}", "█" * max(1, round(BAR * edge["disclosures"] / most)),
            f"[red]{', '.join(edge['drift'])}[/]",
        )  # fmt: skip
    return table


def sharing_tree(shape: Shape) -> Tree:
    """Draw the sharing graph as a tree: each source, those it gives to, why, and how often."""
    tree = Tree("[bold]who gives to whom[/]")
    countries = {party["id"]: party["country"] for party in shape["parties"]}
    branches: dict[str, Tree] = {}
    leaves: dict[tuple[str, str], list[Shape]] = {}
    for edge in shape["sharing"]:
        leaves.setdefault((edge["from"], edge["to"]), []).append(edge)
    counts = {ends: sum(edge["disclosures"] for edge in edges) for ends, edges in leaves.items()}
    most = max(counts.values(), default=1)
    for (source, target), edges in leaves.items():
        if source not in branches:
            branches[source] = tree.add(f"[bold]{escape(source)}[/]")
        count = counts[source, target]
        purposes = ", ".join(f"[red]{edge['purpose']}[/]" if edge["drift"] else edge["purpose"] for edge in edges)
        bar = "█" * max(1, round(BAR * count / most))
        name = f"{escape(target)} ({countries.get(target, '?')})"
        branches[source].add(f"{name:<32} {count:>7,} [cyan]{bar:<{BAR}}[/] {purposes}")
    return tree


def drift_table(found: Sequence[Shape]) -> Table:
    """Draw drift as a table, as many rows as a person reads."""
    title = "Drift: observed against declared" + (
        f" (the newest {ROWS} of {len(found):,})" if len(found) > ROWS else ""
    )
    table = _table(title, "at", "person", "rules broken", "from", "to", "purpose", "categories", "shown by")
    for each in found[:ROWS]:
        table.add_row(
            each["at"][:16].replace("T", " "), (each["person"] or "shared")[:16], f"[red]{', '.join(each['rules'])}[/]",
            escape(each["from"]), escape(each["to"]), escape(each["purpose"]), ", ".join(each["categories"]),
            escape("\n".join(_shown(one) for finding in each["findings"] for one in finding["evidence"])),
        )  # fmt: skip
    return table


def todo_table(found: Sequence[Shape]) -> Table:
    """Draw what to do about drift, once for each rule that was broken."""
    table = _table("What to do", "rule", "times", "law", "what to do")
    times = Counter(rule for each in found for rule in each["rules"])
    texts = {one["rule"]: one for each in found for one in each["findings"]}
    for rule, one in sorted(texts.items()):
        table.add_row(f"[red]{rule}[/]", f"{times[rule]:,}", escape(one["law"]), escape(one["todo"]))
    return table


def overdue_table(found: Iterable[Shape]) -> Table:
    """Draw what is kept too long as a table: of how many persons each party has what, by which rule, and since when."""
    by_rule: dict[tuple[str, str, str], list[Shape]] = {}
    for each in found:
        by_rule.setdefault((each["party"], each["purpose"], each["rule"]), []).append(each)
    table = _table(
        "Kept too long: no erasure was seen", "party", "purpose", "rule", "categories", "persons", "oldest end"
    )
    for key, several in sorted(by_rule.items()):
        table.add_row(
            *(escape(word) for word in key), ", ".join(sorted({one for each in several for one in each["categories"]})),
            f"{len({each['person'] for each in several}):,}", min(each["last_day"] for each in several),
        )  # fmt: skip
    return table


def _shown(shown: Shape) -> str:
    """One thing that shows a finding, with its days or its time, and its line of the register."""
    days = f" ({shown['valid_from'] or ''}..{shown['valid_until'] or ''})"
    if shown["at"] is not None:
        days = f" at {shown['at']}"
    elif shown["valid_from"] is None and shown["valid_until"] is None:
        days = ""
    place = f" [{shown['where']}]" if shown["where"] else ""
    return f"{shown['text']}{days}{place}"


def findings_table(findings: Iterable[Shape]) -> RenderableType:
    """Draw findings about the register as a table."""
    table = _table("Findings", "id", "where", "finding", "law", "what to do")
    for each in findings:
        table.add_row(*(escape(each[name]) for name in ("id", "where", "text", "law", "todo")))
    return table


def doctor_table(findings: Iterable[Shape]) -> RenderableType:
    """Draw what the doctor found as a table."""
    table = Table(box=None, show_header=False)
    colours = {"ok": "green", "advice": "yellow", "broken": "red"}
    for each in findings:
        table.add_row(f"[{colours[each['state']]}]{each['state']}[/]", each["what"], escape(each["text"]))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(
            column, justify="right" if column in {"times", "disclosures", "received", "passed on"} else "left"
        )
    return table


def _times(holding: Shape) -> str:
    return f"{holding['disclosures']:,}" if holding["observed"] else "declared"
