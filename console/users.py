"""The commands `users`: who may sign in to the console. Password and secret are printed once, when they are made."""

import re
from typing import Annotated

import typer
from rich.table import Table

from console.shapes import as_json
from console.terminal import Data, Json, out, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.times import now, rfc3339

users_commands = typer.Typer(
    no_args_is_help=True, help="Who may sign in to the console (`jalki console`), and as what."
)
Name = Annotated[str, typer.Argument(help="The user's name, as it is written down with every look.")]


@users_commands.command("add")
def add_command(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option("--role", help="dpo, clerk, auditor or viewer.")],
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an account, and print its password and what its codes are made from: once, they are not shown again."""
    # here and below: what hashes and draws takes a while to load
    from console.api.grants import NAME
    from console.web.accounts import Accounts
    from console.web.roles import staff_roles

    settings = settings_of(context, data)
    if not re.fullmatch(NAME, name):
        raise Misconfigured("NAME has at most 64 of the letters A to Z, digits and the signs . _ @ - in it")
    if role not in staff_roles():
        raise Misconfigured(f"--role is one of {', '.join(staff_roles())}")
    account, password = Accounts(settings.accounts_file).add(name, role, now())
    _show(account.address(), account.secret, password, json=json)
    tell(f"{name} may sign in as {role}: hand both over safely, they are not shown again")


@users_commands.command("reset")
def reset_command(context: typer.Context, name: Name, json: Json = False, data: Data = None) -> None:
    """Give an account a new password and new codes, and print them; whoever signed in with the old ones must do so anew."""
    from console.web.accounts import Accounts

    account, password = Accounts(settings_of(context, data).accounts_file).reset(name)
    _show(account.address(), account.secret, password, json=json)


@users_commands.command("list")
def list_command(context: typer.Context, json: Json = False, data: Data = None) -> None:
    """List the accounts."""
    from console.web.accounts import Accounts

    found = Accounts(settings_of(context, data).accounts_file).all().values()
    shapes = [{"name": each.name, "role": each.role, "made": rfc3339(each.made)} for each in found]
    if json:
        say(as_json(shapes))
        return
    if not shapes:
        tell("nobody may sign in: `jalki users add` makes an account")
        return
    table = Table("name", "role", "made")
    for each in shapes:
        table.add_row(each["name"], each["role"], each["made"][:10])
    out.print(table)


@users_commands.command("remove")
def remove_command(context: typer.Context, name: Name, data: Data = None) -> None:
    """Take an account away; whoever is signed in with it is not any more, from the next page on."""
    from console.web.accounts import Accounts

    Accounts(settings_of(context, data).accounts_file).remove(name)
    tell(f"{name} may not sign in any more")


def _show(address: str, secret: str, password: str, *, json: bool) -> None:
    if json:
        say(as_json({"password": password, "otpauth": address}))
        return
    import segno

    say(f"password: {password}")
    say(f"codes:    {secret}   (RFC 6238, 6 digits, 30 seconds)")
    if out.is_terminal:
        segno.make(address).terminal(compact=True)
