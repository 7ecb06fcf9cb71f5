"""The command `doctor`: what is configured, whether it works, what waits and since when, and what to do about it."""

import platform
import sqlite3
import time
from contextlib import closing

import typer

from console.drift_telling import webhook_of
from console.opening import GRAPH, KEYS, LOG, Folder, Waiting, catalogue_of, findings_of, opened, register_of, waiting
from console.pictures import doctor_table
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import DONE, WRONG, Data, Json, counted, out, say, settings_of
from lineage.errors import JalkiError, Refused
from lineage.findings.store import TOPIC
from lineage.masterkey import readable_by_others
from lineage.register import check
from streams.drift_topic import DRIFT
from streams.kafka.access import KafkaAccess
from streams.kafka.topics import compare, wanted
from streams.records import GROUP

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def doctor_command(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """Tell what is configured, whether it works, what waits, and what to do about it. Exit code 2 where something is broken."""
    settings = settings_of(context, data)
    findings = [*_program(settings), *_declared(settings)]
    # What declares it all is broken: the folder cannot be opened, for the same reason.
    if all(each["state"] != "broken" or each["what"] == "parties" for each in findings):
        findings += _recorded(settings)
        # An embedded stream lies in the folder, and could not be opened for the same reason either.
        if settings.kafka or findings[-1]["state"] != "broken":
            findings += _stream(settings)
    if json:
        say(as_json(findings))
    else:
        out.print(doctor_table(findings))
    raise typer.Exit(WRONG if any(each["state"] == "broken" for each in findings) else DONE)


def _finding(what: str, text: str, state: str = "ok") -> Shape:
    return {"what": what, "state": state, "text": text}


def _program(settings: Settings) -> list[Shape]:
    servers = settings.servers
    used = {
        "Kafka": servers.kafka, "Neo4j": servers.neo4j, "PostgreSQL": servers.keyring, "schema registry": servers.registry
    }  # fmt: skip
    named = [name for name, each in used.items() if each]
    return [
        _finding("python", platform.python_version()),
        _finding("sqlite", sqlite3.sqlite_version),
        _finding("servers", ", ".join(named) if named else "none: embedded, everything in the data folder"),
    ]


def _declared(settings: Settings) -> list[Shape]:
    try:
        register, catalogue = register_of(settings), catalogue_of(settings)
    except JalkiError as error:
        return [_finding("register and schemas", str(error), "broken")]
    open_ = len(check(register))
    text = f"{len(register.parties())} parties"
    declared = [
        _finding("register", f"{text}; {counted(open_, 'finding')}: `jalki register check` lists them", "advice")
        if open_
        else _finding("register", text),
        _finding("schemas", f"{len(catalogue.types)} event types on {len(catalogue.topics)} topics"),
    ]
    # What every connector needs takes longer to import than most commands to run.
    from console.doctor_parties import parties_found

    return [*declared, *parties_found(settings, register)]


def _recorded(settings: Settings) -> list[Shape]:
    """Tell of the graph and the key ring, wherever they are."""
    embedded = settings.servers.neo4j is None
    if embedded and not (settings.data / GRAPH).exists():
        return [_finding("data folder", f"{settings.data}: nothing there yet; `jalki ingest FILE` begins it", "advice")]
    what = "data folder" if embedded else "graph"
    try:
        with opened(settings) as folder:
            found = _counted(folder, f"{settings.data}: " if embedded else "Neo4j: ", what)
    except JalkiError as error:
        return [_finding(what, str(error), "broken")]
    kept = [settings.data / name for name in (GRAPH, KEYS, LOG) if (settings.data / name).exists()]
    if kept:
        found.append(_finding("disk", f"{sum(file.stat().st_size for file in kept) / 1e6:,.1f} MB"))
    return [*found, *_key(settings)]


def _counted(folder: Folder, where: str, what: str) -> list[Shape]:
    counts = folder.graph.counts()
    found_drift = _drift(folder)
    text = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items())
    found = [_finding(what, where + text)]
    if counts["dead_letters"]:
        found.append(_finding("dead letters", f"{counts['dead_letters']:,}: `jalki dead-letters` tells why", "advice"))
    return [
        *found,
        *found_drift,
        _finding("access log", f"{len(folder.graph.looks()):,} looks at identifiers in clear"),
    ]


