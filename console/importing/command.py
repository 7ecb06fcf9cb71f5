"""The command `register import`: a draft of a register from a Fides manifest or a spreadsheet, with its gaps."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from console.files import write_all
from console.shapes import as_json
from console.terminal import DONE, IN_PART, Json, counted, out, say, tell
from lineage.errors import Misconfigured
from lineage.register import Register, check, load_register
from schemas.vocabulary import vocabulary


def import_command(
    file: Annotated[
        Path, typer.Argument(help="A Fides manifest (.yaml, .yml, .json), or a sheet (.csv, .tsv, .xlsx).")
    ],
    folder: Annotated[Path, typer.Option("--out", help="The folder to write the draft into.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML: which column of a sheet says what, and what its words mean.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a draft that is in the folder.")] = False,
    json: Json = False,
) -> None:
    """Make a draft of a register from one that stands elsewhere. What it does not say stays open, and is listed.

    Nothing is made up: no legal basis, no role, no period. The exit code is 1 while there are gaps, 2 where the source
    cannot be read or contradicts itself; then nothing is written.
    """
    # Only this command needs them, and they would be loaded for all others too.
    from console.importing.reading import drafted
    from console.importing.report import Imported, gaps_table, imported_shape
    from console.importing.writing import FILES, files_of

    _check_folder(folder, FILES, replace=replace)
    shipped = _loaded(None)
    draft, elsewhere = drafted(file, mapping, shipped)
    files = files_of(draft, shipped.declared.eea)
    with tempfile.TemporaryDirectory(prefix="jalki-import-") as tried:
        write_all(Path(tried), files)
        try:
            _loaded(Path(tried))
        except Misconfigured as fault:  # told as if it stood where it was asked for, and nothing stands there
            raise Misconfigured(str(fault).replace(f"{tried}/", f"{folder}/")) from None
    write_all(folder, files)
    gaps = check(_loaded(folder))
    shape = imported_shape(Imported(draft, elsewhere, [str(folder / name) for name in files], gaps))
    if json:
        say(as_json(shape))
    elif gaps:
        out.print(gaps_table(shape["gaps"]))
    for line in elsewhere.notes:
        tell(f"{file.name}: {line}")
    if elsewhere.unused:
        tell(f"{file.name}: not used: {', '.join(elsewhere.unused)}")
    found = (counted(shape[name], word) for name, word in (("parties", "party"), ("purposes", "purpose")))
    tell(f"{', '.join(found).replace('partys', 'parties')} and {counted(len(gaps), 'gap')} in {folder}")
    raise typer.Exit(IN_PART if gaps else DONE)


def _loaded(folder: Path | None) -> Register:
    return load_register(folder, frozenset(vocabulary().categories))


def _check_folder(folder: Path, ours: tuple[str, ...], *, replace: bool) -> None:
    """A register is all YAML files of a folder together, so a draft does not go beside others, nor over one unasked."""
    there = sorted(each.name for pattern in ("*.yaml", "*.yml") for each in folder.glob(pattern))
    others = [each for each in there if each not in ours]
    if others:
        raise Misconfigured(f"{folder} holds {others[0]}, which is no part of a draft: name another folder")
    if there and not replace:
        raise Misconfigured(f"{folder} holds a draft already: name another folder, or say --replace to write over it")
