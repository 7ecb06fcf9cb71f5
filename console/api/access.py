"""The commands `access`: who may ask the HTTP API. A token is printed once, when it is made, and is nowhere else."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from console.api.grants import NAME, Grant, Grants
from console.api.roles import Role, roles
from console.opening import opened
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import Data, Json, counted, out, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.identifiers import read_identifier
from lineage.times import now, rfc3339

_DAY = 24 * 60 * 60 * 1_000_000
_LONGEST = 366

access_commands = typer.Typer(no_args_is_help=True, help="Who may ask the HTTP API (`jalki serve`), and as what.")
Name = Annotated[str, typer.Argument(help="The user's name, as it is written down with every question.")]


@access_commands.command("add")
def add_command(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option("--role", help=f"One of {', '.join(roles())}.")],
    days: Annotated[int, typer.Option("--days", help="How long the token is good for, at most 366.")] = 90,
    party: Annotated[str | None, typer.Option("--party", help="With processor: which party it is.")] = None,
    identifier: Annotated[
        str | None, typer.Option("--identifier", help="With customer: hers; kept as a pseudonym.")
    ] = None,
    data: Data = None,
) -> None:
    """Give a user a token for the HTTP API, and print it: once, for it is kept nowhere."""
    settings = settings_of(context, data)
    if not re.fullmatch(NAME, name):
        raise Misconfigured("NAME has at most 64 of the letters A to Z, digits and the signs . _ @ - in it")
    if role not in roles():
        raise Misconfigured(f"--role is one of {', '.join(roles())}")
    if not 1 <= days <= _LONGEST:
        raise Misconfigured(f"--days is from 1 to {_LONGEST}")
    bound = _bound(settings, roles()[role], party, identifier)
    moment = now()
    expires = moment + days * _DAY
    say(Grants(settings.access_file).add(name, role, bound, moment, expires))
    tell(f"{name} may ask as {role} until {_day(expires)}: hand the token over safely, it is not shown again")


def _bound(settings: Settings, role: Role, party: str | None, identifier: str | None) -> str | None:
    """Return what a role about its own alone is about. Raises: Misconfigured: it is missing, or one too many."""
    if (party is not None) != (role.about == "own-party"):
        raise Misconfigured("--party goes with the role processor, which needs it")
    if (identifier is not None) != (role.about == "own-person"):
        raise Misconfigured("--identifier goes with the role customer, which needs it")
    if party is None and identifier is None:
        return None
    with opened(settings) as folder:
        if identifier is not None:
            return folder.pseudonyms.identifier(*read_identifier(identifier)).hex()
        if party is None or not folder.register.is_party(party):
            raise Misconfigured("the party is not in the register: `jalki parties` lists those there are")
    return party


@access_commands.command("list")
def list_command(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """List who has a token, as what, until when."""
    moment = now()
    shapes = [_shape(each, moment) for each in Grants(settings_of(context, data).access_file).all().values()]
    if json:
        say(as_json(shapes))
    elif shapes:
        table = Table("name", "role", "party", "made", "expires", "state", header_style="bold")
        for each in shapes:
            table.add_row(
                each["name"], each["role"], each["party"], each["made"][:10], each["expires"][:10], each["state"]
            )
        out.print(table)
    else:
        tell("nobody may ask: `jalki access add` gives somebody a token")


def _shape(grant: Grant, moment: int) -> Shape:
    role = roles().get(grant.role)
    return {
        "name": grant.name,
        "role": grant.role,
        "party": grant.bound if role and role.about == "own-party" else None,
        "made": rfc3339(grant.made),
        "expires": rfc3339(grant.expires),
        "revoked": None if grant.revoked is None else rfc3339(grant.revoked),
        "state": grant.state(moment),
    }


@access_commands.command("revoke")
def revoke_command(context: typer.Context, name: Name, data: Data = None) -> None:
    """Take a user's token back: it is worth nothing from the next question on."""
    taken = Grants(settings_of(context, data).access_file).revoke(name, now())
    tell(f"{counted(taken, 'token')} taken back")


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).date().isoformat()
