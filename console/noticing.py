"""The command `register notice`: the recipients part of the privacy notice, and how it differs from what is published."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.opening import register_of
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, Json, counted, say, settings_of, tell, time_of
from lineage.answers.texts import LANGUAGES
from lineage.errors import Misconfigured
from lineage.times import now

if TYPE_CHECKING:
    from lineage.notice import Notice
    from lineage.register import Register

_LARGEST = 5_000_000
_NAMES = {
    "missing": "recipients that the published one does not name",
    "brand_only": "recipients that it names, but not by their legal name",
    "no_recipient": "parties that it names and that may get nothing by the register",
    "unknown": "companies that it names and the register does not have",
    "countries": "countries data goes to that it does not name",
}


def notice_command(
    context: typer.Context,
    language: Annotated[str, typer.Option("--language", "--lang", help="fi, sv or en.")] = "en",
    against: Annotated[
        Path | None, typer.Option("--against", help="What is published: this command's --json, or any text.")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="As of this time: the entries that hold then.")] = None,
    json: Json = False,
) -> None:
    """Print who receives which data, why, where, how protected and how long kept, as a text for the privacy notice.

    With --against the difference to what is published instead: exit code 1 where there is any.
    """
    if language not in LANGUAGES:
        raise Misconfigured("the notice is written in fi, sv or en: name one of them with --language")
    moment = time_of(at, "--at")
    # Only this command needs these, and they would be loaded for all others too.
    from lineage.notice import as_text, notice, notice_texts_of
    from lineage.notice.shape import notice_shape

    register = register_of(settings_of(context, None))
    found = notice(register, now() if moment is None else moment)
    if against is not None:
        raise typer.Exit(_compared(against, found, register, json=json))
    say(as_json(notice_shape(found)) if json else as_text(found, notice_texts_of(language)).rstrip("\n"))
    if found.open:
        tell(f"the register leaves open: {counted(len(found.open), 'thing')}; --json lists them under `open`")
    tell("made from the register alone: whether it is enough for GDPR Art. 13 and 14 a person has to judge")


def _compared(file: Path, found: "Notice", register: "Register", *, json: bool) -> int:
    """Print the difference; return the exit code. Raises: Misconfigured: the file cannot be read."""
    from console.notice_differences import difference_shape, names_shape

    text = _read(file)
    if text.lstrip().startswith("{"):
        shape = difference_shape(_published(file, text), found)
        _print_rows(shape, json=json)
    else:
        shape = names_shape(text, found, register)
        _print_names(shape, register, json=json)
    return IN_PART if any(shape.values()) else DONE


def _read(file: Path) -> str:
    try:
        text = file.read_bytes()
    except OSError as cause:
        raise Misconfigured(f"{file} cannot be read: {cause.strerror}") from cause
    if len(text) > _LARGEST:
        raise Misconfigured(f"{file} is larger than 5 MB: no notice is; give the text of the published one")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise Misconfigured(f"{file} is no text in UTF-8: save the published notice as plain text") from cause


def _published(file: Path, text: str) -> dict[str, Any]:
    """Return a notice that this command printed. Raises: Misconfigured: it is something else."""
    try:
        told: dict[str, Any] = json_text.loads(text)
        for purpose in told["purposes"]:
            _ = str(purpose["purpose"]), [str(each["party"]) for each in purpose["recipients"]]
    except (ValueError, TypeError, KeyError, RecursionError) as cause:
        raise Misconfigured(f"{file} is no notice that `jalki register notice --json` printed") from cause
    return told


def _print_rows(shape: Shape, *, json: bool) -> None:
    if json:
        say(as_json(shape))
        return
    for side, said in (("published_only", "published, not in the register"), ("register_only", "not published yet")):
        for each in shape[side]:
            say(f"{said}: {each['purpose']}" + (f" to {each['party']}" if each["party"] else ", the purpose itself"))
    for each in shape["changed"]:
        whose = f"{each['purpose']}" + (f" to {each['party']}" if each["party"] else "")
        say(f"changed: {whose}: {each['what']}: {_short(each['published'])} → {_short(each['register'])}")
    if not any(shape.values()):
        tell("the published one and the register say the same")


def _short(value: object) -> str:
    return value if isinstance(value, str) else json_text.dumps(value, ensure_ascii=False)


def _print_names(shape: Shape, register: "Register", *, json: bool) -> None:
    if json:
        say(as_json(shape))
    else:
        for name, said in _NAMES.items():
            for each in shape[name]:
                party = register.party(each) if name in {"missing", "brand_only", "no_recipient"} else None
                say(f"{said}: {f'{party.name} ({each})' if party else each}")
    tell("only names were compared: purposes, data, periods and safeguards of a text a person has to read")
