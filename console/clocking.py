"""The command `clock`: the dates of a case, or the hours of a breach, from times given. Opens no data folder."""

import re
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from console.shapes import Shape, as_json
from console.terminal import Json, out, say, tell, time_of
from lineage.clocks import HELSINKI, Moment, authority_notice_by, deadlines, start_of
from lineage.errors import Misconfigured
from lineage.times import rfc3339

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TO_THE_MINUTE = re.compile(rf"({_DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}})(?=[Zz+-])")
_MEANS = {
    "raw": "a month after the arrival, and the pause",
    "legal": "the last lawful day (Reg. 1182/71 Art. 3(4)); a margin, never a plan",
    "safe": "the last day up to raw on which staff work",
    "policy": "the company's promise, counted from the approval",
    "operative": "the day to steer by",
    "ext_raw": "three months after the arrival, and the pause",
    "ext_legal": "the last lawful day of the extended case",
    "notice_by": "by when the notice of the extension, with its reasons, must go out",
}


def clock_command(
    received: Annotated[
        str | None, typer.Option("--received", help="When the request arrived, at any channel.")
    ] = None,
    approved: Annotated[str | None, typer.Option("--approved", help="When it was approved.")] = None,
    asked: Annotated[str | None, typer.Option("--asked", help="When a proof of identity was asked for.")] = None,
    proved: Annotated[str | None, typer.Option("--proved", help="When that proof came.")] = None,
    extended: Annotated[bool, typer.Option("--extended", help="The case is extended by two months.")] = False,
    breach: Annotated[str | None, typer.Option("--breach", help="Instead: when a breach became known.")] = None,
    json: Json = False,
) -> None:
    """Tell every date of a case, or by when a breach must be notified. T is a time with its offset, or a day in Helsinki."""
    if breach is not None:
        if extended or any(each is not None for each in (received, approved, asked, proved)):
            raise Misconfigured("--breach stands alone: ask for the dates of a case in a second command")
        shape = breach_shape(moment_of(breach, "--breach"))
    elif received is None:
        raise Misconfigured("clock needs --received, for the dates of a case, or --breach, for the hours of a breach")
    else:
        shape = dates_shape(received, approved, asked, proved, extended=extended)
    if json:
        say(as_json(shape))
        return
    _print(shape)


def dates_shape(received: str, approved: str | None, asked: str | None, proved: str | None, *, extended: bool) -> Shape:
    """Return the dates of a case whose moments are given as texts. Raises: Misconfigured: one of them is none."""
    if (asked is None) != (proved is None):
        raise Misconfigured("--asked and --proved go together: the pause is the days between them")
    found = deadlines(
        moment_of(received, "--received"),
        None if approved is None else moment_of(approved, "--approved"),
        None if asked is None else moment_of(asked, "--asked"),
        None if proved is None else moment_of(proved, "--proved"),
        extended=extended,
    )
    dates: dict[str, date | None] = {name: getattr(found, name) for name in _MEANS}
    return {
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
        "warnings": list(found.warnings),
    }


def moment_of(text: str, option: str) -> Moment:
    """Read a day, or a time with its offset; people write that down to the minute, which RFC 3339 alone would refuse.

    Raises: Misconfigured: it is neither; the message names the option.
    """
    try:
        moment = (
            date.fromisoformat(text) if _DAY.fullmatch(text) else time_of(_TO_THE_MINUTE.sub(r"\1:00", text), option)
        )
    except (ValueError, Misconfigured):
        moment = None
    if moment is None:
        example = datetime(2026, 3, 1, 9, 30).isoformat() + "+02:00"  # noqa: DTZ001 - an example of the text, not a time
        raise Misconfigured(f"{option} takes a time with its offset, like {example}, or a day, like {example[:10]}")
    return moment


def breach_shape(known: Moment) -> Shape:
    """Return by when a breach must be notified that became known then."""
    warnings = []
    if isinstance(known, date):
        warnings = [f"only the day is given: the hours are counted from its beginning in Helsinki, {known} 00:00"]
        known = start_of(known)
    return {"breach": rfc3339(known), "notify_by": rfc3339(authority_notice_by(known)), "warnings": warnings}


def _print(shape: Shape) -> None:
    if "notify_by" in shape:
        say(f"known since  {in_helsinki(shape['breach'])}")
        say(f"notify by    {in_helsinki(shape['notify_by'])}  (the supervisory authority, GDPR Art. 33(1))")
    else:
        table = Table(box=None, header_style="bold")
        for column in ("name", "date", "weekday", "what it is"):
            table.add_column(column)
        for name, means in _MEANS.items():
            day = shape[name]
            table.add_row(name, day or "-", f"{date.fromisoformat(day):%A}" if day else "-", means)
        out.print(table)
    for warning in shape["warnings"]:
        tell(f"note: {warning}")


def in_helsinki(text: str) -> str:
    """Return an instant (RFC 3339) as it reads in Helsinki, with its weekday, and in UTC."""
    local = datetime.fromisoformat(text).astimezone(HELSINKI)
    return f"{local:%A} {local.isoformat(sep=' ', timespec='seconds')} in Helsinki, {text}"
