import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("schemas", "lineage", "connectors", "streams", "console")


def instructions() -> list[str]:
    """The lines of the Dockerfile, continued ones joined, without comments."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def last_stage() -> list[str]:
    lines = instructions()
    return lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]


def test_every_stage_begins_with_one_image_that_is_named_by_its_digest() -> None:
    assert [line.split()[1] for line in instructions() if line.startswith("FROM ")] == ["${PYTHON}", "${PYTHON}"]
    named = next(line for line in instructions() if line.startswith("ARG PYTHON="))
    assert re.fullmatch(r"ARG PYTHON=python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}", named)
    assert instructions()[0] == named


def test_what_is_made_depends_on_the_time_of_the_commit_and_on_no_clock() -> None:
    text = "\n".join(instructions())
    stages = text.split("FROM ")[1:]
    assert all("ARG SOURCE_DATE_EPOCH" in stage for stage in stages)
    assert "SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}" in stages[0]
    assert "SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} useradd" in stages[1]
    # Compiled files name the hash of their source: with its time, two builds would differ in every one of them.
    assert all("--no-compile" in each for each in re.findall(r"pip --python \S+ install [^&\n]*", text))
    assert "compileall -q --invalidation-mode unchecked-hash" in text
    assert not re.search(r"\b(?:apt-get|curl|wget|git)\b", text)


def test_every_library_comes_from_the_lock_and_is_checked_against_its_hash() -> None:
    installs = re.findall(r"pip (?:--\S+ \S+ )?(?:wheel|install) [^&\n]*", "\n".join(instructions()))
    assert len(installs) == 5
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)


def test_the_image_holds_the_product_and_nothing_of_the_builder() -> None:
    copied = [line.split()[1] for line in instructions() if line.startswith("COPY ") and "--from" not in line]
    assert set(copied) >= {*FOLDERS, "requirements.lock", "pyproject.toml"}
    assert [line for line in last_stage() if line.startswith(("COPY", "ADD"))] == [
        "COPY --from=build /opt/jalki /opt/jalki"
    ]
    assert not [line for line in last_stage() if "pip " in line]


def test_it_runs_as_nobody_and_asks_for_its_own_health() -> None:
    lines = last_stage()
    assert "USER 10001:10001" in lines
    assert not [line for line in lines[lines.index("USER 10001:10001") + 1 :] if line.startswith(("USER", "RUN"))]
    assert any(line.startswith("HEALTHCHECK") and ":9464/health" in line for line in lines)
    assert 'ENTRYPOINT ["jalki"]' in lines


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    wanted = {name for line in instructions() if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert {line[1:] for line in lines if line.startswith("!")} == {
        name for name in wanted if not name.startswith(("-", "/"))
    }


def test_what_is_built_from_source_is_named_and_what_builds_it_is_locked_too() -> None:
    (wheels,) = re.findall(r"pip wheel [^&\n]*--require-hashes[^&\n]*", "\n".join(instructions()))
    assert re.findall(r"--no-binary (\S+)", wheels) == ["font-roboto"]
    assert "--only-binary :all:" in wheels
    assert "--no-build-isolation" in wheels  # else its builder would be fetched, and nothing would check it
    builders = (ROOT / "requirements-build.lock").read_text("utf-8")
    assert re.search(r"^setuptools==\S+ \\\n    --hash=sha256:[0-9a-f]{64}$", builders, re.MULTILINE)
