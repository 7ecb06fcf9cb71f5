"""The commands about the register: `check`; `import`, `ropa` and `notice` are in modules of their own."""

from pathlib import Path
from typing import Annotated

import typer

from console.importing.command import import_command
from console.noticing import notice_command
from console.opening import register_of
from console.pictures import findings_table
from console.ropa import ropa_command
from console.shapes import as_json, findings_shape
from console.terminal import DONE, IN_PART, Json, counted, out, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.register import check, load_register
from schemas.vocabulary import vocabulary

register_commands = typer.Typer(no_args_is_help=True, help="The register: what the controller declares.")
register_commands.command("ropa")(ropa_command)
register_commands.command("notice")(notice_command)
register_commands.command("import")(import_command)


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
