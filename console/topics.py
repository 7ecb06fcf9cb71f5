"""The commands about the topics on Kafka: `topics create`."""

from typing import Annotated

import typer

from console.logs import log_to_stderr
from console.opening import catalogue_of
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, Data, Json, counted, say, settings_of, tell
from lineage.errors import Misconfigured, Refused, Retryable
from streams.drift_topic import KEPT_TOPICS
from streams.kafka.access import KafkaAccess
from streams.kafka.topics import Row, Topic, compare, wanted

topics_commands = typer.Typer(no_args_is_help=True, help="The topics on Kafka.")


@topics_commands.command("create")
def create_command(
    context: typer.Context,
    partitions: Annotated[
        int | None,
        typer.Option(
            "--partitions", min=1, max=10_000, help="Of each topic, instead of the table's.", show_default=False
        ),
    ] = None,
    replication: Annotated[
        int | None,
        typer.Option(
            "--replication", min=1, max=99, help="On how many brokers; else the cluster's.", show_default=False
        ),
    ] = None,
    change: Annotated[bool, typer.Option("--change", help="Mend topics that are there and differ.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make the topics of all event types, of cases and of drift, with their partitions and retention; those there are stay so.

    Exit code 1 where one differs and was not changed; 2 where Kafka is not set, away, or refuses.
    """
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    if settings.kafka is None:
        raise Misconfigured("topics are Kafka's: set JALKI_KAFKA to host:port of its brokers; embedded needs none")
    try:
        names = {*catalogue_of(settings).topics, *KEPT_TOPICS}
        shapes = _arranged(settings.kafka, wanted(names, partitions, replication), change)
    except Retryable as away:
        # A person waits for this command, and has to start the broker or name another.
        raise Misconfigured(str(away)) from away
    if json:
        say(as_json(shapes))
    else:
        for each in shapes:
            say(_line(each))
    left = sum(each["state"] == "differs" for each in shapes)
    tell(f"{counted(len(shapes), 'topic')}, {left or 'none'} that {'differs' if left == 1 else 'differ'}")
    raise typer.Exit(IN_PART if left else DONE)


def _arranged(access: KafkaAccess, topics: tuple[Topic, ...], change: bool) -> list[Shape]:
    # kafka-python takes longer to import than most commands to run.
    from streams.kafka.provisioning import change as mend
    from streams.kafka.provisioning import create, find

    made = create(access, topics)
    before = compare(topics, find(access, topics))
    after, refused = before, ""
    if change and any(row.differences for row in before):
        try:
            mend(access, before)
        except Refused as fault:
            refused = str(fault)
        after = compare(topics, find(access, topics))
    shapes = [_shape(old, new, old.topic.name in made) for old, new in zip(before, after, strict=True)]
    if refused:
        tell(f"jalki: {refused}")
    return shapes


def _shape(before: Row, after: Row, made: bool) -> Shape:
    state = "differs" if after.state != "fine" else "made" if made else "fine" if before.state == "fine" else "changed"
    there = after.found
    return {
        "topic": after.topic.name,
        "state": state,
        "partitions": there.partitions if there else 0,
        "replication": there.replication if there else 0,
        "differences": [*after.differences, *after.stuck],
        "changed": [each for each in before.differences if each not in after.differences],
        "remarks": list(after.remarks),
    }


_WORDS = {"made": "made", "fine": "there already", "changed": "changed", "differs": "differs"}


def _line(shape: Shape) -> str:
    parts = [f"{shape['topic']}: {_WORDS[shape['state']]}, {counted(shape['partitions'], 'partition')}"]
    parts += [f"{each} (changed)" for each in shape["changed"]] + shape["differences"] + shape["remarks"]
    if shape["state"] == "differs" and shape["differences"]:
        parts.append("`jalki topics create --change` mends what can be mended")
    return "; ".join(parts)