def _drift(folder: Folder) -> list[Shape]:
    """Tell what of drift is still to be judged and told."""
    try:
        webhook = webhook_of(folder.settings.outward)
    except JalkiError as error:
        return [_finding("drift", str(error), "broken")]
    if webhook is None and folder.settings.kafka is None:
        return [_finding("drift", "told to nobody: no webhook is set; `jalki drift` lists it")]
    try:
        with closing(findings_of(folder.settings, folder.pseudonyms, read_only=True)) as findings:
            standing = findings.standing()
    except JalkiError as error:  # a file of an older version is read all the same
        return [_finding("drift", str(error), "advice")]
    lanes = {"topic": TOPIC} | ({"webhook": webhook.lane} if webhook else {})
    waiting = {name: standing.last - standing.lanes.get(lane, 0) for name, lane in lanes.items()}
    judged = "all is being judged anew" if standing.whole else counted(standing.unjudged, "transaction") + " to judge"
    if not (standing.whole or standing.unjudged or any(waiting.values())):
        return [_finding("drift", "all is judged and told")]
    parts = [judged, *(f"{counted(count, 'finding')} to tell the {name}" for name, count in waiting.items() if count)]
    who = "a worker does it" if folder.settings.kafka else "the next `jalki ingest` does it"
    return [_finding("drift", f"{'; '.join(parts)}: {who}", "advice")]


def _stream(settings: Settings) -> list[Shape]:
    """Tell what waits in the stream, and since when."""
    try:
        if settings.kafka is not None:
            return _kafka(settings, settings.kafka)
        found = waiting(settings)
    except Refused:
        return [_finding("stream", "another process is writing to this folder just now")]
    except JalkiError as error:
        return [_finding("stream", str(error), "broken")]
    if not found.records:
        return [_finding("stream", "nothing waits")]
    text = f"{_behind(found)} of an interrupted run: the next `jalki ingest` records them first"
    return [_finding("stream", text, "advice")]


def _kafka(settings: Settings, access: KafkaAccess) -> list[Shape]:
    # kafka-python takes longer to import than most questions to answer.
    from streams.kafka.lag import lag
    from streams.kafka.preflight import check as ready
    from streams.kafka.provisioning import find

    topics = catalogue_of(settings).topics
    remarks = ready(access, topics, GROUP)
    names = wanted([*topics, DRIFT])
    rows = compare(names, find(access, names))
    found = [
        _finding(f"topic {row.topic.name}", "; ".join(row.differences) + ": `jalki topics create --change`", "advice")
        for row in rows
        if row.differences
    ]
    found += [
        _finding(f"topic {row.topic.name}", "not there: `jalki topics create` makes it", "advice")
        for row in rows
        if row.state == "missing"
    ]
    found = found or [_finding("topics", "; ".join(remarks) or f"{len(rows)}, as the table says")]
    behind = lag(access, topics, GROUP)
    text = _behind(Waiting(behind.waiting, behind.oldest_ms)) if behind.waiting else "nothing waits"
    if behind.members:
        return [*found, _finding("stream", f"{text}; {counted(behind.members, 'worker')}")]
    return [*found, _finding("stream", f"{text}; no worker runs: start `jalki worker`", "advice")]


def _behind(found: Waiting) -> str:
    records = f"{counted(found.records, 'record')} wait{'s' if found.records == 1 else ''}"
    if found.oldest_ms is None:
        return records
    seconds = max(0, int(time.time() - found.oldest_ms / 1_000))
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * unit:
            return f"{records}, the oldest for {counted(seconds // unit, name)}"
    return f"{records}, the oldest for {seconds} s"


def _key(settings: Settings) -> list[Shape]:
    path = settings.master_key_file
    found = []
    if path.resolve().is_relative_to(settings.data.resolve()):
        text = "lies in the data folder: who copies the folder has the key too; move it and set JALKI_MASTER_KEY_FILE"
        found.append(_finding("master key", text, "advice"))
    if readable_by_others(path):
        found.append(_finding("master key", "others may read it: chmod 600", "advice"))
    return found or [_finding("master key", "apart from the data, readable by its owner alone")]
