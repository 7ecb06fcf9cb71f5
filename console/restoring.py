"""The command `restore-check`: after a restore of any backup, whoever was erased is so still."""

from typing import Annotated

import typer

from console.case_logs import opened_case_log
from console.case_opening import Casebook, opened_for_casework
from console.logs import log_to_stderr
from console.opening import GRAPH, KEYS, LOG
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, Data, Json, counted, say, settings_of, tell, time_of
from lineage.cases.restoring import Checked
from lineage.cases.taking_in import TakenIn
from lineage.errors import Misconfigured

UNKNOWN = (
    "tombstones name it, and no entry of it is left: what they tell of is erased again, and who was told is not known"
)
UNREADABLE = "it goes on and its key is gone: what was sent to its parties cannot be read; restore a newer key ring"
BROKEN = "its chain in the journal is not whole: restore the graph from another copy"


def restore_check_command(
    context: typer.Context,
    shop: Annotated[
        bool, typer.Option("--shop", help="A backup of the shop's own tables came back: erase there again too.")
    ] = False,
    backup_of: Annotated[
        str | None,
        typer.Option("--backup-of", help="Its time: what was corrected or restricted since is done again too."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what --shop would do in those tables, and change nothing there.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Run it after restoring any backup, before anything else: make sure that whoever was erased stays erased.

    Cases, the log of cases and tombstones are brought to the same; what they say was erased is erased again. Doing it
    again does no harm. Exit code 1 where something cannot be mended: it is told.
    """
    from streams.catching_up import check_all

    if (dry_run or backup_of) and not shop:
        raise Misconfigured("--dry-run and --backup-of go with --shop")
    since = time_of(backup_of, "--backup-of")
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    _check_there(settings)
    with opened_for_casework(settings) as book, opened_case_log(book.folder) as log:
        shape = _shape(*check_all(book.work, log))
        if shop:  # only now is every case and every tombstone there again
            shape["shop"] = _shop(book, since, dry=dry_run)
    if json:
        say(as_json(shape))
    else:
        _say(shape)
    raise typer.Exit(IN_PART if _not_mended(shape) else DONE)


def _shop(book: Casebook, since: int | None, *, dry: bool) -> Shape:
    # Connectors bring a database's library with them; whoever restores our own stores does not wait for that.
    from console.restored_shop import shop_shape

    return shop_shape(book, since, dry=dry)


def _not_mended(shape: Shape) -> int:
    return len(shape["not_mended"]) + sum(len(each["not_mended"]) for each in shape.get("shop", {}).values())


def _check_there(settings: Settings) -> None:
    there = any((settings.data / name).is_file() for name in (GRAPH, KEYS, LOG))
    if not there and not settings.servers.complete:
        raise Misconfigured(
            f"there is no data in {settings.data}: `jalki ingest FILE` puts some there, --data names another"
        )


def _shape(taken: TakenIn, checked: Checked, back: int) -> Shape:
    why = {
        **dict.fromkeys(checked.unknown, UNKNOWN),
        **dict.fromkeys(checked.unreadable, UNREADABLE),
        **dict.fromkeys(checked.broken, BROKEN),
        **taken.broken,
    }
    return {
        "cases": sorted(taken.cases),
        "entries_from_log": taken.entries,
        "entries_to_log": back,
        "tombstones": taken.tombstones + checked.mended.tombstones,
        "suppressions": checked.mended.suppressions,
        "facts": checked.mended.facts,
        "keys": checked.mended.keys,
        "not_mended": [{"case": case, "why": reason} for case, reason in sorted(why.items())],
    }


_LINES = (
    ("entries_from_log", "entry", "entries", "of cases came back from the log"),
    ("entries_to_log", "entry", "entries", "of cases were put back into the log"),
    ("tombstones", "tombstone", "tombstones", "put back"),
    ("suppressions", "suppression", "suppressions", "put back"),
    ("facts", "fact", "facts", "of erased persons erased again"),
    ("keys", "key", "keys", "destroyed again"),
)


def _say(shape: Shape) -> None:
    for name, one, several, what in _LINES:
        if count := shape[name]:
            say(f"{count:,} {one if count == 1 else several} {what}")
    for each in shape["not_mended"]:
        say(f"case {each['case']}: {each['why']}")
    done = sum(shape[name] for name, *_ in _LINES) + _say_shop(shape.get("shop", {}))
    left = len(shape["not_mended"])
    elsewhere = _not_mended(shape) - left
    if elsewhere:
        tell(f"{counted(elsewhere, 'finding')} in the shop's tables: a person must look")
    tell(f"{counted(left, 'case')} cannot be mended" if left else "all is mended" if done else "nothing to mend")


def _say_shop(shop: Shape) -> int:
    """Say what was done in the shop's tables; return how many rows."""
    rows = 0
    for system, told in shop.items():
        for table, each in told["tables"].items():
            rows += each["deleted"] + each["changed"]
            if each["deleted"] or each["changed"]:
                say(f"{system}: {table}: {each['deleted']:,} deleted, {each['changed']:,} changed")
        for each in told["not_mended"]:
            where = f"case {each['case']}" if "case" in each else f"table {each['table']}"
            say(f"{system}: {where}: {each['why']}")
    return rows
