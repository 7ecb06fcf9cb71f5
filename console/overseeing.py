"""The commands about the set-up itself: `register check` and `doctor`."""

import platform
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from console.opening import GRAPH, KEYS, LOG, catalogue_of, opened, records_waiting, register_of
from console.pictures import doctor_table, findings_table
from console.settings import Settings
from console.shapes import Shape, as_json, findings_shape
from console.terminal import DONE, IN_PART, WRONG, Data, Json, counted, out, say, settings_of, tell
from lineage.errors import JalkiError, Misconfigured, Refused
from lineage.masterkey import readable_by_others
from lineage.register import check, load_register
from schemas.vocabulary import vocabulary

register_commands = typer.Typer(no_args_is_help=True, help="The register: what the controller declares.")


@register_commands.command("check")
def check_command(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A YAML file or a folder of them; else the register in use.")
    ] = None,
    json: Json = False,
) -> None:
    """List what is wrong or still open in a register: exit code 1 while there is any, 2 where it cannot be loaded."""
    if file is None:
        register = register_of(settings_of(context, None))
    elif file.exists():
        register = load_register(file, frozenset(vocabulary().categories))
    else:
        raise Misconfigured(f"{file} does not exist")
    shapes = findings_shape(check(register))
    if json:
        say(as_json(shapes))
    elif shapes:
        out.print(findings_table(shapes))
    tell(counted(len(shapes), "finding"))
    raise typer.Exit(IN_PART if shapes else DONE)


def doctor_command(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """Tell what is configured, whether it works, what waits, and what to do about it. Exit code 2 where something is broken."""
    settings = settings_of(context, data)
    findings = [*_program(), *_declared(settings)]
    if all(each["state"] != "broken" for each in findings):  # else the folder cannot be opened, for the same reason
        findings += _folder(settings)
    if json:
        say(as_json(findings))
    else:
        out.print(doctor_table(findings))
    raise typer.Exit(WRONG if any(each["state"] == "broken" for each in findings) else DONE)


def _finding(what: str, text: str, state: str = "ok") -> Shape:
    return {"what": what, "state": state, "text": text}


def _program() -> list[Shape]:
    return [
        _finding("python", platform.python_version()),
        _finding("sqlite", sqlite3.sqlite_version),
        _finding("servers", "none: embedded, everything in the data folder"),
    ]


def _declared(settings: Settings) -> list[Shape]:
    try:
        register, catalogue = register_of(settings), catalogue_of(settings)
    except JalkiError as error:
        return [_finding("register and schemas", str(error), "broken")]
    open_ = len(check(register))
    text = f"{len(register.parties())} parties"
    if open_:
        return [
            _finding("register", f"{text}; {counted(open_, 'finding')}: `jalki register check` lists them", "advice"),
            _finding("schemas", f"{len(catalogue.types)} event types on {len(catalogue.topics)} topics"),
        ]
    return [_finding("register", text), _finding("schemas", f"{len(catalogue.types)} event types")]


def _folder(settings: Settings) -> list[Shape]:
    if not (settings.data / GRAPH).exists():
        return [_finding("data folder", f"{settings.data}: nothing there yet; `jalki ingest FILE` begins it", "advice")]
    found = []
    try:
        with opened(settings) as folder:
            counts = folder.graph.counts()
            found.append(
                _finding("data folder", f"{settings.data}: " + ", ".join(f"{n:,} {what}" for what, n in _read(counts)))
            )
            if counts["dead_letters"]:
                found.append(
                    _finding("dead letters", f"{counts['dead_letters']:,}: `jalki dead-letters` tells why", "advice")
                )
            found.append(_finding("access log", f"{len(folder.graph.looks()):,} looks at identifiers in clear"))
    except JalkiError as error:
        return [_finding("data folder", str(error), "broken")]
    size = sum((settings.data / name).stat().st_size for name in (GRAPH, KEYS, LOG) if (settings.data / name).exists())
    return [*found, _finding("disk", f"{size / 1e6:,.1f} MB"), *_waiting(settings), *_key(settings)]


def _read(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name.replace("_", " "), number) for name, number in counts.items()]


def _waiting(settings: Settings) -> list[Shape]:
    try:
        waiting = records_waiting(settings)
    except Refused:
        return [_finding("stream", "another process is writing to this folder just now")]
    except JalkiError as error:
        return [_finding("stream", str(error), "broken")]
    if waiting:
        text = f"{waiting:,} records of an interrupted run wait: the next `jalki ingest` records them first"
        return [_finding("stream", text, "advice")]
    return [_finding("stream", "nothing waits")]


def _key(settings: Settings) -> list[Shape]:
    path = settings.master_key_file
    found = []
    if path.resolve().is_relative_to(settings.data.resolve()):
        text = "lies in the data folder: who copies the folder has the key too; move it and set JALKI_MASTER_KEY_FILE"
        found.append(_finding("master key", text, "advice"))
    if readable_by_others(path):
        found.append(_finding("master key", "others may read it: chmod 600", "advice"))
    return found or [_finding("master key", "apart from the data, readable by its owner alone")]
