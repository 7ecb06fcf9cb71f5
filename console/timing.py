"""The command `timeline`: what happened to one person's data, in order of time, and what became of her cases."""

import json
from contextlib import closing
from typing import Annotated

import typer

from console.opening import LOOKS, opened
from console.terminal import Data, Json, say, settings_of, time_of
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.identifiers import read_identifier


def timeline_command(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help="kind:value, such as customer_id:C-17; or an e-mail address.")],
    at: Annotated[str | None, typer.Option("--at", help="As of this time: only events that occurred by then.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As it was known here at this time.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only moments since this time.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only moments until this time.")] = None,
    data: Data = None,
    json_: Json = False,
) -> None:
    """Tell what happened to that person's data, in order of time: disclosures, consents, looks, cases. Shows no value."""
    kind, value = read_identifier(identifier)
    both = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    first, last = time_of(since, "--since"), time_of(until, "--until")
    if first is not None and last is not None and first > last:
        raise Misconfigured("--since is after --until: nothing can have happened between them")
    # Only this command needs these, and they would be loaded for all others too.
    from console.timelines import print_each, tell_rest, timeline_shape
    from lineage.revealing import opened_looks
    from lineage.stores.ordering import SqliteOrder
    from lineage.timeline import Asked, timeline

    with opened(settings_of(context, data)) as folder, closing(SqliteOrder()) as order:
        asked = Asked(folder.pseudonyms.identifier(kind, value), both, first, last)
        looks = opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS])
        found = timeline(folder.casework, looks, asked, order)
        if not json_ and found.kinds:
            say("one person: " + ", ".join(f"{count} {each}" for each, count in found.kinds.items()))
        counts = print_each(order.in_order(), json_=json_)
    shape = timeline_shape(f"{kind}:{value}", asked, found, counts)
    if json_:
        say(json.dumps(shape, ensure_ascii=False))
    else:
        tell_rest(shape)
