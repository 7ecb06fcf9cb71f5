"""The command `remaining`: what a party may still have when its contract is over, and what was done about it."""

from contextlib import closing
from typing import Annotated

import typer

from console.as_of import as_of, tell_erased_since, tell_of_times
from console.cases import NOT_YET
from console.known_party import check_party
from console.opening import opened
from console.terminal import DONE, At, Data, Json, KnownAt, settings_of
from lineage.times import now


def remaining_command(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="The party, as the register names it.")],
    at: At = None,
    known_at: KnownAt = None,
    persons: Annotated[bool, typer.Option("--persons", help="List the persons too, by pseudonym.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell what a party, a former processor for one, may still have (GDPR Art. 28(3)(g)). Exit code 0: nothing; 3: something."""
    # Only this command needs these, and they would be loaded for all others too.
    from console.remaining_shapes import listing, looking, print_remaining, remaining_shape
    from lineage.remaining import remaining
    from lineage.stores.spool import SqliteSpool

    until = as_of(at, known_at)
    with opened(settings_of(context, data)) as folder, closing(SqliteSpool()) as spool:
        check_party(folder, party)
        moment = now() if until.at is None else until.at
        with looking() as seen:
            found = remaining(
                folder.graph, folder.keyring, folder.journal, folder.register, party, moment, spool,
                listing(json=json) if persons else lambda _: None, seen, until,
            )  # fmt: skip
        shape = remaining_shape(party, found, folder.register, moment, until)
        tell_of_times(folder, until)
        tell_erased_since(found.erased.since, party)
    print_remaining(shape, json=json, lines=persons)
    raise typer.Exit(DONE if found.nothing_left else NOT_YET)
