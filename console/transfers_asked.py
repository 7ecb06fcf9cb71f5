"""The command `transfers`: what went to third countries by a mechanism before it was annulled, and after."""

from typing import Annotated

import typer

from console.as_of import as_of, tell_erased_since, tell_of_times
from console.known_party import check_party
from console.opening import opened
from console.terminal import At, Data, Json, KnownAt, settings_of, time_of
from lineage.errors import Misconfigured
from lineage.times import now

MECHANISMS = ("adequacy", "dpf", "scc", "bcr-p", "49-1-b")


def transfers_command(
    context: typer.Context,
    mechanism: Annotated[
        str, typer.Option("--mechanism", help="adequacy, dpf, scc, bcr-p or 49-1-b, as the register has it.")
    ],
    annulled: Annotated[str, typer.Option("--annulled", help="Since when it holds no more.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Only transfers there (ISO 3166-1); needed with adequacy.")
    ] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only transfers to this party.")] = None,
    at: At = None,
    known_at: KnownAt = None,
    persons: Annotated[bool, typer.Option("--persons", help="List the persons too, by pseudonym.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell what went outside the EEA by a mechanism before it was annulled, and after, and what else held then. Counts."""
    ended, until = time_of(annulled, "--annulled") or 0, as_of(at, known_at)
    if mechanism not in MECHANISMS:
        raise Misconfigured(f"--mechanism takes one of {', '.join(MECHANISMS)}")
    check_country(mechanism, country)
    moment = now()
    check_past(ended, moment, until.at)
    # Only this command needs these, and they would be loaded for all others too.
    from console.transfers_shapes import answer_transfers, print_transfers
    from lineage.transfers import Annulled

    asked = Annulled(mechanism, ended, moment, None if country is None else country.upper(), party, until)
    with opened(settings_of(context, data)) as folder:
        if party is not None:
            check_party(folder, party)
        shape = answer_transfers(folder, asked, json=json, persons=persons)
        tell_of_times(folder, until)
        for each in shape["parties"]:
            tell_erased_since(each["erased"]["since"], each["party"])
    print_transfers(shape, json=json, lines=persons)


def check_country(mechanism: str, country: str | None) -> None:
    """Raises: Misconfigured: the mechanism is one country's, and none is named."""
    if mechanism == "adequacy" and country is None:
        raise Misconfigured("an adequacy decision is about one country: name it with --country")


def check_past(annulled: int, moment: int, at: int | None) -> None:
    """Raises: Misconfigured: a mechanism was annulled after `moment`, or after the time it is asked as of."""
    if annulled > moment:
        raise Misconfigured("--annulled is in the future: nothing can have gone there after it")
    if at is not None and annulled > at:
        raise Misconfigured("--annulled lies after --at: nothing had gone there after it by then")
