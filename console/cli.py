"""The command `jalki`: its commands, put together. What each does is in its own module."""

from importlib.metadata import version
from typing import Annotated

import typer

from console.api.access import access_commands
from console.asking import drift_command, parties_command, where_command
from console.backfilling import backfill_command
from console.case_proofs import case_commands
from console.certificates import verify_certificate_command
from console.clocking import clock_command
from console.dead_letters import dead_letters_commands
from console.demo import demo_command
from console.doctor import doctor_command
from console.exporting.command import export_command
from console.ingesting import ingest_command, simulate_command
from console.linking_commands import link_command, unlink_command
from console.looking import lookups_command
from console.may_sharing import may_share_command
from console.overseeing import register_commands
from console.reaching import reached_command
from console.recalling import recall_command
from console.remaining_at import remaining_command
from console.restoring import restore_check_command
from console.sandboxing import sandbox_command
from console.serve import console_command, serve_command
from console.settings import SETTINGS
from console.sharing import sharing_command
from console.terminal import Data, run, say
from console.timing import timeline_command
from console.topics import topics_commands
from console.transfers_asked import transfers_command
from console.users import users_commands
from console.working import worker_command

EPILOG = "Settings (environment): " + " ".join(f"{name}: {text}" for name, text in SETTINGS.items())

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
app.command("demo")(demo_command)
app.command("simulate")(simulate_command)
app.command("ingest")(ingest_command)
app.command("backfill")(backfill_command)
app.command("where")(where_command)
app.command("timeline")(timeline_command)
app.command("lookups")(lookups_command)
app.command("link")(link_command)
app.command("unlink")(unlink_command)
app.command("parties")(parties_command)
app.command("sharing")(sharing_command)
app.command("drift")(drift_command)
app.command("export")(export_command)
app.command("reached")(reached_command)
app.command("remaining")(remaining_command)
app.command("transfers")(transfers_command)
app.command("recall")(recall_command)
app.command("clock")(clock_command)
app.command("verify-certificate")(verify_certificate_command)
app.command("may-share")(may_share_command)
app.command("doctor")(doctor_command)
app.command("restore-check")(restore_check_command)
app.command("serve")(serve_command)
app.command("console")(console_command)
app.command("worker")(worker_command)
app.command("sandbox")(sandbox_command)
app.add_typer(access_commands, name="access")
app.add_typer(users_commands, name="users")
app.add_typer(topics_commands, name="topics")
app.add_typer(dead_letters_commands, name="dead-letters")
app.add_typer(case_commands, name="case")
app.add_typer(register_commands, name="register")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"jalki {version('jalki')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Data = None,
    version_: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Where each customer's data went: the observed record of a shop's disclosures."""
    context.obj = data


def main() -> None:
    """Run the program."""
    run(app)
