"""The command `lookups`: when somebody looked at a person's record, why and for which company; who, for oversight alone."""

from typing import Annotated

import typer

from console.opening import log_look, opened
from console.shapes import as_json
from console.terminal import Data, Json, say, settings_of, time_of
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.revealing import LOOKUPS


def lookups_command(
    context: typer.Context,
    identifier: Annotated[
        str | None, typer.Argument(help="kind:value, or an e-mail address: the look-ups at that person. Else of all.")
    ] = None,
    staff: Annotated[
        str | None, typer.Option("--staff", help="Only those of this person of staff, as the shop names them.")
    ] = None,
    viewer: Annotated[str | None, typer.Option("--viewer", help="Only those by this party: much faster.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only look-ups since this time.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only look-ups until this time.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="As of this time: only what occurred by then.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As it was known here at this time.")] = None,
    who: Annotated[
        bool, typer.Option("--who", help="Name the staff: for oversight, never for the person; written down.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why you look; needed with --who and --staff.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell when staff looked at a person's record, for which purpose and company (C-579/21); or count all look-ups."""
    # Only this command needs these, and they would be loaded for all others too.
    from console.lookups_found import Wanted, of_all, of_person, times
    from console.lookups_printing import print_lookups
    from console.remaining_shapes import looking
    from lineage.lookups import Span

    named = None if identifier is None else read_identifier(identifier)
    both = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    span = Span(time_of(since, "--since"), time_of(until, "--until"), both)
    if span.since is not None and span.last is not None and span.since > span.last:
        raise Misconfigured("--since is after the end of what is asked for: swap the two times")
    if (who or staff is not None) and not (reason and reason.strip()):
        raise Misconfigured("who looked is shown for oversight alone, and that is written down: say why with --reason")
    asked = None if named is None else ":".join(named)
    with opened(settings_of(context, data)) as folder:
        if viewer is not None and not folder.register.is_party(viewer):
            raise Misconfigured("--viewer is not in the register: `jalki parties` lists those there are")
        if reason and (who or staff is not None):
            log_look(folder, f"{LOOKUPS}:{asked or staff or ''}", reason)
        wanted = Wanted(staff, viewer, who or staff is not None)
        shape = {"asked": asked, "staff": staff, "viewer": viewer, **times(span)}
        with looking() as seen:
            shape |= of_person(folder, named, span, wanted) if named else of_all(folder, span, wanted, seen)
    if json:
        say(as_json(shape))
    else:
        print_lookups(shape)
