"""The commands `link` and `unlink`: a person's decision whether two identifiers are one person's."""

from typing import Annotated

import typer

from console.case_logs import opened_for_cases
from console.case_opening import there
from console.linking import Decision, decide
from console.opening import user
from console.terminal import Data, settings_of, tell
from lineage.identifiers import read_identifier

Left = Annotated[
    str, typer.Argument(metavar="LEFT", help="kind:value, such as phone:0401234567; or an e-mail address.")
]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="The other one, such as customer_id:C-17.")]
Why = Annotated[str, typer.Option("--reason", help="Why; written to the access log.")]
Controller = Annotated[str, typer.Option("--controller", help="The group company that decides.")]


def link_command(
    context: typer.Context,
    left: Left,
    right: Right,
    reason: Why,
    controller: Controller = "multitronic",
    data: Data = None,
) -> None:
    """Decide that two identifiers are one person's: whose a shared phone is, or that two accounts are one person.

    A link to one of an identifier's owners says that it is that owner's alone. `unlink` takes it back.
    """
    _decide(context, (left, right), reason, controller, joined=True, data=data)


def unlink_command(
    context: typer.Context,
    left: Left,
    right: Right,
    reason: Why,
    controller: Controller = "multitronic",
    data: Data = None,
) -> None:
    """Decide that two identifiers are not one person's; a link of the two is taken back."""
    _decide(context, (left, right), reason, controller, joined=False, data=data)


def _decide(
    context: typer.Context, ends: tuple[str, str], reason: str, controller: str, *, joined: bool, data: Data
) -> None:
    left, right = (read_identifier(each) for each in ends)
    decision = Decision(left, right, joined, controller, user(), reason)
    with opened_for_cases(there(settings_of(context, data))) as book:
        done = decide(book, [decision])
    if not done:
        tell("that is what was decided already: nothing is recorded anew")
    elif joined:
        tell("they count as one person from now on: `jalki unlink` takes it back")
    else:
        tell("they do not count as one person from now on: `jalki link` takes it back")
