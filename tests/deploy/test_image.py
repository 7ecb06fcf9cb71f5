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


def test_every_stage_begins_with_a_named_version_of_python() -> None:
    begun = [line.split()[1] for line in instructions() if line.startswith("FROM ")]
    assert len(begun) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+", image) for image in begun)


def test_every_library_comes_from_the_lock_and_is_checked_against_its_hash() -> None:
    installs = re.findall(r"pip (?:--\S+ \S+ )?(?:wheel|install) [^&\n]*", "\n".join(instructions()))
    assert len(installs) == 4
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
